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
        # BEGIN SOLUTION
        input_tensor = np.asarray(input_tensor, dtype=float)
        small = np.exp(-np.abs(input_tensor))  # at most 1, so it never overflows
        self._output = np.where(input_tensor >= 0, 1.0, small) / (1.0 + small)
        return self._output
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dx = dL/dy * sigma'(x)."""
        # BEGIN SOLUTION
        return np.asarray(error_tensor, dtype=float) * self._output * (1.0 - self._output)
        # END SOLUTION


class TanH:
    """tanh(x), for arrays of any shape (lecture A). The derivative is 1 - tanh(x)^2.

    Attributes:
        trainable: False.
    """

    trainable = False

    def forward(self, input_tensor):
        """Return tanh(x) of every entry."""
        # BEGIN SOLUTION
        self._output = np.tanh(np.asarray(input_tensor, dtype=float))
        return self._output
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dx = dL/dy * (1 - tanh(x)^2)."""
        # BEGIN SOLUTION
        return np.asarray(error_tensor, dtype=float) * (1.0 - self._output**2)
        # END SOLUTION


class ReLU:
    """max(0, x), for arrays of any shape (lecture A). The derivative is 1 for x > 0, else 0 (also at exactly 0).

    Attributes:
        trainable: False.
    """

    trainable = False

    def forward(self, input_tensor):
        """Return max(0, x) of every entry."""
        # BEGIN SOLUTION
        input_tensor = np.asarray(input_tensor, dtype=float)
        self._positive = input_tensor > 0
        return np.where(self._positive, input_tensor, 0.0)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dx: dL/dy where the input was positive, 0 elsewhere."""
        # BEGIN SOLUTION
        return np.where(self._positive, np.asarray(error_tensor, dtype=float), 0.0)
        # END SOLUTION


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
        # BEGIN SOLUTION
        input_tensor = np.asarray(input_tensor, dtype=float)
        self._slope = np.where(input_tensor > 0, 1.0, self.negative_slope)
        return self._slope * input_tensor
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dx: dL/dy times the slope at the entry's input."""
        # BEGIN SOLUTION
        return self._slope * np.asarray(error_tensor, dtype=float)
        # END SOLUTION


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
        # BEGIN SOLUTION
        input_tensor = np.asarray(input_tensor, dtype=float)
        if input_tensor.ndim < 2:
            raise ValueError(f"input must have shape (b, n) or (b, c, y, x), got {input_tensor.shape}")
        shifted = input_tensor - input_tensor.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        self._output = exponentials / exponentials.sum(axis=1, keepdims=True)
        return self._output
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dx, the product with the full Jacobian."""
        # BEGIN SOLUTION
        error_tensor = np.asarray(error_tensor, dtype=float)
        weighted_sum = (error_tensor * self._output).sum(axis=1, keepdims=True)
        return self._output * (error_tensor - weighted_sum)
        # END SOLUTION
