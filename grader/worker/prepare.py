"""What happens once in a process before it may become a worker."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from . import compat, execute, guard, repeatable, tensors
from .limits import address_space
from .probe import Call, Data, Get, Like, New, Run, Set, WireProbe
from .wire import FrameReader, Packer, decode_probe, decode_request, frame


def prepare(modules: Sequence[str], required: Sequence[str] = ()) -> int:
    """Import and patch what every worker shares, and forget where this package lies on disk.

    Returns the address space that the `required` packages have taken, in bytes.
    """
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    taken = _imported(required) if required else 0
    compat.restore_numpy_aliases()
    repeatable.install()
    guard.install()
    warm_up()
    root = str(Path(__file__).resolve().parents[2])
    sys.path[:] = [entry for entry in sys.path if entry not in ("", root) or entry.endswith("site-packages")]
    return taken


def _imported(packages: Sequence[str]) -> int:
    """Bytes of address space that importing them took."""
    before = address_space()
    for package in packages:
        importlib.import_module(package)
        if package in PREPARING:
            PREPARING[package]()
    return max(0, address_space() - before)


PREPARING = {"torch": tensors.prepare}


class _Sample:
    """Stands for a student's layer while this process warms up."""

    weights = np.ones(3)

    def forward(self, x: Any) -> Any:
        return x + self.weights

    def backward(self, error: Any) -> Any:
        return error * 2


def warm_up(rounds: int = 30) -> None:
    """Run a few probes, so that every fork starts with specialised bytecode and NumPy's lazy parts in place."""
    packer = Packer()
    array = packer.add(np.ones((2, 3)))
    steps = (
        New("Sample"),
        Set(0, "weights", Data("x")),
        Call(0, "forward", (Data("x"),), report=True),
        Call(0, "backward", (Like(2, 1),), report=True),
        Get(0, "weights", report=True),
    )
    probe = msgspec.Raw(msgspec.msgpack.encode(WireProbe(steps, (("x", array),), 1)))
    request = Run(1, 0, 1 << 20, False, 1, (probe,))
    for _ in range(rounds):
        ((header, payload),) = FrameReader(1 << 20, 1 << 20).feed(frame(request, packer.payload()))
        read = decode_request(header)
        assert isinstance(read, Run)
        stage = execute.Stage({"Sample": _Sample}, frozenset(), {}, decode_probe(read.probes[0]))
        frame(*execute.reply(1, 0, stage, payload, bytes(payload), 1 << 20))
