"""The loss topic keeps its promises: the numbers of its handout, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_loss", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def loss():
    return load(ROOT / "reference/loss.py")


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/loss"), workers, b"test")


def lost_by(exam, source):
    """The checks that lose points, by exercise."""
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/loss")
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


SOURCE = (ROOT / "tests/variants/loss/numpy_scalars.py").read_text()
ENTROPY = "return np.sum(-np.log(prediction_tensor + np.finfo(float).eps) * label_tensor)"
SQUARES = "return np.sum((prediction_tensor - label_tensor) ** 2.0)"


def replaced(old, new):
    assert SOURCE.count(old) == 1
    return SOURCE.replace(old, new)


def test_the_reference_gives_the_numbers_of_the_handout(loss):
    entropy, squares = loss.CrossEntropyLoss(), loss.L2Loss()
    label = np.array([[1, 0, 0], [0, 0, 1]])
    assert entropy.forward(np.array([[0.5, 0.25, 0.25], [0.2, 0.6, 0.2]]), label) == pytest.approx(np.log(10))
    assert entropy.backward(label) == pytest.approx(np.array([[-2, 0, 0], [0, 0, -5]]))
    label = np.array([[0, 4], [0.5, 1]])
    assert squares.forward(np.array([[1, 2], [0.5, -1]]), label) == 9
    assert squares.backward(label).tolist() == [[2, -4], [0, -4]]


def test_finite_differences_stay_away_from_small_probabilities(exam):
    bundle = exam.bundles[0]
    plan = next(plan for plan in bundle.plans if plan.name == "main")
    chosen = next(check for check in bundle.checks if check.name == "gradient").probes
    assert len(chosen) == 5
    assert min(plan.probes[number].probe.arrays["prediction_tensor"].min() for number in chosen) >= 0.05
    everywhere = [frozen.probe.arrays["prediction_tensor"].min() for frozen in plan.probes]
    assert 0.0009 < min(everywhere) < 0.0011


def test_probabilities_cut_off_at_a_billionth_get_all_points(exam):
    source = replaced(ENTROPY, "return -np.sum(np.log(np.maximum(prediction_tensor, 1e-9)) * label_tensor)")
    assert not exam.right("clipped", source)


def test_probabilities_cut_off_at_a_millionth_lose_the_check_of_probability_0(exam):
    source = replaced(ENTROPY, "return -np.sum(np.log(np.maximum(prediction_tensor, 1e-6)) * label_tensor)")
    lost = list(exam.lost(exam.grade(source)))
    assert [(e, check) for e, check, _ in lost] == [("cross_entropy_loss", "probability 0")]
    assert "a finite number of at least 20 is expected" in lost[0][2]


def test_a_prediction_changed_by_a_rounding_error_is_noticed(exam):
    source = replaced(ENTROPY, f"prediction_tensor += np.finfo(float).eps\n        {ENTROPY}")
    assert lost_by(exam, source) == {("cross_entropy_loss", "call order and purity")}


def test_a_prediction_kept_while_its_shape_stays_is_noticed(exam):
    kept = "if np.shape(getattr(self, 'kept', 0)) != prediction_tensor.shape: self.kept = prediction_tensor\n        "
    back = "2.0 * (self.prediction "
    assert SOURCE.count(back) == 1
    source = replaced(SQUARES, kept + SQUARES).replace(back, "2.0 * (self.kept ")
    assert lost_by(exam, source) == {("l2_loss", "call order and purity")}


def test_a_right_gradient_of_a_wrong_loss_keeps_its_points(exam):
    results = exam.grade(replaced(SQUARES, "return np.sum((prediction_tensor - label_tensor) ** 3)"))
    points = {check.name: check.points for check in results["l2_loss"].checks}
    assert points["gradient"] == 1 and points["forward"] == 0


def test_the_index_of_the_largest_label_loses_points_with_soft_labels(exam):
    hot = "(label_tensor == label_tensor.max(axis=1, keepdims=True))"
    lost = lost_by(exam, replaced(ENTROPY, ENTROPY.replace("* label_tensor", f"* {hot}")))
    assert ("cross_entropy_loss", "forward") in lost
