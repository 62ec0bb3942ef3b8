"""Worker processes as the judge sees them: started, talked to under deadlines, killed.

Two launchers with the same verdicts: forks of a zygote (Linux), or a plain subprocess each (everywhere).
"""

from __future__ import annotations

import array
import contextlib
import os
import queue
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from grader.errors import GraderError, ProtocolError
from grader.worker.limits import Limits
from grader.worker.wire import FrameReader, WireError

POLL = 0.05
START_SECONDS = 30.0  # of computing time, until a plain subprocess is ready
MAX_REPLY_HEADER = 8 << 20
_ROOT = str(Path(__file__).resolve().parents[2])
_PID = struct.Struct("<q")
Frame = tuple[bytes, bytearray]


class Died(Exception):
    """The worker ended or was ended: `kind` is a verdict's word, `detail` a clause for people."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.detail = kind, detail


class Deadline:
    """CPU seconds of one worker and wall seconds since now, both owned by the judge."""

    def __init__(self, pid: int, limits: Limits, factor: float = 1.0) -> None:
        self.pid, self.limits = pid, limits
        self.cpu_limit, self.wall_limit = limits.cpu_seconds * factor, limits.wall * factor
        self.restart()

    def restart(self) -> None:
        """The next probe begins."""
        self.cpu_start = cpu_clock(self.pid)
        self.wall_start = time.monotonic()

    def check(self) -> None:
        """Raise Died when either clock has run out."""
        used = cpu_clock(self.pid) - self.cpu_start
        if used > self.cpu_limit:
            raise Died("timeout", f"it used more than {self.cpu_limit:g} s of computing time")
        if time.monotonic() - self.wall_start > self.wall_limit:
            raise Died("timeout", f"there was no answer within {self.wall_limit:g} s")


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

    def send(self, data: bytes, deadline: Deadline) -> None: ...

    def receive(self, deadline: Deadline) -> Frame: ...

    def close(self) -> int:
        """Kill and reap; the exit status (negative: a signal)."""
        ...


class Launcher(Protocol):
    """Starts workers until it is closed."""

    kind: str

    def start(self, limits: Limits) -> Worker: ...

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
    code = f"import sys; sys.path.insert(0, {_ROOT!r}); {entry}"
    return [sys.executable, "-P", "-s", "-c", code, *arguments]


class Replies:
    """A worker's frames in the order in which they came; those before the first oddity still count."""

    def __init__(self, reply_bytes: int) -> None:
        self.reader = FrameReader(MAX_REPLY_HEADER, reply_bytes + (1 << 20))
        self.ready: list[Frame] = []
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
            return self.ready.pop(0)
        if self.oddity:
            raise ProtocolError(self.oddity)
        return None


class ForkWorker:
    """A fork of the zygote, on a socket of its own."""

    def __init__(self, zygote: ForkLauncher, connection: socket.socket, pid: int, reply_bytes: int) -> None:
        self.zygote, self.connection, self.pid = zygote, connection, pid
        connection.setblocking(False)
        self.replies = Replies(reply_bytes)
        self.selector = selectors.DefaultSelector()
        self.selector.register(connection, selectors.EVENT_READ)

    def send(self, data: bytes, deadline: Deadline) -> None:
        """All of `data`, or Died."""
        view = memoryview(data)
        while view:
            try:
                view = view[self.connection.send(view[: 1 << 20]) :]
            except BlockingIOError:
                self.selector.modify(self.connection, selectors.EVENT_WRITE)
                self.selector.select(POLL)
                self.selector.modify(self.connection, selectors.EVENT_READ)
                deadline.check()
            except OSError:
                raise Died("crash", "the process ended") from None

    def receive(self, deadline: Deadline) -> Frame:
        """The next frame, or Died, or ProtocolError."""
        while (reply := self.replies.take()) is None:
            try:
                data = self.connection.recv(self.replies.reader.wants)
            except BlockingIOError:
                self.selector.select(POLL)
                deadline.check()
                continue
            except OSError:
                data = b""
            deadline.check()  # also while bytes keep coming
            if not data:
                raise Died("crash", "the process ended")
            self.replies.feed(data)
        return reply

    def close(self) -> int:
        """Kill and reap."""
        self.selector.close()
        self.connection.close()
        return self.zygote.kill(self.pid)


class ForkLauncher:
    """The zygote: one per batch worker. `modules` are imported once, before any fork."""

    kind = "fork"

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = modules
        self._launch()

    def _launch(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        entry = "from grader.worker.zygote import main; main()"
        with theirs:
            self.process = subprocess.Popen(
                command(entry, [str(theirs.fileno()), "numpy", *self.modules]),
                pass_fds=[theirs.fileno()],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self.control = ours
        self.ready = False

    def start(self, limits: Limits) -> ForkWorker:
        """A fresh fork; of a new zygote where the old one was killed, by a student's code or for memory."""
        if self.process.poll() is not None:
            self.close()
            self._launch()
        self._wait_until_ready()
        ours, theirs = socket.socketpair()
        with theirs:
            descriptors = array.array("i", [theirs.fileno()])
            message = b"F" + msgspec.msgpack.encode(limits)
            self.control.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        pid = _PID.unpack(self._answer())[0]
        return ForkWorker(self, ours, pid, limits.reply_bytes)

    def _wait_until_ready(self) -> None:
        if not self.ready:
            self._answer()
            self.ready = True

    def _answer(self) -> bytes:
        try:
            answer = self.control.recv(64)
        except OSError:
            answer = b""
        if not answer:
            said = self.process.stderr.read().decode(errors="replace").strip() if self.process.stderr else ""
            raise GraderError(f"the process that starts workers ended: {said[-300:] or 'it was killed'}")
        return answer

    def kill(self, pid: int) -> int:
        """Kill and reap one worker; its exit status. A zygote that is gone has taken it along."""
        try:
            self.control.send(b"K" + _PID.pack(pid))
            return int(_PID.unpack(self._answer())[0])
        except (OSError, GraderError):
            self.process.kill()
            self.process.wait()
            return -signal.SIGKILL

    def close(self) -> None:
        """End the zygote, and with it every worker."""
        self.control.close()
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()


class PlainWorker:
    """A subprocess of its own, on pipes. A thread reads, so that deadlines hold without non-blocking pipes."""

    def __init__(self, limits: Limits) -> None:
        self.process = subprocess.Popen(
            command("from grader.worker.start import plain; plain()", [msgspec.json.encode(limits).decode()]),
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self.process.pid
        self.replies = Replies(limits.reply_bytes)
        self.chunks: queue.Queue[bytes] = queue.Queue(maxsize=16)
        self.closed = False
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self) -> None:
        """Read to the end. This thread alone closes the pipe: the next worker's may have the same number at once."""
        assert self.process.stdout
        with self.process.stdout as pipe, contextlib.suppress(OSError):
            while (data := os.read(pipe.fileno(), 1 << 20)) and not self.closed:
                self.chunks.put(data)
        self.chunks.put(b"")

    def send(self, data: bytes, deadline: Deadline) -> None:
        """All of `data`, or Died. A thread writes, so that a worker that does not read cannot hold up the judge."""
        writer = threading.Thread(target=self._write, args=(data,), daemon=True)
        writer.start()
        while writer.is_alive():
            writer.join(POLL)
            deadline.check()

    def _write(self, data: bytes) -> None:
        assert self.process.stdin
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def receive(self, deadline: Deadline) -> Frame:
        """The next frame, or Died, or ProtocolError."""
        while (reply := self.replies.take()) is None:
            try:
                data = self.chunks.get(timeout=POLL)
            except queue.Empty:
                deadline.check()
                continue
            deadline.check()  # also while bytes keep coming
            if not data:
                raise Died("crash", "the process ended")
            self.replies.feed(data)
        return reply

    def close(self) -> int:
        """Kill and reap."""
        self.closed = True
        self.process.kill()
        status = self.process.wait()
        with contextlib.suppress(queue.Empty):
            while True:
                self.chunks.get_nowait()
        with contextlib.suppress(OSError):
            if self.process.stdin:
                self.process.stdin.close()
        return status


class PlainLauncher:
    """A subprocess per submission and file: slower, and the only way on Windows and macOS."""

    kind = "subprocess"

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self.modules = modules

    def start(self, limits: Limits) -> PlainWorker:
        """A fresh process that is ready: its own start is neither on the student's account nor the student's fault."""
        worker = PlainWorker(limits)
        try:
            worker.receive(Deadline(worker.pid, Limits(cpu_seconds=START_SECONDS)))
        except (Died, ProtocolError) as error:
            worker.close()
            raise GraderError(f"a worker process cannot be started ({error}): is NumPy installed for it?") from error
        return worker

    def close(self) -> None:
        """Nothing is kept."""


def launcher(modules: Sequence[str] = (), plain: bool | None = None) -> Launcher:
    """The best launcher of this system; GRADER_PLAIN_WORKERS=1 forces plain subprocesses."""
    if plain is None:
        plain = bool(os.environ.get("GRADER_PLAIN_WORKERS"))
    return PlainLauncher(modules) if plain or sys.platform != "linux" else ForkLauncher(modules)
