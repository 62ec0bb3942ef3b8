"""Imports as the student's own machine would have resolved them, from the handed-in files and never from the disk.

Replaces `__import__` for code of the submission only (told by its module's `__loader__`); libraries import as ever.
A dotted name stands for the file with the longest matching trailing path, so that `src.Layers.Base`, `Layers.Base` and
`.Base` are one file and one module object, whatever folder the student worked in.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import PurePosixPath
from types import ModuleType, SimpleNamespace
from typing import Any

from .compat import FOREIGN, SILENT, Placeholder, silent_module

_CATCHING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_real_import = builtins.__import__


class _CircularImport(ImportError):
    """A name was asked of a module that is still being loaded."""


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
        self.trees: dict[str, ast.Module] = {}  # of the files that ran
        self.modules: dict[str, Module] = {}  # by path of the file or folder
        self.loading: set[str] = set()
        self.places = {"", *files} | {str(folder) for path in files for folder in PurePosixPath(path).parents} - {"."}
        self.by_suffix: dict[str, list[str]] = {}
        for place in sorted(self.places - {""}):
            parts = _dotted(place).split(".")
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
        name = PurePosixPath(place).stem.replace(".", "_") if place == self.main else _dotted(place)
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
                module._missing = f"uses `{{}}` of {path}, which could not be loaded ({_unbraced(why)})"
                self.note(self.main, f"{path} could not be loaded: {why}")
            finally:
                self.loading.discard(path)
        return module

    def new(self, name: str, place: str | None) -> Module:
        """An empty module, registered under a name that hides no module of Python's or of ours."""
        taken = {*sys.modules, *sys.stdlib_module_names, *self.allowed, ""}
        module = Module(next(free for n in range(len(taken) + 1) if (free := name + "_" * n) not in taken))
        module._dotted, module._place, module._importer, module._missing = name, place, self, ""
        module.__loader__ = self  # type: ignore[assignment]
        module.__spec__ = importlib.machinery.ModuleSpec(module.__name__, self, origin=place)  # type: ignore[arg-type]
        sys.modules[module.__name__] = module
        return module

    def child(self, module: Module, name: str) -> str | None:
        """The file or folder that `name` is inside a package."""
        if module._place is None:
            return self.find(f"{module._dotted}.{name}", self.main)
        inside = [place for place in self.by_suffix.get(name, ()) if _folder(place) == module._place]
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
            near = -_shared(place, importer), -_shared(place, self.main), place.count("/")
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
            return _real_import(name, globals, locals, fromlist or (), level)
        return self._import(scope, caller.f_lineno, name, tuple(fromlist or ()), level)

    def _import(self, scope: dict[str, Any], line: int, name: str, names: tuple[str, ...], level: int) -> Any:
        statement = _Import(self, scope, line, name, names)
        if level:
            folder = PurePosixPath(statement.path).parent.parts
            return statement.relative("/".join(folder[: max(0, len(folder) - level + 1)]))
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names - SILENT.keys() or top in self.allowed or name == "__main__":
            own = self.find(name, statement.path, strip=False)
            if own is None or ("." not in name and _provides(name, names)):
                return statement.real()
        return statement.absolute()


class _Import:
    """One import statement: `name` and, after `from ... import`, `names`."""

    def __init__(self, importer: Importer, scope: dict[str, Any], line: int, name: str, names: tuple[str, ...]) -> None:
        self.importer, self.scope, self.line, self.name, self.names = importer, scope, line, name, names
        self.path: str = scope["__file__"]

    def real(self) -> Any:
        """A module of Python or of the course; where it is not installed, a placeholder."""
        try:
            return _real_import(self.name, self.scope, None, self.names, 0)
        except ModuleNotFoundError:
            if self.name.partition(".")[0] in sys.modules:
                raise  # `numpy.misspelt`: Python's own message says it
            return self._foreign(f"`{self.name}`, which is not installed on this machine")

    def absolute(self) -> Any:
        """A module of the submission, else one that only shows something, else one that is not there."""
        top = self.name.partition(".")[0]
        silent = next((shown for shown in SILENT if f"{self.name}.".startswith(f"{shown}.")), None)
        if (silent or top in FOREIGN) and self.importer.find(self.name, self.path, strip=False) is None:
            if silent:
                self._note(f"imports {silent}, which is not there while grading: {SILENT[silent]} skipped")
                whole = leaf = silent_module(silent)
                for part in self.name.split(".")[silent.count(".") + 1 :]:
                    leaf = getattr(leaf, part)
                return self._starred(leaf, lambda name: getattr(leaf, name)) if self.names else whole
            allowed = ", ".join(sorted(self.importer.allowed)) or "none"
            return self._foreign(f"`{top}`, which is not available in this course (allowed: {allowed})")
        if self.names:
            return self._from(self._module(self.name))
        child, prefix = self._module(self.name), self.name
        if child._place is None:
            what = f"but {_file(prefix)} was not handed in" if "." in prefix else "which is not in the submission"
            self._absent(f"imports `{prefix}`, {what}{self._meant(prefix)}")
        while "." in prefix:  # `import a.b` binds a
            prefix, _, last = prefix.rpartition(".")
            parent = self._module(prefix)
            vars(parent)[last], child = child, parent
        return child

    def relative(self, folder: str) -> Any:
        """`from .name import names`, where `folder` is what the dots stand for."""
        path = "/".join(filter(None, [folder, self.name.replace(".", "/")]))
        place = next((place for place in (f"{path}.py", path) if place in self.importer.places), None)
        return self._from(self._module(path.replace("/", ".")) if place is None else self.importer.load(place))

    def _module(self, name: str) -> Module:
        importer = self.importer
        place = importer.find(name, self.path)
        if place is not None:
            written, present = name.split(".")[::-1], _dotted(place).split(".")[::-1]
            if any(a != b and a.casefold() == b.casefold() for a, b in zip(written, present, strict=False)):
                self._note(f"imports `{name}`, but the file is {place}: mind capital letters, other systems do")
            return importer.load(place)
        if f"{name}/*" not in importer.modules:
            module = importer.modules[f"{name}/*"] = importer.new(name, None)
            module._missing = f"uses `{{}}` of {_unbraced(_file(name))}, which was not handed in"
            module.__path__ = []
        return importer.modules[f"{name}/*"]

    def _from(self, module: Module) -> Any:
        """What `from module import names` reads its names from: each is there, or is a placeholder and noted."""
        names = [name for name in self.names if name != "*"]
        if len(names) < len(self.names):
            names += [name for name in vars(module).get("__all__", ()) if isinstance(name, str)]
        absent = [name for name in names if name not in vars(module) and not self._there(module, name)]
        if absent or (len(names) < len(self.names) and module._place is None and not self._among(module)):
            self._tell(module, absent)
        values = {name: Placeholder(name, _lacks(module, name)) for name in absent if not module._missing}
        if "*" in self.names and "__all__" not in vars(module):
            return self._starred(module, lambda name: getattr(module, name, None), known=vars(module))
        vars(module).update(values if "*" in self.names else {})
        if not values:
            return module
        return SimpleNamespace(**{name: values[name] if name in values else getattr(module, name) for name in names})

    def _among(self, folder: Module) -> bool:
        """Whether some name that the file uses is a file of a folder that only the student's machine had."""
        return any(self.importer.child(folder, name) for name in _unbound(self.importer.trees[self.path]))

    def _there(self, module: Module, name: str) -> bool:
        if module._missing:
            return self.importer.child(module, name) is not None
        return hasattr(module, name)

    def _tell(self, module: Module, absent: list[str]) -> None:
        what, place = ", ".join(absent) or "everything", module._place
        if place is not None and module.__file__ in self.importer.loading:
            if place == self.importer.main and self.path.endswith("__init__.py"):
                return  # a package that gathers its files, main among them, should get the others
            raise _CircularImport(
                f"cannot import {what} from {module.__file__}, which is still loading (circular import)"
            )
        replaced = f"; {what} {'were' if len(absent) > 1 else 'was'} replaced by an empty class" if absent else ""
        if place is None:
            name = self.name or module._dotted
            self._absent(
                f"imports {what} from `{name}`, but {_file(name)} was not handed in{self._meant(name)}{replaced}"
            )
        elif module._missing:
            self._absent(f"imports {what} from {module.__file__}, which could not be loaded{replaced}")
        elif place in self.importer.files:
            self._absent(f"imports {what} from {place}, which does not define it{replaced}")
        else:
            self._absent(f"imports {what} from {place or 'its folder'}, but {absent[0]}.py was not handed in{replaced}")

    def _starred(self, source: Any, value: Callable[[str], Any], known: Mapping[str, Any] | None = None) -> Any:
        """`from source import *` where nobody knows what `*` is: what the file uses and does not define."""
        if "*" not in self.names:
            return source
        there = {name: known[name] for name in known or () if not name.startswith("_")} if known else {}
        tree = self.importer.trees[self.path]
        asked = {name: value(name) for name in _unbound(tree) - self.scope.keys() - there.keys()}
        asked = {name: item for name, item in asked.items() if item is not None}
        return SimpleNamespace(__all__=[*there, *asked], **there, **asked)

    def _foreign(self, what: str) -> Any:
        self._absent(f"imports {what}")
        whole = leaf = Placeholder(self.name.partition(".")[0], f"uses {what}")
        for part in self.name.split(".")[1:]:
            leaf = getattr(leaf, part)
        return self._starred(leaf, lambda name: getattr(leaf, name)) if self.names else whole

    def _absent(self, sentence: str) -> None:
        """Note it, unless the student's own `try: import ... except ImportError` waits for the error."""
        for node in ast.walk(self.importer.trees[self.path]):
            if isinstance(node, ast.Try) and node.body[0].lineno <= self.line <= (node.body[-1].end_lineno or 0):
                caught = [name for handler in node.handlers for name in _names(handler.type)]
                if _CATCHING & set(caught) or any(handler.type is None for handler in node.handlers):
                    raise ModuleNotFoundError(f"No module named {self.name!r}", name=self.name)
        self._note(sentence)

    def _note(self, sentence: str) -> None:
        if (self.path, sentence) not in self.importer.told:  # the first line is enough
            self.importer.told.add((self.path, sentence))
            self.importer.note(self.path, f"line {self.line} {sentence}")

    def _meant(self, name: str) -> str:
        stems = {PurePosixPath(path).stem: path for path in self.importer.files if path != self.path}
        close = difflib.get_close_matches(name.rpartition(".")[2], stems, 1, 0.75)
        return f" (is {stems[close[0]]} meant?)" if close else ""


def _lacks(module: Module, name: str) -> str:
    if module._place in module._importer.files:
        return f"uses `{name}` of {module.__file__}, which does not define it"
    return f"uses {name}.py, which was not handed in"


def _provides(name: str, names: tuple[str, ...]) -> bool:
    """Whether Python's module has what is asked for; if not, the student's file of the same name is meant."""
    try:
        module = importlib.import_module(name)
    except ImportError:
        return False
    return all(wanted == "*" or hasattr(module, wanted) for wanted in names)


def _unbound(tree: ast.Module) -> set[str]:
    """Names that a file reads and nowhere defines."""
    read, bound = set[str](), set(dir(builtins)) | {"__file__", "__name__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return read - bound


def _names(node: ast.AST | None) -> list[str]:
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)] if node else []


def _dotted(place: str) -> str:
    parts = place.removesuffix(".py").split("/")
    return ".".join(part.replace(".", "_") for part in parts)


def _file(name: str) -> str:
    return f"{name.rpartition('.')[2]}.py"


def _folder(place: str) -> str:
    return place.rpartition("/")[0]


def _shared(a: str, b: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(a.split("/")[:-1], b.split("/")[:-1], strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(a.count("/"), b.count("/")))


def _unbraced(text: str) -> str:
    """For a text that goes through `format`."""
    return text.replace("{", "{{").replace("}", "}}")
