"""Fingerprints of outcomes: three numbers that tell arrays apart, so that a bundle need not keep every wrong one."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grader.running.probes import Trace, as_array, as_numbers, error_of
from grader.worker.probe import Returned

if TYPE_CHECKING:
    from grader.bundle import FrozenPlan

CLOSE = 1e-8
NOTHING = 0.0
LARGEST = 1 << 22  # entries; of larger arrays the shape has to do
KEPT = 1 << 14  # entries
TEXT = 1000  # characters of other values; a list of a network's layers has some hundred


def _directions(size: int) -> NDArray[np.float64]:
    """(2, size): kept for sizes that come again; a student's large ones would fill the memory."""
    return _kept(size) if size <= KEPT else _drawn(size)


def _drawn(size: int) -> NDArray[np.float64]:
    return np.random.Generator(np.random.PCG64(size)).uniform(0.5, 1.0, (2, size)) * np.where(
        np.random.Generator(np.random.PCG64(size + 1)).random((2, size)) < 0.5, -1, 1
    )


_kept = lru_cache(maxsize=512)(_drawn)


def fingerprint(trace: Trace, step: int, random: bool = False) -> tuple[float, float, float]:
    """(what kind of outcome, two random projections): equal for equal outcomes, whatever their order of summation.

    The kind is positive for results, negative for exceptions, and 0 where there is neither. Of `random` arrays: (what
    kind of outcome, root mean square, kurtosis and balance of signs).
    """
    if step < 0 or trace.death:
        return (NOTHING, 0.0, 0.0)
    outcome = trace.outcomes[step]
    if not isinstance(outcome, Returned):
        error = error_of(trace, step)
        return (-_name(f"raised {error.type}") if error else NOTHING, 0.0, 0.0)
    return mark(trace.values[step], random)


def mark(value: Any, random: bool = False) -> tuple[float, float, float]:
    """The fingerprint of a result."""
    array = as_numbers(value) if isinstance(value, list | tuple) else as_array(value)
    if array is None or array.dtype.kind == "c":
        return (_name(f"value {_start(value)}"[:TEXT]), 0.0, 0.0)
    if not 0 < array.size <= LARGEST:
        return (_name(f"array {array.shape}"), 0.0, 0.0)
    if random:
        return (_name(f"array {array.shape}"), *_statistic(np.asarray(array, dtype=np.float64)))
    with np.errstate(invalid="ignore", over="ignore"):
        first, second = _directions(array.size) @ np.asarray(array, dtype=np.float64).ravel()
    return (_name(f"array {array.shape}"), float(first), float(second))


def _statistic(array: NDArray[np.float64]) -> tuple[float, float]:
    with np.errstate(all="ignore"):  # numbers of NumPy throughout: Python's raise where these overflow
        centred = array.ravel() - array.mean()
        variance, square = (centred**2).mean(), (array**2).mean()
        if not variance:
            return float(np.sqrt(square)), 0.0
        balance = (array * np.abs(array)).mean() / square  # 1 where all are positive, 0 around 0
        return float(np.sqrt(square)), float((centred**4).mean() / variance**2 + 4 * balance)


def _start(value: Any) -> str:
    """The beginning of `repr(value)`; a list of thousands of arrays would take minutes as a whole."""
    if not isinstance(value, list | tuple):
        return repr(value)
    parts: list[str] = []
    for item in value:
        parts.append(_start(item))
        if sum(map(len, parts)) > TEXT:
            break
    inner = ", ".join(parts)
    if isinstance(value, list):
        return f"[{inner}]"
    return f"({inner},)" if len(value) == 1 else f"({inner})"


def _name(text: str) -> float:
    return float(zlib.crc32(text.encode()) + 1)


def has_results(marks: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows of (..., 3) are results; an attribute that is still None is none."""
    return np.asarray((marks[..., 0] > 0) & (marks[..., 0] != mark(None)[0]))


def table(plan: FrozenPlan, label: str, traces: Sequence[Trace]) -> NDArray[np.float64]:
    """(probes, 3): the fingerprints of one label over a plan."""
    steps = [frozen.probe.labels.get(label, -1) for frozen in plan.probes]
    return np.array([fingerprint(trace, step, plan.random) for trace, step in zip(traces, steps, strict=True)]).reshape(
        -1, 3
    )


def similar(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows of (..., 3) have the same statistic, within the accuracy of thousands of draws."""
    size = np.abs(left[..., 1] - right[..., 1]) <= 0.06 * np.maximum(left[..., 1], right[..., 1])
    form = np.abs(left[..., 2] - right[..., 2]) <= 0.4
    return np.asarray((left[..., 0] == right[..., 0]) & size & form)


def same(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows of (..., 3) are equal outcomes; two that are not there, or not finite twice, are."""
    size = np.maximum(np.abs(left[..., 1:]).max(-1), np.abs(right[..., 1:]).max(-1))
    with np.errstate(invalid="ignore"):
        close = (np.abs(left[..., 1:] - right[..., 1:]) <= CLOSE * size[..., None] + 1e-13).all(-1)
    finite, also = (np.isfinite(side[..., 1:]).all(-1) for side in (left, right))
    close = np.where(finite & also, close, finite == also)  # an infinite size would make everything close
    return np.asarray((left[..., 0] == right[..., 0]) & close)
