"""SVG by hand: boxes, tables of numbers, arrows and text, readable on light and on dark pages.

A drawing brings its own background, since a picture in a page cannot know what is behind it; it is dark where the
reader prefers dark. Colours are classes: `a` to `d` for what belongs together, `pad` for added zeros, `dim` for notes.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import numpy as np

CELL = 32
KINDS = "abcd"
IMAGE = np.arange(9.0).reshape(3, 3)  # lecture D's table and kernel
KERNEL = np.arange(4.0).reshape(2, 2)
LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "dim": "#59636e",
    "edge": "#818b98",
    "pad": "#eef1f4",
    "a": "#b6d9ff",
    "b": "#ffd3a8",
    "c": "#b7ecc3",
    "d": "#e0ccff",
    "a-line": "#0969da",
    "b-line": "#bc4c00",
    "c-line": "#1a7f37",
    "d-line": "#8250df",
}
DARK = {
    "paper": "#0d1117",
    "ink": "#f0f6fc",
    "dim": "#9da7b3",
    "edge": "#6e7781",
    "pad": "#262c36",
    "a": "#124a91",
    "b": "#8a4600",
    "c": "#1a6330",
    "d": "#5b34a3",
    "a-line": "#58a6ff",
    "b-line": "#f0883e",
    "c-line": "#3fb950",
    "d-line": "#bc8cff",
}
FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',sans-serif"


def colours(palette: dict[str, str]) -> str:
    """The rules that a light and a dark drawing do not share."""
    return "".join(
        [
            f".paper,.cell{{fill:{palette['paper']}}}",
            f"text,.tip,.dot{{fill:{palette['ink']}}}text.dim{{fill:{palette['dim']}}}",
            f".paper,.cell{{stroke:{palette['edge']}}}.line{{stroke:{palette['ink']}}}.line.dim{{stroke:{palette['edge']}}}",
            f".cell.pad{{fill:{palette['pad']}}}",
            *(f".cell.{kind}{{fill:{palette[kind]}}}" for kind in KINDS),
            *(f".line.{kind}{{stroke:{palette[f'{kind}-line']}}}" for kind in KINDS),
            *(f"text.{kind},.dot.{kind}{{fill:{palette[f'{kind}-line']}}}" for kind in KINDS),
        ]
    )


STYLE = (
    f"text{{font:14px {FONT};text-anchor:middle;dominant-baseline:central}}"
    "text.left{text-anchor:start}text.right{text-anchor:end}text.small{font-size:12px}text.big{font-size:20px}"
    "text.bold{font-weight:700}.cell{stroke-width:1}.cell.pad{stroke-dasharray:3 2}"
    ".line{fill:none;stroke-width:1.5}.line.thick{stroke-width:3}.line.dash{stroke-dasharray:5 4}"
)

TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" '
    'markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker>'
)


def number(value: float) -> str:
    """A coordinate or an entry of a table, with two decimals at most."""
    text = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def of_four(i: int, j: int) -> str:
    """The colour of a cell of four, 2x2."""
    return KINDS[2 * i + j]


def inside(row: int, column: int, rows: int, columns: int, kind: str) -> Callable[[int, int], str]:
    """Cells in a rectangle have this colour."""
    return lambda i, j: kind if row <= i < row + rows and column <= j < column + columns else ""


class Table:
    """Where the cells of a drawn table lie."""

    def __init__(self, x: float, y: float, rows: int, columns: int, cell: float) -> None:
        """`x`, `y`: upper left corner; `cell`: side of a cell."""
        self.x, self.y, self.cell = x, y, cell
        self.rows, self.columns = rows, columns
        self.width, self.height = columns * cell, rows * cell
        self.right, self.bottom = x + self.width, y + self.height
        self.middle = (x + self.width / 2, y + self.height / 2)

    def corner(self, row: float, column: float) -> tuple[float, float]:
        """Upper left corner of a cell."""
        return self.x + column * self.cell, self.y + row * self.cell

    def centre(self, row: float, column: float) -> tuple[float, float]:
        """Middle of a cell."""
        return self.corner(row + 0.5, column + 0.5)


class Drawing:
    """A figure that grows by calls; `svg()` is the file."""

    def __init__(self, width: int, height: int, title: str) -> None:
        """`title` is read out to those who do not see the figure."""
        self.width, self.height, self.title = width, height, title
        self.parts: list[str] = []

    def text(self, x: float, y: float, words: object, kind: str = "") -> None:
        """Words around a point; `kind` left or right: beginning or ending there."""
        shown = escape(str(words), quote=False)
        self.parts.append(f'<text x="{number(x)}" y="{number(y)}"{_class(kind)}>{shown}</text>')

    def box(self, x: float, y: float, width: float, height: float, kind: str = "cell", round: float = 0) -> None:
        """A rectangle."""
        corners = f' rx="{number(round)}"' if round else ""
        size = f'width="{number(width)}" height="{number(height)}"'
        self.parts.append(f'<rect x="{number(x)}" y="{number(y)}" {size}{corners}{_class(kind)}/>')

    def line(self, points: list[tuple[float, float]], kind: str = "", tip: bool = False) -> None:
        """A line through points, with the tip of an arrow at its end if `tip`."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        end = ' marker-end="url(#tip)"' if tip else ""
        self.parts.append(f'<polyline points="{path}"{_class(f"line {kind}")}{end}/>')

    def arrow(self, start: tuple[float, float], end: tuple[float, float], kind: str = "") -> None:
        """An arrow from point to point."""
        self.line([start, end], kind, tip=True)

    def dot(self, x: float, y: float, kind: str = "", radius: float = 3) -> None:
        """A filled circle."""
        self.parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"{_class(f"dot {kind}")}/>')

    def ellipse(self, x: float, y: float, rx: float, ry: float, kind: str = "") -> None:
        """An ellipse, as a line."""
        radii = f'rx="{number(rx)}" ry="{number(ry)}"'
        self.parts.append(f'<ellipse cx="{number(x)}" cy="{number(y)}" {radii}{_class(f"line {kind}")}/>')

    def table(self, x: float, y: float, values, kinds=None, title: str = "", cell: float = CELL) -> Table:
        """A table of numbers or words (None: an empty cell); `kinds(row, column)` is the class of a cell."""
        rows = [list(row) for row in values]
        found = Table(x, y, len(rows), len(rows[0]), cell)
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                kind = kinds(i, j) if kinds else ""
                self.box(*found.corner(i, j), cell, cell, f"cell {kind}")
                if value is not None:
                    shown = value if isinstance(value, str) else number(value)
                    size = "" if cell >= 28 else "small "
                    self.text(*found.centre(i, j), shown, size + ("dim" if kind == "pad" else ""))
        if title:
            self.text(found.middle[0], y - 14, title)
        return found

    def frame(self, table: Table, row: int, column: int, rows: int, columns: int, kind: str = "") -> None:
        """A thick line around some cells."""
        x, y = table.corner(row, column)
        self.box(x, y, columns * table.cell, rows * table.cell, f"line thick {kind}")

    def bracket(self, row: Table, first: int, length: int, below: float, kind: str) -> None:
        """A bracket under some cells of a row."""
        (left, _), (right, _), y = row.corner(0, first), row.corner(0, first + length), row.bottom + below
        self.line([(left + 3, y - 6), (left + 3, y), (right - 3, y), (right - 3, y - 6)], f"thick {kind}")

    def pixels(self, x: float, y: float, grey: np.ndarray, cell: float) -> Table:
        """An image of grey values, 0 black and 1 white, the same on every page."""
        found = Table(x, y, *grey.shape, cell)
        for i, j in np.ndindex(grey.shape):
            level = round(255 * float(grey[i, j]))
            left, top = (number(v) for v in found.corner(i, j))
            size = f'width="{number(cell)}" height="{number(cell)}"'
            self.parts.append(f'<rect x="{left}" y="{top}" {size} fill="#{level:02x}{level:02x}{level:02x}"/>')
        self.box(x, y, found.width, found.height, "line dim")
        return found

    def svg(self) -> str:
        """The whole file."""
        style = f"{STYLE}{colours(LIGHT)}@media (prefers-color-scheme:dark){{{colours(DARK)}}}"
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
        paper = f'<rect class="paper" x=".5" y=".5" width="{self.width - 1}" height="{self.height - 1}" rx="6"/>'
        return "\n".join(
            [
                head,
                f"<title>{escape(self.title, quote=False)}</title>",
                f"<style>{style}</style>",
                f"<defs>{TIP}</defs>",
                paper,
                *self.parts,
                "</svg>\n",
            ]
        )


def _class(kind: str) -> str:
    words = " ".join(kind.split())
    return f' class="{words}"' if words else ""
