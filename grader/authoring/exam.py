"""The grader's exam: references and correct variants get everything, every misconception loses in its own check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from grader.bundle import Bundle, decode, encode
from grader.course import Course
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.report import ExerciseResult, Isolation
from grader.running.submission import SourceFile, Submission
from grader.running.workers import Launcher

from .exercise import Exercise, Misconception, Topic
from .freeze import Freezer
from .running import Reference
from .template import skeleton
from .variants import variant


class Loss(NamedTuple):
    """A check in which points were lost, and why: code and sentence of the first finding."""

    exercise: str
    check: str
    why: str


class Exam:
    """One topic under one secret.

    `references` is the folder of reference modules, `variants` one with a folder for each topic of other correct files.
    A `whole` exam includes the misconceptions; the others are for false alarms on correct code only.
    """

    def __init__(
        self, topic: Topic, started: Launcher, secret: bytes, references: Path, variants: Path, whole: bool = True
    ) -> None:
        self.topic, self.launcher = topic if whole else topic._replace(misconceptions=()), started
        self.reference, self.styles = Reference(references, started), variants
        self.bundles = [self._freeze(exercise, secret) for exercise in topic.exercises]

    def _freeze(self, exercise: Exercise, secret: bytes) -> Bundle:
        bundle = Freezer(self.topic, exercise, self.reference, "hidden", secret).freeze()
        return decode(encode(bundle), exercise.name)  # through the file format, as in real life

    def grade(self, source: str | bytes, siblings: bool = True) -> dict[str, ExerciseResult]:
        """Results by exercise; siblings: the reference's other files are handed in too."""
        files = dict(self.reference.files) if siblings else {}
        files[self.topic.file] = source if isinstance(source, bytes) else source.encode()
        handed_in = tuple(SourceFile(path, text) for path, text in sorted(files.items()))
        course = Course(title="exam")
        judge = Judge(course, asked(course, self.bundles), self.launcher, Isolation(0))
        return {result.exercise: result for result in judge.results(Submission("exam", handed_in, ()))}

    def lost(self, results: dict[str, ExerciseResult]) -> Iterator[Loss]:
        """Where points were lost."""
        for result in results.values():
            for check in result.checks:
                if check.verdict != "pass":
                    finding = check.findings[0] if check.findings else None
                    why = f"{finding.code}: {finding.sentence}" if finding else check.verdict
                    yield Loss(result.exercise, check.name, why)

    def right(self, name: str, source: str | bytes, siblings: bool = True) -> list[str]:
        """Complaints about a correct file that loses points or is told something."""
        results = self.grade(source, siblings)
        missing = set() if siblings else {exercise.name for exercise in self.topic.exercises if exercise.needs}
        told = [f"{name}: {e}/{c} loses points: {why}" for e, c, why in self.lost(results) if e not in missing]
        for result in results.values():
            for check in result.checks:
                if check.verdict == "pass" and check.findings:
                    told.append(f"{name}: {result.exercise}/{check.name} is told {check.findings[0].sentence}")
        return told

    def losses(self, misconception: Misconception) -> list[Loss]:
        """What a misconception loses."""
        exercise = next(e for e in self.topic.exercises if e.name == misconception.exercise)
        text = variant(self.reference.source(self.topic.file), misconception, exercise)
        return list(self.lost(self.grade(text)))

    def wrong(self, misconception: Misconception) -> list[str]:
        """Complaints about a misconception that is not found, not named first, or that costs more than it may."""
        return complaints_about(misconception, self.losses(misconception))

    def variants(self) -> list[Path]:
        """Correct files in other styles."""
        return sorted((self.styles / self.topic.name).glob("*.py"))

    def template(self) -> list[str]:
        """Complaints about an untouched skeleton that earns points."""
        results = self.grade(skeleton(self.reference.source(self.topic.file)))
        return [f"template: {r.exercise} earns {r.points}" for r in results.values() if r.points]

    def complaints(self) -> Iterator[str]:
        """Everything that is not as it must be."""
        yield from self.right("reference", self.reference.source(self.topic.file))
        yield from self.right("reference alone", self.reference.source(self.topic.file), siblings=False)
        for path in self.variants():
            yield from self.right(f"variant {path.name}", path.read_bytes())
        for misconception in self.topic.misconceptions:
            yield from self.wrong(misconception)
        yield from self.template()


def complaints_about(m: Misconception, lost: list[Loss]) -> list[str]:
    """What is not as it must be in a misconception's losses."""
    name = f"misconception {m.exercise}: {m.name}"
    if (m.exercise, m.check) not in [(e, c) for e, c, _ in lost]:
        others = ", ".join(f"{e}/{c}" for e, c, _ in lost) or "no check at all"
        return [f"{name}: loses nothing in {m.check!r}, but in {others}"]
    told = []
    if not named_first(m, lost):
        first = next(why for e, _, why in lost if e == m.exercise)
        told.append(f"{name}: the first finding is {first!r}, where its own name is expected")
    for e, c, why in lost:
        if e == m.exercise and c not in (m.check, *m.also):
            told.append(f"{name}: {c} loses points as well: {why}")
        if e != m.exercise and e not in m.also:
            told.append(f"{name}: another exercise, {e}/{c}, loses points as well: {why}")
    return told


def named_first(m: Misconception, lost: list[Loss]) -> bool:
    """Whether the first finding of its exercise names it."""
    return next((why for e, _, why in lost if e == m.exercise), "").startswith(f"{m.name}:")
