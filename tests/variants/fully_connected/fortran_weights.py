import copy
import operator

import numpy as np


class FullyConnected:
    def __init__(self, input_size, output_size):
        try:
            n, k = operator.index(input_size), operator.index(output_size)
        except TypeError as error:
            raise ValueError(f"{input_size!r}, {output_size!r}: {error}") from error
        if n < 1 or k < 1:
            raise ValueError(f"{input_size!r}, {output_size!r}: both must be at least 1")
        self.n, self.k, self.trainable = n, k, True
        self.weights = np.asfortranarray(np.random.random_sample((n + 1, k)))
        self._opt, self._given = None, None

    def _get(self):
        return self._given

    def _set(self, optimizer):
        self._given, self._opt = optimizer, copy.deepcopy(optimizer)

    optimizer = property(_get, _set)

    def initialize(self, weights_initializer, bias_initializer):
        fans = {"fan_in": self.n, "fan_out": self.k}
        self.weights = np.asfortranarray(
            np.append(
                weights_initializer.initialize((self.n, self.k), *fans.values()),
                bias_initializer.initialize((1, self.k), *fans.values()),
                axis=0,
            )
        )

    def forward(self, input_tensor):
        shape = np.shape(input_tensor)
        if len(shape) != 2 or shape[-1] != self.n:
            raise ValueError(f"got {shape}, expected (b, {self.n})")
        self.cached = np.array(input_tensor, dtype=float)
        return np.add(np.matmul(self.cached, self.weights[: self.n]), self.weights[self.n :])

    def backward(self, error_tensor):
        gradient = np.zeros((self.n + 1, self.k), order="F")
        gradient[: self.n] = np.tensordot(self.cached, error_tensor, axes=(0, 0))
        gradient[self.n] = np.add.reduce(error_tensor, axis=0)
        self.gradient_weights = gradient
        out = np.inner(error_tensor, self.weights[: self.n])
        if self._opt is not None:
            self.weights = self._opt.calculate_update(self.weights, gradient)
        return out * 1.0
