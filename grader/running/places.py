"""Where Python and its libraries lie on this machine: all that a worker may read, and nothing of a course among it."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]  # this very package, wherever it lies
SYSTEM = (
    "/lib",
    "/lib64",
    "/lib32",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/alternatives",
)
SELF_CONTAINED = frozenset(["numpy", "scipy"])  # they import nothing that is installed but each other
OTHERS = ("/usr/share/zoneinfo", "/etc/localtime", "/dev/urandom", "/dev/zero", "/nix/store")


def libraries() -> list[str]:
    """The folders in which this interpreter finds third-party packages, also a user's own."""
    return [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages")) and Path(entry).is_dir()]


def readable() -> list[str]:
    """Folders and files that a worker may read, for what Python imports late."""
    standard = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    zipped = [entry for entry in sys.path if entry.endswith((".zip", "lib-dynload"))]
    loader = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    return _existing([*standard, *zipped, *libraries(), *SYSTEM, *OTHERS, *filter(None, loader)])


def packages(modules: Iterable[str]) -> tuple[str, ...]:
    """The installed packages that suffice for importing the modules; none where that is not known."""
    names = {module.partition(".")[0] for module in modules}
    return tuple(sorted(names)) if names <= SELF_CONTAINED else ()


def runnable() -> list[str]:
    """What an interpreter needs to start, on top of `readable`."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    names = ("bin", "lib", "lib64", "pyvenv.cfg")
    parts = [f"{prefix}/{name}" for prefix in sorted(prefixes) for name in names]
    return _existing([*_links(sys.executable), *parts, str(PACKAGE)])


def _links(path: str) -> list[str]:
    """A file, and all that lead to it."""
    found = [Path(path)]
    while found[-1].is_symlink() and len(found) < 40:
        found.append(found[-1].parent / found[-1].readlink())
    return [str(link) for link in found]


def _existing(paths: Iterable[str]) -> list[str]:
    """Each once, in order."""
    return list(dict.fromkeys(path for path in paths if path and Path(path).exists()))


def exposed(path: Path, allowed: Iterable[str]) -> str:
    """The allowed folder below which a path lies, or "" where workers cannot read it."""
    real = path.resolve()
    for folder in allowed:
        base = Path(folder).resolve()
        if base == real or base in real.parents:
            return folder
    return ""
