"""What a student installs stays small: counted from what the installed packages say that they need, offline."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

packaging = pytest.importorskip("packaging.requirements")
MOST_PACKAGES, MOST_MEGABYTES = 25, 130
OWN, PIP, BLOCK = "cnn-grader", 17, 4096  # megabytes that pip itself takes; bytes of a block of the disk


def installed_with(name: str) -> dict[str, Distribution]:
    """A package and all that it needs here, without extras; what is not needed on this system is not installed."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        one = distribution(waiting.pop())
        key = one.metadata["Name"].lower().replace("_", "-")
        if key in found:
            continue
        found[key] = one
        for text in one.requires or ():
            needed = packaging.Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)
    return found


def size(paths: Iterable[Path]) -> int:
    """Bytes on the disk of a package's own files, with as much again for the byte code of its Python files."""
    total = 0
    for path in paths:
        if path.is_file() and path.suffix != ".pyc":
            total += -(-path.stat().st_size // BLOCK) * BLOCK * (2 if path.suffix == ".py" else 1)
    return total


def test_a_student_installs_at_most_25_packages_and_130_mb() -> None:
    try:
        found = installed_with(OWN)
    except PackageNotFoundError as error:
        pytest.skip(f"{error} is not installed in {sys.prefix}")
    assert {"numpy", "msgspec", "click", "rich", "nbformat"} <= {*found}
    assert len(found) + 1 <= MOST_PACKAGES, sorted(found)  # and pip
    paths = [Path(str(file.locate())) for name, one in found.items() if name != OWN for file in one.files or ()]
    paths += (Path(__file__).parents[1] / "grader").rglob("*")  # here it may be installed editable
    megabytes = size(paths) / 2**20
    assert megabytes + PIP <= MOST_MEGABYTES, megabytes


def test_test_tools_and_notebooks_are_extras() -> None:
    found = installed_with(OWN)
    assert not {"pytest", "hypothesis", "scipy", "scikit-learn", "jupyter", "notebook", "nbgrader", "nbconvert"} & {
        *found
    }
