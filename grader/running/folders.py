"""A folder from strangers, walked and read without following a link, even one that is put there meanwhile."""

from __future__ import annotations

import contextlib
import os
import stat
from collections import deque
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from itertools import islice
from pathlib import Path

from .members import MAX_PATH, Member, is_hidden

MAX_ENTRIES = 50_000  # files and folders looked at below one student's folder
MAX_NAMES = 200_000  # below the folder of a class
MAX_DEPTH = 50
TRUNCATED = f"only {MAX_ENTRIES:,} files and folders of a submission are looked at, and there are more"
_TOO_DEEP = f"it is more than {MAX_DEPTH} folders deep, or its path is longer than {MAX_PATH} characters"
_RELATIVE = os.open in os.supports_dir_fd and os.scandir in os.supports_fd  # not on Windows


def in_folder(root: Path, apart: int | None = 0) -> Iterator[Member]:
    """All that lies below a folder, nearest first, by name in each folder. OSError where it cannot be read.

    Below each folder that lies `apart` folders deep, at most MAX_ENTRIES are looked at, so that a student who hands in
    a million files takes nothing away from the next; what is above those folders is the instructor's and not counted.
    Where it is not yet known where students lie (None), MAX_NAMES are looked at in all. A problem of a whole folder is
    told with a slash behind its path.
    """
    waiting = deque([("", _Allowance(MAX_NAMES if apart is None else MAX_ENTRIES if apart == 0 else None))])
    while waiting:
        folder, allowance = waiting.popleft()
        depth = folder.count("/") + 1 if folder else 0
        if allowance.left == 0:
            continue
        try:
            number, found = _listed(os.fspath(root), folder, allowance.left)
        except OSError as error:
            if not folder:
                raise
            yield Member(f"{folder}/", problem=f"it cannot be opened ({error.strerror or error})")
            continue
        for name, kind in found:
            path = f"{folder}/{name}" if folder else name
            if kind == "folder":
                yield Member(path)
                if depth == MAX_DEPTH or len(path) > MAX_PATH:
                    yield Member(f"{path}/", problem=_TOO_DEEP)
                else:
                    waiting.append((path, _Allowance(MAX_ENTRIES) if depth + 1 == apart else allowance))
            elif kind == "file":
                yield Member(path, partial(open_below, os.fspath(root), path))
            else:
                yield Member(path, problem=kind)
        if allowance.spend(number + depth):
            yield Member(f"{folder or root.name}/", problem=TRUNCATED)


class _Allowance:
    """How many entries may still be looked at; None for any number."""

    def __init__(self, left: int | None) -> None:
        self.left = left

    def spend(self, number: int) -> bool:
        """Whether this used up the last of it."""
        if self.left is None:
            return False
        self.left = max(self.left - number, 0)
        return self.left == 0


def _listed(root: str, folder: str, most: int | None) -> tuple[int, list[tuple[str, str]]]:
    """How many entries of a folder were looked at, and their names, sorted, each with "file", "folder" or the reason
    why it is not read."""
    with _opened(root, folder) as place, os.scandir(place) as entries:
        found = list(islice(entries, most))
        return len(found), sorted((entry.name, _kind(entry)) for entry in found if not is_hidden(entry.name))


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_symlink():
            return "it is a link, and links are not followed"
        if entry.is_dir(follow_symlinks=False):
            return "folder"
        return "file" if entry.is_file(follow_symlinks=False) else "it is not a regular file"
    except OSError as error:
        return f"it cannot be opened ({error.strerror or error})"


@contextlib.contextmanager
def _opened(root: str, folder: str) -> Iterator[int | str]:
    """A folder as a descriptor that was reached from `root` over real folders alone; as a path on Windows.

    A path would be looked up anew at each use, and a student's process may have changed a folder on it into a link.
    """
    if not _RELATIVE:
        yield os.path.join(root, folder)  # noqa: PTH118 (text is what the caller has)
        return
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY
    here = os.open(root, flags)
    try:
        for part in folder.split("/") if folder else ():
            above, here = here, os.open(part, flags | os.O_NOFOLLOW, dir_fd=here)
            os.close(above)
        yield here
    finally:
        os.close(here)


def open_below(root: str, path: str) -> BufferedReader:
    """The file at `path` (with forward slashes) below `root`, for reading; OSError as `open_regular`."""
    folder, _, name = path.rpartition("/")
    with _opened(root, folder) as place:
        if isinstance(place, str):
            return open_regular(os.path.join(place, name))  # noqa: PTH118
        return open_regular(name, place)


def open_regular(path: str, folder: int | None = None) -> BufferedReader:
    """A file for reading, `path` being relative to the open `folder`; OSError for a link, a pipe or a device, without
    waiting for it."""
    flags = (getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"))
    file = os.open(path, os.O_RDONLY | sum(flags), dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError("not a regular file")
        return os.fdopen(file, "rb")
    except BaseException:
        os.close(file)
        raise
