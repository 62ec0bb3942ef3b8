"""Imports as the student's own machine would have resolved them, from the handed-in files and never from the disk.

Replaces `__import__` for code of the submission only (told by its module's `__loader__`); libraries import as ever.
A dotted name stands for the file with the longest matching trailing path, so that `src.Layers.Base`, `Layers.Base` and
`.Base` are one file and one module object, whatever folder the student worked in.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count
from types import ModuleType
from typing import Any

from .absent import SILENT, Placeholder
from .import_statement import ImportStatement, real_import
from .names import dotted, folder_of, folders_of, shared_folders, stem_of, unbraced
from .source import Source


class Module(ModuleType):
    """A file or a folder of the submission; `_place` is None for a folder that only the student's machine had.

    Sub-modules load when they are asked for. Where `_missing` is set, every other name is a placeholder that says so.
    """

    __slots__ = ("_dotted", "_importer", "_missing", "_place")
    _dotted: str
    _importer: Importer
    _missing: str
    _place: str | None

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            place = self._importer.child(self, name)
            if place is not None or self._missing:
                value = (
                    self._importer.load(place) if place is not None else Placeholder(name, self._missing.format(name))
                )
                vars(self)[name] = value
                return value
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


class Importer:
    """All modules of one submission: finds files, runs each once, replaces what is missing, and notes all of it.

    `run(module, path)` executes a file in its module; `explain(error, path)` tells in one phrase why that failed. A
    file that fails costs only what it would have defined, except `main`, whose error goes to the caller.
    """

    def __init__(
        self,
        files: Collection[str],
        main: str,
        allowed: Collection[str],
        run: Callable[[Module, str], None],
        explain: Callable[[BaseException, str], str],
    ) -> None:
        self.files, self.main, self.allowed, self.run, self.explain = files, main, allowed, run, explain
        self.notes: list[str] = []
        self.told: set[tuple[str, str]] = set()
        self.sources: dict[str, Source] = {}  # of the files that ran
        self.modules: dict[str, Module] = {}  # by path of the file or folder
        self.loading: set[str] = set()
        self.places = {"", *files, *(folder for path in files for folder in folders_of(path))}
        self.by_suffix: dict[str, list[str]] = {}
        for place in sorted(self.places - {""}):
            parts = dotted(place).split(".")
            for suffix in {".".join(parts[start:]) for start in range(len(parts))}:
                for key in {suffix, f"?{suffix.casefold()}"}:
                    self.by_suffix.setdefault(key, []).append(place)

    def install(self) -> None:
        """Take over the imports of the submission's code in this process."""
        original = importlib.import_module

        def import_module(name: str, package: str | None = None) -> Any:
            caller = sys._getframe(1)
            if caller.f_globals.get("__loader__") is not self:
                return original(name, package)
            if name.startswith(".") and package:
                name = importlib.util.resolve_name(name, package)
            plain = name.lstrip(".")
            return self._import(caller.f_globals, caller.f_lineno, plain, ("__name__",), len(name) - len(plain))

        builtins.__import__ = self._statement
        importlib.import_module = import_module
        importlib.reload = lambda module: module  # the file cannot have changed

    def note(self, path: str, sentence: str) -> None:
        """Keep a sentence for the student, once; a file other than the main one is named."""
        sentence = sentence if path == self.main else f"{path}: {sentence}"
        if sentence not in self.notes:
            self.notes.append(sentence)

    def get_source(self, name: str) -> None:
        """PEP 302 loaders have this; the lines are in `linecache` already."""

    def load(self, place: str) -> Module:
        """The module of a file or folder: one object however it is imported, registered before it runs."""
        if place in self.modules:
            return self.modules[place]
        path = place if place in self.files else f"{place}/__init__.py".lstrip("/")
        name = stem_of(place).replace(".", "_") if place == self.main else dotted(place)
        module = self.new(name, place)
        self.modules[place] = module
        module.__file__ = path
        if place != path:
            module.__path__ = [place]
        if path in self.files:
            self.loading.add(path)
            try:
                self.run(module, path)
            except BaseException as error:  # SystemExit included
                if path == self.main:
                    raise
                why = self.explain(error, path)
                module._missing = f"uses `{{}}` of {path}, which could not be loaded ({unbraced(why)})"
                self.note(self.main, f"{path} could not be loaded: {why}")
            finally:
                self.loading.discard(path)
        return module

    def new(self, name: str, place: str | None) -> Module:
        """An empty module, registered under a name that hides no module of Python's or of ours."""
        module = Module(next(free for n in count() if not self._taken(free := name + "_" * n)))
        module._dotted, module._place, module._importer, module._missing = name, place, self, ""
        module.__loader__ = self  # type: ignore[assignment]
        module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, self, origin=place)  # type: ignore[arg-type]
        sys.modules[module.__name__] = module
        return module

    def _taken(self, name: str) -> bool:
        """Asks each for the name: a set of all would write into the pages of a few hundred names (to count users)."""
        return not name or name in sys.modules or name in sys.stdlib_module_names or name in self.allowed

    def child(self, module: Module, name: str) -> str | None:
        """The file or folder that `name` is inside a package."""
        if module._place is None:
            return self.find(f"{module._dotted}.{name}", self.main)
        inside = [place for place in self.by_suffix.get(name, ()) if folder_of(place) == module._place]
        return self._nearest(inside, self.main) if inside and module._place not in self.files else None

    def find(self, name: str, importer: str, strip: bool = True) -> str | None:
        """The place with the longest trailing path that `name` ends with; in other capitals where none has these."""
        parts = name.split(".")
        for start in range(len(parts) if strip else 1):
            suffix = ".".join(parts[start:])
            for key in (suffix, f"?{suffix.casefold()}"):
                # A file that asks for itself under another path means one that was not handed in.
                found = [p for p in self.by_suffix.get(key, ()) if p != importer or key == name]
                if found:
                    return self._nearest(found, importer)
        return None

    def _nearest(self, places: list[str], importer: str) -> str:
        def far(place: str) -> tuple[object, ...]:
            near = -shared_folders(place, importer), -shared_folders(place, self.main), place.count("/")
            return *near, f"{place}/__init__.py" not in self.files, place not in self.files, place

        return min(places, key=far)

    def _statement(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """`__import__`. C code that imports below a student's frame passes an empty list; statements never do."""
        caller = sys._getframe(1)
        scope: Any = caller.f_globals if globals is None else globals
        from_c = isinstance(fromlist, list) and not fromlist
        if from_c or type(scope) is not dict or scope.get("__loader__") is not self:
            return real_import(name, globals, locals, fromlist or (), level)
        return self._import(scope, caller.f_lineno, name, tuple(fromlist or ()), level)

    def _import(self, scope: dict[str, Any], line: int, name: str, names: tuple[str, ...], level: int) -> Any:
        statement = ImportStatement(self, scope, line, name, names)
        if level:
            folder = statement.path.split("/")[:-1]
            return statement.relative("/".join(folder[: max(0, len(folder) - level + 1)]))
        top = name.partition(".")[0]
        pythons = top in sys.stdlib_module_names and top not in SILENT
        if pythons or top in self.allowed or name == "__main__":
            own = self.find(name, statement.path, strip=False)
            if own is None or ("." not in name and _provides(name, names)):
                return statement.real()
        return statement.absolute()


def _provides(name: str, names: tuple[str, ...]) -> bool:
    """Whether Python's module has what is asked for; if not, the student's file of the same name is meant."""
    try:
        module = importlib.import_module(name)
    except ImportError:
        return False
    return all(wanted == "*" or hasattr(module, wanted) for wanted in names)
