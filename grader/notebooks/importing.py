"""`from conv import Conv` in one notebook finds what was written in another: the same choice as in grading.

A file of the course is imported from its notebook where more is written there than in the Python file.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path, PurePosixPath
from types import ModuleType

from grader.bundle import Bundle
from grader.course import Course
from grader.faces.own_folder import own_files
from grader.judging.asked import asked, wanted
from grader.workspace import open_student_folder, read_student_bundles

from .origin import Origin
from .resolving import resolve

_IMPORTED: dict[str, Origin] = {}  # by path of the made module, as seen from the course folder


def origins() -> dict[str, Origin]:
    """The notebooks that were imported."""
    return _IMPORTED


def install(start: Path) -> None:
    """From now on the course folder's files and notebooks can be imported; InputError where `start` is in none."""
    folder = open_student_folder(start)
    root = str(folder.root)
    if root not in sys.path:
        sys.path.append(root)
    if not any(isinstance(finder, Finder) and finder.root == folder.root for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder(folder.root, folder.course, read_student_bundles(folder)))


class Finder(MetaPathFinder):
    """Finds the notebook of a course's file; leaves everything else to Python."""

    def __init__(self, root: Path, course: Course, bundles: Sequence[Bundle]) -> None:
        self.root = root
        self._wanted = wanted(asked(course, bundles))
        self._files = {str(PurePosixPath(one.file).with_suffix("")).replace("/", "."): one.file for one in self._wanted}

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """A module made from the notebook, where that is what would be graded."""
        if name not in self._files:
            return self._folder(name)
        resolved = resolve(own_files(_whole(self.root)), self._wanted)
        made = resolved.paths.get(self._files[name])
        if made is None:
            return None
        source = next(file.source for file in resolved.submission.files if file.path == made)
        _IMPORTED[made] = resolved.origins[made]
        return spec_from_loader(name, _Made(str(self.root / made), source.decode()), origin=str(self.root / made))

    def _folder(self, name: str) -> ModuleSpec | None:
        """`Layers` of `Layers/Conv.py`, where there is no such folder."""
        inside = any(file.startswith(f"{name}.") for file in self._files)
        if not inside or (self.root / name.replace(".", "/")).is_dir():
            return None
        return ModuleSpec(name, None, is_package=True)


def _whole(folder: Path) -> Path:
    """While nbgrader grades, notebooks come one by one into `autograded`; all of them are in `submitted`."""
    if len(folder.parts) > 3 and folder.parts[-3] == "autograded":
        submitted = folder.parents[2] / "submitted" / folder.parts[-2] / folder.parts[-1]
        return submitted if submitted.is_dir() else folder
    return folder


class _Made(Loader):
    """A module from the text that a notebook gave."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text

    def create_module(self, spec: ModuleSpec) -> None:
        """Python's own."""

    def exec_module(self, module: ModuleType) -> None:
        """Run it; tracebacks show its lines."""
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.path] = (len(self.text), None, lines, self.path)
        exec(compile(self.text, self.path, "exec", dont_inherit=True), vars(module))
