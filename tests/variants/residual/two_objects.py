"""A sum and a ReLU as objects of their own."""

import copy

import numpy as np


class Sum:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        y = x
        for layer in self.layers:
            y = layer.forward(y)
        if y.shape != x.shape:
            raise ValueError(f"{y.shape} cannot be added to {x.shape}")
        return y + x

    def backward(self, e):
        g = e
        for index in range(len(self.layers) - 1, -1, -1):
            g = self.layers[index].backward(g)
        return g + e


class ReLU:
    def forward(self, x):
        self.x = x
        return x.clip(min=0)

    def backward(self, e):
        return np.heaviside(self.x, 0) * e


class ResidualBlock:
    def __init__(self, layers):
        self.parts = [Sum(layers), ReLU()]
        self.children = [layer for layer in layers if layer.trainable]
        self.with_phase = [layer for layer in layers if "phase" in dir(layer)]
        self.trainable = len(self.children) > 0
        self.__optimizer, self.__phase = None, "train"

    def forward(self, input_tensor):
        return self.parts[1].forward(self.parts[0].forward(np.array(input_tensor, dtype=float)))

    def backward(self, error_tensor):
        return self.parts[0].backward(self.parts[1].backward(error_tensor))

    def initialize(self, weights_initializer, bias_initializer):
        for child in self.children:
            child.initialize(weights_initializer, bias_initializer)

    def get_phase(self):
        return self.__phase

    def set_phase(self, phase):
        self.__phase = phase
        for layer in self.with_phase:
            layer.phase = phase

    def get_optimizer(self):
        return self.__optimizer

    def set_optimizer(self, optimizer):
        self.__optimizer = copy.deepcopy(optimizer)
        for child in self.children:
            child.optimizer = copy.deepcopy(optimizer)

    phase = property(get_phase, set_phase)
    optimizer = property(get_optimizer, set_optimizer)
