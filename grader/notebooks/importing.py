"""`from conv import Conv` where the student's `conv` is a notebook: modules made of notebooks, as grading makes them.

This works in a kernel while and after `check` runs there. Files that are Python count as they do in grading: unless
more is written in the notebook.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

from grader.bundle import Bundle
from grader.course import Course
from grader.errors import GraderError
from grader.running.submission import read_one
from grader.workspace import open_student_folder, read_student_bundles

from .resolving import Resolved, Wanted, resolve, wanted_files


class Loader(importlib.abc.Loader):
    """Runs the source that was made of a notebook."""

    def __init__(self, source: bytes, path: str) -> None:
        self.source, self.path = source, path

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module."""
        exec(compile(self.source, self.path, "exec"), module.__dict__)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the files of a course in the notebooks of a folder."""

    def __init__(self, folder: Path, wanted: Sequence[Wanted]) -> None:
        self.folder, self.wanted = folder, {one.file: one for one in wanted}

    @functools.cached_property
    def resolved(self) -> Resolved:
        """The folder with modules in the place of notebooks, as it was when somebody first asked."""
        return resolve(read_one(self.folder, "kernel", self.wanted), list(self.wanted.values()))

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module of a notebook; None where there is none, or a Python file is further."""
        file = fullname.replace(".", "/") + ".py"
        if file not in self.wanted:
            return self._folder(fullname)
        resolved = self.resolved
        if file not in resolved.paths:
            return None
        source = next(one.source for one in resolved.submission.files if one.path == resolved.paths[file])
        loader = Loader(source, resolved.origins[resolved.paths[file]].path)
        return importlib.machinery.ModuleSpec(fullname, loader)

    def _folder(self, name: str) -> importlib.machinery.ModuleSpec | None:
        """`Layers` of `Layers/Conv.py`, where there is no such folder."""
        inside = any(file.startswith(name.replace(".", "/") + "/") for file in self.wanted)
        if not inside or (self.folder / name.replace(".", "/")).is_dir():
            return None
        return importlib.machinery.ModuleSpec(name, None, is_package=True)


def here() -> None:
    """In a notebook's first cell: let the other notebooks of its folder be imported."""
    try:
        folder = open_student_folder(Path.cwd())
        offer(folder.root, folder.course, read_student_bundles(folder), soon=False)
    except GraderError as error:
        print(error)


def offer(folder: Path, course: Course, bundles: Iterable[Bundle], soon: bool) -> None:
    """Let the notebooks of a student's folder be imported, as they are saved now.

    `soon`: they will be, so that reading them must not count as a submission's computing time.
    """
    bundles = list(bundles)
    names = course.all_names(bundles)
    wanted = wanted_files(
        (course.file_of(b.exercise, b.topic, b.file), (names[b.exercise].get(s, s) for s in b.symbols)) for b in bundles
    )
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for name, module in list(sys.modules.items()):
        if isinstance(getattr(getattr(module, "__spec__", None), "loader", None), Loader):
            del sys.modules[name]
    finder = Finder(_whole(folder), wanted)
    sys.meta_path.insert(0, finder)
    if soon:
        _ = finder.resolved


def _whole(folder: Path) -> Path:
    """While nbgrader grades, notebooks come one by one into `autograded`; all of them are in `submitted`."""
    if len(folder.parts) > 3 and folder.parts[-3] == "autograded":
        submitted = folder.parents[2] / "submitted" / folder.parts[-2] / folder.parts[-1]
        return submitted if submitted.is_dir() else folder
    return folder
