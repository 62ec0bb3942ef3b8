import copy

import numpy as np


def two(value):
    values = [value, value] if isinstance(value, (int, np.integer)) else [int(v) for v in value]
    if len(values) != 2 or values[0] < 1 or values[1] < 1:
        raise ValueError("need one or two positive ints, got " + str(value))
    return int(values[0]), int(values[1])


def positions(y, x, m, n, s, t):
    """Upper left corners of all windows, row by row."""
    if m > y or n > x:
        raise ValueError(f"{m}x{n} does not fit into {y}x{x}")
    return [(i, j) for i in range(0, y - m + 1, s) for j in range(0, x - n + 1, t)]


def convolution_matrix(kernel, input_shape, stride=1):
    if np.ndim(kernel) != 2 or 0 in np.shape(kernel):
        raise ValueError(f"kernel {np.shape(kernel)}")
    y, x = input_shape
    m, n = np.shape(kernel)
    rows = []
    for i, j in positions(y, x, m, n, *two(stride)):
        canvas = np.zeros((y, x))
        canvas[i : i + m, j : j + n] = kernel
        rows.append(canvas.ravel())
    return np.array(rows)


def im2col(input_tensor, kernel_shape, stride_shape):
    if np.ndim(input_tensor) != 4:
        raise ValueError(f"input {np.shape(input_tensor)}")
    (m, n), (s, t) = two(kernel_shape), two(stride_shape)
    b, c, y, x = np.shape(input_tensor)
    places = positions(y, x, m, n, s, t)
    columns = np.zeros((b, c * m * n, len(places)))
    for number, (i, j) in enumerate(places):
        for image in range(b):
            row = 0
            for channel in range(c):
                for p in range(m):
                    for q in range(n):
                        columns[image, row, number] = input_tensor[image, channel, i + p, j + q]
                        row += 1
    return columns


def col2im(columns, input_shape, kernel_shape, stride_shape):
    (m, n), (s, t) = two(kernel_shape), two(stride_shape)
    b, c, y, x = input_shape
    places = positions(y, x, m, n, s, t)
    if np.shape(columns) != (b, c * m * n, len(places)):
        raise ValueError(f"columns {np.shape(columns)}")
    images = np.zeros((b, c, y, x))
    for image in range(b):
        for number, (i, j) in enumerate(places):
            images[image, :, i : i + m, j : j + n] += columns[image, :, number].reshape(c, m, n)
    return images


class MatrixConv:
    def __init__(self, stride_shape, convolution_shape, num_kernels):
        self.trainable = True
        c, m, n = convolution_shape
        if min(c, m, n, num_kernels) < 1:
            raise ValueError(f"{convolution_shape} and {num_kernels} must be positive")
        self.stride, self.shape, self.num_kernels = two(stride_shape), (int(c), int(m), int(n)), int(num_kernels)
        self.weights = np.random.rand(self.num_kernels, *self.shape)
        self.bias = np.random.rand(self.num_kernels)
        self.opt_w = self.opt_b = None

    @property
    def optimizer(self):
        return self.opt_w

    @optimizer.setter
    def optimizer(self, value):
        self.opt_w, self.opt_b = copy.deepcopy(value), copy.deepcopy(value)

    def initialize(self, weights_initializer, bias_initializer):
        c, m, n = self.shape
        self.weights = weights_initializer.initialize((self.num_kernels, c, m, n), c * m * n, self.num_kernels * m * n)
        self.bias = bias_initializer.initialize((self.num_kernels,), c * m * n, self.num_kernels * m * n)

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4 or np.shape(input_tensor)[1] != self.shape[0]:
            raise ValueError(f"input {np.shape(input_tensor)} for kernels {self.shape}")
        self.input_shape = b, _, y, _ = np.shape(input_tensor)
        self.columns = im2col(input_tensor, self.shape[1:], self.stride)
        rows = (y - self.shape[1]) // self.stride[0] + 1
        out = np.zeros((b, self.num_kernels, rows, self.columns.shape[2] // rows))
        for image in range(b):
            for k in range(self.num_kernels):
                values = np.ravel(self.weights[k]) @ self.columns[image] + self.bias[k]
                out[image, k] = values.reshape(rows, -1)
        return out

    def backward(self, error_tensor):
        kernels = np.reshape(self.weights, (self.num_kernels, -1))
        gradient, spread = np.zeros(kernels.shape), np.zeros(self.columns.shape)
        for image, error in enumerate(error_tensor):
            flat = error.reshape(self.num_kernels, -1)
            gradient += flat @ self.columns[image].T
            spread[image] = kernels.T @ flat
        self.gradient_weights = gradient.reshape(self.num_kernels, *self.shape)
        self.gradient_bias = error_tensor.sum(axis=(0, 2, 3))
        if self.opt_w is not None:
            self.weights = self.opt_w.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.opt_b.calculate_update(self.bias, self.gradient_bias)
        return col2im(spread, self.input_shape, self.shape[1:], self.stride)
