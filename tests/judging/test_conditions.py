"""The simplest condition that separates failing from passing cases."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from grader.judging.conditions import separates

CASES: list[dict[str, Any]] = [
    {"batch": b, "kernel_height": kh, "kernel_width": kw, "stride_height": s, "padding": p}
    for b, kh, kw, s, p in itertools.product((1, 2), (1, 2, 3, 4), (2, 3), (1, 2, 3), ("same", "valid"))
]


def found(fails: Any, cases: list[dict[str, Any]] = CASES) -> str:
    return separates([c for c in cases if fails(c)], [c for c in cases if not fails(c)])


@pytest.mark.parametrize(
    ("fails", "condition"),
    [
        (lambda c: c["padding"] == "same", "the padding is same"),
        (lambda c: c["kernel_height"] % 2 == 0, "the kernel height is even"),
        (lambda c: c["stride_height"] > 1, "the stride height is greater than 1"),
        (lambda c: c["kernel_height"] == 3, "the kernel height is 3"),
        (lambda c: c["batch"] > 1, "the batch is even"),
        (lambda c: c["stride_height"] > c["kernel_height"], "the kernel height is less than the stride height"),
        (lambda c: c["kernel_height"] != c["kernel_width"], "the kernel height differs from the kernel width"),
        (
            lambda c: c["kernel_height"] % 2 == 0 or c["kernel_width"] % 2 == 0,
            "the kernel height or the kernel width is even",
        ),
        (
            lambda c: c["kernel_height"] % 2 == 0 and c["stride_height"] == 2,
            "the kernel height is even and the stride height is even",
        ),
    ],
)
def test_a_simple_condition_is_found(fails: Any, condition: str) -> None:
    assert found(fails) == condition


def test_two_fields_are_compared_on_either_axis() -> None:
    cases = [
        {"height": h, "width": w, "kernel_height": kh, "kernel_width": kw}
        for h, w, kh, kw in itertools.product((1, 2, 3), (1, 3, 4), (1, 2, 4), (2, 3))
    ]
    larger = "the height is less than the kernel height or the width is less than the kernel width"
    assert found(lambda c: c["kernel_height"] > c["height"] or c["kernel_width"] > c["width"], cases) == larger
    assert found(lambda c: c["kernel_height"] > c["height"], cases) == "the height is less than the kernel height"


def test_what_no_simple_condition_separates_has_none() -> None:
    assert found(lambda c: hash(tuple(sorted(map(str, c.items())))) % 3 == 0) == ""
    assert found(lambda c: c["kernel_height"] % 2 == 0 and c["batch"] > 1 and c["padding"] == "same") == ""


def test_few_cases_are_no_evidence() -> None:
    assert found(lambda c: c["padding"] == "same", CASES[:8]) == ""
    assert found(lambda c: c is CASES[0]) == ""
    assert found(lambda c: True) == found(lambda c: False) == ""


def test_cases_with_lists_none_and_other_fields_are_no_trouble() -> None:
    odd = [{"shape": [1, n], "stride": None if n % 2 else (2, n), "n": n} for n in range(30)]
    assert found(lambda c: c["n"] < 10, odd) == "the n is less than 10"
    assert separates(odd, [{"other": 1}] * 10) == ""
