"""Layers around a student's code, put on by the worker itself before it reads the first byte of a submission.

`Kit` makes what can be shared once, in the zygote, while it still may open files; `enter` is called in each fork.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Collection
from pathlib import Path

import msgspec

from . import guard, landlock, seccomp
from .limits import Limits, check, confine, libc, prctl, protect_memory
from .reach import reach

LAYERS = ("namespaces", "landlock", "seccomp", "own user", "limits", "unreadable", "python")
FIRST_USER, USERS = 61_184, 4_000  # no account has these numbers, and few containers lack them
PR_SET_KEEPCAPS = 8
DAC_READ_SEARCH = 2
CAPABILITY_VERSION = 0x20080522


class Start(msgspec.Struct, frozen=True):
    """What a process is told that is to become workers: modules to import once, layers that its workers may need, and
    the folders that Python itself lives in.

    required: packages without which its submissions cannot be run; a worker's memory is counted without them.
    packages: of all that is installed in these folders the only ones that may be read; all where none is named.
    """

    modules: tuple[str, ...] = ()
    layers: tuple[str, ...] = ("limits", "unreadable", "python")
    readable: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


class Fork(msgspec.Struct, frozen=True):
    """How the next worker is confined: layers are among those of the Start."""

    limits: Limits
    layers: tuple[str, ...]


class Kit:
    """The layers of a worker that were asked for; OSError where this system has no such layer."""

    def __init__(self, start: Start, taken: int = 0) -> None:
        """`taken` is the address space of the packages that are required, in bytes."""
        self.layers, self.taken = frozenset(start.layers), taken
        # Python may lie in a home folder that is closed to other users: as long as Landlock keeps a worker from
        # everything else, it may pass there.
        self.closed = "landlock" in self.layers and any(map(is_closed, start.readable))
        self.rules = landlock.ruleset(*reach(start.readable, start.packages)) if "landlock" in self.layers else -1
        self.filter = seccomp.program() if "seccomp" in self.layers else bytearray()
        self.user = FIRST_USER + os.getpid() % USERS if "own user" in self.layers else 0

    def enter(self, limits: Limits, layers: Collection[str]) -> None:
        """Put on those of the kit's layers that are wanted. What fails ends the process: there is no half-way."""
        wanted = self.layers & set(layers)
        guard.WANTED = "python" in wanted  # takes effect when the student's file is loaded
        if "own user" in wanted:
            become(self.user, self.closed and "landlock" in wanted)
        if "limits" in wanted:
            budget = int((limits.deaths + 60) * limits.cpu_seconds) + 60
            confine(msgspec.structs.replace(limits, memory_bytes=limits.memory_bytes + self.taken), budget)
        if "unreadable" in wanted:
            protect_memory()
        if "landlock" in wanted:
            landlock.restrict(self.rules)
        if self.rules >= 0:
            os.close(self.rules)
        if "seccomp" in wanted:
            seccomp.install(self.filter)


def is_closed(path: str) -> bool:
    """Whether a user who owns nothing cannot read this folder."""
    try:
        modes = [folder.stat().st_mode for folder in (Path(path), *Path(path).parents)]
    except OSError:
        return False
    return not (modes[0] & stat.S_IROTH and all(mode & stat.S_IXOTH for mode in modes))


def become(user: int, may_search: bool) -> None:
    """Change from root to a user that owns nothing, without a way back."""
    prctl(PR_SET_KEEPCAPS, int(may_search))
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if may_search:
        _keep(1 << DAC_READ_SEARCH)


def _keep(capabilities: int) -> None:
    """Only these, of all that were kept over the change of user."""
    header = struct.pack("<Ii", CAPABILITY_VERSION, 0)
    data = struct.pack("<6I", capabilities, capabilities, 0, 0, 0, 0)
    check(libc().capset(header, data))
