"""bubblewrap around the zygote: no network, other processes out of sight, and of the files only Python's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from .places import readable, runnable

CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_DAC_READ_SEARCH")  # of root: for a worker's own user
SPARED = ("/dev/urandom", "/dev/zero")  # in the new /dev anyway


def program() -> str | None:
    """Path of the bwrap command, where it is installed."""
    return shutil.which("bwrap")


def wrapped(command: Sequence[str]) -> list[str]:
    """The command inside of new namespaces: it ends with its parent, and nothing in it outlives it."""
    options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    options += ["--die-with-parent", "--new-session", "--hostname", "worker", "--dev", "/dev"]
    if os.geteuid() == 0:
        options += ["--cap-drop", "ALL", *(part for name in CAPABILITIES for part in ("--cap-add", name))]
    else:
        options += ["--unshare-user"]
    closed = ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]  # /dev/shm is a folder of /dev
    return [program() or "bwrap", *options, *_view(), *closed, "--", *command]


def _view() -> list[str]:
    """Each path where it is outside; a symbolic link stays one, so that what it leads to is reached through it."""
    options: list[str] = []
    seen: set[Path] = set()
    for path in map(Path, sorted({*readable(), *runnable()})):
        if str(path) in SPARED or seen & {path, *path.parents}:
            continue
        seen.add(path)
        real = path.resolve()
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
            if seen & {real, *real.parents}:
                continue
            seen.add(real)
        options += ["--ro-bind", str(real), str(real)]
    return options
