"""Turns whatever a student's code returns into data that may travel; what is no data becomes its description."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import tensors
from .probe import MAX_ITEMS, Listing, Opaque, Reply
from .wire import Packer, as_floats, dtype_name

MAX_DEPTH = 6  # the judge takes a little more
MAX_TEXT = 500
TEXT_ITEM = 50  # so many characters of a text count as one more item
MAX_NDIM = 16
_NO_NAMES: Mapping[str, str] = {}


def encode(value: Any, packer: Packer, limit: int, depth: int = 0, ours: Mapping[str, str] = _NO_NAMES) -> Reply:
    """Data for `value`; arrays go into the packer, up to `limit` bytes in all.

    `ours` gives the spec's names of classes that the course calls otherwise.
    """
    if isinstance(value, np.ndarray):
        return _array(value, packer, limit)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic):
        return _array(np.asarray(value), packer, limit)
    if isinstance(value, numbers.Real):
        return _number(value)
    if isinstance(value, str):
        return _text(str.__getitem__(value, slice(MAX_TEXT)), packer)
    if isinstance(value, tuple | list | dict):
        return _listing(value, packer, limit, depth, ours)
    if tensors.is_tensor(value):
        return _array(tensors.array(value), packer, limit)
    name = type_name(value)
    return Opaque(ours.get(name, name))


def type_name(value: Any) -> str:
    """The class's name, also of objects that lie about `__class__`."""
    name = type.__getattribute__(type(value), "__name__")
    return str(name)[:100].encode("utf-8", "replace").decode()


def short(value: Any) -> str:
    """What came back in a few words, where several results are expected."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {np.ndarray.view(value, np.ndarray).shape}"
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return f"a {kind} of {len(value)}"
    return f"an object of type {type_name(value)}"


def _array(value: Any, packer: Packer, limit: int) -> Reply:
    # A subclass could override anything; the plain base class cannot be fooled by its methods.
    array = np.ndarray.view(value, np.ndarray) if type(value) is not np.ndarray else value
    known = dtype_name(array.dtype) is not None
    if not known and array.dtype.kind != "f":  # a long double is of another size on every platform
        return Opaque(f"array of dtype {array.dtype.name[:40]}")
    if array.ndim > MAX_NDIM:
        return Opaque(f"array of {array.ndim} axes")
    if packer.floats + as_floats(array) > limit:
        return Opaque(f"array of shape {array.shape}, which is too large")
    if not known:
        with np.errstate(all="ignore"):
            array = array.astype(np.float64)
    return packer.add(array)


def _text(cut: str, packer: Packer) -> Reply:
    packer.items += len(cut) // TEXT_ITEM
    if packer.items > MAX_ITEMS:
        return Opaque("text, one of too many")
    return str.encode(cut, "utf-8", "replace").decode()


def _number(value: Any) -> Reply:
    if isinstance(value, int):
        return int(value) if abs(value) < 2**63 else Opaque("int that is too large")
    return float(value)


def _listing(value: Any, packer: Packer, limit: int, depth: int, ours: Mapping[str, str]) -> Reply:
    kind = "tuple" if isinstance(value, tuple) else "list" if isinstance(value, list) else "dict"
    packer.items += len(value)
    if depth >= MAX_DEPTH or packer.items > MAX_ITEMS:
        return Opaque(f"{kind} of {len(value)} items, too long or too deep")
    flat = [part for pair in value.items() for part in pair] if isinstance(value, dict) else value
    return Listing(kind, tuple(encode(item, packer, limit, depth + 1, ours) for item in flat))  # type: ignore[arg-type]
