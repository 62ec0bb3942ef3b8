"""Comparing: right within rounding, told apart by how it is wrong, and never an exception or a warning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tiny import normals
from traces import bundle_of, trace_of

from grader.authoring import Values
from grader.judging.compare import Targets, compare, grade, plain_equal
from grader.judging.context import Bank
from grader.worker.probe import NotReached, Opaque, Raised

CHECK = Values(name="values", points=1, plan="main")
RIGHT = normals((3, 4))


def codes(expected: Any, *got: Any) -> list[str]:
    """The codes of answers to the same question."""
    targets: Targets = Bank(bundle_of(CHECK, [{"output": expected}] * len(got))).targets("main", "output")
    return compare(targets, [g if hasattr(g, "outcomes") else trace_of([g]) for g in got]).codes


def test_right_within_rounding_is_right() -> None:
    assert (
        codes(RIGHT, RIGHT, RIGHT + 1e-13, RIGHT * (1 + 1e-12), RIGHT.T.copy().T, np.asfortranarray(RIGHT))
        == ["ok"] * 5
    )


def test_wrong_is_wrong_by_a_millionth_or_in_a_single_entry() -> None:
    one = RIGHT.copy()
    one[2, 3] += 1e-4
    assert codes(RIGHT, RIGHT * 1.0001, one, -RIGHT, RIGHT * 0) == ["wrong"] * 4


def test_single_precision_is_told_apart_from_right_and_from_wrong() -> None:
    single = RIGHT.astype(np.float32)
    assert codes(RIGHT, single, single.astype(float), single * np.float32(1.001)) == ["float32", "imprecise", "wrong"]


def test_half_precision_is_right_within_rounding_and_no_further() -> None:
    half = RIGHT.astype(np.float16)
    assert codes(RIGHT, half, half * np.float16(1.05), half + np.float16(0.02)) == ["float16", "wrong", "wrong"]


def test_single_precision_on_the_way_is_right_to_seven_digits_and_nothing_more() -> None:
    single, near, far = RIGHT.astype(np.float32).astype(float), RIGHT * (1 + 2e-5), RIGHT * (1 + 1e-4)
    assert codes(RIGHT, single, near, far) == ["imprecise", "wrong", "wrong"]
    # Where large terms cancel, a few cases may be off by more; a rule it is not.
    assert codes(RIGHT, *[single] * 4, near) == ["imprecise"] * 5
    assert codes(RIGHT, *[single] * 4, far) == ["imprecise"] * 4 + ["wrong"]
    assert codes(RIGHT, *[RIGHT] * 4, near) == ["ok"] * 4 + ["wrong"]


@pytest.mark.parametrize(
    ("got", "code"),
    [
        (None, "none"),
        ("text", "type"),
        ([1.0, 2.0], "type"),
        (Opaque("array of dtype object"), "type"),
        (RIGHT.T, "shape"),
        (RIGHT[0], "shape"),
        (3.0, "shape"),
        (RIGHT + 0j, "complex"),
        (RIGHT * np.nan, "nan"),
        (np.where(RIGHT > 0, np.inf, RIGHT), "nan"),
        (np.full(RIGHT.shape, np.inf), "nan"),
        (Raised("ValueError", ""), "raised"),
        (NotReached(0), "raised"),
        (trace_of([None], "timeout"), "timeout"),
    ],
    ids=str,
)
def test_every_other_answer_has_its_code_and_does_not_disturb_its_neighbours(got: Any, code: str) -> None:
    assert codes(RIGHT, RIGHT, got, RIGHT) == ["ok", code, "ok"]


def test_huge_numbers_raise_no_warning() -> None:
    assert codes(RIGHT, np.full(RIGHT.shape, 1e308), np.full(RIGHT.shape, -1.7e308)) == ["wrong", "wrong"]


def test_integers_and_booleans_count_as_numbers() -> None:
    whole = np.array([1.0, 0.0, 3.0])
    assert codes(whole, whole.astype(np.int8), whole.astype(np.uint64)) == ["ok", "ok"]
    assert codes(np.array([1.0, 0.0]), np.array([True, False])) == ["ok"]
    assert codes(np.array(2.0), 2, 2.0, np.array(2), np.array([2.0])) == ["ok", "ok", "ok", "shape"]


def test_empty_arrays_are_right_by_their_shape() -> None:
    assert codes(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((3, 0))) == ["ok", "shape"]


def test_zero_is_expected_exactly_but_for_rounding() -> None:
    assert codes(np.zeros(3), np.full(3, 1e-13), np.full(3, 1e-10)) == ["ok", "wrong"]


def test_expected_exceptions_are_met_by_subclasses_only() -> None:
    sub = Raised("UnicodeError", "", ("UnicodeError", "ValueError", "Exception"))
    other = Raised("ValueErr", "", ("Exception",))
    assert codes("raises ValueError", sub, other, 3.0, None) == ["ok", "raised", "accepted", "accepted"]


@pytest.mark.parametrize(
    ("got", "expected", "equal"),
    [
        (True, True, True),
        (1, True, True),
        (np.array(3.0), 3, True),
        (np.array([3.0]), 3, False),
        ((1, 2), [1, 2], True),
        ([1, [2, "a"]], (1, (2, "a")), True),
        ([1], [1, 2], False),
        (None, None, True),
        (None, False, False),
        ("a", "a", True),
        ("a", None, False),
        (Opaque("Max"), "Max", True),
        (Opaque("Max"), "Min", False),
        (float("nan"), 1.0, False),
        ([np.ones(2)], [[1.0, 1.0]], True),
        (np.zeros(0), [], True),
        (np.zeros(0), [1.0], False),
        (np.zeros((0, 2)), [], False),
    ],
    ids=str,
)
def test_data_that_is_no_array_is_compared_by_value(got: Any, expected: Any, equal: bool) -> None:
    assert plain_equal(got, expected) is equal


@pytest.mark.parametrize("error", [float("nan"), float("inf")])
def test_nan_is_never_right(error: float) -> None:
    assert grade(error, 1.0, np.dtype(float)) == "nan"
    assert grade(error, 1.0, np.dtype(np.float32)) == "nan"
