"""Looks at a check beside the probes of its plan: labels, arrays and facts that it speaks of must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.bundle import FrozenProbe
from grader.errors import CourseError
from grader.judging.checks import Check, Distribution, Gradient, LayerUpdates, Raises, Relations

from .exercise import Exercise

FAMILIES = ("normal", "uniform", "choice")


def vet(check: Check, probes: Sequence[FrozenProbe], where: str) -> None:
    """CourseError, which begins with `where`, says what is not there, what was got and what there is."""
    everywhere = isinstance(check, Relations | LayerUpdates)  # of the others, what a case lacks is not judged
    sets = [{*frozen.probe.labels} for frozen in probes]
    there = set.intersection(*sets) if everywhere else set.union(*sets)
    for label in _labels(check):
        if label not in there:
            text = f"{where}: no script of plan {check.plan!r} has the label {label!r}"
            if label in set.union(*sets):
                text = f"{where}: not all scripts of plan {check.plan!r} have the label {label!r}"
            raise CourseError(f"{text}, expected one of {sorted(there)}.")
    if isinstance(check, Gradient):
        arrays = set.union(*({*frozen.probe.arrays} for frozen in probes))
        if check.wrt not in arrays:
            raise CourseError(f"{where}: wrt is {check.wrt!r}, expected an array of its scripts, {sorted(arrays)}.")
    if isinstance(check, Distribution):
        for frozen in probes:
            _vet_draws(check, frozen, where)


def vet_exceptions(exercise: Exercise, plans: Mapping[str, Sequence[FrozenProbe]], where: str) -> None:
    """CourseError where the reference raises ValueError although no check asks for exceptions: it is a mistake then."""
    asked = {check.plan for check in exercise.checks if isinstance(check, Raises)}
    for name, probes in plans.items():
        for frozen in probes if name not in asked else ():
            for label, expected in frozen.expected.items():
                if expected.raised:
                    shapes = {key: array.shape for key, array in frozen.probe.arrays.items()}
                    raise CourseError(
                        f"{where}, plan {name!r}: the reference raises {expected.raised} in place of {label!r}, for "
                        f"arrays of shapes {shapes}; expected a result, as no check Raises looks at this plan."
                    )


def _labels(check: Check) -> Iterator[str]:
    yield from check.labels
    if isinstance(check, Gradient):
        yield check.output
    if isinstance(check, Distribution) and check.again:
        yield check.again


def _vet_draws(check: Distribution, frozen: FrozenProbe, where: str) -> None:
    expected = frozen.expected.get(check.label)
    if expected is not None and expected.array is None:
        raise CourseError(f"{where}: {check.label!r} is no array of numbers, of which a distribution could be seen.")
    wrong = _odd_facts(frozen.facts)
    if wrong:
        raise CourseError(f"{where}: the script's facts are {frozen.facts!r}, expected {wrong}.")


def _odd_facts(facts: dict[str, Any]) -> str:
    """What is expected where the facts describe no distribution, else ""."""
    if facts.get("family") not in FAMILIES:
        return f"a family of {list(FAMILIES)}"
    if facts["family"] != "choice":
        numbers = all(isinstance(facts.get(key), int | float) for key in ("mean", "deviation"))
        return "" if numbers and facts["deviation"] > 0 else "a mean and a positive deviation"
    values, shares = facts.get("values"), facts.get("shares")
    if not isinstance(values, list | tuple) or len({*values}) < 2 or len({*values}) < len(values):
        return "values, at least two different numbers"
    fits = shares is None or (len(shares) == len(values) and min(shares) > 0 and np.isclose(sum(shares), 1))
    return "" if fits else "shares, a positive number for each of the values, 1 together"
