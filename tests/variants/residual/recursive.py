"""The block as a list of closures that is built anew in every forward."""

from copy import deepcopy

import numpy as np


class ResidualBlock:
    def __init__(self, layers):
        self.layers = layers
        self.optimizer = None
        self.phase = "train"

    @property
    def trainable(self):
        return True in [layer.trainable for layer in self.layers]

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if name == "phase":
            for layer in self.layers:
                if hasattr(layer, name):
                    setattr(layer, name, value)
        if name == "optimizer":
            for layer in filter(lambda layer: layer.trainable, self.layers):
                layer.optimizer = deepcopy(value)

    def initialize(self, weights_initializer, bias_initializer):
        [layer.initialize(weights_initializer, bias_initializer) for layer in self.layers if layer.trainable]

    def run(self, x, layers):
        return self.run(layers[0].forward(x), layers[1:]) if layers else x

    def unwind(self, error, layers):
        return self.unwind(layers[-1].backward(error), layers[:-1]) if layers else error

    def forward(self, input_tensor):
        f = self.run(input_tensor, self.layers)
        if np.shape(f) != np.shape(input_tensor):
            raise ValueError(f"F(x) has shape {np.shape(f)}, x has {np.shape(input_tensor)}")
        self.output = np.maximum(f + input_tensor, 0)
        return self.output.copy()

    def backward(self, error_tensor):
        error = error_tensor * (self.output > 0)
        return self.unwind(error, self.layers) + error
