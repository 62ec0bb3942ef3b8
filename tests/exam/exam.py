"""Examines the grader: references and correct variants get everything, every misconception loses in its own check.

    python tests/exam/exam.py [TOPIC ...] [--secret TEXT | --secrets N [--resume DIR]]

prints a line for everything that is not as it must be, and fails if there is any.
"""

from __future__ import annotations

import argparse
import copy
import fcntl
import hashlib
import os
import sys
from pathlib import Path

import msgspec

from grader.authoring import exam
from grader.authoring.exercise import Exercise, Topic
from grader.authoring.freeze import Freezer
from grader.authoring.topics import read_topic, read_topics
from grader.bundle import SUFFIX, Bundle, read, write
from grader.packages import absent
from grader.running.workers import Launcher, launcher

ROOT = Path(__file__).resolve().parents[2]


class Exam(exam.Exam):
    """One topic of this repository under one secret."""

    def __init__(self, topic: Topic, started: Launcher, secret: bytes, whole: bool = True) -> None:
        super().__init__(topic, started, secret, ROOT / "reference", ROOT / "tests/variants", whole)

    def _freeze(self, exercise: Exercise, secret: bytes) -> Bundle:
        """Once for all processes of a test run, which share a folder for it."""
        if "EXAM_BUNDLES" not in os.environ:
            return super()._freeze(exercise, secret)
        name = f"{exercise.name}-{secret.hex()}-{len(self.topic.misconceptions)}{SUFFIX}"
        path = Path(os.environ["EXAM_BUNDLES"]) / name
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.is_file():
                write(super()._freeze(exercise, secret), path)
        return read(path)

    def lost_in_visible_cases(self, *edits: tuple[str, str]) -> set[tuple[str, str]]:
        """The checks that lose points, by exercise, where the reference with these edits meets the visible cases."""
        source, bare = self.reference.source(self.topic.file), self.topic._replace(misconceptions=())
        for old, new in edits:
            assert old in source, old
            source = source.replace(old, new)
        twin = copy.copy(self)
        twin.bundles = [Freezer(bare, e, self.reference, "public", b"").freeze() for e in bare.exercises]
        return {(exercise, check) for exercise, check, _ in twin.lost(twin.grade(source))}


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
    trial = Exam(topic, started, secret.encode(), whole)
    complaints = [complaint.replace("\n", " ") for complaint in trial.complaints()]
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
    for topic in [topic for topic in topics if absent(topic.requires)]:
        print(f"{topic.name}: left out, it requires {', '.join(absent(topic.requires))}")
        topics.remove(topic)
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
