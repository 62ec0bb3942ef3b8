"""Scores for other systems' gradebooks: a module per format, found by its name, with `render(grades) -> str`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grader.report import Report, total

from .roster import Match, Roster

HELPERS = ("roster", "writing")


class Grades(NamedTuple):
    """A class: its reports, who they belong to, and what the column of the gradebook is called."""

    reports: Sequence[Report]
    roster: Roster
    match: Match
    title: str

    @property
    def max_points(self) -> float:
        """The highest score that there is."""
        return max((report.max_points for report in self.reports), default=0.0)

    def of(self, row: int) -> Report | None:
        """The report of somebody of the roster."""
        name = self.match.submission_of.get(row)
        return next((report for report in self.reports if report.submission == name), None)

    def person(self, submission: str) -> Mapping[str, str]:
        """The row of the roster that a submission belongs to, by column; {} where there is none."""
        rows = {name: row for row, name in self.match.submission_of.items()}
        return self.roster.row(rows[submission]) if submission in rows else {}

    def exercises(self) -> list[str]:
        """The exercises of all reports, in their order."""
        return list(dict.fromkeys(result.exercise for report in self.reports for result in report.exercises))


def formats() -> list[str]:
    """The names of the formats."""
    return sorted(name for _, name, _ in pkgutil.iter_modules(__path__) if name not in HELPERS)


def render(name: str, grades: Grades) -> str:
    """The file's text in a format."""
    return str(importlib.import_module(f"{__name__}.{name}").render(grades))


def refused(name: str, grades: Grades) -> dict[str, str]:
    """Submissions whose grade the format's reader would not take as it is, and why."""
    module = importlib.import_module(f"{__name__}.{name}")
    return dict(module.refused(grades)) if hasattr(module, "refused") else {}


def adjusted_whole(report: Report) -> float:
    """What late policy and overrides of the whole add to the sum of the exercises."""
    return total(one.points for one in report.adjustments if not one.exercise)
