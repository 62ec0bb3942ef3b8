"""Pooling layers: summarise windows of each channel of images (b, c, y, x) (lectures A, C, D; blur: lecture E)."""

import numpy as np

BLUR_KERNEL = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16


class MaxPooling:
    """Keep the largest value of each window; "the winner takes it all" in the backward pass (lecture C).

    Windows lie entirely inside the image ("valid"): an axis of n values gives floor((n - k) / s) + 1 windows of size
    k, s apart. They may overlap (stride < size) or leave gaps (stride > size).

    Args:
        stride_shape: int, or pair (rows, columns).
        pooling_shape: int, or pair (rows, columns): the size of a window.

    Attributes:
        trainable: False.
        indices: after `forward`, an int array shaped like the output: where in its channel each maximum lies, counted
            in row-major order (row * width + column). Of equal maxima, the first in that order wins.

    Raises:
        ValueError: a shape is not a positive int or a pair of them, or (in `forward`) the input is not (b, c, y, x)
            or smaller than a window.
    """

    trainable = False

    def __init__(self, stride_shape, pooling_shape):
        # BEGIN SOLUTION
        self.stride_shape = _pair(stride_shape, "stride_shape")
        self.pooling_shape = _pair(pooling_shape, "pooling_shape")
        self.indices = None
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the maxima, (b, c, y, x) to (b, c, y', x'), and store their positions in `indices`."""
        # BEGIN SOLUTION
        images = _images(input_tensor)
        self._input_shape = images.shape
        windows = _windows(images, self.pooling_shape, self.stride_shape)
        batch, channels, rows, columns, m, n = windows.shape
        flat_windows = windows.reshape(batch, channels, rows, columns, m * n)
        winner = flat_windows.argmax(axis=4)
        winner_row = winner // n + self.stride_shape[0] * np.arange(rows)[:, np.newaxis]
        winner_column = winner % n + self.stride_shape[1] * np.arange(columns)
        self.indices = winner_row * images.shape[3] + winner_column
        return flat_windows.max(axis=4)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput: each error at the position of its maximum, errors of overlapping windows added, else 0."""
        # BEGIN SOLUTION
        batch, channels, height, width = self._input_shape
        input_gradient = np.zeros((batch, channels, height * width))
        b, c, _, _ = np.ogrid[:batch, :channels, :1, :1]
        np.add.at(input_gradient, (b, c, self.indices), np.asarray(error_tensor, dtype=float))
        return input_gradient.reshape(self._input_shape)
        # END SOLUTION


class AveragePooling:
    """Replace each window by its mean (lectures A and D); windows, arguments and errors as in MaxPooling.

    Attributes:
        trainable: False.
    """

    trainable = False

    def __init__(self, stride_shape, pooling_shape):
        # BEGIN SOLUTION
        self.stride_shape = _pair(stride_shape, "stride_shape")
        self.pooling_shape = _pair(pooling_shape, "pooling_shape")
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the means, (b, c, y, x) to (b, c, y', x')."""
        # BEGIN SOLUTION
        images = _images(input_tensor)
        self._input_shape = images.shape
        return _windows(images, self.pooling_shape, self.stride_shape).mean(axis=(4, 5))
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput: every value of a window gets an equal share of its error, overlaps are added."""
        # BEGIN SOLUTION
        m, n = self.pooling_shape
        shares = np.full((m, n), 1.0 / (m * n))
        return _spread(error_tensor, shares, self._input_shape, self.stride_shape)
        # END SOLUTION


class GlobalAveragePooling:
    """Replace each channel by its mean, an alternative to flattening (lecture C): (b, c, y, x) to (b, c).

    Attributes:
        trainable: False.

    Raises:
        ValueError: (in `forward`) the input is not (b, c, y, x).
    """

    trainable = False

    def forward(self, input_tensor):
        """Return the mean of each channel, (b, c)."""
        # BEGIN SOLUTION
        images = _images(input_tensor)
        self._input_shape = images.shape
        return images.mean(axis=(2, 3))
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput, (b, c, y, x): every pixel of a channel gets an equal share of the channel's error."""
        # BEGIN SOLUTION
        height, width = self._input_shape[2:]
        share = np.asarray(error_tensor, dtype=float) / (height * width)
        return share[:, :, np.newaxis, np.newaxis] * np.ones((height, width))
        # END SOLUTION


class BlurPooling:
    """Blur each channel with 1/16 [1 2 1; 2 4 2; 1 2 1] (lecture E), then keep every stride-th value.

    The image is padded with one ring of zeros, so that an axis of n values gives ceil(n / stride) outputs.

    Args:
        stride: int, or pair (rows, columns).

    Attributes:
        trainable: False.

    Raises:
        ValueError: the stride is not a positive int or a pair of them, or (in `forward`) the input not (b, c, y, x).
    """

    trainable = False

    def __init__(self, stride):
        # BEGIN SOLUTION
        self.stride = _pair(stride, "stride")
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the blurred and subsampled images, (b, c, y, x) to (b, c, y', x')."""
        # BEGIN SOLUTION
        images = _images(input_tensor)
        padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
        self._padded_shape = padded.shape
        return np.einsum("bcyxmn,mn->bcyx", _windows(padded, BLUR_KERNEL.shape, self.stride), BLUR_KERNEL)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput: every pixel gets each error times the weight with which it entered that output."""
        # BEGIN SOLUTION
        return _spread(error_tensor, BLUR_KERNEL, self._padded_shape, self.stride)[:, :, 1:-1, 1:-1]
        # END SOLUTION


# BEGIN SOLUTION
def _pair(value, name):
    """Return a positive int or a pair of them as (rows, columns)."""
    values = (value, value) if np.ndim(value) == 0 else tuple(value)
    if len(values) != 2 or not all(isinstance(v, (int, np.integer, np.bool_)) and v >= 1 for v in values):
        raise ValueError(f"{name} must be a positive int or a pair of them, got {value!r}")
    return int(values[0]), int(values[1])


def _images(input_tensor):
    """Return the input as a float array after checking that it has four axes."""
    images = np.asarray(input_tensor, dtype=float)
    if images.ndim != 4:
        raise ValueError(f"input must have shape (b, c, y, x), got {images.shape}")
    return images


def _windows(images, shape, stride):
    """Return all windows of (b, c, y, x) as a view (b, c, y', x', m, n)."""
    if shape[0] > images.shape[2] or shape[1] > images.shape[3]:
        raise ValueError(f"a window of shape {shape} does not fit into images of shape {images.shape[2:]}")
    every_window = np.lib.stride_tricks.sliding_window_view(images, shape, axis=(2, 3))
    return every_window[:, :, :: stride[0], :: stride[1]]


def _spread(error_tensor, kernel, image_shape, stride):
    """Paste each error times the kernel into the window it came from; where windows overlap, add."""
    error = np.asarray(error_tensor, dtype=float)
    images = np.zeros(image_shape)
    height, width = stride[0] * error.shape[2], stride[1] * error.shape[3]
    for row in range(kernel.shape[0]):
        for column in range(kernel.shape[1]):
            # the pixels that enter the windows with this entry of the kernel
            pixels = images[:, :, row : row + height : stride[0], column : column + width : stride[1]]
            pixels += kernel[row, column] * error
    return images


# END SOLUTION
