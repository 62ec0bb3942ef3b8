"""Examines the grader: references and correct variants get everything, every misconception loses in its own check.

    python tests/exam/exam.py [TOPIC ...] [--secret TEXT | --secrets N [--resume DIR]]

prints a line for everything that is not as it must be, and fails if there is any.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.authoring.exercise import Misconception, Topic
from grader.authoring.freeze import Freezer, Reference
from grader.authoring.topics import read_topic, read_topics
from grader.authoring.variants import variant
from grader.bundle import Bundle, decode, encode
from grader.course import Course
from grader.judging.judge import Judge, asked
from grader.report import ExerciseResult, Isolation
from grader.running.submission import SourceFile, Submission
from grader.running.workers import Launcher, launcher

ROOT = Path(__file__).resolve().parents[2]
SIBLINGS_NEEDED = {"build_lenet", "encoder_decoder", "unet", "segnet"}


class Exam:
    """One topic under one secret."""

    def __init__(self, topic: Topic, started: Launcher, secret: bytes, whole: bool = True) -> None:
        self.topic, self.launcher = topic if whole else topic._replace(misconceptions=()), started
        self.reference = Reference(ROOT / "reference", started)
        self.bundles = [self._freeze(exercise, secret) for exercise in topic.exercises]

    def _freeze(self, exercise, secret: bytes) -> Bundle:
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

    def lost(self, results: dict[str, ExerciseResult]) -> Iterator[tuple[str, str, str]]:
        """(exercise, check, first finding) where points were lost."""
        for result in results.values():
            for check in result.checks:
                if check.verdict != "pass":
                    finding = check.findings[0] if check.findings else None
                    yield (
                        result.exercise,
                        check.name,
                        f"{finding.code}: {finding.sentence}" if finding else check.verdict,
                    )

    def right(self, name: str, source: str | bytes, siblings: bool = True) -> list[str]:
        """Complaints about a correct file that loses points or is told something."""
        results = self.grade(source, siblings)
        missing = [] if siblings else SIBLINGS_NEEDED
        told = [f"{name}: {e}/{c} loses points: {why}" for e, c, why in self.lost(results) if e not in missing]
        for result in results.values():
            for check in result.checks:
                if check.verdict == "pass" and check.findings:
                    told.append(f"{name}: {result.exercise}/{check.name} is told {check.findings[0].sentence}")
        return told

    def wrong(self, misconception: Misconception) -> list[str]:
        """Complaints about a misconception that is not found, not named first, or that costs more than it may."""
        m, name = misconception, f"misconception {misconception.exercise}: {misconception.name}"
        exercise = next(e for e in self.topic.exercises if e.name == m.exercise)
        text = variant(self.reference.source(self.topic.file), m, exercise)
        results = self.grade(text)
        lost = list(self.lost(results))
        if (m.exercise, m.check) not in [(e, c) for e, c, _ in lost]:
            return [f"{name}: loses nothing in {m.check!r}, but in {[(e, c) for e, c, _ in lost]}"]
        told = []
        first = next(why for e, c, why in lost if e == m.exercise)
        if not first.startswith(f"{m.name}:"):
            told.append(f"{name}: the first finding is {first!r}")
        for e, c, why in lost:
            if e == m.exercise and c not in (m.check, *m.also):
                told.append(f"{name}: {c} loses points as well: {why}")
            if e != m.exercise and e not in m.also:
                told.append(f"{name}: another exercise, {e}/{c}, loses points as well: {why}")
        return told

    def variants(self) -> list[Path]:
        """Correct files in other styles."""
        return sorted((ROOT / "tests/variants" / self.topic.name).glob("*.py"))

    def template(self) -> list[str]:
        """Complaints about an untouched skeleton that earns points."""
        from grader.authoring.template import skeleton

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


def examine(topic: Topic, started: Launcher, secret: str, whole: bool, done: Path | None) -> list[str]:
    """Complaints about one topic under one secret; what is in the folder `done` is not examined again.

    A `whole` exam includes the misconceptions; the others are for false alarms on correct code only.
    """
    state = hashlib.sha256(topic.digest.encode() + b"".join(path.read_bytes() for path in inputs(topic))).hexdigest()[
        :16
    ]
    record = done / f"{topic.name}-{secret}-{'whole' if whole else 'right'}-{state}.txt" if done else None
    if record and record.is_file():
        return record.read_text(encoding="utf-8").splitlines()
    exam = Exam(topic, started, secret.encode(), whole)
    complaints = [complaint.replace("\n", " ") for complaint in exam.complaints()]
    if record:
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text("".join(f"{line}\n" for line in complaints), encoding="utf-8")
    return complaints


def inputs(topic: Topic) -> list[Path]:
    """The files on which an exam's outcome depends, but for the topic's own."""
    own = sorted((ROOT / "tests/variants" / topic.name).glob("*.py"))
    return [*sorted((ROOT / "reference").glob("*.py")), *own, *sorted((ROOT / "grader").rglob("*.py"))]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*")
    parser.add_argument("--secret", default="exam", help="examine under this secret")
    parser.add_argument("--secrets", type=int, help="examine under so many secrets instead")
    parser.add_argument("--whole", type=int, default=3, help="examine the misconceptions under so many of the secrets")
    parser.add_argument("--resume", type=Path, help="keep finished exams in this folder and do not repeat them")
    parser.add_argument("--grade", type=Path, help="print the whole result of one file instead")
    options = parser.parse_args()
    topics = [read_topic(ROOT / "exercises" / name) for name in options.topics] or read_topics(ROOT / "exercises")
    started = launcher(("scipy.signal",))
    if options.grade:
        results = Exam(topics[0], started, options.secret.encode()).grade(options.grade.read_bytes())
        print(msgspec.json.format(msgspec.json.encode(list(results.values())), indent=1).decode())
        return 0
    bad = alarms = graded = 0
    for number, secret in (
        enumerate(f"{n:03d}" for n in range(options.secrets)) if options.secrets else [(0, options.secret)]
    ):
        whole = number < options.whole
        for topic in topics:
            complaints = examine(topic, started, secret, whole, options.resume)
            variants = len(list((ROOT / "tests/variants" / topic.name).glob("*.py")))
            bad, graded = bad + len(complaints), graded + variants + 2
            alarms += sum(complaint.startswith(("variant", "reference")) for complaint in complaints)
            wrong = f"{len(topic.misconceptions)} misconceptions, " if whole else ""
            print(
                f"secret {secret}, {topic.name}: {wrong}{variants} correct variants, {len(complaints)} complaints",
                flush=True,
            )
            for complaint in complaints:
                print("  !!", complaint, flush=True)
    print(f"{alarms} false alarms on {graded} correct submissions, {bad} complaints in all")
    started.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
