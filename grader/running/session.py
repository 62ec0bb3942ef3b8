"""One student's file under judgement: loads it in a worker, runs batches, replaces workers that die."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grader.errors import ProtocolError
from grader.worker.limits import Limits
from grader.worker.probe import Load, Loaded, LoadFailed, Ran, Refused, Response
from grader.worker.wire import Packer, WireError, decode_response, frame

from .probes import Batch, Probe, Trace, read_trace, unreached
from .workers import Deadline, Died, Frame, Launcher, Worker

MAX_NOTES, MAX_NOTE = 20, 600  # a student's code could have more to say
REPLIES = 4  # all answers to one batch may be this many times as large as a single one
WHOLE = 20.0  # all probes of one batch together may take so many times the limits of a probe
LOAD_FACTOR = 2.0  # importing a file may take this many times the CPU limit of a probe


class Source(NamedTuple):
    """What to load: all Python files of a submission, the one that is graded, and how the course names things."""

    files: Mapping[str, bytes]
    main: str
    names: Mapping[str, str]
    allowed: Sequence[str]


class LoadProblem(NamedTuple):
    """Why a file could not be imported as it is."""

    code: str
    sentence: str
    line: int = 0
    source: str = ""


class _Exhausted(Died):
    """A program that keeps every limit, and yet would never come to an end."""


class Session:
    """Runs probes on one file of one submission. `problem` tells why the import failed, where it did."""

    def __init__(self, launcher: Launcher, source: Source, limits: Limits, seed: int = 0, disturbance: int = 0) -> None:
        self.launcher, self.source, self.limits = launcher, source, limits
        self.seed, self.disturbance = seed, disturbance
        self.notes: tuple[str, ...] = ()
        self.symbols: tuple[str, ...] = ()
        self.problem: LoadProblem | None = None
        self.definitions_only = False
        self.deaths = 0
        self.eager = False
        self.exhausted = ""  # why no more is run, where all together took too long
        self.cpu_seconds = 0.0
        self._worker: Worker | None = None
        self._disturbed: tuple[Session, ...] = ()
        self._loaded_once = False
        self._received = 0  # bytes of answers to one batch, all of which the judge holds

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker, if there is one."""
        for other in self._disturbed:
            other.close()
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def again(self, disturbance: int) -> Session:
        """The same file in a worker of its own; with a `disturbance`, under another clock and at other addresses."""
        return Session(self.launcher, self.source, self.limits, self.seed, disturbance)

    @property
    def disturbed(self) -> tuple[Session, ...]:
        """Two more such sessions, which end with this one."""
        if not self._disturbed:
            self._disturbed = (self.again(1), self.again(2))
        return self._disturbed

    def load(self) -> bool:
        """Import the file: whole, or else its definitions alone. False where neither works."""
        if self._worker is None and not (self._loaded_once and self.problem and not self.definitions_only):
            self._load()
        return self._worker is not None

    def run(self, batch: Batch) -> list[Trace]:
        """One trace per probe. A probe in which the worker dies costs that probe; after too many, the rest."""
        traces: list[Trace] = []
        self._received = 0
        while len(traces) < len(batch.probes):
            probe = batch.probes[len(traces)]
            if self.deaths >= self.limits.deaths:
                why = self.exhausted or "too many probes before this one ended the program"
                traces.append(unreached(probe, "skipped", why))
            elif not self.load():
                traces.append(unreached(probe, "missing", self.problem.sentence if self.problem else ""))
            else:
                self._run(batch, traces)
        return traces

    def _run(self, batch: Batch, traces: list[Trace]) -> None:
        assert self._worker is not None
        worker, id_ = self._worker, _new_id()
        deadline, whole = Deadline(worker.pid, self.limits), Deadline(worker.pid, self.limits, WHOLE)
        try:
            header, payload = batch.request(id_, len(traces), self.limits.reply_bytes, self.eager)
            worker.send(header, deadline)
            worker.send(payload, deadline)
            while len(traces) < len(batch.probes):
                number = len(traces)
                answer = worker.receive(deadline)
                self._received += sum(map(len, answer))
                if self._received > REPLIES * self.limits.reply_bytes:
                    raise ProtocolError("its answers are too large together")
                traces.append(_trace(answer, id_, number, batch.probes[number], self.limits.reply_bytes))
                if not worker.replies.ready:  # the next answer is not there yet: its time begins
                    self.cpu_seconds += _restart(deadline)
                    self._look_at(whole)
        except _Exhausted as error:
            self._bury(error)
            self.deaths, self.exhausted = max(self.deaths, self.limits.deaths), error.detail
        except (Died, ProtocolError) as error:
            death = self._bury(error)
            if self.eager:
                traces.append(unreached(batch.probes[len(traces)], death.kind, death.detail))
            else:  # answers on their way are lost: ask again from there, one by one, to see which probe it was
                self.eager, self.deaths = True, self.deaths - 1

    def _look_at(self, whole: Deadline) -> None:
        try:
            whole.check()
        except Died:
            raise _Exhausted("timeout", "the probes before this one took too long together") from None

    def _bury(self, error: Died | ProtocolError) -> Died:
        """Replace what is known of a dead worker by its exit status."""
        assert self._worker is not None
        self.deaths += 1
        status = self._worker.close()
        self._worker = None
        if isinstance(error, ProtocolError):
            return Died("protocol error", f"the reply was malformed ({error})")
        if error.kind == "timeout":
            return error
        if status in (-signal.SIGKILL, -getattr(signal, "SIGXCPU", 24)):
            return Died("timeout", "the system ended it, for time or memory")
        how = f"exit status {status}" if status >= 0 else _signal(-status)
        return Died("crash", f"the program ended itself ({how})")

    def _load(self) -> None:
        problem = self._attempt(definitions_only=self.definitions_only)
        if problem is not None and not self._loaded_once:
            self.problem = problem
            if problem.code not in ("syntax", "python2", "tabs", "encoding"):
                self.definitions_only = True
                if self._attempt(definitions_only=True) is not None:
                    self.definitions_only = False
        elif problem is not None:
            self.deaths += 1  # what could be imported before cannot be now: not to be tried for ever
        self._loaded_once = True

    def _attempt(self, definitions_only: bool) -> LoadProblem | None:
        self._worker = self.launcher.start(self.limits)
        packer, id_ = Packer(), _new_id()
        files = tuple((path, packer.add_bytes(content)) for path, content in self.source.files.items())
        request = Load(
            id_,
            files,
            self.source.main,
            tuple(self.source.allowed),
            dict(self.source.names),
            self.seed,
            definitions_only,
            self.disturbance,
        )
        deadline = Deadline(self._worker.pid, self.limits, LOAD_FACTOR)
        try:
            self._worker.send(frame(request, packer.payload()), deadline)
            response = _expect(_response(*self._worker.receive(deadline)), id_)
        except (Died, ProtocolError) as error:
            death = self._bury(error)
            self.deaths -= 1  # counted for probes; an import is tried at most twice
            return LoadProblem(death.kind, f"importing {self.source.main} did not end well: {death.detail}")
        if isinstance(response, Loaded):
            self.notes = tuple(note[:MAX_NOTE] for note in response.notes[:MAX_NOTES])
            self.symbols = response.symbols
            return None
        self.close()
        if isinstance(response, LoadFailed):
            return LoadProblem(response.code, response.sentence, response.line, response.source)
        return LoadProblem("protocol error", "the worker answered an import with something else")


def _signal(number: int) -> str:
    try:
        return f"signal {signal.Signals(number).name}"
    except ValueError:  # real-time signals have no names
        return f"signal {number}"


def _new_id() -> int:
    """Of a request: not to be guessed, so that an answer cannot come before its question."""
    return secrets.randbits(62)


def _restart(deadline: Deadline) -> float:
    before = deadline.cpu_start
    deadline.restart()
    return max(0.0, deadline.cpu_start - before)


def _response(header: bytes, payload: bytearray) -> tuple[Response, bytearray]:
    try:
        return decode_response(header), payload
    except WireError as error:
        raise ProtocolError(str(error)) from error


def _expect(answer: tuple[Response, bytearray], id_: int) -> Response:
    response = answer[0]
    if isinstance(response, Refused):  # ours can read what we send: a student's code says so, to win a rerun
        raise ProtocolError("it says that it cannot read the question")
    if response.id != id_:
        raise ProtocolError("it answers another request")
    return response


def _trace(answer: Frame, id_: int, number: int, probe: Probe, limit: int) -> Trace:
    response = _expect(_response(*answer), id_)
    if not isinstance(response, Ran) or response.probe != number:
        raise ProtocolError("it does not answer the question")
    try:
        return read_trace(response, answer[1], probe, limit)
    except WireError as error:
        raise ProtocolError(str(error)) from error
