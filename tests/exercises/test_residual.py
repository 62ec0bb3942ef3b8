"""The residual topic keeps its promises: the numbers of its handout, and who loses which points."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "tests/variants/residual/recursive.py").read_text()


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_residual", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def exam(workers):
    topic = read_topic(ROOT / "exercises/residual")
    return load(ROOT / "tests/exam/exam.py").Exam(topic, workers, b"test", whole=False)


def lost_by(exam, old, new, siblings=True):
    assert old in SOURCE
    return {check for _, check, _ in exam.lost(exam.grade(SOURCE.replace(old, new, 1), siblings))}


class Linear:
    trainable = False

    def __init__(self, weights):
        self.weights = np.array(weights)

    def forward(self, input_tensor):
        return input_tensor @ self.weights

    def backward(self, error_tensor):
        return error_tensor @ self.weights.T


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/residual")
    table = topic.handout.partition("## What is graded")[2]
    rows = dict(re.findall(r"^\| ([^:|]+?)(?::[^|]*)? \| (\S+) \|$", table, re.MULTILINE))
    (exercise,) = topic.exercises
    assert {check.name: f"{check.points:g}" for check in exercise.checks} | {"**points**": "**10**"} == rows
    assert sum(check.points for check in exercise.checks) == 10


def test_the_reference_gives_the_numbers_of_the_handout():
    block = load(ROOT / "reference/residual.py").ResidualBlock([Linear([[1, -4], [0, 0.5]])])
    assert block.forward(np.array([[1, 2], [-1, 2], [0, 0]])).tolist() == [[2, 0], [0, 7], [0, 0]]
    assert block.backward(np.ones((3, 2))).tolist() == [[2, 0], [-4, 1.5], [0, 0]]


def test_layers_that_run_backward_twice_cost_the_optimizers_only(exam):
    error = "return self.unwind(error, self.layers) + error"
    assert lost_by(exam, error, f"self.unwind(error, self.layers)\n        {error}") == {"optimizers"}


def test_layers_that_run_forward_twice_cost_what_is_left_in_them_only(exam):
    once = "f = self.run(input_tensor, self.layers)"
    assert lost_by(exam, once, f"{once}\n        {once}") == {"gradients of the layers"}


def test_an_example_shows_the_matrices_of_the_layers(exam):
    check = exam.grade(SOURCE.replace("self.layers) + error", "self.layers)"))["residual_block"].checks[2]
    evidence = check.findings[0].evidence
    layer, *_ = evidence.code
    assert check.name == "input gradient" and layer.startswith("layer = <the grader's layer with weights = matrix_1")
    assert {"matrix_1", "matrix_1_transposed"} <= {name for name, _ in evidence.inputs}


def test_a_comparison_of_the_batch_sizes_alone_is_not_enough(exam):
    assert lost_by(exam, "np.shape(f) != np.shape(input_tensor)", "len(f) != len(input_tensor)") == {"illegal shapes"}


def test_mistakes_in_other_files_cost_nothing(exam):
    assert lost_by(exam, "class ResidualBlock", "class ResidualBlock", siblings=False) == set()


FAULTS = {
    "output += x": (("total = residual + x", "total = residual\n        total += x"), "call order and purity"),
    "back += g": (
        ("return through_layers + shortcut", "through_layers += shortcut\n        return through_layers"),
        "call order and purity",
    ),
    "batch sizes": (("if residual.shape != x.shape:", "if residual.shape[1:] != x.shape[1:]:"), "illegal shapes"),
    "always trainable": (("any(layer.trainable for layer in self.layers)", "True"), "trainable"),
    "every layer's phase": (('if hasattr(layer, "phase"):', "if True:"), "phases"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_visible_cases_show_what_the_handout_warns_of(exam, fault):
    edit, check = FAULTS[fault]
    assert exam.lost_in_visible_cases(edit) == {("residual_block", check)}
