from copy import deepcopy

import numpy as np


class FullyConnected:
    trainable = True

    def __init__(self, input_size, output_size):
        for size in (input_size, output_size):
            if not isinstance(size, (int, np.integer)) or size < 1:
                raise ValueError(f"{size} is not a legal size")
        self.input_size = input_size
        self.output_size = output_size
        self.weights = np.random.random((input_size + 1, output_size))
        self.gradient_weights = None
        self.__dict__["_copy_of_optimizer"] = None

    optimizer = property(lambda self: self._copy_of_optimizer)

    @optimizer.setter
    def optimizer(self, new):
        self._copy_of_optimizer = deepcopy(new)

    def initialize(self, weights_initializer, bias_initializer):
        bias = bias_initializer.initialize((self.output_size,), self.input_size, self.output_size)
        matrix = weights_initializer.initialize((self.input_size, self.output_size), self.input_size, self.output_size)
        rows = [*matrix, np.reshape(bias, self.output_size)]
        self.weights = np.array(rows)

    def forward(self, input_tensor):
        if len(input_tensor.shape) != 2 or input_tensor.shape[1] != self.input_size:
            raise ValueError(f"{input_tensor.shape} is not a legal input shape")
        self.rows = [[*map(float, row), 1.0] for row in input_tensor]
        out = []
        for row in self.rows:
            line = []
            for k in range(self.output_size):
                total = 0.0
                for n, value in enumerate(row):
                    total += value * self.weights[n][k]
                line.append(total)
            out.append(line)
        return np.array(out)

    def backward(self, error_tensor):
        gradient = np.zeros((self.input_size + 1, self.output_size))
        result = np.zeros((len(self.rows), self.input_size))
        for b, row in enumerate(self.rows):
            for k in range(self.output_size):
                for n in range(self.input_size + 1):
                    gradient[n, k] += row[n] * error_tensor[b, k]
                    if n < self.input_size:
                        result[b, n] += self.weights[n, k] * error_tensor[b, k]
        self.gradient_weights = gradient
        if self.optimizer is not None:
            self.weights = self.optimizer.calculate_update(self.weights, gradient)
        return result
