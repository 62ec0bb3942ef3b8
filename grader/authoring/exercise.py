"""An exercise as its author declares it: frozen values and plain functions, nothing to subclass or to register."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from grader.errors import CourseError
from grader.judging.checks import Check
from grader.judging.checks.base import Base

from .script import Script

Case = Any  # a NamedTuple of small numbers and choices
Edit = tuple[str, str]


@dataclass(frozen=True)
class Plan:
    """How probes are made: a script for every case, or for `cases` of them spread over the bank from small to large.

    `cases` may also be a sequence of this plan's own cases. `when` leaves cases out. `variants` names edits of the
    reference whose results are frozen as well, as `label|variant`. `random` results are recognised by their statistic.
    """

    script: Callable[[Script, Case], None]
    cases: int | Sequence[Case] = 100
    when: Callable[[Case], bool] = lambda case: True
    variants: Mapping[str, Sequence[Edit]] = field(default_factory=dict)
    random: bool = False


@dataclass(frozen=True)
class Example:
    """A visible case with given arrays, such as a lecture's worked example; part of the plans that it names."""

    name: str
    case: Case
    arrays: Mapping[str, Any]
    plans: tuple[str, ...] = ("main",)


@dataclass(frozen=True)
class Misconception:
    """A wrong variant of the reference, as small edits of its source, and what to tell the student who has it.

    `exercise` and `check` say where it must lose points first. `edits` replace text that stands exactly once in the
    source of the exercise's symbols (or else of the file). `sentence` says what the code does, `hint` what to think
    about. `also` names other checks that rightly lose points with it; the exam demands that no further one does.
    """

    name: str
    exercise: str
    check: str
    sentence: str
    hint: str
    edits: tuple[Edit, ...]
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        where = f"misconception {self.name!r}"
        pairs = isinstance(self.edits, tuple) and all(_texts(edit) and len(edit) == 2 for edit in self.edits)
        _need(pairs, f"{where}: edits is {self.edits!r}, expected a tuple of pairs of texts, such as ((old, new),)")
        _need(_texts(self.also), f"{where}: also is {self.also!r}, expected a tuple of names of checks")


@dataclass(frozen=True)
class Exercise:
    """One class or group of functions, the unit that is scored.

    `cases` is a Hypothesis strategy for the case tuples; `examples` come first. `plans` by name; `checks` refer to
    them. `size` orders cases from small to large (default: by the numbers of array elements). `needs` names other files
    of the student that the exercise is about. `public` is the number of drawn cases that students get.
    """

    name: str
    title: str
    symbols: tuple[str, ...]
    plans: Mapping[str, Plan]
    checks: tuple[Check, ...]
    cases: Any = None
    examples: tuple[Example, ...] = ()
    needs: tuple[str, ...] = ()
    public: int = 6
    count: int = 100

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        where = f"exercise {self.name!r}"
        _need(self.name.isidentifier() and self.name.islower(), f"{where}: name must be a lower-case identifier")
        for key in ("symbols", "needs"):
            names = getattr(self, key)
            _need(_texts(names), f"{where}: {key} is {names!r}, expected a tuple of names, such as ('Conv',)")
        _need(bool(self.symbols), f"{where}: symbols must name at least one class or function, got none")
        _need(isinstance(self.checks, tuple), f"{where}: checks is no tuple; one check stands in it with a comma")
        _need(bool(self.checks), f"{where}: checks must hold at least one check, got none")
        for name, planned in self.plans.items():
            got = type(planned).__name__
            _need(isinstance(planned, Plan), f"{where}: plan {name!r} is a {got}, expected Plan(script)")
        for check in self.checks:
            wrong = _mistyped(check)
            _need(not wrong, f"{where}, check {getattr(check, 'name', check)!r}: {wrong}")
        names = [check.name for check in self.checks]
        _need(len(set(names)) == len(names), f"{where}: two checks have the same name among {names}")
        for check in self.checks:
            _need(
                check.plan in self.plans,
                f"{where}, check {check.name!r}: plan is {check.plan!r}, expected one of {sorted(self.plans)}",
            )
            _need(check.points >= 0, f"{where}, check {check.name!r}: points is {check.points}, expected 0 or more")
            for what in ("after", "tried", "forward"):
                other = getattr(check, what, "")
                _need(
                    not other or other in names,
                    f"{where}, check {check.name!r}: {what} is {other!r}, expected one of {names}",
                )
        for example in self.examples:
            for plan in example.plans:
                _need(plan in self.plans, f"{where}, example {example.name!r}: there is no plan {plan!r}")


def _texts(value: Any) -> bool:
    """Whether a value is a tuple of texts; a text alone, where a comma was forgotten, is not."""
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _mistyped(check: Any) -> str:
    """Which field of a check has a value of a wrong type, "" where all are right."""
    if not isinstance(check, Base):
        return f"got {type(check).__name__}, expected a check such as Values"
    try:
        msgspec.convert(msgspec.to_builtins(check), type(check))
    except (msgspec.ValidationError, TypeError) as error:
        text, _, field = str(error).partition(" - at `$.")
        return f"{field.rstrip('`')}: {text[:1].lower()}{text[1:]}"
    return ""


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CourseError(otherwise + ".")


class Topic(NamedTuple):
    """A folder in `exercises/`: its exercises and misconceptions, and the reference file that they are about.

    `requires` are packages that its file needs besides NumPy; where one is not installed, the topic is left out.
    """

    name: str
    exercises: tuple[Exercise, ...]
    misconceptions: tuple[Misconception, ...]
    handout: str
    digest: str
    order: int = 1000
    requires: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file that students hand in."""
        return f"{self.name}.py"
