"""Workers that are forks of a zygote: a few milliseconds each, on Linux."""

from __future__ import annotations

import array
import selectors
import signal
import socket
import struct
import subprocess
from collections.abc import Sequence

import msgspec

from grader.errors import GraderError
from grader.worker.limits import Limits

from .workers import POLL, Deadline, Died, Frame, Replies, command, environment

_PID = struct.Struct("<q")


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
