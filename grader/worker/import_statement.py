"""What one import statement of a submission gives: its own file, a library, or a placeholder and a note."""

from __future__ import annotations

import ast
import builtins
import difflib
import sys
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from .absent import FOREIGN, SILENT, Placeholder, silent_module
from .names import dotted, file_name, names_in, unbound, unbraced

if TYPE_CHECKING:
    from .imports import Importer, Module

real_import = builtins.__import__
_CATCHING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class _CircularImport(ImportError):
    """A name was asked of a module that is still being loaded."""


class ImportStatement:
    """One import statement: `name` and, after `from ... import`, `names`."""

    def __init__(self, importer: Importer, scope: dict[str, Any], line: int, name: str, names: tuple[str, ...]) -> None:
        self.importer, self.scope, self.line, self.name, self.names = importer, scope, line, name, names
        self.path: str = scope["__file__"]

    def real(self) -> Any:
        """A module of Python or of the course; where it is not installed, a placeholder."""
        try:
            return real_import(self.name, self.scope, None, self.names, 0)
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
            what = f"but {file_name(prefix)} was not handed in" if "." in prefix else "which is not in the submission"
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
            written, present = name.split(".")[::-1], dotted(place).split(".")[::-1]
            if any(a != b and a.casefold() == b.casefold() for a, b in zip(written, present, strict=False)):
                self._note(f"imports `{name}`, but the file is {place}: mind capital letters, other systems do")
            return importer.load(place)
        if f"{name}/*" not in importer.modules:
            module = importer.modules[f"{name}/*"] = importer.new(name, None)
            module._missing = f"uses `{{}}` of {unbraced(file_name(name))}, which was not handed in"
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
        return any(self.importer.child(folder, name) for name in unbound(self.importer.sources[self.path].tree))

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
                f"imports {what} from `{name}`, but {file_name(name)} was not handed in{self._meant(name)}{replaced}"
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
        tree = self.importer.sources[self.path].tree
        asked = {name: value(name) for name in unbound(tree) - self.scope.keys() - there.keys()}
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
        for node in ast.walk(self.importer.sources[self.path].tree):
            if isinstance(node, ast.Try) and node.body[0].lineno <= self.line <= (node.body[-1].end_lineno or 0):
                caught = [name for handler in node.handlers for name in names_in(handler.type)]
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
