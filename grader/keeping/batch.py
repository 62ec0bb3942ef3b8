"""Grades many submissions on several processes. Each has its own judge and zygote; this one alone writes results."""

from __future__ import annotations

import difflib
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

from grader.course import Course, check_names
from grader.errors import CourseError, GraderError, InputError
from grader.judging.judge import Asked, Improver, Judge, asked, fault
from grader.report import ExerciseResult, Isolation, Report
from grader.running.submission import Submission
from grader.running.workers import Launcher, launcher
from grader.worker.limits import PR_SET_PDEATHSIG, prctl, protect_memory
from grader.workspace import Workspace, read_bundles, read_secret

from .store import Store, result_keys


class Setup(NamedTuple):
    """What a process needs to become a judge."""

    course: Course
    bundles: Path
    isolation: Isolation
    only: tuple[str, ...] = ()
    workspace: Workspace | None = None  # where the specs are, for smaller counterexamples
    parent: int = 0


class Graded(NamedTuple):
    """A finished submission: its report, and how many of its exercises had to be run."""

    report: Report
    fresh: int


Work = tuple[Submission, dict[str, str], dict[str, ExerciseResult]]  # with keys, and with what is stored already
_judge: Judge | None = None


def prepare(setup: Setup) -> None:
    """Turn this process into a judge; it ends with its parent."""
    global _judge
    if setup.parent and setup.parent != os.getpid():
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    protect_memory()
    exercises = chosen(setup)
    modules = [
        f"{name}.signal" if name == "scipy" else name for name in setup.course.modules.allowed if name != "numpy"
    ]
    started = launcher(modules)
    _judge = Judge(setup.course, exercises, started, setup.isolation, _improver(setup, started))


def _improver(setup: Setup, started: Launcher) -> Improver | None:
    """A shrinker, where specs, reference and Hypothesis are at hand."""
    if setup.workspace is None:
        return None
    try:
        from grader.authoring.freeze import Reference
        from grader.authoring.shrink import Shrinker
        from grader.authoring.topics import read_topics

        topics = read_topics(setup.workspace.source)
        return Shrinker(topics, Reference(setup.workspace.reference, started), read_secret(setup.workspace))
    except GraderError:
        return None


def chosen(setup: Setup) -> list[Asked]:
    """The exercises that are to be judged; InputError names one that the course does not have."""
    bundles = read_bundles(setup.bundles)
    check_names(setup.course, {name for bundle in bundles for name in (bundle.exercise, bundle.topic)})
    exercises = asked(setup.course, bundles)
    if not exercises:
        raise CourseError("The course file's include and exclude leave no exercise to grade.")
    known = sorted({name for e in exercises for name in (e.bundle.exercise, e.bundle.topic)})
    for name in setup.only:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
            raise InputError(f"No exercise or topic of this course is called {name!r}: {hint}")
    return [e for e in exercises if not setup.only or {e.bundle.exercise, e.bundle.topic} & {*setup.only}]


def judge_submission(submission: Submission, wanted: Sequence[str]) -> list[ExerciseResult]:
    """The work of one process for one submission."""
    assert _judge is not None
    exercises = [e for e in _judge.exercises if e.bundle.exercise in wanted]
    judge = Judge(_judge.course, exercises, _judge.launcher, _judge.isolation, _judge.improver)
    return list(judge.results(submission))


class Batch:
    """A class to be graded: loads what is stored, runs the rest, stores it, and yields submission by submission."""

    def __init__(
        self, setup: Setup, store: Store, jobs: int, fresh: bool = False, exercises: Sequence[Asked] | None = None
    ) -> None:
        self.setup, self.store, self.jobs, self.fresh = setup, store, jobs, fresh
        self.exercises = chosen(setup) if exercises is None else exercises

    def run(self, submissions: Sequence[Submission]) -> Iterator[Graded]:
        """Graded submissions in the order in which they are done; all results are stored before they are yielded."""
        waiting: list[Work] = []
        for submission in submissions:
            keys = result_keys(submission, self.setup.course, self.exercises)
            stored = {} if self.fresh else self.store.load(submission.name, keys)
            if len(stored) == len(keys):
                yield self._graded(submission, stored, 0)
            else:
                waiting.append((submission, keys, stored))
        yield from self._judge_all(waiting)

    def _judge_all(self, waiting: list[Work]) -> Iterator[Graded]:
        """A judge that is killed takes its pool along. Each submission that may have been its own is judged alone, and
        is a grader fault if that ends the same way; the others go on in a new pool."""
        while waiting:
            lost: list[Work] = []
            yield from self._judge(waiting, lost)
            suspects = 2 * self.jobs + 1  # in the judges' hands, or in their queue
            for work in lost[:suspects]:
                again: list[Work] = []
                yield from self._judge([work], again)
                if again:
                    error = GraderError("its judge was killed twice, for memory perhaps")
                    wanted = work[1].keys() - work[2].keys()
                    results = [fault(e, error) for e in self.exercises if e.bundle.exercise in wanted]
                    yield self._graded(work[0], {**work[2], **{r.exercise: r for r in results}}, len(results))
            waiting = lost[suspects:]

    def _judge(self, waiting: list[Work], lost: list[Work]) -> Iterator[Graded]:
        """One pool's work; what a broken pool did not hand over is added to `lost`."""
        with self._executor(min(self.jobs, len(waiting))) as executor:
            futures: dict[Future[list[ExerciseResult]], int] = {}
            for number, (submission, keys, stored) in enumerate(waiting):
                wanted = [name for name in keys if name not in stored]
                futures[executor.submit(judge_submission, submission, wanted)] = number
            try:
                for future in as_completed(futures):
                    submission, keys, stored = waiting[futures[future]]
                    if isinstance(future.exception(), BrokenProcessPool):
                        lost.append(waiting[futures[future]])
                        continue
                    results = self._results(future, [name for name in keys if name not in stored])
                    self.store.save(submission.name, keys, results)
                    yield self._graded(submission, {**stored, **{r.exercise: r for r in results}}, len(results))
            except BaseException:
                for future in futures:
                    future.cancel()
                _kill(executor)
                raise
        lost.sort(key=waiting.index)  # as they were handed out

    def _results(self, future: Future[list[ExerciseResult]], wanted: Sequence[str]) -> list[ExerciseResult]:
        try:
            return future.result()
        except Exception as error:
            return [fault(e, error) for e in self.exercises if e.bundle.exercise in wanted]

    def _executor(self, jobs: int) -> Executor:
        context = multiprocessing.get_context("spawn")
        setup = self.setup._replace(parent=os.getpid())
        return ProcessPoolExecutor(jobs, mp_context=context, initializer=prepare, initargs=(setup,))

    def _graded(self, submission: Submission, results: dict[str, ExerciseResult], fresh: int) -> Graded:
        import grader

        ordered = tuple(results[e.bundle.exercise] for e in self.exercises if e.bundle.exercise in results)
        versions = {"grader": grader.__version__}
        report = Report(
            submission.name, self.setup.course.title, ordered, submission.notes, self.setup.isolation, versions
        )
        return Graded(report, fresh)


def _kill(executor: Executor) -> None:
    """End the judges at once: what they have not handed over is not lost, only not done."""
    processes: dict[int, multiprocessing.process.BaseProcess] = getattr(executor, "_processes", None) or {}
    for process in list(processes.values()):
        process.kill()
