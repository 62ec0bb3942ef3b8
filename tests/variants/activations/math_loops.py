import math

import numpy as np


def each(function, *tensors):
    tensors = [np.asarray(t, dtype=float) for t in tensors]
    values = [function(*entries) for entries in zip(*(t.ravel().tolist() for t in tensors), strict=True)]
    return np.array(values, dtype=float).reshape(tensors[0].shape)


def sigmoid(x):
    if x < 0:
        return math.exp(x) / (1 + math.exp(x))
    return 1 / (1 + math.exp(-x))


class Sigmoid:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        self.out = each(sigmoid, input_tensor)
        return self.out

    def backward(self, error_tensor):
        return each(lambda s, e: s * (1 - s) * e, self.out, error_tensor)


class TanH:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        self.out = each(math.tanh, input_tensor)
        return self.out

    def backward(self, error_tensor):
        return each(lambda t, e: (1 - t * t) * e, self.out, error_tensor)


class ReLU:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        self.x = np.array(input_tensor)
        return each(lambda x: max(0.0, x), self.x)

    def backward(self, error_tensor):
        return each(lambda x, e: e if x > 0 else 0.0, self.x, error_tensor)


class LeakyReLU:
    def __init__(self, negative_slope=0.1):
        self.trainable = False
        self.a = negative_slope

    def forward(self, input_tensor):
        self.x = np.array(input_tensor)
        return each(lambda x: x if x > 0 else self.a * x, self.x)

    def backward(self, error_tensor):
        return each(lambda x, e: e if x > 0 else self.a * e, self.x, error_tensor)


class SoftMax:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        if len(input_tensor.shape) < 2:
            raise ValueError(f"got shape {input_tensor.shape}, expected at least two axes")
        x = np.asarray(input_tensor, dtype=float)
        self.out = np.zeros(x.shape)
        for place in np.ndindex(x.shape[0], *x.shape[2:]):
            line = (place[0], slice(None), *place[1:])
            top = max(x[line])
            e = [math.exp(v - top) for v in x[line]]
            self.out[line] = [v / sum(e) for v in e]
        return self.out

    def backward(self, error_tensor):
        result = np.zeros(self.out.shape)
        for place in np.ndindex(self.out.shape[0], *self.out.shape[2:]):
            line = (place[0], slice(None), *place[1:])
            y, e = self.out[line], error_tensor[line]
            for k in range(len(y)):
                result[(place[0], k, *place[1:])] = sum(y[j] * ((j == k) - y[k]) * e[j] for j in range(len(y)))
        return result
