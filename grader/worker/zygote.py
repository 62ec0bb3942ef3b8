"""A process with NumPy imported and nothing else to know, from which every worker is forked in milliseconds.

It is executed afresh (not forked from the judge), so that neither the judge's memory nor its layout is inherited.
Commands come over a SOCK_SEQPACKET socket: b"F" with a descriptor starts a worker on it and answers its pid, b"K"
with a pid kills and reaps one and answers its exit status.
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
from collections.abc import Callable

import msgspec

from . import serve
from .limits import PR_SET_PDEATHSIG, Limits, confine, prctl, protect_memory
from .prepare import prepare

PID = struct.Struct("<q")
COMMAND_SIZE = 4096


def main() -> None:
    """Entry point: descriptor of the control socket, then the modules to import once."""
    prepare(sys.argv[2:])
    control = socket.socket(fileno=int(sys.argv[1]))
    protect_memory()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    control.send(b"R")
    Zygote(control).run()


class Zygote:
    """Forks, kills and reaps workers as the judge says."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        gc.collect()
        gc.freeze()  # the shared heap stays shared: no collector writes into it

    def run(self) -> None:
        """Obey until the judge hangs up."""
        while True:
            command, descriptors = self._receive()
            if not command:
                return
            if command[:1] == b"F":
                self._fork(msgspec.msgpack.decode(command[1:], type=Limits), descriptors[0])
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

    def _fork(self, limits: Limits, descriptor: int) -> None:
        pid = os.fork()
        if pid == 0:
            become_worker(limits, descriptor, [self.control.fileno()])
        os.close(descriptor)
        self.control.send(PID.pack(pid))

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        status = 0
        with contextlib.suppress(ChildProcessError):
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.control.send(PID.pack(status))


# The next issue's seam: layers that need no descriptor of ours, applied after the limits and before any student code.
SANDBOX: list[Callable[[Limits], None]] = []


def become_worker(limits: Limits, descriptor: int, close: list[int]) -> None:
    """Never returns: confine this fresh fork and serve one student's file on the descriptor."""
    try:
        for other in close:
            os.close(other)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)
        os.setsid()
        confine(limits, int((limits.deaths + 60) * limits.cpu_seconds) + 60)
        for layer in SANDBOX:
            layer(limits)
        serve.serve(serve.SocketChannel(socket.socket(fileno=descriptor)))
    finally:
        os._exit(70)
