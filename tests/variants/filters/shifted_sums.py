"""The image is shifted under each number of the kernel: a loop over the kernel, none over the image."""

import numpy as np

EDGE = np.array([1.0, 0.0, -1.0])
CROSS = np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
KERNELS = {
    "edge_detection": 8 * np.pad([[1.0]], 1) - (1 - np.pad([[1.0]], 1)),
    "box_mean": np.ones((3, 3)) * (1 / 9),
    "sharpen": 5 * np.pad([[1.0]], 1) - CROSS,
    "gaussian_blur": np.array([1.0, 2, 1]) * np.array([[1.0], [2], [1]]) / 16,
    "vertical_edge": np.tile(EDGE, (3, 1)),
    "horizontal_edge": np.tile(EDGE[:, None], (1, 3)),
    "sobel": np.array([[1.0], [2], [1]]) * EDGE,
    "scharr": np.array([[3.0], [10], [3]]) * EDGE,
}


def shifted(volume, kernel):
    """(y, x, c) and (m, n, c or 1) to (y', x', c): products added up over rows and columns."""
    m, n = kernel.shape[:2]
    height, width = volume.shape[0] - m + 1, volume.shape[1] - n + 1
    if height < 1 or width < 1:
        raise ValueError(f"kernel {kernel.shape} is larger than {volume.shape}")
    total = np.zeros((height, width, volume.shape[2]))
    for u, v in np.ndindex(m, n):
        total += volume[u : u + height, v : v + width] * kernel[u, v]
    return total


def made(array, axes, what):
    array = np.asarray(array).astype(float)
    if array.ndim != axes or not all(array.shape):
        raise ValueError(f"{what} has shape {array.shape}, {axes} axes wanted")
    return array


def correlate1d(signal, kernel, boundary="shrink"):
    signal, kernel = made(signal, 1, "signal"), made(kernel, 1, "kernel")
    match boundary:
        case "shrink":
            padded = signal
        case "pad":
            padded = np.zeros(len(signal) + len(kernel) - 1)
            start = len(kernel) - 1 - (len(kernel) - 1) // 2
            padded[start : start + len(signal)] = signal
        case _:
            raise ValueError(f"boundary {boundary} (of 2)")
    return shifted(padded[:, None, None], kernel[:, None, None])[:, 0, 0]


def both(value, least):
    first, second = value if np.ndim(value) else (value, value)
    if first < least or second < least:
        raise ValueError(f"{value} is below {least}")
    return int(first), int(second)


def cross_correlate2d(image, kernel, padding=0, stride=1):
    image, kernel = made(image, 2, "image"), made(kernel, 2, "kernel")
    (p, q), (s, t) = both(padding, 0), both(stride, 1)
    ring = np.zeros((image.shape[0] + 2 * p, image.shape[1] + 2 * q))
    ring[p : p + image.shape[0], q : q + image.shape[1]] = image
    return shifted(ring[..., None], kernel[..., None])[::s, ::t, 0]


def convolve2d(image, kernel, padding=0, stride=1):
    return cross_correlate2d(image, np.rot90(made(kernel, 2, "kernel"), 2), padding, stride)


def filter_rgb(image, kernel):
    image, kernel = made(image, 3, "image"), made(kernel, 2, "kernel")
    if image.shape[2] != 3:
        raise ValueError(f"{image.shape[2]} channels")
    return shifted(image, kernel[:, :, None])


def filter_volume(image, kernel):
    image, kernel = made(image, 3, "image"), made(kernel, 3, "kernel")
    if image.shape[2] != kernel.shape[2]:
        raise ValueError(f"{image.shape[2]} channels, {kernel.shape[2]} slices")
    return shifted(image, kernel).sum(axis=-1)
