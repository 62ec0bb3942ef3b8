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
        raise NotImplementedError

    @property
    def optimizer(self):
        """None, or the optimizer; setting one gives every trainable layer a deep copy, setting None removes them."""
        raise NotImplementedError

    @optimizer.setter
    def optimizer(self, optimizer):
        raise NotImplementedError

    @property
    def phase(self):
        """The phase, "train" or "test"; setting it hands it to every layer that has one."""
        raise NotImplementedError

    @phase.setter
    def phase(self, phase):
        raise NotImplementedError

    def initialize(self, weights_initializer, bias_initializer):
        """Hand both initializers to every trainable layer."""
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return relu(F(x) + x), shaped like the input x, which may have any number of axes."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dx: the error where the ReLU let something through, along the shortcut and through the layers."""
        raise NotImplementedError
