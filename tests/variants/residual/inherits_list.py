"""The block is a list of its layers; the error of the shortcut is added by a generator of steps."""

import copy
from functools import reduce

import numpy as np


class ResidualBlock(list):
    _memory = None
    phase_now = "train"

    @property
    def trainable(self):
        return bool(sum(layer.trainable for layer in self))

    @property
    def optimizer(self):
        return self._memory

    @optimizer.setter
    def optimizer(self, new):
        self._memory = new
        for layer in self.learners():
            layer.optimizer = copy.deepcopy(new)

    @property
    def phase(self):
        return self.phase_now

    @phase.setter
    def phase(self, new):
        self.phase_now = new
        for layer in self:
            if getattr(layer, "phase", None) is not None:
                layer.phase = new

    def learners(self):
        yield from (layer for layer in self if layer.trainable)

    def initialize(self, *initializers):
        for layer in self.learners():
            layer.initialize(*initializers)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=np.float64)
        f = reduce(lambda value, layer: layer.forward(value), self, x)
        if f.shape != x.shape:
            raise ValueError(f"the layers make {f.shape} of {x.shape}")
        total = f + x
        self.closed = ~(total > 0)
        total[self.closed] = 0
        return total

    def backward(self, error_tensor):
        error = error_tensor.copy()
        error[self.closed] = 0
        return reduce(lambda value, layer: layer.backward(value), self[::-1], error) + error
