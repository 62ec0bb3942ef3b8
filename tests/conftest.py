"""Fixtures that cost something, made once: launchers of workers and the tiny course's bundles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tiny import Tiny

from grader.running.workers import Launcher, launcher


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
