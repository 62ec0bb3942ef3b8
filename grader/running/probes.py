"""Probes and traces as the judge holds them: with NumPy arrays in the place of buffers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.worker.probe import Buffer, Listing, NotReached, Opaque, Outcome, Raised, Reply, Run, Step, WireProbe
from grader.worker.wire import MAGIC, MAX_DIMENSIONS, PREFIX, Packer, WireError, unpack

Array = NDArray[Any]


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
    """Probes encoded once and sent to many workers."""

    def __init__(self, probes: Sequence[Probe]) -> None:
        self.probes = tuple(probes)

    @cached_property
    def _encoded(self) -> tuple[msgspec.Raw, bytes]:
        packer = Packer()
        wire = [
            WireProbe(probe.steps, tuple((name, packer.add(array)) for name, array in probe.arrays.items()), probe.seed)
            for probe in self.probes
        ]
        return msgspec.Raw(msgspec.msgpack.encode(wire)), packer.payload()

    def request(self, id_: int, start: int, reply_bytes: int, eager: bool) -> tuple[bytes, bytes]:
        """Frame for the probes from `start` on: prefix with header, and the payload."""
        probes, payload = self._encoded
        header = msgspec.msgpack.encode(
            {"t": "run", "id": id_, "start": start, "reply_bytes": reply_bytes, "eager": eager, "probes": probes}
        )
        return PREFIX.pack(MAGIC, len(header), len(payload)) + header, payload


assert Run.__struct_fields__ == ("id", "start", "reply_bytes", "eager", "probes")  # `request` writes this by hand


def claimed(replies: Iterable[Reply]) -> int:
    """Entries of all arrays in replies together: no more than the payload has bytes, unless they share some."""
    total, rest = 0, list(replies)
    while rest:
        reply = rest.pop()
        if isinstance(reply, Listing):
            rest.extend(reply.items)
        elif isinstance(reply, Buffer):
            if len(reply.shape) > MAX_DIMENSIONS:
                raise WireError("impossible shape")
            total += abs(math.prod(reply.shape))
    return total


def decode_value(reply: Reply, payload: bytearray, depth: int = 0) -> Any:
    """A reply as Python data: arrays unpacked, listings as tuples, lists or dicts of pairs."""
    if isinstance(reply, Buffer):
        return unpack(reply, payload)
    if isinstance(reply, Listing):
        if depth > 8:
            raise WireError("listing is too deep")
        items = [decode_value(item, payload, depth + 1) for item in reply.items]
        return tuple(items) if reply.kind == "tuple" else items
    return reply


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
