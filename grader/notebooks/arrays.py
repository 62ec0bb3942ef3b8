"""Arrays as HTML tables with the entries marked that differ, and a map of where images differ."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from grader.report import Evidence, Shown
from grader.text import figure, printable

RED = "#dc3943"
MUTED = "opacity:.7"
MAX_ROWS, MAX_COLUMNS, MAX_BLOCKS = 12, 12, 4
CELL, MAX_SIDE = 12, 40  # of the heat map: pixels of a square, squares of a side


def text_of(text: str, limit: int = 600) -> str:
    """Text as HTML, on one line and of limited length."""
    return html.escape(printable(text, limit))


def array(name: str, value: Shown, differs: Sequence[int] = (), colour: str = "", digits: int = 4) -> str:
    """An array under its name: a table for each of the first few pairs of last axes; what differs is marked."""
    if value.shape is None:
        return f"<div><u>{text_of(name)}</u><br>{text_of(value.text, 400)}</div>"
    about = " ".join(filter(None, [f"shape {value.shape}" if value.shape else "", value.dtype.replace("float64", "")]))
    columns = value.shape[-1] if value.shape else 1
    rows = value.shape[-2] if len(value.shape) > 1 else 1
    size = max(1, rows * columns)
    wrong = frozenset(differs)
    shown, left_out = _blocks(len(value.values) // size or 1, {place // size for place in differs})
    tables = []
    for block in shown:
        if left_out and len(value.shape) > 2:
            tables.append(f"<div style='{MUTED}'>{_index(block, value.shape[:-2])}</div>")
        tables.append(_table(value, block * size, rows, columns, wrong, colour, digits))
    more = "<div>…</div>" if left_out else ""
    return f"<div><u>{text_of(name)}</u> <span style='{MUTED}'>{text_of(about)}</span>{''.join(tables)}{more}</div>"


def _blocks(count: int, wrong: set[int]) -> tuple[list[int], bool]:
    """Which images of a batch are shown, those that differ before others, and whether some are not."""
    order = sorted(range(count), key=lambda block: (block not in wrong, block))
    return sorted(order[:MAX_BLOCKS]), count > MAX_BLOCKS


def _index(block: int, shape: Sequence[int]) -> str:
    """The index of an image among all of a batch: `[1, 0]`."""
    index: list[int] = []
    for side in reversed(shape):
        block, place = divmod(block, max(side, 1))
        index.insert(0, place)
    return str(index)


def _table(value: Shown, start: int, rows: int, columns: int, wrong: frozenset[int], colour: str, digits: int) -> str:
    lines = []
    for row in range(min(rows, MAX_ROWS)):
        first = start + row * columns
        places = range(first, min(first + min(columns, MAX_COLUMNS), len(value.values)))
        cells = "".join(_cell(figure(value.values[place], digits), place in wrong, colour) for place in places)
        lines.append(f"<tr>{cells}{'<td>…</td>' if columns > MAX_COLUMNS else ''}</tr>")
    if rows > MAX_ROWS:
        lines.append("<tr><td>…</td></tr>")
    return f'<table style="border-collapse:collapse;margin:.2em 0 .5em;font-family:monospace">{"".join(lines)}</table>'


def _cell(value: str, wrong: bool, colour: str) -> str:
    """A number; one that differs is bold, coloured and has a star, for those who see no colours."""
    text = text_of(value, 24)
    style = "text-align:right;padding:1px 6px;border:1px solid rgba(127,127,127,.25)"
    if not wrong:
        return f'<td style="{style}">{text}&nbsp;</td>'
    return f'<td style="{style};color:{colour};background:{colour}22;font-weight:bold">{text}*</td>'


def heat_map(evidence: Evidence) -> str:
    """Where an image differs and how much, over all items and channels, as SVG; "" where there is no place."""
    got, expected = evidence.got, evidence.expected
    if got is None or expected is None or got.shape is None or got.shape != expected.shape or len(got.shape) < 3:
        return ""
    rows, columns = got.shape[-2:]
    size = math.prod(got.shape)
    values = list(zip(got.values, expected.values, strict=False))
    if len(values) < size or rows * columns < 2 or max(rows, columns) > MAX_SIDE:
        return ""
    largest = [0.0] * (rows * columns)
    for place, (one, other) in enumerate(values):
        largest[place % (rows * columns)] = max(largest[place % (rows * columns)], _difference(one, other))
    top = max((d for d in largest if math.isfinite(d)), default=0.0)
    squares = []
    for place, difference in enumerate(largest):
        share = 1.0 if not math.isfinite(difference) else difference / top if top else 0.0
        x, y = place % columns * CELL, place // columns * CELL
        title = f"<title>row {place // columns}, column {place % columns}: {difference:.3g}</title>"
        squares.append(
            f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{RED}" fill-opacity="{share:.2f}" '
            f'stroke="#888" stroke-opacity=".4">{title}</rect>'
        )
    width, height = columns * CELL, rows * CELL
    return (
        f'<div><u>where it differs</u> <span style="{MUTED}">largest: {top:.3g}</span><br>'
        f'<svg width="{width + 2}" height="{height + 2}" viewBox="-1 -1 {width + 2} {height + 2}" role="img" '
        f'aria-label="map of the differences">{"".join(squares)}</svg></div>'
    )


def _difference(one: bool | float | str, other: bool | float | str) -> float:
    """How far two entries are apart; inf where one of them is no number."""
    if isinstance(one, str) or isinstance(other, str):
        return 0.0 if one == other else math.inf
    difference = abs(float(one) - float(other))
    if math.isnan(difference):
        return 0.0 if math.isnan(float(one)) and math.isnan(float(other)) else math.inf
    return difference
