"""What a worker sends may be anything: bytes that are no answer to the question are a protocol error of that probe.

The worker's side is played by the test, on the socket of a real one.
"""

from __future__ import annotations

import array
import contextlib
import gc
import os
import socket
import threading
import tracemalloc
import warnings
from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest

from grader.running.forks import ForkWorker
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source
from grader.running.workers import MAX_REPLY_HEADER, Deadline, Replies
from grader.worker.limits import Limits
from grader.worker.probe import Buffer, Listing, Load, Loaded, NotReached, Raised, Ran, Request, Returned, Run, Use
from grader.worker.wire import MAGIC, PREFIX, FrameReader, WireError, decode_request, decode_response, frame

LIMITS = Limits(cpu_seconds=30.0, wall_seconds=1.0, reply_bytes=2 << 20, deaths=9)
PROBE = Probe((Use("f", (), report=True), Use("g", ()), Use("h", (), report=True)), {"x": np.ones(2)}, {"f": 0}, 1)
Forge = Callable[[Request], bytes | None]  # the bytes that answer a request, or None for the worker's end


def answer(request: Run, number: int, value: object = 1.0) -> bytes:
    """What an honest worker says."""
    return frame(Ran(request.id, number, (Returned(value), Returned(), Returned(2.0))))  # type: ignore[arg-type]


def honest(request: Request) -> bytes:
    """The honest answers to a request."""
    if isinstance(request, Load):
        return frame(Loaded(request.id, ("f",)))
    return b"".join(answer(request, number) for number in range(request.start, len(request.probes)))


class Zygote:
    """In the place of a zygote that ends workers."""

    def __init__(self, status: int = -9) -> None:
        self.status = status

    def kill(self, _: int) -> int:
        return self.status


class Stage:
    """A launcher of played workers: the first two answer as the test wants it, all that follow are honest."""

    kind, layers = "played", frozenset()

    def __init__(self, forge: Forge, status: int = -9) -> None:
        self.forge, self.zygote, self.started = forge, Zygote(status), 0

    def start(self, limits: Limits, layers: object = None) -> ForkWorker:
        """The judge's end of a socket; at the other end, a thread."""
        self.started += 1
        ours, theirs = socket.socketpair()
        forge = self.forge if self.started <= 2 else honest
        threading.Thread(target=_play, args=(theirs, forge), daemon=True).start()
        return ForkWorker(self.zygote, ours, os.getpid(), 0, limits.reply_bytes)  # type: ignore[arg-type]

    def close(self) -> None:
        """Nothing is kept."""


def _play(theirs: socket.socket, forge: Forge) -> None:
    """Read requests and answer them, until one is to have no answer or the judge hangs up."""
    reader = FrameReader(1 << 26, 1 << 26)
    with theirs, contextlib.suppress(OSError):
        while data := theirs.recv(1 << 16):
            for header, _ in reader.feed(data):
                said = forge(decode_request(header))
                if said is None:
                    return
                theirs.sendall(said)


def traces(forge: Forge, count: int = 3, batches: int = 1) -> list[list[Trace]]:
    """What a session makes of a worker, and of its replacement that does the same again."""
    source = Source({"a.py": b""}, "a.py", {}, ())
    with Session(Stage(forge), source, LIMITS) as running:  # type: ignore[arg-type]
        return [running.run(Batch([PROBE] * count)) for _ in range(batches)]


def deaths(found: list[Trace]) -> list[str]:
    return [trace.death for trace in found]


def at_second(forged: Callable[[Run], bytes]) -> Forge:
    """An answer to the second probe that is not honest; what follows is."""

    def forge(request: Request) -> bytes:
        if isinstance(request, Load) or request.start > 1:
            return honest(request)
        first = answer(request, 0) if request.start == 0 else b""
        return first + forged(request) + b"".join(answer(request, n) for n in range(2, len(request.probes)))

    return forge


def ran(request: Run, *outcomes: object, **fields: object) -> bytes:
    """A message in which anything may stand."""
    told = {"t": "ran", "id": request.id, "probe": 1, "outcomes": outcomes, **fields}
    return frame(told)


def buffers(*replies: object, payload: int = 4096) -> Callable[[Run], bytes]:
    outcomes = (Returned(Listing("list", replies)), Returned(), Returned())  # type: ignore[arg-type]
    return lambda request: frame(Ran(request.id, 1, outcomes), bytes(payload))


def value(reply: object) -> Callable[[Run], bytes]:
    return lambda request: answer(request, 1, reply)


ONE, OK = Returned(1.0), Returned()
NESTED = b"".join([*[b"\x83\xa1t\xa7listing\xa4kind\xa4list\xa5items\x91"] * 50_000, b"\xc0"])
FORGED: dict[str, Callable[[Run], bytes]] = {
    "another request": lambda r: answer(Run(r.id + 1, 0, 0, True, 0, ()), 1),
    "negative request": lambda r: answer(Run(-1, 0, 0, True, 0, ()), 1),
    "the probe before": lambda r: answer(r, 0),
    "the probe after": lambda r: answer(r, 2),
    "negative probe": lambda r: answer(r, -1),
    "not a number": lambda r: ran(r, ONE, OK, ONE, probe=float("nan")),
    "huge probe": lambda r: ran(r, ONE, OK, ONE, probe=(1 << 64) - 1),
    "an import": lambda r: frame(Loaded(r.id)),
    "too few outcomes": lambda r: ran(r, ONE, OK),
    "too many outcomes": lambda r: ran(r, ONE, OK, ONE, ONE),
    "very many outcomes": lambda r: ran(r, *[{"t": "returned"}] * 200_000),
    "step that is not there": lambda r: ran(r, ONE, NotReached(2), ONE),
    "step that comes later": lambda r: ran(r, NotReached(2), OK, ONE),
    "negative step": lambda r: ran(r, ONE, NotReached(-1), ONE),
    "value nobody asked for": lambda r: ran(r, ONE, ONE, ONE),
    "changed array that is not there": lambda r: ran(r, ONE, OK, ONE, changed=["y"]),
    "changed too often": lambda r: ran(r, ONE, OK, ONE, changed=["x", "x"]),
    "long text": value("x" * 20_000),
    "long message": lambda r: ran(r, Raised("ValueError", "x" * 20_000), OK, ONE),
    "many lines": lambda r: ran(r, Raised("ValueError", "", (), (("a.py", 1, ""),) * 2000), OK, ONE),
    "text that is no text": lambda r: ran(r, ONE, OK, ONE, printed=b"\xff"),
    "many items": value(Listing("list", (None,) * 30_000)),
    "many items in many lists": value(Listing("list", (Listing("list", (None,) * 9_000),) * 4)),
    "deep": value(reduce(lambda inner, _: Listing("list", (inner,)), range(20), None)),
    "too deep to read": lambda r: ran(r, {"t": "returned", "value": msgspec.Raw(NESTED)}, OK, ONE),
    "shared arrays": buffers(Buffer("bool", (4096,), 0), Buffer("bool", (4096,), 0)),
    "overlapping arrays": buffers(Buffer("float64", (4,), 0), Buffer("float64", (4,), 16)),
    "arrays in another order": buffers(Buffer("float64", (2,), 16), Buffer("float64", (2,), 0)),
    "large as float64": buffers(Buffer("bool", (300_000,), 0), payload=300_000),
    "huge shape": buffers(Buffer("float64", (1 << 62, 4), 0)),
    "huge shape of nothing": buffers(Buffer("float64", (0, 1 << 62, 1 << 62), 0)),
    "huge offset": buffers(Buffer("float64", (1,), 1 << 62)),
    "unaligned": buffers(Buffer("float64", (1,), 4)),
    "objects": buffers(Buffer("object", (1,), 0)),
    "long double": buffers(Buffer("float128", (1,), 0)),
    "structure": buffers(Buffer("f8,f8", (1,), 0)),
    "date": buffers(Buffer("datetime64[s]", (1,), 0)),
    "big-endian": buffers(Buffer(">f8", (1,), 0)),
    "payload over the limit": lambda r: PREFIX.pack(MAGIC, 10, LIMITS.reply_bytes + (2 << 20)),
    "header over the limit": lambda r: PREFIX.pack(MAGIC, MAX_REPLY_HEADER + 1, 0),
    "empty header": lambda r: PREFIX.pack(MAGIC, 0, 0),
    "nothing but zeros": lambda r: bytes(64),
}  # fmt: skip


@pytest.mark.parametrize("how", FORGED)
def test_what_is_no_answer_to_the_question_is_a_protocol_error_of_that_probe(how: str) -> None:
    (found,) = traces(at_second(FORGED[how]))
    assert deaths(found) == ["", "protocol error", ""]
    assert [trace.values for trace in found if not trace.death] == [(1.0, None, 2.0)] * 2


def test_an_answer_given_twice_is_not_taken_for_the_next_one() -> None:
    (found,) = traces(at_second(lambda r: answer(r, 1) + answer(r, 1, 666.0)))
    assert deaths(found) == ["", "", ""]
    assert [trace.values[0] for trace in found] == [1.0] * 3


def test_answers_before_the_question_are_refused_whatever_number_they_guess() -> None:
    ahead = b"".join(answer(Run(id_, 0, 0, True, 0, ()), 0, 666.0) for id_ in range(1, 4))

    def forge(request: Request) -> bytes:
        return honest(request) + (ahead if isinstance(request, Load) else b"")

    (found,) = traces(forge, 2)
    assert deaths(found) == ["protocol error", ""]
    assert not any(666.0 in trace.values for trace in found)


def test_numbers_of_requests_are_not_to_be_guessed() -> None:
    numbers: list[int] = []

    def forge(request: Request) -> bytes:
        numbers.append(request.id)
        return honest(request)

    traces(forge, batches=4)
    assert len(set(numbers)) == len(numbers) == 5
    assert min(abs(after - before) for before, after in pairwise(numbers)) > 1 << 20


@pytest.mark.parametrize("extra", ["an answer", "half an answer", "garbage"])
def test_what_comes_after_the_last_answer_is_never_taken_for_one_to_the_next_batch(extra: str) -> None:
    def forge(request: Request) -> bytes:
        if isinstance(request, Load):
            return honest(request)
        more = answer(request, 0, 666.0)
        return honest(request) + {"an answer": more, "half an answer": more[:-9], "garbage": b"GET /"}[extra]

    first, second = traces(forge, 2, batches=2)
    assert deaths(first) == ["", ""]
    assert not any(666.0 in trace.values for trace in second)
    assert [trace.values for trace in second if not trace.death] == [(1.0, None, 2.0)] * deaths(second).count("")


@pytest.mark.parametrize(("status", "told"), [(3, "exit status 3"), (-11, "signal SIGSEGV"), (-40, "signal 40")])
def test_every_end_of_a_worker_has_words(status: int, told: str) -> None:
    stage = Stage(lambda request: honest(request) if isinstance(request, Load) else None, status)
    with Session(stage, Source({"a.py": b""}, "a.py", {}, ()), LIMITS) as running:  # type: ignore[arg-type]
        (trace,) = running.run(Batch([PROBE]))
    assert (trace.death, trace.detail) == ("crash", f"the program ended itself ({told})")


@pytest.mark.parametrize(
    ("fields", "fine"),
    [
        ({"symbols": ["f"] * 1000}, True),
        ({"symbols": ["f"] * 1_000_000}, False),
        ({"symbols": ["f" * 20_000]}, False),
        ({"notes": [""] * 2000}, False),
        ({"printed": "x" * 20_000}, False),
    ],
    ids=["a thousand", "a million", "long", "notes", "printed"],
)
def test_an_import_may_tell_only_so_much(fields: dict[str, object], fine: bool) -> None:
    def forge(request: Request) -> bytes:
        if isinstance(request, Load):
            return frame({"t": "loaded", "id": request.id, **fields})
        return honest(request)

    source = Source({"a.py": b""}, "a.py", {}, ())
    with Session(Stage(forge), source, LIMITS) as running:  # type: ignore[arg-type]
        assert running.load() is fine
        assert fine or (running.problem and running.problem.code == "protocol error")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_descriptors_that_come_with_an_answer_are_not_taken() -> None:
    ours, theirs = socket.socketpair()
    worker = ForkWorker(Zygote(), ours, os.getpid(), 0, 1 << 16)  # type: ignore[arg-type]
    with theirs, Path("/dev/null").open() as file:
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file.fileno()] * 50))]
        theirs.sendmsg([frame(Loaded(7))], rights)
        header, _ = worker.receive(Deadline(os.getpid(), LIMITS))
        assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208 - fewer where other tests' rubbish goes
    worker.close()
    assert b"loaded" in header


def test_a_stream_of_bytes_that_never_make_an_answer_ends_at_the_deadline() -> None:
    (found,) = traces(at_second(lambda r: answer(r, 1)[:-1]), 2)  # one byte is missing, and no more come
    assert deaths(found) == ["", "timeout"]


def test_a_flood_of_tiny_frames_costs_little_memory() -> None:
    replies, tiny = Replies(1 << 20), PREFIX.pack(MAGIC, 1, 0) + b"\xc0"
    chunk = tiny * 4096
    tracemalloc.start()
    for _ in range(20):
        replies.feed(chunk)
        while replies.take() is not None:
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
    assert not replies.reader.pending


def test_a_large_header_of_many_small_things_is_refused_within_bounded_memory() -> None:
    items = msgspec.msgpack.encode([{"t": "returned"}] * 500_000)
    header = msgspec.msgpack.encode({"t": "ran", "id": 1, "probe": 0, "outcomes": msgspec.Raw(items)})
    tracemalloc.start()
    with pytest.raises(WireError):
        decode_response(header)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.fixture(autouse=True)
def no_sockets_of_other_tests() -> None:
    """What other tests have left to the collector is collected before descriptors are counted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
