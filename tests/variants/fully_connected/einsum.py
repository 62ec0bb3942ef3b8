import copy

import numpy as np


class FullyConnected:
    def __init__(self, input_size, output_size):
        for size in (input_size, output_size):
            if np.result_type(size).kind not in "iub" or size < 1:
                raise ValueError(f"sizes must be positive ints, got {input_size!r}, {output_size!r}")
        self.weights = np.random.default_rng().random((input_size + 1, output_size))
        self.trainable = True
        self.sizes = (input_size, output_size)
        self.optimizers = []
        self.inputs = None
        self.gradient_weights = np.zeros(self.weights.shape)

    @property
    def optimizer(self):
        return self.optimizers[0] if self.optimizers else None

    @optimizer.setter
    def optimizer(self, optimizer):
        self.optimizers = [copy.deepcopy(optimizer)] if optimizer is not None else []

    def initialize(self, weights_initializer, bias_initializer):
        new = np.empty((self.sizes[0] + 1, self.sizes[1]), order="F")
        new[:-1] = weights_initializer.initialize(self.sizes, *self.sizes)
        new[-1:] = bias_initializer.initialize((1, self.sizes[1]), *self.sizes)
        self.weights = new

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 2 or np.shape(input_tensor)[1] != self.sizes[0]:
            raise ValueError(f"expected (b, {self.sizes[0]}), got {np.shape(input_tensor)}")
        self.inputs = np.pad(np.array(input_tensor, dtype=float), ((0, 0), (0, 1)), constant_values=1)
        return np.einsum("bn,nk->bk", self.inputs, self.weights)

    def backward(self, error_tensor):
        self.gradient_weights = np.einsum("bn,bk->nk", self.inputs, error_tensor)
        old = self.weights
        for optimizer in self.optimizers:
            self.weights = optimizer.calculate_update(old, self.gradient_weights)
        return np.einsum("bk,nk->bn", error_tensor, old)[:, :-1]
