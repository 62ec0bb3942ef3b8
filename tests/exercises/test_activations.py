"""The activations topic keeps its promises: the numbers of its handout, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_activations", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def activations():
    return load(ROOT / "reference/activations.py")


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/activations"), workers, b"test")


def lost_by(exam, source):
    """The checks that lose points, by exercise."""
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/activations")
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


SOURCE = (ROOT / "tests/variants/activations/base_layer.py").read_text()


def replaced(old, new):
    assert SOURCE.count(old) == 1
    return SOURCE.replace(old, new)


def test_the_reference_gives_the_numbers_of_the_handout(activations):
    ln = np.log
    one = np.ones((1, 4))
    for layer, x, y, slope in (
        (activations.Sigmoid(), [0, ln(3), -ln(3), ln(9)], [0.5, 0.75, 0.25, 0.9], [0.25, 0.1875, 0.1875, 0.09]),
        (activations.TanH(), [0, ln(2), -ln(2), ln(3)], [0, 0.6, -0.6, 0.8], [1, 0.64, 0.64, 0.36]),
        (activations.ReLU(), [-2, 0, 0.5, 3], [0, 0, 0.5, 3], [0, 0, 1, 1]),
        (activations.LeakyReLU(), [-2, -0.5, 0.5, 3], [-0.2, -0.05, 0.5, 3], [0.1, 0.1, 1, 1]),
    ):
        assert layer.forward(np.array([x])) == pytest.approx(np.array([y]))
        assert layer.backward(one) == pytest.approx(np.array([slope]))


def test_softmax_gives_the_numbers_of_the_handout(activations):
    layer = activations.SoftMax()
    assert layer.forward(np.log([[1, 2, 3], [5, 5, 5]])) == pytest.approx(np.array([[1, 2, 3], [2, 2, 2]]) / 6)
    gradient = layer.backward(np.array([[6.0, 0, 0], [0, 0, 0]]))
    assert gradient == pytest.approx(np.array([[5, -2, -3], [0, 0, 0]]) / 6)


def test_a_sigmoid_that_overflows_only_inside_gets_all_points(exam):
    assert not exam.right("naive", replaced("np.clip(input_tensor, -700, 700)", "np.asarray(input_tensor)"))


def test_the_maximum_of_x_and_slope_times_x_gets_all_points(exam):
    source = replaced(
        "np.where(input_tensor > 0, input_tensor, self.slope * input_tensor)",
        "np.maximum(input_tensor, self.slope * input_tensor)",
    )
    assert not exam.right("maximum", source)


def test_a_softmax_for_vectors_only_keeps_about_half(exam):
    source = replaced(
        "        if np.ndim(input_tensor) < 2:",
        "        if np.ndim(input_tensor) != 2:",
    )
    results = exam.grade(source)["softmax"]
    assert 0.25 <= results.points / results.max_points <= 0.75
    assert "the layout is images" in next(
        why for _, check, why in exam.lost({"softmax": results}) if check == "forward"
    )


def test_a_softmax_over_all_pixels_of_an_item_loses_forward_and_gradient(exam):
    source = replaced(
        "        e = np.exp(input_tensor - np.max(input_tensor, axis=1, keepdims=True))\n",
        "        rest = tuple(range(1, np.ndim(input_tensor)))\n"
        "        e = np.exp(input_tensor - np.max(input_tensor, axis=rest, keepdims=True))\n",
    ).replace("e / np.sum(e, axis=1, keepdims=True)", "e / np.sum(e, axis=rest, keepdims=True)")
    assert {("softmax", "forward"), ("softmax", "input gradient")} <= lost_by(exam, source)


def test_a_slope_where_the_output_is_not_positive_is_a_relu_that_passes(exam):
    assert not exam.right(
        "mask of the output", replaced("self.cache > 0).astype", "np.maximum(0, self.cache) > 0).astype")
    )
