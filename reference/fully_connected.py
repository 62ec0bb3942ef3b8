"""Fully connected layer (formulas: lecture C, "Backward pass - Matrix implementation")."""

import copy

import numpy as np


class FullyConnected:
    """Every output is a weighted sum of every input, plus a bias.

    The bias is the last row of the weights: with a column of ones appended to the input, X' = (X, 1), the layer is
    one matrix product, Y = X' W.

    Attributes:
        trainable: True.
        weights: array (input_size + 1, output_size), the last row is the bias; uniform on [0, 1) at first.
        gradient_weights: array like `weights`, dL/dW of the newest backward, summed over the batch.
        optimizer: None, or the layer's own deep copy of the optimizer that was set.

    Raises:
        ValueError: a size is not a positive int, or (in `forward`) the input is not (b, input_size).
    """

    def __init__(self, input_size, output_size):
        # BEGIN SOLUTION
        self.trainable = True
        self.input_size = _positive_int(input_size, "input_size")
        self.output_size = _positive_int(output_size, "output_size")
        self.weights = np.random.uniform(0.0, 1.0, (self.input_size + 1, self.output_size))
        self.gradient_weights = None
        self.optimizer = None
        # END SOLUTION

    @property
    def optimizer(self):
        """None, or the optimizer that updates the weights in every `backward`; setting one stores a deep copy."""
        # BEGIN SOLUTION
        return self._optimizer
        # END SOLUTION

    @optimizer.setter
    def optimizer(self, optimizer):
        # BEGIN SOLUTION
        self._optimizer = copy.deepcopy(optimizer)
        # END SOLUTION

    def initialize(self, weights_initializer, bias_initializer):
        """Set new weights and a new bias row.

        Ask the first initializer for shape (input_size, output_size) and the second for (1, output_size), both with
        fan_in = input_size and fan_out = output_size.
        """
        # BEGIN SOLUTION
        fans = self.input_size, self.output_size
        weights = weights_initializer.initialize((self.input_size, self.output_size), *fans)
        bias = bias_initializer.initialize((1, self.output_size), *fans)
        self.weights = np.vstack([weights, bias])
        # END SOLUTION

    def forward(self, input_tensor):
        """Return X' W: (b, input_size) to (b, output_size)."""
        # BEGIN SOLUTION
        input_tensor = np.asarray(input_tensor, dtype=float)
        if input_tensor.ndim != 2 or input_tensor.shape[1] != self.input_size:
            raise ValueError(f"input must have shape (b, {self.input_size}), got {input_tensor.shape}")
        ones = np.ones((len(input_tensor), 1))
        self._extended_input = np.hstack([input_tensor, ones])
        return self._extended_input @ self.weights
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dX = E W^T without the bias row: (b, output_size) to (b, input_size).

        Also stores dL/dW = X'^T E in `gradient_weights`, then lets the optimizer, if there is one, update the weights.
        The returned gradient belongs to the weights before that update.
        """
        # BEGIN SOLUTION
        error_tensor = np.asarray(error_tensor, dtype=float)
        input_gradient = error_tensor @ self.weights[:-1].T
        self.gradient_weights = self._extended_input.T @ error_tensor
        if self.optimizer is not None:
            self.weights = self.optimizer.calculate_update(self.weights, self.gradient_weights)
        return input_gradient
        # END SOLUTION


# BEGIN SOLUTION
def _positive_int(value, name):
    """Return `value` as an int of at least 1."""
    if not isinstance(value, (int, np.integer, np.bool_)) or value < 1:
        raise ValueError(f"{name} must be a positive int, got {value!r}")
    return int(value)


# END SOLUTION
