"""The whole suite runs where it is asked for by its path; any other run takes a short selection."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Bench

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "attack: the whole attack suite, minutes (run by `pytest tests/attacks`)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out unless somebody asks for this folder."""
    paths = [Path(str(argument).partition("::")[0]).resolve() for argument in config.args]
    if any(HERE in (path, *path.parents) for path in paths) or "attack" in (config.option.markexpr or ""):
        return
    long = [item for item in items if item.get_closest_marker("attack")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """Canaries, and arenas as they are needed."""
    if sys.platform != "linux" or os.environ.get("GRADER_PLAIN_WORKERS"):
        pytest.skip("the attacks are written for Linux and for workers that are forks")
    with Bench.opened() as opened:
        yield opened
