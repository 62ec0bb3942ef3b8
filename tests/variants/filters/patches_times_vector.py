"""im2col: every window becomes a row of a matrix, every kernel a vector."""

import numpy as np

KERNELS = {}
for _name, _numbers, _divisor in (
    ("edge_detection", (-1, -1, -1, -1, 8, -1, -1, -1, -1), 1),
    ("box_mean", (1,) * 9, 9),
    ("sharpen", (0, -1, 0, -1, 5, -1, 0, -1, 0), 1),
    ("gaussian_blur", (1, 2, 1, 2, 4, 2, 1, 2, 1), 16),
    ("vertical_edge", (1, 0, -1) * 3, 1),
    ("horizontal_edge", (1, 1, 1, 0, 0, 0, -1, -1, -1), 1),
    ("sobel", (1, 0, -1, 2, 0, -2, 1, 0, -1), 1),
    ("scharr", (3, 0, -3, 10, 0, -10, 3, 0, -3), 1),
):
    KERNELS[_name] = np.reshape(_numbers, (3, 3)) / _divisor


def rows_of_patches(image, size, stride=(1, 1)):
    """(y, x, ...) to a matrix of windows, (y' x', m n ...), and y', x'."""
    m, n = size
    tops = np.arange(0, image.shape[0] - m + 1, stride[0])
    lefts = np.arange(0, image.shape[1] - n + 1, stride[1])
    if not (len(tops) and len(lefts)):
        raise ValueError(f"{size} does not fit into {image.shape}")
    y = tops[:, None, None, None] + np.arange(m)[None, None, :, None]
    x = lefts[None, :, None, None] + np.arange(n)
    return image[y, x].reshape(len(tops) * len(lefts), -1), (len(tops), len(lefts))


def floats(array, axes):
    array = np.asarray(array, dtype="float64")
    if len(array.shape) != axes or array.size < 1:
        raise ValueError(f"shape {array.shape}")
    return array


def correlate1d(signal, kernel, boundary="shrink"):
    signal, kernel = floats(signal, 1), floats(kernel, 1)
    if boundary not in {"shrink", "pad"}:
        raise ValueError(f"{boundary}: neither of the 2")
    extra = kernel.size - 1 if boundary == "pad" else 0
    signal = np.pad(signal, (extra - extra // 2, extra // 2))
    patches, (count, _) = rows_of_patches(signal[:, None], (kernel.size, 1))
    return (patches @ kernel).reshape(count)


def cross_correlate2d(image, kernel, padding=0, stride=1):
    image, kernel = floats(image, 2), floats(kernel, 2)
    padding, stride = np.array(padding, dtype=int), np.array(stride, dtype=int)
    if padding.size > 2 or stride.size > 2 or np.any(padding < 0) or np.any(stride < 1):
        raise ValueError(f"padding {padding}, stride {stride}")
    p, s = np.broadcast_to(padding, 2), np.broadcast_to(stride, 2)
    patches, places = rows_of_patches(np.pad(image, np.column_stack([p, p])), kernel.shape, s)
    return np.dot(patches, kernel.flatten()).reshape(places)


def convolve2d(image, kernel, padding=0, stride=1):
    return cross_correlate2d(image, np.flip(floats(kernel, 2)), padding=padding, stride=stride)


def filter_rgb(image, kernel):
    image, kernel = floats(image, 3), floats(kernel, 2)
    if image.shape[2:] != (3,):
        raise ValueError(f"not RGB: {image.shape}")
    patches, places = rows_of_patches(image, kernel.shape)
    return np.tensordot(patches.reshape(*places, kernel.size, 3), kernel.ravel(), axes=([2], [0]))


def filter_volume(image, kernel):
    image, kernel = floats(image, 3), floats(kernel, 3)
    if image.shape[2] != kernel.shape[2]:
        raise ValueError(f"{image.shape}, {kernel.shape}")
    patches, places = rows_of_patches(image, kernel.shape[:2])
    return (patches @ kernel.ravel()).reshape(places)
