"""Modules that specs share: files beside a spec, or beside its folder, that it imports by their names."""

from __future__ import annotations

import ast
import contextlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

DECLARING = ("spec.py", "misconceptions.py")


@contextlib.contextmanager
def importable(folder: Path) -> Iterator[None]:
    """While a file of a topic's folder is executed. Another topic may have other modules of the same names."""
    before, path = frozenset(sys.modules), [*sys.path]
    sys.path[:0] = [str(folder), str(folder.parent)]
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        for name in sys.modules.keys() - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(folder.parent):
                del sys.modules[name]


def imported(folder: Path) -> list[Path]:
    """The files of its own and of its course that a topic's declarations import, also by way of each other."""
    found: set[Path] = set()
    look = [folder / name for name in DECLARING]
    while look:
        for name in _imports(look.pop()):
            new = _files(folder, name) - found
            found |= new
            look += new
    return sorted(found)


def _files(folder: Path, name: str) -> set[Path]:
    """What `import name` executes, or may: a module, or all of a package."""
    for place in (folder, folder.parent):
        if (place / f"{name}.py").is_file():
            return {place / f"{name}.py"}
        if (place / name / "__init__.py").is_file():
            return {*(place / name).rglob("*.py")}
    return set()


def _imports(path: Path) -> set[str]:
    """First parts of the names of all modules that a file imports; none where it is no Python."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}
