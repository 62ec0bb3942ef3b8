"""Compares what came back with what was expected, a whole bank in one stroke."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.running.probes import Array, Probe, Trace, as_array, as_numbers, error_of
from grader.worker.probe import Opaque, Returned

if TYPE_CHECKING:
    from grader.bundle import FrozenPlan

RTOL = 1e-9  # float64 against the largest value of the array: about 10^6 roundings
RTOL_FLOAT32 = 3e-5
IMPRECISE = 1e-6  # float64 arrays that are right to single precision only: float32 was used on the way
ATOL_FLOAT32 = 1e-6
RTOL_FLOAT16, ATOL_FLOAT16 = 2e-3, 1e-6  # two roundings to half precision; sums are done in more digits
CANCELLED = 4  # so many such cases for one with a larger error, as where large terms cancel
TINY = 1e-12
SINGLE = frozenset({"float16", "float32", "imprecise"})
RIGHT = frozenset({"ok"}) | SINGLE
_FLOAT64 = np.dtype(np.float64)


class Targets:
    """The expected values of one label over a plan, laid end to end."""

    def __init__(self, plan: FrozenPlan, label: str) -> None:
        self.label = label
        self.steps = [frozen.probe.labels.get(label, -1) for frozen in plan.probes]
        self.expected = [frozen.expected.get(label) for frozen in plan.probes]

    @cached_property
    def arrays(self) -> list[Array | None]:
        """Per probe the expected array, or None."""
        return [None if expected is None else expected.array for expected in self.expected]

    @cached_property
    def scales(self) -> list[float]:
        """Per probe what errors are relative to: the largest absolute value; 0 for integers, which must be exact."""
        return [_scale(array) for array in self.arrays]


def _scale(array: Array | None) -> float:
    return 0.0 if array is None or not array.size or array.dtype.kind in "iu" else float(np.max(np.abs(array)))


class Comparison(NamedTuple):
    """One code per probe ("" where the plan has no such label): ok, float32, float16, imprecise, or how it is wrong."""

    codes: list[str]

    @property
    def judged(self) -> list[int]:
        """The probes that count."""
        return [number for number, code in enumerate(self.codes) if code]

    @property
    def wrong(self) -> list[int]:
        """The probes that are not right."""
        return [number for number, code in enumerate(self.codes) if code and code not in RIGHT]

    @property
    def single(self) -> bool:
        """Whether something is right to single precision only."""
        return not SINGLE.isdisjoint(self.codes)

    @property
    def share(self) -> float:
        """Right ones among the judged; 0 where nothing was judged."""
        judged = len(self.judged)
        return (judged - len(self.wrong)) / judged if judged else 0.0


def compare(targets: Targets, traces: Sequence[Trace], rtol: float = RTOL) -> Comparison:
    """Codes for every probe of a plan."""
    codes: list[str] = []
    numeric: list[tuple[int, Array, Array]] = []
    for number, (trace, step) in enumerate(zip(traces, targets.steps, strict=True)):
        if step < 0:
            codes.append("")
            continue
        code, array = _look(trace, step, targets, number, rtol)
        codes.append(code)
        if array is not None:
            numeric.append((number, array, targets.arrays[number]))  # type: ignore[arg-type]
    for number, code in _numeric(numeric, targets, rtol):
        codes[number] = code
    return Comparison(_settled(codes, rtol))


def _settled(codes: list[str], rtol: float) -> list[str]:
    """Single precision explains a larger error in few cases only; as a rule such an error is a wrong value."""
    usual = codes.count("imprecise") + (codes.count("ok") if rtol > RTOL else 0)
    few = usual >= CANCELLED * codes.count("cancelled")
    return ["imprecise" if few and code == "cancelled" else code.replace("cancelled", "wrong") for code in codes]


def _look(trace: Trace, step: int, targets: Targets, number: int, rtol: float) -> tuple[str, Array | None]:
    """A code at once, or the array that has to be compared."""
    expected = targets.expected[number]
    assert expected is not None
    if trace.death:
        return trace.death, None
    outcome = trace.outcomes[step]
    if not isinstance(outcome, Returned):
        error = error_of(trace, step)  # in this step, or in an earlier one that it needs
        return ("ok" if error and expected.raised and expected.raised in error.bases else "raised"), None
    if expected.raised:
        return "accepted", None
    value = trace.values[step]
    if expected.array is None:
        return ("ok" if plain_equal(value, expected.plain, rtol) else "other"), None
    array = as_array(value)
    if array is None:
        return ("none" if value is None else "type"), None
    if array.shape != expected.array.shape:
        return "shape", None
    if array.dtype.kind == "c":
        return "complex", None
    if array.ndim and expected.array.dtype.kind in "iu" and array.dtype.kind == "f":
        return "floats", None
    return "", array


def _numeric(items: list[tuple[int, Array, Array]], targets: Targets, rtol: float) -> list[tuple[int, str]]:
    """Codes for arrays of the right shape: one concatenation, one comparison."""
    filled = [item for item in items if item[1].size]
    codes = [(number, "ok") for number, array, _ in items if not array.size]
    if not filled:
        return codes
    got = np.concatenate([array.ravel() for _, array, _ in filled], dtype=np.float64, casting="unsafe")
    want = np.concatenate([expected.ravel() for _, _, expected in filled], dtype=np.float64, casting="unsafe")
    sizes = [array.size for _, array, _ in filled]
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    scales = np.array([targets.scales[number] for number, _, _ in filled])
    with np.errstate(invalid="ignore", over="ignore"):
        worst = np.maximum.reduceat(np.abs(got - want), starts)
    right = worst <= rtol * scales + TINY
    for (number, array, _), fine, error, scale in zip(filled, right.tolist(), worst, scales, strict=True):
        quick = fine and array.dtype is _FLOAT64
        codes.append((number, "ok" if quick else grade(float(error), float(scale), array.dtype, rtol)))
    return codes


def grade(error: float, scale: float, dtype: np.dtype[Any], rtol: float = RTOL) -> str:
    """Code for the largest error of an array whose largest expected value is `scale`; NaN is never right.

    "cancelled" is "imprecise" or "wrong": the other cases tell.
    """
    narrow = {2: "float16", 4: "float32"}.get(dtype.itemsize, "") if dtype.kind == "f" else ""
    if error <= rtol * scale + TINY and not narrow:
        return "ok"
    near, least = (RTOL_FLOAT16, ATOL_FLOAT16) if narrow == "float16" else (RTOL_FLOAT32, ATOL_FLOAT32)
    if narrow and error <= max(rtol, near) * scale + least:
        return narrow
    if error <= IMPRECISE * scale and rtol < IMPRECISE:
        return "imprecise"
    if error <= RTOL_FLOAT32 * scale + ATOL_FLOAT32 and rtol < IMPRECISE:
        return "cancelled"
    return "wrong" if np.isfinite(error) else "nan"


def plain_equal(got: Any, expected: Any, rtol: float = RTOL) -> bool:
    """Equality of data that is no array: tuples and lists alike, objects by their class's name, numbers by value.

    A list of floats may be an array, and may differ by `rtol` of its largest; so may an array among other data, which
    is frozen as a list of lists.
    """
    if isinstance(got, np.ndarray) and got.shape == (0,) and isinstance(expected, list):
        return not expected
    if isinstance(got, np.ndarray) and got.ndim > 1 and isinstance(expected, list):
        return _array_equal(got, expected, rtol)
    floats = as_numbers(expected)
    if floats is not None and any(isinstance(item, float) for item in expected):
        mine, near = as_numbers(got), rtol * float(np.max(np.abs(floats)))
        return mine is not None and mine.shape == floats.shape and bool(np.all(np.abs(mine - floats) <= near))
    if isinstance(got, Opaque):
        return isinstance(expected, str) and got.text == expected
    if isinstance(expected, list | tuple):
        same = isinstance(got, list | tuple) and len(got) == len(expected)
        return same and all(plain_equal(g, e, rtol) for g, e in zip(got, expected, strict=True))
    array = as_array(got)
    if array is not None and isinstance(expected, bool | int | float):
        return array.ndim == 0 and bool(array == expected)
    return type(got) is type(expected) and bool(got == expected)


def _array_equal(got: Array, expected: list[Any], rtol: float) -> bool:
    try:
        wanted = np.array(expected, dtype=np.float64)
    except (ValueError, TypeError):  # lists of different lengths, texts
        return False
    if got.dtype.kind == "c" or got.shape != wanted.shape:
        return False
    return bool(np.all(np.abs(got - wanted) <= rtol * np.max(np.abs(wanted), initial=0.0)))


def array_at(trace: Trace, probe: Probe, label: str) -> NDArray[np.float64] | None:
    """The real array that a labelled step reported, as float64, or None."""
    step = probe.labels.get(label, -1)
    return as_floats(None if step < 0 or trace.death else as_array(trace.values[step]))


def as_floats(array: Array | None) -> NDArray[np.float64] | None:
    """A real array as float64, of which differences can be taken: truth values have none; else None."""
    return None if array is None or array.dtype.kind == "c" else np.asarray(array, dtype=np.float64)
