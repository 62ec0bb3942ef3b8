"""Results in SQLite: durable before anything counts them, keyed by all that they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

import grader
from grader.course import Course
from grader.errors import StoreError
from grader.judging.judge import Asked
from grader.report import ExerciseResult
from grader.running.submission import Submission

SCHEMA = 1
_TABLES = """
create table if not exists results (
    submission text not null, exercise text not null, key text not null, result blob not null,
    primary key (submission, exercise)
);
"""


class Store:
    """The file `results.db` of one output folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(path, timeout=10)
            found = self.database.execute("pragma user_version").fetchone()[0]
            if found not in (0, SCHEMA):
                raise StoreError(f"{path} has schema {found}, this grader writes {SCHEMA}: choose another --out.")
            self.database.executescript(_TABLES)
            self.database.execute(f"pragma user_version = {SCHEMA}")
            self.database.commit()

    def close(self) -> None:
        """Give the file back."""
        self.database.close()

    def load(self, submission: str, keys: dict[str, str]) -> dict[str, ExerciseResult]:
        """The stored results that still hold: exercise to result, where the key is the same."""
        with self._told():
            rows = self.database.execute(
                "select exercise, key, result from results where submission = ?", (submission,)
            )
            return {
                exercise: msgspec.json.decode(result, type=ExerciseResult)
                for exercise, key, result in rows
                if keys.get(exercise) == key
            }

    def save(self, submission: str, keys: dict[str, str], results: Sequence[ExerciseResult]) -> None:
        """Keep results; they are on the disk when this returns. Grader faults are not kept: they want a rerun."""
        rows = [
            (submission, result.exercise, keys[result.exercise], msgspec.json.encode(result))
            for result in results
            if result.verdict != "grader fault"
        ]
        with self._told(), self.database:
            self.database.executemany("insert or replace into results values (?, ?, ?, ?)", rows)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, msgspec.DecodeError) as error:
            hint = "what was stored before stays; free the file or the disk, or choose another --out"
            if (isinstance(error, sqlite3.DatabaseError) and "malformed" in str(error)) or "not a database" in str(
                error
            ):
                hint = "it is damaged: move it away and grade again, or choose another --out"
            raise StoreError(f"{self.path}: results cannot be read or written ({error}): {hint}.") from error


def result_keys(submission: Submission, course: Course, exercises: Sequence[Asked]) -> dict[str, str]:
    """Exercise to digest of everything that its result depends on."""
    common = [submission.digest, grader.__version__, msgspec.json.encode([course.policy, course.modules])]
    keys = {}
    for exercise in exercises:
        limits = course.limits_of(exercise.bundle.exercise)
        own = [exercise.bundle.digest, exercise.file, exercise.names, exercise.points, exercise.title, limits]
        judged = [exercise.bundle.checks, exercise.bundle.sources, sorted(exercise.bundle.versions.items())]
        text = repr(common) + msgspec.json.encode([own, judged]).decode()
        keys[exercise.bundle.exercise] = hashlib.sha256(text.encode()).hexdigest()
    return keys
