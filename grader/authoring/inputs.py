"""Arrays that make faults visible and keep finite differences away from kinks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shape = Sequence[int]
GAP = 0.05


def normal(rng: np.random.Generator, shape: Shape) -> Floats:
    """Standard normals."""
    return rng.standard_normal(tuple(shape))


def spaced(rng: np.random.Generator, shape: Shape) -> Floats:
    """All values at least GAP apart, around 0, so that no maximum changes under a small step."""
    size = int(np.prod(tuple(shape)))
    levels: Floats = GAP * (rng.permutation(size) - size / 2 + 0.25).astype(np.float64)
    return levels.reshape(tuple(shape))


def ties(rng: np.random.Generator, shape: Shape) -> Floats:
    """Few different values, so that most windows have several equal maxima."""
    return rng.integers(-2, 3, tuple(shape)).astype(np.float64)


def off_zero(rng: np.random.Generator, shape: Shape) -> Floats:
    """Normals pushed away from 0 by GAP, for functions with a kink there."""
    values = rng.standard_normal(tuple(shape))
    return values + np.where(values < 0, -GAP, GAP)


def probabilities(rng: np.random.Generator, shape: Shape, least: float) -> Floats:
    """Positive numbers over axis 1 that add up to 1, none below `least`."""
    raw = rng.random(tuple(shape)) + 1e-3
    share = raw / raw.sum(axis=1, keepdims=True)
    return np.asarray(least + (1 - least * shape[1]) * share)


def one_hot(rng: np.random.Generator, batch: int, classes: int) -> Floats:
    """(batch, classes) labels."""
    return np.eye(classes)[rng.integers(classes, size=batch)]
