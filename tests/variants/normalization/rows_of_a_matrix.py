"""Everything as a matrix with one row for each set of numbers that is normalized together."""

from copy import deepcopy

import numpy as np


def check(channels, **shares):
    if isinstance(channels, float) or channels < 1:
        raise ValueError(f"channels is {channels}")
    for name, (value, largest) in shares.items():
        if not 0 <= value <= largest:
            raise ValueError(f"{name} is {value}")


class _Rows:
    trainable = True

    def _start(self, channels):
        self.channels = channels
        self.initialize()
        self._opt = None

    def initialize(self, weights_initializer=None, bias_initializer=None):
        self.weights = np.full(self.channels, 1.0)
        self.bias = np.full(self.channels, 0.0)

    optimizer = property(
        lambda self: self._opt,
        lambda self, new: setattr(self, "_opt", None if new is None else (deepcopy(new), deepcopy(new))),
    )

    def _apply(self, x, rows, mean, variance, constants):
        self._deviation = np.sqrt(variance + self.epsilon)[:, None]
        self._hat = (rows - mean[:, None]) / self._deviation
        self._constants = constants
        w, b = self._repeat(self.weights), self._repeat(self.bias)
        return self._back(w * self._hat + b)

    def backward(self, error_tensor):
        e = self._to_rows(np.asarray(error_tensor, dtype=float))
        g = e * self._repeat(self.weights)
        n = e.shape[1]
        if not self._constants:
            # the projection off the two directions in which the output cannot change: ones and the output itself
            g = g - g @ np.ones((n, n)) / n - (g * self._hat).sum(1, keepdims=True) * self._hat / n
        self.gradient_weights = (e * self._hat).sum(1).reshape(-1, self.channels).sum(0)
        self.gradient_bias = e.sum(1).reshape(-1, self.channels).sum(0)
        result = self._back(g / self._deviation)
        if self._opt:
            self.weights = self._opt[0].calculate_update(self.weights, self.gradient_weights)
            self.bias = self._opt[1].calculate_update(self.bias, self.gradient_bias)
        return result


class BatchNormalization(_Rows):
    """One row for each channel."""

    def __init__(self, channels, momentum=0.8, epsilon=1e-10):
        check(channels, momentum=(momentum, 1), epsilon=(epsilon, np.inf))
        self._start(channels)
        self.momentum, self.epsilon, self.phase = momentum, epsilon, "train"
        self.moving_mean = np.zeros(channels)
        self.moving_variance = np.ones(channels)
        self._seen = 0

    def _to_rows(self, x):
        self._moved = np.moveaxis(x, 1, 0).shape
        return np.moveaxis(x, 1, 0).reshape(self.channels, -1)

    def _back(self, rows):
        return np.moveaxis(rows.reshape(self._moved), 0, 1)

    def _repeat(self, values):
        return values[:, None]

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=np.float64)
        if x.ndim not in (2, 4) or x.shape[1] != self.channels:
            raise ValueError(f"shape {x.shape}, channels {self.channels}")
        rows = self._to_rows(x)
        if self.phase == "test":
            return self._apply(x, rows, self.moving_mean, self.moving_variance, True)
        mean = rows.mean(1)
        variance = np.einsum("cn,cn->c", rows - mean[:, None], rows - mean[:, None]) / rows.shape[1]
        share = 1 - self.momentum if self._seen else 1
        self._seen += 1
        self.moving_mean = (1 - share) * self.moving_mean + share * mean
        self.moving_variance = (1 - share) * self.moving_variance + share * variance
        return self._apply(x, rows, mean, variance, False)


class InstanceNormalization(_Rows):
    """One row for each channel of each image."""

    def __init__(self, channels, epsilon=1e-10):
        check(channels, epsilon=(epsilon, np.inf))
        self._start(channels)
        self.epsilon = epsilon

    def _to_rows(self, x):
        self._shape = x.shape
        return x.reshape(x.shape[0] * x.shape[1], -1)

    def _back(self, rows):
        return rows.reshape(self._shape)

    def _repeat(self, values):
        return np.tile(values, self._shape[0])[:, None]

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=np.float64)
        if x.ndim != 4 or x.shape[1] != self.channels:
            raise ValueError(f"shape {x.shape}, channels {self.channels}")
        rows = self._to_rows(x)
        return self._apply(x, rows, rows.mean(1), rows.var(1), False)
