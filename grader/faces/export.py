"""`grader export`: the scores of a folder of results for other systems' gradebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.gradebooks import Grades, refused, render
from grader.gradebooks.roster import Roster, match, read_roster
from grader.gradebooks.writing import written
from grader.keeping.files import write_whole
from grader.keeping.results import read_results
from grader.keeping.tables import cell, number
from grader.text import printable

from .terminal import console, count, say

MOST_LISTED = 20


def run(format: str, out: Path, results: Path, roster: Path | None, title: str | None) -> int:
    """Write the file, and beside it one that lists whoever is in the results or in the roster only."""
    reports = read_results(results)
    people = read_roster(roster) if roster else Roster()
    found = match([report.submission for report in reports], people)
    course = next((report.course for report in reports), "")
    grades = Grades(reports, people, found, title or course)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, render(format, grades).encode())
    screen = console()
    say(screen, f"{count(len(reports), 'submission')} of {results}: {out}")
    listed = list(_listed(grades, refused(format, grades)))
    beside = out.with_name(f"{out.stem}-unmatched.csv")
    beside.unlink(missing_ok=True)
    if listed:
        write_whole(beside, written(("submission", "person", "points", "max_points", "why"), listed).encode())
        for row in listed[:MOST_LISTED]:
            say(screen, printable(f"Note: {row[0] or row[1]}: {row[-1]}.", 400))
        say(screen, f"All {len(listed)} of them: {beside}")
    return 0


def _listed(grades: Grades, not_taken: Mapping[str, str]) -> Iterator[tuple[str, str, str, str, str]]:
    """Submissions without a person or without a final score, and people without a submission."""
    for report in grades.reports:
        why = [table.get(report.submission, "") for table in (grades.match.unmatched, not_taken)]
        why += [] if report.complete else ["the grader itself failed: run `grader grade` again"]
        if any(why):
            points = number(report.points), number(report.max_points)
            yield cell(report.submission), "", *points, cell("; ".join(filter(None, why)))
    for row in grades.match.absent:
        yield "", cell(grades.roster.name(row)), "", "", "no submission"
