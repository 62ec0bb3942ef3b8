"""Notes on how a notebook was read: what was taken for what, what was left out, which of several counts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from .pieces import Names
from .reading import Notebook
from .slicing import Module, without_stubs
from .units import Parsed

SHOWN = 4


class Taken(NamedTuple):
    """A notebook that was read."""

    path: str
    notebook: Notebook
    parsed: Parsed


def notes(best: Taken, file: str, symbols: Names, rival: str, made: Module) -> Iterable[str]:
    """On the notebook taken for a course's file; `rival` is the path of a Python file that was not, or ""."""
    if rival and rival == best.path:
        yield f"{rival} is a notebook with the name of a Python file and was read as such."
    elif rival:
        yield f'"{rival}" was not graded, because more is written in "{best.path}".'
    elif PurePosixPath(best.path).stem.casefold() != PurePosixPath(file).stem.casefold():
        yield f'There is no {file}; the notebook "{best.path}" was taken for it.'
    yield from _several(best, symbols)
    left_out = [
        f"cell {damaged.cell} ({f'line {damaged.line} ' if damaged.line else ''}{damaged.reason.rstrip('.')})"
        for damaged in best.parsed.damaged
    ]
    if best.notebook.problem:
        left_out.append(f"what may be missing from the file ({best.notebook.problem})")
    if left_out:
        more = f" and {len(left_out) - SHOWN} more" if len(left_out) > SHOWN else ""
        yield f"Not graded in {best.path}: {', '.join(left_out[:SHOWN])}{more}."
    if best.parsed.retyped:
        cells = ", ".join(map(str, best.parsed.retyped[:SHOWN]))
        yield f"No code cell of {best.path} defines all that is asked for; the text of cell {cells} was read as code."
    yield from _set_again(best, made)


def _several(best: Taken, symbols: Names) -> Iterable[str]:
    """That something is defined more than once, and which definition counts."""
    kept = without_stubs(best.parsed.units)
    for symbol in sorted(symbols):
        cells = [unit.places[0][0] for unit in best.parsed.units if symbol in unit.defines]
        last = next((unit.places[0][0] for unit in reversed(kept) if symbol in unit.defines), 0)
        if len({*cells}) > 1:
            numbers = ", ".join(map(str, dict.fromkeys(cells)))
            yield f"`{symbol}` is defined in the cells {numbers} of {best.path}: the one of cell {last} counts."


def _set_again(best: Taken, made: Module) -> Iterable[str]:
    for name, cells in list(made.set_again().items())[:SHOWN]:
        numbers = ", ".join(map(str, dict.fromkeys(cells)))
        yield f"`{name}` is set in the cells {numbers} of {best.path}: what uses it gets the value of cell {cells[-1]}."
