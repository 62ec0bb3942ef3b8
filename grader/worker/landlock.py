"""Landlock: a process gives up, for good, all of the file system but what a ruleset names, and TCP and signals too.

Thin code over three system calls, as linux/landlock.h has them; there is no binding that is maintained. What the kernel
does not know (an older ABI) is left out; whether the rest holds is for a canary to find out, not for a version.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from .limits import PR_SET_NO_NEW_PRIVS, check, libc, prctl

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
VERSION, PATH_BENEATH = 1, 1
WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # of files, by the ABI they came with
TCP, SCOPES = 0b11, 0b11  # bind and connect (ABI 4); abstract sockets and signals (ABI 6)


def abi() -> int:
    """Version of Landlock in this kernel; 0 where there is none."""
    try:
        return max(0, _call(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION))
    except OSError:
        return 0


def ruleset(readable: Iterable[str], listed: Iterable[str] = (), writable: Iterable[str] = (os.devnull,)) -> int:
    """Descriptor of a ruleset; OSError where the kernel has none. Of `listed` folders only names can be read."""
    version = abi()
    if not version:
        raise OSError("the kernel has no Landlock")
    rights = RIGHTS[max(known for known in RIGHTS if known <= version)]
    scopes = SCOPES if version >= 6 else 0
    attributes = struct.pack("<QQQ", rights, TCP if version >= 4 else 0, scopes)
    size = 8 if version < 4 else 16 if version < 6 else 24
    descriptor = _call(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    for path in readable:
        _allow(descriptor, path, READ_FILE | READ_DIR)
    for path in listed:
        _allow(descriptor, path, READ_DIR)
    for path in writable:
        _allow(descriptor, path, READ_FILE | WRITE_FILE)
    return descriptor


def _allow(ruleset_: int, path: str, rights: int) -> None:
    """Rights below a path; one that is not there needs none."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                rights &= ~READ_DIR  # rights of directories on a file are an error
            _call(ADD_RULE, ruleset_, PATH_BENEATH, struct.pack("<Qi", rights, descriptor), 0)
        finally:
            os.close(descriptor)


def restrict(ruleset_: int) -> None:
    """This process, and all that it starts, from now on."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    _call(RESTRICT_SELF, ruleset_, 0)


def _call(number: int, *arguments: object) -> int:
    return check(int(libc().syscall(ctypes.c_long(number), *arguments)))
