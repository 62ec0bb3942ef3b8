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
        raise NotImplementedError

    @property
    def optimizer(self):
        """None, or the optimizer that updates the weights in every `backward`; setting one stores a deep copy."""
        raise NotImplementedError

    @optimizer.setter
    def optimizer(self, optimizer):
        raise NotImplementedError

    def initialize(self, weights_initializer, bias_initializer):
        """Set new weights and a new bias row.

        Ask the first initializer for shape (input_size, output_size) and the second for (1, output_size), both with
        fan_in = input_size and fan_out = output_size.
        """
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return X' W: (b, input_size) to (b, output_size)."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dX = E W^T without the bias row: (b, output_size) to (b, input_size).

        Also stores dL/dW = X'^T E in `gradient_weights`, then lets the optimizer, if there is one, update the weights.
        The returned gradient belongs to the weights before that update.
        """
        raise NotImplementedError
