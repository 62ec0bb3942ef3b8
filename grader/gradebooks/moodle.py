"""Moodle: the grading worksheet of an assignment filled in, where the roster is one; else a file for grade import."""

from __future__ import annotations

from grader.keeping.tables import cell
from grader.report import Report

from . import Grades
from .writing import comment, grade, written

IDENTITY = ("Username", "First name", "Last name", "ID number", "Email address")
GRADE, COMMENT, OPEN, MOST = "Grade", "Feedback comments", "Grade can be changed", "Maximum Grade"


def render(grades: Grades) -> str:
    """Lines end as Moodle ends them."""
    if {"Identifier", GRADE} <= {*grades.roster.header}:
        return _worksheet(grades)
    if grades.roster.header:
        rows = [[*_identity(grades.roster.row(n)), *_graded(grades.of(n))] for n in grades.roster.people]
    else:
        rows = [[cell(report.submission), "", "", "", "", *_graded(report)] for report in grades.reports]
    return written([*IDENTITY, GRADE, COMMENT], rows, "\r\n")


def refused(grades: Grades) -> dict[str, str]:
    """Submissions whose grade the worksheet does not take, and why."""
    found = {}
    for number, name in grades.match.submission_of.items():
        row, report = grades.roster.row(number), grades.of(number)
        if row.get(OPEN, "Yes") == "No":
            found[name] = "Moodle says that the grade cannot be changed"
        elif report and _differs(row.get(MOST, ""), report.max_points):
            found[name] = f"Moodle's maximum grade is {row[MOST]}, that of the report {report.max_points:g}"
    return found


def _differs(text: str, points: float) -> bool:
    try:
        return bool(text.strip()) and float(text.replace(",", ".")) != points
    except ValueError:  # a scale
        return True


def _worksheet(grades: Grades) -> str:
    """All rows and columns as they were; grades that may be changed are those of the submissions."""
    rows = []
    for number in range(len(grades.roster.rows)):
        row, report = grades.roster.row(number), grades.of(number)
        if report and report.complete and row.get(OPEN, "Yes") != "No":
            row[GRADE] = grade(report)
            row.update({COMMENT: comment(report)} if COMMENT in row else {})
        rows.append(list(row.values()))
    return written(grades.roster.header, rows, "\r\n")


def _identity(row: dict[str, str]) -> list[str]:
    plain = {key.strip().casefold(): value for key, value in row.items()}
    other = {"First name": "first_name", "Last name": "surname", "ID number": "idnumber", "Email address": "email"}
    return [plain.get(key.casefold(), "") or plain.get(other.get(key, ""), "") for key in IDENTITY]


def _graded(report: Report | None) -> list[str]:
    return [grade(report), comment(report) if report and report.complete else ""]
