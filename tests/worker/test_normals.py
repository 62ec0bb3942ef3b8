"""Cotangents and stand-ins' numbers: standard normals that depend on their key alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from grader.worker.normals import normals

KEYS = (
    [(seed,) for seed in range(400)] + [(7, seed) for seed in range(400)] + [(2**64 + seed, 1) for seed in range(400)]
)


def test_the_same_key_gives_the_same_numbers_whatever_else_is_drawn() -> None:
    first = normals((2, 3), 5, 6)
    np.random.seed(0)
    normals((4,), 9)
    np.random.normal(size=3)
    assert np.array_equal(first, normals((2, 3), 5, 6))
    assert np.array_equal(first, normals((2, 3), np.int64(5), np.uint32(6))), "keys are numbers, not their types"


def test_no_generator_of_the_student_is_touched() -> None:
    np.random.seed(3)
    expected = np.random.normal(size=4)
    np.random.seed(3)
    normals((50,), 1)
    assert np.array_equal(np.random.normal(size=4), expected)


@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (2, 1, 4)])
def test_the_shape_is_that_which_was_asked_for(shape: tuple[int, ...]) -> None:
    assert normals(shape, 1).shape == shape
    assert normals(shape, 1).dtype == np.float64


def test_keys_that_differ_little_give_independent_standard_normals() -> None:
    drawn = np.array([normals((50,), *key) for key in KEYS])
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 1e-6
    neighbours = np.corrcoef(drawn)[np.triu_indices(len(KEYS), 1)] * np.sqrt(50 - 1)
    assert np.max(np.abs(neighbours)) < 7, "no two keys give related numbers"
    firsts = drawn[:, 0]
    assert stats.kstest(firsts, "norm").pvalue > 1e-6
    assert abs(np.corrcoef(firsts[:-1], firsts[1:])[0, 1]) * np.sqrt(len(KEYS)) < 5
