"""Products of Fourier transforms; correlations are convolutions with the kernel turned round."""

import numpy as np

KERNELS = {
    name: np.array([row.split() for row in text.split("/")], dtype=np.float64) / divisor
    for name, text, divisor in [
        ("edge_detection", "-1 -1 -1 / -1 8 -1 / -1 -1 -1", 1),
        ("box_mean", "1 1 1 / 1 1 1 / 1 1 1", 9),
        ("sharpen", "0 -1 0 / -1 5 -1 / 0 -1 0", 1),
        ("gaussian_blur", "1 2 1 / 2 4 2 / 1 2 1", 16),
        ("vertical_edge", "1 0 -1 / 1 0 -1 / 1 0 -1", 1),
        ("horizontal_edge", "1 1 1 / 0 0 0 / -1 -1 -1", 1),
        ("sobel", "1 0 -1 / 2 0 -2 / 1 0 -1", 1),
        ("scharr", "3 0 -3 / 10 0 -10 / 3 0 -3", 1),
    ]
}


def valid(image, kernel):
    """Convolution (kernel turned) over all axes, where the kernel lies inside."""
    if image.ndim != kernel.ndim or 0 in (*image.shape, *kernel.shape):
        raise ValueError(f"shapes {image.shape}, {kernel.shape}")
    if any(k > n for n, k in zip(image.shape, kernel.shape, strict=True)):
        raise ValueError(f"{kernel.shape} is larger than {image.shape}")
    size = [n + k - 1 for n, k in zip(image.shape, kernel.shape, strict=True)]
    axes = range(image.ndim)
    full = np.fft.ifftn(np.fft.fftn(image, size, axes) * np.fft.fftn(kernel, size, axes)).real
    return full[tuple(slice(k - 1, n) for n, k in zip(image.shape, kernel.shape, strict=True))].copy()


def correlate1d(signal, kernel, boundary="shrink"):
    signal, kernel = np.array(signal, dtype=float), np.array(kernel, dtype=float)
    if signal.ndim != 1 or kernel.ndim != 1:
        raise ValueError(f"shapes {signal.shape}, {kernel.shape}")
    zeros = {"shrink": (0, 0), "pad": (len(kernel) // 2, max(len(kernel) - 1, 0) // 2)}
    if boundary not in zeros:
        raise ValueError(f"{boundary} is none of {len(zeros)}")
    return valid(np.pad(signal, zeros[boundary]), np.flip(kernel))


def convolve2d(image, kernel, padding=0, stride=1):
    image, kernel = np.array(image, dtype=float), np.array(kernel, dtype=float)
    if image.ndim != 2 or kernel.ndim != 2:
        raise ValueError(f"shapes {image.shape}, {kernel.shape}")
    pairs = []
    for value, least in ((padding, 0), (stride, 1)):
        pair = [int(v) for v in np.ravel([value, value] if np.isscalar(value) else value)]
        if len(pair) != 2 or min(pair) < least:
            raise ValueError(f"{value}")
        pairs.append(pair)
    (p, q), (s, t) = pairs
    return valid(np.pad(image, ((p, p), (q, q))), kernel)[::s, ::t]


def cross_correlate2d(image, kernel, padding=0, stride=1):
    return convolve2d(image, np.flip(np.asarray(kernel)), padding, stride)


def filter_rgb(image, kernel):
    image, kernel = np.array(image, dtype=float), np.array(kernel, dtype=float)
    if kernel.ndim != 2 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"shapes {image.shape}, {kernel.shape}")
    return valid(image, np.flip(kernel)[:, :, np.newaxis])


def filter_volume(image, kernel):
    image, kernel = np.array(image, dtype=float), np.array(kernel, dtype=float)
    if kernel.ndim != 3 or image.ndim != 3 or image.shape[2] != kernel.shape[2]:
        raise ValueError(f"shapes {image.shape}, {kernel.shape}")
    return valid(image, np.flip(kernel))[:, :, 0]
