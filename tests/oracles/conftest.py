"""Loads reference files and correct variants by path: both are folders of student files, not packages."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference"


def load_file(path):
    """Run one student file as a new module and return it."""
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}__{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def load(monkeypatch):
    """A function from a path to its module; while the test runs, imports between student files find reference/."""
    monkeypatch.syspath_prepend(REFERENCE)
    siblings = {path.stem for path in REFERENCE.glob("*.py")}
    hidden = {name: sys.modules.pop(name) for name in siblings & set(sys.modules)}
    yield load_file
    for name in siblings:
        sys.modules.pop(name, None)
    sys.modules.update(hidden)


@pytest.fixture
def reference(load):
    """A function from a file's stem to the reference module."""
    return lambda stem: load(REFERENCE / f"{stem}.py")
