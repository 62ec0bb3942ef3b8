"""Tables for terminals of any width: where a table does not fit, its rows become lines, and no number is cut."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import plain
from .terminal import hanging

LEAST = 24  # columns of the terminal that a wide column needs at least, where its texts are longer
BETWEEN = 3


def print_table(
    out: Console,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str = "",
    left: Sequence[str] = (),
    wide: Sequence[str] = (),
    styles: dict[str, str] | None = None,
) -> None:
    """`left` columns hold names, `wide` ones sentences, which are folded; the others hold numbers.

    styles: of cells with such a text.
    """
    if isinstance(out, plain.PlainConsole) or _needed(columns, rows, wide) > out.width:
        out.print(Text(f"{title}:" if title else "", style="bold"))
        for line in plain.listing(columns, rows, wide):
            out.print(hanging(Text(line), out))
        out.print()
        return
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for name in columns:
        is_text = name in wide or name in left
        table.add_column(name, justify="left" if is_text else "right", no_wrap=name not in wide, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=(styles or {}).get(cell, "")) for cell in row))
    out.print(table)


def _needed(columns: Sequence[str], rows: Sequence[Sequence[str]], wide: Sequence[str]) -> int:
    """How wide a terminal must be for a table."""
    widths = []
    for place, name in enumerate(columns):
        width = max(cell_len(text) for text in (name, *(row[place] for row in rows)))
        widths.append(min(width, max(LEAST, cell_len(name))) if name in wide else width)
    return sum(widths) + BETWEEN * len(widths)
