import copy

import numpy as np


class FullyConnected:
    def __init__(self, input_size, output_size):
        if int(input_size) != input_size or input_size < 1:
            raise ValueError(f"input_size {input_size}")
        if int(output_size) != output_size or output_size < 1:
            raise ValueError(f"output_size {output_size}")
        self.trainable = True
        self.input_size = input_size
        self.output_size = output_size
        self.weights = np.random.rand(input_size + 1, output_size)
        self._optimizer = None

    @property
    def optimizer(self):
        return self._optimizer

    @optimizer.setter
    def optimizer(self, value):
        self._optimizer = copy.deepcopy(value)

    def initialize(self, weights_initializer, bias_initializer):
        w = weights_initializer.initialize((self.input_size, self.output_size), self.input_size, self.output_size)
        b = bias_initializer.initialize((1, self.output_size), self.input_size, self.output_size)
        self.weights = np.concatenate((w, b), axis=0)

    def forward(self, input_tensor):
        if input_tensor.ndim != 2 or input_tensor.shape[1] != self.input_size:
            raise ValueError(f"input shape {input_tensor.shape}, expected (b, {self.input_size})")
        self.x = np.concatenate((input_tensor, np.ones((input_tensor.shape[0], 1))), axis=1)
        return np.dot(self.x, self.weights)

    def backward(self, error_tensor):
        previous = np.dot(error_tensor, self.weights.T)[:, :-1]
        self.gradient_weights = np.dot(self.x.T, error_tensor) * 1.0
        if self._optimizer is not None:
            self.weights = self._optimizer.calculate_update(self.weights, self.gradient_weights)
        return previous
