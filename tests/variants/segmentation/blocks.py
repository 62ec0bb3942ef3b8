"""Blocks of layers; imports inside of the functions; skipped errors as zero-padded arrays."""

import numpy as np


class Block:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x, *more):
        for layer in self.layers:
            x = layer.forward(x, *more)
            more = ()
        return x

    def backward(self, e):
        for layer in self.layers[::-1]:
            e = layer.backward(e)
        return e


class EncoderDecoder:
    trainable = True

    def __init__(self, in_channels=1, channels=(8, 16)):
        self.parts = self.make(in_channels, *map(int, channels))
        self.layers = [layer for part in self.parts for layer in part.layers]
        self._optimizer, self._phase = None, "train"

    def make(self, c0, c1, c2, k=1):
        from activations import ReLU
        from conv import Conv
        from pooling import MaxPooling

        return [
            Block(Conv(1, (c0, 3, 3), c1), ReLU()),
            Block(MaxPooling(2, 2), Conv(1, (c1, 3, 3), c2), ReLU()),
            Block(MaxPooling(2, 2), Conv(1, (c2, 3, 3), c2), ReLU()),
            Block(self.up()),
            Block(Conv(1, (k * c2, 3, 3), c1), ReLU()),
            Block(self.up()),
            Block(Conv(1, (k * c1, 3, 3), c1), ReLU(), Conv(1, (c1, 1, 1), c0)),
        ]

    def up(self):
        from conv_variants import NearestUpsampling

        return NearestUpsampling(2)

    def __getattr__(self, name):
        if name in ("optimizer", "phase"):
            return self.__dict__["_" + name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        if name not in ("optimizer", "phase"):
            object.__setattr__(self, name, value)
            return
        self.__dict__["_" + name] = value
        for layer in self.layers:
            if layer.trainable if name == "optimizer" else hasattr(layer, name):
                setattr(layer, name, value)

    def initialize(self, weights_initializer, bias_initializer):
        for layer in self.layers:
            if layer.trainable:
                layer.initialize(weights_initializer, bias_initializer)

    def check(self, x):
        _, _, height, width = x.shape
        if height % 4 + width % 4 > 0:
            raise ValueError("cannot be halved twice")

    def forward(self, x):
        self.check(x)
        for part in self.parts:
            x = part.forward(x)
        return x

    def backward(self, e):
        for part in reversed(self.parts):
            e = part.backward(e)
        return e


class UNet(EncoderDecoder):
    def make(self, c0, c1, c2):
        return super().make(c0, c1, c2, k=2)

    def forward(self, x):
        self.check(x)
        first, second, bottom, up, decode, up_again, end = self.parts
        a = first.forward(x)
        b = second.forward(a)
        y = up.forward(bottom.forward(b))
        y = decode.forward(np.stack([b, y], axis=1).reshape(len(b), -1, *b.shape[2:]))
        return end.forward(np.append(a, up_again.forward(y), axis=1))

    def backward(self, e):
        first, second, bottom, up, decode, up_again, end = self.parts
        a, e = np.array_split(end.backward(e), 2, axis=1)
        b, e = np.array_split(decode.backward(up_again.backward(e)), 2, axis=1)
        b = b + bottom.backward(up.backward(e))
        a = a + second.backward(b)
        return first.backward(a)


class SegNet(EncoderDecoder):
    def up(self):
        from conv_variants import MaxUnpooling

        return MaxUnpooling()

    def forward(self, x):
        self.check(x)
        first, second, bottom, up, decode, up_again, end = self.parts
        a = first.forward(x)
        b = second.forward(a)
        y = up.forward(bottom.forward(b), bottom.layers[0].indices, b.shape[2:])
        y = up_again.forward(decode.forward(y), second.layers[0].indices, a.shape[2:])
        return end.forward(y)
