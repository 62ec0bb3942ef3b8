"""From a submission to a report: loads each file once, runs the exercises' probes, lets their checks judge."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec
import numpy as np

import grader
from grader.course import Course
from grader.errors import GraderError
from grader.naming import Naming
from grader.notebooks.origin import located
from grader.notebooks.resolving import Resolved, resolve
from grader.report import CheckResult, ExerciseResult, Isolation, Report, Verdict
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source
from grader.running.submission import SourceFile, Submission
from grader.running.workers import Launcher

from . import determinism
from .absence import absent_symbol, damaged, load_sentence, missing, unloadable
from .asked import Asked, wanted
from .context import Context, Policy
from .evidence import confirmed
from .scoring import fault, nothing, scored
from .wording import translated


class Improver(Protocol):
    """Finds better explanations and smaller cases for what has failed, where the specs are at hand."""

    def improve(self, context: Context, checks: list[CheckResult], session: Session) -> list[CheckResult]: ...


class Judge:
    """Judges submissions of one course, with one launcher."""

    def __init__(
        self,
        course: Course,
        exercises: Sequence[Asked],
        launcher: Launcher,
        isolation: Isolation,
        improver: Improver | None = None,
        everything: Sequence[Asked] = (),
    ) -> None:
        """`everything` are all exercises of the course, where `exercises` are some: they may build on the others."""
        self.course, self.exercises, self.launcher, self.isolation = course, exercises, launcher, isolation
        self.improver, self.everything = improver, everything or exercises
        self.packages: dict[str, tuple[str, ...]] = {}  # by file: it is loaded where all its exercises have theirs
        for one in self.everything:
            self.packages[one.file] = tuple(dict.fromkeys([*self.packages.get(one.file, ()), *one.bundle.packages]))
        gc.freeze()  # the bundles stay: no collection need look at them again

    def report(self, submission: Submission) -> Report:
        """Judge everything that the course asks for."""
        return Report(
            submission.name,
            self.course.title,
            tuple(self.results(submission)),
            submission.notes,
            self.isolation,
            {"grader": grader.__version__},
        )

    def results(self, submission: Submission) -> Iterator[ExerciseResult]:
        """Results one by one, in the order of the exercises."""
        return self.results_of(self.resolve(submission), self.exercises)

    def resolve(self, submission: Submission) -> Resolved:
        """The submission with its notebooks as the files that the course wants."""
        return resolve(submission, wanted(self.everything))

    def results_of(self, resolved: Resolved, exercises: Iterable[Asked]) -> Iterator[ExerciseResult]:
        """Results of some of the exercises."""
        sessions: dict[tuple[str, str], Session | None] = {}
        try:
            for exercise in exercises:
                yield self._result(resolved, exercise, sessions)
        finally:
            for session in sessions.values():
                if session:
                    session.close()

    def _result(
        self, resolved: Resolved, exercise: Asked, sessions: dict[tuple[str, str], Session | None]
    ) -> ExerciseResult:
        source, notes = resolved.find(exercise.file)
        if source is None:
            return nothing(exercise, "missing", missing(exercise, resolved.submission), tuple(notes))
        if finding := damaged(exercise, resolved, source):
            result = nothing(exercise, "fail", finding, notes)
            return msgspec.structs.replace(result, file=resolved.origins[source.path].path)
        limits = self.course.limits_of(exercise.bundle.exercise)
        key = (source.path, repr([sorted(exercise.names.items()), limits]))
        try:
            if key not in sessions:
                _close(sessions)  # one worker at a time: exercises come file by file
                packages = self.packages[exercise.file]
                allowed = (*self.course.modules.allowed, *packages)
                loaded = Source(_python_files(resolved.submission), source.path, exercise.names, allowed)
                sessions[key] = Session(self.launcher.having(packages) if packages else self.launcher, loaded, limits)
            session = sessions[key]
            assert session is not None
            result = judge_exercise(exercise, session, self.course.policy, self.improver)
            checks = confirmed(result.checks, session.source.files)
            result = located(msgspec.structs.replace(result, file=source.path, checks=checks), resolved.origins)
            return msgspec.structs.replace(result, notes=(*notes, *result.notes))
        except Exception as error:
            _drop(sessions, key)  # whatever state its worker is in, the next exercise must not see it
            return fault(exercise, error)


def _drop(sessions: dict[tuple[str, str], Session | None], key: tuple[str, str]) -> None:
    session = sessions.pop(key, None)
    if session:
        with contextlib.suppress(GraderError, OSError):
            session.close()


def _close(sessions: Mapping[tuple[str, str], Session | None]) -> None:
    for session in sessions.values():
        if session:
            session.close()


def _python_files(submission: Submission) -> dict[str, bytes]:
    return {file.path: file.source for file in submission.files if _is_python(file)}


def _is_python(file: SourceFile) -> bool:
    return file.path.lower().endswith(".py")


def judge_exercise(
    exercise: Asked, session: Session, policy: Policy, improver: Improver | None = None
) -> ExerciseResult:
    """One exercise on a loaded (or loadable) file."""
    if not session.load():
        finding = unloadable(session)
        verdict: Verdict = "timeout" if finding.code == "timeout" else "crash" if finding.code == "crash" else "fail"
        return nothing(exercise, verdict, finding)
    notes = _notes(session)
    absent = [symbol for symbol in exercise.bundle.symbols if exercise.names.get(symbol, symbol) not in session.symbols]
    if absent:
        finding = absent_symbol(exercise, session, absent[0])
        return nothing(exercise, "missing", finding, notes)
    before = session.cpu_seconds
    first, again = _run(exercise, session)
    context = Context(exercise.bank, first, policy, lambda probes: _more(session, probes))
    with np.errstate(all="ignore"):  # numbers from students may be anything; no check takes a warning for an answer
        checks = [check.judge(context) for check in exercise.bundle.checks]
    lucky = determinism.lucky(exercise.bank, session, first, again)
    checks = determinism.without_luck(context, checks, lucky)
    if improver:
        checks = _improved(improver, context, checks, session)
    checks = translated(checks, Naming(exercise.names, exercise.bundle.symbols))
    return scored(exercise, checks, notes, session.cpu_seconds - before)


def _run(exercise: Asked, session: Session) -> tuple[list[Trace], list[Trace]]:
    """The traces of all probes, and of those that run again; deaths in these are not held against later exercises."""
    deaths = session.deaths
    traces = session.run(exercise.batch)
    first, again = traces[: exercise.batch.again], traces[exercise.batch.again :]
    if not any(trace.death for trace in first):
        session.deaths = deaths
    return first, again


def _improved(improver: Improver, context: Context, checks: list[CheckResult], session: Session) -> list[CheckResult]:
    """Better explanations, if they can be had: looking for them costs no points here or later, and cannot fail."""
    deaths = session.deaths
    try:
        return improver.improve(context, checks, session)
    except Exception:
        return checks
    finally:
        session.deaths = deaths


def _more(session: Session, probes: Sequence[Probe]) -> list[Trace]:
    """A second round of probes, in a worker that remembers nothing of the first; deaths are not held against that."""
    with session.again(0) as fresh:
        return fresh.run(Batch(probes))


def _notes(session: Session) -> tuple[str, ...]:
    if session.definitions_only and session.problem:
        return (load_sentence(session.problem, session.source.main), *session.notes)
    return session.notes
