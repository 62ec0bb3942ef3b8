"""What the pytest plugin knows of a released folder: its exercises, whose files they are in, and their results."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from grader.judging.asked import Asked, asked
from grader.judging.judge import Judge
from grader.keeping.view import view
from grader.packages import notes
from grader.report import CheckResult, ExerciseResult, Isolation, Report
from grader.running.workers import Launcher, launcher
from grader.sinks import Checked, own_findings
from grader.sinks._lines import check_lines
from grader.sinks.text import numbers
from grader.text import printable
from grader.workspace import StudentFolder, open_student_folder, read_student_bundles

from .check import modules_used
from .own_folder import own_files

LONGEST = 600


class Result(NamedTuple):
    """A check as a test: `text` says what is wrong, "" where nothing is."""

    points: float
    max_points: float
    text: str = ""
    skipped: bool = False


class LeftOut(Exception):
    """The exercises of a file require a package that is not installed; the text says so."""


class Exercises:
    """The exercises of a released folder; each is judged once, when it is asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._judged: dict[str, ExerciseResult] = {}
        self._launcher: Launcher | None = None

    @cached_property
    def folder(self) -> StudentFolder:
        return open_student_folder(self.root)

    @cached_property
    def asked(self) -> dict[str, Asked]:
        """The course's exercises by name."""
        bundles = read_student_bundles(self.folder)
        return {exercise.bundle.exercise: exercise for exercise in asked(self.folder.course, bundles)}

    @cached_property
    def left_out(self) -> dict[str, str]:
        """File to the reason why its exercises cannot be checked here."""
        course = self.folder.course
        bundles = read_student_bundles(self.folder)
        return {course.file_of(b.exercise, b.topic, b.file): why for b in bundles for why in notes(course, [b])}

    @cached_property
    def files(self) -> dict[str, str]:
        """Exercise to the path of its file in the folder; to "" where there is none."""
        submission = own_files(self.root)
        found = {name: submission.find(exercise.file)[0] for name, exercise in self.asked.items()}
        return {name: source.path if source else "" for name, source in found.items()}

    def wants(self, path: Path) -> bool:
        """Whether a file is the course file of this folder, or a student's file in it."""
        path = path.resolve()
        if path == self.root / "course.toml":
            return True
        inside = path.relative_to(self.root).as_posix() if self.root in path.parents else ""
        return bool(inside) and self._readable() and inside in {*self.files.values(), *self.left_out}

    def of(self, path: Path) -> list[str]:
        """The exercises of a file; those without a file belong to the course file."""
        place = path.resolve().relative_to(self.root).as_posix()
        place = "" if place == "course.toml" else place
        if place not in self.files.values() and place in self.left_out:
            raise LeftOut(self.left_out[place])
        return [name for name, file in self.files.items() if file == place]

    def checks(self, name: str) -> list[str]:
        """The checks of an exercise that count."""
        exercise = self.asked[name]
        return [check.name for check in exercise.bundle.checks if check.name not in exercise.without]

    def line(self, name: str, check: str) -> int:
        """The line of the method that a check is about, from 1 on."""
        file = self.files[name]
        source = (self.root / file).read_bytes() if file else b""
        exercise = self.asked[name]
        return check_lines(source, exercise.bundle.symbols, exercise.names, [check])[check]

    def result(self, name: str, check: str) -> Result:
        """The check's result; a check that was not reached fails with what the exercise says."""
        judged = self._result(name)
        found = next((one for one in judged.checks if one.name == check), None)
        found = found or CheckResult(check, judged.verdict, 0.0, 0.0)
        if found.verdict == "pass":
            return Result(found.points, found.max_points)
        skipped = found.verdict == "skipped"
        return Result(found.points, found.max_points, self._text(judged, found), skipped)

    def close(self) -> None:
        """End the workers."""
        if self._launcher is not None:
            self._launcher.close()
        self._launcher = None

    def _readable(self) -> bool:
        """False where the bundles are damaged: then the course file says so."""
        from grader.errors import GraderError

        try:
            return bool(self.asked)
        except GraderError:
            return False

    def _result(self, name: str) -> ExerciseResult:
        if name not in self._judged:
            submission = own_files(self.root)
            course = self.folder.course
            self._launcher = self._launcher or launcher(modules_used(submission, course))
            everything = list(self.asked.values())
            judge = Judge(course, [self.asked[name]], self._launcher, Isolation(0), everything=everything)
            feedback = "full" if self.asked[name].bundle.kind == "public" else course.policy.feedback
            report = Report(submission.name, course.title, tuple(judge.results(submission)), feedback=feedback)
            self._judged[name] = view(report).exercises[0]
        return self._judged[name]

    def _text(self, judged: ExerciseResult, check: CheckResult) -> str:
        findings = check.findings or tuple(judged.checks[0].findings if judged.checks else ())
        parts: list[str] = []
        for finding in findings:
            parts.append(printable(finding.sentence, LONGEST))
            parts += [f"Hint: {printable(finding.hint, LONGEST)}"] if finding.hint else []
            if finding.evidence and finding.evidence.line:
                file, line = Checked(Report("", "", ())).place(judged, check, finding)
                parts.append(f"{printable(file)}:{line}")
            parts += [numbers(finding)] if own_findings(check) and numbers(finding) else []
        return "\n".join(parts) or check.verdict
