"""Filters: a small kernel slides over a signal or an image (lectures A, D and E)."""

import math

import numpy as np

# Kernels for cross_correlate2d, as float64 arrays of shape (3, 3)
KERNELS = {
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
    raise NotImplementedError


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
    raise NotImplementedError


def convolve2d(image, kernel, padding=0, stride=1):
    """Slide a kernel, turned by 180 degrees, over an image; everything else as in cross_correlate2d."""
    raise NotImplementedError


def filter_rgb(image, kernel):
    """Cross-correlate each channel of an image with the same kernel: (y, x, 3) and (m, n) to (y', x', 3) (lecture E).

    No padding, stride 1, no rounding and no clipping: y' = y - m + 1, x' = x - n + 1.

    Raises:
        ValueError: the image is not (y, x, 3), the kernel not (m, n), or it does not fit in.
    """
    raise NotImplementedError


def filter_volume(image, kernel):
    """Cross-correlate a volume with a kernel of the same depth: (y, x, c) and (m, n, c) to (y', x') (lectures D, E).

    Products are added up over rows, columns and the depth. No padding, stride 1: y' = y - m + 1, x' = x - n + 1.

    Raises:
        ValueError: image or kernel has not three axes, their depths differ, or the kernel does not fit in.
    """
    raise NotImplementedError
