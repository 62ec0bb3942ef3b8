"""Loss curves and small pictures for people: in the terminal always, as an SVG or PNG file where asked for."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from grader.errors import InputError

Curves = Mapping[str, Sequence[float]]
Picture = tuple[str, Sequence[Sequence[float]]]  # a title, and rows of numbers
Floats = NDArray[np.float64]
EIGHTHS = " ▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
ROWS, COLUMNS = 8, 60
COLORS = ("#1f6fb4", "#d1495b", "#2e8b57", "#8e5ea2")
WIDTH, HEIGHT, LEFT, TOP, CELL, GAP = 640, 300, 60, 30, 10, 16


def curve(name: str, losses: Sequence[float], columns: int = COLUMNS) -> Text:
    """The losses as bars from 0 up, each the mean of a few iterations in a row."""
    bars = means(losses, columns)
    top = max(float(bars.max()), 1e-300)
    heights = np.rint(bars / top * 8 * ROWS).astype(int)
    lines = [Text(f"{name}: loss per image", style="bold")]
    for row in range(ROWS - 1, -1, -1):
        label = f"{top:9.3g}" if row == ROWS - 1 else f"{0:9}" if row == 0 else " " * 9
        bar = "".join(EIGHTHS[min(max(height - 8 * row, 0), 8)] for height in heights)
        lines.append(Text.assemble((label, "dim"), " │", (bar, "cyan")))
    last = str(len(losses))
    lines.append(Text(" " * 10 + "└" + "─" * len(bars), style="dim"))
    lines.append(Text(" " * 11 + "1" + last.rjust(max(len(bars) - 1, len(last) + 1)) + " iterations", style="dim"))
    return Text("\n").join(lines)


def means(losses: Sequence[float], columns: int) -> Floats:
    """At most `columns` means over equally many iterations."""
    parts = np.array_split(np.asarray(losses, dtype=float), min(columns, len(losses)))
    return np.array([part.mean() for part in parts])


def gallery(pictures: Sequence[Picture], room: int) -> Text:
    """Pictures side by side in `room` columns, each dark to light from its smallest number to its largest."""
    lines: list[str] = []
    waiting = list(pictures)
    while waiting:
        row: list[Picture] = []
        while waiting and (not row or sum(map(_columns, row)) + _columns(waiting[0]) <= room):
            row.append(waiting.pop(0))
        height = max(len(picture) for _, picture in row)
        lines.append("  ".join(title.ljust(_columns((title, picture)) - 2) for title, picture in row).rstrip())
        for number in range(height):
            cells = [
                "".join(2 * SHADES[shade] for shade in shades[number]).ljust(_columns((title, picture)) - 2)
                for (title, picture), shades in ((one, _shades(one[1])) for one in row)
            ]
            lines.append("  ".join(cells).rstrip())
        lines.append("")
    return Text("\n".join(lines).rstrip("\n"))


def _columns(picture: Picture) -> int:
    return max(2 * len(picture[1][0]), len(picture[0])) + 2


def _shades(picture: Sequence[Sequence[float]]) -> NDArray[np.intp]:
    return np.rint(scaled(picture) * (len(SHADES) - 1)).astype(np.intp)


def scaled(picture: Sequence[Sequence[float]]) -> Floats:
    """From 0 for the smallest number to 1 for the largest; what is not finite is 0."""
    values = np.nan_to_num(np.asarray(picture, dtype=float), posinf=0.0, neginf=0.0)
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def check_file(path: Path) -> None:
    """InputError where a picture cannot be written under this name: better told before the training than after."""
    if path.suffix.lower() not in (".svg", ".png"):
        raise InputError(f"{path} must end with .svg or .png: name a file of one of these kinds.")
    if path.suffix.lower() == ".png" and importlib.util.find_spec("matplotlib") is None:
        raise InputError(f"{path}: a PNG file needs Matplotlib, which is not installed: name an .svg file instead.")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}: make it first.")


def write(path: Path, curves: Curves, pictures: Sequence[Picture]) -> None:
    """Curves and pictures in one file, SVG or, with Matplotlib, PNG."""
    if path.suffix.lower() == ".png":
        _write_png(path, curves, pictures)
    else:
        path.write_text(svg(curves, pictures), encoding="utf-8")


def svg(curves: Curves, pictures: Sequence[Picture]) -> str:
    """A drawing of its own, without any library."""
    parts = list(_plot(curves)) if any(curves.values()) else []
    x, y, line = LEFT, TOP + HEIGHT + 50, 0
    for title, picture in pictures:
        width, height = CELL * len(picture[0]), CELL * len(picture)
        if x + width > LEFT + WIDTH:
            x, y, line = LEFT, y + line + 40, 0
        parts.append(f'<text x="{x}" y="{y - 4}">{escape(title)}</text>')
        for r, row in enumerate(scaled(picture)):
            for c, value in enumerate(row):
                grey = round(255 * float(value))
                parts.append(
                    f'<rect x="{x + CELL * c}" y="{y + CELL * r}" width="{CELL}" height="{CELL}" '
                    f'fill="rgb({grey},{grey},{grey})"/>'
                )
        x, line = x + max(width, 7 * len(title)) + GAP, max(line, height)
    size = f'width="{WIDTH + 2 * LEFT}" height="{y + line + TOP}"'
    style = 'font-family="sans-serif" font-size="12"'
    body = "\n".join(parts)
    background = '<rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{background}\n{body}\n</svg>\n'


def _plot(curves: Curves) -> list[str]:
    """Axes and one line for each network."""
    top = max(max(losses) for losses in curves.values() if losses) or 1.0
    longest = max(len(losses) for losses in curves.values())
    bottom = TOP + HEIGHT
    parts = [
        f'<path d="M{LEFT} {TOP}V{bottom}H{LEFT + WIDTH}" fill="none" stroke="black"/>',
        f'<text x="{LEFT - 6}" y="{TOP + 5}" text-anchor="end">{top:.3g}</text>',
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">0</text>',
        f'<text x="{LEFT + WIDTH}" y="{bottom + 16}" text-anchor="end">{longest} iterations</text>',
        f'<text x="{LEFT}" y="{TOP - 10}">loss per image</text>',
    ]
    for number, (name, losses) in enumerate(curves.items()):
        color = COLORS[number % len(COLORS)]
        points = " ".join(
            f"{LEFT + WIDTH * n / max(longest - 1, 1):.1f},{bottom - HEIGHT * loss / top:.1f}"
            for n, loss in enumerate(losses)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}"/>')
        parts.append(
            f'<text x="{LEFT + WIDTH}" y="{TOP + 16 * number}" fill="{color}" text-anchor="end">{escape(name)}</text>'
        )
    return parts


def _write_png(path: Path, curves: Curves, pictures: Sequence[Picture]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), layout="constrained")
    plot, below = figure.subfigures(2, 1, height_ratios=(2, 1))
    axes = plot.subplots()
    for name, losses in curves.items():
        axes.plot(range(1, len(losses) + 1), losses, label=name)
    axes.set(xlabel="iterations", ylabel="loss per image", ylim=(0, None))
    axes.legend()
    cells = below.subplots(1, max(len(pictures), 1), squeeze=False)[0]
    for cell in cells:
        cell.axis("off")
    for cell, (title, picture) in zip(cells, pictures, strict=False):
        cell.imshow(scaled(picture), cmap="gray")
        cell.set_title(title, fontsize=8)
    figure.savefig(path)
