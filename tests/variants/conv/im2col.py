import copy
from math import prod

import numpy as np


def im2col_indices(c, h, w, k_shape, s_shape):
    """Flat positions in a padded (c, h, w) image, shape (c*m*n, number of windows)."""
    m, n = k_shape
    ys = np.arange(0, h - m + 1, s_shape[0])
    xs = np.arange(0, w - n + 1, s_shape[1])
    start = (ys[:, None] * w + xs[None, :]).reshape(1, -1)
    offset = np.arange(c)[:, None, None] * h * w + np.arange(m)[:, None] * w + np.arange(n)
    return offset.reshape(-1, 1) + start


class Conv:
    def __init__(self, stride_shape, convolution_shape, num_kernels):
        for number in np.ravel(stride_shape).tolist() + np.ravel(convolution_shape).tolist() + [num_kernels]:
            if number < 1 or number % 1 != 0:
                raise ValueError(
                    f"stride {stride_shape}, convolution_shape {convolution_shape}, num_kernels {num_kernels}: "
                    "only positive ints are allowed"
                )
        self.convolution_shape = tuple(int(v) for v in np.ravel(convolution_shape))
        strides = tuple(int(v) for v in np.ravel(stride_shape))
        if len(self.convolution_shape) == 3:
            if len(strides) > 2:
                raise ValueError(f"too many strides: {stride_shape}")
            self.stride = strides if len(strides) == 2 else (strides[0], strides[0])
            self.kernel = self.convolution_shape[1:]
        elif len(self.convolution_shape) == 2:
            if len(strides) != 1:
                raise ValueError(f"a 1-D convolution has one stride, not {stride_shape}")
            self.stride = (1, strides[0])
            self.kernel = (1, self.convolution_shape[1])
        else:
            raise ValueError(f"convolution_shape must have 2 or 3 entries: {convolution_shape}")
        self.num_kernels = int(num_kernels)
        self.trainable = True
        self.weights = np.random.uniform(size=(self.num_kernels, *self.convolution_shape))
        self.bias = np.random.uniform(size=(self.num_kernels,))
        self._optimizer = self._bias_optimizer = None
        self.gradient_weights = self.gradient_bias = None

    def initialize(self, weights_initializer, bias_initializer):
        receptive = prod(self.kernel)
        self.weights = weights_initializer.initialize(
            self.weights.shape, self.convolution_shape[0] * receptive, self.num_kernels * receptive
        )
        self.bias = bias_initializer.initialize(
            self.bias.shape, self.convolution_shape[0] * receptive, self.num_kernels * receptive
        )

    @property
    def optimizer(self):
        return self._optimizer

    @optimizer.setter
    def optimizer(self, value):
        if value is None:
            self._optimizer = self._bias_optimizer = None
        else:
            self._optimizer = copy.deepcopy(value)
            self._bias_optimizer = copy.deepcopy(value)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor)
        if x.ndim != 1 + len(self.convolution_shape):
            raise ValueError(f"wrong number of axes: {x.shape} for kernels {self.convolution_shape}")
        if x.shape[1] != self.convolution_shape[0]:
            raise ValueError(f"{x.shape[1]} channels given, {self.convolution_shape[0]} expected")
        self.in_shape = x.shape
        b, c = x.shape[:2]
        h, w = x.shape[2:] if x.ndim == 4 else (1, x.shape[2])
        m, n = self.kernel
        self.crop = (m // 2, n // 2)
        self.hw = (h, w)
        padded = np.zeros((b, c, h + m - 1, w + n - 1))
        padded[:, :, m // 2 : m // 2 + h, n // 2 : n // 2 + w] = x.reshape(b, c, h, w)
        self.padded_shape = padded.shape
        self.idx = im2col_indices(c, h + m - 1, w + n - 1, self.kernel, self.stride)
        self.cols = padded.reshape(b, -1)[:, self.idx]
        out = self.weights.reshape(self.num_kernels, -1) @ self.cols + self.bias[:, None]
        spatial = tuple(-(-size // s) for size, s in zip((h, w), self.stride, strict=True))
        return out.reshape(b, self.num_kernels, *(spatial if x.ndim == 4 else spatial[1:]))

    def backward(self, error_tensor):
        b = self.in_shape[0]
        e = np.asarray(error_tensor, dtype=float).reshape(b, self.num_kernels, -1)
        self.gradient_weights = np.sum(e @ self.cols.transpose(0, 2, 1), axis=0).reshape(self.weights.shape)
        self.gradient_bias = e.sum(axis=2).sum(axis=0)
        dcols = self.weights.reshape(self.num_kernels, -1).T @ e
        dpad = np.zeros((b, int(np.prod(self.padded_shape[1:]))))
        for image in range(b):
            np.add.at(dpad[image], self.idx, dcols[image])
        dpad = dpad.reshape(self.padded_shape)
        top, left = self.crop
        dx = dpad[:, :, top : top + self.hw[0], left : left + self.hw[1]].reshape(self.in_shape)
        if self._optimizer:
            self.weights = self._optimizer.calculate_update(self.weights, self.gradient_weights)
        if self._bias_optimizer:
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return dx
