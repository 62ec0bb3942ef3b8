"""A source as the submissions in it: those of a class, or else one."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import IO, NamedTuple, cast

from grader.errors import InputError
from grader.text import printable

from . import filenames, layouts
from .gather import MAX_BYTES, MAX_NESTING, MAX_SUBMISSION, Pile, on_disk, reason
from .members import OTHER_SUFFIXES, SUFFIXES, Member, Meter, TooMuch, is_archive, read_at_most, stem
from .sources import Source, archive_in, survey

MAX_NEIGHBOURS = 20_000  # entries of a folder of submissions; where there are more, it is one person's


class Found(NamedTuple):
    """A submission before it has a name of its own; `given`: it is itself what the instructor gave, and not in it."""

    name: str
    origin: str
    pile: Pile
    given: bool = False


class Reader(NamedTuple):
    """What reading needs to know and adds to: the course's files, notes for the instructor, room for what is kept."""

    course: filenames.Course
    notes: list[str]
    room: Meter


Piles = dict[str, tuple[layouts.Owner, Pile]]


def read(source: Source, reader: Reader) -> list[Found]:
    """The submissions in one source; what belongs to nobody is added to the notes."""
    try:
        level, promising = survey(source, reader.course)
    except TooMuch as problem:
        return [_unreadable(source, problem, reader)]
    except Exception:  # a damaged archive is read again below, and its note says what is wrong
        level, promising = layouts.Level((), {}), False
    try:
        found = _read_class(source, level, reader) if promising else None
    except InputError:
        raise
    except Exception as problem:
        raise InputError(
            f'"{source.origin}" cannot be read ({reason(problem)}); unpack it and give the folder.'
        ) from problem
    return found or [_read_one(source, level, reader)]


def _unreadable(source: Source, problem: Exception, reader: Reader) -> Found:
    pile = Pile(reader.room)
    pile.skip(f'"{printable(source.name)}" cannot be read ({reason(problem)}).', unread=True)
    return Found(stem(source.name) if source.packed else source.name, source.origin, pile, given=True)


def _read_one(source: Source, level: layouts.Level, reader: Reader) -> Found:
    """All of a source as one submission, called after the folder or archive that seems to be the student's."""
    chain = [(source.name, source.packed), *((folder, False) for folder in level.folders)]
    if len(level.here) == 1 and is_archive(only := next(iter(level.here))) and level.here[only] is None:
        chain.append((only, True))
    name, packed = chain[own := layouts.own_name(chain, reader.course)]
    owner = layouts.labelled(name, packed)
    prefix = "".join(f"{folder}/" for folder, _ in chain[1 : own + 1])
    pile = Pile(reader.room)
    try:
        for member in source.members(0):
            inside = f"{member.path}/".startswith(prefix)
            pile.take(member, member.path[len(prefix) :] if inside else member.path)
    except InputError:
        raise
    except Exception as problem:
        pile = _unreadable(source, problem, reader).pile
    pile.restore_suffixes(reader.course)
    return Found(owner.short if owner else stem(name) if packed else name, source.origin, pile, given=True)


def _read_class(source: Source, level: layouts.Level, reader: Reader) -> list[Found] | None:
    """A submission for each child of the level; None where these are parts of a single submission."""
    course = reader.course
    if len(level.here) > MAX_NEIGHBOURS:
        return None
    loose = [name for name, inner in level.here.items() if inner is None and not is_archive(name)]
    beside = not level.system and bool(filenames.held(loose, course))
    children = level.children()
    if beside and len(children) < layouts.MANY:
        return None
    if not level.system and len(children) == 1 and level.here[children[0]] is None:
        return _read_inner(source, "/".join((*level.folders, children[0])), reader)
    piles, lost = _piles(source, level, reader)
    held = {entry: filenames.held(pile.files, course) for entry, (_, pile) in piles.items()}
    if beside and not layouts.are_people(held, course):
        return None
    if not level.system:
        if not any(held.values()) and filenames.held(loose, course, 3):
            return None
        if layouts.is_one_person(held, course, bool(level.folders)):
            return None
    left_out = {entry for entry in piles if not level.system and not held[entry] and not layouts.may_be_person(entry)}
    idle = [f'"{printable(e)}" in {source.origin} holds no course file and is no student.' for e in sorted(left_out)]
    reader.notes.extend((*lost, *idle))
    students = [(owner, pile) for entry, (owner, pile) in piles.items() if entry not in left_out]
    shorts = Counter(owner.short.casefold() for owner, _ in students)
    names = [owner.short if shorts[owner.short.casefold()] == 1 else owner.long for owner, _ in students]
    if all(level.here.get(entry) is not None for entry in piles) and names and not level.system:
        names = layouts.without_assignment(names, (source.name, *level.folders)[-1])
    return [
        Found(name, f"{source.origin}/{printable(owner.long)}", pile)
        for name, (owner, pile) in zip(names, students, strict=True)
    ]


def _read_inner(source: Source, path: str, reader: Reader) -> list[Found] | None:
    """The class in an archive that lies alone in a folder or in another archive; None where it is no class."""
    if source.depth >= MAX_NESTING:
        return None
    for member in source.members(0):
        if member.path == path and member.open is not None:
            opener: Callable[[], IO[bytes]]
            with closing(member.open()) as stream:
                if on_disk(stream):
                    opener = cast(Callable[[], IO[bytes]], member.open)
                else:
                    opener = partial(io.BytesIO, read_at_most(stream, MAX_SUBMISSION))
            inner = archive_in(source, path, opener)
            try:
                level, promising = survey(inner, reader.course)
            except Exception:  # damaged: then it is one submission, whose note says so
                return None
            return _read_class(inner, level, reader) if promising else None
    return None


def _piles(source: Source, level: layouts.Level, reader: Reader) -> tuple[Piles, list[str]]:
    """The files of each entry of the level, or of each student that its names tell, and notes on what is nobody's."""
    piles: Piles = {}
    notes: list[str] = []
    above = "".join(f"{folder}/" for folder in level.folders)
    for member in source.members(len(level.folders) + 1):
        if not member.path.startswith(above):
            continue
        entry, _, rest = member.path.removeprefix(above).partition("/")
        is_file = not rest and member.open is not None
        name = stem(entry) if is_file else entry
        label = layouts.labelled(entry, is_file)
        owner, key = (label, label.long) if label else (layouts.Owner(name, name), entry)
        if _is_nobodys(member, entry, rest, key in piles) or (is_file and not label and not _may_be_work(entry)):
            if member.problem or entry.casefold().endswith(tuple(MAX_BYTES)):
                why = member.problem or "it lies beside the submissions and belongs to none"
                notes.append(f'"{printable(member.path)}" in {source.origin} was skipped: {why}.')
            continue
        if entry not in level.here and key not in piles:
            continue  # a name that is longer than any path may be
        _, pile = piles.setdefault(key, (owner, Pile(reader.room)))
        if owner.rest is not None:
            pile.take(member, "/".join(part for part in (owner.rest, rest) if part))
        elif member.open is not None:
            pile.skip("Text that was typed in online is not read.")
    for _, pile in piles.values():
        pile.restore_suffixes(reader.course)
        if level.system == "labels":
            pile.restore_names(reader.course)
        elif level.system == "nbgrader":
            pile.pick_assignments(reader.course)
    return piles, notes


def _is_nobodys(member: Member, entry: str, rest: str, known: bool) -> bool:
    """Whether something that cannot be read lies outside of all submissions."""
    return bool(member.problem) and not known and (not rest or entry in ("", "..") or entry.endswith(":"))


def _may_be_work(entry: str) -> bool:
    return entry.casefold().endswith((*SUFFIXES, *OTHER_SUFFIXES))
