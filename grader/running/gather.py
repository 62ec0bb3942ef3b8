"""One student's files while they are gathered: what may be read is kept within limits, what may not is noted."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import closing
from typing import IO, TypeGuard

from grader.errors import InputError
from grader.notebooks import reading as notebooks
from grader.text import printable

from . import filenames
from .archives import in_archive
from .members import (
    MAX_PATH,
    MEGABYTE,
    OTHER_SUFFIXES,
    Member,
    Meter,
    Readable,
    TooMuch,
    is_archive,
    read_at_most,
)

# Of one file; nothing else is read.
MAX_BYTES = {".py": 2 * MEGABYTE, ".ipynb": notebooks.MAX_BYTES, ".py.txt": 2 * MEGABYTE}
MAX_SUBMISSION = 50 * MEGABYTE  # of all files kept of one submission, and of an archive inside another
MAX_BATCH = 2_000 * MEGABYTE  # of all files kept of a class: they are held in memory
MAX_FILES = 5_000
MAX_UNPACKED = 500 * MEGABYTE  # looked through for one submission, data sets included
MAX_NESTING = 3  # archives within each other
MAX_NOTES = 20
_PER_ARCHIVE = MEGABYTE // 10  # charged for each: thousands of tiny archives are work too


class Pile:
    """The files of one submission by path, fit to be shown, and notes on what is not among them.

    `room` is what may be kept of all submissions together.
    """

    def __init__(self, room: Meter) -> None:
        self.files: dict[str, bytes] = {}
        self.unread = False  # whether course files may be in what was skipped
        self._notes: dict[str, None] = {}
        self._untold = 0
        self._meter = Meter(MAX_UNPACKED)
        self._batch = room
        self._room = MAX_SUBMISSION
        self._spelled: dict[str, str] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was skipped and why, in at most `MAX_NOTES` sentences and one that counts the others."""
        more = (f"There are {self._untold:,} more notes like these.",) if self._untold else ()
        return (*self._notes, *more)

    def take(self, member: Member, path: str, depth: int = 0) -> None:
        """A member that lies at `path` in the submission ("" for an archive that is the submission).

        InputError where the submissions together are too large.
        """
        shown = printable(path or member.path)
        name = (path or member.path).rpartition("/")[2].casefold()
        suffix = next((suffix for suffix in MAX_BYTES if name.endswith(suffix)), "")
        packed = is_archive(name) or name.endswith(OTHER_SUFFIXES)
        try:
            if member.problem:
                if suffix or packed or "." not in name:
                    self.skip(f'"{shown}" was skipped: {member.problem}.', packed or "encrypted" in member.problem)
            elif member.open is None or not (suffix or packed):
                return
            elif len(path) > MAX_PATH:
                self.skip(f'"{shown}" was skipped: its path is longer than {MAX_PATH} characters.')
            elif suffix:
                self._keep(member.open, printable(path, 10 * MAX_PATH), MAX_BYTES[suffix])
            elif not is_archive(name):
                self.skip(f'"{shown}" was not opened, because only .zip and .tar archives are; hand in a .zip.', True)
            elif depth >= MAX_NESTING:
                self.skip(f'"{shown}" was not opened: it lies in {depth} other archives.', True)
            else:
                self._unpack(member.open, path, shown, depth)
        except InputError:
            raise
        except TooMuch:
            self.skip("There is too much in this submission; not all of it was looked through.", True, limit=True)
        except Exception as problem:  # readers of damaged files raise many kinds; each costs this one file
            self.skip(f'"{shown}" cannot be read ({reason(problem)}).', packed)

    def skip(self, note: str, unread: bool = False, limit: bool = False) -> None:
        """Note what is not among the files; `unread` where it may have been a file of the course.

        That a `limit` was reached is told in any case.
        """
        self.unread |= unread
        if note not in self._notes and len(self._notes) >= MAX_NOTES and not limit:
            self._untold += 1
        else:
            self._notes[note] = None

    def _keep(self, opener: Callable[[], Readable], path: str, limit: int) -> None:
        if len(self.files) >= MAX_FILES:
            return self._full()
        source = self._read(opener, limit)
        if source is None:
            return self.skip(f'"{path}" was skipped: it is larger than {limit // MEGABYTE} MB.')
        if path.casefold().endswith(".ipynb"):
            source = notebooks.slim(source)  # outputs are not graded, and would fill the memory
        if len(source) > self._room:
            return self._full()
        self._room -= len(source)
        self._charge_batch(len(source))
        if path in self.files:
            self.skip(f'"{path}" is there twice; the last one counts.')
        elif (twin := self._spelled.setdefault(path.casefold(), path)) != path:
            self.skip(f'"{twin}" and "{path}" differ only in upper and lower case; both were kept.')
        self.files[path] = source
        return None

    def _charge_batch(self, size: int) -> None:
        try:
            self._batch.charge(size)
        except TooMuch as problem:
            text = f"All submissions together hold more than {MAX_BATCH // MEGABYTE:,} MB of Python files and notebooks"
            raise InputError(f"{text}: grade the class in parts.") from problem

    def _full(self) -> None:
        self.skip(f"Only {MAX_FILES:,} files and {MAX_SUBMISSION // MEGABYTE} MB are read.", True, limit=True)

    def _read(self, opener: Callable[[], Readable], limit: int) -> bytes | None:
        """A file's bytes, None where there are more than `limit`."""
        self._meter.charge(0)
        with closing(opener()) as stream:
            return self._bytes(stream, limit)

    def _bytes(self, stream: Readable, limit: int) -> bytes | None:
        if on_disk(stream) and os.fstat(stream.fileno()).st_size > limit:
            return None
        data = read_at_most(stream, limit + 1)
        self._meter.charge(len(data))
        return data if len(data) <= limit else None

    def _unpack(self, opener: Callable[[], Readable], path: str, shown: str, depth: int) -> None:
        files, room, spelled = dict(self.files), self._room, dict(self._spelled)
        self._meter.charge(_PER_ARCHIVE)
        with closing(opener()) as stream:
            if on_disk(stream):
                file: IO[bytes] = stream
            elif (data := self._bytes(stream, MAX_SUBMISSION)) is not None:
                file = io.BytesIO(data)
            else:
                return self.skip(f'"{shown}" was not opened: it is larger than {MAX_SUBMISSION // MEGABYTE} MB.', True)
            try:
                for member in in_archive(file, self._meter):
                    self.take(member, f"{path}/{member.path}" if path else member.path, depth + 1)
            except (TooMuch, InputError):
                raise
            except Exception:  # half an archive would pass for a submission in which the other half is missing
                self.files, self._room, self._spelled = files, room, spelled
                raise
        return None

    def restore_names(self, course: filenames.Course) -> None:
        """Files from Canvas under the names they had, the newest first ("conv-2.py" before "conv-1.py")."""
        for path in sorted(self.files, reverse=True):
            plain = filenames.restored(path)
            if filenames.key(path) not in course and filenames.key(plain) in course and plain not in self.files:
                self.files[plain] = self.files.pop(path)

    def restore_suffixes(self, course: filenames.Course) -> None:
        """The course's files whose name an editor ended in ".py.txt" as .py; of others, these are no Python files."""
        keys = {filenames.key(path) for path in self.files}
        for path in sorted(path for path in self.files if path.casefold().endswith(".txt")):
            source, plain = self.files.pop(path), path[: -len(".txt")]
            if filenames.held([plain], course, loosest=3) and filenames.key(plain) not in keys:
                self.files[plain] = source
                keys.add(filenames.key(plain))
                self.skip(f'"{path}" was read as "{plain}".')

    def pick_assignments(self, course: filenames.Course) -> None:
        """Of nbgrader's folders, one per assignment, those that hold course files which none before them holds."""
        folders: dict[str, list[str]] = {}
        for path in self.files:
            folders.setdefault(path.partition("/")[0] if "/" in path else "", []).append(path)
        held = {folder: filenames.held(paths, course) for folder, paths in folders.items()}
        if len(held) < 2 or not any(held.values()):
            return
        taken: set[str] = set()
        for folder in sorted(held, key=lambda folder: (-len(held[folder]), folder)):
            if held[folder] and not held[folder] & taken - {filenames.ANY_NOTEBOOK}:
                taken |= held[folder]
            elif folder:
                self.skip(f'The assignment "{folder}" was left out: the course\'s files are in another one.')
                self.files = {path: source for path, source in self.files.items() if path not in folders[folder]}


def on_disk(stream: Readable) -> TypeGuard[io.BufferedReader]:
    """Whether a member is a file of its own, which can be read in any order and need not be held in memory."""
    return isinstance(stream, io.BufferedReader)


def reason(problem: Exception) -> str:
    """What is wrong with a file, in a few words."""
    text = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return printable(text or type(problem).__name__, 80).rstrip(".")
