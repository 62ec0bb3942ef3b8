"""Submissions as they really are: from whatever lies under the given paths to one value per student.

Walking and unpacking is in `archives`, telling students apart in `layouts`; here each student's files are gathered
within limits, named, and looked up.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, cast

import msgspec

from grader.errors import InputError
from grader.running import layouts
from grader.running.archives import (
    MEGABYTE,
    OTHER_SUFFIXES,
    SUFFIXES,
    Member,
    Meter,
    Readable,
    TooMuch,
    in_archive,
    in_folder,
    is_archive,
    open_regular,
    read_at_most,
    stem,
)
from grader.text import printable, safe_name

MAX_BYTES = {".py": 2 * MEGABYTE, ".ipynb": 20 * MEGABYTE}  # of one file, by suffix; nothing else is read
MAX_SUBMISSION = 50 * MEGABYTE  # of all files kept of one submission, and of an archive inside another
MAX_FILES = 5_000
MAX_UNPACKED = 500 * MEGABYTE  # looked through for one submission, data sets included
MAX_CLASS = 4_000 * MEGABYTE  # looked through of an archive that the instructor named
MAX_NESTING = 3  # archives within each other
MAX_PATH = 400
MAX_NOTES = 20


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
        paths, distance = layouts.choose(list(files), file_name)
        if not paths:
            return None, ()
        best, notes = files[paths[0]], []
        if distance >= 2:
            notes.append(f'There is no {file_name}; "{best.path}" was taken for it.')
        others = [path for path in paths[1:] if files[path].source != best.source]
        if others:
            shown = ", ".join(f'"{path}"' for path in others[:3]) + (" and others" if len(others) > 3 else "")
            notes.append(f'Several files may be {file_name}: "{best.path}" was taken, and not {shown}.')
        return best, tuple(notes)


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
    course = layouts.course_index(sorted({*file_names, *notebooks}))
    notes: list[str] = []
    found: list[_Found] = []
    for source in _sources(list({path.absolute(): path for path in paths}.values())):
        found += _read(source, course, notes)
    if not any(layouts.held(one.pile.files, course, loosest=3) or one.pile.unread for one in found):
        where = ", ".join(f'"{printable(str(path))}"' for path in paths[:3]) or "no path at all"
        wanted = ", ".join(sorted(file_names)[:6]) + (" ..." if len(file_names) > 6 else "")
        noted = next((f" ({note})" for one in found for note in one.pile.notes), "")
        raise InputError(
            f"No submission was found in {where}: none of the course's files ({wanted}) is there; "
            f"give a student's folder, file or archive, or a folder of them.{noted}"
        )
    return Batch(_named(found), tuple(notes))


class _Source(NamedTuple):
    """A path as given: a folder, an archive (`packed`) or loose files. Its members can be asked for repeatedly."""

    name: str
    packed: bool
    origin: str
    members: Callable[[], Iterator[Member]]
    depth: int = 0


class _Found(NamedTuple):
    name: str
    origin: str
    pile: _Pile


_Piles = dict[str, tuple[layouts.Owner, "_Pile"]]


class _Pile:
    """One student's files while they are gathered: what may be read is kept, what may not is noted."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.notes: dict[str, None] = {}
        self.unread = False  # whether course files may be in what was skipped
        self._meter = Meter(MAX_UNPACKED)
        self._room = MAX_SUBMISSION
        self._spelled: dict[str, str] = {}

    def take(self, member: Member, path: str, depth: int = 0) -> None:
        """A member that lies at `path` in the submission ("" for an archive that is the submission)."""
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
        except TooMuch:
            self.skip("There is too much in this submission; not all of it was looked through.", True)
        except Exception as problem:  # readers of damaged files raise many kinds; each costs this one file
            self.skip(f'"{shown}" cannot be read ({_reason(problem)}).', packed)

    def skip(self, note: str, unread: bool = False) -> None:
        self.notes[note] = None
        self.unread |= unread

    def _keep(self, opener: Callable[[], Readable], path: str, limit: int) -> None:
        with closing(opener()) as stream:
            source = self._bytes(stream, limit)
        if source is None:
            return self.skip(f'"{path}" was skipped: it is larger than {limit // MEGABYTE} MB.')
        if len(self.files) >= MAX_FILES or len(source) > self._room:
            return self.skip(f"Only {MAX_FILES:,} files and {MAX_SUBMISSION // MEGABYTE} MB are read.", True)
        self._room -= len(source)
        if path in self.files:
            self.skip(f'"{path}" is there twice; the last one counts.')
        elif (twin := self._spelled.setdefault(path.casefold(), path)) != path:
            self.skip(f'"{twin}" and "{path}" differ only in upper and lower case; both were kept.')
        self.files[path] = source
        return None

    def _bytes(self, stream: Readable, limit: int) -> bytes | None:
        self._meter.charge(0)
        data = read_at_most(stream, limit + 1)
        self._meter.charge(len(data))
        return data if len(data) <= limit else None

    def _unpack(self, opener: Callable[[], Readable], path: str, shown: str, depth: int) -> None:
        before = dict(self.files)
        self._meter.charge(MEGABYTE // 10)  # thousands of tiny archives are work too
        with closing(opener()) as stream:
            if isinstance(stream, io.BufferedReader):
                file: IO[bytes] = stream
            elif (data := self._bytes(stream, MAX_SUBMISSION)) is not None:
                file = io.BytesIO(data)
            else:
                return self.skip(f'"{shown}" was not opened: it is larger than {MAX_SUBMISSION // MEGABYTE} MB.', True)
            try:
                for member in in_archive(file, self._meter):
                    self.take(member, f"{path}/{member.path}" if path else member.path, depth + 1)
            except TooMuch:
                raise
            except Exception:  # half an archive would pass for a submission in which the other half is missing
                self.files = before
                raise
        return None

    def restore_names(self, course: layouts.Course) -> None:
        """Files from Canvas under the names they had, the newest first ("conv-2.py" before "conv-1.py")."""
        for path in sorted(self.files, reverse=True):
            plain = layouts.restored(path)
            if layouts.key(path) not in course and layouts.key(plain) in course and plain not in self.files:
                self.files[plain] = self.files.pop(path)

    def pick_assignments(self, course: layouts.Course) -> None:
        """Of nbgrader's folders, one per assignment, those that hold course files which none before them holds."""
        folders: dict[str, list[str]] = {}
        for path in self.files:
            folders.setdefault(path.partition("/")[0] if "/" in path else "", []).append(path)
        held = {folder: layouts.held(paths, course) for folder, paths in folders.items()}
        if len(held) < 2 or not any(held.values()):
            return
        taken: set[str] = set()
        for folder in sorted(held, key=lambda folder: (-len(held[folder]), folder)):
            if held[folder] and not held[folder] & taken:
                taken |= held[folder]
            elif folder:
                self.skip(f'The assignment "{folder}" was left out: the course\'s files are in another one.')
                self.files = {path: source for path, source in self.files.items() if path not in folders[folder]}

    def submission(self, name: str, *notes: str) -> Submission:
        files = tuple(SourceFile(path, self.files[path]) for path in sorted(self.files))
        told = [*notes, *self.notes]
        more = (f"There are {len(told) - MAX_NOTES:,} more notes like these.",) if len(told) > MAX_NOTES else ()
        return Submission(name, files, (*told[:MAX_NOTES], *more))


def _reason(problem: Exception) -> str:
    text = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return printable(text or type(problem).__name__, 80).rstrip(".")


def _sources(paths: Sequence[Path]) -> Iterator[_Source]:
    """The paths as given, each once, links among them followed; loose files of one folder belong together."""
    loose: dict[Path, list[Member]] = {}
    for given in paths:
        origin = printable(str(given))
        try:
            path, named = given.resolve(strict=True), given.name not in ("", "..")
        except (OSError, RuntimeError, ValueError) as problem:
            raise InputError(f'"{origin}" cannot be opened ({_reason(problem)}); give what was handed in.') from problem
        name = given.name if named else path.name or "submission"
        if path.is_dir():
            yield _Source(name, False, origin, partial(in_folder, path))
        elif path.is_file() and is_archive(name):
            yield _Source(name, True, origin, partial(_in_file, partial(open_regular, str(path))))
        elif path.is_file() and name.casefold().endswith(tuple(MAX_BYTES)):
            loose.setdefault(given.absolute().parent, []).append(Member(name, partial(open_regular, str(path))))
        else:
            raise InputError(
                f'"{origin}" is not a folder, a .zip, a .tar.gz, a .py or an .ipynb file; give one of these.'
            )
    for folder, members in loose.items():
        yield _Source(folder.name or "submission", False, printable(str(folder)), partial(iter, members))


def _in_file(opener: Callable[[], IO[bytes]]) -> Iterator[Member]:
    with opener() as file:
        yield from in_archive(file, Meter(MAX_CLASS))


def _read(source: _Source, course: layouts.Course, notes: list[str]) -> list[_Found]:
    """The submissions in one source: a class, or else one."""
    try:
        level, promising = _survey(source, course)
    except Exception:  # a damaged archive is read again below, and its note says what is wrong
        level, promising = layouts.Level((), {}), False
    try:
        found = _read_class(source, level, course, notes) if promising else None
    except Exception as problem:
        raise InputError(
            f'"{source.origin}" cannot be read ({_reason(problem)}); unpack it and give the folder.'
        ) from problem
    return found or [_read_one(source, level, course)]


def _survey(source: _Source, course: layouts.Course) -> tuple[layouts.Level, bool]:
    """Where students seem to lie, by names alone, and whether there can be any."""
    names = [(m.path, m.open is None) for m in source.members() if not m.problem and len(m.path) <= MAX_PATH]
    files = [path for path, is_folder in names if not is_folder]
    promising = any(is_archive(path) or path.casefold().endswith(OTHER_SUFFIXES) for path in files)
    name = stem(source.name) if source.packed else source.name
    return layouts.class_level(layouts.tree(names), name, course), promising or bool(layouts.held(files, course, 3))


def _read_one(source: _Source, level: layouts.Level, course: layouts.Course) -> _Found:
    """All of a source as one submission, called after the folder or archive that seems to be the student's."""
    chain = [(source.name, source.packed), *((folder, False) for folder in level.folders)]
    if len(level.here) == 1 and is_archive(only := next(iter(level.here))) and level.here[only] is None:
        chain.append((only, True))
    name, packed = chain[own := layouts.own_name(chain, course)]
    owner = layouts.labelled(name, packed)
    prefix = "".join(f"{folder}/" for folder, _ in chain[1 : own + 1])
    pile = _Pile()
    try:
        for member in source.members():
            inside = f"{member.path}/".startswith(prefix)
            pile.take(member, member.path[len(prefix) :] if inside else member.path)
    except Exception as problem:
        pile.files.clear()
        pile.skip(f'"{printable(source.name)}" cannot be read ({_reason(problem)}).', unread=True)
    return _Found(owner.short if owner else stem(name) if packed else name, source.origin, pile)


def _read_class(source: _Source, level: layouts.Level, course: layouts.Course, notes: list[str]) -> list[_Found] | None:
    """A submission for each child of the level; None where these are parts of a single submission."""
    loose = [name for name, inner in level.here.items() if inner is None and not is_archive(name)]
    beside = not level.system and bool(layouts.held(loose, course))
    children = level.children()
    if beside and len(children) < layouts.MANY:
        return None
    if not level.system and len(children) == 1 and level.here[children[0]] is None:
        return _read_inner(source, "/".join((*level.folders, children[0])), course, notes)
    piles, lost = _piles(source, level, course)
    held = {entry: layouts.held(pile.files, course) for entry, (_, pile) in piles.items()}
    if beside and not layouts.are_people(held, course):
        return None
    if not level.system:
        if not any(held.values()) and layouts.held(loose, course, 3):
            return None
        if layouts.is_one_person(held, course, bool(level.folders)):
            return None
    left_out = {entry for entry in piles if not level.system and not held[entry] and not layouts.may_be_person(entry)}
    notes += lost
    notes += [
        f'"{printable(entry)}" in {source.origin} holds no course file and is no student.' for entry in sorted(left_out)
    ]
    students = [(owner, pile) for entry, (owner, pile) in piles.items() if entry not in left_out]
    shorts = Counter(owner.short.casefold() for owner, _ in students)
    names = [owner.short if shorts[owner.short.casefold()] == 1 else owner.long for owner, _ in students]
    if all(level.here.get(entry) is not None for entry in piles) and names and not level.system:
        names = layouts.without_assignment(names, (source.name, *level.folders)[-1])
    return [
        _Found(name, f"{source.origin}/{printable(owner.long)}", pile)
        for name, (owner, pile) in zip(names, students, strict=True)
    ]


def _read_inner(source: _Source, path: str, course: layouts.Course, notes: list[str]) -> list[_Found] | None:
    """The class in an archive that lies alone in a folder or in another archive; None where it is no class."""
    if source.depth >= MAX_NESTING:
        return None
    for member in source.members():
        if member.path == path and member.open is not None:
            opener: Callable[[], IO[bytes]]
            with closing(member.open()) as stream:
                if isinstance(stream, io.BufferedReader):
                    opener = cast(Callable[[], IO[bytes]], member.open)
                else:
                    opener = partial(io.BytesIO, read_at_most(stream, MAX_SUBMISSION))
            name, origin = path.rpartition("/")[2], f"{source.origin}/{printable(path)}"
            inner = _Source(name, True, origin, partial(_in_file, opener), source.depth + 1)
            try:
                level, promising = _survey(inner, course)
            except Exception:  # damaged: then it is one submission, whose note says so
                return None
            return _read_class(inner, level, course, notes) if promising else None
    return None


def _piles(source: _Source, level: layouts.Level, course: layouts.Course) -> tuple[_Piles, list[str]]:
    """The files of each entry of the level, or of each student that its names tell, and notes on what is nobody's."""
    piles: _Piles = {}
    notes: list[str] = []
    above = "".join(f"{folder}/" for folder in level.folders)
    for member in source.members():
        if not member.path.startswith(above):
            continue
        entry, _, rest = member.path.removeprefix(above).partition("/")
        is_file = not rest and member.open is not None
        name = stem(entry) if is_file else entry
        label = layouts.labelled(entry, is_file)
        owner, key = (label, label.long) if label else (layouts.Owner(name, name), entry)
        lost = bool(member.problem) and key not in piles and (not rest or entry in ("", "..") or entry.endswith(":"))
        if lost or (is_file and not label and not entry.casefold().endswith((*SUFFIXES, *OTHER_SUFFIXES))):
            if lost or entry.casefold().endswith(tuple(MAX_BYTES)):
                why = member.problem or "it lies beside the submissions and belongs to none"
                notes.append(f'"{printable(member.path)}" in {source.origin} was skipped: {why}.')
            continue
        _, pile = piles.setdefault(key, (owner, _Pile()))
        if owner.rest is not None:
            pile.take(member, "/".join(part for part in (owner.rest, rest) if part))
        elif member.open is not None:
            pile.skip("Text that was typed in online is not read.")
    for _, pile in piles.values():
        if level.system == "labels":
            pile.restore_names(course)
        elif level.system == "nbgrader":
            pile.pick_assignments(course)
    return piles, notes


def _named(found: Iterable[_Found]) -> tuple[Submission, ...]:
    """The submissions under names that are safe and differ, also where upper and lower case are the same."""
    ordered = sorted(found, key=lambda one: (one.name, one.origin))
    natural = {safe_name(one.name).casefold() for one in ordered}
    given: Counter[str] = Counter()
    named: list[Submission] = []
    for one in ordered:
        name, note = safe_name(one.name), ()  # type: str, tuple[str, ...]
        first = name.casefold()
        given[first] += 1
        if given[first] > 1:
            while (listed := f"{safe_name(one.name, 90)}-{given[first]}").casefold() in natural:
                given[first] += 1
            natural.add(listed.casefold())
            note = (
                f'There are several submissions called "{name}"; the one from {one.origin} is listed as "{listed}".',
            )
            name = listed
        named.append(one.pile.submission(name, *note))
    return tuple(sorted(named, key=lambda submission: submission.name))
