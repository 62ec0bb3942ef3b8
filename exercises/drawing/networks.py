"""Figures of networks and of training: residual block, normalization, crops, paths of optimizers."""

from __future__ import annotations

import math

import numpy as np

from .reference import solution
from .svg import CELL, KINDS, Drawing, inside, of_four


def residual_block() -> Drawing:
    """Two ways forwards and two ways back."""
    d = Drawing(
        720, 300, "A residual block: x goes through the layers and around them; the error comes back both ways."
    )
    y = 110
    for x, words in ((150, "layer"), (270, "layer"), (390, "layer")):
        d.box(x, y - 22, 80, 44, "cell a", round=6)
        d.text(x + 40, y, words)
    d.box(130, y - 40, 360, 80, "line dim dash", round=8)
    d.text(310, y + 54, "F(x)", "bold")
    d.ellipse(540, y, 15, 15)
    d.text(540, y, "+", "big")
    d.box(584, y - 20, 60, 40, "cell b", round=6)
    d.text(614, y, "ReLU")
    d.text(40, y - 16, "x", "bold")
    for start, end in ((30, 148), (230, 268), (350, 388), (470, 523), (555, 582), (644, 704)):
        d.arrow((start, y), (end, y))
    d.dot(90, y)
    d.line([(90, y), (90, 44), (540, 44), (540, y - 17)], tip=True)
    d.text(310, 30, "shortcut", "small dim")
    d.text(678, y - 16, "output", "small")
    back = 216
    d.line([(700, back), (622, back)], "d", tip=True)
    d.text(676, back - 14, "E", "d bold")
    d.text(622, back + 18, "0 where z is not", "small d")
    d.text(622, back + 34, "positive", "small d")
    d.line([(622, back), (540, back)], "d", tip=True)
    d.text(581, back - 14, "G", "d bold")
    d.line([(540, back), (100, back)], "d", tip=True)
    d.text(310, back - 14, "G, backwards through the layers", "small d")
    d.line([(540, back), (540, 262), (90, 262), (90, back + 8)], "d", tip=True)
    d.text(310, 278, "G, as it is", "small d")
    d.line([(86, back), (30, back)], "d", tip=True)
    d.text(50, back - 14, "their sum", "small d")
    return d


def normalization_sets() -> Drawing:
    """What shares a mean: a channel of all images, or of one."""
    d = Drawing(720, 330, "Batch normalization: one mean for each channel. Instance normalization: one for each map.")
    images, channels, side = 2, 2, 3
    layouts = (("BatchNormalization", lambda i, c: KINDS[c]), ("InstanceNormalization", of_four))
    for left, (name, kind) in zip((110, 450), layouts, strict=True):
        for i, c in np.ndindex(images, channels):
            d.table(left + 112 * c, 84 + 110 * i, [[None] * side] * side, inside(0, 0, side, side, kind(i, c)), cell=30)
        d.text(left + 101, 28, name, "bold")
        sets = len({kind(i, c) for i, c in np.ndindex(images, channels)})
        size = images * channels * side**2 // sets
        d.text(left + 101, 314, f"{sets} means, each of {size} numbers", "small")
        for n in range(2):
            d.text(left + 45 + 112 * n, 66, f"channel {n}", "small dim")
            d.text(left - 12, 129 + 110 * n, f"image {n}", "small dim right")
    return d


def crops() -> Drawing:
    """The middle of an image, and the pixels that a smaller one reads."""
    d = Drawing(720, 232, "A 4x5 image: the middle 2x2 pixels, and those that rescaling to 2x3 reads.")
    augmentation = solution("augmentation")
    image = np.array([[10 * i + j for j in range(5)] for i in range(4)], float)
    digits = lambda table: [[f"{int(v):02d}" for v in row] for row in table]  # noqa: E731
    functions = (("center_crop", (2, 2), 40, "a"), ("rescale_nearest", (2, 3), 380, "b"))
    for name, size, left, kind in functions:
        result = getattr(augmentation, name)(image[None, None] / 100, size)[0, 0] * 100
        read = {tuple(place) for value in np.rint(result).flat for place in np.argwhere(image == value)}
        source = d.table(left, 60, digits(image), lambda i, j, r=read, k=kind: k if (i, j) in r else "")
        d.text(left, 24, f"{name}(images, {size})", "left")
        d.arrow((source.right + 10, source.middle[1]), (source.right + 44, source.middle[1]), "dim")
        small = source.right + 54
        d.table(small, source.middle[1] - CELL, digits(np.rint(result)), inside(0, 0, *size, kind))
        rows, columns = (sorted({place[axis] for place in read}) for axis in (0, 1))
        words = f"rows {', '.join(map(str, rows))}; columns {', '.join(map(str, columns))}"
        d.text(left, source.bottom + 22, words, "left small dim")
    return d


def paths() -> Drawing:
    """Where three optimizers go in a narrow valley."""
    d = Drawing(720, 300, "Twenty steps in a narrow valley: plain descent zigzags, momentum goes further.")
    optimizers = solution("optimizers")
    steep = np.array([1.0, 20.0])
    shown = (
        ("Sgd(0.09)", optimizers.Sgd(0.09), "b"),
        ("SgdWithMomentum(0.03, 0.8)", optimizers.SgdWithMomentum(0.03, 0.8), "a"),
    )
    for left, (name, optimizer, kind) in zip((20, 370), shown, strict=True):
        x, y, scale = left + 262, 155, 40
        for level in (1, 2.5, 4.5, 7, 9):
            contour(d, (x, y), level * scale, level * scale / math.sqrt(20))
        w = np.array([-6.0, 1.5])
        points = [w]
        for _ in range(20):
            w = optimizer.calculate_update(w, steep * w)
            points.append(w)
        d.line([(x + scale * p[0], y - scale * p[1]) for p in points], kind)
        for p in points:
            d.dot(x + scale * p[0], y - scale * p[1], kind, 2.5)
        d.text(left + 165, 28, name, "bold")
        d.text(left + 165, 276, f"loss after 20 steps: {(steep * w * w).sum() / 2:.2g}", "small")
    return d


def contour(d: Drawing, middle: tuple[float, float], a: float, b: float) -> None:
    """An ellipse as far as it lies in the panel."""
    angles = np.linspace(math.acos(min(1, 262 / a)), math.acos(max(-1, -60 / a)), 25)
    across, up = -a * np.cos(angles), b * np.sin(angles)
    for sign in (1, -1):
        d.line([(middle[0] + dx, middle[1] + sign * dy) for dx, dy in zip(across, up, strict=True)], "dim")


FIGURES = {
    "residual/residual_block": residual_block,
    "normalization/sets": normalization_sets,
    "augmentation/crops": crops,
    "optimizers/paths": paths,
}
