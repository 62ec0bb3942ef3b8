"""What is said of all failing cases holds in (nearly) all of them, and the case that is shown shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tiny import normals
from traces import bundle_of, context_of, trace_of

from grader.authoring import Values
from grader.bundle import FrozenProbe
from grader.judging.exceptions import first_failure, hidden_failure, raised
from grader.report import Finding
from grader.running.probes import Probe
from grader.worker.probe import Data, Get, Make, New, NotReached, Raised, Result, Returned, Set, Use

CHECK = Values(name="values", points=1, plan="main")
SHAPES = [(1, 1), (1, 2), *[(n, 3) for n in range(2, 10)]]


def told(answer: Any) -> Finding:
    """The finding where `answer(expected)` comes back."""
    expected = [normals(shape, seed) for seed, shape in enumerate(SHAPES)]
    bundle = bundle_of(CHECK, [{"output": e} for e in expected])
    with np.errstate(all="ignore"):
        return CHECK.judge(context_of(bundle, [trace_of([answer(e)]) for e in expected])).findings[0]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda e: e * 0, "zero"),
        (lambda e: e * 3, "multiple"),
        (lambda e: e * 0 if e.size == 1 else e**3, "values"),
        (lambda e: e * (e.size + 1), "values"),
        (lambda e: e + 1 if e.size < 7 else e**3, "values"),
        (lambda e: np.where(np.arange(e.size).reshape(e.shape) % 2, e, 9.0), "some entries"),
        (lambda e: -e if len(e) < 9 else e**3, "sign"),
    ],
)
def test_a_clause_is_said_of_all_cases_where_it_holds_in_nearly_all_that_can_show_it(answer: Any, code: str) -> None:
    found = told(answer)
    assert found.code == code
    assert found.sentence.endswith(f"(all {len(SHAPES)} cases)") or code == "some entries"


def test_the_case_that_is_shown_shows_the_clause() -> None:
    found = told(lambda e: e**3 if e.size < 7 else -e)
    assert found.code == "sign"
    assert found.evidence and found.evidence.got and found.evidence.expected
    assert np.allclose(np.array(found.evidence.got.values), -np.array(found.evidence.expected.values))


def frozen_of(*steps: Any) -> FrozenProbe:
    return FrozenProbe(0, Probe(steps, {"x": np.ones(2)}, {"output": len(steps) - 1}, 0), {}, {})


def test_a_result_that_comes_after_an_exception_is_not_taken_at_its_word() -> None:
    frozen = frozen_of(New("Thing"), Set(0, "optimizer", 3), Get(0, "weights", report=True))
    error = Raised("KeyError", "x", ("KeyError",), (("t.py", 5, "z"),))
    trace = trace_of([None, error, np.ones(2)])
    assert hidden_failure(trace, frozen.probe, ["output"]) == "output"
    assert first_failure(trace, frozen.probe, "output") == 1
    context = context_of(bundle_of(CHECK, [{"output": normals((2,))}]), [trace_of([0])])
    code, sentence, _ = raised(trace, frozen, "output", context)
    assert (code, sentence) == ("raised KeyError", "`thing.optimizer = 3` raises KeyError at your line 5.")
    assert not hidden_failure(trace_of([None, None, np.ones(2)]), frozen.probe, ["output"])


def test_what_waits_for_another_result_says_for_which() -> None:
    frozen = frozen_of(Make(Data("x")), Use("forward", (Result(0),)), Use("backward", (Result(1),), report=True))
    trace = trace_of([None, None, NotReached(1)])
    assert isinstance(trace.outcomes[1], Returned)
    context = context_of(bundle_of(CHECK, [{"output": normals((2,))}]), [trace_of([0])])
    code, sentence, _ = raised(trace, frozen, "output", context)
    assert code == "needs a result"
    assert sentence == "The output cannot be judged before `forward(result)` returns an array."
