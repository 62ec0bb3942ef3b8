"""The worker's loop: read a request, run it on the student's code, reply. One process, one submission, one file."""

from __future__ import annotations

import gc
import os
import socket
import sys
import warnings
from time import monotonic
from typing import Any, Protocol

import msgspec

from . import execute, guard, repeatable
from .loader import LoadError, load
from .probe import Load, Loaded, LoadFailed, Refused, Run
from .wire import FrameReader, WireError, decode_probe, decode_request, frame, unpack

MAX_PAYLOAD = 1 << 30
MAX_PRINTED = 2_000
MAX_SYMBOLS, MAX_NAME, MAX_NOTES = 1_000, 200, 100
SEND_BYTES, SEND_SECONDS = 1 << 18, 0.02


class Channel(Protocol):
    """A blocking byte stream to the judge."""

    def read(self, size: int) -> bytes: ...

    def write(self, data: bytes) -> None: ...


class SocketChannel:
    """A connected stream socket."""

    def __init__(self, connection: socket.socket) -> None:
        self.read = connection.recv
        self.write = connection.sendall


class PipeChannel:
    """A pair of file descriptors, for systems without fork."""

    def __init__(self, reader: int, writer: int) -> None:
        self.reader, self.writer = reader, writer

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end."""
        return os.read(self.reader, size)

    def write(self, data: bytes) -> None:
        """All of it."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.writer, view[: 1 << 20]) :]


class Printed:
    """Takes the place of standard output: keeps the beginning, drops the rest, never blocks and never fills up."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep what fits."""
        if len(self.text) < MAX_PRINTED:
            self.text += str(text)[: MAX_PRINTED - len(self.text)]
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def take(self) -> str:
        """What was printed since the last call."""
        text, self.text = self.text, ""
        return text.encode("utf-8", "replace").decode()


class Service:
    """Answers requests about one student's file."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.printed = Printed()
        sys.stdout = sys.stderr = self.printed
        sys.stdin = None
        warnings.simplefilter("ignore")
        self.namespace: dict[str, Any] = {}
        self.files: frozenset[str] = frozenset()
        self.names: dict[str, str] = {}
        self.disturbance = 0

    def run(self) -> None:
        """Serve until the judge hangs up."""
        reader = FrameReader(1 << 26, MAX_PAYLOAD)
        while data := self.channel.read(reader.wants):
            for header, payload in reader.feed(data):
                self.answer(header, payload)

    def answer(self, header: bytes, payload: bytearray) -> None:
        """One request."""
        try:
            request = decode_request(header)
        except WireError as error:
            return self.channel.write(frame(Refused(0, str(error))))
        if isinstance(request, Load):
            return self.channel.write(frame(self._load(request, payload)))
        return self._run(request, payload)

    def _load(self, request: Load, payload: bytearray) -> Loaded | LoadFailed:
        if guard.WANTED:
            guard.enable()
        self.disturbance = request.disturbance
        repeatable.disturb(self.disturbance, 0)
        repeatable.seed_generators(request.seed, everything=True)
        files = {path: unpack(buffer, payload).tobytes() for path, buffer in request.files}
        self.names, self.files = request.names, frozenset(files)
        try:
            loaded = load(files, request.main, allowed=request.allowed, definitions_only=request.definitions_only)
        except LoadError as error:
            return LoadFailed(request.id, error.code, error.sentence, error.line, error.source_line)
        self.namespace = loaded.namespace
        names = (name for name in self.namespace if isinstance(name, str) and len(name) <= MAX_NAME)
        symbols = tuple(sorted(name for name in names if name[:1] != "_"))
        return Loaded(request.id, symbols[:MAX_SYMBOLS], loaded.notes[:MAX_NOTES], self.printed.take())

    def _run(self, request: Run, payload: bytearray) -> None:
        pristine = bytes(payload)
        answers = Answers(self.channel, eager=request.eager)
        for number in range(request.start, len(request.probes)):
            if number == request.again:
                payload = bytearray(pristine)  # the student's code may have written into its arguments
            repeatable.disturb(self.disturbance if number < request.again else repeatable.REPEATED, number)
            if self.disturbance:
                repeatable.soil()
            try:
                probe = decode_probe(request.probes[number])
                stage = execute.Stage(self.namespace, self.files, self.names, probe)
                message, arrays = execute.reply(request.id, number, stage, payload, pristine, request.reply_bytes)
            except WireError as error:
                answers.add(frame(Refused(request.id, str(error))))
                continue
            if self.printed.text:
                message = msgspec.structs.replace(message, printed=self.printed.take())
            answers.add(frame(message, arrays))
        answers.send()


class Answers:
    """Sends frames together where they come quickly: a system call and a wake-up for each would cost more than most."""

    def __init__(self, channel: Channel, eager: bool) -> None:
        self.channel, self.eager = channel, eager
        self.waiting: list[bytes] = []
        self.size, self.sent = 0, monotonic()

    def add(self, data: bytes) -> None:
        """One more frame."""
        self.waiting.append(data)
        self.size += len(data)
        if self.eager or self.size > SEND_BYTES or monotonic() - self.sent > SEND_SECONDS:
            self.send()

    def send(self) -> None:
        """All that waits."""
        if self.waiting:
            self.channel.write(b"".join(self.waiting))
        self.waiting.clear()
        self.size, self.sent = 0, monotonic()


def serve(channel: Channel) -> None:
    """Serve and leave without running the student's exit handlers."""
    gc.set_threshold(50_000, 20, 20)  # the process is short-lived; most of what it allocates is the request
    try:
        Service(channel).run()
    finally:
        os._exit(0)
