"""Exercises on functions: several results, caches, dicts that are written into, and sentences about them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from functions import CASES, EXERCISES, Functions
from tiny import check_of, first_code, lost

from grader.authoring import Gradient, Plan, Relations, Same, Shapes, Values
from grader.authoring.topics import read_topic
from grader.errors import CourseError
from grader.keeping.view import view
from grader.report import ExerciseResult, Report
from grader.running.workers import Launcher


@pytest.fixture
def functions(tmp_path: Path, workers: Launcher) -> Functions:
    return Functions(tmp_path, workers)


def code_of(result: ExerciseResult, check: str) -> tuple[str, ...]:
    evidence = check_of(result, check).findings[0].evidence
    assert evidence is not None
    return evidence.code


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_gets_everything(functions: Functions, name: str) -> None:
    result = functions.judge(name)
    assert result.points == result.max_points


def test_a_list_of_results_and_any_cache_are_as_good_as_a_tuple(functions: Functions) -> None:
    edits = (("return x @ w, (x, w)", "return [x @ w, {'x': x, 'w': w}]"), ("x, w = cache", "x, w = cache.values()"))
    assert not lost(functions.judge("affine", *edits))


@pytest.mark.parametrize(
    ("returned", "told"),
    [("x @ w", "an array of shape (2, 3)"), ("None", "None"), ("(x @ w, x, w)", "a tuple of 3")],
)
def test_who_returns_too_little_or_too_much_is_told_so(functions: Functions, returned: str, told: str) -> None:
    result = functions.judge("affine", ("return x @ w, (x, w)", f"return {returned}"))
    assert lost(result) == {"forward", "dx", "dw"}
    assert first_code(result, "forward") == "not unpacked"
    finding = check_of(result, "forward").findings[0]
    assert f"`affine_forward(x, w)` returns {told}, where 2 results in a tuple are expected" in finding.sentence
    assert finding.evidence and finding.evidence.got and finding.evidence.got.text == told
    seen = view(Report("ada", "Functions", (result,)), "hint").exercises[0].checks[0].findings[0].sentence
    assert seen.startswith("`affine_forward` does not return the expected number of results") and "(2, 3)" not in seen


def test_several_results_stand_in_one_line_as_one_would_write_it(functions: Functions) -> None:
    result = functions.judge("affine", ("return dout @ w.T, x.T @ dout", "return dout @ w.T, 2 * x.T @ dout"))
    first, second = code_of(result, "dw")
    assert first.startswith("out, ") and first.endswith(" = affine_forward(x, w)")
    assert second.startswith("dx, dw = affine_backward(error_tensor, ")


def test_what_a_function_writes_into_a_dict_is_judged_and_its_calls_are_shown(functions: Functions) -> None:
    result = functions.judge(
        "track", ('state["mean"] = 0.9', "mean = 0.9"), ('x - state["mean"], state', "x - mean, state")
    )
    assert "state" in lost(result)
    lines = code_of(result, "state")
    assert lines[0].endswith("= {'mean': mean}") and lines[-1].endswith("['mean']")
    assert sum("track(x_" in line for line in lines) == 2


def test_keys_of_a_dict_are_set_and_read_and_a_missing_one_is_named(functions: Functions) -> None:
    wrong = functions.judge("net", ('{"W": 2 * x.T', '{"W": x.T'))
    assert lost(wrong) == {"W"}
    assert "net.params['W'] = W" in code_of(wrong, "W")
    other = functions.judge(
        "net", ('self.params = {"W"', 'self.weights = {"W"'), ('self.params["W"]', 'self.weights["W"]')
    )
    assert "`net.params` does not exist." in check_of(other, "loss").findings[0].sentence


def test_random_arrays_that_are_all_the_same_number_have_no_shape(functions: Functions) -> None:
    stub = functions.judge("pick", ("return np.where(kept, x, 0.0), kept", "return 0 * x, 0 * x"))
    assert lost(stub) == {"shape", "mask", "draws"}
    assert first_code(stub, "shape") == "constant"


def test_draws_with_other_probabilities_are_caught(functions: Functions) -> None:
    assert lost(functions.judge("pick", ("< 0.25", "> 0.25"))) == {"draws"}
    assert lost(functions.judge("pick", ("< 0.25", "< 0.35"))) == {"draws"}


def test_the_spec_in_the_readme_freezes(functions: Functions, tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").partition("## For authors")[2]
    (spec,) = re.findall(r"```python\n(.*?)```", readme.partition("\n## ")[0], re.DOTALL)
    topic = tmp_path / "affine"
    topic.mkdir()
    (topic / "spec.py").write_text(spec)
    (topic / "handout.md").write_text("# Affine\n")
    (exercise,) = read_topic(topic).exercises
    bundle = functions.freeze(exercise)
    assert all(check.probes for check in bundle.checks if isinstance(check, Gradient))


def test_many_small_results_are_gathered_in_one_array(functions: Functions) -> None:
    def script(s: Any, case: Any) -> None:
        gathered = s.make(s.array("all", np.zeros(3)))
        for number in range(3):
            rng = s.generator()
            out, _ = s.unpack(s.use("pick", s.array(f"x_{number}", np.ones(1)), rng), "", "")
            s.set(gathered, f"[{number}]", s.call(out, "item"))
        s.make(gathered, label="all")

    shape = Shapes(name="shape", points=1, plan="main", label="all")
    exercise = replace(EXERCISES["pick"], plans={"main": Plan(script, cases=CASES[:1])}, checks=(shape,))
    expected = functions.freeze(exercise).plans[0].probes[0].expected["all"].array
    assert expected is not None and set(expected) <= {0.0, 1.0} and expected.any()


def dict_script(s: Any, case: Any) -> None:
    state = s.make({"size": 3, "mean": s.array("mean", np.ones(case.columns))})
    s.call(state, "copy", label="state")
    s.use("track", s.array("x", 3 * np.ones(case)), state)
    s.make(state, label="state afterwards")


def test_a_dict_is_compared_by_its_content_whatever_the_order_of_its_keys(functions: Functions) -> None:
    pure = Same("state", "state afterwards", "state changed", "The dict is changed.")
    checks = (
        Values(name="dict", points=1, plan="main", label="state afterwards"),
        Relations(name="pure", points=1, plan="main", label="state afterwards", same=(pure,), unchanged=False),
    )
    exercise = replace(EXERCISES["track"], plans={"main": Plan(dict_script, cases=CASES[:2])}, checks=checks)
    with pytest.raises(CourseError, match="does not pass check 'pure': The dict is changed"):
        functions.freeze(exercise)
    exercise = replace(exercise, checks=checks[:1])
    other = (
        'state["mean"] = 0.9',
        'state["mean"] = state.pop("mean"); state["size"] = state.pop("size")\n    state["mean"] = 0.9',
    )
    assert not lost(functions.judge(exercise, other))
    assert lost(functions.judge(exercise, ("0.1 * x.mean", "0.2 * x.mean"))) == {"dict"}


def test_arrays_inside_of_a_result_are_compared_with_a_tolerance(functions: Functions) -> None:
    def script(s: Any, case: Any) -> None:
        x, w = s.array("x", np.ones(case)), s.array("w", np.ones((case.columns, 3)) / 3)
        s.use("affine_forward", x, w, label="all")

    check = Values(name="all", points=1, plan="main", label="all")
    exercise = replace(EXERCISES["affine"], plans={"main": Plan(script, cases=CASES[:2])}, checks=(check,))
    assert not lost(functions.judge(exercise, ("return x @ w, (x, w)", "return (x @ w) * 3 / 3, (x, w)")))
    assert lost(functions.judge(exercise, ("return x @ w, (x, w)", "return x @ w, (x, 2 * w)"))) == {"all"}
