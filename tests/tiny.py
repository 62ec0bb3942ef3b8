"""A tiny course, made for these tests: its reference, its exercises and known mistakes, and a judge for mutants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import (
    Distribution,
    Example,
    Exercise,
    Layer,
    Misconception,
    Plan,
    Raises,
    Shapes,
    UpdateSteps,
    Values,
    call_order,
    gradient,
    inputs,
    integer_input,
    layer_plans,
    optimizer_checks,
)
from grader.authoring.exercise import Topic
from grader.authoring.freeze import Freezer
from grader.authoring.running import Reference
from grader.bundle import Bundle, decode, encode
from grader.course import Course
from grader.judging.asked import asked
from grader.judging.context import Policy
from grader.judging.judge import judge_exercise
from grader.report import CheckResult, ExerciseResult
from grader.running.session import Session, Source
from grader.running.workers import Launcher
from grader.worker.limits import Limits

SECRET = b"a secret that is long enough"
REFERENCE = '''"""The reference of the tiny course."""

import copy

import numpy as np

LARGEST = 1000.0


class Scale:
    """out[b, c] = input[b, c] * weights[c] + bias[c]."""

    def __init__(self, channels):
        self.weights = np.ones(channels)
        self.bias = np.zeros(channels)
        self._optimizers = None

    @property
    def optimizer(self):
        return self._optimizers and self._optimizers[0]

    @optimizer.setter
    def optimizer(self, value):
        self._optimizers = value and (copy.deepcopy(value), copy.deepcopy(value))

    def forward(self, input_tensor):
        # BEGIN SOLUTION
        self.input_tensor = np.array(input_tensor, dtype=float)
        return self.input_tensor * self.weights[:, None, None] + self.bias[:, None, None]
        # END SOLUTION

    def backward(self, error_tensor):
        # BEGIN SOLUTION
        input_gradient = error_tensor * self.weights[:, None, None]
        self.gradient_weights = (error_tensor * self.input_tensor).sum(axis=(0, 2, 3))
        self.gradient_bias = error_tensor.sum(axis=(0, 2, 3))
        if self._optimizers:
            self.weights = self._optimizers[0].calculate_update(self.weights, self.gradient_weights)
            self.bias = self._optimizers[1].calculate_update(self.bias, self.gradient_bias)
        return input_gradient
        # END SOLUTION


class Peak:
    """out[b, i] = max(input[b, i], ..., input[b, i + size - 1]): windows one apart."""

    def __init__(self, size):
        self.size = size

    def forward(self, input_tensor):
        # BEGIN SOLUTION
        x = np.asarray(input_tensor, dtype=float)
        windows = np.lib.stride_tricks.sliding_window_view(x, self.size, axis=1)
        self.winners = windows.argmax(axis=2) + np.arange(windows.shape[1])
        self.shape = x.shape
        return windows.max(axis=2)
        # END SOLUTION

    def backward(self, error_tensor):
        # BEGIN SOLUTION
        gradient = np.zeros(self.shape)
        np.add.at(gradient, (np.arange(self.shape[0])[:, None], self.winners), error_tensor)
        return gradient
        # END SOLUTION


def double(number):
    # BEGIN SOLUTION
    if np.max(np.abs(number)) > LARGEST:
        raise ValueError(f"too large: {number}")
    return 2.0 * number
    # END SOLUTION


class Noise:
    """Normals of a deviation."""

    def __init__(self, deviation):
        self.deviation = deviation

    def initialize(self, shape):
        # BEGIN SOLUTION
        return np.random.normal(0.0, self.deviation, shape)
        # END SOLUTION


EPSILON = 1e-8


class Adaptive:
    """Divides each gradient by the root of a running mean of its square."""

    def __init__(self, learning_rate, rho):
        self.learning_rate, self.rho, self.r = learning_rate, rho, 0.0

    def calculate_update(self, weight_tensor, gradient_tensor):
        # BEGIN SOLUTION
        self.r = self.rho * self.r + (1 - self.rho) * gradient_tensor * gradient_tensor
        return weight_tensor - self.learning_rate * gradient_tensor / (np.sqrt(self.r) + EPSILON)
        # END SOLUTION
'''


class ScaleCase(NamedTuple):
    batch: int
    channels: int
    height: int
    width: int


class PeakCase(NamedTuple):
    batch: int
    length: int
    size: int


class NumberCase(NamedTuple):
    rows: int
    large: bool


class NoiseCase(NamedTuple):
    deviation: float


class AdaptiveCase(NamedTuple):
    size: int
    decay: int


def image(rng, case):
    return inputs.normal(rng, (case.batch, case.channels, case.height, case.width))


SCALE = Layer("Scale", lambda c: (c.channels,), image, lambda c: {"weights": (c.channels,), "bias": (c.channels,)})
PEAK = Layer(
    "Peak",
    lambda c: (c.size,),
    lambda rng, c: inputs.spaced(rng, (c.batch, c.length)),
    other=lambda rng, c: inputs.spaced(rng, (c.batch + 1, c.length + 1)),
)
PARAMETERS = ("weights", "bias")


def double_script(s, case):
    x = s.array("number", s.rng.standard_normal(case.rows) * (1e6 if case.large else 1.0))
    s.use("double", x, label="result")


def noise_script(s, case):
    noise = s.new("Noise", case.deviation)
    shape = (60, 50)
    s.facts.update(family="normal", mean=0.0, deviation=case.deviation)
    s.call(noise, "initialize", shape, label="numbers")
    s.call(noise, "initialize", shape, label="more numbers")


def adaptive_script(s, case):
    """Two steps from the same weights: what the second does differs by the running mean alone."""
    optimizer = s.new("Adaptive", 0.1, 1 - 1 / case.decay)
    weights = s.array("weights", inputs.normal(s.rng, (case.size,)))
    for step in (1, 2):
        g = s.array(f"gradient_{step}", s.rng.standard_normal(case.size) * 10.0 ** -s.rng.integers(-4, 8, case.size))
        s.call(optimizer, "calculate_update", weights, g, label=f"weights {step}")


scale = Exercise(
    name="scale",
    title="Scaling",
    symbols=("Scale",),
    cases=st.builds(ScaleCase, st.integers(1, 3), st.integers(1, 3), st.integers(1, 4), st.integers(1, 5)),
    plans=layer_plans(SCALE, parameters=True),
    checks=(
        Shapes(name="shapes", points=1, plan="main"),
        Values(name="forward", points=3, plan="main"),
        gradient("input", 2),
        gradient("weights", 2),
        gradient("bias", 1, linear=True),
        call_order(1, "forward", PARAMETERS),
        integer_input(1, "forward", PARAMETERS),
        *optimizer_checks(2, "forward", PARAMETERS),
    ),
    examples=(Example("two numbers", ScaleCase(1, 1, 1, 2), {"input_tensor": [[[[3, -1]]]]}),),
    count=30,
)
peak = Exercise(
    name="peak",
    title="Largest of neighbours",
    symbols=("Peak",),
    cases=st.builds(
        lambda b, size, more: PeakCase(b, size + more, size), st.integers(1, 3), st.integers(1, 4), st.integers(0, 6)
    ),
    plans=layer_plans(PEAK),
    checks=(
        Shapes(name="shapes", points=1, plan="main"),
        Values(name="forward", points=2, plan="main"),
        gradient("input", 3),
        call_order(1, "forward"),
        integer_input(1, "forward"),
    ),
    count=30,
)
doubling = Exercise(
    name="doubling",
    title="Doubling",
    symbols=("double",),
    plans={
        "main": Plan(double_script, cases=tuple(NumberCase(rows, False) for rows in range(1, 9))),
        "illegal": Plan(double_script, cases=(NumberCase(1, True), NumberCase(4, True))),
    },
    checks=(
        Values(name="value", points=2, plan="main", label="result"),
        Raises(name="illegal", points=1, plan="illegal", label="result", after="value"),
    ),
)
noise = Exercise(
    name="noise",
    title="Noise",
    symbols=("Noise",),
    plans={"main": Plan(noise_script, cases=tuple(NoiseCase(d) for d in (0.5, 2.0, 0.1)), random=True)},
    checks=(Distribution(name="distribution", points=4, plan="main", label="numbers", again="more numbers"),),
)
adaptive = Exercise(
    name="adaptive",
    title="Adaptive steps",
    symbols=("Adaptive",),
    plans={
        "main": Plan(
            adaptive_script,
            cases=tuple(AdaptiveCase(size, decay) for size in (1, 6, 12) for decay in (2, 10)),
            variants={
                name: (("(np.sqrt(self.r) + EPSILON)", f"(np.sqrt(self.r) + {value})"),)
                for name, value in (("none", "0.0"), ("middle", "5e-7"), ("largest", "1e-6"))
            },
        )
    },
    checks=(
        UpdateSteps(
            name="steps",
            points=4,
            plan="main",
            label="weights 2",
            weights=("weights", "weights"),
            steps=("weights 1", "weights 2"),
            families=(("none", "middle", "largest"),),
            epsilons=(0.0, 5e-7, 1e-6),
        ),
    ),
)
MISCONCEPTIONS = (
    Misconception(
        "bias forgotten",
        "scale",
        "forward",
        "The bias is not added.",
        "Add the bias of each channel.",
        ((" + self.bias[:, None, None]", ""),),
    ),
    Misconception(
        "gradient averaged",
        "scale",
        "weights gradient",
        "The gradient of the weights is averaged over the batch.",
        "Sum over the batch.",
        (
            (
                "self.gradient_weights = (error_tensor * self.input_tensor).sum(axis=(0, 2, 3))",
                "self.gradient_weights = (error_tensor * self.input_tensor).sum(axis=(0, 2, 3)) / len(error_tensor)",
            ),
        ),
    ),
    Misconception(
        "smallest taken",
        "peak",
        "forward",
        "The smallest number of the window is taken.",
        "Take the largest.",
        ((".argmax(axis=2)", ".argmin(axis=2)"), ("windows.max(axis=2)", "windows.min(axis=2)")),
    ),
    Misconception(
        "variance used",
        "noise",
        "distribution",
        "The variance is used as standard deviation.",
        "Take the root.",
        (("0.0, self.deviation, shape", "0.0, self.deviation**2, shape"),),
    ),
)
EXERCISES = {exercise.name: exercise for exercise in (scale, peak, doubling, noise, adaptive)}
TOPIC = Topic("tiny", tuple(EXERCISES.values()), MISCONCEPTIONS, "# Tiny\n", "digest")


def topic_of(*exercises: Exercise, misconceptions: Sequence[Misconception] = ()) -> Topic:
    """A topic with other exercises on the same reference file."""
    return Topic("tiny", exercises, tuple(misconceptions), "# Tiny\n", "digest")


def reference_in(folder: Path, launcher: Launcher, text: str = REFERENCE) -> Reference:
    """The folder as a reference folder with this text in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.py").write_text(text, encoding="utf-8")
    return Reference(folder, launcher)


class Tiny:
    """Frozen bundles of the tiny course, and verdicts on sources in the place of its reference."""

    def __init__(self, folder: Path, launcher: Launcher) -> None:
        self.launcher = launcher
        self.reference = reference_in(folder, launcher)
        self._bundles: dict[str, Bundle] = {}

    def freeze(self, exercise: str, kind: str = "hidden", secret: bytes = SECRET) -> Bundle:
        """A new bundle."""
        return Freezer(TOPIC, EXERCISES[exercise], self.reference, kind, secret).freeze()  # type: ignore[arg-type]

    def bundle(self, exercise: str) -> Bundle:
        """The hidden bundle, made once, as it is read from its file."""
        if exercise not in self._bundles:
            self._bundles[exercise] = decode(encode(self.freeze(exercise)), exercise)
        return self._bundles[exercise]

    def judge(
        self,
        exercise: str,
        source: str,
        policy: Policy | None = None,
        limits: Limits | None = None,
        launcher: Launcher | None = None,
    ) -> ExerciseResult:
        """What a submission with this source gets."""
        wanted = asked(Course(title="tiny"), [self.bundle(exercise)])[0]
        loaded = Source({"tiny.py": source.encode()}, "tiny.py", {}, ("numpy",))
        with Session(launcher or self.launcher, loaded, limits or Limits()) as session:
            return judge_exercise(wanted, session, policy or Policy())

    def mutant(self, exercise: str, *edits: tuple[str, str], policy: Policy | None = None) -> ExerciseResult:
        """What the reference gets with these edits."""
        return self.judge(exercise, mutated(*edits), policy)


def mutated(*edits: tuple[str, str]) -> str:
    """The reference's text with edits, each of which must hit once."""
    text = REFERENCE
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the reference"
        text = text.replace(old, new)
    return text


def verdicts(result: ExerciseResult) -> dict[str, str]:
    """Check to verdict."""
    return {check.name: check.verdict for check in result.checks}


def lost(result: ExerciseResult) -> set[str]:
    """The checks that lost points."""
    return {check.name for check in result.checks if check.points < check.max_points}


def check_of(result: ExerciseResult, name: str) -> CheckResult:
    """One check's result."""
    return next(check for check in result.checks if check.name == name)


def first_code(result: ExerciseResult, name: str) -> str:
    """The code of a check's first finding, "" without one."""
    findings = check_of(result, name).findings
    return findings[0].code if findings else ""


def normals(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Reproducible standard normals."""
    return np.random.default_rng(seed).standard_normal(shape)
