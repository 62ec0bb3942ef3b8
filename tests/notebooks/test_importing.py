"""In a kernel other notebooks of the course can be imported, as grading reads them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cells import notebook
from tiny import Tiny

from grader.bundle import Bundle
from grader.course import Course
from grader.notebooks import importing
from grader.notebooks.importing import Finder


def offer(folder: Path, course: Course, bundles: list[Bundle]) -> Finder:
    """The only finder of notebooks from now on."""
    finder = Finder(folder, course, bundles)
    sys.meta_path[:] = [finder, *(one for one in sys.meta_path if not isinstance(one, Finder))]
    for name in ("tiny", "Layers", "Layers.Double"):
        sys.modules.pop(name, None)
    return finder


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Other tests import as ever."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(importing, "_IMPORTED", {})
    monkeypatch.delitem(sys.modules, "tiny")
    yield
    for name in ("tiny", "Layers", "Layers.Double"):
        sys.modules.pop(name, None)


def test_a_notebook_is_imported_as_it_is_saved_now(tiny: Tiny, tmp_path: Path) -> None:
    for number in (1, 2):
        cells = ["import time; time.sleep(99)", f"def double(x):\n    return {number}"]
        (tmp_path / "tiny.ipynb").write_bytes(notebook(cells))
        offer(tmp_path, Course(title="tiny"), [tiny.bundle("doubling")])
        assert importlib.import_module("tiny").double(0) == number


def test_a_python_file_counts_unless_the_notebook_is_further(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "tiny.ipynb").write_bytes(notebook(["def double(x):\n    return 1"]))
    (tmp_path / "tiny.py").write_text("def double(x):\n    return 2\n")
    finder = offer(tmp_path, Course(title="tiny"), [tiny.bundle("doubling")])
    assert finder.find_spec("tiny") is None and finder.find_spec("another") is None
    (tmp_path / "tiny.py").write_text("def double(x):\n    raise NotImplementedError\n")
    finder = offer(tmp_path, Course(title="tiny"), [tiny.bundle("doubling")])
    assert finder.find_spec("tiny") is not None


def test_files_in_folders_of_the_course_lie_side_by_side_as_notebooks(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "Double.ipynb").write_bytes(notebook(["def double(x):\n    return 3"]))
    course = Course(title="tiny", files={"tiny": "Layers/Double.py"})
    offer(tmp_path, course, [tiny.bundle("doubling")])
    assert importlib.import_module("Layers.Double").double(0) == 3


def test_while_nbgrader_grades_all_that_was_handed_in_can_be_imported(tiny: Tiny, tmp_path: Path) -> None:
    graded, handed_in = (tmp_path / step / "ada" / "week" for step in ("autograded", "submitted"))
    graded.mkdir(parents=True)
    handed_in.mkdir(parents=True)
    (handed_in / "tiny.ipynb").write_bytes(notebook(["def double(x):\n    return 4"]))
    offer(graded, Course(title="tiny"), [tiny.bundle("doubling")])
    assert importlib.import_module("tiny").double(0) == 4
