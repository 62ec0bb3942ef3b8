"""The paths that an instructor gives, each as a source of members that can be asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from grader.errors import InputError
from grader.text import printable

from . import filenames, layouts
from .archives import in_archive
from .folders import MAX_NAMES, TRUNCATED, in_folder, open_regular
from .gather import MAX_BYTES, reason
from .members import MAX_PATH, MEGABYTE, OTHER_SUFFIXES, Member, Meter, is_archive, stem

MAX_CLASS = 4_000 * MEGABYTE  # looked through of an archive that the instructor named


class Source(NamedTuple):
    """A path as given: a folder, an archive (`packed`) or loose files.

    `members(apart)` walks through it; `apart` is how many folders deep the students' own folders lie, None where that
    is not yet known.
    """

    name: str
    packed: bool
    origin: str
    members: Callable[[int | None], Iterator[Member]]
    depth: int = 0


def sources(paths: Sequence[Path]) -> Iterator[Source]:
    """The paths as given, each once, links among them followed; loose files of one folder belong together.

    InputError where there is nothing, or nothing that can be a submission.
    """
    loose: dict[Path, list[Member]] = {}
    for given in {path.absolute(): path for path in paths}.values():
        origin = printable(str(given))
        try:
            path, named = given.resolve(strict=True), given.name not in ("", "..")
        except (OSError, RuntimeError, ValueError) as problem:
            raise InputError(f'"{origin}" cannot be opened ({reason(problem)}); give what was handed in.') from problem
        name = given.name if named else path.name or "submission"
        if path.is_dir():
            yield Source(name, False, origin, partial(in_folder, path))
        elif path.is_file() and is_archive(name):
            yield Source(name, True, origin, partial(_in_file, partial(open_regular, str(path))))
        elif path.is_file() and name.casefold().endswith(tuple(MAX_BYTES)):
            loose.setdefault(given.absolute().parent, []).append(Member(name, partial(open_regular, str(path))))
        else:
            raise InputError(
                f'"{origin}" is not a folder, a .zip, a .tar.gz, a .py or an .ipynb file; give one of these.'
            )
    for folder, members in loose.items():
        yield Source(folder.name or "submission", False, printable(str(folder)), partial(_listed, members))


def archive_in(outer: Source, path: str, opener: Callable[[], IO[bytes]]) -> Source:
    """An archive that lies at `path` in another source."""
    origin = f"{outer.origin}/{printable(path)}"
    return Source(path.rpartition("/")[2], True, origin, partial(_in_file, opener), outer.depth + 1)


def survey(source: Source, course: filenames.Course) -> tuple[layouts.Level, bool]:
    """Where students seem to lie, by names alone, and whether there can be any."""
    looked_at = list(islice(source.members(None), MAX_NAMES))
    names = [_placed(member) for member in looked_at if not member.problem]
    files = [path for path, is_folder in names if not is_folder]
    promising = any(is_archive(path) or path.casefold().endswith(OTHER_SUFFIXES) for path in files)
    promising = promising or len(looked_at) == MAX_NAMES or any(m.problem == TRUNCATED for m in looked_at)
    promising = promising or bool(filenames.held(files, course, 3))
    name = stem(source.name) if source.packed else source.name
    return layouts.class_level(layouts.tree(names), name, course), promising


def _placed(member: Member) -> tuple[str, bool]:
    """A path, and whether it is a folder; of a path that is too long, the folders at its beginning."""
    if len(member.path) <= MAX_PATH:
        return member.path, member.open is None
    return member.path[:MAX_PATH].rpartition("/")[0], True


def _in_file(opener: Callable[[], IO[bytes]], apart: int | None) -> Iterator[Member]:
    with opener() as file:
        yield from in_archive(file, Meter(MAX_CLASS))


def _listed(members: Sequence[Member], apart: int | None) -> Iterator[Member]:
    yield from members
