"""Cells as Python, alone or together: a split cell is joined again, and what is no Python is told with its line."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from grader.worker.decoding import LoadError
from grader.worker.source import TOO_DEEP, syntax_tree, without_commands

from .reading import Cell

MAX_JOINED = 3  # cells that may be the pieces of one
REPARSED, ALWAYS = 4, 300_000  # indented cells are joined until 4 times all text and this is parsed for it
Place = tuple[int, int]  # cell and line, both from 1
Names = frozenset[str]
_CELL_MAGIC = re.compile(r"\s*%%(\w+)(.*)")
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "memit", "mprun", "python", "python3", "pypy", "skip", "debug"}
_INCOMPLETE = re.compile(r"never closed|expected an indented block|unterminated|unexpected EOF|expected 'except'")
DEFINED = re.compile(r"^(?:class|def)[ \t]+(\w+)", re.MULTILINE)


class Damaged(NamedTuple):
    """A cell that is no Python: where, the reason as a clause, that line, and the names it seems to define."""

    cell: int
    line: int
    reason: str
    source: str
    defines: Names


class Piece(NamedTuple):
    """The lines of one cell, or of several that belong together."""

    lines: tuple[str, ...]
    places: tuple[Place, ...]
    tree: ast.Module | None = None


def as_pieces(cells: Sequence[Cell]) -> tuple[list[Piece], list[Damaged]]:
    """The cells as Python, and those that are none."""
    texts = [_piece(cell) for cell in cells]
    found: list[Piece] = []
    damaged: list[Damaged] = []
    growing = _Growing(REPARSED * sum(map(_size, texts)) + ALWAYS)
    at = 0
    while at < len(texts):
        piece, taken = texts[at], 1
        whole: Piece | None
        parsed = _parsed(piece)
        if isinstance(parsed, Piece):
            whole = parsed
        else:
            error = parsed
            before, several = growing.joined(found[-1:], list(takewhile(_is_indented, texts[at : at + growing.step])))
            if before:
                found[-1], whole, taken = before, None, several
            else:
                whole, taken = _with_following(texts[at : at + MAX_JOINED], error) or (_dedented(piece), 1)
                if whole is None:
                    damaged.append(_damaged(piece, error))
        if whole:
            found.append(whole)
        at += taken
    return found, damaged


class _Growing:
    """Joins indented cells to what stands above them, so that a long row of them is not parsed anew for each."""

    def __init__(self, room: int) -> None:
        self.room = room  # characters that may still be parsed
        self.step = 1  # cells to try at once

    def joined(self, above: Sequence[Piece], cells: Sequence[Piece]) -> tuple[Piece | None, int]:
        """What stands above with all the cells or the first of them, and how many; None where not even one goes."""
        count = len(cells) if above else 0
        while count:
            parts = [*above, *cells[:count]]
            self.room -= sum(map(_size, parts))
            whole = _joined(parts) if self.room >= 0 else None
            if whole and (count == 1 or _begin_statements(whole, cells[:count])):
                self.step = 2 * count if count == len(cells) else count
                return whole, count
            count //= 2
        self.step = 1
        return None, 1


def _begin_statements(whole: Piece, cells: Sequence[Piece]) -> bool:
    """Whether each cell begins with a statement: none is in a text or in brackets that another one opens."""
    assert whole.tree is not None
    starts = {whole.places[line - 1] for line in map(_first_line, ast.walk(whole.tree)) if line}
    return all(cell.places[_first_code(cell)] in starts for cell in cells)


def _first_line(node: ast.AST) -> int:
    """The line in which a statement begins, with its decorators; 0 of what is none."""
    if not isinstance(node, ast.stmt):
        return 0
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _size(piece: Piece) -> int:
    return sum(len(line) + 1 for line in piece.lines)


def _piece(cell: Cell) -> Piece:
    """A cell's lines without the command for the whole cell; nothing where that says it is no Python."""
    lines = cell.source.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if magic := _CELL_MAGIC.match(lines[first]):
        is_file = magic[1] in ("writefile", "file") and magic[2].strip().strip("'\"").endswith(".py")
        lines = [""] * (first + 1) + lines[first + 1 :] if is_file or magic[1] in _PYTHON_MAGICS else []
    return Piece(tuple(lines), tuple((cell.number, number) for number in range(1, len(lines) + 1)))


def _parsed(piece: Piece) -> Piece | LoadError:
    """The piece with its tree and without commands, or what is wrong with it."""
    try:
        text, _, _ = without_commands(list(piece.lines), "the cell")
        tree = syntax_tree(text, "the cell")
    except LoadError as error:
        return error
    except (RecursionError, MemoryError, ValueError) as error:
        return LoadError("syntax", f"the cell cannot be read ({type(error).__name__})")
    return Piece(tuple(text.split("\n")), piece.places, tree)


def _joined(parts: Sequence[Piece]) -> Piece | None:
    """The pieces one below the other, where that is Python."""
    lines = tuple(line for part in parts for line in part.lines)
    whole = _parsed(Piece(lines, tuple(place for part in parts for place in part.places)))
    return whole if isinstance(whole, Piece) else None


def _with_following(texts: Sequence[Piece], error: LoadError) -> tuple[Piece, int] | None:
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


def _dedented(piece: Piece) -> Piece | None:
    """A cell that is indented as a whole, as IPython takes it too."""
    lines = tuple(textwrap.dedent("\n".join(piece.lines)).split("\n"))
    whole = _parsed(piece._replace(lines=lines)) if len(lines) == len(piece.lines) and lines != piece.lines else None
    return whole if isinstance(whole, Piece) else None


def _is_indented(piece: Piece) -> bool:
    at = _first_code(piece)
    return at >= 0 and piece.lines[at][:1] in " \t"


def _first_code(piece: Piece) -> int:
    """The first line that is neither blank nor a comment, counted from 0; -1 where there is none."""
    return next((n for n, line in enumerate(piece.lines) if line.strip() and line.strip()[0] != "#"), -1)


def too_deep(piece: Piece) -> Damaged:
    """A piece of which not even the statements can be told apart."""
    return _damaged(piece, LoadError("too deep", TOO_DEEP))


def _damaged(piece: Piece, error: LoadError) -> Damaged:
    cell, line = piece.places[min(max(error.line, 1), len(piece.places)) - 1]
    clause = re.sub(r"^(?:line \d+|the file|the cell) ", "", error.sentence)
    defines = frozenset(DEFINED.findall("\n".join(piece.lines)))
    return Damaged(cell, line if error.line else 0, clause, error.source_line, defines)
