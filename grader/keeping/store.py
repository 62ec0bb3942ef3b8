"""Results in SQLite: durable before anything counts them, keyed by all that they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

import grader
from grader.course import Course
from grader.errors import StoreError
from grader.judging.asked import Asked
from grader.report import ExerciseResult
from grader.running.submission import Submission

from .files import Lock, move_aside

SCHEMA, APPLICATION = 3, int.from_bytes(b"CNNg")
_RESULTS = """
create table results (
    submission text not null, exercise text not null, key text not null, result blob not null, checksum blob not null,
    primary key (submission, exercise)
);
"""
_BY_HAND = """
create table overrides (
    submission text not null, exercise text not null, points real not null, reason text not null,
    primary key (submission, exercise)
);
create table submitted (submission text primary key, at text not null);
"""
_SCRIPT = """
begin immediate;
{tables}
pragma application_id = {application};
pragma user_version = {schema};
commit;
"""
_STEPS = {0: _RESULTS + _BY_HAND, 2: _BY_HAND}  # schema of a file, and what it lacks
_KEPT = "what was stored before stays"
_HINTS = {
    sqlite3.SQLITE_FULL: f"{_KEPT}; free some space and run the same command again",
    sqlite3.SQLITE_BUSY: f"{_KEPT}; close the program that holds the file and run the same command again",
    sqlite3.SQLITE_READONLY: f"{_KEPT}; make it writable, or choose another --out",
    sqlite3.SQLITE_CANTOPEN: "make the folder writable, or choose another --out",
}


class Override(NamedTuple):
    """Points that an instructor has set, and why."""

    points: float
    reason: str = ""


class DamagedError(StoreError):
    """The file holds no results that can be read."""


class Store:
    """The file `results.db` of one output folder, which belongs to this process until it is closed.

    A file that cannot be read is moved aside where `fresh` is set, and is never deleted.
    """

    def __init__(self, path: Path, fresh: bool = False) -> None:
        self.path = path
        self.database: sqlite3.Connection | None = None
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = Lock(path.parent)
        try:
            try:
                self._open()
            except DamagedError:
                if not fresh:
                    raise
                self._disconnect()
                with self._told():
                    move_aside(path)
                self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the file back."""
        self._disconnect()
        self.lock.release()

    def load(self, submission: str, keys: dict[str, str]) -> dict[str, ExerciseResult]:
        """The stored results that still hold: exercise to result, where the key is the same."""
        with self._told() as database:
            query = "select exercise, key, result, checksum from results where submission = ?"
            rows = [row for row in database.execute(query, (submission,)) if keys.get(row[0]) == row[1]]
            for exercise, key, result, checksum in rows:
                if not isinstance(result, bytes) or checksum != _checksum(submission, exercise, key, result):
                    raise self._damaged(f"the result of {submission} in {exercise} was changed")
            return {exercise: msgspec.json.decode(result, type=ExerciseResult) for exercise, _, result, _ in rows}

    def save(self, submission: str, keys: dict[str, str], results: Sequence[ExerciseResult]) -> None:
        """Keep results; they are on the disk when this returns. Grader faults are not kept: they want a rerun."""
        rows = []
        for result in results:
            if result.verdict != "grader fault":
                row = (submission, result.exercise, keys[result.exercise], msgspec.json.encode(result))
                rows.append((*row, _checksum(*row)))
        with self._told() as database, database:
            database.executemany("insert or replace into results values (?, ?, ?, ?, ?)", rows)

    def overrides(self, submission: str) -> dict[str, Override]:
        """What was set by hand: exercise ("" for the whole) to points and reason. No regrade touches it."""
        with self._told() as database:
            query = "select exercise, points, reason from overrides where submission = ? order by exercise"
            return {row[0]: Override(*row[1:]) for row in database.execute(query, (submission,))}

    def override(self, submission: str, exercise: str, override: Override | None) -> None:
        """Set points by hand; None takes back what was set."""
        with self._told() as database, database:
            database.execute("delete from overrides where submission = ? and exercise = ?", (submission, exercise))
            if override:
                row = (submission, exercise, *override)
                database.execute("insert into overrides values (?, ?, ?, ?)", row)

    def submitted(self, submission: str) -> datetime | None:
        """When it was handed in, where somebody has told."""
        with self._told() as database:
            query = "select at from submitted where submission = ?"
            row = database.execute(query, (submission,)).fetchone()
            return datetime.fromisoformat(row[0]) if row else None

    def set_submitted(self, times: Mapping[str, datetime | None]) -> None:
        """Keep when submissions were handed in; None forgets it."""
        with self._told() as database, database:
            database.executemany("delete from submitted where submission = ?", [(name,) for name in times])
            rows = [(name, at.isoformat()) for name, at in times.items() if at]
            database.executemany("insert into submitted values (?, ?)", rows)

    def _open(self) -> None:
        """Connect to the file; it is made where there is none."""
        if self.path.exists() and not self.path.is_file():
            raise self._damaged("it is no file")
        with self._told():
            self.database = sqlite3.connect(self.path, timeout=10)
        with self._told() as database:
            database.execute("pragma synchronous = extra")  # a commit is on the disk, and stays so without power
            tables, application, schema = (
                database.execute(query).fetchone()[0]
                for query in ("select count(*) from sqlite_master", "pragma application_id", "pragma user_version")
            )
            if (tables or schema) and application != APPLICATION:
                raise self._damaged("these are no results of this version's grader")
            if schema in _STEPS:  # the whole step or nothing of it
                lacking = _STEPS[schema]
                database.executescript(_SCRIPT.format(tables=lacking, application=APPLICATION, schema=SCHEMA))
            elif schema != SCHEMA:
                raise self._damaged(f"it has schema {schema}, this grader writes {SCHEMA}")
            found = database.execute("pragma quick_check(1)").fetchone()[0]
            if found != "ok":
                raise self._damaged(found)

    def _disconnect(self) -> None:
        if self.database is not None:
            self.database.close()
        self.database = None

    def _damaged(self, why: str) -> DamagedError:
        return DamagedError(
            f"{self.path} cannot be used ({why}): choose another --out, or give --fresh to grade everything anew, "
            f"which keeps the damaged file as {self.path.name}.damaged."
        )

    @contextlib.contextmanager
    def _told(self) -> Iterator[sqlite3.Connection]:
        """The connection; what goes wrong with it is told in one sentence."""
        try:
            yield self.database  # type: ignore[misc]
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise self._damaged(str(error)) from error
            hint = _HINTS.get(code, f"{_KEPT}; free the file or the disk, or choose another --out")
            raise StoreError(f"{self.path} cannot be read or written ({error}): {hint}.") from error
        except msgspec.DecodeError as error:
            raise self._damaged(str(error)) from error
        except OSError as error:
            where = error.filename or self.path
            text = f"{where} cannot be read or written ({error.strerror or error}): choose another --out."
            raise StoreError(text) from error


def _checksum(submission: str, exercise: str, key: str, result: bytes) -> bytes:
    """Tells a row that is no longer what was written."""
    return hashlib.sha256("\0".join((submission, exercise, key, "")).encode() + result).digest()[:16]


def result_keys(submission: Submission, course: Course, exercises: Sequence[Asked]) -> dict[str, str]:
    """Exercise to digest of everything that its result depends on."""
    common = [submission.digest, grader.__version__, msgspec.json.encode([course.policy, course.modules])]
    keys = {}
    for exercise in exercises:
        limits = course.limits_of(exercise.bundle.exercise)
        own = [
            exercise.bundle.digest,
            exercise.file,
            exercise.names,
            exercise.points,
            exercise.title,
            limits,
            exercise.without,
        ]
        judged = [exercise.bundle.checks, exercise.bundle.sources, sorted(exercise.bundle.versions.items())]
        text = repr(common) + msgspec.json.encode([own, judged]).decode()
        keys[exercise.bundle.exercise] = hashlib.sha256(text.encode()).hexdigest()
    return keys
