"""`grader release --nbgrader`: an assignment of an nbgrader course, released by nbgrader's own converter."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import nbformat

from grader.authoring.release import course_text, material, write_contents
from grader.bundle import Bundle
from grader.course import FILE_NAME
from grader.errors import InputError
from grader.text import printable
from grader.workspace import Workspace

from .config import NAME, remember, write_config
from .sources import is_changed, source_notebooks


def release(workspace: Workspace, bundles: list[Bundle], folder: Path, assignment: str) -> list[str]:
    """Write source/ASSIGNMENT and have nbgrader make release/ASSIGNMENT of it; the notebooks' names."""
    made = material(workspace, bundles)
    books = source_notebooks(made)
    source = folder / "source" / assignment
    _check(source, set(books))
    source.mkdir(parents=True, exist_ok=True)
    contents = {
        **made.figures,
        **{f"handouts/{name}.md": text.encode() for name, text in made.handouts.items()},
        FILE_NAME: course_text(workspace.course, made.layout.asked).encode(),
        **{f"{name}.ipynb": _written(book) for name, book in books.items()},
    }
    write_contents(contents, made.layout.asked, source)
    write_config(folder)
    remember(folder, assignment, workspace.file)
    generate(folder, assignment)
    return sorted(books)


def generate(folder: Path, assignment: str) -> None:
    """What `nbgrader generate_assignment --force` does in a course, with the course's own configuration."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config, PyFileConfigLoader

    config: Any = Config()
    if (folder / NAME).exists():
        config = PyFileConfigLoader(NAME, path=str(folder.resolve())).load_config()
    config.CourseDirectory.root = str(folder.resolve())
    config.CourseDirectory.assignment_id = assignment
    told = _Told()
    log = logging.Logger("nbgrader")  # of its own: what nbgrader says about every cell is not shown
    log.addHandler(told)
    try:
        converter = GenerateAssignment(coursedir=CourseDirectory(config=config, log=log), config=config, log=log)
        converter.force = True
        converter.start()
    except Exception as error:
        why = printable(told.reason or f"{type(error).__name__}: {error}", 400)
        raise InputError(f"nbgrader cannot make {folder / 'release' / assignment}: {why}") from error


class _Told(logging.Handler):
    """Keeps why something went wrong: the end of the last traceback, or the last message."""

    reason = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR and not self.reason:
            lines = [line for line in record.getMessage().splitlines() if line.strip()]
            if lines and lines[0].startswith("Traceback"):
                self.reason = lines[-1]


def _written(book: nbformat.NotebookNode) -> bytes:
    return str(nbformat.writes(book)).encode() + b"\n"  # type: ignore[no-untyped-call]


def _check(source: Path, names: set[str]) -> None:
    """Nothing that an instructor has written is overwritten."""
    if source.is_dir() and any(source.iterdir()) and not (source / FILE_NAME).is_file():
        raise InputError(f"{source} is not empty and was not made by this: choose another --assignment.")
    for path in sorted(source.glob("*.ipynb")):
        if path.stem in names and is_changed(path.read_text(encoding="utf-8")):
            raise InputError(f"{path} was changed by hand: move it away to have it made anew.")
