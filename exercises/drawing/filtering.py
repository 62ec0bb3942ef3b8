"""Figures of filters that slide over images: how, at how many places, what they see, what comes out."""

from __future__ import annotations

import math

import numpy as np

from .reference import solution
from .svg import CELL, IMAGE, KERNEL, KINDS, Drawing, inside, number, of_four


def sliding_window() -> Drawing:
    """Four positions of a 2x2 kernel in a 3x3 image, each with its sum."""
    d = Drawing(720, 322, "A 2x2 kernel at its four positions in a 3x3 image; each gives one output.")
    outputs = solution("filters").cross_correlate2d(IMAGE, KERNEL)
    d.table(180, 44, KERNEL, title="kernel")
    d.table(460, 44, outputs, of_four, title="output")
    d.arrow((262, 76), (442, 76), "dim")
    d.text(352, 62, "one sum for each position", "small dim")
    for n, (i, j) in enumerate(np.ndindex(outputs.shape)):
        image = d.table(54 + n * 172, 166, IMAGE, inside(i, j, 2, 2, KINDS[n]))
        d.frame(image, i, j, 2, 2, KINDS[n])
        d.text(image.middle[0], 150, f"position ({i}, {j})", "small dim")
        pairs = zip(IMAGE[i : i + 2, j : j + 2].flat, KERNEL.flat, strict=True)
        products = " + ".join(f"{number(value)}·{number(weight)}" for value, weight in pairs)
        d.text(image.middle[0], image.bottom + 20, products, "small")
        d.text(image.middle[0], image.bottom + 40, f"= {number(outputs[i, j])}", f"bold {KINDS[n]}")
    return d


def ring_and_strides() -> Drawing:
    """A ring of zeros, the outputs for stride 1, and those that the strides (3, 2) keep."""
    d = Drawing(720, 250, "An image with a ring of zeros, the outputs for stride 1, and those for strides (3, 2).")
    strides = (3, 2)
    everything, kept = (solution("filters").cross_correlate2d(IMAGE, KERNEL, 1, stride) for stride in (1, strides))
    ring = lambda i, j: "" if 0 < i < 4 and 0 < j < 4 else "pad"  # noqa: E731
    padded = d.table(40, 50, np.pad(IMAGE, 1), ring, title="image, padding 1")
    for i, j in np.ndindex(kept.shape):
        d.frame(padded, i * strides[0], j * strides[1], 2, 2, of_four(i, j))
    middle = padded.middle[1]
    d.table(232, middle - CELL, KERNEL, title="kernel")
    d.arrow((310, middle), (356, middle), "dim")
    d.arrow((524, middle), (608, middle), "dim")
    stepped = lambda i, j: "" if i % 3 or j % 2 else of_four(i // 3, j // 2)  # noqa: E731
    d.table(376, middle - 2 * CELL, everything, stepped, title="stride 1")
    d.table(628, middle - CELL, kept, of_four, title="strides (3, 2)")
    d.text(566, middle - 14, "keeps", "small dim")
    d.text(padded.middle[0], padded.bottom + 20, "its windows for strides (3, 2)", "small dim")
    return d


def flipped_kernel() -> Drawing:
    """Convolution and correlation of a single 1."""
    d = Drawing(720, 250, "A single 1: convolution draws the kernel, cross-correlation draws it turned by 180 degrees.")
    filters = solution("filters")
    kernel, impulse = np.arange(1.0, 10.0).reshape(3, 3), np.zeros((5, 5))
    impulse[2, 2] = 1
    for left, name, kind in ((290, "convolve2d", "a"), (510, "cross_correlate2d", "b")):
        result = getattr(filters, name)(impulse, kernel, padding=1)
        table = d.table(left, 50, result, inside(1, 1, 3, 3, kind), title=name)
        same = (result[1:4, 1:4] == kernel).all()
        d.text(table.middle[0], table.bottom + 22, "the kernel" if same else "the kernel, turned", "small dim")
    d.table(30, 80, impulse, inside(2, 2, 1, 1, "c"), title="image", cell=20)
    d.table(156, 88, kernel, title="kernel", cell=28)
    d.arrow((250, 130), (280, 130), "dim")
    return d


def filtered_digit() -> Drawing:
    """A digit, its edges, and a blurred one, as grey images."""
    from sklearn.datasets import load_digits  # the author's extra; nothing else here needs it

    d = Drawing(720, 232, "A digit of 8x8 pixels, its vertical and its horizontal edges, and the digit blurred.")
    filters = solution("filters")
    digit = load_digits().images[0] / 16
    for n, name in enumerate(("", "vertical_edge", "horizontal_edge", "gaussian_blur")):
        result = filters.cross_correlate2d(digit, filters.KERNELS[name], padding=1) if name else digit
        signed = result.min() < -1e-9
        grey = 0.5 + result / (2 * abs(result).max()) if signed else result
        image = d.pixels(32 + 170 * n, 44, grey, 18)
        d.text(image.middle[0], 28, name or "a digit, 8x8")
        d.text(image.middle[0], image.bottom + 20, "grey is 0" if signed else "black is 0, white 1", "small dim")
    return d


def output_size() -> Drawing:
    """A filter of 3 on 7 values: strides that fit, one that does not, and padding that mends it."""
    d = Drawing(720, 470, "Where a filter of 3 stands on 7 pixels, with the strides 1, 2 and 3, and with padding 1.")
    n, f = 7, 3
    for top, stride, padding in ((50, 1, 0), (175, 2, 0), (285, 3, 0), (395, 3, 1)):
        cells = np.pad(np.arange(1.0, n + 1), padding)
        added = {k for k in range(cells.size) if not padding <= k < padding + n}
        row = d.table(82 - padding * CELL, top, [cells], lambda _, j, added=added: "pad" if j in added else "")
        places = solution("arithmetic").conv_output_size_floor(n, f, stride, 2 * padding)
        for k in range(places):
            d.bracket(row, k * stride, f, 10 + 10 * (k % math.ceil(f / stride)), KINDS[k % 4])
        d.text(50, top - 20, f"stride {stride}, padding {padding}", "left bold")
        d.text(400, top + 6, f"({n} + 2·{padding} - {f}) / {stride} + 1 = {quotient(n, f, stride, padding)}", "left")
        rest = cells.size - (places - 1) * stride - f
        d.text(400, top + 28, f"{rest} pixel is left over: illegal" if rest else f"{places} places", "left")
        if rest:
            d.frame(row, 0, cells.size - rest, 1, rest, "b dash")
    return d


def quotient(n: int, f: int, stride: int, padding: int) -> str:
    """The output size as the reference gives it, or the fraction for which it raises."""
    try:
        return str(solution("arithmetic").conv_output_size(n, f, stride, padding))
    except ValueError:
        return f"{(n + 2 * padding - f) / stride + 1:.2f}"


def receptive_field() -> Drawing:
    """One unit after two 3x3 layers sees 3x3 units and 5x5 pixels."""
    size = solution("arithmetic").receptive_field
    one, two = (size([(3, 1, 1)] * n) for n in (1, 2))
    d = Drawing(720, 290, f"One unit of the second layer sees {one}x{one} units of the first and {two}x{two} pixels.")
    empty = lambda n: [[None] * n] * n  # noqa: E731
    pixels = d.table(40, 50, empty(7), inside(1, 1, two, two, "a"), title="input", cell=26)
    first = d.table(330, 76, empty(5), inside(1, 1, one, one, "b"), title="after layer 1 (3x3)", cell=26)
    second = d.table(580, 102, empty(3), inside(1, 1, 1, 1, "c"), title="after layer 2 (3x3)", cell=26)
    d.frame(pixels, 1, 1, two, two, "a")
    d.frame(first, 1, 1, one, one, "b")
    d.frame(second, 1, 1, 1, 1, "c")
    for table, side in ((pixels, one), (first, 1)):
        d.frame(table, 1, 1, side, side, "d")
    for end in (0, 1):
        d.line([pixels.corner(1 + one * end, 1 + one), first.corner(1 + end, 1)], "d dash")
        d.line([first.corner(1 + one * end, 1 + one), second.corner(1 + end, 1)], "c dash")
    d.text(pixels.middle[0], pixels.bottom + 26, f"{two}x{two} pixels", "a")
    d.text(first.middle[0], pixels.bottom + 26, f"{one}x{one} units, each sees {one}x{one} pixels", "b")
    d.text(second.middle[0], pixels.bottom + 26, "one unit", "c")
    return d


def field_of_layers() -> Drawing:
    """Along one axis: two layers without and with a stride, and one with dilation."""
    d = Drawing(720, 260, "Which pixels one unit sees: behind two layers, with stride 2, and with dilation 2.")
    for left, layers in ((30, [(3, 1, 1)] * 2), (250, [(3, 2, 1)] * 2), (540, [(3, 1, 2)])):
        pyramid(d, left, layers)
    return d


def pyramid(d: Drawing, left: float, layers: list[tuple[int, int, int]], cell: float = 30) -> None:
    """One unit above, the units that it reads in each layer below it, down to the pixels."""
    field = solution("arithmetic").receptive_field(layers)
    units, steps, starts = [[0]], [1], [0.0]
    for kernel, stride, dilation in reversed(layers):
        units.insert(0, sorted({u * stride + q * dilation for u in units[0] for q in range(kernel)}))
    for kernel, stride, dilation in layers:
        starts.append(starts[-1] + steps[-1] * dilation * (kernel - 1) / 2)
        steps.append(steps[-1] * stride)
    top = 190 - 70 * len(layers)
    for level, (kernel, stride, dilation) in enumerate(layers):
        y = 190 - 70 * level
        for unit in units[level + 1]:
            for q in range(kernel):
                below = left + cell * (0.5 + starts[level] + steps[level] * (unit * stride + q * dilation))
                above = left + cell * (0.5 + starts[level + 1] + steps[level + 1] * unit)
                d.line([(below, y), (above, y - 70 + cell)], "dim")
    for level, row in enumerate(units):
        y = 190 - 70 * level
        for u in range(field) if level == 0 else row:
            x = left + cell * (starts[level] + steps[level] * u)
            d.box(x, y, cell, cell, f"cell {'abc'[level] if u in row else ''}")
    words = ", ".join(str(layer) for layer in layers)
    d.text(left + cell * field / 2, top - 16, words, "small")
    d.text(left + cell * field / 2, 190 + cell + 18, f"{field} pixels", "bold")


FIGURES = {
    "filters/sliding_window": sliding_window,
    "filters/ring_and_strides": ring_and_strides,
    "filters/flipped_kernel": flipped_kernel,
    "filters/filtered_digit": filtered_digit,
    "arithmetic/output_size": output_size,
    "arithmetic/receptive_field": receptive_field,
    "arithmetic/field_of_layers": field_of_layers,
}
