"""The isolation ladder: which layers hold on this machine, found out by trying in throw-away workers.

Rung 3: namespaces, Landlock, seccomp and limits. Rung 2: without namespaces. Rung 1: one of the three. Rung 0: limits
only. As root, workers get a user of their own on every rung from 1 on; rungs 2 and 3 need it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.errors import GraderError, InputError
from grader.report import Isolation
from grader.worker.limits import Limits, protect_memory
from grader.worker.probe import Use

from . import namespaces
from .places import exposed, readable, runnable
from .probes import Batch, Probe
from .session import Session, Source
from .workers import BASE, Launcher, Worker, launcher

NEEDED = 2  # rung for grading other people's code
LIMITS = Limits(memory_bytes=1 << 30)

# What a submission could do, in words.
DEEDS = {
    "read": "read the files of this account",
    "see": "see which files exist",
    "write": "write files",
    "connect": "open network connections",
    "send": "send network packets",
    "call": "talk to local services",
    "signal": "send signals to other processes",
    "spy": "read the judge's environment and memory",
    "slow": "change limits and priorities of other processes",
    "fork": "start processes",
    "unshare": "enter new user namespaces, and reach more of the kernel",
    "grow": "use more memory than its limit",
    "rule": "act as root",
}
# What each layer alone must refuse; a layer that lets one of these pass does not hold.
REFUSES = {
    "namespaces": {"read", "see", "write", "connect", "send", "call", "signal", "spy", "slow"},
    "landlock": {"read", "write", "spy"},
    "seccomp": {"connect", "send", "call", "signal", "slow", "fork", "unshare"},
    "own user": {"signal", "slow", "rule"},
    "limits": {"grow"},
    "unreadable": {"spy"},
}
KERNEL = ("namespaces", "landlock", "seccomp")
RUNGS = {  # as far as a machine has them; as root with a user of its own
    0: BASE,
    1: BASE | {"landlock"},
    2: BASE | {"landlock", "seccomp"},
    3: BASE | {"landlock", "seccomp", "namespaces"},
}


class Layer(NamedTuple):
    """One layer as found: whether it holds, else what it let pass or why it cannot be had."""

    name: str
    holds: bool
    detail: str = ""


class Findings(NamedTuple):
    """What this machine reaches."""

    isolation: Isolation
    layers: tuple[Layer, ...]

    @property
    def chosen(self) -> frozenset[str]:
        """The layers that grading uses."""
        return frozenset(self.isolation.layers)


class Canary:
    """A place, and listeners, for forbidden deeds."""

    def __enter__(self) -> Canary:
        self.stack = contextlib.ExitStack()
        self.place = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-canary-"))
        Path(self.place).chmod(0o777)
        Path(self.place, "secret").write_text("a submission must not read this")
        self.abstract = f"grader-canary-{secrets.token_hex(8)}"
        self.port = self._listen()
        return self

    def _listen(self) -> int:
        tcp = self.stack.enter_context(socket.socket())
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(64)
        self.packets = self.stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.packets.bind(tcp.getsockname())
        self.packets.setblocking(False)
        if sys.platform == "linux":
            local = self.stack.enter_context(socket.socket(socket.AF_UNIX))
            local.bind(f"\0{self.abstract}")
            local.listen(64)
        return int(tcp.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def program(self) -> bytes:
        """The text that the worker runs."""
        values = {
            "PLACE": self.place,
            "PORT": self.port,
            "ABSTRACT": self.abstract,
            "JUDGE": os.getpid(),
            "MEMORY": 2 * LIMITS.memory_bytes,
        }
        text = Path(__file__).with_name("canary.py").read_text(encoding="utf-8")
        return (text + "".join(f"{name} = {value!r}\n" for name, value in values.items())).encode()

    def deeds(self, started: Launcher, layers: Collection[str]) -> set[str]:
        """What a submission could do under these layers; GraderError where no worker comes to life."""
        Path(self.place, "written").unlink(missing_ok=True)
        source = Source({"canary.py": self.program()}, "canary.py", {}, ("numpy",))
        probe = Probe((Use("attempt", report=True),), {}, {}, 0)
        with Session(_Under(started, layers), source, LIMITS) as session:
            (trace,) = session.run(Batch([probe]))
        if not isinstance(trace.values[0], str):
            raise GraderError(f"a self-test in a worker under {', '.join(layers) or 'no layer'} gave no answer")
        done = set(trace.values[0].split()) - {"write", "send"}  # these are seen from here
        return done | {name for name, seen in self._traces().items() if seen}

    def _traces(self) -> dict[str, bool]:
        """What was done to the outside: a packet that went nowhere is none, nor is a file in a view of its own."""
        packet = b""
        with contextlib.suppress(BlockingIOError):
            while data := self.packets.recv(1):
                packet = data
        return {"write": Path(self.place, "written").exists(), "send": bool(packet)}


class _Under:
    """A launcher whose workers have some of its layers only."""

    kind = "canary"

    def __init__(self, started: Launcher, layers: Collection[str]) -> None:
        self.started, self.layers = started, frozenset(layers)

    def start(self, limits: Limits, layers: Collection[str] | None = None) -> Worker:
        return self.started.start(limits, self.layers)

    def having(self, packages: Sequence[str]) -> Launcher:
        """A canary needs none."""
        return self

    def close(self) -> None:
        """The launcher goes on."""


@contextlib.contextmanager
def _started(layers: Collection[str]) -> Iterator[Launcher]:
    opened = launcher((), layers=layers)
    try:
        yield opened
    finally:
        opened.close()


def examine() -> Findings:
    """Try every layer alone, then those that hold together, in workers that are thrown away."""
    protect_memory()  # this process is the judge that a worker tries to read
    with Canary() as canary:
        layers = tuple(_examined(canary))
        holding = {layer.name for layer in layers if layer.holds}
        while True:
            try:
                with _started(holding) as opened:
                    done = canary.deeds(opened, holding)
                break
            except GraderError as error:
                if "namespaces" not in holding:
                    raise
                holding.discard("namespaces")  # each holds alone, but not around the others
                layers = tuple(_failed(layer, str(error)) if layer.name == "namespaces" else layer for layer in layers)
    chosen = tuple(name for name in (*KERNEL, "own user", "limits", "unreadable") if name in holding)
    still = tuple(DEEDS[deed] for deed in DEEDS if deed in done)
    return Findings(Isolation(_rung(holding, done), (*chosen, "python"), still), layers)


def available() -> frozenset[str]:
    """The layers that hold here, each tried alone."""
    return frozenset(layer.name for layer in examine().layers if layer.holds) | {"python"}


def _rung(holding: Collection[str], done: Collection[str]) -> int:
    """The highest rung whose layers hold and whose promises were kept in the last try."""
    kernel = [name for name in KERNEL if name in holding]
    if {"landlock", "seccomp", "limits"} <= {*holding} and not {*done} - {"see"}:
        return 3 if "namespaces" in holding and not done else 2
    return 1 if kernel else 0


def _examined(canary: Canary) -> Iterator[Layer]:
    forked = [name for name in REFUSES if name != "namespaces"]
    if sys.platform != "linux":
        yield from (Layer(name, False, f"{sys.platform} has none") for name in REFUSES)
        return
    yield _alone(canary, "namespaces") if namespaces.program() else Layer("namespaces", False, "bwrap is not installed")
    if os.geteuid() != 0:
        forked.remove("own user")  # an ordinary user cannot become another
    try:
        with _started(forked) as opened:
            found = [_tried(canary, opened, name) for name in forked]
    except GraderError:
        found = [_alone(canary, name) for name in forked]
    yield from found


def _alone(canary: Canary, name: str) -> Layer:
    """One layer in a zygote of its own: whether there is any at all is a question, too."""
    try:
        with _started({name} | ({"own user"} if name == "unreadable" and os.geteuid() == 0 else set())) as opened:
            if name not in opened.layers:
                return Layer(name, False, "plain subprocesses cannot have it")
            return _tried(canary, opened, name)
    except GraderError as error:
        return Layer(name, False, str(error))


def _tried(canary: Canary, opened: Launcher, name: str) -> Layer:
    also = {"own user"} & opened.layers if name == "unreadable" else set()  # nothing is closed to root
    passed = canary.deeds(opened, {name, *also}) & REFUSES[name]
    if passed:
        return Layer(name, False, f"it let a worker {' and '.join(DEEDS[deed] for deed in sorted(passed))}")
    return Layer(name, True)


def remedy(name: str, detail: str) -> str:
    """What an instructor can do about a layer that does not hold."""
    if name == "namespaces" and namespaces.program() is None:
        return "install bubblewrap (Debian, Ubuntu, Fedora, Arch: the package `bubblewrap`)"
    if name == "namespaces" and "uid map" in detail:
        return "Ubuntu 23.10 or newer: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or grade as root"
    return REMEDIES.get(name, "grade on Linux")


REMEDIES = {
    "namespaces": "in a container: start it with --security-opt seccomp=unconfined and --security-opt "
    "systempaths=unconfined (as root: also --cap-add SYS_ADMIN); elsewhere: allow unprivileged user namespaces",
    "landlock": "Linux 5.13 or newer with `landlock` among the kernel's lsm=; Docker 20.10.18 or newer",
    "seccomp": "a kernel with CONFIG_SECCOMP_FILTER, on x86-64 or aarch64",
    "own user": "a container that has user ids up to 65534",
    "limits": "Linux",
    "unreadable": "Linux, and no process that may trace all others",
}


def _failed(layer: Layer, detail: str) -> Layer:
    return layer._replace(holds=False, detail=detail)


def keep_out_of_reach(places: Collection[Path], layers: Collection[str]) -> None:
    """InputError where something that submissions must not read lies where workers may read."""
    allowed = {*readable(), *(runnable() if "namespaces" in layers else [])} if {*KERNEL[:2]} & {*layers} else set()
    for place in places:
        if folder := exposed(place, sorted(allowed)):
            raise InputError(
                f"{place} lies below {folder}, which submissions may read, for Python's own sake: move it elsewhere."
            )
