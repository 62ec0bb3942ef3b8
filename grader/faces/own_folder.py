"""The folder that a student works in: its Python files and notebooks, read, and looked at for changes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from grader.notebooks.reading import slim
from grader.running.submission import SourceFile, Submission

SKIPPED = {"bundles", "handouts", "tests", "__pycache__"}
SUFFIXES = (".py", ".ipynb")
RECENT = 2_000_000_000  # ns in which a folder may change again without another time stamp

Stamp = tuple[int, int, int]  # of a file: time of its last change in ns, size, inode
Look = dict[str, Stamp]  # path below the folder, with forward slashes, to stamp


def stamps(root: Path, paths: Iterable[str]) -> Look:
    """The stamps of those paths that are there."""
    found: Look = {}
    for path in paths:
        with contextlib.suppress(OSError):
            status = (root / path).stat()
            found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


class _Listing(NamedTuple):
    """What was in a folder, and its time stamp before it was listed; 0 where it may have changed since unnoticed."""

    changed: int
    files: tuple[str, ...]
    folders: tuple[str, ...]


class OwnFolder:
    """Knows the files below a folder and looks at them again and again: a folder is listed only where it changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._listed: dict[str, _Listing] = {}

    def look(self) -> Look:
        """All files with their stamps, sorted by path; what vanishes meanwhile is not in it."""
        return stamps(self.root, sorted(self._paths("")))

    def read(self) -> Submission:
        """The files as a submission; one that vanishes meanwhile is not handed in."""
        files = []
        for path in self.look():
            with contextlib.suppress(FileNotFoundError):
                source = (self.root / path).read_bytes()
                files.append(SourceFile(path, slim(source) if path.endswith(".ipynb") else source))
        return Submission(self.root.name, tuple(files))

    def _paths(self, folder: str) -> Iterator[str]:
        try:
            changed = (self.root / folder).stat().st_mtime_ns
            known = self._listed.get(folder)
            if known is None or known.changed != changed:
                self._listed[folder] = known = self._list(folder, changed)
        except OSError:  # it is gone, or nobody may read it
            self._listed.pop(folder, None)
            return
        yield from known.files
        for inner in known.folders:
            yield from self._paths(inner)

    def _list(self, folder: str, changed: int) -> _Listing:
        with os.scandir(self.root / folder) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".")]
            before = f"{folder}/" if folder else ""
            files = [entry.name for entry in shown if entry.name.endswith(SUFFIXES) and _is_file(entry)]
            folders = [entry.name for entry in shown if entry.name not in SKIPPED and _is_folder(entry)]
        certain = changed if abs(time.time_ns() - changed) > RECENT else 0
        return _Listing(certain, tuple(before + name for name in files), tuple(before + name for name in folders))


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def own_files(root: Path) -> Submission:
    """The Python files and notebooks below a folder, as a submission."""
    return OwnFolder(root).read()
