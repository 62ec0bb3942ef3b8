"""Submissions as they really are: from whatever lies under the given paths to one value per student.

A path is a source (`sources`) of members (`members`; of `folders` and `archives`). Names alone tell students apart
(`layouts`, `classes`), each student's files are gathered within limits (`gather`); here they are named and looked up.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec

from grader.errors import InputError
from grader.text import printable, safe_name

from . import classes, filenames
from .folders import in_folder
from .gather import MAX_BATCH, Pile
from .members import Meter
from .sources import sources

MAX_NOTES = 100  # for the instructor


class SourceFile(msgspec.Struct, frozen=True):
    """One file as handed in: its path inside the submission, fit to be shown, and its bytes."""

    path: str
    source: bytes


class Submission(msgspec.Struct, frozen=True):
    """What one student handed in. `name` is unique in a batch and safe as a file name; `files` are sorted by path."""

    name: str
    files: tuple[SourceFile, ...]
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over paths and sources; the name does not count."""
        total = hashlib.sha256()
        for file in sorted(self.files, key=lambda file: file.path):
            for part in (file.path.encode(errors="replace"), file.source):
                total.update(b"%d:" % len(part) + part)
        return total.hexdigest()

    def find(self, file_name: str) -> tuple[SourceFile | None, tuple[str, ...]]:
        """The file that the course calls `file_name`, wherever it lies and however it is capitalised, and notes.

        Exact paths win, then files outside copies, backups and tests, then those fewer folders deep, then by name. A
        name changed by a download ("conv (1).py") or an upload ("doejane_conv.py") counts where nothing else is there.
        """
        files = {file.path: file for file in self.files}
        paths, distance = filenames.choose(list(files), file_name)
        if not paths:
            return None, ()
        best, notes = files[paths[0]], []
        if distance >= 2 or not filenames.spelled_alike(best.path, file_name):
            notes.append(f'There is no {file_name}; "{best.path}" was taken for it.')
        others = [path for path in paths[1:] if files[path].source != best.source]
        if others:
            shown = ", ".join(f'"{path}"' for path in others[:3]) + (" and others" if len(others) > 3 else "")
            notes.append(f'Several files may be {file_name}: "{best.path}" was taken, and not {shown}.')
        return best, tuple(notes)

    def near_miss(self, file_name: str) -> str:
        """The path of a file that may have been meant for `file_name`, for a hint where `find` finds nothing, or ""."""
        return filenames.near_miss([file.path for file in self.files], file_name)


class Batch(msgspec.Struct, frozen=True):
    """A class: its submissions by name, and notes that are for the instructor only, since they name other students."""

    submissions: tuple[Submission, ...]
    notes: tuple[str, ...] = ()


def read_submissions(paths: Sequence[Path], file_names: Collection[str]) -> list[Submission]:
    """All submissions under the given paths, sorted by name; `file_names` are the files that the course asks for.

    InputError where a path cannot be read or none of them holds any of these files.
    """
    return list(read_batch(paths, file_names).submissions)


def read_batch(paths: Sequence[Path], file_names: Collection[str]) -> Batch:
    """As `read_submissions`, with what was left out and belongs to nobody."""
    notebooks = {name.removesuffix(".py") + ".ipynb" for name in file_names}
    course = filenames.course_index(sorted({*file_names, *notebooks, filenames.ANY_NOTEBOOK}))
    reader = classes.Reader(course, [], Meter(MAX_BATCH))
    found = [one for source in sources(paths) for one in classes.read(source, reader)]
    if not any(filenames.held(one.pile.files, course, loosest=3) or one.pile.unread for one in found):
        where = ", ".join(f'"{printable(str(path))}"' for path in paths[:3]) or "no path at all"
        wanted = ", ".join(sorted(file_names)[:6]) + (" ..." if len(file_names) > 6 else "")
        noted = next((f" ({note})" for one in found for note in one.pile.notes), "")
        raise InputError(
            f"No submission was found in {where}: none of the course's files ({wanted}) is there; "
            f"give a student's folder, file or archive, or a folder of them.{noted}"
        )
    submissions, notes = _named(found, reader.notes), reader.notes
    more = [f"There are {len(notes) - MAX_NOTES:,} more notes like these."] if len(notes) > MAX_NOTES else []
    return Batch(submissions, (*notes[:MAX_NOTES], *more))


def read_one(folder: Path, name: str, file_names: Collection[str]) -> Submission:
    """All of a folder as one submission, whatever its folders are called: where it is known to be a single one's."""
    pile = Pile(Meter(MAX_BATCH))
    for member in in_folder(folder.resolve()):
        pile.take(member, member.path)
    pile.restore_suffixes(filenames.course_index(sorted(file_names)))
    files = tuple(SourceFile(path, pile.files[path]) for path in sorted(pile.files))
    return Submission(safe_name(name), files, pile.notes)


def _named(found: Sequence[classes.Found], notes: list[str]) -> tuple[Submission, ...]:
    """The submissions under names that are safe and differ, also where upper and lower case are the same.

    What the instructor named comes before what lies in it: a student's archive with a folder that is called like
    another student does not take that student's name.
    """
    ordered = sorted(found, key=lambda one: (safe_name(one.name).casefold(), not one.given, one.name, one.origin))
    taken = {safe_name(one.name).casefold() for one in ordered}
    seen: Counter[str] = Counter()
    named: list[Submission] = []
    for one in ordered:
        name, told = safe_name(one.name), one.pile.notes
        first = name.casefold()
        seen[first] += 1
        if seen[first] > 1:
            while (listed := f"{safe_name(one.name, 90)}-{seen[first]}").casefold() in taken:
                seen[first] += 1
            taken.add(listed.casefold())
            note = f'There are several submissions called "{name}"; the one from {one.origin} is listed as "{listed}".'
            notes.append(note)
            name, told = listed, (note, *told)
        files = tuple(SourceFile(path, one.pile.files[path]) for path in sorted(one.pile.files))
        named.append(Submission(name, files, told))
    return tuple(sorted(named, key=lambda submission: submission.name))
