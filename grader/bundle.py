"""Bundles: an exercise frozen as data. Cases, inputs, expected values and the fingerprints of misconceptions; no code.

A file is one compressed frame of the wire format and its SHA-256, so that a bundle that was changed, or only half
written, is refused. The digest inside covers everything that was drawn (cases, scripts, inputs), whatever came of it.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from grader.errors import BundleError
from grader.judging.checks import Check
from grader.report import Plain
from grader.running.probes import Probe
from grader.worker.probe import Buffer
from grader.worker.wire import FrameReader, Packer, WireError, frame, unpack

SCHEMA = 2  # another one where old bundles would be judged wrongly, or not be read
SUFFIX = ".bundle"
CHECKSUM = 32  # bytes at the end of a file


class Expected(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the reference gave for one label: an array, other data, or the exception's type."""

    array: np.ndarray | None = None
    plain: Any = None
    raised: str = ""


class FrozenCase(msgspec.Struct, frozen=True):
    """One situation: named small numbers and choices. Examples have a name; `visible` ones may be shown to students."""

    values: dict[str, Plain]
    name: str = ""
    visible: bool = False


class FrozenProbe(msgspec.Struct, frozen=True):
    """One probe of a plan, the case it belongs to, what the reference gave, and numbers that a check needs."""

    case: int
    probe: Probe
    expected: dict[str, Expected]
    facts: dict[str, Plain] = {}


class FrozenPlan(msgspec.Struct, frozen=True):
    """All probes of one script, small to large, with `fingerprints[label]`: (misconceptions, probes, 3) numbers.

    `random` results are recognised by their statistic instead of their values.
    """

    name: str
    probes: tuple[FrozenProbe, ...]
    fingerprints: dict[str, np.ndarray]
    random: bool = False


class FrozenMisconception(msgspec.Struct, frozen=True):
    """A known wrong variant: name, what it does, what to do about it, and the check in which it shows first."""

    name: str
    sentence: str
    hint: str
    check: str


class Bundle(msgspec.Struct, frozen=True):
    """One exercise, ready to be judged."""

    schema: int
    kind: Literal["public", "hidden"]
    topic: str
    exercise: str
    title: str
    file: str
    symbols: tuple[str, ...]
    needs: tuple[str, ...]
    cases: tuple[FrozenCase, ...]
    plans: tuple[FrozenPlan, ...]
    checks: tuple[Check, ...]
    misconceptions: tuple[FrozenMisconception, ...]
    versions: dict[str, str]
    sources: str
    place: tuple[int, int] = (0, 0)  # of the topic in the course, of the exercise in the topic
    attempt: int = 0  # which draw showed every misconception
    digest: str = ""
    requires: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET  # packages besides NumPy, where there are any

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages without which the exercise can neither be frozen nor judged."""
        return () if self.requires is msgspec.UNSET else self.requires

    @property
    def max_points(self) -> float:
        """Sum of the checks' points as the spec gives them."""
        return sum(check.points for check in self.checks)


def drawn_digest(bundle: Bundle) -> str:
    """SHA-256 of all cases, scripts and inputs."""
    packer = Packer()
    drawn = [bundle.exercise, bundle.cases] + [
        (plan.name, [(frozen.case, frozen.probe) for frozen in plan.probes]) for plan in bundle.plans
    ]
    header = msgspec.msgpack.encode(drawn, enc_hook=_packing(packer))
    return hashlib.sha256(header + packer.payload()).hexdigest()


def encode(bundle: Bundle) -> bytes:
    """The bundle as the bytes of its file, with its digest filled in."""
    bundle = msgspec.structs.replace(bundle, digest=drawn_digest(bundle))
    packer = Packer()
    header = msgspec.msgpack.encode(bundle, enc_hook=_packing(packer))
    packed = zlib.compress(frame(msgspec.Raw(header), packer.payload()))
    return packed + hashlib.sha256(packed).digest()


def decode(data: bytes, where: str) -> Bundle:
    """The bundle of a file's bytes; BundleError where it is damaged, foreign, or of another schema."""
    again = "make it anew with `grader freeze`"
    packed, checksum = data[:-CHECKSUM], data[-CHECKSUM:]
    try:
        if hashlib.sha256(packed).digest() != checksum:
            raise WireError("its checksum does not fit")
        header, payload = next(FrameReader(1 << 30, 1 << 31).feed(zlib.decompress(packed)))
        schema = msgspec.msgpack.decode(header, type=_Schema).schema
        if schema != SCHEMA:
            raise BundleError(f"{where} has bundle schema {schema}, this grader reads {SCHEMA}: {again}.")
        read = bytes(payload)  # immutable, so that no check can change what the next one sees
        bundle = msgspec.msgpack.decode(header, type=Bundle, dec_hook=_unpacking(read))
    except (WireError, StopIteration, zlib.error, msgspec.MsgspecError) as error:
        raise BundleError(f"{where} is no bundle, or is damaged ({error}): {again}.") from error
    if bundle.digest != drawn_digest(bundle):
        raise BundleError(f"{where} was changed after it was frozen (its digest does not fit): {again}.")
    return bundle


class _Schema(msgspec.Struct):
    schema: int


def read(path: Path) -> Bundle:
    """The bundle of a file."""
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}): make it with `grader freeze`.") from error


def write(bundle: Bundle, path: Path) -> None:
    """Write a bundle's file as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + f".{os.getpid()}.part")
    temporary.write_bytes(encode(bundle))
    temporary.replace(path)


def _packing(packer: Packer) -> Any:
    def hook(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return packer.add(value)
        raise TypeError(f"a bundle holds no {type(value).__name__}")

    return hook


def _unpacking(payload: bytes) -> Any:
    def hook(type_: type, value: Any) -> Any:
        return unpack(msgspec.convert(value, Buffer), payload)

    return hook
