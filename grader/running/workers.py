"""Worker processes as the judge sees them: started, talked to under deadlines, killed.

Two launchers with the same verdicts: `forks` of a zygote (Linux), or a `plain` subprocess each (everywhere).
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from grader.errors import ProtocolError
from grader.worker.limits import Limits
from grader.worker.wire import FrameReader, WireError

from .places import PACKAGE, libraries

POLL = 0.05
STARVED = 20
MAX_REPLY_HEADER = 8 << 20
LARGEST = {"scipy": "scipy.signal"}  # what of a package takes longest to import, and is asked for most
BASE = frozenset({"limits", "unreadable", "python"})  # layers that need nothing from the system
Frame = tuple[bytes, bytearray]


class Died(Exception):
    """The worker ended or was ended: `kind` is a verdict's word, `detail` a clause for people."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail


class Deadline:
    """CPU seconds of one worker and wall seconds since now, both owned by the judge.

    Wall time is for programs that sleep. What a worker waits for a core of a loaded machine does not count, as far as
    the system tells, until `STARVED` times the limit.
    """

    def __init__(self, pid: int, limits: Limits, factor: float = 1.0) -> None:
        self.pid, self.limits = pid, limits
        self.cpu_limit, self.wall_limit = limits.cpu_seconds * factor, limits.wall * factor
        self.restart()

    def restart(self) -> None:
        """The next probe begins."""
        self.cpu_start = cpu_clock(self.pid)
        self.wall_start = time.monotonic()
        self.delay_start: float | None = None

    def check(self) -> None:
        """Raise Died when either clock has run out."""
        used = cpu_clock(self.pid) - self.cpu_start
        if used > self.cpu_limit:
            raise Died("timeout", f"it used more than {self.cpu_limit:g} s of computing time")
        waited = time.monotonic() - self.wall_start
        if self.delay_start is None:
            if waited > POLL / 2:  # asked from the first time on that there is no answer at once: few answers take long
                self.delay_start = run_delay(self.pid)
        elif waited > self.wall_limit:
            starved = run_delay(self.pid) - self.delay_start
            if waited - starved > self.wall_limit or waited > STARVED * self.wall_limit:
                raise Died("timeout", f"there was no answer within {self.wall_limit:g} s")


def run_delay(pid: int) -> float:
    """Seconds that a process has been ready to run and had no core; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def cpu_clock(pid: int) -> float:
    """CPU seconds that a process has used; 0 where the system has no such clock, or the process is gone."""
    if sys.platform != "linux":
        return 0.0
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


class Worker(Protocol):
    """One process that serves one student's file."""

    pid: int
    replies: Replies

    def send(self, data: bytes, deadline: Deadline) -> None: ...

    def receive(self, deadline: Deadline) -> Frame: ...

    def close(self) -> int:
        """Kill and reap; the exit status (negative: a signal)."""
        ...


class Launcher(Protocol):
    """Starts workers until it is closed."""

    kind: str

    layers: frozenset[str]

    def start(self, limits: Limits, layers: Collection[str] | None = None) -> Worker:
        """A fresh worker; `layers` are those of the launcher that it is to have, all without it."""
        ...

    def having(self, packages: Sequence[str]) -> Launcher:
        """A launcher whose workers have these packages as well: it is closed with this one."""
        ...

    def close(self) -> None: ...


def environment() -> dict[str, str]:
    """A worker's whole environment."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    fixed = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "Agg", "LANG": "C.UTF-8"}
    # A worker lives for milliseconds: growing its heap in large steps, and never giving any back, saves page faults.
    heap = {
        "MALLOC_TOP_PAD_": str(16 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    }
    needed = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "LD_LIBRARY_PATH") if name in os.environ}
    return {**threads, **fixed, **heap, **needed}


def command(entry: str, arguments: Sequence[str]) -> list[str]:
    """An interpreter that imports this very package, wherever it lies, and nothing of the current folder."""
    more = f"sys.path += [p for p in {libraries()!r} if p not in sys.path]"  # a user's own packages are not in it
    code = f"import sys; {more}; sys.path.insert(0, {str(PACKAGE.parent)!r}); {entry}"
    return [sys.executable, "-P", "-s", "-c", code, *arguments]


class Replies:
    """A worker's frames in the order in which they came; those before the first oddity still count."""

    def __init__(self, reply_bytes: int) -> None:
        self.reader = FrameReader(MAX_REPLY_HEADER, reply_bytes + (1 << 20))
        self.ready: deque[Frame] = deque()
        self.oddity = ""

    def feed(self, data: bytes) -> None:
        """Take bytes as they arrive."""
        try:
            for reply in self.reader.feed(data):
                self.ready.append(reply)  # one by one: the next may be odd
        except WireError as error:
            self.oddity = str(error)

    def take(self) -> Frame | None:
        """The next frame, or None where more bytes are needed; ProtocolError where no frame can follow."""
        if self.ready:
            return self.ready.popleft()
        if self.oddity:
            raise ProtocolError(self.oddity)
        return None


def preloaded(allowed: Iterable[str], sources: Iterable[bytes] | None = None) -> list[str]:
    """Of the packages that are allowed besides NumPy, those to import before any fork: what the sources mention.

    Without sources all of them. SciPy takes a second of CPU, which most classes have no need of.
    """
    others = [name for name in allowed if name != "numpy"]
    used = set(others if sources is None else ())
    for source in sources or ():
        used |= {name for name in others if name.encode() in source}
    return [LARGEST.get(name, name) for name in others if name in used]


def launcher(
    modules: Sequence[str] = (),
    plain: bool | None = None,
    layers: Collection[str] | None = None,
    allowed: Sequence[str] = (),
) -> Launcher:
    """The best launcher of this system; GRADER_PLAIN_WORKERS=1 forces plain subprocesses.

    modules: imported once, before any worker. allowed: packages that workers may import later.
    layers: names from `grader.worker.sandbox.LAYERS`; without them, those that need nothing from the system.
    GraderError, at the first start of a worker, where a layer cannot be had.
    """
    wanted = BASE if layers is None else frozenset(layers)
    if plain is None:
        plain = bool(os.environ.get("GRADER_PLAIN_WORKERS"))
    if plain or sys.platform != "linux":
        from .plain import PlainLauncher

        return PlainLauncher(modules, wanted, allowed=allowed)
    from .forks import ForkLauncher

    return ForkLauncher(modules, wanted, allowed=allowed)
