"""Figures of layers on tables of numbers: convolution, pooling, matrices."""

from __future__ import annotations

import numpy as np

from .reference import solution
from .svg import CELL, IMAGE, KERNEL, KINDS, Drawing, inside, of_four


def padding_and_stride() -> Drawing:
    """An even kernel: the extra zeros, the outputs for stride 1, and which of them stride 2 keeps."""
    d = Drawing(720, 230, "The padded table, the outputs for stride 1, and those which stride 2 keeps.")
    everything, kept = (conv_of(IMAGE, KERNEL, stride) for stride in (1, 2))
    before = KERNEL.shape[0] // 2
    padded = np.pad(IMAGE, ((before, 0), (before, 0)))
    a = d.table(56, 50, padded, lambda i, j: "pad" if i < before or j < before else "", title="padded input")
    d.frame(a, 0, 0, 2, 2, "a")
    d.frame(a, 2, 2, 2, 2, "d")
    d.table(220, a.middle[1] - CELL, KERNEL, title="kernel")
    d.arrow((298, a.middle[1]), (356, a.middle[1]), "dim")
    corners = lambda i, j: of_four(i // 2, j // 2) if i % 2 == j % 2 == 0 else ""  # noqa: E731
    b = d.table(372, 66, everything, corners, title="output, stride 1")
    d.arrow((484, a.middle[1]), (576, a.middle[1]), "dim")
    d.text(530, a.middle[1] - 14, "every 2nd", "small dim")
    c = d.table(600, 82, kept, of_four, title="stride 2")
    d.text(a.middle[0], a.bottom + 26, "zeros above and on the left only", "small dim")
    d.text((b.x + c.right) / 2, a.bottom + 26, "the first row and column are kept, then every second", "small dim")
    return d


def conv_of(image: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """What the reference's layer makes of one image with one kernel and no bias."""
    layer = solution("conv").Conv(stride, (1, *kernel.shape), 1)
    layer.weights, layer.bias = kernel[None, None], np.zeros(1)
    return layer.forward(image[None, None])[0, 0]


def max_routes() -> Drawing:
    """Where maxima come from, and where their errors go: apart, and in overlapping windows."""
    d = Drawing(720, 390, "Max pooling: each window's maximum goes forwards; its error goes back to where it stood.")
    image = np.array([[3.0, 1, 3, 5], [6, 0, 7, 9], [3, 2, 1, 4], [0, 2, 4, 3]])
    maxima, gradient, places = pooled(image, (2, 2), (2, 2), np.array([[10.0, 20], [30, 40]]))
    winners = {divmod(place, 4): KINDS[n] for n, place in enumerate(places.flat)}
    top, bottom = 50, 228
    for y, values, ends in ((top, image, "forward"), (bottom, gradient, "backward")):
        table = d.table(40, y, values, lambda i, j: winners.get((i, j), ""), title="")
        for i, j in np.ndindex(2, 2):
            d.frame(table, 2 * i, 2 * j, 2, 2, "dim")
        d.text(40, y - 16, "input" if ends == "forward" else "input gradient", "left")
        small = d.table(270, y + CELL, maxima if ends == "forward" else [[10, 20], [30, 40]], of_four)
        d.text(small.middle[0], small.y - 16, "maxima" if ends == "forward" else "errors")
        here, there = (180, table.middle[1]), (258, table.middle[1])
        d.arrow(*((here, there) if ends == "forward" else (there, here)), "dim")
        d.text(219, table.middle[1] - 14, ends, "small dim")
    overlapping(d, 430, top)
    d.text(40, 374, "2x2 windows, stride 2; the tie 4, 4 goes to the first", "left small dim")
    d.line([(385, 30), (385, 360)], "dim dash")
    return d


def overlapping(d: Drawing, left: float, top: float) -> None:
    """Two windows with the same winner: its errors are added."""
    maxima, gradient, _ = pooled(np.array([[1.0, 5, 2]]), (1, 1), (1, 2), np.array([[1.0, 10]]))
    d.text(left, top - 16, "1x2 windows, stride 1", "left")
    a = d.table(left + 20, top + 20, [[1, 5, 2]], lambda _, j: "c" if j == 1 else "", cell=40)
    b = d.table(left + 160, top + 20, maxima, lambda _, j: "ab"[j], cell=40)
    d.bracket(a, 0, 2, 12, "a")
    d.bracket(a, 1, 2, 22, "b")
    d.text(b.middle[0], b.bottom + 16, "maxima", "small dim")
    e = d.table(left + 90, top + 150, [[1, 10]], lambda _, j: "ab"[j], cell=40, title="errors")
    g = d.table(left + 70, top + 240, gradient, lambda _, j: "c" if j == 1 else "", cell=40)
    for j, kind in enumerate("ab"):
        x, y = e.centre(0, j)
        d.line([(x, y + 22), (g.centre(0, 1)[0] + 8 * (j - 0.5), g.y - 2)], kind, tip=True)
    d.text(g.middle[0], g.bottom + 20, "input gradient: both errors go to the 5", "small dim")


def pooled(image: np.ndarray, stride: tuple, window: tuple, error: np.ndarray) -> tuple:
    """The reference's maxima, input gradient and indices of one channel."""
    layer = solution("pooling").MaxPooling(stride, window)
    maxima = layer.forward(image[None, None])
    return maxima[0, 0], layer.backward(error[None, None])[0, 0], layer.indices[0, 0]


def im2col() -> Drawing:
    """The windows of an image as the columns of a matrix; the kernel as a row."""
    d = Drawing(720, 290, "im2col: each window becomes a column; the kernel as a row gives all outputs at once.")
    columns = solution("conv_matrix").im2col(IMAGE[None, None], 2, 1)[0]
    for n, (i, j) in enumerate(np.ndindex(2, 2)):
        image = d.table(40 + j * 120, 56 + i * 112, IMAGE, inside(i, j, 2, 2, KINDS[n]), cell=28)
        d.frame(image, i, j, 2, 2, KINDS[n])
    d.text(142, 34, "image, and its four windows")
    matrix = d.table(470, 50, columns, lambda _, j: KINDS[j], title="im2col(image)")
    row = d.table(310, 50 + 1.5 * CELL, KERNEL.reshape(1, -1), title="kernel as a row")
    d.text(454, row.middle[1], "@")
    product = d.table(470, 222, KERNEL.reshape(1, -1) @ columns, lambda _, j: KINDS[j])
    d.text(452, product.middle[1], "=")
    d.text(604, product.middle[1], "the four outputs", "left small dim")
    for n, (i, j) in enumerate(np.ndindex(2, 2)):
        d.text(matrix.centre(0, n)[0], matrix.bottom + 14, f"{i}, {j}", "small dim")
    d.text(604, matrix.bottom + 14, "window", "left small dim")
    return d


def convolution_matrix() -> Drawing:
    """The matrix of a kernel: a row for each output, a column for each pixel."""
    d = Drawing(720, 310, "The matrix of a 3x3 kernel on a 4x4 image: a row for each output, a column for each pixel.")
    kernel = np.arange(1.0, 10.0).reshape(3, 3)
    matrix = solution("conv_matrix").convolution_matrix(kernel, (4, 4))
    d.table(38, 48, kernel, title="kernel", cell=28)
    d.table(24, 178, np.arange(16).reshape(4, 4), lambda i, j: "pad", title="pixels, by number", cell=28)
    cells = [[value or None for value in row] for row in matrix]
    c = d.table(180, 106, cells, lambda i, j: KINDS[i] if matrix[i, j] else "", cell=28)
    for j in range(16):
        d.text(c.centre(0, j)[0], c.y - 14, j, "small dim")
    for i, (row, column) in enumerate(np.ndindex(2, 2)):
        d.text(c.right + 10, c.centre(i, 0)[1], f"({row}, {column})", "left small dim")
    d.text(c.right + 10, c.y - 14, "output", "left small dim")
    d.text(c.middle[0], 66, "C: one column for each pixel; empty cells are 0")
    d.text(c.middle[0], c.bottom + 26, "outputs = C @ image.ravel()")
    d.text(c.middle[0], c.bottom + 50, "gradient of the image = C.T @ errors")
    return d


FIGURES = {
    "conv/padding_and_stride": padding_and_stride,
    "pooling/max_routes": max_routes,
    "conv_matrix/im2col": im2col,
    "conv_matrix/convolution_matrix": convolution_matrix,
}
