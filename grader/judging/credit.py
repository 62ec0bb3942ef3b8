"""How much of one check must be there before another one, which builds on it, is judged at all.

Four grades, from much to little. "right": some cases are right, or all wrong in a known way. "alive": an array of the
right shape comes out that depends on more than a copy would; enough to compare results with each other. "accepting":
legal arguments are not refused, so that refusing illegal ones means something. "tried": alive, or an exception of the
student's own lines; neither the empty skeleton nor zeros.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from grader.running.probes import error_of
from grader.worker.probe import Raised

from .compare import RIGHT, array_at

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.checks import Check
    from grader.judging.context import Context

CREDIBLE = 0.2  # of the cases
FEW = 3  # entries: any two numbers are a multiple of any other two, plus a number; losses are single numbers
SHAPED = RIGHT | {"wrong", "nan"}  # codes of arrays of the right shape
SUMMARIES = (np.sum, np.mean, np.min, np.max)
EMPTY = frozenset({"NotImplementedError", "NotAvailable"})
Credit = Literal["right", "alive", "accepting", "tried"]
UNTIL = {
    "right": "is right in some cases",
    "alive": "gives arrays of the right shape that depend on the input",
    "accepting": "accepts legal arguments",
    "tried": "is written and returns more than zeros or a copy",
}


def earned(context: Context, check: Check, credit: Credit) -> bool:
    """Whether a submission has done as much for a check."""
    if credit == "tried":
        return _raising(context, check) or earned(context, check, "alive")
    if credit == "accepting":
        return _written(context, check) and _accepting(context, check)
    right = check.right(context) >= CREDIBLE or context.misconception(check.plan, [check.label]) is not None
    return right or (credit == "alive" and _alive(context, check))


def _raising(context: Context, check: Check) -> bool:
    """Whether a case raises an exception of the student's own lines."""
    errors = (error for _, error in _ends(context, check) if error is not None)
    return any(error.lines and EMPTY.isdisjoint((error.type, *error.bases)) for error in errors)


def _written(context: Context, check: Check) -> bool:
    """Whether a case gives a result, or an exception of the student's own lines."""
    returned = any(error is None and value is not None for value, error in _ends(context, check))
    return returned or _raising(context, check)


def _ends(context: Context, check: Check) -> Iterator[tuple[object, Raised | None]]:
    """What each case ends with: its value, or the exception in the way."""
    for frozen, trace in zip(context.plan(check.plan).probes, context.traces[check.plan], strict=True):
        step = frozen.probe.labels.get(check.label, -1)
        if step >= 0 and not trace.death:
            yield trace.values[step], error_of(trace, step)


def _accepting(context: Context, check: Check) -> bool:
    """Whether enough of the legal cases raise no ValueError."""
    refused = []
    for frozen, trace in zip(context.plan(check.plan).probes, context.traces[check.plan], strict=True):
        step = frozen.probe.labels.get(check.label, -1)
        if step >= 0 and not frozen.expected[check.label].raised:
            error = None if trace.death else error_of(trace, step)
            refused.append(isinstance(error, Raised) and "ValueError" in (error.type, *error.bases))
    return bool(refused) and refused.count(False) >= CREDIBLE * len(refused)


def _alive(context: Context, check: Check) -> bool:
    """Whether enough cases have the right shape, not all with one and the same number or a multiple of the input, nor
    with what follows from the shape alone.
    """
    comparison, probes = context.comparison(check.plan, check.label), context.plan(check.plan).probes
    shaped = [number for number, code in enumerate(comparison.codes) if code in SHAPED]
    if not shaped or len(shaped) < CREDIBLE * len(comparison.judged):
        return False
    arrays = [array_at(context.traces[check.plan][number], probes[number].probe, check.label) for number in shaped]
    got = [array for array in arrays if array is not None]
    entries = np.concatenate([array.ravel() for array in got]) if got else np.zeros(0)
    entries = entries[np.isfinite(entries)]
    if not entries.size or np.ptp(entries) == 0:
        return False
    if not context.plan(check.plan).random and _by_shape([array for array in got if array.size >= FEW]):
        return False
    copies = [
        _copied(array, probes[number])
        for number, array in zip(shaped, arrays, strict=True)
        if array is not None and _telling(probes[number], check.label)
    ]
    return not copies or not all(copies)


def _by_shape(arrays: Sequence[NDArray[Any]]) -> bool:
    """Whether arrays of the same shape, all made of different inputs, are all equal; False where no two have one."""
    first: dict[tuple[int, ...], NDArray[Any]] = {}
    again = [(array, first.setdefault(array.shape, array)) for array in arrays]
    pairs = [pair for pair in again if pair[0] is not pair[1]]
    return bool(pairs) and all(np.array_equal(one, other, equal_nan=True) for one, other in pairs)


def _telling(frozen: FrozenProbe, label: str) -> bool:
    """Whether the right array is more than a copy of what is given."""
    expected = frozen.expected[label].array
    return expected is not None and (expected.ndim == 0 or expected.size >= FEW) and not _copied(expected, frozen)


def _copied(array: NDArray[Any], frozen: FrozenProbe) -> bool:
    """Whether the entries are those of an array that is given, times one number, plus another; 0 times included.

    A single number is a copy where it is the sum, the mean or an extreme entry of an array that is given.
    """
    array = np.asarray(array, dtype=np.float64)  # truth values cannot be subtracted
    given = [np.asarray(other, dtype=np.float64) for other in frozen.probe.arrays.values() if np.size(other)]
    if array.size == 1:
        return any(np.isclose(array.flat[0], number(other), 1e-9) for other in given for number in SUMMARIES)
    multiples = (_multiple(array.ravel(), other.ravel()) for other in given if other.size == array.size)
    return bool(np.ptp(array) == 0) or any(multiples)


def _multiple(left: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
    x, y = left - left.mean(), right - right.mean()
    return bool((x @ y) ** 2 >= (1 - 1e-12) * (x @ x) * (y @ y))
