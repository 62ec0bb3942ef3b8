"""Notebooks that other notebooks of the same submission build on: by `%run helpers.ipynb`, or imported by name.

Each becomes a module of its own beside them, and `%run` an import from it of what is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from .pieces import Names
from .reading import Cell, Notebook
from .slicing import needed
from .units import Unit

_RUN = re.compile(r"^(\s*)%run[ \t]+(?:-\w+[ \t]+)*(['\"]?)([^'\"\n]+?\.(?:ipynb|py))\2[ \t]*(?:#.*)?$", re.MULTILINE)
_FINDER = re.compile(r"^(\s*(?:from|import)[ \t]+)ipynb\.fs\.(?:full|defs)\.", re.MULTILINE)


class Sibling(NamedTuple):
    """A notebook or Python file that others may build on."""

    path: str
    units: Sequence[Unit]

    @property
    def module(self) -> str:
        """The name under which it can be imported."""
        return module_name(self.path)


def module_name(path: str) -> str:
    """`My helpers (1).ipynb` as Python can import it."""
    return re.sub(r"\W", "_", PurePosixPath(path).stem)


def run_by(notebook: Notebook) -> set[str]:
    """The modules that it runs by `%run`."""
    return {module_name(found[3]) for cell in notebook.cells for found in _RUN.finditer(cell.source)}


def imported_by(units: Iterable[Unit]) -> set[str]:
    """The last parts of the names of the modules that it imports."""
    return {unit.module.rpartition(".")[2] for unit in units if unit.module}


def with_imports(notebook: Notebook, names: Mapping[str, Sequence[str]]) -> Notebook:
    """The notebook with `%run` of one of these modules as an import of its names; no line moves."""

    def imported(found: re.Match[str]) -> str:
        module = module_name(found[3])
        listed = ", ".join(names.get(module, ()))
        return f"{found[1]}from {module} import {listed}" if listed else found[0]

    def changed(cell: Cell) -> Cell:
        return cell._replace(source=_FINDER.sub(r"\1", _RUN.sub(imported, cell.source)))

    return notebook._replace(cells=tuple(map(changed, notebook.cells)))


def asked_of(sibling: Sibling, others: Iterable[Sibling], symbols: Names) -> list[str]:
    """The names that others need from it for what is wanted, in order."""
    bound = frozenset[str]().union(*(unit.binds for unit in sibling.units))
    needs = set[str]()
    for other in others:
        if other.path != sibling.path:
            own = frozenset[str]().union(*(unit.defines for unit in other.units))
            for unit in needed(other.units, (own & symbols) or own):
                needs |= unit.needs
    return sorted(bound & needs)
