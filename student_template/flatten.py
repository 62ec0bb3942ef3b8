"""Flatten layer: from images to vectors (lecture C, "Flatten layer")."""

import numpy as np


class Flatten:
    """Write the values of each sample in one row, in row-major order: (b, ...) to (b, product of the other axes).

    Attributes:
        trainable: False.
    """

    trainable = False

    def forward(self, input_tensor):
        """Return the input as (b, n); it may have any number of axes, the first one is the batch."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return the (b, n) error in the shape of the newest input."""
        raise NotImplementedError
