"""Residual block: layers that only have to learn what is to be added to their input (lecture B, "Residual Blocks")."""

import copy

import numpy as np


class ResidualBlock:
    """Layers in a row with a shortcut around them: output = relu(F(x) + x) (He et al., 2016).

    F are the layers one after the other. The block looks like one layer to a network: what it is told about
    optimizers, initializers and phase it passes on to them.

    Args:
        layers: list of at least one layer; the last one's output must have the shape of the first one's input.

    Attributes:
        layers: the list of these very layers, no copies.
        trainable: True where a layer is trainable.
        phase: "train" (at first) or "test"; handed on to every layer that has an attribute `phase`.
        optimizer: None, or what was set; every trainable layer has been given a deep copy of its own.

    Raises:
        ValueError: in `forward`, F(x) has not the shape of x.
    """

    def __init__(self, layers):
        # BEGIN SOLUTION
        self.layers = list(layers)
        self.trainable = any(layer.trainable for layer in self.layers)
        self._optimizer = None
        self._phase = "train"
        # END SOLUTION

    @property
    def optimizer(self):
        """None, or the optimizer; setting one gives every trainable layer a deep copy, setting None removes them."""
        # BEGIN SOLUTION
        return self._optimizer
        # END SOLUTION

    @optimizer.setter
    def optimizer(self, optimizer):
        # BEGIN SOLUTION
        self._optimizer = optimizer
        for layer in self.layers:
            if layer.trainable:
                layer.optimizer = copy.deepcopy(optimizer)
        # END SOLUTION

    @property
    def phase(self):
        """The phase, "train" or "test"; setting it hands it to every layer that has one."""
        # BEGIN SOLUTION
        return self._phase
        # END SOLUTION

    @phase.setter
    def phase(self, phase):
        # BEGIN SOLUTION
        self._phase = phase
        for layer in self.layers:
            if hasattr(layer, "phase"):
                layer.phase = phase
        # END SOLUTION

    def initialize(self, weights_initializer, bias_initializer):
        """Hand both initializers to every trainable layer."""
        # BEGIN SOLUTION
        for layer in self.layers:
            if layer.trainable:
                layer.initialize(weights_initializer, bias_initializer)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return relu(F(x) + x), shaped like the input x, which may have any number of axes."""
        # BEGIN SOLUTION
        x = np.asarray(input_tensor, dtype=float)
        residual = x
        for layer in self.layers:
            residual = layer.forward(residual)
        if residual.shape != x.shape:
            raise ValueError(f"the layers turn shape {x.shape} into {residual.shape}: it cannot be added to the input")
        total = residual + x
        self._positive = total > 0
        return np.where(self._positive, total, 0.0)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dx: the error where the ReLU let something through, along the shortcut and through the layers."""
        # BEGIN SOLUTION
        shortcut = np.where(self._positive, error_tensor, 0.0)
        through_layers = shortcut
        for layer in reversed(self.layers):
            through_layers = layer.backward(through_layers)
        return through_layers + shortcut
        # END SOLUTION
