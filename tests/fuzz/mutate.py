"""Mutations of a worker's answers: of the bytes of a frame, of the values in its header, of its arrays."""

from __future__ import annotations

import random
import struct
from typing import Any

import msgspec

from grader.worker.wire import ALIGNMENT, DTYPES, MAGIC, PREFIX

NUMBERS = (0, 1, -1, 2, 7, 16, 255, -128, 1 << 31, (1 << 63) - 1, -(1 << 63), (1 << 64) - 1)
FLOATS = (0.0, -0.0, 5e-324, 1e-160, 1e-9, 1.0, 1e160, 1.7e308, float("inf"), -float("inf"), float("nan"))
DOUBLES = [struct.pack("<d", value) for value in FLOATS] + [b"\x01\0\0\0\0\0\xf0\x7f", b"\xff" * 8, bytes(8)]
TEXTS = ("", "x", "NotAvailable", "NotImplementedError", "\x1b[31m\u202e\0", "\U0010ffff" * 9, "a" * 600, "a" * 20_000)
SIDES = (0, 1, 2, 3, 64, -1, 1 << 20, 1 << 32, 1 << 62, (1 << 64) - 1)
MARKERS = bytes([0x80, 0x90, 0xA0, 0xC0, 0xC1, 0xC7, 0xCA, 0xCB, 0xCF, 0xD3, 0xD9, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF])


def mutated(rng: random.Random, header: bytes, payload: bytes) -> bytes:
    """A frame that is not quite the one with this header and payload."""
    kind = rng.random()
    if kind < 0.25:
        return _bytes(rng, PREFIX.pack(MAGIC, len(header), len(payload)) + header + payload)
    if kind < 0.35:
        header = _bytes(rng, header)
    elif kind < 0.75:
        header = _values(rng, header)
    if kind >= 0.7:
        payload = _arrays(rng, payload)
    return PREFIX.pack(MAGIC, len(header), len(payload)) + header + payload


def _bytes(rng: random.Random, data: bytes) -> bytes:
    """A few bytes set, cut out, put in, or doubled; those of a frame's start more often."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        if not changed:
            break
        at = rng.randrange(min(len(changed), rng.choice((16, 200, len(changed)))))
        kind = rng.randrange(6)
        if kind == 0:
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            changed[at] = rng.randrange(256)
        elif kind == 2:
            changed[at] = rng.choice(MARKERS)
        elif kind == 3:
            del changed[at : at + rng.choice((1, 1, 4, 8, 64))]
        elif kind == 4:
            changed[at:at] = rng.choice((rng.randbytes(rng.randrange(1, 9)), MAGIC, b"\x91" * 2000, bytes(8)))
        else:
            end = at + rng.randrange(1, 64)
            changed[at:at] = changed[at:end] * rng.choice((1, 1, 3, 50))
    return bytes(changed)


def _values(rng: random.Random, header: bytes) -> bytes:
    """Some values of the message replaced by others that are as msgpack all right."""
    tree = msgspec.msgpack.decode(header)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _one_value(rng, tree)
    return msgspec.msgpack.encode(tree)


def _one_value(rng: random.Random, tree: Any) -> None:
    """Goes down to some place of the tree and changes it."""
    while True:
        places = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        if not places:
            return
        place = rng.choice(places)
        below = tree[place]
        if isinstance(below, dict | list) and below and rng.random() < 0.85:
            tree = below
            continue
        break
    kind = rng.random()
    if kind < 0.1:
        del tree[place]
    elif kind < 0.2 and isinstance(tree, list):
        tree[place:place] = [tree[place]] * rng.choice((1, 1, 2, 30))
    else:
        tree[place] = _like(rng, place, below)


def _like(rng: random.Random, name: Any, value: Any) -> Any:
    """Another value, often one that fits the place."""
    if rng.random() < 0.25:
        return _anything(rng)
    if name == "dtype":
        return rng.choice((*sorted(DTYPES), "object", "float128", ">f8", "U8"))
    if name == "offset":
        return value + rng.choice((-1, 1)) * ALIGNMENT * rng.randrange(3) if isinstance(value, int) else 0
    if name == "shape" and isinstance(value, list):
        return rng.choice((value[::-1], value[1:], [*value, 1], [1, *value], [rng.choice(SIDES) for _ in value]))
    if name == "value":
        return _reply(rng)
    if isinstance(value, bool | int):
        return rng.choice((value + 1, value - 1, rng.choice(NUMBERS))) if abs(value) < 1 << 62 else 0
    if isinstance(value, float):
        return rng.choice(FLOATS)
    return rng.choice(TEXTS) if isinstance(value, str) else _anything(rng)


def _reply(rng: random.Random, depth: int = 0) -> Any:
    """A value that a step may report: well-formed, but not expected."""
    kind = rng.randrange(9)
    if kind < 3:
        shape = [rng.choice(SIDES[:5]) for _ in range(rng.randrange(5))]
        return {"t": "buffer", "dtype": rng.choice(sorted(DTYPES)), "shape": shape, "offset": 16 * rng.randrange(3)}
    if kind == 3:
        return {"t": "opaque", "text": rng.choice(TEXTS)}
    if kind < 6:
        items = [_reply(rng, depth + 1) for _ in range(rng.randrange(4))] if depth < 10 else []
        return {"t": "listing", "kind": rng.choice(("tuple", "list", "dict")), "items": items * rng.choice((1, 1, 9))}
    return _anything(rng)


def _anything(rng: random.Random) -> Any:
    scalars = (None, True, rng.choice(NUMBERS), rng.choice(FLOATS), rng.choice(TEXTS), b"bytes")
    return rng.choice((*scalars, [], {}, [[]], [None] * rng.choice((3, 300)), {"t": "ran"}, {"t": rng.choice(TEXTS)}))


def _arrays(rng: random.Random, payload: bytes) -> bytes:
    """Other numbers: the whole one hostile number, some entries, halves of them; shorter or longer."""
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(DOUBLES) * (len(payload) // 8)
    if kind == 1:
        return rng.randbytes(len(payload))
    if kind == 2:
        return b"".join(rng.choice(DOUBLES) for _ in range(len(payload) // 8))
    if kind == 3:
        factor = rng.choice((-1.0, 0.5, 2.0, *FLOATS))
        numbers = (number * factor for (number,) in struct.iter_unpack("<d", payload[: len(payload) // 8 * 8]))
        return b"".join(struct.pack("<d", number) for number in numbers)
    if kind == 4:
        return payload[: rng.randrange(len(payload) + 1)]
    return payload + bytes(rng.randrange(64))
