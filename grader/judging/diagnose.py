"""Says how one array differs from another: a multiple, a sign, flipped, transposed, only at the border ..."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CLOSE = 1e-8
PARTLY = frozenset({"border", "some items", "some channels", "some entries"})
KINDS = PARTLY | {"not finite", "zero", "sign", "multiple", "flipped", "transposed", "reshaped", "shifted", "order"}
KINDS |= {"offset", "values"}


class Difference(NamedTuple):
    """Code, a clause that completes "the result is ...", and a hint."""

    code: str
    clause: str
    hint: str = ""


def difference(got: Floats, expected: Floats, what: str = "expected", batch: int | None = None) -> Difference:
    """How `got` differs from `expected`; both have the same shape and are finite in `expected`.

    batch: the number of items on the first axis, 0 where that is none of items; None: unknown, so it may be one.
    """
    if not np.isfinite(got).all():
        count = int((~np.isfinite(got)).sum())
        return Difference(
            "not finite", f"not a finite number in {count} of {got.size} entries", "Look for a division by 0."
        )
    scale = float(np.max(np.abs(expected))) if expected.size else 0.0
    if not got.any() and scale:
        return Difference("zero", "zero everywhere", "Is the result computed but not returned or not added up?")
    for test in (_multiple, _reordered, _offset, _partly):
        found = test(got, expected, scale, batch)
        if found:
            return found
    return Difference("values", f"not what is {what}")


def _close(a: Floats, b: Floats, scale: float) -> bool:
    return bool(np.all(np.abs(a - b) <= CLOSE * max(scale, 1e-12)))


def _multiple(got: Floats, expected: Floats, scale: float, batch: int | None) -> Difference | None:
    norm = float((expected * expected).sum())
    factor = float((got * expected).sum()) / norm if norm else 0.0
    if not factor or got.size < 2 or not _close(got, factor * expected, abs(factor) * scale):
        return None
    nice = round(factor, 6)
    if nice == -1:
        return Difference("sign", "exactly minus what is expected", "Look for a sign that is the wrong way round.")
    if batch and batch > 1 and abs(factor * batch - 1) < 1e-9:
        clause = f"what is expected divided by the batch size (here exactly {nice:g} times what is expected)"
        hint = f"1/{batch} is the batch size here: gradients are summed over the batch, the mean belongs to the loss."
        return Difference("multiple", clause, hint)
    hint = f"Something is multiplied by {nice:g} too often."
    if abs(factor - 2) < 1e-9:
        hint = "Is something added twice, or kept from an earlier call?"
    return Difference("multiple", f"exactly {nice:g} times what is expected", hint)


def _reordered(got: Floats, expected: Floats, scale: float, batch: int | None) -> Difference | None:
    axes = range(expected.ndim)
    names = {0: "first", 1: "second", 2: "third", 3: "fourth"}
    for count in (1, 2):
        for chosen in itertools.combinations(axes, count):
            if _close(got, np.flip(expected, chosen), scale):
                where = " and ".join(names.get(axis, str(axis)) for axis in chosen)
                return Difference(
                    "flipped",
                    f"what is expected, but flipped along the {where} axis",
                    "Is a [::-1] missing or too many?",
                )
    for first, second in itertools.combinations(axes, 2):
        swapped = np.swapaxes(expected, first, second)
        if swapped.shape == got.shape and expected.shape[first] > 1 and _close(got, swapped, scale):
            return Difference(
                "transposed",
                f"what is expected, but with axes {first} and {second} swapped",
                "Check the order of the axes.",
            )
        if swapped.shape != got.shape and _close(got, np.ascontiguousarray(swapped).reshape(got.shape), scale):
            return Difference(
                "reshaped",
                "made of the right numbers in the wrong order",
                "reshape does not move axes; transpose first.",
            )
    inner = axes[2:] if expected.ndim > 2 else axes[1:]  # neither the batch nor the channels
    for axis in axes if batch == 0 else axes[: inner.start]:
        for step, ends in ((1, "the last entry first"), (-1, "the first entry last")):
            if expected.shape[axis] > 2 and _close(got, np.roll(expected, step, axis), scale):
                clause = f"what is expected, but moved on by one along axis {axis}, {ends}"
                return Difference("order", clause, f"Check the order of what lies along axis {axis}.")
    for axis in inner:
        for step in (1, -1):
            if expected.shape[axis] > 2:
                middle = [slice(None)] * expected.ndim
                middle[axis] = slice(1, -1)
                seen, wanted = got[tuple(middle)], np.roll(expected, step, axis)[tuple(middle)]
                if np.count_nonzero(seen) > 1 and _close(seen, wanted, scale):  # a lone number proves nothing
                    return Difference(
                        "shifted",
                        f"what is expected, but shifted by one along axis {axis}",
                        "Check where windows begin: at the padding, if there is any, and at the offsets of slices.",
                    )
    if expected.size > 1 and _close(np.sort(got, axis=None), np.sort(expected, axis=None), scale):
        return Difference("order", "made of the right numbers in the wrong order", "Check the order of axes and loops.")
    return None


def _offset(got: Floats, expected: Floats, scale: float, batch: int | None) -> Difference | None:
    gap = got - expected
    if expected.ndim >= 2 and max(expected.shape[:2]) > 1:  # a few numbers are off by "the same" by chance
        axes = tuple(axis for axis in range(expected.ndim) if axis != 1)
        constant = gap.mean(axis=axes, keepdims=True)
        if _close(gap, np.broadcast_to(constant, gap.shape), scale) and got.size > 2 * expected.shape[1]:
            return Difference(
                "offset", "off by the same amount everywhere in a channel", "Is the bias missing or added twice?"
            )
    return None


def _partly(got: Floats, expected: Floats, scale: float, batch: int | None) -> Difference | None:
    wrong = np.abs(got - expected) > CLOSE * max(scale, 1e-12)
    count = int(wrong.sum())
    if count == wrong.size or count == 0:
        return None
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = f"wrong in {count} of {wrong.size} entries, the first at index {list(first)}"
    if expected.ndim >= 3:
        inner = (slice(None), slice(None), *(slice(1, -1),) * (expected.ndim - 2))
        if wrong[inner].size and not wrong[inner].any() and count >= min(expected.shape[2:]):
            return Difference(
                "border",
                f"wrong only at the border of the image ({count} of {wrong.size} entries)",
                "Look at the padding and at the last window.",
            )
    if batch == 0:  # the axes are no items and channels
        return Difference("some entries", where)
    if expected.ndim >= 2 and expected.shape[0] > 1:
        items = np.asarray(wrong.reshape(expected.shape[0], -1).any(axis=1))
        if items.sum() < items.size:
            listed = "s" * bool(items.sum() > 1) + " " + ", ".join(map(str, np.flatnonzero(items)[:4]))
            return Difference(
                "some items",
                f"wrong only in item{listed} of the batch ({where})",
                "Does a loop over the batch leave early, or use only one item?",
            )
    if expected.ndim >= 2 and expected.shape[1] > 1:
        channels = np.asarray(np.moveaxis(wrong, 1, 0).reshape(expected.shape[1], -1).any(axis=1))
        if channels.sum() < channels.size:
            listed = "s" * bool(channels.sum() > 1) + " " + ", ".join(map(str, np.flatnonzero(channels)[:4]))
            return Difference("some channels", f"wrong only in channel{listed} ({where})", "")
    return Difference("some entries", where)
