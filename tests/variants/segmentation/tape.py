"""forward records what to undo on a tape; backward plays it from the end."""

import numpy as np
from activations import ReLU
from conv import Conv
from conv_variants import MaxUnpooling, NearestUpsampling
from pooling import MaxPooling

POOLS, UPS = (2, 5), (8, 11)


class _Net:
    trainable = True

    def __init__(self, in_channels=1, channels=(8, 16)):
        n = 2 if isinstance(self, UNet) else 1
        up = MaxUnpooling if isinstance(self, SegNet) else lambda: NearestUpsampling(2)
        c = [in_channels, channels[0], channels[1]]
        convs = [(c[0], c[1]), (c[1], c[2]), (c[2], c[2]), (n * c[2], c[1]), (n * c[1], c[1])]
        a, b, m, d, e = [[Conv(1, (i, 3, 3), o), ReLU()] for i, o in convs]
        pools = [MaxPooling(2, 2) for _ in POOLS]
        ups = [up() for _ in UPS]
        self.layers = [*a, pools[0], *b, pools[1], *m, ups[0], *d, ups[1], *e, Conv(1, (c[1], 1, 1), c[0])]
        self.optimizer = None
        self.phase = "train"

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "optimizer":
            for layer in self.layers:
                if layer.trainable:
                    layer.optimizer = value
        if name == "phase":
            for layer in self.layers:
                if hasattr(layer, "phase"):
                    layer.phase = value

    def initialize(self, weights_initializer, bias_initializer):
        for layer in self.layers:
            if layer.trainable:
                layer.initialize(weights_initializer, bias_initializer)

    def forward(self, input_tensor):
        height, width = np.shape(input_tensor)[-2:]
        if height & 3 or width & 3:
            raise ValueError("sides: multiples of 4")
        self.tape, values = [], {}
        x = input_tensor
        for place, layer in enumerate(self.layers):
            if place in POOLS:
                values[place] = x
            if place in UPS:
                pool = POOLS[UPS[::-1].index(place)]
                x = self.enlarge(layer, x, self.layers[pool], values[pool])
                x = self.join(x, pool, values[pool])
            else:
                x = layer.forward(x)
            self.tape.append(place)
        return x

    def enlarge(self, layer, x, pool, before):
        return layer.forward(x)

    def join(self, x, pool, before):
        return x

    def cut(self, error, pool, kept):
        return error

    def backward(self, error):
        kept = {}
        for place in reversed(self.tape):
            if place in UPS:
                error = self.cut(error, POOLS[UPS[::-1].index(place)], kept)
            error = self.layers[place].backward(error)
            if place in kept:
                error = np.add(error, kept[place])
        return error


class EncoderDecoder(_Net):
    pass


class UNet(_Net):
    def join(self, x, pool, before):
        return np.r_["1", before, x]

    def cut(self, error, pool, kept):
        both = error.reshape(len(error), 2, -1, *error.shape[2:])
        kept[pool] = both[:, 0]
        return both[:, 1]


class SegNet(_Net):
    def enlarge(self, layer, x, pool, before):
        return layer.forward(x, pool.indices.copy(), before.shape[2:])
