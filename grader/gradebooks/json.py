"""Everything as JSON: for programs of one's own."""

from __future__ import annotations

import msgspec

from . import Grades


def render(grades: Grades) -> str:
    """Submissions with their people, then those who are on one side only."""
    results = [
        {
            "submission": report.submission,
            "person": dict(grades.person(report.submission)) or None,
            "points": report.points,
            "max_points": report.max_points,
            "complete": report.complete,
            "exercises": {result.exercise: result.points for result in report.exercises},
            "adjustments": [msgspec.to_builtins(adjustment) for adjustment in report.adjustments],
        }
        for report in grades.reports
    ]
    data = {
        "title": grades.title,
        "max_points": grades.max_points,
        "results": results,
        "unmatched": dict(grades.match.unmatched),
        "without_submission": [grades.roster.row(number) for number in grades.match.absent],
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"
