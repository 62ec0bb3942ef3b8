"""Scores, comments and submissions in nbgrader's gradebook, through its own API; what people set by hand stays."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from grader.errors import InputError, StoreError
from grader.judging.asked import Asked
from grader.judging.scoring import shares
from grader.keeping.view import view
from grader.report import ExerciseResult, Report
from grader.text import printable

from .cells import Books, Place, ensure, places
from .telling import comment

FORMS = "sqlite:///gradebook.db or postgresql+psycopg2://USER:PASSWORD@HOST/NAME"


@contextlib.contextmanager
def opened(url: str) -> Iterator[Any]:
    """nbgrader's gradebook of a URL; what goes wrong with it is told in one sentence."""
    from nbgrader.api import Gradebook, InvalidEntry
    from sqlalchemy import exc

    where = f"The gradebook {shown(url)}"
    gradebook = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", exc.SAWarning)  # nbgrader's own queries cause them
            gradebook = Gradebook(url)
            yield gradebook
    except (exc.ArgumentError, exc.NoSuchModuleError) as error:
        raise InputError(f"{shown(url)!r} is no database: give a URL such as {FORMS}.") from error
    except ImportError as error:
        needed = error.name or str(error)
        raise InputError(f"{where} needs the Python package {needed}: install it with pip.") from error
    except (exc.SQLAlchemyError, InvalidEntry, OSError) as error:
        why = printable(str(getattr(error, "orig", None) or error).strip().splitlines()[0], 200).rstrip(".")
        hint = "close the program that holds it" if "locked" in why else "see to it"
        text = f"{where} cannot be read or written ({why}): {hint}, and run the same command again."
        raise StoreError(text) from error
    finally:
        if gradebook is not None:
            gradebook.close()


def shown(url: str) -> str:
    """A URL without its password."""
    from sqlalchemy import exc
    from sqlalchemy.engine import make_url

    try:
        return printable(make_url(url).render_as_string(hide_password=True), 200)
    except exc.ArgumentError:
        return printable(url.rpartition("@")[2], 200)


class Written(NamedTuple):
    """What was done: rows that were not so before, and exercises that have points by hand in nbgrader."""

    submissions: int
    changed: int
    by_hand: int


class Target(NamedTuple):
    """Where scores go: the gradebook, the assignment in it, and how its notebooks are made where it has none."""

    url: str
    assignment: str
    exercises: Sequence[Asked]
    books: Books


def assignment_in(url: str, given: str, default: str, exercises: Sequence[Asked]) -> str:
    """The assignment that is meant: the one given, else the only one with cells of these exercises, else a new one."""
    with opened(url) as gradebook:
        names = [str(one.name) for one in gradebook.assignments]
        if given or default in names:
            return given or default
        fitting = [name for name in names if places(gradebook, name, exercises)]
    if not fitting:
        return default
    if len(fitting) > 1:
        raise InputError(f"Several assignments have these exercises: choose one of {', '.join(fitting)}: --assignment.")
    return fitting[0]


def write(target: Target, reports: Sequence[Report], times: Mapping[str, datetime | None]) -> Written:
    """Write what the reports say. Run again with the same reports, it changes nothing."""
    url, assignment, exercises, books = target
    with opened(url) as gradebook:
        found = ensure(gradebook, url, assignment, exercises, books)
        changed = by_hand = 0
        for report in reports:
            submission = _submission(gradebook, assignment, report.submission, times.get(report.submission))
            rows = _Rows(submission)
            changed += _write_report(rows, found, report)
            by_hand += sum(grade.manual_score is not None for grade in rows.grades.values())
            gradebook.db.commit()
        return Written(len(reports), changed, by_hand)


def points_by_cell(report: Report) -> dict[str, float]:
    """Exercise to points, adding up to the report's total before what being late costs.

    Where the total was set by hand the exercises share it in proportion: nbgrader has no points of a whole assignment.
    """
    results = report.exercises
    if not any(one.kind == "override" and not one.exercise for one in report.adjustments):
        return {result.exercise: result.points for result in results}
    parts = [result.points for result in results]
    shared = shares(parts if any(parts) else [result.max_points for result in results], report.points)
    return {result.exercise: points for result, points in zip(results, shared, strict=True)}


class _Rows:
    """The rows of a submission by notebook and cell."""

    def __init__(self, submission: Any) -> None:
        self.notebooks = {notebook.notebook.name: notebook for notebook in submission.notebooks}
        own = self.notebooks.items()
        self.grades = {(name, grade.cell.name): grade for name, book in own for grade in book.grades}
        self.comments = {(name, one.cell.name): one for name, book in own for one in book.comments}


def _submission(gradebook: Any, assignment: str, student: str, time: datetime | None) -> Any:
    """A student's submission with a row for every cell; both are made where they are missing."""
    from nbgrader.api import MissingEntry

    naive = time.astimezone(UTC).replace(tzinfo=None) if time else None
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        gradebook.update_or_create_student(student)
        return gradebook.add_submission(assignment, student, **({"timestamp": naive} if naive else {}))
    if naive and submission.timestamp != naive:
        submission.timestamp = naive
    gradebook.db.add_all(list(_missing(submission)))
    gradebook.db.commit()  # afterwards new rows know their cells
    return submission


def _missing(submission: Any) -> Iterator[Any]:
    """The rows that `add_submission` would make, for notebooks and cells that came later."""
    from nbgrader.api import Comment, Grade, SubmittedNotebook

    mine = {notebook.notebook.name: notebook for notebook in submission.notebooks}
    for notebook in submission.assignment.notebooks:
        own = mine.get(notebook.name)
        if own is None:
            own = SubmittedNotebook(notebook=notebook, assignment=submission)
            yield own
        graded = {grade.cell_id for grade in own.grades}
        commented = {comment.cell_id for comment in own.comments}
        tasks = list(notebook.task_cells)
        yield from (Grade(cell_id=c.id, notebook=own) for c in [*notebook.grade_cells, *tasks] if c.id not in graded)
        cells = [*notebook.solution_cells, *tasks]
        yield from (Comment(cell_id=c.id, notebook=own) for c in cells if c.id not in commented)


def _write_report(rows: _Rows, at: Mapping[str, Place], report: Report) -> int:
    """Points, comments and penalties of one submission; how many rows that changes."""
    points = points_by_cell(report)
    changed = 0
    for result in report.exercises:
        place = at[result.exercise]
        score = None if result.verdict == "grader fault" else points[result.exercise]
        changed += _grade(rows.grades[place.notebook, place.grade_id], score)
    changed += _comments(rows, at, report)
    lost = -sum(one.points for one in report.adjustments if one.kind == "late")
    scores = dict.fromkeys(rows.notebooks, 0.0)
    for result in report.exercises:
        scores[at[result.exercise].notebook] += points[result.exercise]
    for name, penalty in zip(scores, shares(list(scores.values()), lost), strict=True):
        changed += _set(rows.notebooks[name], late_submission_penalty=penalty or None)
    return changed


def _grade(grade: Any, score: float | None) -> int:
    """Our points; as nbgrader does it, a grader looks again where points were set by hand for others."""
    by_hand = grade.manual_score is not None
    if grade.auto_score == score and (by_hand or score is None):
        return 0
    return _set(grade, auto_score=score, needs_manual_grade=by_hand or score is None)


def _comments(rows: _Rows, at: Mapping[str, Place], report: Report) -> int:
    """What is said about the exercises, each at the cell in which its solution stands."""
    seen = view(report)
    by_cell: dict[tuple[str, str], list[ExerciseResult]] = {}
    for result in seen.exercises:
        place = at[result.exercise]
        if place.solution_id:
            by_cell.setdefault((place.notebook, place.solution_id), []).append(result)
    return sum(_set(rows.comments[cell], auto_comment=comment(seen, results)) for cell, results in by_cell.items())


def _set(row: Any, **values: object) -> int:
    """Set what is not so yet; 1 where that is anything."""
    new = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in new.items():
        setattr(row, name, value)
    return int(bool(new))
