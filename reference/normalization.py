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
        # BEGIN SOLUTION
        self.trainable = True
        self.channels = _positive_int(channels, "channels")
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be from 0 to 1, got {momentum!r}")
        if not epsilon >= 0:
            raise ValueError(f"epsilon must be at least 0, got {epsilon!r}")
        self.momentum = momentum
        self.epsilon = epsilon
        self.phase = "train"
        self.moving_mean = np.zeros(self.channels)
        self.moving_variance = np.ones(self.channels)
        self._has_trained = False
        self.gradient_weights = None
        self.gradient_bias = None
        self.optimizer = None
        self.initialize(None, None)
        # END SOLUTION

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        # BEGIN SOLUTION
        return self._weights_optimizer
        # END SOLUTION

    @optimizer.setter
    def optimizer(self, optimizer):
        # BEGIN SOLUTION
        self._weights_optimizer = copy.deepcopy(optimizer)
        self._bias_optimizer = copy.deepcopy(optimizer)
        # END SOLUTION

    def initialize(self, weights_initializer, bias_initializer):
        """Set weights to ones and bias to zeros, whatever the initializers are."""
        # BEGIN SOLUTION
        self.weights = np.ones(self.channels)
        self.bias = np.zeros(self.channels)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the normalized input, scaled and shifted, with the input's shape: (b, c) or (b, c, y, x).

        In phase "train", also move the averages: the first time to the batch's mean and variance, later to
        momentum * old + (1 - momentum) * the batch's.
        """
        # BEGIN SOLUTION
        x = np.asarray(input_tensor, dtype=float)
        if x.ndim not in (2, 4) or x.shape[1] != self.channels:
            raise ValueError(f"input must be (b, {self.channels}) or (b, {self.channels}, y, x), got {x.shape}")
        self._axes = (0, *range(2, x.ndim))
        self._constants = self.phase == "test"
        if self._constants:
            mean, variance = self.moving_mean, self.moving_variance
        else:
            mean, variance = x.mean(axis=self._axes), x.var(axis=self._axes)
            self._move_averages(mean, variance)
        self._deviation = np.sqrt(_per_channel(variance, x) + self.epsilon)
        self._normalized = (x - _per_channel(mean, x)) / self._deviation
        return _per_channel(self.weights, x) * self._normalized + _per_channel(self.bias, x)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the input.

        With g = error * weights: in phase "test" g / deviation. In phase "train" mean and variance depend on the
        input, too: (g - mean(g) - normalized * mean(g * normalized)) / deviation, with the means over batch and
        positions. The phase is the one that forward had. The gradients are stored first, then the optimizers, if set,
        update weights and bias.
        """
        # BEGIN SOLUTION
        error = np.asarray(error_tensor, dtype=float)
        g = error * _per_channel(self.weights, error)
        if not self._constants:
            common = g.mean(axis=self._axes, keepdims=True)
            slope = (g * self._normalized).mean(axis=self._axes, keepdims=True)
            g = g - common - self._normalized * slope
        self.gradient_weights = (error * self._normalized).sum(axis=self._axes)
        self.gradient_bias = error.sum(axis=self._axes)
        if self.optimizer is not None:
            self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return g / self._deviation
        # END SOLUTION

    # BEGIN SOLUTION
    def _move_averages(self, mean, variance):
        """Take the first batch's statistics as they are; mix later ones into the averages."""
        keep = self.momentum if self._has_trained else 0.0
        self.moving_mean = keep * self.moving_mean + (1 - keep) * mean
        self.moving_variance = keep * self.moving_variance + (1 - keep) * variance
        self._has_trained = True

    # END SOLUTION


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
        # BEGIN SOLUTION
        self.trainable = True
        self.channels = _positive_int(channels, "channels")
        if not epsilon >= 0:
            raise ValueError(f"epsilon must be at least 0, got {epsilon!r}")
        self.epsilon = epsilon
        self.gradient_weights = None
        self.gradient_bias = None
        self.optimizer = None
        self.initialize(None, None)
        # END SOLUTION

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        # BEGIN SOLUTION
        return self._weights_optimizer
        # END SOLUTION

    @optimizer.setter
    def optimizer(self, optimizer):
        # BEGIN SOLUTION
        self._weights_optimizer = copy.deepcopy(optimizer)
        self._bias_optimizer = copy.deepcopy(optimizer)
        # END SOLUTION

    def initialize(self, weights_initializer, bias_initializer):
        """Set weights to ones and bias to zeros, whatever the initializers are."""
        # BEGIN SOLUTION
        self.weights = np.ones(self.channels)
        self.bias = np.zeros(self.channels)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the normalized images, scaled and shifted: (b, c, y, x) to (b, c, y, x)."""
        # BEGIN SOLUTION
        x = np.asarray(input_tensor, dtype=float)
        if x.ndim != 4 or x.shape[1] != self.channels:
            raise ValueError(f"input must be (b, {self.channels}, y, x), got {x.shape}")
        mean = x.mean(axis=(2, 3), keepdims=True)
        self._deviation = np.sqrt(x.var(axis=(2, 3), keepdims=True) + self.epsilon)
        self._normalized = (x - mean) / self._deviation
        return _per_channel(self.weights, x) * self._normalized + _per_channel(self.bias, x)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput, (b, c, y, x): as in BatchNormalization, with means over the positions of one image."""
        # BEGIN SOLUTION
        error = np.asarray(error_tensor, dtype=float)
        g = error * _per_channel(self.weights, error)
        common = g.mean(axis=(2, 3), keepdims=True)
        slope = (g * self._normalized).mean(axis=(2, 3), keepdims=True)
        self.gradient_weights = (error * self._normalized).sum(axis=(0, 2, 3))
        self.gradient_bias = error.sum(axis=(0, 2, 3))
        if self.optimizer is not None:
            self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return (g - common - self._normalized * slope) / self._deviation
        # END SOLUTION


# BEGIN SOLUTION
def _positive_int(value, name):
    """Return `value` as an int of at least 1."""
    if not isinstance(value, (int, np.integer, np.bool_)) or value < 1:
        raise ValueError(f"{name} must be a positive int, got {value!r}")
    return int(value)


def _per_channel(values, like):
    """Reshape (c,) so that it is broadcast along axis 1 of an array with as many axes as `like`."""
    return np.reshape(values, (1, -1) + (1,) * (like.ndim - 2))


# END SOLUTION
