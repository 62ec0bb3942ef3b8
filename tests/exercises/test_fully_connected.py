"""The fully connected topic keeps its promises: the numbers of its handout, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_fully_connected", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fully_connected():
    return load(ROOT / "reference/fully_connected.py")


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/fully_connected"), workers, b"test")


def lost_by(exam, source):
    """The checks that lose points, by exercise."""
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/fully_connected")
    rows = {
        line.strip("| ").split("|")[0].split(":")[0].split(";")[0].strip(): [
            cell.strip() for cell in line.strip("|").split("|")[1:]
        ]
        for line in topic.handout.partition("## What is graded")[2].splitlines()
        if line.startswith("| ")
    }
    for column, exercise in enumerate(topic.exercises):
        for check in exercise.checks:
            assert rows[check.name][column] == f"{check.points:g}", (exercise.name, check.name)
        assert rows["**points**"][column] == f"**{sum(check.points for check in exercise.checks):g}**"


SOURCE = (ROOT / "tests/variants/fully_connected/einsum.py").read_text()


def replaced(old, new):
    assert old in SOURCE
    return SOURCE.replace(old, new, 1)


def test_the_reference_gives_the_numbers_of_the_handout(fully_connected):
    layer = fully_connected.FullyConnected(2, 3)
    layer.weights = np.arange(1.0, 10.0).reshape(3, 3)
    assert layer.forward(np.array([[1, 2], [0, -1]])).tolist() == [[16, 20, 24], [3, 3, 3]]
    assert layer.backward(np.array([[1, 0, 0], [0, 1, -1]])).tolist() == [[1, 4], [-1, -1]]
    assert layer.gradient_weights.tolist() == [[1, 0, 0], [2, -1, 1], [1, 1, -1]]


def test_a_gradient_without_the_row_of_the_bias_is_told_its_shape(exam):
    source = replaced(
        'self.gradient_weights = np.einsum("bn,bk->nk", self.inputs, error_tensor)',
        'self.gradient_weights = np.einsum("bn,bk->nk", self.inputs[:, :-1], error_tensor)',
    )
    told = {check: why for _, check, why in exam.lost(exam.grade(source))}
    assert "(2, 3) where (3, 3) is expected" in told["weights gradient"]
    assert "forward" not in told and "input gradient" not in told


def test_a_buffer_of_ones_for_one_batch_size_costs_call_order_only(exam):
    source = replaced(
        "self.inputs = np.pad",
        "self.ones = getattr(self, 'ones', np.ones((len(input_tensor), 1)))\n"
        "        input_tensor = input_tensor * self.ones\n"
        "        self.inputs = np.pad",
    )
    assert lost_by(exam, source) == {("fully_connected", "call order and purity")}


def test_arguments_of_calculate_update_the_wrong_way_round_cost_the_optimizer(exam):
    source = replaced("calculate_update(old, self.gradient_weights)", "calculate_update(self.gradient_weights, old)")
    assert lost_by(exam, source) == {("fully_connected", "optimizer")}


def test_a_bias_initializer_asked_for_a_vector_gets_all_points(exam):
    source = replaced("bias_initializer.initialize((1, self.sizes[1])", "bias_initializer.initialize((self.sizes[1],)")
    assert not exam.right("vector", source)


def test_zeros_earn_nothing_for_forward_and_backward(exam):
    source = replaced(
        'return np.einsum("bn,nk->bk", self.inputs, self.weights)', "return np.zeros((len(self.inputs), self.sizes[1]))"
    )
    source = source.replace(
        'return np.einsum("bk,nk->bn", error_tensor, old)[:, :-1]', "return np.zeros(self.inputs.shape)[:, :-1]"
    )
    source = source.replace(
        'self.gradient_weights = np.einsum("bn,bk->nk", self.inputs, error_tensor)',
        "self.gradient_weights = np.zeros(self.weights.shape)",
    )
    paid = {check.name for check in exam.grade(source)["fully_connected"].checks if check.points}
    assert paid == {"initialize", "start weights", "illegal arguments"}  # these are right


def test_start_weights_that_are_nearly_right_are_not_taken_for_a_shared_optimizer(exam):
    source = (ROOT / "reference/fully_connected.py").read_text()
    edits = (
        ("self._optimizer = copy.deepcopy(optimizer)", "self._optimizer = optimizer"),
        (
            "        self.gradient_weights = None\n",
            "        self.weights[-1] = 0.1\n        self.gradient_weights = None\n",
        ),
    )
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    told = {check: why for _, check, why in exam.lost(exam.grade(source))}
    assert told["optimizer"].startswith("optimizer shared:")
    assert not told["start weights"].startswith("optimizer shared:")


def test_rows_of_weights_are_not_taken_for_items_of_a_batch_that_is_as_large(exam):
    old = "new[:-1] = weights_initializer.initialize(self.sizes, *self.sizes)"
    told = {check: why for _, check, why in exam.lost(exam.grade(replaced(old, f"{old}\n        new[0] += 1")))}
    assert "entries, the first at index [0, 0]" in told["initialize"]
    assert "batch" not in told["initialize"]
