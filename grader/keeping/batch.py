"""Grades many submissions on several processes. Each has its own judge and zygote; this one alone writes results."""

from __future__ import annotations

import difflib
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from grader.bundle import Bundle
from grader.course import Course, check_names
from grader.errors import CourseError, GraderError, InputError
from grader.judging.asked import Asked, asked
from grader.judging.judge import Improver, Judge
from grader.judging.scoring import fault
from grader.packages import usable
from grader.processes import TRIES, Pool
from grader.report import ExerciseResult, Isolation, Report
from grader.running.submission import Submission
from grader.running.workers import Launcher, launcher, preloaded
from grader.stopping import Stopped, shielded
from grader.worker.limits import protect_memory
from grader.workspace import Workspace, read_bundles, read_secret

from .adjust import adjusted
from .store import Store, result_keys


class Setup(NamedTuple):
    """What a process needs to become a judge."""

    course: Course
    bundles: Path
    isolation: Isolation
    only: tuple[str, ...] = ()
    workspace: Workspace | None = None  # where the specs are, for smaller counterexamples
    modules: tuple[str, ...] | None = None  # to import before any worker; all that are allowed unless it is known


class Graded(NamedTuple):
    """A finished submission: its report, and how many of its exercises had to be run."""

    report: Report
    fresh: int


Task = tuple[Submission, tuple[str, ...]]  # with the names of the exercises that are to be judged
Work = tuple[Submission, dict[str, str], dict[str, ExerciseResult]]  # with keys, and with what is stored already
_judge: Judge | None = None


def prepare(setup: Setup) -> None:
    """Turn this process into a judge."""
    global _judge
    protect_memory()
    everything, left_out = _asked(setup)
    exercises = _only(setup, everything, left_out)
    allowed = setup.course.modules.allowed
    modules = preloaded(allowed) if setup.modules is None else setup.modules
    started = launcher(modules, layers=setup.isolation.layers or None, allowed=(*allowed, *_needed_by_reference(setup)))
    _judge = Judge(setup.course, exercises, started, setup.isolation, _improver(setup, started), everything)


def _needed_by_reference(setup: Setup) -> list[str]:
    """What the reference, which runs in the same workers for smaller counterexamples, may import besides."""
    files = setup.workspace.reference.glob("*.py") if setup.workspace else ()
    return preloaded(("scipy",), (path.read_bytes() for path in files))


def _improver(setup: Setup, started: Launcher) -> Improver | None:
    """A shrinker, where specs, reference and Hypothesis are at hand."""
    if setup.workspace is None:
        return None
    try:
        from grader.authoring.running import Reference
        from grader.authoring.shrink import Shrinker
        from grader.authoring.topics import read_topics

        topics = read_topics(setup.workspace.source)
        return Shrinker(topics, Reference(setup.workspace.reference, started), read_secret(setup.workspace))
    except GraderError:
        return None


def chosen(setup: Setup) -> list[Asked]:
    """The exercises that are to be judged; InputError names one that the course does not have."""
    return chosen_and_left_out(setup)[0]


def chosen_and_left_out(setup: Setup) -> tuple[list[Asked], list[Bundle]]:
    """The exercises that are to be judged, and those that would be if what they require were installed here."""
    everything, left_out = _asked(setup)
    wanted = [b for b in left_out if not setup.only or {b.exercise, b.topic} & {*setup.only}]
    return _only(setup, everything, left_out), wanted


def _asked(setup: Setup) -> tuple[list[Asked], list[Bundle]]:
    """All exercises that the course asks for, without those that cannot be judged here."""
    bundles = read_bundles(setup.bundles)
    check_names(setup.course, {name for bundle in bundles for name in (bundle.exercise, bundle.topic)})
    exercises = asked(setup.course, bundles)
    left_out = [b for b in bundles if setup.course.asks_for(b.exercise, b.topic) and not usable(b)]
    if not exercises and not left_out:
        raise CourseError("The course file's include and exclude leave no exercise to grade.")
    return exercises, left_out


def _only(setup: Setup, exercises: Sequence[Asked], left_out: Sequence[Bundle]) -> list[Asked]:
    """Those of them that were chosen for this run."""
    known = sorted({name for b in (*(e.bundle for e in exercises), *left_out) for name in (b.exercise, b.topic)})
    for name in setup.only:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
            raise InputError(f"No exercise or topic of this course is called {name!r}: {hint}")
    return [e for e in exercises if not setup.only or {e.bundle.exercise, e.bundle.topic} & {*setup.only}]


def judge_submission(task: Task) -> list[ExerciseResult]:
    """The work of one process for one submission; whatever of ours fails is a grader fault of that submission."""
    assert _judge is not None
    submission, wanted = task
    exercises = [e for e in _judge.exercises if e.bundle.exercise in wanted]
    try:
        judge = Judge(_judge.course, exercises, _judge.launcher, _judge.isolation, _judge.improver, _judge.everything)
        return list(judge.results(submission))
    except Exception as error:
        return [fault(e, error) for e in exercises]


class Batch:
    """A class to be graded: loads what is stored, runs the rest, stores it, and yields submission by submission."""

    def __init__(
        self, setup: Setup, store: Store, jobs: int, fresh: bool = False, exercises: Sequence[Asked] | None = None
    ) -> None:
        self.setup, self.store, self.jobs, self.fresh = setup, store, jobs, fresh
        self.exercises = chosen(setup) if exercises is None else exercises

    def run(self, submissions: Sequence[Submission]) -> Generator[Graded, None, None]:
        """Graded submissions in the order in which they are done; all results are stored before they are yielded."""
        waiting: list[Work] = []
        for submission in submissions:
            keys, stored = self._known(submission, self.fresh)
            if len(stored) == len(keys):
                yield self._graded(submission, stored, 0)
            else:
                waiting.append((submission, keys, stored))
        if waiting:
            yield from self._judge_all(waiting)

    def finished(self, submissions: Sequence[Submission]) -> list[Report]:
        """Reports of the submissions that are stored whole."""
        known = [(submission, *self._known(submission)) for submission in submissions]
        whole = [(submission, stored) for submission, keys, stored in known if len(stored) == len(keys)]
        return [self._graded(submission, stored, 0).report for submission, stored in whole]

    def _known(self, submission: Submission, fresh: bool = False) -> tuple[dict[str, str], dict[str, ExerciseResult]]:
        """The keys of a submission's results, and the results that are stored."""
        keys = result_keys(submission, self.setup.course, self.exercises)
        return keys, {} if fresh else self.store.load(submission.name, keys)

    def _judge_all(self, waiting: list[Work]) -> Generator[Graded, None, None]:
        """What the judges answer. Whoever stops here gets what is finished kept first."""
        pool = self._pool([submission for submission, _, _ in waiting])
        tasks = [(submission, tuple(keys.keys() - stored.keys())) for submission, keys, stored in waiting]
        try:
            for number, results in pool.run(tasks):
                yield self._kept(waiting[number], results)
        except (Stopped, GeneratorExit):
            for number, results in pool.arrivals():
                self._kept(waiting[number], results)
            raise
        finally:
            pool.close()

    def _kept(self, work: Work, results: list[ExerciseResult] | None) -> Graded:
        """A submission whose results are on the disk now; without results it is a grader fault."""
        submission, keys, stored = work
        if results is None:
            error = GraderError(f"its judge was killed {TRIES} times, for memory perhaps")
            wanted = keys.keys() - stored.keys()
            results = [fault(e, error) for e in self.exercises if e.bundle.exercise in wanted]
        with shielded():
            self.store.save(submission.name, keys, results)
        return self._graded(submission, {**stored, **{r.exercise: r for r in results}}, len(results))

    def _pool(self, submissions: Sequence[Submission]) -> Pool[Task, list[ExerciseResult]]:
        sources = (file.source for submission in submissions for file in submission.files)
        setup = self.setup._replace(modules=tuple(preloaded(self.setup.course.modules.allowed, sources)))
        return Pool(partial(prepare, setup), judge_submission, min(self.jobs, len(submissions)))

    def _graded(self, submission: Submission, results: dict[str, ExerciseResult], fresh: int) -> Graded:
        import grader

        ordered = tuple(results[e.bundle.exercise] for e in self.exercises if e.bundle.exercise in results)
        versions = {"grader": grader.__version__}
        report = Report(
            submission.name,
            self.setup.course.title,
            ordered,
            submission.notes,
            self.setup.isolation,
            versions,
            self.setup.course.policy.feedback,
        )
        name, late = submission.name, self.setup.course.late
        return Graded(adjusted(report, self.store.overrides(name), late, self.store.submitted(name)), fresh)
