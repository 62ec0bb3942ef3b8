import copy

import numpy as np


class FullyConnected:
    """Adds up one outer product per sample; everything inside is transposed, as on the slides."""

    def __init__(self, input_size, output_size):
        if not float(input_size).is_integer() or not float(output_size).is_integer() or input_size * output_size == 0:
            raise ValueError(f"bad sizes {input_size}, {output_size}")
        if input_size < 0 or output_size < 0:
            raise ValueError(f"negative sizes {input_size}, {output_size}")
        self.trainable = True
        self.d_in, self.d_out = int(input_size), int(output_size)
        self.WT = np.random.uniform(size=(self.d_out, self.d_in + 1))
        self.optimizer_ = None
        self.gradient_weights = None

    weights = property(lambda self: self.WT.T, lambda self, value: setattr(self, "WT", np.asarray(value).T))

    @property
    def optimizer(self):
        return self.optimizer_

    @optimizer.setter
    def optimizer(self, opt):
        self.optimizer_ = copy.deepcopy(opt) if opt is not None else None

    def initialize(self, weights_initializer, bias_initializer):
        w = weights_initializer.initialize((self.d_in, self.d_out), self.d_in, self.d_out)
        b = bias_initializer.initialize((1, self.d_out), self.d_in, self.d_out)
        self.WT = np.c_[w.T, b.T]

    def forward(self, input_tensor):
        input_tensor = np.asarray(input_tensor)
        if input_tensor.ndim != 2 or self.d_in != input_tensor.shape[1]:
            raise ValueError(f"input of shape {input_tensor.shape} for {self.d_in} inputs")
        self.XT = np.r_[input_tensor.T, [np.ones(len(input_tensor))]]
        return (self.WT @ self.XT).T

    def backward(self, error_tensor):
        ET = np.asarray(error_tensor, dtype=float).T
        result = (self.WT[:, :-1].T @ ET).T
        self.gradient_weights = sum(np.outer(self.XT[:, i], ET[:, i]) for i in range(ET.shape[1]))
        if self.optimizer_:
            self.weights = self.optimizer_.calculate_update(self.weights, self.gradient_weights)
        return result
