"""Verdicts and scores as data. Every sink renders these values, so totals agree wherever they appear."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from .text import figure

Verdict = Literal[
    "pass",
    "partial",
    "fail",
    "blocked",
    "timeout",
    "crash",
    "protocol error",
    "nondeterministic",
    "missing",
    "skipped",
    "grader fault",
]
DIGITS = 4, 8, 12, 17
LINES, INPUTS = 12, 6  # of an example that are shown: enough for a function of several arrays and what led to it
BY_HAND = "By hand: "  # so begins a hint that is a recipe, and holds no number of any case
Plain = Any  # None, bool, int, float, str, and lists and dicts of these: what JSON can say


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """An array (or number, or anything else) as evidence. `values` is row-major and may be cut short."""

    text: str
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    values: tuple[bool | float | str, ...] = ()


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """The smallest failing case as numbers: what went in, what came out, what was expected.

    `differs` holds the row-major positions (into `got.values`) that are wrong.
    """

    inputs: tuple[tuple[str, Shown], ...] = ()
    code: tuple[str, ...] = ()
    got: Shown | None = None
    expected: Shown | None = None
    differs: tuple[int, ...] = ()
    file: str = ""
    line: int = 0
    source: str = ""
    cell: int = 0  # of a notebook, from 1; then `line` is the line in it

    @property
    def place(self) -> str:
        """ "line 5", in a notebook "cell 3, line 5"."""
        return f"cell {self.cell}, line {self.line}" if self.cell else f"line {self.line}"

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The lines of code that are shown: the last ones, where they are many."""
        return self.code if len(self.code) <= LINES else ("...", *self.code[1 - LINES :])

    @property
    def first_inputs(self) -> tuple[tuple[str, Shown], ...]:
        """The arrays that are shown."""
        return self.inputs[:INPUTS]

    @property
    def digits(self) -> int:
        """How many digits of a float are shown: the fewest in which all wrong entries look wrong."""
        if self.got is None or self.expected is None:
            return DIGITS[0]
        both = list(zip(self.got.values, self.expected.values, strict=False))
        pairs = [both[place] for place in self.differs if place < len(both)]
        different = (digits for digits in DIGITS if all(figure(a, digits) != figure(b, digits) for a, b in pairs))
        return next(different, DIGITS[0])


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong: a stable code for machines, a sentence and a hint for people.

    `visible` is False where the case is hidden from students; sinks then follow the feedback policy.
    """

    code: str
    sentence: str
    hint: str = ""
    case: dict[str, Plain] = {}
    case_name: str = ""
    evidence: Evidence | None = None
    visible: bool = False
    misconception: str = ""


class CheckResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """Verdict of one check of an exercise: `passed` of `cases` were right, `wrong` are the others' numbers."""

    name: str
    verdict: Verdict
    points: float
    max_points: float
    passed: int = 0
    cases: int = 0
    findings: tuple[Finding, ...] = ()
    wrong: tuple[int, ...] = ()


class ExerciseResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """Score of one exercise of one submission."""

    exercise: str
    title: str
    file: str
    verdict: Verdict
    points: float
    max_points: float
    checks: tuple[CheckResult, ...] = ()
    notes: tuple[str, ...] = ()
    bundle: str = ""
    cpu_seconds: float = 0.0


class Isolation(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the student's code was kept apart: rung of the ladder, layers that held, what stays open."""

    rung: int
    layers: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


class Adjustment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Points that an instructor (`override`) or the late policy (`late`) adds to a score, or takes away.

    `exercise` is "" where it is about the whole; the points of an exercise hold its adjustment already. `was` is the
    score before.
    """

    kind: Literal["override", "late"]
    exercise: str
    points: float
    was: float
    reason: str = ""


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that is known about one graded submission. `feedback` is what its student may see of hidden cases."""

    submission: str
    course: str
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[str, ...] = ()
    isolation: Isolation = Isolation(0)
    versions: dict[str, str] = {}
    feedback: str = "hint"
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def points(self) -> float:
        """Sum over the exercises and what was adjusted of the whole, rounded as it is printed."""
        adjusted = [adjustment.points for adjustment in self.adjustments if not adjustment.exercise]
        return total([*(result.points for result in self.exercises), *adjusted])

    @property
    def max_points(self) -> float:
        """Highest possible sum."""
        return total(result.max_points for result in self.exercises)

    @property
    def complete(self) -> bool:
        """False where a grader fault asks for a rerun."""
        return all(result.verdict != "grader fault" for result in self.exercises)


def total(points: Iterable[float]) -> float:
    """Sum of points, exact to the two decimals in which points are given."""
    return round(math.fsum(points), 2)
