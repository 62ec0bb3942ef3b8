"""What a worker may read of the folders that Python lives in, where it needs only some of the installed packages."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

INSTALLED = ("site-packages", "dist-packages")
BELOW = ("", "python*/")  # of a folder that may be read: lib/python3.12, /usr/lib


class Reach(NamedTuple):
    """Paths below which everything may be read, and folders of which only names may be."""

    readable: list[str]
    listed: list[str]


def reach(folders: Iterable[str], packages: Collection[str]) -> Reach:
    """Of the folders all but the installed packages; of these only the named ones, or all where none is named."""
    found = Reach([], [])
    whole = list(dict.fromkeys(map(Path, folders)))
    if not packages:
        return Reach([str(folder) for folder in whole], [])
    installed = {folder for place in whole for folder in _installed(place)}
    for folder in whole:
        _add(found, folder, installed, packages)
    return found


def _installed(place: Path) -> set[Path]:
    if place.name in INSTALLED:
        return {place}
    with contextlib.suppress(OSError):
        return {path for below in BELOW for name in INSTALLED for path in place.glob(below + name)}
    return set()


def _add(found: Reach, folder: Path, installed: Collection[Path], packages: Collection[str]) -> None:
    """The folder, or what it holds, where packages are installed in it or below."""
    inside = folder in installed
    if not inside and not any(folder in place.parents for place in installed):
        found.readable.append(str(folder))
        return
    found.listed.append(str(folder))
    with contextlib.suppress(OSError):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if not inside:
                _add(found, Path(entry.path), installed, packages)
            elif entry.name.partition("-")[0].partition(".")[0] in packages:  # with its libraries: numpy.libs
                found.readable.append(entry.path)
