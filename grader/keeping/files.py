"""Files of an output folder: one grader at a time, each file whole or as it was, nothing thrown away."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path

from grader.errors import StoreError


class Lock:
    """An output folder for one process alone. The kernel gives it back when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self.descriptor = -1
        try:
            import fcntl
        except ImportError:  # Windows: SQLite's own lock has to do
            return
        try:
            self.descriptor = os.open(folder, os.O_RDONLY)
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise StoreError(
                f"Another grader is at work in {folder}: wait until it is done, or choose another --out."
            ) from None
        except OSError:  # a file system without locks
            self.release()

    def release(self) -> None:
        """Let others have it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that there is the old one or the new one at every moment, also after a power cut.

    A file that holds this already is left alone. Nobody else may write it at the same time.
    """
    if _holds(path, content):
        return
    temporary = path.with_name(f".{path.name[:80]}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def sync_folder(folder: Path) -> None:
    """Make the names of its files durable, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def move_aside(path: Path) -> Path:
    """Rename a damaged database, with its journal, to a name that is free."""
    names = itertools.chain([f"{path.name}.damaged"], (f"{path.name}.damaged-{n}" for n in itertools.count(2)))
    aside = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    path.rename(aside)
    for ending in ("-journal", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    return aside
