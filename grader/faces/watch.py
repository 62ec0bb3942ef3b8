"""`grader check --watch`: whenever a file is saved, the exercises that depend on it are checked again."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, NoReturn

from rich.text import Text

from grader.course import FILE_NAME, Course
from grader.errors import GraderError
from grader.judging.asked import Asked, asked
from grader.judging.judge import Judge
from grader.known_names import notes
from grader.report import ExerciseResult, Isolation, Report
from grader.running.interruptible import InterruptibleLauncher
from grader.running.submission import Submission
from grader.running.workers import Launcher, launcher
from grader.stopping import Stopped, stoppable
from grader.text import printable
from grader.workspace import open_student_folder, read_student_bundles

from .check import modules_used, say_notes, say_total, select
from .dependence import fingerprints
from .own_folder import Look, OwnFolder, stamps
from .terminal import console, print_exercise, say

PAUSE = 0.08  # seconds between two looks at the folder
SETTLED, LONGEST = 0.04, 0.12  # seconds without a further change that end a save, and that one may take
COURSE_FILES = (FILE_NAME, "bundles", "bundles/LIST")
SHOWN = 4
CTRL_C = 130  # exit status where it came before the first results


def run(wanted: Sequence[str], start: Path) -> int:
    """Check, and check again, until Ctrl-C; then 0 where everything that was asked for passes, 1 where something
    fails, 2 where nothing could be checked."""
    watch = Watch(open_student_folder(start).root, wanted)
    watch.load()  # a mistake in the call ends it at once
    try:
        with stoppable():
            watch.run()
    except Stopped as stopped:
        return watch.status if stopped.status == CTRL_C else stopped.status
    finally:
        watch.close()


class Changed(BaseException):
    """Something was saved: what is under way is out of date. (No Exception: it is no fault of the judge.)"""


class Loaded(NamedTuple):
    """The course as it was read: its exercises, and those that are wanted."""

    look: Look
    course: Course
    everything: Sequence[Asked]
    chosen: Sequence[Asked]


class Watch:
    """A folder, the newest result of each exercise, and the state of the files that it was found with."""

    def __init__(self, root: Path, wanted: Sequence[str]) -> None:
        self.root, self.wanted, self.out = root, wanted, console()
        self.status = CTRL_C
        self.folder = OwnFolder(root)
        self.seen: Look = {}
        self.looked = 0.0
        self.submission: Submission | None = None
        self.results: dict[str, ExerciseResult] = {}
        self.found_with: dict[str, str] = {}
        self.loaded: Loaded | None = None
        self.modules: list[str] = []
        self.launcher: Launcher | None = None

    def close(self) -> None:
        """End the processes."""
        if self.launcher:
            self.launcher.close()

    def run(self) -> NoReturn:
        """Until Stopped ends it."""
        while True:
            self._settle()
            with contextlib.suppress(Changed):
                try:
                    self._turn()
                except (GraderError, OSError) as error:
                    self.status = 2
                    say(self.out, f"grader: {printable(str(error), 1000)}")
                while True:
                    time.sleep(PAUSE)
                    self._look()

    def load(self) -> Loaded:
        """The course, read again where it has changed; then all results are out of date."""
        look = stamps(self.root, COURSE_FILES)
        if self.loaded is None or self.loaded.look != look:
            folder = open_student_folder(self.root)
            known = read_student_bundles(folder)
            chosen = asked(folder.course, select(known, self.wanted, folder.course))
            say_notes(self.out, notes(folder.course, known))
            self.loaded = Loaded(look, folder.course, asked(folder.course, known), chosen)
            self.results, self.found_with = {}, {}
        return self.loaded

    def _all(self) -> Look:
        return {**self.folder.look(), **stamps(self.root, COURSE_FILES)}

    def _settle(self) -> None:
        """Wait until whatever is being saved is saved: some editors empty or remove a file before they write it."""
        end = time.monotonic() + LONGEST
        self.seen = self._all()
        while time.monotonic() < end:
            time.sleep(SETTLED)
            before, self.seen = self.seen, self._all()
            if before == self.seen:
                return

    def _look(self) -> None:
        """Raise Changed where the files are not those of this turn any more."""
        now = time.monotonic()
        if now - self.looked < PAUSE / 2:
            return
        self.looked = now
        if self._all() != self.seen:
            raise Changed

    def _turn(self) -> None:
        """Check whatever may have another result than before."""
        submission = self.folder.read()
        self._announce(submission)
        loaded = self.load()
        judge = self._judge(loaded, submission)
        resolved = judge.resolve(submission)
        state = fingerprints(loaded.chosen, loaded.everything, resolved)
        stale = [one for one in loaded.chosen if self.found_with.get(one.bundle.exercise) != state[one.bundle.exercise]]
        for result in judge.results_of(resolved, stale):
            print_exercise(self.out, result)
            self.results[result.exercise], self.found_with[result.exercise] = result, state[result.exercise]
            self._look()
        results = tuple(self.results[one.bundle.exercise] for one in loaded.chosen)
        self.status = 0 if all(result.verdict == "pass" for result in results) else 1
        if not stale:
            say(self.out, "Nothing that is checked here depends on that.")
        say_total(self.out, Report(submission.name, loaded.course.title, results))
        say(self.out, "Waiting for the next save; Ctrl-C ends this.")

    def _judge(self, loaded: Loaded, submission: Submission) -> Judge:
        """A judge whose workers come from the same, warm process as before, unless that lacks a package."""
        modules = modules_used(submission, loaded.course)
        if self.launcher is None or modules != self.modules:
            self.close()
            self.launcher, self.modules = launcher(modules), modules
        watched = InterruptibleLauncher(self.launcher, self._look)
        return Judge(loaded.course, loaded.chosen, watched, Isolation(0), everything=loaded.everything)

    def _announce(self, submission: Submission) -> None:
        before, self.submission = self.submission, submission
        if before is not None:
            told = told_changes(_sources(before), _sources(submission))
            self.out.print()
            self.out.print(Text(f"{datetime.now():%H:%M:%S}  {told}", style="bold"))


def _sources(submission: Submission) -> dict[str, bytes]:
    return {file.path: file.source for file in submission.files}


def told_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """ "conv.py changed, pooling.py is gone."."""
    changed = [path for path in after if before.get(path) != after[path]]
    gone = [path for path in before if path not in after]
    parts = [f"{_listed(changed)} changed"] if changed else []
    parts += [f"{_listed(gone)} {'is' if len(gone) == 1 else 'are'} gone"] if gone else []
    return ", ".join(parts) + "." if parts else "Saved without a change."


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(printable(path) for path in paths[:SHOWN]) + more
