"""forward leaves a function behind which backward calls."""

import numpy as np


class _Activation:
    trainable = False
    _pullback = None

    def backward(self, error_tensor):
        return self._pullback(np.asarray(error_tensor, dtype=np.float64))


class Sigmoid(_Activation):
    def forward(self, input_tensor):
        s = np.exp(-np.logaddexp(0, -np.asarray(input_tensor, dtype=np.float64)))
        self._pullback = lambda e: e * s * (1 - s)
        return s


class TanH(_Activation):
    def forward(self, input_tensor):
        t = np.tanh(np.asarray(input_tensor, dtype=np.float64))
        self._pullback = lambda e: e - e * t * t
        return t


class ReLU(_Activation):
    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=np.float64)
        y = (np.abs(x) + x) / 2
        self._pullback = lambda e: e * np.sign(y)
        return y


class LeakyReLU(_Activation):
    def __init__(self, negative_slope=0.1):
        self.negative_slope = negative_slope

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=np.float64)
        slope = np.choose(x > 0, [self.negative_slope, 1.0])
        self._pullback = slope.__mul__
        return x * slope


class SoftMax(_Activation):
    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=np.float64)
        if x.ndim < 2:
            raise ValueError(f"no axis 1 in an array of shape {x.shape}")
        log_y = x - np.logaddexp.reduce(x, axis=1, keepdims=True)
        y = np.exp(log_y)
        self._pullback = lambda e: y * (e - np.einsum("bc...,bc...->b...", e, y)[:, None])
        return y
