"""Cells as Python, alone or together: a split cell is joined again, and what is no Python is told with its line."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from grader.worker.source import LoadError, syntax_tree, without_commands

from .reading import Cell

MAX_JOINED = 3  # cells that may be the pieces of one
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
    at = 0
    while at < len(texts):
        piece, taken = texts[at], 1
        whole: Piece | None
        parsed = _parsed(piece)
        if isinstance(parsed, Piece):
            whole = parsed
        else:
            error = parsed
            before = _joined([found[-1], piece]) if found and _is_indented(piece) else None
            if before:
                found[-1], whole = before, None
            else:
                whole, taken = _with_following(texts[at : at + MAX_JOINED], error) or (_dedented(piece), 1)
                if whole is None:
                    damaged.append(_damaged(piece, error))
        if whole:
            found.append(whole)
        at += taken
    return found, damaged


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
    return next((line[:1] in " \t" for line in piece.lines if line.strip() and line.strip()[0] != "#"), False)


def _damaged(piece: Piece, error: LoadError) -> Damaged:
    cell, line = piece.places[min(max(error.line, 1), len(piece.places)) - 1]
    clause = re.sub(r"^line \d+ ", "", error.sentence)
    defines = frozenset(DEFINED.findall("\n".join(piece.lines)))
    return Damaged(cell, line if error.line else 0, clause, error.source_line, defines)
