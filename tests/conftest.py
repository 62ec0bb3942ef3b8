"""Fixtures that cost something, made once: launchers of workers and the tiny course's bundles."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from tiny import REFERENCE, Tiny

from grader.authoring.release import write_release
from grader.faces.freeze import freeze_hidden
from grader.faces.release import public_bundles
from grader.running.workers import Launcher, launcher
from grader.workspace import open_workspace

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # of what a shell starts in the background; it is inherited
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def shared_bundles(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one process freezes for an exam, the others read."""
    mine = tmp_path_factory.getbasetemp()
    folder = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "exam bundles"
    folder.mkdir(exist_ok=True)
    os.environ["EXAM_BUNDLES"] = str(folder)


@pytest.fixture(scope="session")
def workers() -> Iterator[Launcher]:
    """Forks of a zygote (plain subprocesses where there is no fork)."""
    started = launcher()
    yield started
    started.close()


@pytest.fixture(scope="session")
def plain_workers() -> Iterator[Launcher]:
    """A subprocess for each submission, as on Windows and macOS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_PLAIN_WORKERS", "1")
        started = launcher()
    assert started.kind == "subprocess"
    yield started
    started.close()


@pytest.fixture(scope="session")
def tiny(workers: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The tiny course."""
    return Tiny(tmp_path_factory.mktemp("reference"), workers)


@pytest.fixture(scope="session")
def tiny_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instructor's repository with the tiny course, its hidden bundles frozen."""
    root = tmp_path_factory.mktemp("course")
    (root / "reference").mkdir()
    (root / "reference" / "tiny.py").write_text(REFERENCE)
    topic = root / "exercises" / "tiny"
    topic.mkdir(parents=True)
    (topic / "spec.py").write_text("from tiny import doubling, peak, scale\n")
    (topic / "misconceptions.py").write_text(
        "import tiny\nMISCONCEPTIONS = tuple(m for m in tiny.MISCONCEPTIONS if m.exercise in ('scale', 'peak'))\n"
    )
    (topic / "handout.md").write_text("# Tiny\n")
    (root / "exercises" / "course.toml").write_text('title = "Tiny"\n')
    workspace = open_workspace(root / "exercises" / "course.toml")
    freeze_hidden(workspace, Console(quiet=True))
    return root


@pytest.fixture(scope="session")
def released(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `grader release` writes."""
    workspace = open_workspace(tiny_course / "exercises" / "course.toml")
    folder = tmp_path_factory.mktemp("released") / "student"
    write_release(workspace, public_bundles(workspace, Console(quiet=True)), folder)
    return folder


@pytest.fixture
def student(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it as the current folder, with everything solved."""
    root = tmp_path / "student"
    shutil.copytree(released, root)
    (root / "tiny.py").write_text(REFERENCE)
    monkeypatch.chdir(root)
    for key in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.delenv(key, raising=False)
    return root
