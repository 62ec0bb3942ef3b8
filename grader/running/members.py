"""What strangers handed in, seen as a stream of members, and the allowance that reading them may use up."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, Protocol

MEGABYTE = 1_000_000
MAX_PATH = 400  # characters of a path below what was given; longer ones are neither read nor entered
SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
OTHER_SUFFIXES = (".rar", ".7z")
_HIDDEN = {"__macosx", "__pycache__", "site-packages", "dist-packages", "node_modules", "venv"}


class Readable(Protocol):
    """An open file of which only the beginning may be wanted."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class Member(NamedTuple):
    """A file (`open` is there), a folder (it is not), or something that must not be read (`problem` says why).

    The path is relative with forward slashes and without `.` and `..`, unless those are the problem.
    """

    path: str
    open: Callable[[], Readable] | None = None
    problem: str = ""


def archived(name: str, is_folder: bool, problem: str, opener: Callable[[], Readable]) -> Member:
    """A member of an archive with its path tidied, or as it was written where it points outside the archive."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in parts:
        return Member(name, problem="its path points outside the archive")
    return Member("/".join(parts), None if is_folder or problem else opener, problem)


class TooMuch(Exception):
    """The allowance for one submission, or one class, is used up."""


class Meter:
    """How many bytes may still be read or unpacked, whatever becomes of them."""

    def __init__(self, allowance: int) -> None:
        self.left = allowance

    def charge(self, size: int) -> None:
        """Take `size` bytes off the allowance; TooMuch where it is used up, now or before."""
        self.left -= size
        if self.left < 0:
            raise TooMuch("it unpacks to more than is looked through")


def read_at_most(stream: Readable, size: int) -> bytes:
    """The beginning of a stream, all of it where it is not longer than `size`."""
    parts = []
    while size and (part := stream.read(min(size, MEGABYTE))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def is_hidden(path: str) -> bool:
    """Whether any part of a path is machinery (`.git`, `__MACOSX`, `venv`), which nobody hands in on purpose."""
    return any((part.startswith(".") and part.strip(".")) or part.casefold() in _HIDDEN for part in path.split("/"))


def is_archive(path: str) -> bool:
    """Whether a name ends like that of an archive that can be opened."""
    return path.casefold().endswith(SUFFIXES)


def stem(name: str) -> str:
    """The name of an archive or file without its suffix: `ada` for `ada.tar.gz`."""
    suffix = max((s for s in (*SUFFIXES, *OTHER_SUFFIXES) if name.casefold().endswith(s)), key=len, default="")
    return name[: -len(suffix)] if suffix else name.rpartition(".")[0] or name
