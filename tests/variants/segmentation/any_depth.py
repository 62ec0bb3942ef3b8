"""Any number of levels, with stacks for what is skipped; a base class says what the three have in common."""

from abc import ABC, abstractmethod
from itertools import pairwise

import numpy as np
from activations import ReLU
from conv import Conv
from conv_variants import MaxUnpooling, NearestUpsampling
from pooling import MaxPooling


class Base(ABC):
    trainable = True
    wider = 1

    def __init__(self, in_channels=1, channels=(8, 16)):
        sizes = [in_channels, *channels]
        self.levels = len(channels)
        self.layers = []
        for a, b in pairwise(sizes):
            self.layers += [Conv(1, (a, 3, 3), b), ReLU(), MaxPooling(2, 2)]
        self.layers += [Conv(1, (sizes[-1], 3, 3), sizes[-1]), ReLU()]
        for level in range(self.levels, 0, -1):
            out = sizes[max(level - 1, 1)]
            self.layers += [self.enlarge(), Conv(1, (self.wider * sizes[level], 3, 3), out), ReLU()]
        self.layers.append(Conv(1, (sizes[1], 1, 1), in_channels))
        self._state = {"optimizer": None, "phase": "train"}

    @abstractmethod
    def enlarge(self): ...

    @property
    def optimizer(self):
        return self._state["optimizer"]

    @optimizer.setter
    def optimizer(self, new):
        self._state["optimizer"] = new
        [setattr(layer, "optimizer", new) for layer in self.layers if layer.trainable]

    @property
    def phase(self):
        return self._state["phase"]

    @phase.setter
    def phase(self, new):
        self._state["phase"] = new
        [setattr(layer, "phase", new) for layer in self.layers if hasattr(layer, "phase")]

    def initialize(self, weights_initializer, bias_initializer):
        for layer in filter(lambda one: one.trainable, self.layers):
            layer.initialize(weights_initializer, bias_initializer)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor)
        if any(side % 2**self.levels for side in x.shape[2:]):
            raise ValueError(f"sides of {x.shape} must be multiples of {2**self.levels}")
        stack = []
        for layer in self.layers:
            x = self.step(layer, x, stack)
        return x

    def backward(self, error_tensor):
        stack = []
        for layer in reversed(self.layers):
            error_tensor = self.step_back(layer, error_tensor, stack)
        return error_tensor

    def step(self, layer, x, stack):
        return layer.forward(x)

    def step_back(self, layer, error, stack):
        return layer.backward(error)


class EncoderDecoder(Base):
    def enlarge(self):
        return NearestUpsampling(2)


class UNet(Base):
    wider = 2

    def enlarge(self):
        return NearestUpsampling(2)

    def step(self, layer, x, stack):
        if isinstance(layer, MaxPooling):
            stack.append(x)
        x = layer.forward(x)
        return np.hstack([stack.pop(), x]) if isinstance(layer, NearestUpsampling) else x

    def step_back(self, layer, error, stack):
        if isinstance(layer, NearestUpsampling):
            half = error.shape[1] // 2
            stack.append(error[:, :half])
            error = error[:, half:]
        error = layer.backward(error)
        return error + stack.pop() if isinstance(layer, MaxPooling) else error


class SegNet(Base):
    def enlarge(self):
        return MaxUnpooling()

    def step(self, layer, x, stack):
        if isinstance(layer, MaxUnpooling):
            return layer.forward(x, *stack.pop())
        y = layer.forward(x)
        if isinstance(layer, MaxPooling):
            stack.append((layer.indices, x.shape[-2:]))
        return y
