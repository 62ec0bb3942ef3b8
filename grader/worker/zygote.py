"""A process with NumPy imported and nothing else to know, from which every worker is forked in milliseconds.

It is executed afresh (not forked from the judge), so that neither the judge's memory nor its layout is inherited.
Commands come over a SOCK_SEQPACKET socket: b"F" with a descriptor starts a worker on it and answers its pid, b"K"
with a pid kills and reaps one, and all that it started, and answers its exit status.
"""

from __future__ import annotations

import array
import contextlib
import gc
import os
import signal
import socket
import struct
import sys
from pathlib import Path

import msgspec

from . import serve
from .limits import PR_SET_PDEATHSIG, prctl, protect_memory
from .prepare import prepare
from .sandbox import Fork, Kit, Start

PID = struct.Struct("<q")
COMMAND_SIZE = 4096
PR_SET_CHILD_SUBREAPER = 36
SWEEPS = 1000


def main() -> None:
    """Entry point: descriptor of the control socket, then a Start as JSON."""
    start = msgspec.json.decode(sys.argv[2], type=Start)
    taken = prepare(start.modules, start.required)
    control = socket.socket(fileno=int(sys.argv[1]))
    if "unreadable" in start.layers:
        protect_memory()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.chdir("/")  # where the judge was started is nobody's business
    kit = Kit(start, taken)
    control.send(b"R")
    Zygote(control, kit).run()


class Zygote:
    """Forks, kills and reaps workers as the judge says."""

    def __init__(self, control: socket.socket, kit: Kit) -> None:
        self.control, self.kit = control, kit
        self.workers: set[int] = set()
        gc.collect()
        gc.freeze()  # the shared heap stays shared: no collector writes into it

    def run(self) -> None:
        """Obey until the judge hangs up."""
        while True:
            command, descriptors = self._receive()
            if not command:
                for pid in [*self.workers]:
                    self._end(pid)
                return
            if command[:1] == b"F":
                self._fork(msgspec.msgpack.decode(command[1:], type=Fork), descriptors[0])
            elif command[:1] == b"K":
                self._kill(PID.unpack(command[1:])[0])

    def _receive(self) -> tuple[bytes, list[int]]:
        space = socket.CMSG_SPACE(array.array("i").itemsize)
        command, ancillary, _, _ = self.control.recvmsg(COMMAND_SIZE, space)
        descriptors = array.array("i")
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(data)
        return command, list(descriptors)

    def _fork(self, fork: Fork, descriptor: int) -> None:
        pid = os.fork()
        if pid == 0:
            become_worker(self.kit, fork, descriptor, [self.control.fileno()])
        os.close(descriptor)
        self.workers.add(pid)
        self.control.send(PID.pack(pid))

    def _kill(self, pid: int) -> None:
        self.control.send(PID.pack(self._end(pid)))

    def _end(self, pid: int) -> int:
        """Kill and reap a worker, then whatever it started: orphans become children of this process."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        status = 0
        with contextlib.suppress(ChildProcessError):
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.workers.discard(pid)
        for _ in range(SWEEPS):
            if not self._sweep():
                break
        return status

    def _sweep(self) -> bool:
        """Kill and reap orphans; False where there are none. Asks for a list only where there are children at all."""
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        orphans = children() - self.workers
        for orphan in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        for orphan in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan, 0)
        return bool(orphans)


def children() -> set[int]:
    """Pids of this process's children."""
    with contextlib.suppress(OSError):
        return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))
    return set()


def become_worker(kit: Kit, fork: Fork, descriptor: int, close: list[int]) -> None:
    """Never returns: confine this fresh fork and serve one student's file on the descriptor."""
    try:
        for other in close:
            os.close(other)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)
        os.setsid()
        connection = socket.socket(fileno=descriptor)
        kit.enter(fork.limits, fork.layers)
        connection.send(b"H")  # the layers are on; and the kernel tells the judge by which pid it knows this process
        serve.serve(serve.SocketChannel(connection))
    finally:
        os._exit(70)
