"""The optimizers topic keeps its promises: the handout's numbers, every legal epsilon, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "reference/optimizers.py").read_text()
GRADIENTS = ([20.0, -40.0], [20.0, 40.0], [-20.0, 40.0])
BELOW = {"rms_prop": "(np.sqrt(self.mean_square) + EPSILON)", "adam": "(np.sqrt(mean_square_hat) + EPSILON)"}
ROOTS = {"rms_prop": "self.mean_square", "adam": "mean_square_hat"}
ABOVE = {"rms_prop": "self.learning_rate * gradient /", "adam": "self.learning_rate * mean_hat /"}
NUMERATOR = (
    (ABOVE["rms_prop"], "self.learning_rate * (gradient + EPSILON) /"),
    (ABOVE["adam"], "self.learning_rate * (mean_hat + EPSILON) /"),
)


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_optimizers", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def optimizers():
    return load(ROOT / "reference/optimizers.py")


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/optimizers"), workers, b"test")


def edited(*edits):
    """The reference with some of its text replaced everywhere."""
    source = SOURCE
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    return source


def epsilon_of(value):
    return ("EPSILON = 1e-8", f"EPSILON = {value}")


def lost(exam, exercise, *edits):
    """{check: first sentence} where an edited reference loses points in one exercise."""
    return {c: why for e, c, why in exam.lost(exam.grade(edited(*edits))) if e == exercise}


@pytest.mark.parametrize(
    ("name", "rates", "steps"),
    [
        ("Sgd", (0.01,), [(0.8, 1.4), (0.8, 0.6), (1.2, 0.6)]),
        ("SgdWithMomentum", (0.01, 0.5), [(0.8, 1.4), (0.7, 0.8), (1.05, 0.5)]),
        ("RmsProp", (0.1, 0.75), [(0.8, 1.2), (0.84881, 0.84881), (1.13152, 0.86848)]),
        ("Adam", (0.1, 0.5, 0.75), [(0.9, 1.1), (0.9, 0.96667), (1.01429, 0.92857)]),
    ],
)
def test_the_handouts_table_is_what_the_reference_gives(optimizers, name, rates, steps):
    optimizer = getattr(optimizers, name)(*rates)
    for gradient, expected in zip(GRADIENTS, steps, strict=True):
        assert optimizer.calculate_update(np.ones(2), np.array(gradient)) == pytest.approx(expected, abs=5e-6)


@pytest.mark.parametrize("value", ["1e-8", "9.9e-9", "1e-10", "1e-12", "np.finfo(float).eps", "1e-30"])
@pytest.mark.parametrize("form", [(), NUMERATOR], ids=["below", "above and below"])
def test_every_epsilon_up_to_1e_8_is_right_in_both_forms(exam, value, form):
    assert not exam.right(value, edited(epsilon_of(value), *form))


@pytest.mark.parametrize("exercise", ["rms_prop", "adam"])
@pytest.mark.parametrize("value", ["2e-8", "1e-6", "1e-3"])
def test_a_larger_epsilon_is_measured_and_told(exam, exercise, value):
    size = f"{float(value):.1g}"
    assert f"Epsilon is about {size}" in lost(exam, exercise, epsilon_of(value))["epsilon"]


@pytest.mark.parametrize("exercise", ["rms_prop", "adam"])
@pytest.mark.parametrize("value", ["1e-7", "1e-10", "1e-16", "np.finfo(float).eps", "1e-20"])
def test_an_epsilon_inside_the_root_is_found_whatever_its_size(exam, exercise, value):
    edits = (epsilon_of(value), (BELOW[exercise], f"np.sqrt({ROOTS[exercise]} + EPSILON)"))
    found = lost(exam, exercise, *edits)
    assert list(found) == ["epsilon"]
    assert "epsilon is not added to the root" in found["epsilon"]


@pytest.mark.parametrize("exercise", ["rms_prop", "adam"])
def test_two_different_epsilons_are_found(exam, exercise):
    edits = (BELOW[exercise], f"(np.sqrt({ROOTS[exercise]} + 1e-16) + EPSILON)")
    assert list(lost(exam, exercise, edits)) == ["epsilon"]


@pytest.mark.parametrize("exercise", ["rms_prop", "adam"])
def test_a_gradient_of_zero_needs_an_epsilon(exam, exercise):
    found = lost(exam, exercise, (BELOW[exercise], f"np.sqrt({ROOTS[exercise]})"))
    assert list(found) == ["epsilon"]


def test_single_precision_is_told_but_costs_nothing(exam):
    results = exam.grade(edited(("dtype=float)", "dtype=np.float32)")))
    assert [result.points for result in results.values()] == [result.max_points for result in results.values()]
    assert {check.findings[0].code for result in results.values() for check in result.checks if check.findings} == {
        "float32"
    }


def test_single_precision_on_the_way_costs_nothing_either(exam):
    on_the_way = ("gradient_tensor, dtype=float)", "np.asarray(gradient_tensor, dtype=np.float32), dtype=float)")
    results = exam.grade(edited(on_the_way))
    assert [result.points for result in results.values()] == [result.max_points for result in results.values()]


@pytest.mark.parametrize(
    ("exercise", "check", "edit"),
    [
        ("sgd", "plain numbers", ("gradient_tensor, dtype=float)", "gradient_tensor.copy(), dtype=float)")),
        (
            "sgd_with_momentum",
            "separate objects",
            ("return weights + self", "gradient *= 1.5\n        return weights + self"),
        ),
        (
            "sgd_with_momentum",
            "separate objects",
            (
                "return weights + self.velocity",
                "self.__dict__.setdefault('out', np.array(weights))[...] = weights + self.velocity\n"
                "        return self.out",
            ),
        ),
        ("sgd_with_momentum", "later steps", ("self.momentum_rate = momentum_rate", "self.momentum_rate = 0.9")),
        ("rms_prop", "first step", ("np.sqrt(self.mean_square)", "np.linalg.norm(gradient)")),
        ("rms_prop", "first step", ("self.rho = rho", "self.rho = 0.9")),
        ("adam", "later steps", ("self.rho = rho", "self.rho = 0.999")),
        ("adam", "later steps", ("self.calls += 1", "self.calls = min(self.calls + 1, 2)")),
    ],
)
def test_mistakes_that_are_in_no_catalogue_lose_points(exam, exercise, check, edit):
    assert next(iter(lost(exam, exercise, edit))) == check


def test_a_state_kept_for_every_shape_is_not_a_state_of_the_object(exam):
    old = "self.velocity = self.momentum_rate * self.velocity - self.learning_rate * gradient"
    new = (
        "key = gradient.shape\n"
        "        KEPT[key] = self.momentum_rate * KEPT.get(key, 0.0) - self.learning_rate * gradient"
    )
    edits = (
        (old, new),
        ("weights + self.velocity", "weights + KEPT[key]"),
        ("import numpy as np", "import numpy as np\nKEPT = {}"),
    )
    assert lost(exam, "sgd_with_momentum", *edits)


def test_weights_returned_as_they_are_earn_nothing(exam):
    source = "import numpy as np\n" + "".join(
        f"class {name}:\n"
        "    def __init__(self, *rates): pass\n"
        "    def calculate_update(self, weight_tensor, gradient_tensor): return weight_tensor\n"
        for name in ("Sgd", "SgdWithMomentum", "RmsProp", "Adam")
    )
    assert {result.points for result in exam.grade(source).values()} == {0}


def test_adam_written_with_one_step_size_for_both_corrections_is_right(exam):
    """Kingma's faster form moves epsilon: sqrt(r) + eps * sqrt(1 - rho^k). It is right with epsilon scaled so."""
    old = "self.learning_rate * mean_hat / (np.sqrt(mean_square_hat) + EPSILON)"
    new = (
        "self.learning_rate * np.sqrt(1 - self.rho**self.calls) / (1 - self.mu**self.calls)"
        " * self.mean / (np.sqrt(self.mean_square) + EPSILON * np.sqrt(1 - self.rho**self.calls))"
    )
    assert not exam.right("one step size", edited((old, new)))
