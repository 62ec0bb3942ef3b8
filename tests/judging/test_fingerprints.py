"""Fingerprints: equal outcomes have equal ones, different outcomes different ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tiny import normals
from traces import trace_of

from grader.judging import fingerprints
from grader.judging.fingerprints import LARGEST, fingerprint, same, similar
from grader.worker.probe import NotReached, Opaque, Raised

X = normals((3, 4))


def mark(value: Any, random: bool = False) -> np.ndarray:
    return np.array(fingerprint(trace_of([value]), 0, random))


DIFFERENT: list[Any] = [
    X,
    -X,
    X[::-1],
    X.T,
    X + 1e-6,
    X * 1.0001,
    X.reshape(4, 3),
    X[None],
    np.zeros((3, 4)),
    np.where(X.max() == X, 0, X),
    X * np.nan,
    None,
    "text",
    Opaque("Max"),
    Raised("ValueError", ""),
    Raised("TypeError", ""),
    2.0,
    np.zeros((0, 3)),
    np.zeros((3, 0)),
]


def test_different_outcomes_have_different_fingerprints_and_equal_ones_the_same() -> None:
    marks = [mark(value) for value in DIFFERENT]
    for number, left in enumerate(marks):
        for other, right in enumerate(marks):
            assert same(left, right) == (number == other), (DIFFERENT[number], DIFFERENT[other])


def test_rounding_does_not_matter() -> None:
    assert same(mark(X), mark(X * (1 + 1e-12)))
    assert same(mark(X), mark(X.T.copy().T))


def test_uniform_numbers_from_0_and_from_minus_1_are_not_alike() -> None:
    draws = [np.random.default_rng(seed).uniform(low, 1, 20_000) for seed, low in enumerate((0, 0, -1, -1))]
    a, b, c, d = (mark(draw, random=True) for draw in draws)
    assert similar(a, b) and similar(c, d) and not similar(a, c)


def test_messages_and_lines_do_not_matter_for_exceptions() -> None:
    assert same(mark(Raised("ValueError", "a")), mark(Raised("ValueError", "b", lines=(("t.py", 1, ""),))))


def test_not_finite_twice_is_the_same_outcome_and_once_is_not() -> None:
    assert same(mark(X * np.nan), mark(X * np.inf))
    assert not same(mark(X), mark(np.where(X.max() == X, np.inf, X)))


def test_what_was_never_reached_is_equal_to_nothing_but_itself() -> None:
    dead = np.array(fingerprint(trace_of([X], "timeout"), 0))
    assert same(dead, mark(NotReached(0)))
    assert not same(dead, mark(None))


def test_arrays_that_nobody_expects_cost_no_memory() -> None:
    huge = np.broadcast_to(np.int8(1), (LARGEST + 1,))
    assert mark(huge)[1:].tolist() == [0, 0]


def test_random_arrays_are_known_by_their_statistic() -> None:
    def draw(seed: int) -> np.random.Generator:
        return np.random.default_rng(seed)

    first, again = (mark(draw(s).normal(0, 2, (60, 50)), True) for s in (1, 2))
    assert similar(first, again)
    for other in (
        draw(3).normal(0, 4, (60, 50)),
        draw(3).uniform(-2 * 3**0.5, 2 * 3**0.5, (60, 50)),
        np.zeros((60, 50)),
    ):
        assert not similar(first, mark(other, True))
    assert not similar(first, mark(draw(3).normal(0, 2, (50, 60)), True))


@pytest.mark.parametrize("value", [np.full((2, 2), 1.7e308), np.full((2, 2), np.inf), X * 1j, [X, None], (1, [2])])
def test_any_value_has_a_fingerprint(value: Any) -> None:
    with np.errstate(all="ignore"):
        assert mark(value).shape == mark(value, True).shape == (3,)


@pytest.mark.parametrize("scale", [1e-160, 1e-100, 1e80, 1e150, 1e307])
def test_random_numbers_of_any_size_have_a_statistic(scale: float) -> None:
    assert mark(normals((60, 50)) * scale, random=True).shape == (3,)


@pytest.mark.parametrize("value", [[], (), (1,), [None, "it's", (2.5, [X])], list(range(500)), ([X] * 50, {})])
def test_the_beginning_of_a_value_is_that_of_its_text(value: Any) -> None:
    assert fingerprints._start(value)[: fingerprints.TEXT] == repr(value)[: fingerprints.TEXT]


def test_of_a_list_of_many_arrays_only_the_first_are_looked_at() -> None:
    class Counted:
        seen = 0

        def __repr__(self) -> str:
            Counted.seen += 1
            return "Counted()"

    mark([[Counted()] * 1000] * 10)
    assert Counted.seen < 200


def test_directions_of_large_arrays_are_not_kept() -> None:
    before = fingerprints._kept.cache_info().currsize
    mark(np.ones(fingerprints.KEPT + 1))
    assert fingerprints._kept.cache_info().currsize == before
