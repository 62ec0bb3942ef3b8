"""Frames between judge and worker: what is sent arrives, and whatever else arrives is a WireError, cheaply."""

from __future__ import annotations

import tracemalloc

import msgspec
import numpy as np
import pytest

from grader.worker.probe import Buffer, Ran, Returned
from grader.worker.wire import (
    DTYPES,
    MAGIC,
    PREFIX,
    FrameReader,
    Packer,
    WireError,
    decode_probe,
    decode_request,
    decode_response,
    frame,
    unpack,
)


def round_trip(array: np.ndarray) -> np.ndarray:
    packer = Packer()
    packer.add(np.arange(3.0))  # so that offsets matter
    buffer = packer.add(array)
    return unpack(buffer, bytearray(packer.payload()))


@pytest.mark.parametrize("dtype", sorted(DTYPES))
def test_every_allowed_dtype_arrives_as_it_was_sent(dtype: str) -> None:
    array = (np.arange(-6, 6).reshape(3, 4) % 2 == 0) if dtype == "bool" else np.arange(12).reshape(3, 4).astype(dtype)
    arrived = round_trip(array)
    assert arrived.dtype == array.dtype
    assert np.array_equal(arrived, array)


@pytest.mark.parametrize(
    "array",
    [
        np.array(2.5),
        np.zeros((0,)),
        np.zeros((2, 0, 3)),
        np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
        np.arange(24.0).reshape(2, 3, 4)[::-1, ::2, ::-1],
        np.broadcast_to(np.arange(3.0), (4, 3)),
        np.arange(5, dtype=">f8"),
        np.array([np.nan, np.inf, -0.0]),
        np.ones((1,) * 16),
    ],
    ids=["0-d", "empty", "empty with axes", "Fortran", "negative strides", "zero strides", "big-endian", "nan", "16-d"],
)
def test_arrays_of_every_layout_arrive_as_they_were_sent(array: np.ndarray) -> None:
    arrived = round_trip(array)
    assert arrived.shape == array.shape
    assert np.array_equal(arrived, array, equal_nan=True)


@pytest.mark.parametrize(
    "array",
    [np.array([object()]), np.array(["text"]), np.zeros(2, "datetime64[s]"), np.zeros(2, [("a", "f8")])],
    ids=["object", "text", "time", "structured"],
)
def test_other_dtypes_are_not_sent(array: np.ndarray) -> None:
    with pytest.raises(WireError):
        Packer().add(array)


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_frames_are_found_however_the_stream_is_cut(size: int) -> None:
    message = Ran(1, 0, (Returned(3.5),))
    stream = frame(message, b"x" * 40) + frame(message) + frame(message, b"y" * 16)
    reader = FrameReader(1 << 16, 1 << 16)
    frames = [f for start in range(0, len(stream), size) for f in reader.feed(stream[start : start + size])]
    assert [bytes(payload) for _, payload in frames] == [b"x" * 40, b"", b"y" * 16]
    assert all(decode_response(header) == message for header, _ in frames)
    assert not reader.pending


@pytest.mark.parametrize(
    "prefix",
    [
        PREFIX.pack(b"EVIL", 0, 0),
        PREFIX.pack(MAGIC, 1 << 31, 0),
        PREFIX.pack(MAGIC, 0, 1 << 62),
        b"\0" * PREFIX.size,
        b"Traceback (most recent call last)",
    ],
    ids=["magic", "header", "payload", "zeros", "text"],
)
def test_a_wrong_prefix_is_refused_before_anything_is_waited_for(prefix: bytes) -> None:
    with pytest.raises(WireError):
        list(FrameReader(1 << 16, 1 << 16).feed(prefix))


def test_claimed_sizes_cost_no_memory() -> None:
    reader = FrameReader(8 << 20, 64 << 20)
    tracemalloc.start()
    assert list(reader.feed(PREFIX.pack(MAGIC, 8 << 20, 64 << 20) + b"x" * 100)) == []
    assert reader.wants <= 1 << 20
    with pytest.raises(WireError):
        unpack(Buffer("float64", (1 << 40,), 0), bytearray(64))
    with pytest.raises(WireError):
        unpack(Buffer("float64", (0, 1 << 62, 1 << 62), 0), bytearray(64))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


@pytest.mark.parametrize(
    "buffer",
    [
        Buffer("object", (1,), 0),
        Buffer("O", (1,), 0),
        Buffer("float128", (1,), 0),
        Buffer("<U8", (1,), 0),
        Buffer("f8,O", (1,), 0),
        Buffer("datetime64[s]", (1,), 0),
        Buffer("", (1,), 0),
        Buffer("float64", (-1,), 0),
        Buffer("float64", (-2, -2), 0),
        Buffer("float64", (9,), 0),
        Buffer("float64", (1,), 64),
        Buffer("float64", (1,), -16),
        Buffer("float64", (1,), 8),
        Buffer("float64", (1,) * 17, 0),
        Buffer("float64", (1 << 61, 8), 0),
    ],
    ids=str,
)
def test_an_evil_buffer_is_a_wire_error(buffer: Buffer) -> None:
    with pytest.raises(WireError):
        unpack(buffer, bytearray(64))


def test_bytes_of_a_bool_array_become_true_or_false() -> None:
    assert unpack(Buffer("bool", (4,), 0), bytearray([0, 1, 2, 255])).tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\xc1",
        b"\xde\xff\xff",
        b"\x91" * 100_000,
        msgspec.msgpack.encode({"t": "ran"}),
        msgspec.msgpack.encode({"t": "ran", "id": "1", "probe": 0, "outcomes": []}),
        msgspec.msgpack.encode({"t": ["unhashable"]}),
        msgspec.msgpack.encode({"t": {"a": 1}, "id": 1}),
        msgspec.msgpack.encode(
            {"t": "ran", "id": 1, "probe": 0, "outcomes": [{"t": "returned", "value": {"t": "no"}}]}
        ),
        msgspec.msgpack.encode(msgspec.msgpack.Ext(1, b"pickle")),
        frame(Ran(1, 0, ())),
    ],
    ids=["empty", "reserved", "short", "deep", "fields", "types", "tag list", "tag dict", "tag", "ext", "nested frame"],
)
def test_a_malformed_header_is_a_wire_error_in_both_directions(header: bytes) -> None:
    for decode in (decode_request, decode_probe, decode_response):
        with pytest.raises(WireError):
            decode(header)
