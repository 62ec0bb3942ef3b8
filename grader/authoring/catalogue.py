"""The catalogue of misconceptions in a bundle: each is run on the whole bank and leaves fingerprints of its results.

One that gives the same as the reference, or as another, on all cases could never be recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.bundle import FrozenPlan
from grader.errors import CourseError
from grader.judging import fingerprints
from grader.running.probes import Probe, Trace

from .exercise import Misconception

Run = Callable[[Sequence[Probe], str | None], list[Trace]]  # of the reference, or of a text in its place
Prints = dict[tuple[str, str], NDArray[np.float64]]  # (plan, label) -> (probes, 3)


class Indistinct(CourseError):
    """A misconception is no different from the reference, or from another, on a whole bank."""


def fingerprinted(
    plans: Sequence[FrozenPlan], variants: Iterable[tuple[Misconception, str]], run: Run, all_must_show: bool
) -> tuple[tuple[FrozenPlan, ...], list[Misconception]]:
    """The plans with fingerprints, and the misconceptions, given with their sources, that these are of.

    Hidden banks must show every misconception; of the few public cases those that do not are left out.
    """
    right = _prints(plans, None, run)
    kept: list[Misconception] = []
    known: list[Prints] = []
    for misconception, source in variants:
        try:
            mine = _prints(plans, source, run)
        except CourseError as error:
            raise CourseError(
                f"misconception {misconception.name!r}, with its edits in the reference: {error}"
            ) from error
        names = ["the reference", *(f"misconception {one.name!r}" for one in kept)]
        equal = [name for name, other in zip(names, [right, *known], strict=True) if _same(mine, other)]
        if equal and all_must_show:
            where = f"exercise {misconception.exercise!r}: misconception {misconception.name!r}"
            raise Indistinct(
                f"{where} equals {equal[0]} in every case of its bank: draw cases in which they differ, or label the "
                "result in which it shows (an array that is changed in place: s.make(x, label=...) afterwards)."
            )
        if not equal:
            kept.append(misconception)
            known.append(mine)
    return tuple(_with_prints(plan, known) for plan in plans), kept


def _prints(plans: Sequence[FrozenPlan], source: str | None, run: Run) -> Prints:
    traces = iter(run([frozen.probe for plan in plans for frozen in plan.probes], source))
    prints: Prints = {}
    for plan in plans:
        part = [next(traces) for _ in plan.probes]
        for label in _labels(plan):
            prints[plan.name, label] = fingerprints.table(plan, label, part)
    return prints


def _same(left: Prints, right: Prints) -> bool:
    return all(fingerprints.same(left[key], right[key]).all() for key in left)


def _with_prints(plan: FrozenPlan, known: Sequence[Prints]) -> FrozenPlan:
    shape = len(known), len(plan.probes), 3
    prints = {label: np.array([one[plan.name, label] for one in known]).reshape(shape) for label in _labels(plan)}
    return msgspec.structs.replace(plan, fingerprints=prints)


def _labels(plan: FrozenPlan) -> list[str]:
    return sorted({label for frozen in plan.probes for label in frozen.probe.labels})
