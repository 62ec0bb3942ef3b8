"""`grader override`: points set by hand and times of handing in, kept beside the results; a regrade keeps them."""

from __future__ import annotations

import contextlib
import csv
import difflib
import math
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from grader.course import Late
from grader.errors import InputError
from grader.keeping.adjust import adjusted, told
from grader.keeping.results import read_results
from grader.keeping.store import Override, Store
from grader.keeping.tables import number, write_tables
from grader.report import Report
from grader.text import printable
from grader.workspace import open_workspace

from .terminal import console, say


def run(
    submission: str | None,
    exercise: str | None,
    points: float | None,
    reason: str,
    remove: bool,
    submitted: str | None,
    submitted_from: Path | None,
    results: Path,
    course: Path | None,
) -> int:
    """Keep what is given, write the tables anew, and list what is adjusted now."""
    reports = read_results(results)
    late = open_workspace(course).course.late
    if points is not None and remove:
        raise InputError("--points and --remove exclude each other.")
    with contextlib.closing(Store(results / "results.db")) as store:
        if submission is not None:
            report = _known(submission, reports)
            _change(store, report, exercise or "", points, reason, remove, submitted)
        elif points is not None or remove or submitted:
            raise InputError("Whose? Name a submission as in scores.csv.")
        if submitted_from is not None:
            store.set_submitted(read_times(submitted_from, {report.submission for report in reports}))
        reports = [_anew(report, store, late) for report in reports]
        write_tables(reports, results)
    out = console()
    for report in reports:
        for adjustment in report.adjustments:
            say(out, printable(f"{report.submission}: {told(adjustment)}", 400))
    count = sum(bool(report.adjustments) for report in reports)
    say(out, f"{count} of {len(reports)} submissions are adjusted; {results}/scores.csv, checks.csv, reports/ say so.")
    return 0


def _change(
    store: Store, report: Report, exercise: str, points: float | None, reason: str, remove: bool, submitted: str | None
) -> None:
    name = report.submission
    if points is None and not remove and submitted is None:
        raise InputError(f"What about {name}? Give --points, --remove or --submitted.")
    known = [result.exercise for result in report.exercises]
    if exercise and exercise not in known:
        raise InputError(f"There is no exercise {exercise!r}{_nearest(exercise, known)}")
    if points is not None:
        if not (math.isfinite(points) and 0 <= points < 1e6):
            raise InputError(f"--points is {points}, expected a number from 0 on.")
        store.override(name, exercise, Override(round(points, 2), reason))
    elif remove:
        store.override(name, exercise, None)
    if submitted is not None:
        store.set_submitted({name: read_time(submitted) if submitted else None})


def _anew(report: Report, store: Store, late: Late) -> Report:
    return adjusted(report, store.overrides(report.submission), late, store.submitted(report.submission))


def _known(name: str, reports: Sequence[Report]) -> Report:
    found = next((report for report in reports if report.submission == name), None)
    if found is None:
        raise InputError(f"There is no submission {name!r}{_nearest(name, [r.submission for r in reports])}")
    return found


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f": did you mean {near[0]}?" if near else f": there are {', '.join(known[:10])}."


def read_time(text: str) -> datetime:
    """A time as 2026-11-30T23:59 or with seconds and offset; without an offset it is that of this machine."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError):
        raise InputError(f"{text!r} is no time: write it as 2026-11-30T23:59 or 2026-11-30T23:59+01:00.") from None


def read_times(path: Path, known: Collection[str]) -> dict[str, datetime | None]:
    """A CSV file with the columns submission and submitted; an empty time forgets one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [(row["submission"], row["submitted"] or "") for row in csv.DictReader(file)]
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: it must have the columns submission and submitted.") from error
    if unknown := [name for name, _ in rows if name not in known]:
        raise InputError(f"{path} names {number(len(unknown))} unknown submissions, first {printable(unknown[0])!r}.")
    return {name: read_time(time) if time.strip() else None for name, time in rows}
