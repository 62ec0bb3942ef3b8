"""The initializers topic keeps its promises: the lecture's formulas, no false alarms, and who loses which points."""

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic
from grader.judging.checks.distribution import KOLMOGOROV, Z, unlike

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "reference/initializers.py").read_text()
NORMAL = "np.random.normal(0.0, sigma, weights_shape)"
UNIFORM = "np.random.uniform(0.0, 1.0, weights_shape)"
CONSTANT = "np.full(weights_shape, self.value, dtype=float)"
STANDARD = {"family": "normal", "mean": 0.0, "deviation": 1.0}


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_initializers", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def initializers():
    return load(ROOT / "reference/initializers.py")


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/initializers"), workers, b"test")


def edited(*edits):
    """The reference with some of its text replaced everywhere."""
    source = SOURCE
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    return source


def lost(exam, exercise, *edits):
    """{check: first sentence} where an edited reference loses points in one exercise."""
    return {c: why for e, c, why in exam.lost(exam.grade(edited(*edits))) if e == exercise}


def test_constant_is_one_tenth_unless_told_otherwise(initializers):
    assert initializers.Constant().initialize((2, 3), 2, 3).tolist() == [[0.1] * 3] * 2
    assert initializers.Constant(1).initialize((2,), 5, 7).dtype == np.float64


def test_xavier_and_he_have_the_handouts_standard_deviations(initializers):
    assert initializers.Xavier().initialize((300, 300), 30, 20).std() == pytest.approx(0.2, rel=0.02)
    assert initializers.He().initialize((300, 300), 50, 7).std() == pytest.approx(0.2, rel=0.02)


def test_a_false_alarm_is_rarer_than_once_in_a_thousand_million():
    cases = 5 * 3
    skewed = 5  # the tail of a variance of 20,000 normals at 7.2 deviations is a few times the normal's
    assert cases * (2 * (1 + skewed) * math.erfc(Z / math.sqrt(2)) / 2 + 2 * math.exp(-2 * KOLMOGOROV**2)) < 1e-9


def test_right_draws_are_far_from_an_alarm():
    for seed in range(20):
        x = np.random.default_rng(seed).standard_normal(18432)
        assert abs(x.mean()) * math.sqrt(x.size) < Z - 2
        assert abs(x.var() - 1) / math.sqrt(2 / x.size) < Z - 2
        assert unlike(x, STANDARD) is None


def test_a_wide_distribution_is_told_by_its_deviation_not_by_its_mean():
    x = 50 * np.random.default_rng(3).standard_normal(20000)
    assert abs(x.mean()) > Z / math.sqrt(x.size)
    assert unlike(x, STANDARD).code == "deviation"


@pytest.mark.parametrize("scale", [0.95, 1.05])
def test_a_deviation_of_five_percent_is_found(exam, scale):
    assert lost(exam, "he_initializer", (NORMAL, f"{NORMAL} * {scale}")).keys() >= {"distribution"}


@pytest.mark.parametrize(
    "draw",
    [
        "np.random.laplace(0.0, sigma / np.sqrt(2), weights_shape)",
        "sigma * np.random.choice([-1.0, 1.0], weights_shape)",
        "np.broadcast_to(np.random.normal(0.0, sigma, weights_shape[-1]), weights_shape).copy()",
        f"np.abs({NORMAL})",
        "np.zeros(weights_shape)",
        f"{NORMAL} + sigma",
    ],
)
def test_other_distributions_lose_the_points_of_xavier(exam, draw):
    assert "distribution" in lost(exam, "xavier_initializer", (NORMAL, draw))


def test_fans_taken_from_the_shape_are_found(exam):
    edits = ("sigma = ", "fan_in, fan_out = weights_shape[0], weights_shape[-1]\n        sigma = ")
    assert "standard deviation" in lost(exam, "he_initializer", edits)["distribution"]


def test_numbers_of_zero_earn_nothing_but_the_shape_of_a_constant(exam):
    results = exam.grade(edited(*((draw, "np.zeros(weights_shape)") for draw in (CONSTANT, UNIFORM, NORMAL))))
    assert [results[f"{name}_initializer"].points for name in ("uniform", "xavier", "he")] == [0, 0, 0]
    assert results["constant_initializer"].points <= 0.5


def test_an_array_handed_out_twice_is_found(exam):
    edits = (NORMAL, f"self.__dict__.setdefault('kept', {NORMAL})")
    assert list(lost(exam, "he_initializer", edits)) == ["new numbers"]


def test_a_seed_in_the_constructor_is_found(exam):
    rng = "self.__dict__.setdefault('rng', np.random.default_rng(0))"
    found = lost(exam, "he_initializer", (NORMAL, NORMAL.replace("np.random", rng)))
    assert found == {
        "new numbers": "same numbers in every object: A second object gives the very same numbers as the first one."
    }


def test_a_shape_read_backwards_is_found(exam):
    assert "shapes" in lost(exam, "uniform_initializer", (UNIFORM, UNIFORM.replace("shape", "shape[::-1]")))


def test_single_precision_costs_only_its_own_points(exam):
    assert list(lost(exam, "xavier_initializer", (NORMAL, f"{NORMAL}.astype(np.float32)"))) == ["float64"]


@pytest.mark.parametrize(
    "draw",
    [
        "np.random.default_rng().standard_normal(weights_shape) * sigma",
        "sigma * np.random.randn(*weights_shape)",
        "np.random.RandomState().normal(scale=sigma, size=weights_shape)",
        "np.random.multivariate_normal([0], [[sigma**2]], size=weights_shape)[..., 0]",
        "(np.random.random_sample((12, *weights_shape)).sum(axis=0) - 6) * sigma",
    ],
)
def test_every_way_of_drawing_normals_is_right(exam, draw):
    """The last one, a sum of twelve uniform numbers, differs from a normal by less than can be told."""
    assert not exam.right(draw, edited((NORMAL, draw)))


@pytest.mark.parametrize(
    "draw", ["np.random.random_sample(weights_shape)", "np.random.default_rng().uniform(size=weights_shape)"]
)
def test_every_way_of_drawing_uniform_numbers_is_right(exam, draw):
    assert not exam.right(draw, edited((UNIFORM, draw)))
