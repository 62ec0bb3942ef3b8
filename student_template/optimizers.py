"""Optimizers: how a gradient changes the weights (lecture C, "Advanced Optimizers").

One optimizer object belongs to one set of weights, because momentum and its relatives remember earlier gradients.
Weights and gradients may have any shape, a single float included; neither is changed in place.
"""

import numpy as np

EPSILON = 1e-8  # keeps the division finite; added outside the root


class Sgd:
    """Stochastic gradient descent: w_new = w - lr * g.

    Attributes:
        learning_rate: float, lr.
    """

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def calculate_update(self, weight_tensor, gradient_tensor):
        """Return the new weights, a float64 array of the shape of `weight_tensor`."""
        raise NotImplementedError


class SgdWithMomentum:
    """Gradient descent with momentum (lecture C, "Momentum").

    v_new = m * v - lr * g,  w_new = w + v_new,  with v = 0 before the first call.

    Attributes:
        learning_rate: float, lr.
        momentum_rate: float, m; commonly 0.9, 0.95 or 0.99.
    """

    def __init__(self, learning_rate, momentum_rate):
        raise NotImplementedError

    def calculate_update(self, weight_tensor, gradient_tensor):
        """Return the new weights, a float64 array of the shape of `weight_tensor`."""
        raise NotImplementedError


class RmsProp:
    """Divide each gradient entry by its recent root mean square.

    r_new = rho * r + (1 - rho) * g * g,  w_new = w - lr * g / (sqrt(r_new) + eps),  with r = 0 before the first call.
    This is Adam of lecture C without the momentum and without the bias correction.

    Attributes:
        learning_rate: float, lr.
        rho: float in [0, 1), how much of the old r is kept.
    """

    def __init__(self, learning_rate, rho):
        raise NotImplementedError

    def calculate_update(self, weight_tensor, gradient_tensor):
        """Return the new weights, a float64 array of the shape of `weight_tensor`."""
        raise NotImplementedError


class Adam:
    """Momentum and mean square together, both corrected for their start at zero (lecture C, "ADAM").

    v_new = mu * v + (1 - mu) * g,       v_hat = v_new / (1 - mu^k)
    r_new = rho * r + (1 - rho) * g * g, r_hat = r_new / (1 - rho^k)
    w_new = w - lr * v_hat / (sqrt(r_hat) + eps)

    k is an exponent: 1 in the first call, 2 in the second, and so on. The lecture adds eps to the numerator too; that
    form is accepted as well.

    Attributes:
        learning_rate: float, lr; commonly 0.001.
        mu: float in [0, 1); commonly 0.9.
        rho: float in [0, 1); commonly 0.999.
    """

    def __init__(self, learning_rate, mu, rho):
        raise NotImplementedError

    def calculate_update(self, weight_tensor, gradient_tensor):
        """Return the new weights, a float64 array of the shape of `weight_tensor`."""
        raise NotImplementedError
