"""A statistical test of draws from a finite set of numbers, each of which must come as often as its share says.

The false-alarm rate of one test is below 1e-11: for n draws from k numbers, the relative entropy D of the counts to
the shares satisfies P(D >= d) <= exp(-nd) (e n d / (k - 1))^(k - 1) where nd > k - 1 (Agrawal, 2020, "Finite-sample
concentration of the multinomial in relative entropy", theorem 1.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grader.report import Finding

RATE = math.log(1e11)
CLOSE = 1e-6  # the numbers may be the result of a few operations


def uneven(x: NDArray[np.float64], values: Sequence[float], shares: Sequence[float] = ()) -> Finding | None:
    """What does not fit draws from `values`, at least two different numbers, or None.

    `shares` are their probabilities, by default all equal.
    """
    order = np.argsort(np.asarray(values, dtype=np.float64))
    legal = np.asarray(values, dtype=np.float64)[order]
    wanted = np.asarray(shares, dtype=np.float64)[order] if len(shares) else np.full(legal.size, 1 / legal.size)
    nearest = np.abs(x[:, None] - legal).argmin(axis=1)
    n, strange = x.size, np.abs(legal[nearest] - x) > CLOSE
    if strange.any():
        text = f"{np.count_nonzero(strange)} of {n} draws are none of the {legal.size} legal ones."
        return Finding("illegal draw", text, "Work out the smallest and the largest legal number by hand.")
    counts = np.bincount(nearest, minlength=legal.size)
    missing = int(np.count_nonzero(counts == 0))
    if missing == legal.size - 1:
        text = f"All {n} draws are the same."
        return Finding("repeated", text, "Draw a number of its own each time.")
    share, seen = counts / n, counts > 0
    entropy = float(n * (share[seen] * np.log(share[seen] / wanted[seen])).sum())  # n times the relative entropy
    if not _credible(entropy, legal.size):
        return None
    if missing:
        text = f"{missing} of {legal.size} legal draws never come among {n}; the others do."
        return Finding("never drawn", text, "Are both ends there? May the numbers that are drawn together differ?")
    if len(shares):
        text = f"All {legal.size} legal draws come, but not as often as they must."
        return Finding("unequal", text, "Which of them belongs to which probability?")
    text = f"All {legal.size} legal draws come, but not equally often."
    return Finding("unequal", text, "Are ends rounded to, or several draws added up?")


def _credible(entropy: float, k: int) -> bool:
    """Whether counts this unequal come by chance with probability below 1e-11."""
    return entropy > k - 1 and entropy - (k - 1) * (1 + math.log(entropy / (k - 1))) > RATE
