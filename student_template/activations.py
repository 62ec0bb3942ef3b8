"""Activation functions as layers: no weights, the output has the input's shape (lecture A; softmax: lecture D)."""

import numpy as np


class Sigmoid:
    """sigma(x) = 1 / (1 + exp(-x)), for arrays of any shape (lecture A).

    The derivative is sigma'(x) = sigma(x) (1 - sigma(x)). No input may overflow: sigma(1000) is 1, sigma(-1000) is 0.

    Attributes:
        trainable: False.
    """

    trainable = False

    def forward(self, input_tensor):
        """Return sigma(x) of every entry."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dx = dL/dy * sigma'(x)."""
        raise NotImplementedError


class TanH:
    """tanh(x), for arrays of any shape (lecture A). The derivative is 1 - tanh(x)^2.

    Attributes:
        trainable: False.
    """

    trainable = False

    def forward(self, input_tensor):
        """Return tanh(x) of every entry."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dx = dL/dy * (1 - tanh(x)^2)."""
        raise NotImplementedError


class ReLU:
    """max(0, x), for arrays of any shape (lecture A). The derivative is 1 for x > 0, else 0 (also at exactly 0).

    Attributes:
        trainable: False.
    """

    trainable = False

    def forward(self, input_tensor):
        """Return max(0, x) of every entry."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dx: dL/dy where the input was positive, 0 elsewhere."""
        raise NotImplementedError


class LeakyReLU:
    """x for x > 0, else negative_slope * x, for arrays of any shape (lecture A with slope 0.1: max(0.1 x, x)).

    Attributes:
        trainable: False.
        negative_slope: float.
    """

    trainable = False

    def __init__(self, negative_slope=0.1):
        self.negative_slope = negative_slope

    def forward(self, input_tensor):
        """Return x or negative_slope * x, entry by entry."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dx: dL/dy times the slope at the entry's input."""
        raise NotImplementedError


class SoftMax:
    """y_k = exp(x_k) / sum_j exp(x_j), along axis 1: the classes of (b, n), or the channels of (b, c, y, x).

    (Lecture D.) Subtracting a number from all x_k leaves y unchanged, which is how overflow is avoided. Every y_k
    depends on every x_j: dL/dx_k = y_k * (dL/dy_k - sum_j dL/dy_j * y_j).

    Attributes:
        trainable: False.

    Raises:
        ValueError: the input has no axis 1.
    """

    trainable = False

    def forward(self, input_tensor):
        """Return the probabilities, shaped like the input; they sum to 1 along axis 1."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dx, the product with the full Jacobian."""
        raise NotImplementedError
