"""Judges one submission after the other inside of nbgrader's own process, with isolated workers and hidden bundles."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import grader
from grader.errors import GraderError
from grader.faces.doctor import isolation_for_others
from grader.faces.grade import prepare_bundles
from grader.faces.terminal import console
from grader.judging.asked import Asked
from grader.keeping.batch import Setup, chosen, judge_submission, prepare
from grader.report import Isolation, Report
from grader.running.isolation import keep_out_of_reach
from grader.running.submission import Submission, read_one
from grader.workspace import open_workspace


class Course(NamedTuple):
    """A course that this process is ready to judge."""

    setup: Setup
    exercises: Sequence[Asked]


@functools.lru_cache(maxsize=1)  # one judge in a process
def course_of(file: Path, folder: Path, allow_weak: bool) -> Course:
    """Get ready for the course of a file, whose submissions to nbgrader lie in `folder`."""
    workspace = open_workspace(file)
    prepare_bundles(workspace, console(stderr=True))
    setup = Setup(workspace.course, workspace.hidden, Isolation(0), (), workspace)
    exercises = chosen(setup)
    setup = setup._replace(isolation=isolation_for_others(allow_weak))
    private = (workspace.source, workspace.reference, workspace.hidden, workspace.secret_file, folder)
    keep_out_of_reach(private, setup.isolation.layers)
    prepare(setup)
    return Course(setup, exercises)


_last: dict[tuple[Path, str, str], Report] = {}  # nbgrader asks once for every notebook of a submission


def report_of(file: Path, folder: Path, student: str, allow_weak: bool) -> Report:
    """The report on a student's folder, as it was judged; GraderError where the grader itself failed.

    Nothing is adjusted: in nbgrader graders set points by hand, and its own plugin takes points for being late.
    """
    course = course_of(file, folder.parent.parent, allow_weak)
    submission = read_one(folder, student, {exercise.file for exercise in course.exercises})
    key = (file, submission.name, submission.digest)
    if key not in _last:
        report = _judged(course, submission)
        _last.clear()
        _last[key] = report
    return _last[key]


def _judged(course: Course, submission: Submission) -> Report:
    setup = course.setup
    results = tuple(judge_submission((submission, tuple(one.bundle.exercise for one in course.exercises))))
    title, policy = setup.course.title, setup.course.policy.feedback
    versions = {"grader": grader.__version__}
    report = Report(submission.name, title, results, submission.notes, setup.isolation, versions, policy)
    if not report.complete:
        failed = ", ".join(result.exercise for result in results if result.verdict == "grader fault")
        raise GraderError(f"The grader itself failed in {failed} of {submission.name}: autograde it again.")
    return report
