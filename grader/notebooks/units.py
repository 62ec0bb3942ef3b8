"""From cells to statements: what each line of a notebook binds and needs, without running any of it.

A cell that is no Python by itself is joined to its neighbour where both together are (a cell was split), and otherwise
left out and told: the cells around it do not suffer.
"""

from __future__ import annotations

import ast
import re
import symtable
import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.worker.source import LoadError, without_commands

from . import patching
from .reading import Cell, Notebook

MAX_JOINED = 3  # cells that may be the pieces of one
Place = tuple[int, int]  # cell and line, both from 1
Names = frozenset[str]
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITION = ast.ClassDef | _FUNCTION
_CELL_MAGIC = re.compile(r"\s*%%(\w+)(.*)")
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "memit", "mprun", "python", "python3", "pypy", "skip", "debug"}
_INCOMPLETE = re.compile(r"never closed|expected an indented block|unterminated|unexpected EOF|expected 'except'")
_DEFINED = re.compile(r"^(?:class|def)[ \t]+(\w+)", re.MULTILINE)
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


class Damaged(NamedTuple):
    """A cell that is no Python: where, the reason as a clause, that line, and the names it seems to define."""

    cell: int
    line: int
    reason: str
    source: str
    defines: Names


class Parsed(NamedTuple):
    """A notebook as statements. `retyped` are cells whose kind is no longer code and that were read all the same."""

    units: tuple[Unit, ...] = ()
    damaged: tuple[Damaged, ...] = ()
    retyped: tuple[int, ...] = ()


class _Piece(NamedTuple):
    """The lines of one cell, or of several that belong together."""

    lines: tuple[str, ...]
    places: tuple[Place, ...]
    tree: ast.Module | None = None


def parse(notebook: Notebook, symbols: Names) -> Parsed:
    """The statements of all code cells, and of others that define one of the `symbols` which no code cell defines."""
    code = [cell for cell in notebook.cells if cell.kind == "code"]
    pieces, damaged = _pieces(code)
    units = [unit for piece in pieces for unit in _units(piece)]
    lacking = symbols - {name for unit in units for name in unit.gives}
    if not lacking:
        return Parsed(tuple(units), tuple(damaged))
    others = [cell for cell in notebook.cells if cell.kind != "code" and lacking & {*_DEFINED.findall(cell.source)}]
    more, _ = _pieces(others)
    if not more:
        return Parsed(tuple(units), tuple(damaged))
    numbers = {place[0] for piece in more for place in piece.places}
    pieces, damaged = _pieces([cell for cell in notebook.cells if cell.kind == "code" or cell.number in numbers])
    units = [unit for piece in pieces for unit in _units(piece)]
    return Parsed(tuple(units), tuple(damaged), tuple(sorted(numbers)))


def _pieces(cells: Sequence[Cell]) -> tuple[list[_Piece], list[Damaged]]:
    texts = [_piece(cell) for cell in cells]
    pieces: list[_Piece] = []
    damaged: list[Damaged] = []
    at = 0
    while at < len(texts):
        piece, taken = texts[at], 1
        whole: _Piece | None
        parsed = _parsed(piece)
        if isinstance(parsed, _Piece):
            whole = parsed
        else:
            error = parsed
            before = _joined([pieces[-1], piece]) if pieces and _is_indented(piece) else None
            if before:
                pieces[-1], whole = before, None
            else:
                whole, taken = _with_following(texts[at : at + MAX_JOINED], error) or (_dedented(piece), 1)
                if whole is None:
                    damaged.append(_damaged(piece, error))
        if whole:
            pieces.append(whole)
        at += taken
    return pieces, damaged


def _piece(cell: Cell) -> _Piece:
    """A cell's lines without the command for the whole cell; nothing where that says it is no Python."""
    lines = cell.source.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if magic := _CELL_MAGIC.match(lines[first]):
        is_file = magic[1] in ("writefile", "file") and magic[2].strip().strip("'\"").endswith(".py")
        lines = [""] * (first + 1) + lines[first + 1 :] if is_file or magic[1] in _PYTHON_MAGICS else []
    return _Piece(tuple(lines), tuple((cell.number, number) for number in range(1, len(lines) + 1)))


def _parsed(piece: _Piece) -> _Piece | LoadError:
    """The piece with its tree and without commands, or what is wrong with it."""
    try:
        text, tree, _, _ = without_commands(list(piece.lines), "the cell")
    except LoadError as error:
        return error
    except (RecursionError, MemoryError, ValueError) as error:
        return LoadError("syntax", f"the cell cannot be read ({type(error).__name__})")
    return _Piece(tuple(text.split("\n")), piece.places, tree)


def _joined(parts: Sequence[_Piece]) -> _Piece | None:
    """The pieces one below the other, where that is Python."""
    lines = tuple(line for part in parts for line in part.lines)
    whole = _parsed(_Piece(lines, tuple(place for part in parts for place in part.places)))
    return whole if isinstance(whole, _Piece) else None


def _with_following(texts: Sequence[_Piece], error: LoadError) -> tuple[_Piece, int] | None:
    """A piece that goes on in the next cells, and how many cells it is."""
    last = len([line for line in texts[0].lines if line.strip()]) and max(
        number for number, line in enumerate(texts[0].lines, 1) if line.strip()
    )
    if not _INCOMPLETE.search(error.sentence) and error.line < last:
        return None
    for count in range(2, len(texts) + 1):
        if whole := _joined(texts[:count]):
            return whole, count
    return None


def _dedented(piece: _Piece) -> _Piece | None:
    """A cell that is indented as a whole, as IPython takes it too."""
    lines = tuple(textwrap.dedent("\n".join(piece.lines)).split("\n"))
    whole = _parsed(piece._replace(lines=lines)) if len(lines) == len(piece.lines) and lines != piece.lines else None
    return whole if isinstance(whole, _Piece) else None


def _is_indented(piece: _Piece) -> bool:
    return next((line[:1] in " \t" for line in piece.lines if line.strip() and line.strip()[0] != "#"), False)


def _damaged(piece: _Piece, error: LoadError) -> Damaged:
    cell, line = piece.places[min(max(error.line, 1), len(piece.places)) - 1]
    clause = re.sub(r"^line \d+ ", "", error.sentence)
    defines = frozenset(_DEFINED.findall("\n".join(piece.lines)))
    return Damaged(cell, line if error.line else 0, clause, error.source_line, defines)


def _units(piece: _Piece) -> Iterator[Unit]:
    """The statements of a piece; those that share a line are one."""
    assert piece.tree is not None
    groups: list[tuple[int, int, list[ast.stmt]]] = []
    for node in piece.tree.body:
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        last = node.end_lineno or first
        if groups and first <= groups[-1][1]:
            start, end, nodes = groups.pop()
            groups.append((start, max(end, last), [*nodes, node]))
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
    yield node
    if not isinstance(node, _DEFINITION | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _executed(child)


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
