"""Entry by entry, with `while` and flat lists."""

import copy

import numpy as np


class ResidualBlock:
    def __init__(self, layers):
        self.layers = []
        self.layers.extend(layers)
        self.trainable = False
        for layer in self.layers:
            self.trainable = self.trainable or layer.trainable
        self._opt = None
        self._phase = "train"

    def initialize(self, weights_initializer, bias_initializer):
        for layer in self.layers:
            if not layer.trainable:
                continue
            layer.initialize(weights_initializer, bias_initializer)

    @property
    def optimizer(self):
        return self._opt

    @optimizer.setter
    def optimizer(self, value):
        self._opt = value
        for layer in self.layers:
            if layer.trainable:
                if value is None:
                    layer.optimizer = None
                else:
                    layer.optimizer = copy.deepcopy(value)

    @property
    def phase(self):
        return self._phase

    @phase.setter
    def phase(self, value):
        self._phase = value
        for layer in self.layers:
            try:
                layer.phase  # noqa: B018
            except AttributeError:
                continue
            layer.phase = value

    def forward(self, input_tensor):
        result = input_tensor
        number = 0
        while number < len(self.layers):
            result = self.layers[number].forward(result)
            number += 1
        if result.shape != input_tensor.shape:
            raise ValueError("The shapes differ: " + str(result.shape) + ", " + str(input_tensor.shape))
        output = np.zeros(result.shape)
        self.open = np.zeros(result.shape)
        for position in np.ndindex(*result.shape):
            total = result[position] + input_tensor[position]
            if total > 0:
                output[position] = total
                self.open[position] = 1
        return output

    def backward(self, error_tensor):
        masked = np.zeros(error_tensor.shape)
        for position in np.ndindex(*error_tensor.shape):
            if self.open[position]:
                masked[position] = error_tensor[position]
        gradient = masked
        for layer in self.layers[::-1]:
            gradient = layer.backward(gradient)
        return np.add(gradient, masked)
