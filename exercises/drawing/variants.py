"""Figures of the variants of the convolution: dilation and groups, transposed convolution, upsampling."""

from __future__ import annotations

import numpy as np

from .reference import solution
from .svg import Drawing, Table, inside, number, of_four


def dilation_and_groups() -> Drawing:
    """The pixels that a dilated kernel reads; the channels that the kernels of a group see."""
    d = Drawing(720, 250, "The nine pixels of a 3x3 kernel with dilation 1 and 2; four kernels in 1, 2 and 4 groups.")
    for left, dilation, kind in ((24, 1, "a"), (184, 2, "b")):
        read = pixels_read(7, dilation)
        shown = lambda i, j, read=read, kind=kind: kind if read[i, j] else ""  # noqa: E731
        table = d.table(left, 60, [[None] * 7] * 7, shown, title=f"dilation {dilation}", cell=20)
        reach = np.ptp(np.flatnonzero(read.any(axis=0))) + 1
        d.text(table.middle[0], table.bottom + 20, f"{read.sum()} weights over {reach}x{reach}", "small dim")
    for left, groups in ((366, 1), (486, 2), (606, 4)):
        group_lines(d, left, groups)
    d.text(536, 220, "channels of the input (left), 3x3 kernels (right)", "small dim")
    return d


def pixels_read(side: int, dilation: int) -> np.ndarray:
    """Where the input gradient of the middle output is not 0."""
    layer = solution("conv_variants").Conv2d(1, 1, 3, dilation=dilation)
    layer.weights = np.ones((1, 1, 3, 3))
    error = np.zeros_like(layer.forward(np.zeros((1, 1, side, side))))
    error[0, 0, error.shape[2] // 2, error.shape[3] // 2] = 1
    return layer.backward(error)[0, 0] != 0


def group_lines(d: Drawing, left: float, groups: int) -> None:
    """Four channels, four kernels, and a line for each slice of weights."""
    layer = solution("conv_variants").Conv2d(4, 4, 3, groups=groups)
    block = 4 // groups
    for k in range(4):
        for c in range(layer.weights.shape[1]):
            channel = k // block * block + c
            d.line([(left + 18, 78 + 32 * channel), (left + 72, 78 + 32 * k)], "dim")
    for n in range(4):
        kind = "abcd"[n // block]
        d.box(left, 68 + 32 * n, 18, 20, f"cell {kind}")
        d.box(left + 72, 68 + 32 * n, 18, 20, f"cell {kind}")
    d.text(left + 45, 46, f"{groups} group{'s' if groups > 1 else ''}")
    d.text(left + 45, 198, f"{layer.weights.size} weights", "small")


def transposed_convolution() -> Drawing:
    """Each input value pastes the kernel, times itself, into the output; overlaps are added."""
    d = Drawing(720, 390, "A transposed convolution: four weighted copies of the kernel are pasted and added.")
    image, kernel = np.array([[1.0, 1], [2, 3]]), np.array([[1.0, 2], [3, 4]])
    d.table(40, 70, image, of_four, title="input")
    d.table(160, 70, kernel, title="kernel")
    d.text(132, 102, "×")
    d.table(500, 46, pasted(image, kernel, 2), lambda i, j: of_four(i // 2, j // 2), title="stride 2")
    d.arrow((250, 102), (484, 102), "dim")
    d.text(367, 88, "with stride 2 nothing overlaps", "small dim")
    d.text(40, 212, "With stride 1 the copies overlap and are added:", "left")
    for n, (i, j) in enumerate(np.ndindex(2, 2)):
        alone = np.where(np.arange(4).reshape(2, 2) == n, image, 0)
        copy = [[value or None for value in row] for row in pasted(alone, kernel, 1)]
        part = d.table(40 + 136 * n, 256, copy, inside(i, j, 2, 2, "abcd"[n]), cell=30)
        d.text(part.middle[0], 242, f"{number(image[i, j])} × kernel", "small dim")
        d.text(part.right + 23, part.middle[1], "=" if n == 3 else "+")
    total = d.table(584, 256, pasted(image, kernel, 1), cell=30)
    d.text(total.middle[0], 242, "stride 1", "")
    overlaps(d, total)
    products = " + ".join(f"{number(w)}·{number(v)}" for v, w in zip(image.flat, kernel.flat[::-1], strict=True))
    d.text(total.right, 366, f"in the middle: {products} = {number(pasted(image, kernel, 1)[1, 1])}", "right small")
    return d


def overlaps(d: Drawing, table: Table) -> None:
    """The middle row and column, which several copies reach."""
    d.frame(table, 1, 0, 1, 3, "dim dash")
    d.frame(table, 0, 1, 3, 1, "dim dash")


def pasted(image: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """The reference's transposed convolution of one image with one kernel and no bias."""
    layer = solution("conv_variants").TransposedConv2d(1, 1, kernel.shape, stride=stride)
    layer.weights, layer.bias = kernel[None, None], np.zeros(1)
    return layer.forward(image[None, None])[0, 0]


def upsampling() -> Drawing:
    """The same four values enlarged in three ways."""
    d = Drawing(720, 222, "Four values enlarged to 4x4: copied, mixed, and put back to where maxima were.")
    variants = solution("conv_variants")
    image, indices = np.array([[4.0, 8], [12, 16]]), np.array([[4, 7], [8, 11]])
    d.table(32, 86, image, of_four, title="input")
    kinds = {value: of_four(*place) for place, value in np.ndenumerate(image)}
    shown = {
        "NearestUpsampling": variants.NearestUpsampling(2).forward(image[None, None]),
        "BilinearUpsampling": variants.BilinearUpsampling(2).forward(image[None, None]),
        "MaxUnpooling": variants.MaxUnpooling().forward(image[None, None], indices[None, None], (4, 4)),
    }
    for left, (name, result) in zip((150, 340, 530), shown.items(), strict=True):
        d.table(left, 54, result[0, 0], lambda i, j, v=result[0, 0]: kinds.get(v[i, j], ""), title=name)
    d.text(594, 200, f"indices {' '.join(map(str, indices.flat))}", "small dim")
    d.text(404, 200, "the corners keep their values", "small dim")
    return d


FIGURES = {
    "conv_variants/dilation_and_groups": dilation_and_groups,
    "conv_variants/transposed_convolution": transposed_convolution,
    "conv_variants/upsampling": upsampling,
}
