"""From cells to statements: what each line of a notebook binds and needs, without running any of it."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from . import patching
from .pieces import DEFINED, Damaged, Names, Piece, Place, as_pieces, too_deep
from .reading import Cell, Notebook

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITION = ast.ClassDef | _FUNCTION
_SETTINGS = {"seterr", "seed", "setrecursionlimit"}  # calls that change how later code runs
_SETTABLE = {"np", "numpy", "sys", "random"}


class Unit(NamedTuple):
    """One statement, or several that share a line.

    `binds`: names it gives a value; `changes`: names whose objects it writes into; `calls`: names of which it calls
    methods; `now`: names it needs while it runs itself; `needs`: these and what its functions need later. `given`: what
    it hands to functions that it calls by name, and `writers`: functions in it that write into what they are given.
    """

    lines: tuple[str, ...]
    places: tuple[Place, ...]
    binds: Names
    changes: Names
    calls: Names
    now: Names
    needs: Names
    defines: Names = frozenset()
    stubs: int = 0  # functions in it that are still to be written
    module: str | None = None  # whence it imports, where that is all it does
    always: bool = False
    given: tuple[tuple[str, Names], ...] = ()
    writers: Names = frozenset()

    @property
    def gives(self) -> Names:
        """The names that it defines or assigns itself, not by an import."""
        return self.binds if self.module is None else frozenset()


class Parsed(NamedTuple):
    """A notebook as statements. `retyped` are cells whose kind is no longer code and that were read all the same."""

    units: tuple[Unit, ...] = ()
    damaged: tuple[Damaged, ...] = ()
    retyped: tuple[int, ...] = ()


def parse(notebook: Notebook, symbols: Names) -> Parsed:
    """The statements of all code cells, and of others that define one of the `symbols` which no code cell defines."""
    code = [cell for cell in notebook.cells if cell.kind == "code"]
    units, damaged = _read(code)
    lacking = symbols - {name for unit in units for name in unit.gives}
    if not lacking:
        return Parsed(tuple(units), tuple(damaged))
    others = [cell for cell in notebook.cells if cell.kind != "code" and lacking & {*DEFINED.findall(cell.source)}]
    more, _ = as_pieces(others)
    if not more:
        return Parsed(tuple(units), tuple(damaged))
    numbers = {place[0] for piece in more for place in piece.places}
    units, damaged = _read([cell for cell in notebook.cells if cell.kind == "code" or cell.number in numbers])
    return Parsed(tuple(units), tuple(damaged), tuple(sorted(numbers)))


def _read(cells: Sequence[Cell]) -> tuple[list[Unit], list[Damaged]]:
    """The statements of cells, and the cells that are no Python or too deep to be looked at."""
    pieces, damaged = as_pieces(cells)
    units: list[Unit] = []
    for piece in pieces:
        try:
            units += list(_units(piece))
        except (RecursionError, MemoryError):  # one cell must never cost the others
            damaged.append(too_deep(piece))
    return units, sorted(damaged, key=lambda one: one.cell)


def _units(piece: Piece) -> Iterator[Unit]:
    """The statements of a piece; those that share a line are one."""
    assert piece.tree is not None
    groups: list[tuple[int, int, list[ast.stmt]]] = []
    for node in piece.tree.body:
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        last = node.end_lineno or first
        if groups and first <= groups[-1][1]:
            start, end, nodes = groups[-1]
            nodes.append(node)
            groups[-1] = (start, max(end, last), nodes)
        else:
            groups.append((first, last, [node]))
    for first, last, nodes in groups:
        if not all(isinstance(node, ast.Pass) for node in nodes):
            yield _unit(piece.lines[first - 1 : last], piece.places[first - 1 : last], nodes)


def _unit(lines: tuple[str, ...], places: tuple[Place, ...], nodes: Sequence[ast.stmt]) -> Unit:
    binds, now, needs = _names("\n".join(lines), nodes)
    changes, calls, settings = set[str](), set[str](), False
    for node in (inner for statement in nodes for inner in _executed(statement)):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            changes |= _base(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            calls |= _base(node.func)
            settings |= node.func.attr in _SETTINGS and bool(_base(node.func) & _SETTABLE)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr"):
            changes |= {name for argument in node.args[:1] for name in _base(argument)}
    imports = nodes[0] if len(nodes) == 1 and isinstance(nodes[0], ast.Import | ast.ImportFrom) else None
    module = None
    if isinstance(imports, ast.ImportFrom):
        module = imports.module or ""
    elif imports:
        module = imports.names[0].name
    starred = isinstance(imports, ast.ImportFrom) and imports.names[0].name == "*"
    return Unit(
        lines,
        places,
        binds,
        frozenset(changes),
        frozenset(calls),
        now,
        needs,
        frozenset(node.name for node in nodes if isinstance(node, _DEFINITION)),
        sum(is_stub(inner) for node in nodes for inner in ast.walk(node)),
        module,
        starred or module == "__future__" or (settings and all(isinstance(node, ast.Expr) for node in nodes)),
        tuple(given for node in nodes for given in patching.given(node)),
        frozenset(node.name for node in nodes if isinstance(node, _FUNCTION) and patching.writes(node)),
    )


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and all in it that runs with it: not the bodies of functions and classes."""
    waiting = [node]  # no recursion: expressions may be deeper than Python's stack
    while waiting:
        inner = waiting.pop()
        yield inner
        if not isinstance(inner, _DEFINITION | ast.Lambda):
            waiting += ast.iter_child_nodes(inner)


def _base(node: ast.AST) -> set[str]:
    """The name that `a.b[c].d` begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def is_stub(node: ast.AST) -> bool:
    """Whether this is a function in which `raise NotImplementedError` still stands."""
    if not isinstance(node, _FUNCTION):
        return False
    raised = (inner.exc for inner in node.body if isinstance(inner, ast.Raise))
    names = (getattr(exc.func if isinstance(exc, ast.Call) else exc, "id", "") for exc in raised)
    return "NotImplementedError" in names


def _names(text: str, nodes: Sequence[ast.stmt]) -> tuple[Names, Names, Names]:
    """What statements bind, need while they run, and need at all; of odd ones all names that occur."""
    try:
        table = symtable.symtable(text, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        used = frozenset(n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name))
        return used, used, used
    binds = {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}
    now = {one.get_name() for one in table.get_symbols() if one.is_referenced()}
    later = set[str]()
    waiting = [(child, child.get_type() == "class") for child in table.get_children()]
    while waiting:
        inner, at_once = waiting.pop()
        found = {one.get_name() for one in inner.get_symbols() if one.is_global()}
        (now if at_once else later).update(found)
        waiting += [(child, at_once and child.get_type() == "class") for child in inner.get_children()]
    return frozenset(binds), frozenset(now), frozenset(now | later)
