"""One class in five forms: folders, notebooks, nbgrader's tree, Moodle's zip, GitHub's clones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbformat import v4

from grader.authoring.layout import Layout
from grader.notebooks.blocks import blocks
from grader.notebooks.making import notebook, symbols

Class = Mapping[str, Mapping[str, str]]  # student to file to text
FIRST_ID = 20_000


def read_class(folder: Path) -> dict[str, dict[str, str]]:
    """The class that `grader demo` has written: folders and zips, some with everything in `src`."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                texts = {name: archive.read(name).decode() for name in archive.namelist()}
        else:
            texts = {str(file): file.read_text(encoding="utf-8") for file in path.rglob("*.py")}
        found[path.stem] = {name.rpartition("/")[2]: text for name, text in texts.items()}
    return found


def full_name(student: str) -> str:
    """What an LMS calls a student."""
    return f"{student.capitalize()} Muster"


def number(student: str, students: Class) -> int:
    """An LMS's number of a student."""
    return FIRST_ID + sorted(students).index(student)


def as_notebook(layout: Layout, file: str, text: str) -> str:
    """A file as the released notebook with the student's code; what is no Python stands in one cell."""
    bundles = [bundle for bundle in layout.asked if layout.file_of(bundle) == file]
    try:
        made = notebook(layout, file, blocks(text, symbols(layout, bundles)), ["# Handout\n"], bundles)
    except SyntaxError:
        made = v4.new_notebook(cells=[v4.new_code_cell(text)], metadata={"grader": {"file": file}})
    return nbformat.writes(made)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def folders(students: Class, layout: Layout, root: Path) -> Path:
    """A folder each."""
    for student, files in students.items():
        (root / student).mkdir(parents=True)
        for file, text in files.items():
            _write(root / student / file, text)
    return root


def notebooks(students: Class, layout: Layout, root: Path) -> Path:
    """A folder each, with notebooks."""
    for student, files in students.items():
        for file, text in files.items():
            _write(root / student / Path(file).with_suffix(".ipynb"), as_notebook(layout, file, text))
    return root


def nbgrader(students: Class, layout: Layout, root: Path) -> Path:
    """submitted/STUDENT/ASSIGNMENT/: notebooks and time stamps."""
    for student, files in students.items():
        folder = root / "submitted" / student / "ps1"
        _write(folder / "timestamp.txt", "2026-11-20 12:00:00.000000 UTC\n")
        for file, text in files.items():
            _write(folder / Path(file).with_suffix(".ipynb"), as_notebook(layout, file, text))
    return root / "submitted"


def moodle(students: Class, layout: Layout, root: Path) -> Path:
    """The zip of all submissions; every third student has handed in a zip."""
    root.mkdir(parents=True)
    path = root / "CNN-Assignment 1-4711.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for place, (student, files) in enumerate(sorted(students.items())):
            folder = f"{full_name(student)}_{number(student, students)}_assignsubmission_file_"
            if place % 3 == 2:
                inner = io.BytesIO()
                with zipfile.ZipFile(inner, "w") as packed:
                    for file, text in files.items():
                        packed.writestr(f"abgabe/{file}", text)
                archive.writestr(f"{folder}/abgabe.zip", inner.getvalue())
                continue
            for file, text in files.items():
                archive.writestr(f"{folder}/{file}", text)
    return path


def github(students: Class, layout: Layout, root: Path) -> Path:
    """Clones of repositories that began as the released folder."""
    for student, files in students.items():
        clone = root / "cnn-submissions" / f"cnn-{student}"
        _write(clone / ".git" / "HEAD", "ref: refs/heads/main\n")
        _write(clone / ".git" / "hooks" / "conv.py", "raise SystemExit\n")
        _write(clone / "README.md", "# CNN\n")
        _write(clone / "course.toml", 'title = "mine"\n')
        _write(clone / "bundles" / "LIST", "")
        for file, text in files.items():
            _write(clone / file, text)
    return root / "cnn-submissions"


FORMS: dict[str, Callable[[Class, Layout, Path], Path]] = {
    one.__name__: one for one in (folders, notebooks, nbgrader, moodle, github)
}
