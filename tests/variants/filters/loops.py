"""One loop for every axis, numbers added one by one."""

import numpy as np

KERNELS = {
    "edge_detection": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], dtype=float),
    "box_mean": np.array([[1 / 9] * 3] * 3),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], dtype=float),
    "gaussian_blur": np.array([[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]]),
    "vertical_edge": np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]], dtype=float),
    "horizontal_edge": np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], dtype=float),
    "sobel": np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]], dtype=float),
    "scharr": np.array([[3, 0, -3], [10, 0, -10], [3, 0, -3]], dtype=float),
}


def axes(array, count):
    shape = np.shape(array)
    if len(shape) != count or 0 in shape:
        raise ValueError(f"shape {shape} with {len(shape)} axes")
    return shape


def correlate1d(signal, kernel, boundary="shrink"):
    (n,), (k,) = axes(signal, 1), axes(kernel, 1)
    if boundary == "shrink":
        before, places = 0, n - k + 1
    elif boundary == "pad":
        before, places = k // 2, n
    else:
        raise ValueError(f"boundary {boundary!r} of 2")
    if places < 1:
        raise ValueError(f"kernel {k}, signal {n}")
    output = np.zeros(places)
    for i in range(places):
        for j in range(k):
            place = i + j - before
            if 0 <= place < n:
                output[i] += float(signal[place]) * float(kernel[j])
    return output


def pair(value, least):
    values = list(value) if isinstance(value, (list, tuple)) else [value, value]
    if len(values) != 2 or min(values) < least:
        raise ValueError(f"{value}")
    return values


def cross_correlate2d(image, kernel, padding=0, stride=1):
    (height, width), (m, n) = axes(image, 2), axes(kernel, 2)
    (top, left), (down, right) = pair(padding, 0), pair(stride, 1)
    rows, columns = (height + 2 * top - m) // down + 1, (width + 2 * left - n) // right + 1
    if height + 2 * top < m or width + 2 * left < n:
        raise ValueError(f"kernel {m}x{n} in {height}x{width}")
    output = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            total = 0.0
            for u in range(m):
                for v in range(n):
                    y, x = i * down + u - top, j * right + v - left
                    if 0 <= y < height and 0 <= x < width:
                        total += float(image[y][x]) * float(kernel[u][v])
            output[i, j] = total
    return output


def convolve2d(image, kernel, padding=0, stride=1):
    m, n = axes(kernel, 2)
    turned = np.zeros((m, n))
    for u in range(m):
        for v in range(n):
            turned[m - 1 - u, n - 1 - v] = kernel[u][v]
    return cross_correlate2d(image, turned, padding, stride)


def filter_rgb(image, kernel):
    if axes(image, 3)[2] != 3:
        raise ValueError(f"{np.shape(image)}")
    image = np.asarray(image)
    return np.stack([cross_correlate2d(image[:, :, c], kernel) for c in range(3)], axis=-1)


def filter_volume(image, kernel):
    depth = axes(image, 3)[2]
    if axes(kernel, 3)[2] != depth:
        raise ValueError(f"{np.shape(image)} and {np.shape(kernel)}")
    total = 0.0
    for c in range(depth):
        total = total + cross_correlate2d(np.asarray(image)[:, :, c], np.asarray(kernel)[:, :, c])
    return total
