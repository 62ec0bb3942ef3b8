"""Probes and traces as the judge holds them: with NumPy arrays in the place of buffers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.worker.probe import (
    MAX_DEPTH,
    MAX_ITEMS,
    Buffer,
    Listing,
    NotReached,
    Opaque,
    Outcome,
    Raised,
    Ran,
    Reply,
    Returned,
    Run,
    Step,
    WireProbe,
)
from grader.worker.wire import MAGIC, PREFIX, Packer, WireError, as_floats, unpack

Array = NDArray[Any]
_DONE = Returned()


class Probe(msgspec.Struct, frozen=True):
    """A script of steps over named arrays. `labels` name the steps that checks look at."""

    steps: tuple[Step, ...]
    arrays: Mapping[str, Array]
    labels: Mapping[str, int]
    seed: int

    def with_arrays(self, **arrays: Array) -> Probe:
        """The same script on other data."""
        return msgspec.structs.replace(self, arrays={**self.arrays, **arrays})


class Trace(msgspec.Struct, frozen=True):
    """What came of one probe. `death` says how the worker ended in it ("timeout", "crash" ...), else it is empty."""

    outcomes: tuple[Outcome, ...]
    values: tuple[Any, ...]  # per step: ndarray, number, text, Opaque, list ... or None
    changed: tuple[str, ...] = ()
    printed: str = ""
    death: str = ""
    detail: str = ""


class Batch:
    """Probes encoded once and sent to many workers; those numbered in `repeats` run once more after all, disturbed."""

    def __init__(self, probes: Sequence[Probe], repeats: Sequence[int] = ()) -> None:
        self.again, self.repeats = len(probes), tuple(repeats)
        self.probes = (*probes, *(probes[number] for number in repeats))

    @cached_property
    def _encoded(self) -> tuple[msgspec.Raw, bytes]:
        packer = Packer()
        wire = [
            WireProbe(probe.steps, tuple((name, packer.add(array)) for name, array in probe.arrays.items()), probe.seed)
            for probe in self.probes[: self.again]
        ]
        wire += [wire[number] for number in self.repeats]
        return msgspec.Raw(msgspec.msgpack.encode(wire)), packer.payload()

    def request(self, id_: int, start: int, reply_bytes: int, eager: bool) -> tuple[bytes, bytes]:
        """Frame for the probes from `start` on: prefix with header, and the payload."""
        probes, payload = self._encoded
        told = {"id": id_, "start": start, "reply_bytes": reply_bytes, "eager": eager, "again": self.again}
        header = msgspec.msgpack.encode({"t": "run", **told, "probes": probes})
        return PREFIX.pack(MAGIC, len(header), len(payload)) + header, payload


assert Run.__struct_fields__ == ("id", "start", "reply_bytes", "eager", "again", "probes")  # `request` writes it


def read_trace(response: Ran, payload: bytearray, probe: Probe, limit: int) -> Trace:
    """What a worker says came of a probe; WireError where it does not fit the probe or is larger than `limit` bytes."""
    if len(response.outcomes) != len(probe.steps):
        raise WireError("it does not answer the question")
    if len(response.changed) > len(probe.arrays) or not probe.arrays.keys() >= set(response.changed):
        raise WireError("it names an array that is not there")
    unpacker = Unpacker(payload, limit)
    values: list[Any] = [None] * len(probe.steps)
    outcomes: list[Outcome] = [_DONE] * len(probe.steps)
    for number, outcome in enumerate(response.outcomes):
        if outcome is None:
            continue
        outcomes[number] = outcome
        if type(outcome) is Returned:
            if outcome.value is not None:
                if not probe.steps[number].report:
                    raise WireError("it tells a value that nobody asked for")
                values[number] = unpacker.value(outcome.value)
        elif type(outcome) is NotReached and not 0 <= outcome.because < number:
            raise WireError("it names a step that is not there")
    return Trace(tuple(outcomes), tuple(values), response.changed, response.printed)


class Unpacker:
    """Takes the values of one reply from its payload, in the order in which a worker packs them: none overlap."""

    def __init__(self, payload: bytearray, limit: int) -> None:
        self.payload = payload
        self.end = 0  # of the arrays so far
        self.floats = limit  # bytes that are left for arrays, as float64
        self.items = 2 * MAX_ITEMS

    def value(self, reply: Reply, depth: int = 0) -> Any:
        """A reply as Python data: arrays unpacked, listings as tuples or lists (of a dict: sorted pairs)."""
        if type(reply) is Buffer:
            return self._array(reply)
        if not isinstance(reply, Listing):
            return reply
        self.items -= len(reply.items)
        if depth > MAX_DEPTH or self.items < 0:
            raise WireError("lists are too long or too deep")
        items = [self.value(item, depth + 1) for item in reply.items]
        if reply.kind == "dict":  # whose order of keys is nobody's affair
            pairs = sorted(zip(items[::2], items[1::2], strict=False), key=lambda pair: repr(pair[0]))
            return [part for pair in pairs for part in pair]
        return tuple(items) if reply.kind == "tuple" else items

    def _array(self, buffer: Buffer) -> Array:
        if buffer.offset < self.end:
            raise WireError("arrays share memory")
        array = unpack(buffer, self.payload)
        size = array.nbytes
        self.end = buffer.offset + size
        self.floats -= size if array.itemsize == 8 else as_floats(array)
        if self.floats < 0:
            raise WireError("arrays are too large together")
        return array


def as_array(value: Any) -> Array | None:
    """A reported value as an array: arrays, numbers and bools are; everything else is None."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, bool | int | float):
        return np.asarray(value)
    return None


def as_numbers(value: Any) -> Array | None:
    """A list or tuple of real numbers, or an array with one axis, as a float64 array; everything else is None."""
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.ndim == 1 and value.dtype.kind in "biuf" else None
    items = [as_array(item) for item in value] if isinstance(value, list | tuple) else []
    if not items or any(item is None or item.ndim or item.dtype.kind not in "biuf" for item in items):
        return None
    return np.array([float(item) for item in items if item is not None])


def describe(value: Any) -> str:
    """What came back instead of data, for a sentence."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, Opaque):
        article = "an" if value.text[:1] in ("a", "i") else "a"
        return f"an object of type {value.text}" if " " not in value.text else f"{article} {value.text}"
    if isinstance(value, bool | int | float):
        return f"the {type(value).__name__} {value!r}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return f"a {type(value).__name__} of {len(value)} items"


def unreached(probe: Probe, death: str, detail: str = "") -> Trace:
    """The trace of a probe in which the worker died or which was never run."""
    count = len(probe.steps)
    return Trace((NotReached(0),) * count, (None,) * count, death=death, detail=detail)


def error_of(trace: Trace, step: int) -> Raised | None:
    """The exception of a step, or of the step that it could not do without."""
    outcome = trace.outcomes[step]
    seen = 0
    while isinstance(outcome, NotReached) and not trace.death and seen < len(trace.outcomes):
        outcome, seen = trace.outcomes[outcome.because], seen + 1
    return outcome if isinstance(outcome, Raised) else None
