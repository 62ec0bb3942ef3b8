"""The normalization topic keeps its promises: the numbers of its handout, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "tests/variants/normalization/chain_rule.py").read_text()


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_normalization", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def normalization():
    return load(ROOT / "reference/normalization.py")


@pytest.fixture(scope="module")
def exam(workers):
    topic = read_topic(ROOT / "exercises/normalization")
    return load(ROOT / "tests/exam/exam.py").Exam(topic, workers, b"test", whole=False)


def lost_by(exam, old, new):
    """The checks of batch normalization that lose points when a correct file is changed."""
    assert old in SOURCE
    return {c for e, c, _ in exam.lost(exam.grade(SOURCE.replace(old, new, 1))) if e == "batch_normalization"}


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/normalization")
    table = topic.handout.partition("## What is graded")[2]
    lines = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    rows = {first.split(":")[0].strip(): [cell.strip() for cell in rest] for first, *rest in lines}
    for column, exercise in enumerate(topic.exercises):
        for check in exercise.checks:
            assert rows[check.name][column] == f"{check.points:g}", (exercise.name, check.name)
        assert rows["**points**"][column] == f"**{sum(check.points for check in exercise.checks):g}**" == "**10**"


def test_the_reference_gives_the_numbers_of_the_handout(normalization):
    layer = normalization.BatchNormalization(1)
    layer.weights, layer.bias = np.array([2.0]), np.array([10.0])
    x = np.array([[1], [1], [5], [5]])
    assert layer.forward(x).ravel() == pytest.approx([8, 8, 12, 12], abs=1e-9)
    assert layer.backward(np.eye(4)[:, :1]).ravel() == pytest.approx([0.5, -0.5, 0, 0], abs=1e-9)
    assert layer.gradient_bias == pytest.approx([1])
    assert layer.gradient_weights == pytest.approx([-1])
    layer.phase = "test"
    assert layer.forward(np.array([[7.0]])) == pytest.approx(np.array([[14.0]]), abs=1e-9)
    assert layer.backward(np.array([[1.0]])) == pytest.approx(np.array([[1.0]]), abs=1e-9)
    layer.phase, means = "train", [layer.moving_mean[0]]
    for mean in (8, 4):
        layer.forward(x - 3 + mean)
        means.append(layer.moving_mean[0])
    assert means == pytest.approx([3, 4, 4])


def test_one_image_is_normalized_as_a_batch_of_it_alone(normalization):
    x, error = np.random.default_rng(1).normal(size=(2, 1, 3, 4, 5))
    both = normalization.BatchNormalization(3), normalization.InstanceNormalization(3)
    assert both[0].forward(x) == pytest.approx(both[1].forward(x))
    assert both[0].backward(error) == pytest.approx(both[1].backward(error))


def test_a_variance_that_only_the_moving_average_takes_as_unbiased_costs_no_gradient_of_training(exam):
    old = "(variance - self.moving_variance)"
    gone = lost_by(exam, old, "(variance * self.n / (self.n - 1) - self.moving_variance)")
    assert gone == {"moving averages", "test phase", "test phase gradients", "defaults"}


def test_averages_that_begin_anew_after_a_test_cost_their_own_check(exam):
    gone = lost_by(exam, 'if self.phase == "test":', 'if self.phase == "test":\n            self.first = True')
    assert gone == {"moving averages"}


def test_averages_that_begin_anew_after_initialize_cost_their_own_check(exam):
    start = "def initialize(self, weights_initializer, bias_initializer):"
    assert lost_by(exam, start, f"{start}\n        self.first = True") == {"moving averages"}


def test_a_test_phase_that_is_right_only_after_training_costs_little(exam):
    gone = lost_by(exam, 'if self.phase == "test":', 'if self.phase == "test" and not self.first:')
    assert gone == {"test phase before training"}


FAULTS = {
    "a test before training": (
        (
            "if self._constants:\n            mean",
            "if self._constants:\n            self._has_trained = True\n            mean",
        ),
        "test phase before training",
    ),
    "phase asked in backward": (("if not self._constants:", 'if self.phase != "test":'), "test phase gradients"),
    "default epsilon": (("momentum=0.8, epsilon=1e-10", "momentum=0.8, epsilon=1e-5"), "defaults"),
    "ends of the momentum": (("if not 0 <= momentum <= 1:", "if not 0 < momentum < 1:"), "moving averages"),
    "three axes": (("x.ndim not in (2, 4)", "x.ndim not in (2, 3, 4)"), "illegal arguments"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_visible_cases_show_what_is_easily_overlooked(exam, fault):
    edit, check = FAULTS[fault]
    assert exam.lost_in_visible_cases(edit) == {("batch_normalization", check)}


def test_the_visible_cases_show_a_shallow_copy_of_the_optimizer(exam):
    gone = exam.lost_in_visible_cases(("copy.deepcopy", "copy.copy"))
    assert gone == {("batch_normalization", "optimizer"), ("instance_normalization", "optimizer")}
