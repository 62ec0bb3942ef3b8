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
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the maxima, (b, c, y, x) to (b, c, y', x'), and store their positions in `indices`."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput: each error at the position of its maximum, errors of overlapping windows added, else 0."""
        raise NotImplementedError


class AveragePooling:
    """Replace each window by its mean (lectures A and D); windows, arguments and errors as in MaxPooling.

    Attributes:
        trainable: False.
    """

    trainable = False

    def __init__(self, stride_shape, pooling_shape):
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the means, (b, c, y, x) to (b, c, y', x')."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput: every value of a window gets an equal share of its error, overlaps are added."""
        raise NotImplementedError


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
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput, (b, c, y, x): every pixel of a channel gets an equal share of the channel's error."""
        raise NotImplementedError


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
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the blurred and subsampled images, (b, c, y, x) to (b, c, y', x')."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput: every pixel gets each error times the weight with which it entered that output."""
        raise NotImplementedError
