"""Canvas: the columns of its gradebook's export, one assignment, as its import takes it back.

The roster is best the export itself: then everybody has the ids that Canvas matches by, and the assignment its number.
"""

from __future__ import annotations

import re

from grader.keeping.tables import cell, number

from . import Grades
from .writing import grade, written

IDENTITY = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_OURS = {"SIS Login ID": ("sis login id", "login", "username", "github_username", "email", "email address")}


def render(grades: Grades) -> str:
    """Everybody of the roster, those without a submission with a blank grade, which changes nothing in Canvas."""
    header = [*IDENTITY, _assignment(grades)]
    possible = ["    Points Possible", "", "", "", "", number(grades.max_points)]
    if not grades.roster.header:
        rows = [[cell(r.submission), "", "", cell(r.submission), "", grade(r)] for r in grades.reports]
    else:
        rows = [[*_identity(grades, row), grade(grades.of(row))] for row in grades.roster.people]
    return written(header, [possible, *rows])


def _assignment(grades: Grades) -> str:
    """The export's own column of this assignment, with its number in brackets; else a new one."""
    own = re.compile(re.escape(grades.title) + r"(?: \(\d+\))?")
    return next((column for column in grades.roster.header if own.fullmatch(column)), cell(grades.title))


def _identity(grades: Grades, number: int) -> list[str]:
    row = grades.roster.row(number)
    if "Student" in row and "ID" in row:
        return [row.get(key, "") for key in IDENTITY]
    plain = {key.strip().casefold(): value for key, value in row.items()}
    login = next((plain[key] for key in _OURS["SIS Login ID"] if plain.get(key)), "")
    return [grades.roster.name(number), "", plain.get("sis user id", ""), login, ""]
