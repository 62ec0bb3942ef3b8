"""Every kind of check on every kind of answer: a verdict, never an exception, a warning or points for nothing."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from tiny import normals
from traces import bundle_of, context_of, trace_of

from grader.authoring import (
    Bounds,
    Distribution,
    Gradient,
    LayerUpdates,
    Raises,
    Relations,
    Same,
    Shapes,
    UpdateSteps,
    Values,
)
from grader.bundle import Bundle
from grader.judging.checks.layer_updates import Update
from grader.judging.context import Policy
from grader.judging.scoring import overall
from grader.report import CheckResult
from grader.running.probes import Trace
from grader.worker.probe import NotReached, Opaque, Raised
from grader.worker.standins import rate

X = normals((3, 4))
W = normals((2, 3), 1)
ERROR = Raised("ValueError", "no", ("ValueError", "Exception"), (("tiny.py", 3, "x = 1"),))
COMMON = {"points": 4, "plan": "main"}
SAME = Same("output", "second", "differs", "They differ.")
STEP = Update("weights", "w", "output", "second", 1)

CHECKS: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "values": (Values(name="c", also=("second",), **COMMON), {"output": X, "second": W}, {}),
    "plain": (Values(name="c", **COMMON), {"output": "Max", "second": [1, [2]]}, {}),
    "shapes": (Shapes(name="c", **COMMON), {"output": X, "second": W}, {}),
    "raises": (Raises(name="c", **COMMON), {"output": "raises ValueError", "second": W}, {}),
    "bounds": (Bounds(name="c", low=-9, high=9, **COMMON), {"output": X, "second": W}, {}),
    "gradient": (
        Gradient(name="c", label="second", wrt="w", probes=(0, 1), **COMMON),
        {"output": X, "second": W},
        {"w": W},
    ),
    "relations": (Relations(name="c", same=(SAME,), **COMMON), {"output": X, "second": X}, {"x": X}),
    "differ": (Relations(name="c", differ=(SAME,), **COMMON), {"output": X, "second": -X}, {"x": X}),
    "updates": (
        LayerUpdates(name="c", updates=(STEP,), **COMMON),
        {"output": W, "second": W - rate(1) * W},
        {"w": W},
    ),
    "distribution": (
        Distribution(name="c", again="second", **COMMON),
        {"output": normals((40, 50)), "second": normals((40, 50), 1)},
        {},
    ),
    "steps": (
        UpdateSteps(
            name="c",
            weights=("w", "w"),
            steps=("output", "second"),
            families=(("a", "b", "c"),),
            epsilons=(0.0, 0.5, 1.0),
            **COMMON,
        ),
        {
            "output": W - 1,
            "second": W - 2,
            **{f"output|{v}": W - 1 / (1 + e) for v, e in zip("abc", (0, 0.5, 1), strict=True)},
            **{f"second|{v}": W - 2 / (1 + e) for v, e in zip("abc", (0, 0.5, 1), strict=True)},
        },
        {"w": W},
    ),
}
ODD: dict[str, Any] = {
    "none": None,
    "true": True,
    "zero": 0,
    "float": 2.5,
    "nan": float("nan"),
    "huge int": 2**62,
    "text": "text",
    "opaque": Opaque("Thing"),
    "too large": Opaque("array of shape (9,), which is too large"),
    "tuple": (1, 2),
    "list": [np.ones(2), None, ["a", Opaque("x")]],
    "dict": ["a", 1, "b", np.ones(1)],
    "empty list": [],
    "empty": np.zeros((0,)),
    "empty axes": np.zeros((3, 0, 2)),
    "0-d": np.array(1.0),
    "transposed": X.T,
    "zeros": np.zeros_like(X),
    "nan array": np.full_like(X, np.nan),
    "inf array": np.full_like(X, np.inf),
    "huge": np.full_like(X, 1.7e308),
    "tiny": np.full_like(X, 5e-324),
    "huge w": np.full_like(W, -1.7e308),
    "mixed w": np.where(W > 0, np.inf, np.nan),
    "zeros w": np.zeros_like(W),
    "half": X.astype(np.float16),
    "single w": W.astype(np.float32),
    "bool": X > 0,
    "unsigned": np.full(X.shape, 2**64 - 1, np.uint64),
    "complex": X * 1j,
    "wide": np.zeros((1,) * 16),
    "random": normals((40, 50), 7),
    "random huge": normals((40, 50), 7) * 1e300,
    "random nan": normals((40, 50), 7) * np.nan,
    "error": ERROR,
    "unreached": NotReached(0),
}


def frozen(kind: str, cases: int = 2) -> tuple[Any, Bundle]:
    check, expected, arrays = CHECKS[kind]
    bundle = bundle_of(check, [expected] * cases, **arrays)
    return check, bundle


def reference_trace(kind: str) -> Trace:
    expected = CHECKS[kind][1]
    return trace_of([ERROR if isinstance(v, str) and v.startswith("raises") else v for v in expected.values()])


def judged(kind: str, *traces: Trace, policy: Policy | None = None) -> CheckResult:
    check, bundle = frozen(kind, len(traces))

    def run(probes: Any) -> list[Trace]:
        return [traces[0]] * len(probes)

    with np.errstate(all="ignore"):  # as the judge does
        result: CheckResult = check.judge(context_of(bundle, traces, policy, run))
    return result


@pytest.mark.parametrize("kind", CHECKS)
def test_the_references_own_answers_earn_everything_and_are_told_nothing(kind: str) -> None:
    result = judged(kind, *[reference_trace(kind)] * 2)
    assert (result.verdict, result.points, result.findings) == ("pass", 4, ())


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("kind", CHECKS)
def test_odd_answers_are_verdicts_with_a_sentence(kind: str, odd: str) -> None:
    count = len(CHECKS[kind][1])
    right = list(reference_trace(kind).values)
    for values in ([ODD[odd]] * count, [ODD[odd], *right[1:]], [right[0], ODD[odd], *right[2:]]):
        result = judged(kind, trace_of(values), trace_of(values))
        assert 0 <= result.points <= 4
        assert result.verdict in ("pass", "partial", "fail", "blocked")
        if result.verdict == "fail":
            assert result.points == 0
            assert result.findings
            assert all(finding.sentence and finding.code for finding in result.findings)


NO_ANSWERS = ("none", "text", "opaque", "transposed", "zeros", "nan array", "inf array", "error")
LIKE_ANSWERS = {("bounds", "zeros"), ("shapes", "nan array")}  # as far as these checks can see
UNPAID = itertools.product(sorted(set(CHECKS) - {"relations", "differ", "raises", "plain"}), NO_ANSWERS)


@pytest.mark.parametrize(("kind", "odd"), [pair for pair in UNPAID if pair not in LIKE_ANSWERS])
def test_nothing_is_paid_for_no_answer(kind: str, odd: str) -> None:
    assert judged(kind, *[trace_of([ODD[odd]] * len(CHECKS[kind][1]))] * 2).points == 0


@pytest.mark.parametrize("death", ["timeout", "crash", "protocol error", "missing", "skipped"])
@pytest.mark.parametrize("kind", CHECKS)
def test_where_the_worker_always_died_the_verdict_says_how(kind: str, death: str) -> None:
    dead = trace_of([None] * len(CHECKS[kind][1]), death)
    result = judged(kind, dead, dead)
    assert (result.verdict, result.points) == (death, 0)


@pytest.mark.parametrize("kind", sorted(set(CHECKS) - {"relations", "differ", "gradient"}))
def test_half_of_the_cases_earn_the_courses_share_and_fewer_earn_nothing(kind: str) -> None:
    right, dead = reference_trace(kind), trace_of([None] * len(CHECKS[kind][1]), "crash")
    assert judged(kind, right, dead).points == 2
    assert judged(kind, right, dead, policy=Policy(partial=0.25)).points == 1
    assert judged(kind, right, dead, policy=Policy(partial=0)).verdict == "fail"
    assert judged(kind, right, dead, dead).points == 0


def test_single_precision_costs_what_the_course_says() -> None:
    single = trace_of([X.astype(np.float32), W])
    assert judged("values", single, single).verdict == "pass"
    half = judged("values", single, single, policy=Policy(float32=0.5))
    assert (half.verdict, half.points) == ("partial", 2)
    assert half.findings[0].code == "float32"


def test_half_precision_never_earns_everything() -> None:
    right = reference_trace("values").values
    half = trace_of([np.asarray(value, dtype=np.float16) for value in right])
    result = judged("values", half, half, policy=Policy(float32=1.0, partial=0.5))
    assert (result.verdict, result.points, result.findings[0].code) == ("partial", 2, "float16")
    assert "half precision" in result.findings[0].sentence
    wrong = trace_of([np.asarray(value * 1.05, dtype=np.float16) for value in right])
    assert judged("values", wrong, wrong).points == 0


def test_single_precision_on_the_way_costs_the_same_and_near_numbers_stay_wrong() -> None:
    on_the_way = trace_of([X.astype(np.float32).astype(float), W])
    full, half = judged("values", on_the_way), judged("values", on_the_way, policy=Policy(float32=0.5))
    assert (full.verdict, full.points, full.findings[0].code) == ("pass", 4, "imprecise")
    assert (half.verdict, half.points) == ("partial", 2)
    near = judged("values", trace_of([X * (1 + 1e-4), W]))
    assert (near.verdict, near.points) == ("fail", 0)


def test_a_right_shape_needs_no_right_values_but_more_than_one_number() -> None:
    assert judged("shapes", trace_of([X * 7 + 1, W])).verdict == "pass"
    assert judged("shapes", trace_of([X * (1 + 1e-7), W])).verdict == "pass"
    for wrong in (X[:, :2], X[None], np.zeros_like(X), np.ones_like(X)):
        assert judged("shapes", trace_of([wrong, W])).points == 0


def test_values_where_every_shape_is_wrong_are_blocked_by_the_check_that_says_so() -> None:
    shapes, values = Shapes(name="shapes", **COMMON), Values(name="values", **COMMON)
    bundle = bundle_of(shapes, [{"output": X}] * 2)
    bundle = type(bundle)(**{f: getattr(bundle, f) for f in bundle.__struct_fields__} | {"checks": (shapes, values)})
    context = context_of(bundle, [trace_of([X.T])] * 2)
    assert [check.judge(context).verdict for check in bundle.checks] == ["fail", "blocked"]


def test_bounds_are_kept_in_every_entry() -> None:
    assert judged("bounds", trace_of([np.full_like(X, 9.0), W])).verdict == "pass"
    out = np.where(X.max() == X, 9.1, X)
    assert judged("bounds", trace_of([out, W])).findings[0].code == "out of bounds"
    assert judged("bounds", trace_of([X * np.inf, W])).points == 0


def test_only_the_expected_exception_or_a_subclass_is_right() -> None:
    assert judged("raises", trace_of([Raised("Mine", "", ("ValueError",)), W])).verdict == "pass"
    assert judged("raises", trace_of([Raised("TypeError", "", ("TypeError",)), W])).points == 0
    assert judged("raises", trace_of([X, W])).findings[0].code == "accepted"


def test_relations_compare_results_with_each_other_and_arguments_with_what_they_were() -> None:
    wrong_but_same = trace_of([X * 3, X * 3])
    assert judged("relations", wrong_but_same).verdict == "pass"
    assert judged("relations", trace_of([X, X + 1e-9])).findings[0].code == "differs"
    assert judged("relations", trace_of([X, X * (1 + 1e-13)])).verdict == "pass"
    assert judged("relations", trace_of([X, X], changed=["x"])).findings[0].code == "argument changed"
    nothing = [np.zeros((0, 3), dtype) for dtype in (float, np.float32, float)]
    assert judged("relations", trace_of(nothing[:2])).verdict == judged("relations", trace_of(nothing[::2])).verdict
    assert judged("relations", trace_of([nothing[0], nothing[0].T])).findings[0].code == "differs"
    assert judged("differ", trace_of([X, X])).findings[0].code == "differs"
    # One broken case among many is a broken promise.
    result = judged("relations", *[wrong_but_same] * 9, trace_of([X, -X]))
    assert (result.verdict, result.points) == ("fail", 0)


def update(before: np.ndarray, gradient: np.ndarray, after: np.ndarray) -> CheckResult:
    bundle = bundle_of(CHECKS["updates"][0], [{"output": gradient, "second": after}], w=before)
    result: CheckResult = CHECKS["updates"][0].judge(context_of(bundle, [trace_of([gradient, after])]))
    return result


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (W - rate(1) * X[:2, :3], ""),
        (W, "not updated"),
        (W - rate(2) * X[:2, :3], "optimizer state"),
        (W + rate(1) * X[:2, :3], "step size"),
        (W - 0.37 * X[:2, :3], "step size"),
        (W - rate(1) * W, "not assigned"),
        (W[:1], "shape"),
    ],
    ids=["right", "not updated", "another copy's call", "sign", "other rate", "something else", "shape"],
)
def test_the_step_that_is_seen_tells_which_call_of_which_copy_it_was(after: np.ndarray, code: str) -> None:
    result = update(W, X[:2, :3], after)
    assert (result.findings[0].code if result.findings else "") == code
    assert result.points == (0 if code else 4)


@pytest.mark.parametrize(
    ("verdicts", "points", "word"),
    [
        (["pass", "pass"], 2, "pass"),
        (["pass", "fail"], 1, "partial"),
        (["fail", "timeout"], 0, "timeout"),
        (["blocked", "fail"], 0, "fail"),
        (["pass", "grader fault"], 1, "grader fault"),
    ],
)
def test_one_word_sums_up_an_exercise(verdicts: list[Any], points: float, word: str) -> None:
    assert overall([CheckResult("c", verdict, 0, 1) for verdict in verdicts], points) == word
