"""The objects of a running kernel under judgement: the worker's part in this process, with nothing that could end it.

There is no isolation here and no secret: public bundles only, and the result is advisory.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import linecache
import os
import random
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, cast

import numpy as np
from msgspec.structs import replace

from grader.errors import ProtocolError
from grader.running.probes import Batch, Trace, read_trace, unreached
from grader.running.session import Session, Source
from grader.running.workers import Launcher
from grader.worker import execute
from grader.worker.limits import Limits
from grader.worker.probe import Raised, Run
from grader.worker.serve import Printed
from grader.worker.wire import FrameReader, WireError, decode_probe, decode_request

from .timing import TimeLimit, TimeUp

MAIN = "the notebook"
_CELL = re.compile(r"<ipython-input-(\d+)-|^<stdin>|[\\/]ipykernel_\d+[\\/]")
_INSTALLED = {"site-packages", "dist-packages"}


class OwnFiles(frozenset[str]):
    """What is the student's own: the code of cells, and the files of the course folder.

    The lines of cells that were met are numbered through as the lines of one file, `MAIN`: a notebook is one file to
    whoever writes in it.
    """

    root: str = ""
    lines: list[tuple[str, int]]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            bool(_CELL.search(name)) or super().__contains__(name) or self.inside(name) != ""
        )

    def inside(self, name: str) -> str:
        """The path of a file in the course folder as seen from there, else ""."""
        if not self.root or not name.startswith(self.root + os.sep) or name.startswith(_OURS):
            return ""
        path = name[len(self.root) + 1 :].replace(os.sep, "/")
        return "" if _INSTALLED & {*path.split("/")} else path

    def told(self, trace: Trace) -> Trace:
        """The trace, with the lines of cells as lines of `MAIN` and paths as seen from the course folder."""
        outcomes = tuple(
            replace(one, lines=tuple(map(self._line, one.lines))) if isinstance(one, Raised) and one.lines else one
            for one in trace.outcomes
        )
        return replace(trace, outcomes=outcomes)

    def _line(self, line: tuple[str, int, str]) -> tuple[str, int, str]:
        file, number, text = line
        text = text or linecache.getline(file, number).rstrip()[:300]
        if inside := self.inside(file):
            return inside, number, text
        if (file, number) not in self.lines:
            self.lines.append((file, number))
        return MAIN, self.lines.index((file, number)) + 1, text

    def place(self, line: int) -> tuple[str, int]:
        """Name of the cell and line in it, of a line of `MAIN`."""
        file, number = self.lines[line - 1] if 0 < line <= len(self.lines) else ("", 0)
        return cell_name(file), number


def own_files(namespace: Mapping[str, Any], root: str) -> OwnFiles:
    """The student's own files in a kernel in the course folder `root`."""
    file = namespace.get("__file__")
    own = OwnFiles({file} if isinstance(file, str) else ())
    own.root, own.lines = root, []
    return own


def cell_name(file: str) -> str:
    """ "In [5]" for the code of a cell, where the kernel still knows its number; else "a cell"."""
    if found := re.match(r"<ipython-input-(\d+)-", file):
        return f"In [{found[1]}]"
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    number = getattr(getattr(shell, "compile", None), "_filename_map", {}).get(file)
    return f"In [{number}]" if number is not None else "a cell"


class KernelSession(Session):
    """A session on a namespace of this process."""

    def __init__(self, namespace: Mapping[str, Any], names: Mapping[str, str], limits: Limits, files: OwnFiles) -> None:
        nothing = cast(Launcher, None)
        super().__init__(nothing, Source({MAIN: b"#"}, MAIN, names, ()), limits)
        self.namespace, self.files = namespace, files
        self.symbols = tuple(sorted(n for n in list(namespace) if isinstance(n, str) and n[:1] != "_"))

    def again(self, disturbance: int) -> KernelSession:
        """The same objects: there is no other process."""
        return KernelSession(self.namespace, self.source.names, self.limits, self.files)

    def load(self) -> bool:
        """All is there already."""
        return True

    def close(self) -> None:
        """Nothing was started."""

    def run(self, batch: Batch) -> list[Trace]:
        """One trace per probe; KeyboardInterrupt where somebody asks to stop."""
        request, payload = batch.request(1, 0, self.limits.reply_bytes, False)
        ((header, data),) = FrameReader(1 << 30, 1 << 31).feed(request + payload)
        run = decode_request(header)
        assert isinstance(run, Run)
        traces: list[Trace] = []
        with undisturbed():
            for number, probe in enumerate(batch.probes):
                if self.deaths >= self.limits.deaths:
                    detail = "too many probes before this one ran out of time"
                    traces.append(unreached(probe, "skipped", detail))
                else:
                    traces.append(self._trace(batch, run, number, data))
        return traces

    def _trace(self, batch: Batch, run: Run, number: int, data: bytearray) -> Trace:
        probe, fresh = batch.probes[number], bytearray(data)
        stage = execute.Stage(self.namespace, self.files, dict(self.source.names), decode_probe(run.probes[number]))
        limit = TimeLimit(self.limits.cpu_seconds, self.limits.wall)
        answer = None
        try:
            with limit, contained():
                answer = execute.reply(1, number, stage, fresh, bytes(data), self.limits.reply_bytes)
        except (TimeUp, KeyboardInterrupt):
            limit.interrupted |= not limit.expired
        except WireError as error:
            raise ProtocolError(str(error)) from error
        if limit.interrupted:
            raise KeyboardInterrupt
        if limit.expired or answer is None:
            self.deaths += 1
            return unreached(probe, "timeout", f"it used more than {self.limits.cpu_seconds:g} s of computing time")
        try:
            return self.files.told(read_trace(answer[0], bytearray(answer[1]), probe, self.limits.reply_bytes))
        except WireError as error:
            return unreached(probe, "protocol error", f"the reply was malformed ({error})")


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """The kernel's own chance goes on as if nobody had drawn from it."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextlib.contextmanager
def contained() -> Iterator[None]:
    """While a student's code runs: its prints go nowhere, nobody is asked for input, and the process cannot be left."""

    def refuse(*_: object) -> NoReturn:
        raise SystemExit("the program ends itself")

    def no_input(*_: object) -> NoReturn:
        raise EOFError("input() waits for a person, and nobody is there while checking")

    def ignore(*_: object, **__: object) -> None:
        return None

    replaced: list[tuple[Any, str, Any]] = [(builtins, "input", no_input)]
    replaced += [(os, name, refuse) for name in ("_exit", "abort", "kill", "killpg") if hasattr(os, name)]
    replaced += [(signal, name, ignore) for name in ("signal", "setitimer", "alarm") if hasattr(signal, name)]
    before = [(place, name, getattr(place, name)) for place, name, _ in replaced]
    loop: Any = asyncio._get_running_loop()  # the kernel's own, or none
    if loop is not None:
        with contextlib.suppress(AttributeError):  # of a loop written in C
            loop.stop = loop.close = ignore
    output: Any = Printed()
    with silent(sys.stdout), silent(sys.stderr), contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            for place, name, value in replaced:
                setattr(place, name, value)
            yield
        finally:
            for place, name, value in before:
                setattr(place, name, value)
            for name in ("stop", "close"):
                getattr(loop, "__dict__", {}).pop(name, None)


@contextlib.contextmanager
def silent(stream: Any) -> Iterator[None]:
    """Nothing is written to a stream that somebody may have kept, as handlers of `logging` do; nbgrader gives 0 points
    for whatever a graded cell writes to the standard error."""
    with contextlib.suppress(AttributeError):  # a stream of plain Python's own cannot be changed
        stream.write = len
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError):
            del stream.write


_OURS = __file__.rpartition("notebooks")[0]  # this package's own lines are nobody's, wherever it is installed
