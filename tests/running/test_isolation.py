"""The isolation ladder: every layer is tried in throw-away workers, and what is said of it is what was seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from grader.errors import GraderError, InputError
from grader.running import isolation, namespaces
from grader.running.forks import ForkLauncher
from grader.running.isolation import DEEDS, REFUSES, Canary, Findings, examine, keep_out_of_reach
from grader.running.places import PACKAGE, exposed, readable, runnable
from grader.running.probes import Batch, Probe
from grader.running.session import Session, Source
from grader.running.workers import Launcher, Worker, launcher
from grader.worker.limits import Limits, protect_memory
from grader.worker.probe import Use

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's layers are Linux's")


@pytest.fixture(scope="module")
def found() -> Findings:
    protect_memory()
    return examine()


@pytest.fixture(scope="module")
def bare() -> Iterator[set[str]]:
    """What a worker can do without any layer."""
    opened = launcher((), plain=False, layers=())
    with Canary() as canary:
        yield canary.deeds(opened, ())
    opened.close()


def test_without_layers_every_deed_succeeds_that_a_layer_is_said_to_refuse(bare: set[str]) -> None:
    """The positive control: a deed that cannot be done at all would prove nothing."""
    missing = set(DEEDS) - bare
    assert missing <= {"rule"} | ({"signal", "slow", "spy"} if os.geteuid() else set()) | {"unshare"}


@pytest.mark.parametrize("name", REFUSES)
def test_a_layer_alone_refuses_what_it_is_for(name: str, found: Findings) -> None:
    layers = {layer.name: layer for layer in found.layers}
    if name not in layers or not layers[name].holds:
        pytest.skip(f"not on this machine: {layers[name].detail if name in layers else 'not root'}")
    protect_memory()
    alone = {name, "own user"} if name == "unreadable" and os.geteuid() == 0 else {name}
    with Canary() as canary:
        opened = launcher((), plain=False, layers=alone)
        try:
            assert not canary.deeds(opened, alone) & REFUSES[name]
        finally:
            opened.close()


def test_the_rung_is_that_of_the_layers_which_hold(found: Findings) -> None:
    holding = {layer.name for layer in found.layers if layer.holds}
    if {"landlock", "seccomp"} <= holding:
        assert found.isolation.rung == (3 if "namespaces" in holding else 2)
    if found.isolation.rung == 3:
        assert found.isolation.open == ()
    assert holding | {"python"} == set(found.isolation.layers)


class Pretender:
    """A launcher that promises layers and puts on none: a kernel that says yes and does nothing."""

    kind = "pretender"

    def __init__(self, layers: Collection[str]) -> None:
        self.real, self.layers = launcher((), plain=False, layers=()), frozenset(layers)

    def start(self, limits: Limits, layers: Collection[str] | None = None) -> Worker:
        return self.real.start(limits, ())

    def close(self) -> None:
        self.real.close()


def test_a_layer_that_claims_to_hold_and_does_not_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def pretend(modules: Collection[str], layers: Collection[str]) -> Launcher:
        return Pretender(layers)

    monkeypatch.setattr(isolation, "launcher", pretend)
    pretended = examine()
    holding = {layer.name for layer in pretended.layers if layer.holds}
    assert holding <= {"own user", "unreadable"}  # which hold by themselves for an ordinary user, whose judge is closed
    assert pretended.isolation.rung == 0
    assert DEEDS["read"] in pretended.isolation.open
    assert any("it let a worker" in layer.detail for layer in pretended.layers)


def test_without_bubblewrap_the_second_rung_is_reached_and_the_remedy_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces, "program", lambda: None)
    without = examine()
    first = without.layers[0]
    assert (first.name, first.holds) == ("namespaces", False)
    assert "bubblewrap" in isolation.remedy(first.name, first.detail)
    assert without.isolation.rung <= 2
    if {"landlock", "seccomp"} <= without.chosen:
        assert without.isolation.rung == 2
        assert set(without.isolation.open) <= {DEEDS["see"]}


def test_bubblewrap_that_fails_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(namespaces, "program", lambda: str(broken))
    without = examine()
    assert not without.layers[0].holds and "uid map" in without.layers[0].detail
    assert "apparmor_restrict_unprivileged_userns" in isolation.remedy("namespaces", without.layers[0].detail)


def test_a_layer_that_cannot_be_had_stops_the_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(namespaces, "program", lambda: str(tmp_path / "no such program"))
    with pytest.raises(GraderError, match="cannot be started"):
        launcher((), plain=False, layers={"namespaces"}).start(Limits())


def test_the_grader_refuses_to_start_where_workers_could_read_the_course(tmp_path: Path) -> None:
    keep_out_of_reach([tmp_path], ("namespaces", "landlock"))
    library = Path(readable()[0]) / "my course"
    with pytest.raises(InputError, match="which submissions may read"):
        keep_out_of_reach([tmp_path, library], ("landlock",))
    keep_out_of_reach([library], ())  # with no such layer all files are open, and the rung says so


def test_links_into_readable_folders_are_seen_through(tmp_path: Path) -> None:
    (tmp_path / "course").symlink_to(readable()[0])
    assert exposed(tmp_path / "course" / "secret", readable()) == readable()[0]


def test_what_workers_may_read_holds_no_course() -> None:
    root = PACKAGE.parent
    for allowed in {*readable(), *runnable()}:
        real = Path(allowed).resolve()
        assert real != root and real not in root.parents, f"all of {root} lies below {allowed}"


LATE = b"""
def late(name):
    import importlib

    return importlib.import_module(name).__name__
"""


@pytest.mark.parametrize("name", ["scipy.ndimage", "scipy.stats", "numpy.testing", "numpy.polynomial", "sqlite3"])
def test_what_a_course_allows_can_be_imported_late_behind_landlock(name: str, found: Findings) -> None:
    pytest.importorskip(name.partition(".")[0])
    if "landlock" not in {layer.name for layer in found.layers if layer.holds}:
        pytest.skip("not on this machine")
    opened = launcher(("scipy.signal",), plain=False, layers={"landlock", "limits"})
    try:
        with Session(opened, Source({"late.py": LATE}, "late.py", {}, ("numpy", "scipy")), Limits()) as session:
            probe = Probe((Use("late", (name,), report=True),), {}, {}, 0)
            assert session.run(Batch([probe]))[0].values == (name,)
    finally:
        opened.close()


DAEMON = b"""
import os, time

def start():
    if os.fork() == 0:
        os.setsid()
        for _ in range(3):
            if os.fork() == 0:
                time.sleep(60)
        time.sleep(60)
    time.sleep(0.2)
    return os.getpid()
"""


def test_killing_a_worker_kills_what_it_started() -> None:
    """Where nothing keeps it from forking: children, daemons, and the daemons' children."""
    opened = ForkLauncher((), ())
    zygote = opened.process.pid
    try:
        source = Source({"a.py": DAEMON}, "a.py", {}, ("numpy",))
        with Session(opened, source, Limits()) as session:
            session.run(Batch([Probe((Use("start"),), {}, {}, 0)]))
            assert len(below(zygote)) >= 5
        assert below(zygote) == []
    finally:
        opened.close()


def below(pid: int) -> list[int]:
    """Pids of all processes that descend from one."""
    try:
        tasks = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
        children = [int(child) for task in tasks for child in task.read_text().split()]
    except OSError:
        return []
    return [*children, *(one for child in children for one in below(child))]
