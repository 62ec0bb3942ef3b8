"""SciPy's correlations, asked for "valid" places of what was padded by hand."""

import numpy as np
from scipy import signal

_prewitt = np.outer([1.0, 1, 1], [1, 0, -1])
KERNELS = {
    "edge_detection": 9.0 * (np.arange(9) == 4).reshape(3, 3) - 1,
    "box_mean": np.full((3, 3), 1 / 9),
    "sharpen": 6.0 * np.pad([[1.0]], 1) - (np.abs(np.indices((3, 3)) - 1).sum(axis=0) < 2),
    "gaussian_blur": np.outer([0.25, 0.5, 0.25], [0.25, 0.5, 0.25]),
    "vertical_edge": _prewitt,
    "horizontal_edge": _prewitt.T,
    "sobel": np.outer([1.0, 2, 1], [1, 0, -1]),
    "scharr": np.outer([3.0, 10, 3], [1, 0, -1]),
}


def _floats(array, axes):
    array = np.array(array, dtype=np.float64)
    if array.ndim != axes or array.size == 0:
        raise ValueError(f"{axes} axes expected, got {array.shape}")
    return array


def _fits(image, kernel):
    if any(k > n for n, k in zip(image.shape, kernel.shape, strict=False)):
        raise ValueError(f"{kernel.shape} does not fit into {image.shape}")


def correlate1d(signal_, kernel, boundary="shrink"):
    x, k = _floats(signal_, 1), _floats(kernel, 1)
    if boundary == "pad":
        x = np.concatenate([np.zeros(len(k) // 2), x, np.zeros((len(k) - 1) // 2)])
    elif boundary != "shrink":
        raise ValueError(f"{boundary} is none of 2")
    _fits(x, k)
    return signal.correlate(x, k, mode="valid", method="direct")


def _numbers(value, least):
    pair = np.atleast_1d(value)
    if pair.size not in (1, 2) or (pair < least).any():
        raise ValueError(f"got {value}")
    return (int(pair[0]), int(pair[-1]))


def cross_correlate2d(image, kernel, padding=0, stride=1):
    x, k = _floats(image, 2), _floats(kernel, 2)
    p, s = _numbers(padding, 0), _numbers(stride, 1)
    x = np.pad(x, [(p[0],) * 2, (p[1],) * 2])
    _fits(x, k)
    return signal.correlate2d(x, k, mode="valid")[:: s[0], :: s[1]]


def convolve2d(image, kernel, padding=0, stride=1):
    x, k = _floats(image, 2), _floats(kernel, 2)
    p, s = _numbers(padding, 0), _numbers(stride, 1)
    x = np.pad(x, [(p[0],) * 2, (p[1],) * 2])
    _fits(x, k)
    return signal.convolve2d(x, k, mode="valid")[:: s[0], :: s[1]]


def filter_rgb(image, kernel):
    x, k = _floats(image, 3), _floats(kernel, 2)
    if x.shape[-1] != 3:
        raise ValueError(f"{x.shape} has not 3 channels")
    _fits(x, k)
    return np.dstack([signal.correlate2d(channel, k, mode="valid") for channel in np.moveaxis(x, -1, 0)])


def filter_volume(image, kernel):
    x, k = _floats(image, 3), _floats(kernel, 3)
    if x.shape[2] != k.shape[2]:
        raise ValueError(f"depths {x.shape[2]} and {k.shape[2]}")
    _fits(x, k)
    return signal.correlate(x, k, mode="valid", method="direct").squeeze(axis=2)
