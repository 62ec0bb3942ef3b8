"""CSV as gradebooks read it. Cells of a roster stay as they are; what is ours or a student's becomes no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.keeping.adjust import told
from grader.keeping.tables import cell, number
from grader.report import Report


def written(header: Sequence[str], rows: Iterable[Sequence[str]], ending: str = "\n") -> str:
    """The file's text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=ending)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def grade(report: Report | None) -> str:
    """The score; blank where there is none, or where the grader itself failed and a rerun is needed."""
    return number(report.points) if report and report.complete else ""


def comment(report: Report | None) -> str:
    """Points of each exercise in one line, and what was adjusted."""
    if report is None:
        return ""
    parts = [f"{r.exercise} {number(r.points)}/{number(r.max_points)}" for r in report.exercises]
    return cell("; ".join([*parts, *map(told, report.adjustments)]))
