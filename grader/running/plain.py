"""Workers that are plain subprocesses: slower, and the only way on Windows and macOS."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections.abc import Collection, Sequence

import msgspec

from grader.errors import GraderError, ProtocolError
from grader.worker.limits import Limits
from grader.worker.sandbox import Start

from .places import packages, readable
from .workers import BASE, POLL, Deadline, Died, Frame, Replies, command, environment

START_SECONDS = 30.0  # of computing time, until a plain subprocess is ready


class PlainWorker:
    """A subprocess of its own, on pipes. A thread reads, so that deadlines hold without non-blocking pipes."""

    def __init__(self, limits: Limits, start: Start) -> None:
        arguments = [msgspec.json.encode(value).decode() for value in (limits, start)]
        self.process = subprocess.Popen(
            command("from grader.worker.start import plain; plain()", arguments),
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

    def __init__(
        self,
        modules: Sequence[str] = (),
        layers: Collection[str] = BASE,
        required: Sequence[str] = (),
        allowed: Sequence[str] = (),
    ) -> None:
        self.allowed = tuple(allowed)
        self.layers = frozenset(layers) - {"namespaces", "own user"}
        names = packages({"numpy", *modules, *required, *allowed})
        self.begin = Start(tuple(modules), tuple(sorted(self.layers)), tuple(readable()), tuple(required), names)

    def having(self, packages: Sequence[str]) -> PlainLauncher:
        """The same with packages that each process imports before it is ready."""
        required = sorted({*self.begin.required, *packages})
        return PlainLauncher(self.begin.modules, self.layers, required, self.allowed)

    def start(self, limits: Limits, layers: Collection[str] | None = None) -> PlainWorker:
        """A fresh process that is ready: its own start is neither on the student's account nor the student's fault."""
        wanted = self.layers if layers is None else self.layers & set(layers)
        worker = PlainWorker(limits, msgspec.structs.replace(self.begin, layers=tuple(sorted(wanted))))
        try:
            worker.receive(Deadline(worker.pid, Limits(cpu_seconds=START_SECONDS)))
        except (Died, ProtocolError) as error:
            worker.close()
            raise GraderError(f"a worker process cannot be started ({error}): is NumPy installed for it?") from error
        return worker

    def close(self) -> None:
        """Nothing is kept."""
