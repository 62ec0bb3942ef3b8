"""One table of everybody and everything: the roster's columns, each exercise, the total."""

from __future__ import annotations

from grader.keeping.tables import cell, number
from grader.report import Report

from . import Grades, adjusted_whole
from .writing import written

TOTALS = ("adjusted", "points", "max_points", "complete")


def render(grades: Grades) -> str:
    """Submissions by name, then the people of the roster who have none."""
    exercises, columns = grades.exercises(), [c for c in grades.roster.header if c != "submission"]
    rows = [_row(grades, report, exercises, columns) for report in grades.reports]
    for absent in grades.match.absent:
        person = grades.roster.row(absent)
        rows.append(["", *(person[column] for column in columns), *[""] * (len(exercises) + len(TOTALS))])
    return written(["submission", *columns, *exercises, *TOTALS], rows)


def _row(grades: Grades, report: Report, exercises: list[str], columns: list[str]) -> list[str]:
    person = grades.person(report.submission)
    points = {result.exercise: number(result.points) for result in report.exercises}
    return [
        cell(report.submission),
        *(person.get(column, "") for column in columns),
        *(points.get(exercise, "") for exercise in exercises),
        number(adjusted_whole(report)),
        number(report.points),
        number(report.max_points),
        "yes" if report.complete else "no",
    ]
