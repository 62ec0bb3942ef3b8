"""A course whose hidden bundles are frozen, and a small class, made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from runs import grade, make_class, make_course, mixed, results

if sys.platform != "linux":
    pytest.skip("processes are watched by way of /proc", allow_module_level=True)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with course/, class/ and quiet/, the results of a run that nobody disturbed."""
    root = tmp_path_factory.mktemp("faults")
    make_course(root / "course")
    make_class(root / "class", mixed(8))
    grade(root / "course", root / "class", root / "quiet", "--jobs", "1")
    return root


@pytest.fixture(scope="session")
def quiet(root: Path) -> dict[str, bytes]:
    """What every run of the class must end with."""
    return results(root / "quiet")
