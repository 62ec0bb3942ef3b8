"""Scores after what an instructor has set by hand and after the late policy, with what they were before.

Results themselves are stored as they were judged; this is applied whenever a report is made, so that it survives every
regrade, and every sink sees the same totals.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from grader.course import Late
from grader.report import Adjustment, Report

from .store import Override
from .tables import number

DAY = timedelta(days=1)


def adjusted(report: Report, overrides: Mapping[str, Override], late: Late, submitted: datetime | None) -> Report:
    """The report with overrides of exercises, then the late policy or, where the whole was set by hand, that."""
    report = unadjusted(report)
    made = list(_of_exercises(report, overrides))
    points = {one.exercise: overrides[one.exercise].points for one in made}
    exercises = tuple(replace(r, points=points.get(r.exercise, r.points)) for r in report.exercises)
    report = replace(report, exercises=exercises, adjustments=tuple(made))
    if "" in overrides:
        points_set, reason = overrides[""]
        whole = Adjustment("override", "", round(points_set - report.points, 2), report.points, reason)
        return replace(report, adjustments=(*made, whole))
    share, days = late_share(late, submitted)
    lost = round(report.points * share, 2)
    if not lost:
        return report
    reason = f"{days} day{'s' * (days != 1)} late, {number(100 * share)} % of the points"
    return replace(report, adjustments=(*made, Adjustment("late", "", -lost, report.points, reason)))


def unadjusted(report: Report) -> Report:
    """The report as it was judged."""
    before = {one.exercise: one.was for one in report.adjustments if one.exercise}
    exercises = tuple(replace(r, points=before.get(r.exercise, r.points)) for r in report.exercises)
    return replace(report, exercises=exercises, adjustments=())


def late_share(late: Late, submitted: datetime | None) -> tuple[float, int]:
    """The share of the points that is lost, and the days (each that has begun) after the deadline."""
    if late.deadline is None or submitted is None:
        return 0.0, 0
    over = submitted.astimezone() - late.deadline.astimezone() - timedelta(minutes=late.grace_minutes)
    days = max(0, math.ceil(over / DAY))
    return min(days * late.per_day, late.most), days


def told(adjustment: Adjustment) -> str:
    """One sentence about an adjustment, for whoever reads the report."""
    reason = f": {adjustment.reason}" if adjustment.reason else ""
    where = f" in {adjustment.exercise}" if adjustment.exercise else ""
    now, was = number(adjustment.was + adjustment.points), number(adjustment.was)
    how = "Handed in late" if adjustment.kind == "late" else "Set by hand"
    return f"{how}{where}, {now} points instead of {was}{reason}"


def _of_exercises(report: Report, overrides: Mapping[str, Override]) -> Iterator[Adjustment]:
    for result in report.exercises:
        if override := overrides.get(result.exercise):
            difference = round(override.points - result.points, 2)
            yield Adjustment("override", result.exercise, difference, result.points, override.reason)
