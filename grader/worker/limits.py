"""What a worker's process may use. Set by itself before it sees the student's code; POSIX only, elsewhere the judge's
deadlines are all there is."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import mmap
import os
import signal
import sys

import msgspec

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38


class Limits(msgspec.Struct, frozen=True):
    """Caps for one worker process: seconds, bytes, counts. CPU and wall are per probe and belong to the judge."""

    cpu_seconds: float = 2.0
    wall_seconds: float = 0.0  # 0: five times the CPU limit and five seconds
    memory_bytes: int = 1 << 30
    reply_bytes: int = 64 << 20
    output_bytes: int = 1 << 16
    open_files: int = 64
    processes: int = 0
    deaths: int = 3  # timeouts and crashes of one file after which its remaining probes are not run

    @property
    def wall(self) -> float:
        """Wall limit of one probe, generous enough that a loaded machine fails nobody."""
        return self.wall_seconds or 5 * self.cpu_seconds + 5


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library that this process runs with."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int) -> int:
    """The result of a call of the C library; OSError where it is -1."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def prctl(option: int, value: int) -> None:
    """One Linux prctl; silently nothing elsewhere."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            libc().prctl(option, value, 0, 0, 0)


def protect_memory() -> None:
    """Let no process of the same user read this one's memory, descriptors or environment."""
    prctl(PR_SET_DUMPABLE, 0)


def address_space() -> int:
    """Bytes of address space that this process has, to a page; 0 where the system has no such limit.

    Found by trying which limit refuses one page more: `/proc` may be out of sight.
    """
    if sys.platform != "linux":
        return 0
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    low, high = 0, 1 << 47
    try:
        while high - low > mmap.PAGESIZE:
            middle = (low + high) // 2
            resource.setrlimit(resource.RLIMIT_AS, (middle, hard))
            try:
                mmap.mmap(-1, mmap.PAGESIZE).close()
                high = middle
            except OSError:
                low = middle
    except (ValueError, MemoryError):  # a hard limit below, or nothing left to try with
        return 0
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return high


def confine(limits: Limits, cpu_budget: int) -> None:
    """Cap this process for good: hard limits, no new privileges, death with its parent."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL if sys.platform != "win32" else 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    protect_memory()
    try:
        import resource
    except ImportError:  # Windows
        return
    caps = {
        "RLIMIT_CPU": cpu_budget,  # a backstop: the judge's clock comes first
        "RLIMIT_AS": limits.memory_bytes,
        "RLIMIT_FSIZE": limits.output_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_CORE": 0,
    }
    for name, cap in caps.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            number = getattr(resource, name)
            hard = resource.getrlimit(number)[1]
            cap = cap if hard == resource.RLIM_INFINITY else min(cap, hard)
            resource.setrlimit(number, (cap, cap))
