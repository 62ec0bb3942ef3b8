"""Filters: a small kernel slides over a signal or an image (lectures A, D and E)."""

import math

import numpy as np

# Kernels for cross_correlate2d, as float64 arrays of shape (3, 3)
KERNELS = {
    # BEGIN SOLUTION
    "edge_detection": np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
    "box_mean": np.ones((3, 3)) / 9,
    "sharpen": np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "gaussian_blur": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    "vertical_edge": np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]]),
    "horizontal_edge": np.array([[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]]),
    "sobel": np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]),
    "scharr": np.array([[3.0, 0, -3], [10, 0, -10], [3, 0, -3]]),
    # END SOLUTION
}


def correlate1d(signal, kernel, boundary="shrink"):
    """Slide a kernel over a signal without turning it round: output[i] = sum_j signal[i + j] * kernel[j] (lecture A).

    Args:
        signal: (n,).
        kernel: (k,).
        boundary: "shrink" keeps only the places where the kernel lies inside, (n - k + 1,); "pad" puts zeros around the
            signal, ceil((k - 1) / 2) before and floor((k - 1) / 2) after, so that the output is (n,).

    Raises:
        ValueError: boundary is something else, signal or kernel has not one axis or is empty, or the kernel does not
            fit in.
    """
    # BEGIN SOLUTION
    signal, kernel = _array(signal, 1, "signal"), _array(kernel, 1, "kernel")
    if boundary not in ("shrink", "pad"):
        raise ValueError(f"boundary must be 'shrink' or 'pad', got {boundary!r}")
    if boundary == "pad":
        signal = np.pad(signal, (math.ceil((kernel.size - 1) / 2), (kernel.size - 1) // 2))
    if kernel.size > signal.size:
        raise ValueError(f"a kernel of {kernel.size} does not fit into a signal of {signal.size}")
    windows = np.lib.stride_tricks.sliding_window_view(signal, kernel.size)
    return windows @ kernel
    # END SOLUTION


def cross_correlate2d(image, kernel, padding=0, stride=1):
    """Slide a kernel over an image without turning it round (lecture D, "2-D convolution").

    output[i, j] = sum_uv padded[i s + u, j t + v] * kernel[u, v], with strides s and t.

    Args:
        image: (y, x).
        kernel: (m, n).
        padding: int, or pair (rows, columns): zeros on each of the two sides.
        stride: int, or pair (rows, columns).

    Returns:
        (y', x') with y' = floor((y + 2 padding - m) / s) + 1, x' likewise.

    Raises:
        ValueError: image or kernel has not two axes, the kernel does not fit into the padded image, or padding or
            stride is no int or pair, or too small.
    """
    # BEGIN SOLUTION
    image, kernel = _array(image, 2, "image"), _array(kernel, 2, "kernel")
    rows, columns = _pair(padding, 0, "padding")
    step_down, step_right = _pair(stride, 1, "stride")
    padded = np.pad(image, ((rows, rows), (columns, columns)))
    return np.einsum("yxmn,mn->yx", _windows(padded, kernel.shape)[::step_down, ::step_right], kernel)
    # END SOLUTION


def convolve2d(image, kernel, padding=0, stride=1):
    """Slide a kernel, turned by 180 degrees, over an image; everything else as in cross_correlate2d."""
    # BEGIN SOLUTION
    turned = _array(kernel, 2, "kernel")[::-1, ::-1]
    return cross_correlate2d(image, turned, padding, stride)
    # END SOLUTION


def filter_rgb(image, kernel):
    """Cross-correlate each channel of an image with the same kernel: (y, x, 3) and (m, n) to (y', x', 3) (lecture E).

    No padding, stride 1, no rounding and no clipping: y' = y - m + 1, x' = x - n + 1.

    Raises:
        ValueError: the image is not (y, x, 3), the kernel not (m, n), or it does not fit in.
    """
    # BEGIN SOLUTION
    image, kernel = _array(image, 3, "image"), _array(kernel, 2, "kernel")
    if image.shape[2] != 3:
        raise ValueError(f"image must have shape (y, x, 3), got {image.shape}")
    return np.einsum("yxcmn,mn->yxc", _windows(image, kernel.shape), kernel)
    # END SOLUTION


def filter_volume(image, kernel):
    """Cross-correlate a volume with a kernel of the same depth: (y, x, c) and (m, n, c) to (y', x') (lectures D, E).

    Products are added up over rows, columns and the depth. No padding, stride 1: y' = y - m + 1, x' = x - n + 1.

    Raises:
        ValueError: image or kernel has not three axes, their depths differ, or the kernel does not fit in.
    """
    # BEGIN SOLUTION
    image, kernel = _array(image, 3, "image"), _array(kernel, 3, "kernel")
    if image.shape[2] != kernel.shape[2]:
        raise ValueError(f"image and kernel have different depths: shapes {image.shape} and {kernel.shape}")
    return np.einsum("yxcmn,mnc->yx", _windows(image, kernel.shape[:2]), kernel)
    # END SOLUTION


# BEGIN SOLUTION
def _array(values, axes, name):
    """Return a float array after checking its number of axes."""
    array = np.asarray(values, dtype=float)
    if array.ndim != axes or not array.size:
        raise ValueError(f"{name} must have {axes} axes and not be empty, got shape {array.shape}")
    return array


def _windows(image, shape):
    """Return all windows of the first two axes as a view: (y, x, ...) to (y', x', ..., m, n)."""
    if shape[0] > image.shape[0] or shape[1] > image.shape[1]:
        raise ValueError(f"a kernel of shape {shape} does not fit into an image of shape {image.shape}")
    return np.lib.stride_tricks.sliding_window_view(image, shape, axis=(0, 1))


def _pair(value, least, name):
    """Return an int of at least `least`, or a pair of such ints, as (rows, columns)."""
    values = (value, value) if np.ndim(value) == 0 else tuple(value)
    whole = all(isinstance(v, (int, np.integer, np.bool_)) and v >= least for v in values)
    if len(values) != 2 or not whole:
        raise ValueError(f"{name} must be a whole number of at least {least} or a pair of them, got {value!r}")
    return int(values[0]), int(values[1])


# END SOLUTION
