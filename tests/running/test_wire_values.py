"""What a student's code returns arrives at the judge as it was: arrays of every kind, numbers, lists in lists."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.running.probes import Unpacker
from grader.worker.probe import MAX_ITEMS, Opaque, Ran, Returned
from grader.worker.values import MAX_DEPTH, MAX_TEXT, encode
from grader.worker.wire import DTYPES, FrameReader, Packer, as_floats, decode_response, frame

LIMIT = 1 << 20
QUICK = settings(max_examples=150, deadline=None, database=None)


def arrived(value: Any, limit: int = LIMIT) -> Any:
    """The value as the judge has it, sent as a worker sends it."""
    packer = Packer()
    outcome = Returned(encode(value, packer, limit))
    ((header, payload),) = FrameReader(8 << 20, limit + (1 << 20)).feed(frame(Ran(1, 0, (outcome,)), packer.payload()))
    response = decode_response(header)
    assert isinstance(response, Ran) and isinstance(response.outcomes[0], Returned)
    return Unpacker(payload, limit).value(response.outcomes[0].value)


def same(got: Any, sent: Any) -> bool:
    """Equal in kind and, for arrays and floats, in every bit."""
    if isinstance(sent, np.ndarray | np.generic):
        wanted = np.asarray(sent)
        wanted = wanted.astype(wanted.dtype.newbyteorder("="))
        return got.dtype == wanted.dtype and got.shape == wanted.shape and got.tobytes() == wanted.tobytes()
    if isinstance(sent, dict):
        pairs = sorted(sent.items(), key=lambda pair: repr(pair[0]))  # the order of keys tells nothing
        return isinstance(got, list) and same(got, [part for pair in pairs for part in pair])
    if isinstance(sent, list | tuple):
        return type(got) is type(sent) and len(got) == len(sent) and all(map(same, got, sent))
    if isinstance(sent, float):
        return type(got) is float and struct.pack("<d", got) == struct.pack("<d", sent)
    return type(got) is type(sent) and got == sent


def dtypes() -> st.SearchStrategy[np.dtype[Any]]:
    """Every dtype that travels, in both byte orders."""
    return st.tuples(st.sampled_from(sorted(DTYPES)), st.sampled_from("<>")).map(
        lambda pair: np.dtype(pair[0]).newbyteorder(pair[1])  # type: ignore[call-overload]
    )


@st.composite
def any_arrays(draw: st.DrawFn) -> np.ndarray:
    """Arrays of every dtype that travels, with gaps, reversed, transposed, repeated by strides of 0, read-only."""
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
    array = draw(arrays.arrays(draw(dtypes()), shape))
    array = array[tuple(slice(None, None, draw(st.sampled_from((1, 2, -1, -2)))) for _ in array.shape)]
    array = array.transpose(draw(st.permutations(range(array.ndim))))
    if draw(st.booleans()):
        array = np.broadcast_to(array, (draw(st.integers(0, 3)), *array.shape))
    return array


NUMBERS = st.booleans() | st.integers(1 - (1 << 63), (1 << 63) - 1) | st.floats() | st.none()
TEXTS = st.text(max_size=MAX_TEXT)
LEAVES = NUMBERS | TEXTS | any_arrays()
NESTED = st.recursive(
    LEAVES,
    lambda below: (
        st.lists(below, max_size=4)
        | st.lists(below, max_size=4).map(tuple)
        | st.dictionaries(st.integers(0, 9) | TEXTS, below, max_size=3)
    ),
    max_leaves=12,
)


def depth(value: Any) -> int:
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    return 1 + max(map(depth, parts), default=0) if isinstance(value, dict | list | tuple) else 0


@QUICK
@given(any_arrays())
def test_arrays_arrive_bit_by_bit_whatever_their_memory_looks_like(array: np.ndarray) -> None:
    assert same(arrived(array), array)


@QUICK
@given(dtypes(), st.data())
def test_scalars_of_numpy_arrive_as_arrays_without_axes(dtype: np.dtype[Any], data: st.DataObject) -> None:
    scalar = data.draw(arrays.from_dtype(dtype)).astype(dtype)
    assert same(arrived(scalar), scalar)


@QUICK
@given(NUMBERS | TEXTS)
def test_numbers_and_texts_arrive_as_they_are(value: Any) -> None:
    assert same(arrived(value), value)


@QUICK
@given(NESTED.filter(lambda value: depth(value) <= MAX_DEPTH))
def test_lists_tuples_and_dicts_arrive_with_all_that_is_in_them(value: Any) -> None:
    assert same(arrived(value), value)


@QUICK
@given(st.lists(any_arrays(), max_size=6), st.integers(0, 2000))
def test_arrays_that_are_too_large_together_are_described_and_what_arrives_is_within_the_limit(
    value: list[np.ndarray], limit: int
) -> None:
    got = arrived(value, limit)
    assert len(got) == len(value)
    assert all(isinstance(one, Opaque) or same(one, sent) for one, sent in zip(got, value, strict=True))
    assert sum(as_floats(one) for one in got if isinstance(one, np.ndarray)) <= limit


def test_a_worker_that_sends_as_much_as_it_may_is_understood() -> None:
    """The worker's caps lie within the judge's: nothing that is honest is a protocol error."""
    assert len(arrived({number: "ü" * 49 for number in range(MAX_ITEMS)})) == 2 * MAX_ITEMS  # noqa: C420
    full = arrived({number: "ü" * MAX_TEXT for number in range(9_000)})  # noqa: C420
    assert len(full) == 18_000
    assert full[1] == "ü" * MAX_TEXT
    assert isinstance(full[-1], Opaque)
    assert isinstance(arrived([0] * (MAX_ITEMS + 1)), Opaque)
    assert len(arrived([[np.zeros(1)] * 99] * 100)) == 100
    packed = arrived([np.zeros(LIMIT // 80, bool)] * 10)
    assert [one.size for one in packed] == [LIMIT // 80] * 10
    assert isinstance(arrived([np.zeros(LIMIT // 80, bool)] * 11)[-1], Opaque)
    deep = [0.0]
    for _ in range(50):
        deep = [deep]  # type: ignore[list-item]
    assert same(arrived([deep])[0][0][0][0][0][0], Opaque("list of 1 items, too long or too deep"))
