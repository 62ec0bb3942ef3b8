"""Points: checks add up to their exercise and exercises to the total, to the cent, whatever the course gives."""

from __future__ import annotations

import math
import random

import msgspec
import pytest
from tiny import REFERENCE, Tiny, mutated

from grader.course import Course
from grader.judging.asked import asked
from grader.judging.scoring import fault, scored, shares
from grader.report import CheckResult, Isolation, Report, total


@pytest.mark.parametrize("seed", range(200))
def test_shares_add_up_exactly(seed: int) -> None:
    rng = random.Random(seed)
    parts = [rng.choice([0, 0.25, 1 / 3, 0.5, 1, 2, 7]) for _ in range(rng.randint(1, 12))] + [1]
    whole = rng.choice([0, 0.01, 0.1, 1, 7, 10, 12.5, 33.33, 100, 999.99])
    given = shares(parts, whole)
    assert total(given) == whole
    assert all(share >= 0 and share == round(share, 2) for share in given)
    for part, share in zip(parts, given, strict=True):
        assert share == pytest.approx(whole * part / sum(parts), abs=0.0101)


def test_nothing_to_share_is_nothing() -> None:
    assert shares([0, 0], 10) == [0, 0]
    assert shares([], 10) == []


@pytest.mark.parametrize("points", [0.0, 1.0, 7.0, 9.99, 10.0, 33.3, 100.0])
def test_all_passed_is_exactly_the_exercises_points_and_half_is_rounded_once(tiny: Tiny, points: float) -> None:
    bundle = tiny.bundle("scale")
    course = msgspec.convert({"title": "t", "exercises": {"scale": {"points": points}}}, Course)
    (exercise,) = asked(course, [bundle])
    full = scored(exercise, [CheckResult(c.name, "pass", c.points, c.points) for c in bundle.checks], (), 0.0)
    assert full.points == full.max_points == points
    half = scored(exercise, [CheckResult(c.name, "partial", c.points / 2, c.points) for c in bundle.checks], (), 0.0)
    assert half.points == total(check.points for check in half.checks)
    assert half.points == pytest.approx(points / 2, abs=0.005 * len(bundle.checks) + 1e-9)


def test_totals_are_sums_of_what_is_printed(tiny: Tiny) -> None:
    results = tuple(tiny.judge(name, REFERENCE) for name in ("scale", "peak", "noise"))
    report = Report("a", "t", results, (), Isolation(0), {})
    assert report.points == report.max_points == total(r.points for r in results) == 14 + 8 + 4
    assert report.complete
    assert total([0.1] * 10) == 1.0
    assert math.isclose(total([0.005, 0.005]), 0.01)


def test_a_grader_fault_is_neither_a_pass_nor_points_lost_and_makes_the_total_incomplete(tiny: Tiny) -> None:
    (exercise,) = asked(Course(title="t"), [tiny.bundle("scale")])
    try:
        raise KeyError("ours")
    except KeyError as error:
        result = fault(exercise, error)
    assert result.verdict == "grader fault"
    assert not Report("a", "t", (result,), (), Isolation(0), {}).complete
    assert "KeyError" in result.checks[0].findings[0].sentence


def test_a_check_that_fails_costs_its_own_points_only(tiny: Tiny) -> None:
    wrong = tiny.judge("scale", mutated((".argmax(axis=2)", ".argmin(axis=2)")))  # another class of the same file
    assert wrong.points == wrong.max_points
