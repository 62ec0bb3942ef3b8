"""The system call filter, interpreted here as the kernel would, and its tables compared with the system's headers."""

from __future__ import annotations

import errno
import platform
import re
import struct
from pathlib import Path

import pytest

from grader.worker import seccomp

HEADERS = {0: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), 1: Path("/usr/include/asm-generic/unistd.h")}
OLD_NAMES = {"newfstatat": "fstatat"}


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(platform, "machine", lambda: request.param)
    return str(request.param)


def decide(code: bytes, architecture: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """What the program returns for a call."""
    data = struct.pack("<iIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    position, value = 0, 0
    while True:
        kind, yes, no, k = seccomp.INSTRUCTION.unpack_from(code, position * seccomp.INSTRUCTION.size)
        position += 1
        if kind == seccomp.LOAD:
            (value,) = struct.unpack_from("<I", data, k)
        elif kind == seccomp.EQUAL:
            position += yes if value == k else no
        elif kind == seccomp.AT_LEAST:
            position += yes if value >= k else no
        else:
            assert kind == seccomp.RETURN
            return int(k)


class Filter:
    def __init__(self, machine: str) -> None:
        self.code = bytes(seccomp.program())
        self.architecture, self.column = seccomp.MACHINES[machine]

    def __call__(self, name: str, *arguments: int) -> int:
        number = (seccomp.CALLS.get(name) or OTHERS[name])[self.column]
        assert number is not None
        return decide(self.code, self.architecture, number, arguments)


OTHERS: dict[str, tuple[int, int]] = {
    "socket": (41, 198),
    "clone": (56, 220),
    "execve": (59, 221),
    "kill": (62, 129),
    "ptrace": (101, 117),
    "unshare": (272, 97),
    "memfd_create": (319, 279),
    "io_uring_setup": (425, 425),
    "unlinkat": (263, 35),
    "clone3": (435, 435),
    "ioctl": (16, 29),
    "prctl": (157, 167),
}
REFUSED = seccomp.REFUSE | errno.EPERM


def test_computing_is_allowed_and_reaching_out_is_refused(machine: str) -> None:
    called = Filter(machine)
    for name in ("read", "write", "mmap", "futex", "openat", "exit_group", "getrandom"):
        assert called(name) == seccomp.ALLOW, name
    for name in ("socket", "clone", "execve", "kill", "ptrace", "unshare", "memfd_create", "io_uring_setup", "prctl"):
        assert called(name) == REFUSED, name
    assert called("clone3") == seccomp.REFUSE | errno.ENOSYS
    assert called("ioctl") == seccomp.REFUSE | errno.ENOTTY


def test_some_calls_are_allowed_for_harmless_arguments_only(machine: str) -> None:
    called = Filter(machine)
    assert called("prlimit64", 0, 7, 0) == seccomp.ALLOW  # reading one's own
    assert called("prlimit64", 0, 7, 1 << 40) == REFUSED  # setting
    assert called("prlimit64", 1234, 7, 0) == REFUSED  # another's
    assert [called("fcntl", 3, command) == seccomp.ALLOW for command in (0, 1, 2, 3, 4, 1030)] == [True] * 6
    assert called("fcntl", 3, 8) == REFUSED  # F_SETOWN: signals by way of a descriptor
    assert called("tgkill", seccomp.OWN_PID) == seccomp.ALLOW
    assert called("tgkill", 1) == REFUSED


def test_other_tables_of_system_calls_are_closed(machine: str) -> None:
    called = Filter(machine)
    assert decide(called.code, 0x40000003, 1) == seccomp.KILL_PROCESS  # i386
    if machine == "x86_64":
        assert decide(called.code, called.architecture, seccomp.X32 | 1) == REFUSED


def test_a_machine_without_a_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="riscv64"):
        seccomp.program()


@pytest.mark.parametrize("column", [0, 1])
def test_the_numbers_are_those_of_the_systems_headers(column: int) -> None:
    if not HEADERS[column].is_file():
        pytest.skip("the kernel's headers are not installed")
    text = HEADERS[column].read_text()
    known = {m[1]: int(m[2]) for m in re.finditer(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    for name, numbers in {**seccomp.CALLS, **{n: pair for n, (pair, _) in seccomp.OTHER_ANSWERS.items()}}.items():
        assert known.get(name, known.get(OLD_NAMES.get(name, ""))) == numbers[column], name
