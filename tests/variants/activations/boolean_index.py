import numpy as np


class Sigmoid:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        y = np.empty_like(x)
        positive = x >= 0
        y[positive] = 1 / (1 + np.exp(-x[positive]))
        e = np.exp(x[~positive])
        y[~positive] = e / (1 + e)
        self.y = y
        return y.copy()

    def backward(self, error_tensor):
        return error_tensor * (self.y - self.y**2)


class TanH:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        self.y = np.tanh(np.asarray(input_tensor, dtype=float))
        return self.y.copy()

    def backward(self, error_tensor):
        return error_tensor * (1 - self.y) * (1 + self.y)


class ReLU:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        y = np.array(input_tensor, dtype=float)
        self.off = y <= 0
        y[self.off] = 0
        return y

    def backward(self, error_tensor):
        dx = np.array(error_tensor, dtype=float)
        dx[self.off] = 0
        return dx


class LeakyReLU:
    def __init__(self, negative_slope=0.1):
        self.trainable = False
        self.negative_slope = negative_slope

    def forward(self, input_tensor):
        y = np.array(input_tensor, dtype=float)
        self.off = y < 0
        y[self.off] *= self.negative_slope
        return y

    def backward(self, error_tensor):
        dx = np.array(error_tensor, dtype=float)
        dx[self.off] *= self.negative_slope
        return dx


class SoftMax:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        x = np.array(input_tensor, dtype=float)
        if x.ndim not in (2, 4):
            raise ValueError(f"expected (b, n) or (b, c, y, x), got {x.shape}")
        x -= x.max(axis=1, keepdims=True)
        np.exp(x, out=x)
        x /= x.sum(axis=1, keepdims=True)
        self.y = x
        return x.copy()

    def backward(self, error_tensor):
        weighted = error_tensor * self.y
        return weighted - self.y * weighted.sum(axis=1, keepdims=True)
