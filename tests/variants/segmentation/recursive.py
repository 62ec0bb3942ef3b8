"""Each level is an encoder step, everything deeper, and a decoder step."""

import copy

import numpy as np
from activations import ReLU
from conv import Conv
from conv_variants import MaxUnpooling, NearestUpsampling
from pooling import MaxPooling


class Bottom:
    def __init__(self, channels):
        self.layers = [Conv(1, (channels, 3, 3), channels), ReLU()]

    def forward(self, x):
        return self.layers[1].forward(self.layers[0].forward(x))

    def backward(self, e):
        return self.layers[0].backward(self.layers[1].backward(e))


class Level:
    def __init__(self, kind, before, channels, after, inner):
        self.kind, self.inner, self.channels = kind, inner, channels
        self.down = [Conv(1, (before, 3, 3), channels), ReLU(), MaxPooling(2, 2)]
        enlarge = MaxUnpooling() if kind == "segnet" else NearestUpsampling(2)
        width = channels * 2 if kind == "unet" else channels
        self.up = [enlarge, Conv(1, (width, 3, 3), after), ReLU()]
        self.layers = self.down + inner.layers + self.up

    def forward(self, x):
        here = self.down[1].forward(self.down[0].forward(x))
        y = self.inner.forward(self.down[2].forward(here))
        if self.kind == "segnet":
            y = self.up[0].forward(y, self.down[2].indices, (here.shape[2], here.shape[3]))
        else:
            y = self.up[0].forward(y)
        if self.kind == "unet":
            both = np.empty((here.shape[0], 2 * self.channels, *here.shape[2:]))
            both[:, : self.channels] = here
            both[:, self.channels :] = y
            y = both
        return self.up[2].forward(self.up[1].forward(y))

    def backward(self, e):
        e = self.up[1].backward(self.up[2].backward(e))
        skipped = 0
        if self.kind == "unet":
            skipped, e = e[:, : self.channels], e[:, self.channels :]
        e = self.down[2].backward(self.inner.backward(self.up[0].backward(e)))
        return self.down[0].backward(self.down[1].backward(e + skipped))


class EncoderDecoder:
    kind = "plain"
    trainable = True

    def __init__(self, in_channels=1, channels=(8, 16)):
        first, second = channels
        inner = Level(self.kind, first, second, first, Bottom(second))
        self.body = Level(self.kind, in_channels, first, first, inner)
        self.head = Conv(1, (first, 1, 1), in_channels)
        self.layers = [*self.body.layers, self.head]
        self.optimizer_of_all = None
        self.the_phase = "train"

    @property
    def optimizer(self):
        return self.optimizer_of_all

    @optimizer.setter
    def optimizer(self, optimizer):
        self.optimizer_of_all = copy.deepcopy(optimizer)
        for layer in self.layers:
            if layer.trainable:
                layer.optimizer = copy.deepcopy(optimizer)

    @property
    def phase(self):
        return self.the_phase

    @phase.setter
    def phase(self, phase):
        self.the_phase = phase
        for layer in self.layers:
            try:
                layer.phase  # noqa: B018
            except AttributeError:
                continue
            layer.phase = phase

    def initialize(self, weights_initializer, bias_initializer):
        for layer in reversed(self.layers):
            if layer.trainable:
                layer.initialize(weights_initializer, bias_initializer)

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4 or np.mod(np.shape(input_tensor)[2:], 4).any():
            raise ValueError(f"sides must be multiples of 4: {np.shape(input_tensor)}")
        return self.head.forward(self.body.forward(input_tensor))

    def backward(self, error_tensor):
        return self.body.backward(self.head.backward(error_tensor))


class UNet(EncoderDecoder):
    kind = "unet"


class SegNet(EncoderDecoder):
    kind = "segnet"
