"""From a submission to a report: loads each file once, runs the exercises' probes, lets their checks judge."""

from __future__ import annotations

import contextlib
import difflib
import gc
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec
import numpy as np

import grader
from grader.bundle import Bundle
from grader.course import Course
from grader.errors import GraderError
from grader.naming import Naming
from grader.notebooks.origin import damage, located
from grader.notebooks.resolving import Resolved, Wanted, resolve, wanted_files
from grader.packages import usable
from grader.report import CheckResult, Evidence, ExerciseResult, Finding, Isolation, Report, Verdict, total
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import LoadProblem, Session, Source
from grader.running.submission import SourceFile, Submission
from grader.running.workers import Launcher
from grader.text import whole

from . import determinism
from .context import Bank, Context, Policy
from .wording import translated

TEXTUAL = ("syntax", "python2", "tabs", "encoding", "too deep")  # of the file's text: running it shows nothing more


class Asked(NamedTuple):
    """One exercise as a course asks for it: the bank, its encoded probes, file, names and points."""

    bank: Bank
    batch: Batch
    file: str
    names: Mapping[str, str]
    points: float
    title: str
    without: tuple[str, ...] = ()  # checks that the course leaves out: they are judged, since others build on them

    @property
    def bundle(self) -> Bundle:
        """The exercise's bundle."""
        return self.bank.bundle


def asked(course: Course, bundles: Iterable[Bundle]) -> list[Asked]:
    """The exercises of a course that can be judged here, in the order of the bundles."""
    chosen = []
    bundles = list(bundles)
    names = course.all_names(bundles)
    for bundle in bundles:
        if not course.asks_for(bundle.exercise, bundle.topic) or not usable(bundle):
            continue
        settings = course.settings(bundle.exercise)
        bank = Bank(bundle)
        chosen.append(
            Asked(
                bank,
                determinism.batch(bank),
                course.file_of(bundle.exercise, bundle.topic, bundle.file),
                names[bundle.exercise],
                course.points_of(bundle),
                settings.title or bundle.title,
                settings.without,
            )
        )
    return chosen


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
        sessions: dict[tuple[str, str], Session | None] = {}
        resolved = resolve(submission, wanted(self.everything))
        try:
            for exercise in self.exercises:
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
            return nothing(exercise, "missing", _missing(exercise, resolved.submission), tuple(notes))
        if finding := _damaged(exercise, resolved, source):
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
            result = located(msgspec.structs.replace(result, file=source.path), resolved.origins)
            return msgspec.structs.replace(result, notes=(*notes, *result.notes))
        except Exception as error:
            _drop(sessions, key)  # whatever state its worker is in, the next exercise must not see it
            return fault(exercise, error)


def wanted(exercises: Iterable[Asked]) -> tuple[Wanted, ...]:
    """The files of a course with the names that must be in them."""
    return wanted_files((one.file, (one.names.get(s, s) for s in one.bundle.symbols)) for one in exercises)


def _damaged(exercise: Asked, resolved: Resolved, source: SourceFile) -> Finding | None:
    """Why what is asked for is not in a notebook, where its cell is no Python."""
    if source.path not in resolved.origins:
        return None
    symbols = [exercise.names.get(symbol, symbol) for symbol in exercise.bundle.symbols]
    return damage(symbols, resolved.origins[source.path], resolved.defined[source.path])


def _missing(exercise: Asked, submission: Submission) -> Finding:
    """Why there is no such file: perhaps it has another name, or a notebook has another content."""
    file = exercise.file
    if near := submission.near_miss(file):
        text = f'{file} was not handed in, but there is "{near}".'
        return Finding("missing file", text, f"If that is it, rename it to {file} and hand it in again.", visible=True)
    text, hint = f"{file} was not handed in.", "The file must be in the submission under this name."
    if any(other.path.lower().endswith(".ipynb") for other in submission.files):
        names = [f"`{exercise.names.get(symbol, symbol)}`" for symbol in exercise.bundle.symbols]
        text = f"{file} was not handed in, and no notebook defines {' or '.join(names)}."
        hint = "Names must be exactly as in the handout. Was the notebook saved?"
    return Finding("missing file", text, hint, visible=True)


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
        finding = _unloadable(session)
        verdict: Verdict = "timeout" if finding.code == "timeout" else "crash" if finding.code == "crash" else "fail"
        return nothing(exercise, verdict, finding)
    notes = _notes(session)
    absent = [symbol for symbol in exercise.bundle.symbols if exercise.names.get(symbol, symbol) not in session.symbols]
    if absent:
        finding = _absent(exercise, session, absent[0])
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
    """A second round of probes; deaths in it are not held against the first."""
    return session.run(Batch(probes))


def _notes(session: Session) -> tuple[str, ...]:
    if session.definitions_only and session.problem:
        return (load_sentence(session.problem, session.source.main), *session.notes)
    return session.notes


def load_sentence(problem: LoadProblem, file: str) -> str:
    """Why a file could not be imported, as a sentence with the file's name in it."""
    line = re.match(r"line (\d+)\b", problem.sentence)
    if line:
        return whole(f"Line {line[1]} of {file}{problem.sentence[line.end() :]}")
    return whole(problem.sentence if file in problem.sentence else f"{file}: {problem.sentence}")


def _unloadable(session: Session) -> Finding:
    file, problem = session.source.main, session.problem
    if problem is None:
        return Finding("missing", f"{file} could not be imported.", visible=True)
    hint = "" if problem.code in TEXTUAL else f"Run `python {file}` and look at the error."
    evidence = Evidence(file=file, line=problem.line, source=problem.source) if problem.line else None
    return Finding(problem.code, load_sentence(problem, file), hint, visible=True, evidence=evidence)


def _absent(exercise: Asked, session: Session, symbol: str) -> Finding:
    name = exercise.names.get(symbol, symbol)
    near = difflib.get_close_matches(name.lower(), {s.lower(): s for s in session.symbols}, 1, 0.75)
    original = {s.lower(): s for s in session.symbols}
    if not session.source.files.get(session.source.main, b"-").strip():
        return Finding("missing symbol", f"{session.source.main} is empty.", "Was it saved?", visible=True)
    text = f"`{name}` is not defined in the file."
    if session.definitions_only and session.problem:
        text = f"`{name}` is not defined. {load_sentence(session.problem, session.source.main)}"
    hint = (
        f"There is `{original[near[0]]}`: rename it to `{name}`."
        if near
        else "Names must be exactly as in the handout."
    )
    line, source = (session.problem.line, session.problem.source) if session.problem else (0, "")
    evidence = Evidence(file=session.source.main, line=line, source=source) if line else None
    return Finding("missing symbol", text, hint, visible=True, evidence=evidence)


def nothing(exercise: Asked, verdict: Verdict, finding: Finding, notes: tuple[str, ...] = ()) -> ExerciseResult:
    """No points at all, for one reason that is told once."""
    kept = [check for check in exercise.bundle.checks if check.name not in exercise.without]
    checks = [
        CheckResult(check.name, verdict, 0.0, check.points, 0, 0, (finding,) if number == 0 else ())
        for number, check in enumerate(kept)
    ]
    return scored(exercise, checks, notes, 0.0)


def fault(exercise: Asked, error: Exception) -> ExerciseResult:
    """Our own failure: neither points lost nor a pass; the total is incomplete and listed for a rerun."""
    where = "".join(f", in {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-1:])
    text = f"The grader itself failed ({type(error).__name__}: {error}{where}); this exercise was not judged."
    finding = Finding("grader fault", text, "Run the same command again; if it stays, report it.", visible=True)
    return nothing(exercise, "grader fault", finding)


def scored(
    exercise: Asked, checks: Sequence[CheckResult], notes: tuple[str, ...], cpu_seconds: float
) -> ExerciseResult:
    """Points scaled to the course's and rounded so that the checks add up to the exercise exactly."""
    checks = [check for check in checks if check.name not in exercise.without]
    highest = shares([check.max_points for check in checks], exercise.points)
    rounded = tuple(
        msgspec.structs.replace(
            check, max_points=most, points=round(most * check.points / check.max_points, 2) if check.max_points else 0.0
        )
        for check, most in zip(checks, highest, strict=True)
    )
    points = total(check.points for check in rounded)
    return ExerciseResult(
        exercise.bundle.exercise,
        exercise.title,
        exercise.file,
        overall(rounded, points),
        points,
        total(highest),
        rounded,
        notes,
        exercise.bundle.digest,
        round(cpu_seconds, 3),
    )


def shares(parts: Sequence[float], whole: float) -> list[float]:
    """`whole` divided in proportion to `parts`, each to two decimals, adding up to `whole` exactly."""
    scale, seen, given = whole / sum(parts) if sum(parts) else 0.0, 0.0, 0.0
    result = []
    for part in parts:
        seen += part * scale
        result.append(round(round(seen, 2) - given, 2))
        given = round(seen, 2)
    return result


def overall(checks: Sequence[CheckResult], points: float) -> Verdict:
    """One word for an exercise."""
    verdicts = {check.verdict for check in checks}
    if "grader fault" in verdicts:
        return "grader fault"
    if verdicts <= {"pass"}:
        return "pass"
    if points > 0:
        return "partial"
    for word in ("missing", "timeout", "crash", "protocol error", "nondeterministic"):
        if word in verdicts:
            return word
    return "fail"
