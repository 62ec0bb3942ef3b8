"""Workers that are forks of a zygote: a few milliseconds each, on Linux."""

from __future__ import annotations

import array
import contextlib
import os
import selectors
import signal
import socket
import struct
import subprocess
from collections.abc import Collection, Sequence

import msgspec

from grader.errors import GraderError
from grader.worker.limits import Limits
from grader.worker.sandbox import Fork, Start

from . import namespaces
from .places import packages, readable
from .workers import BASE, POLL, Deadline, Died, Frame, Replies, command, environment

_PID = struct.Struct("<q")
_CREDENTIALS = struct.Struct("3i")  # pid, user, group
FAREWELL, PATIENCE = 2.0, 10.0  # seconds
GREETING = 300.0  # seconds: on a loaded machine PyTorch takes its time, and one that fails to start is noticed at once


class ForkWorker:
    """A fork of the zygote, on a socket of its own. Its pid may be another one where the zygote lives."""

    def __init__(
        self, zygote: ForkLauncher, connection: socket.socket, pid: int, zygotes_pid: int, reply_bytes: int
    ) -> None:
        self.zygote, self.connection, self.pid, self.zygotes_pid = zygote, connection, pid, zygotes_pid
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
        return self.zygote.kill(self.zygotes_pid)


def _met(connection: socket.socket) -> int:
    """Pid of the worker at the other end, as the kernel tells it; GraderError where it ended at once."""
    connection.settimeout(GREETING)
    try:
        data, ancillary, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    except OSError:
        data, ancillary = b"", []
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
    for level, kind, value in ancillary:
        if data and level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(_CREDENTIALS.unpack(value)[0])
    raise GraderError("a worker ended before it began: is the machine out of memory, or a layer of isolation gone?")


class ForkLauncher:
    """The zygote: one per batch worker. `modules` are imported once, before any fork; `required` ones must be there."""

    kind = "fork"

    def __init__(
        self,
        modules: Sequence[str],
        layers: Collection[str] = BASE,
        required: Sequence[str] = (),
        allowed: Sequence[str] = (),
    ) -> None:
        self.modules, self.layers, self.required = tuple(modules), frozenset(layers), tuple(required)
        self.allowed = tuple(allowed)
        self._others: dict[tuple[str, ...], ForkLauncher] = {}
        self._launch()

    def having(self, packages: Sequence[str]) -> ForkLauncher:
        """Another zygote, so that workers without need of the packages do not carry them; made when it is asked for."""
        wanted = tuple(sorted({*self.required, *packages}))
        if wanted == self.required:
            return self
        if wanted not in self._others:
            self._others[wanted] = ForkLauncher(self.modules, self.layers, wanted, self.allowed)
        return self._others[wanted]

    def _launch(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        entry = "from grader.worker.zygote import main; main()"
        modules = ("numpy", *self.modules)
        names = packages({*modules, *self.required, *self.allowed})
        start = Start(modules, tuple(sorted(self.layers)), tuple(readable()), self.required, names)
        self.control, self.ready = ours, False
        with theirs:
            line = command(entry, [str(theirs.fileno()), msgspec.json.encode(start).decode()])
            line = namespaces.wrapped(line) if "namespaces" in self.layers else line
            try:
                self.process = subprocess.Popen(
                    line,
                    pass_fds=[theirs.fileno()],
                    env=environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                )
            except OSError as error:
                ours.close()
                raise GraderError(f"{line[0]} cannot be started ({error.strerror})") from error

    def start(self, limits: Limits, layers: Collection[str] | None = None) -> ForkWorker:
        """A fresh fork; of a new zygote where the old one was killed or stopped, by a student's code or for memory."""
        if self.process.poll() is None and self.ready:
            with contextlib.suppress(GraderError, OSError):
                return self._fork(limits, layers)
        if self.ready or self.process.poll() is not None:
            self._hang_up()
            self._launch()
        self._wait_until_ready()
        return self._fork(limits, layers)

    def _fork(self, limits: Limits, layers: Collection[str] | None) -> ForkWorker:
        wanted = self.layers if layers is None else self.layers & set(layers)
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with theirs:
            descriptors = array.array("i", [theirs.fileno()])
            message = b"F" + msgspec.msgpack.encode(Fork(limits, tuple(sorted(wanted))))
            self.control.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        zygotes_pid = _PID.unpack(self._answer())[0]
        return ForkWorker(self, ours, _met(ours), zygotes_pid, limits.reply_bytes)

    def _wait_until_ready(self) -> None:
        if not self.ready:
            self._answer()
            self.ready = True

    def _answer(self) -> bytes:
        try:
            self.control.settimeout(PATIENCE if self.ready else GREETING)
            answer = self.control.recv(64)
        except OSError:
            answer = b""
        if not answer:
            self.process.kill()  # it may have been stopped
            raise GraderError(f"the process that starts workers ended: {self._said()[-300:] or 'it was killed'}")
        return answer

    def _said(self) -> str:
        """What the zygote wrote to its standard error before it ended, which an orphan may still hold open."""
        assert self.process.stderr
        os.set_blocking(self.process.stderr.fileno(), False)
        return (self.process.stderr.read() or b"").decode(errors="replace").strip()

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
        """End the zygote, and with it every worker: on hanging up it kills them and leaves."""
        for other in self._others.values():
            other.close()
        self._others.clear()
        self._hang_up()

    def _hang_up(self) -> None:
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(FAREWELL)
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()
