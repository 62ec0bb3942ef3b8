"""Normalization layers: every channel is brought to mean 0 and variance 1 (lecture B, "Normalization layers")."""

import copy

import numpy as np


class BatchNormalization:
    """Normalize each channel over the whole batch and all positions (lecture B; Ioffe and Szegedy, 2015).

        normalized = (x - mean) / sqrt(variance + epsilon),    output = weights * normalized + bias

    In phase "train", mean and variance (biased: divided by the number of values) are those of the batch. In phase
    "test" they are the moving averages that training has left, and constants to the backward pass.

    Args:
        channels: number of channels c.
        momentum: the share of the old value that a moving average keeps at each step, 0 to 1.
        epsilon: added to the variance, at least 0.

    Attributes:
        trainable: True.
        weights, bias: gamma and beta, arrays (channels,); ones and zeros at first.
        gradient_weights, gradient_bias: their gradients from the newest backward, summed over batch and positions.
        moving_mean, moving_variance: arrays (channels,); zeros and ones before the first forward of phase "train".
        phase: "train" (at first) or "test".
        optimizer: None, or a deep copy of the optimizer that was set; weights and bias have one each.

    Raises:
        ValueError: an argument is not as above, or (in `forward`) the input is not (b, c) or (b, c, y, x).
    """

    def __init__(self, channels, momentum=0.8, epsilon=1e-10):
        raise NotImplementedError

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        raise NotImplementedError

    @optimizer.setter
    def optimizer(self, optimizer):
        raise NotImplementedError

    def initialize(self, weights_initializer, bias_initializer):
        """Set weights to ones and bias to zeros, whatever the initializers are."""
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the normalized input, scaled and shifted, with the input's shape: (b, c) or (b, c, y, x).

        In phase "train", also move the averages: the first time to the batch's mean and variance, later to
        momentum * old + (1 - momentum) * the batch's.
        """
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the input.

        With g = error * weights: in phase "test" g / deviation. In phase "train" mean and variance depend on the
        input, too: (g - mean(g) - normalized * mean(g * normalized)) / deviation, with the means over batch and
        positions. The phase is the one that forward had. The gradients are stored first, then the optimizers, if set,
        update weights and bias.
        """
        raise NotImplementedError


class InstanceNormalization:
    """Normalize each channel of each image over its own positions (lecture B; Ulyanov et al.).

    The formulas of BatchNormalization, but every image has a mean and a variance of its own, in training and in test
    alike: there are no moving averages and there is no phase.

    Args:
        channels: number of channels c.
        epsilon: added to the variance, at least 0.

    Attributes:
        trainable: True.
        weights, bias: gamma and beta, arrays (channels,); ones and zeros at first.
        gradient_weights, gradient_bias: their gradients from the newest backward, summed over batch and positions.
        optimizer: None, or a deep copy of the optimizer that was set; weights and bias have one each.

    Raises:
        ValueError: an argument is not as above, or (in `forward`) the input is not (b, c, y, x).
    """

    def __init__(self, channels, epsilon=1e-10):
        raise NotImplementedError

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        raise NotImplementedError

    @optimizer.setter
    def optimizer(self, optimizer):
        raise NotImplementedError

    def initialize(self, weights_initializer, bias_initializer):
        """Set weights to ones and bias to zeros, whatever the initializers are."""
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the normalized images, scaled and shifted: (b, c, y, x) to (b, c, y, x)."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput, (b, c, y, x): as in BatchNormalization, with means over the positions of one image."""
        raise NotImplementedError
