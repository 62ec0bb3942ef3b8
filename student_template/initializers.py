"""Initializers: where the weights of a layer start (lecture C, "Initializers").

fan_in and fan_out are the numbers of inputs and outputs of one unit of the layer; each layer works them out and
passes them in. Only Xavier and He need them.
"""

import numpy as np


class Constant:
    """Every entry has the same value: very bad for weights, typical for biases (lecture C).

    Attributes:
        value: float, the value of every entry.
    """

    def __init__(self, value=0.1):
        self.value = value

    def initialize(self, weights_shape, fan_in, fan_out):
        """Return a new float64 array of shape `weights_shape`, filled with `value`; the fans are ignored."""
        raise NotImplementedError


class UniformRandom:
    """Entries drawn from the uniform distribution on [0, 1) (lecture C)."""

    def initialize(self, weights_shape, fan_in, fan_out):
        """Return a new float64 array of shape `weights_shape`, uniform on [0, 1); the fans are ignored."""
        raise NotImplementedError


class Xavier:
    """Zero-mean Gaussian that suits linear activations, also called Glorot (lecture C).

    Standard deviation (not variance): sigma = sqrt(2 / (fan_in + fan_out)).
    """

    def initialize(self, weights_shape, fan_in, fan_out):
        """Return a new float64 array of shape `weights_shape`, drawn from N(0, sigma)."""
        raise NotImplementedError


class He:
    """Zero-mean Gaussian that suits ReLU: only the previous layer's size counts (lecture C).

    Standard deviation (not variance): sigma = sqrt(2 / fan_in).
    """

    def initialize(self, weights_shape, fan_in, fan_out):
        """Return a new float64 array of shape `weights_shape`, drawn from N(0, sigma)."""
        raise NotImplementedError
