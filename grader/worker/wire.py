"""Frames between judge and worker: magic, lengths, a msgpack header, raw little-endian buffers. No pickle.

A frame is `b"CNNG"`, header length (uint32), payload length (uint64), header, payload. Arrays lie in the payload at
16-byte boundaries. Every oddity while decoding is a `WireError`, whatever the bytes are.
"""

from __future__ import annotations

import functools
import math
import struct
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from .probe import Buffer, Request, Response, WireProbe

MAGIC = b"CNNG"
PREFIX = struct.Struct("<4sIQ")
ALIGNMENT = 16
MAX_DIMENSIONS = 16
MAX_HEADER = 64 << 20  # requests; a reply's header is capped by its reader
_WIDTHS = {"int": (8, 16, 32, 64), "uint": (8, 16, 32, 64), "float": (16, 32, 64), "complex": (64, 128)}
DTYPES = frozenset({"bool", *(f"{kind}{bits}" for kind, widths in _WIDTHS.items() for bits in widths)})
_LITTLE = sys.byteorder == "little"  # then NumPy's own dtypes travel as they are: it is quicker with these very objects
_TRAVELS = {name: np.dtype(name) if _LITTLE else np.dtype(name).newbyteorder("<") for name in DTYPES}
_NAMES = {dtype: name for name, dtype in _TRAVELS.items()}
_PADDING = bytes(ALIGNMENT)
_ENCODER = msgspec.msgpack.Encoder()
_REQUESTS = msgspec.msgpack.Decoder(Request)
_PROBES = msgspec.msgpack.Decoder(WireProbe)
_RESPONSES = msgspec.msgpack.Decoder(Response)


class WireError(Exception):
    """The bytes are no frame of ours."""


def dtype_name(dtype: np.dtype[Any]) -> str | None:
    """The name under which a dtype travels, or None. (`dtype.name` is right, but slow.)"""
    return _NAMES.get(dtype) or _NAMES.get(dtype.newbyteorder("<"))


def as_floats(array: NDArray[Any]) -> int:
    """Bytes of an array as float64, or as it is where that is more."""
    return array.size * max(array.dtype.itemsize, 8)


class Packer:
    """Collects the arrays of one payload."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0
        self.items = 0  # of all lists that lie beside the payload, in the header
        self.floats = 0  # bytes of all arrays as float64, which is how most are compared

    def add(self, array: NDArray[Any]) -> Buffer:
        """Copy an array of an allowed dtype into the payload."""
        name = dtype_name(array.dtype)
        if name is None:
            raise WireError(f"dtype {array.dtype} does not travel")
        travels = _TRAVELS[name]
        raw = (array if array.dtype == travels else array.astype(travels)).tobytes()
        buffer = Buffer(name, array.shape, self.size)
        padding = -len(raw) % ALIGNMENT
        self.chunks.append(raw)
        if padding:
            self.chunks.append(_PADDING[:padding])
        self.size += len(raw) + padding
        self.floats += as_floats(array)
        return buffer

    def add_bytes(self, raw: bytes) -> Buffer:
        """Copy bytes into the payload, as an array of uint8."""
        return self.add(np.frombuffer(raw, dtype=np.uint8))

    def payload(self) -> bytes:
        """All arrays so far."""
        return b"".join(self.chunks)


def frame(message: object, payload: bytes = b"") -> bytes:
    """One complete frame."""
    header = _ENCODER.encode(message)
    return PREFIX.pack(MAGIC, len(header), len(payload)) + header + payload


@functools.lru_cache(maxsize=2048)
def _layout(name: str, shape: tuple[int, ...]) -> tuple[np.dtype[Any], int]:
    """Type and number of bytes of an array."""
    dtype = _TRAVELS.get(name)
    if dtype is None:
        raise WireError(f"dtype {name[:40]!r} is not allowed")
    if len(shape) > MAX_DIMENSIONS or (shape and min(shape) < 0):
        raise WireError("impossible shape")
    return dtype, math.prod(shape) * dtype.itemsize


def unpack(buffer: Buffer, payload: bytes | bytearray | memoryview) -> NDArray[Any]:
    """The array of a buffer, as a view of the payload (writable where the payload is)."""
    shape, offset = buffer.shape, buffer.offset
    dtype, size = _layout(buffer.dtype, shape)
    if offset < 0 or offset % ALIGNMENT or offset + size > len(payload):
        raise WireError("an array lies outside of the payload")
    try:
        array: NDArray[Any] = np.ndarray(shape, dtype, payload, offset) if size else np.zeros(shape, dtype)
        return np.asarray(array.view(np.uint8) != 0) if dtype.kind == "b" else array  # a bool byte may hold anything
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        raise WireError("an array cannot be read") from error


def decode_request(header: bytes) -> Request:
    """The judge's message."""
    request: Request = _decode(_REQUESTS, header)
    return request


def decode_probe(raw: msgspec.Raw) -> WireProbe:
    """One probe of a request."""
    probe: WireProbe = _decode(_PROBES, raw)
    return probe


def decode_response(header: bytes) -> Response:
    """The worker's message, every field validated."""
    response: Response = _decode(_RESPONSES, header)
    return response


def _decode(decoder: Any, header: bytes | msgspec.Raw) -> Any:
    try:
        return decoder.decode(header)
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError("malformed header") from error


class FrameReader:
    """Cuts a byte stream into frames without ever holding more than the caps allow."""

    def __init__(self, max_header: int, max_payload: int) -> None:
        self.max_header, self.max_payload = max_header, max_payload
        self.pending = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytearray]]:
        """Yield (header, payload) of every frame that is complete now; raise WireError at the first oddity."""
        self.pending += data
        while len(self.pending) >= PREFIX.size:
            magic, header_size, payload_size = PREFIX.unpack_from(self.pending)
            if magic != MAGIC or header_size > self.max_header or payload_size > self.max_payload:
                raise WireError("not a frame, or one that is too large")
            end = PREFIX.size + header_size + payload_size
            if len(self.pending) < end:
                return
            header = bytes(self.pending[PREFIX.size : PREFIX.size + header_size])
            payload = self.pending[PREFIX.size + header_size : end]
            del self.pending[:end]
            yield header, payload

    @property
    def wants(self) -> int:
        """How many bytes to ask for next."""
        if len(self.pending) < PREFIX.size:
            return 1 << 16
        _, header_size, payload_size = PREFIX.unpack_from(self.pending)
        missing = PREFIX.size + int(header_size) + int(payload_size) - len(self.pending)
        return max(1 << 16, min(missing, 1 << 20))
