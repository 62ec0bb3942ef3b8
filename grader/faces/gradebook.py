"""`grader grade --gradebook URL`: scores, comments and submissions for nbgrader's formgrader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from grader.authoring.release import material
from grader.errors import InputError
from grader.judging.asked import Asked
from grader.keeping.batch import Setup
from grader.keeping.store import Store
from grader.nbgrading import assignment_name, need_nbgrader
from grader.report import Report

from .release import public_bundles
from .terminal import count

if TYPE_CHECKING:
    from nbformat import NotebookNode


def check_gradebook(url: str, assignment: str, only: Sequence[str]) -> None:
    """InputError where the options do not go together, or nbgrader is not there."""
    if assignment and not url:
        raise InputError("--assignment is the name of an assignment in nbgrader: give --gradebook URL too.")
    if url and only:
        raise InputError("--gradebook writes whole submissions: leave out --only.")
    if url:
        need_nbgrader()


class Gradebook:
    """The gradebook of a command; opened once before anything is graded, so that a mistake is told at once."""

    def __init__(self, url: str, assignment: str, setup: Setup, exercises: Sequence[Asked]) -> None:
        from grader.nbgrading.gradebook import assignment_in

        self.url, self.setup, self.exercises = url, setup, exercises
        given = assignment and assignment_name(setup.course, assignment)
        self.assignment = assignment_in(url, given, assignment_name(setup.course), exercises)

    def write(self, reports: Sequence[Report], store: Store, paths: Sequence[Path], screen: Console) -> str:
        """Write everything; a sentence about it."""
        from grader.nbgrading.gradebook import Target, shown, write

        def books() -> Mapping[str, NotebookNode]:
            from grader.nbgrading.sources import source_notebooks

            assert self.setup.workspace is not None
            return source_notebooks(material(self.setup.workspace, public_bundles(self.setup.workspace, screen)))

        times = {one.submission: self._time(one.submission, store, paths) for one in reports}
        done = write(Target(self.url, self.assignment, self.exercises, books), reports, times)
        told = f"{count(done.submissions, 'submission')} are in {shown(self.url)} as {self.assignment}"
        by_hand = f"; {count(done.by_hand, 'score')} set by hand there stay" if done.by_hand else ""
        return f"{told} ({count(done.changed, 'row')} changed{by_hand})."

    def _time(self, student: str, store: Store, paths: Iterable[Path]) -> datetime | None:
        """When it was handed in, as it was told to us, or to nbgrader."""
        from grader.nbgrading.times import time_of

        return store.submitted(student) or time_of(paths, student, self.assignment)
