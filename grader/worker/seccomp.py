"""seccomp: of some 400 system calls a worker keeps those that computing in NumPy needs; the others are refused.

A classic BPF program over `struct seccomp_data`, written out here because no binding is maintained. A refused call
gives EPERM, so that Python raises PermissionError and goes on; a call of another architecture ends the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from .limits import PR_SET_NO_NEW_PRIVS, check, libc, prctl

PR_SET_SECCOMP, MODE_FILTER = 22, 2
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
ALLOW, REFUSE, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
X32 = 0x40000000  # the second table of x86-64
INSTRUCTION = struct.Struct("<HBBI")
OWN_PID = 0xC0DE0000  # stands for the pid of the process that installs the program

MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
# name: number on x86-64, number on aarch64; the busiest first, as the program tries one after the other
# fmt: off
CALLS: dict[str, tuple[int | None, int | None]] = {
    "futex": (202, 98), "sendto": (44, 206), "recvfrom": (45, 207), "mmap": (9, 222), "munmap": (11, 215),
    "brk": (12, 214), "madvise": (28, 233), "mremap": (25, 216), "mprotect": (10, 226), "read": (0, 63),
    "write": (1, 64), "close": (3, 57), "openat": (257, 56), "newfstatat": (262, 79), "fstat": (5, 80),
    "lseek": (8, 62), "stat": (4, None), "lstat": (6, None), "statx": (332, 291), "getdents64": (217, 61),
    "open": (2, None), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "getcwd": (79, 17), "pread64": (17, 67), "pwrite64": (18, 68),
    "readv": (19, 65), "writev": (20, 66), "preadv": (295, 69), "pwritev": (296, 70), "poll": (7, None),
    "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24), "statfs": (137, 43), "fstatfs": (138, 44), "msync": (26, 227), "mincore": (27, 232),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133), "sigaltstack": (131, 132), "alarm": (37, None),
    "getitimer": (36, 102), "setitimer": (38, 103), "restart_syscall": (219, 128), "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115), "clock_gettime": (228, 113), "clock_getres": (229, 114), "time": (201, None),
    "gettimeofday": (96, 169), "times": (100, 153), "getrusage": (98, 165), "getrlimit": (97, 163),
    "sysinfo": (99, 179), "uname": (63, 160), "getrandom": (318, 278), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "getcpu": (309, 168), "membarrier": (324, 283), "rseq": (334, 293),
    "set_robust_list": (273, 99), "set_tid_address": (218, 96), "getpid": (39, 172), "getppid": (110, 173),
    "gettid": (186, 178), "getpgrp": (111, None), "getpgid": (121, 155), "getsid": (124, 156),
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getgroups": (115, 158), "getresuid": (118, 148), "getresgid": (120, 150),
    "exit": (60, 93), "exit_group": (231, 94), "tgkill": (234, 131), "fcntl": (72, 25), "prlimit64": (302, 261),
}
# fmt: on


def low(argument: int) -> int:
    """Offset of the lower half of a call's argument; the upper half follows."""
    return 16 + 8 * argument


# Calls that are allowed for some arguments only: alternatives, each of words that must have a value.
# fcntl: descriptor flags and duplicates, but no owner of signals; prlimit64: reading one's own; tgkill: abort().
ONLY: dict[str, tuple[tuple[tuple[int, int], ...], ...]] = {
    "fcntl": tuple(((low(1), command),) for command in (0, 1, 2, 3, 4, 1030)),
    "prlimit64": (((low(0), 0), (low(2), 0), (low(2) + 4, 0)),),
    "tgkill": (((low(0), OWN_PID),),),
}
OTHER_ANSWERS = {"clone3": ((435, 435), errno.ENOSYS), "ioctl": ((16, 29), errno.ENOTTY)}


def program() -> bytearray:
    """The filter for this machine; OSError where there is no table for it."""
    if platform.machine() not in MACHINES:
        raise OSError(f"there is no table of system calls for {platform.machine()}")
    architecture, column = MACHINES[platform.machine()]
    code = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL_PROCESS), (LOAD, 0, 0, NUMBER)]
    if column == 0:
        code += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    for name, numbers in CALLS.items():
        if (number := numbers[column]) is not None:
            block = _allowed(name)
            code += [(EQUAL, 0, len(block), number), *block]
    for numbers, error in OTHER_ANSWERS.values():
        code += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, REFUSE | error)]
    code.append((RETURN, 0, 0, REFUSE | errno.EPERM))
    return bytearray(b"".join(INSTRUCTION.pack(*instruction) for instruction in code))


def _allowed(name: str) -> list[tuple[int, int, int, int]]:
    """What follows when the number is this call's."""
    if name not in ONLY:
        return [(RETURN, 0, 0, ALLOW)]
    block: list[tuple[int, int, int, int]] = []
    for words in ONLY[name]:
        for left, (offset, value) in zip(range(len(words) - 1, -1, -1), words, strict=True):
            block += [(LOAD, 0, 0, offset), (EQUAL, 0, 2 * left + 1, value)]  # if not: on to the next alternative
        block.append((RETURN, 0, 0, ALLOW))
    return [*block, (RETURN, 0, 0, REFUSE | errno.EPERM)]


def install(code: bytearray) -> None:
    """Filter this process from now on, for good; OSError where the kernel refuses."""
    own = INSTRUCTION.pack(EQUAL, 0, 1, OWN_PID)
    start = code.find(own)
    INSTRUCTION.pack_into(code, start, EQUAL, 0, 1, os.getpid())

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    buffer = (ctypes.c_char * len(code)).from_buffer(code)
    filter_ = Program(len(code) // INSTRUCTION.size, ctypes.addressof(buffer))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    check(libc().prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(filter_), 0, 0))
