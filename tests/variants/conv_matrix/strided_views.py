import copy
from numbers import Integral

import numpy as np
from numpy.lib.stride_tricks import as_strided


def both(value):
    value = (value, value) if isinstance(value, Integral) else tuple(value)
    if len(value) != 2 or not all(isinstance(v, Integral) and v > 0 for v in value):
        raise ValueError(f"{value!r} is no positive int and no pair of them")
    return value


def windows(images, kernel, stride, writeable=False):
    """A view (..., rows, cols, m, n) of images (..., y, x)."""
    size = tuple((n - k) // s + 1 for n, k, s in zip(images.shape[-2:], kernel, stride, strict=True))
    if min(size) < 1:
        raise ValueError(f"{kernel} in {images.shape}")
    *rest, y, x = images.strides
    steps = (*rest, y * stride[0], x * stride[1], y, x)
    return as_strided(images, (*images.shape[:-2], *size, *kernel), steps, writeable=writeable)


def convolution_matrix(kernel, input_shape, stride=1):
    kernel = np.array(kernel, dtype=float)
    y, x = both(input_shape)
    if kernel.ndim != 2 or not kernel.size:
        raise ValueError(f"kernel of shape {kernel.shape}")
    outputs = (y - kernel.shape[0]) // both(stride)[0] + 1, (x - kernel.shape[1]) // both(stride)[1] + 1
    if kernel.shape[0] > y or kernel.shape[1] > x:
        raise ValueError(f"kernel of shape {kernel.shape} for an image of shape {input_shape}")
    matrix = np.zeros((*outputs, y, x))
    a, b, c, d = matrix.strides
    (s, t), (m, n) = both(stride), kernel.shape
    as_strided(matrix, (*outputs, m, n), (a + s * c, b + t * d, c, d))[...] = kernel  # a window on the diagonal
    return matrix.reshape(outputs[0] * outputs[1], y * x)


def im2col(input_tensor, kernel_shape, stride_shape):
    images = np.asarray(input_tensor, dtype=float)
    if images.ndim != 4:
        raise ValueError(f"{images.shape}")
    seen = windows(images, both(kernel_shape), both(stride_shape))
    b, c, rows, cols, m, n = seen.shape
    return np.einsum("bcyxmn->bcmnyx", seen).reshape(b, c * m * n, rows * cols)


def col2im(columns, input_shape, kernel_shape, stride_shape):
    images = np.zeros(tuple(input_shape))
    seen = windows(images, both(kernel_shape), both(stride_shape), writeable=True)
    b, c, rows, cols, m, n = seen.shape
    if np.shape(columns) != (b, c * m * n, rows * cols):
        raise ValueError(f"{np.shape(columns)}")
    patches = np.reshape(columns, (b, c, m, n, rows, cols))
    for i in range(rows):
        for j in range(cols):
            seen[:, :, i, j] += patches[..., i, j]
    return images


class MatrixConv:
    """Positions as rows: columns.T @ kernels.T."""

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        c, m, n = convolution_shape
        if not all(isinstance(v, Integral) and v > 0 for v in (c, m, n, num_kernels)):
            raise ValueError(f"{convolution_shape}, {num_kernels}")
        self.trainable = True
        self.stride_shape, self.convolution_shape, self.num_kernels = both(stride_shape), (c, m, n), num_kernels
        self.weights = np.random.default_rng().random((num_kernels, c, m, n))
        self.bias = np.random.default_rng().random(num_kernels)
        self._optimizers = None

    optimizer = property(lambda self: self._optimizers)

    @optimizer.setter
    def optimizer(self, new):
        self._optimizers = None if new is None else [copy.deepcopy(new), copy.deepcopy(new)]

    def initialize(self, weights_initializer, bias_initializer):
        c, m, n = self.convolution_shape
        self.weights = weights_initializer.initialize(self.weights.shape, c * m * n, self.num_kernels * m * n)
        self.bias = bias_initializer.initialize(self.bias.shape, 1, 1)

    def forward(self, input_tensor):
        if input_tensor.ndim != 4 or input_tensor.shape[1] != self.convolution_shape[0]:
            raise ValueError(f"{input_tensor.shape} instead of (b, {self.convolution_shape[0]}, y, x)")
        self.shape = input_tensor.shape
        columns = im2col(input_tensor, self.convolution_shape[1:], self.stride_shape)
        self.rows = columns.swapaxes(1, 2)  # (b, positions, c*m*n)
        out = self.rows @ np.reshape(self.weights, (self.num_kernels, -1)).T + self.bias
        sides = zip(self.shape[2:], self.convolution_shape[1:], self.stride_shape, strict=True)
        size = [(n - k) // s + 1 for n, k, s in sides]
        return np.moveaxis(out, 2, 1).reshape(len(out), self.num_kernels, *size)

    def backward(self, error_tensor):
        error = np.moveaxis(error_tensor.reshape(*error_tensor.shape[:2], -1), 1, 2)  # (b, positions, kernels)
        matrix = np.reshape(self.weights, (self.num_kernels, -1))
        columns = (error @ matrix).swapaxes(1, 2)
        self.gradient_weights = np.tensordot(error, self.rows, ((0, 1), (0, 1))).reshape(self.weights.shape)
        self.gradient_bias = error.sum((0, 1))
        if self._optimizers:
            self.weights = self._optimizers[0].calculate_update(self.weights, self.gradient_weights)
            self.bias = self._optimizers[1].calculate_update(self.bias, self.gradient_bias)
        return col2im(columns, self.shape, self.convolution_shape[1:], self.stride_shape)
