"""im2col is linear, so it is a matrix of zeros and ones, and col2im is its transpose."""

import copy

import numpy as np


def sides(value):
    if isinstance(value, (list, tuple, np.ndarray)):
        first, second = value
    else:
        first = second = value
    if first < 1 or second < 1:
        raise ValueError(f"not positive: {value}")
    return int(first), int(second)


def selection(shape, kernel_shape, stride_shape):
    """(m*n*positions, y*x): which pixel is read."""
    (y, x), (m, n), (s, t) = sides(shape), sides(kernel_shape), sides(stride_shape)
    if m > y or n > x:
        raise ValueError(f"{(m, n)} does not fit into {(y, x)}")
    pixels = np.arange(y * x).reshape(y, x)
    read = [pixels[p : y - m + p + 1 : s, q : x - n + q + 1 : t].ravel() for p in range(m) for q in range(n)]
    return np.eye(y * x)[np.array(read)]  # (m*n, positions, y*x)


def convolution_matrix(kernel, input_shape, stride=1):
    kernel = np.asarray(kernel, dtype=float)
    if kernel.ndim != 2:
        raise ValueError(f"kernel {kernel.shape}")
    return np.tensordot(kernel.ravel(), selection(input_shape, kernel.shape, stride), 1)


def im2col(input_tensor, kernel_shape, stride_shape):
    b, c, y, x = np.shape(input_tensor)
    select = selection((y, x), kernel_shape, stride_shape)
    columns = np.einsum("bci,rpi->bcrp", np.reshape(input_tensor, (b, c, y * x)), select)
    return columns.reshape(b, -1, select.shape[1])


def col2im(columns, input_shape, kernel_shape, stride_shape):
    b, c, y, x = input_shape
    select = selection((y, x), kernel_shape, stride_shape)
    if np.shape(columns) != (b, c * select.shape[0], select.shape[1]):
        raise ValueError(f"columns {np.shape(columns)}")
    patches = np.reshape(columns, (b, c, *select.shape[:2]))
    return np.einsum("bcrp,rpi->bci", patches, select).reshape(b, c, y, x)


class MatrixConv:
    """One convolution matrix for every pair of kernel and channel; backward multiplies with their transposes."""

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        self.stride = sides(stride_shape)
        c, m, n = convolution_shape
        if c < 1 or m < 1 or n < 1 or num_kernels < 1:
            raise ValueError(f"{convolution_shape}, {num_kernels}")
        self.trainable, self.k, self.c, self.m, self.n = True, int(num_kernels), int(c), int(m), int(n)
        self.weights = np.random.rand(self.k, self.c, self.m, self.n)
        self.bias = np.random.rand(self.k)
        self.optimizer = None

    @property
    def optimizer(self):
        return self._w

    @optimizer.setter
    def optimizer(self, value):
        self._w, self._b = copy.deepcopy((value,)), copy.deepcopy((value,))
        if value is None:
            self._w = self._b = None

    def initialize(self, weights_initializer, bias_initializer):
        shape, area = (self.k, self.c, self.m, self.n), self.m * self.n
        self.weights = weights_initializer.initialize(shape, self.c * area, self.k * area)
        self.bias = bias_initializer.initialize((self.k,), self.c * area, self.k * area)

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4 or input_tensor.shape[1] != self.c:
            raise ValueError(f"input {np.shape(input_tensor)}")
        self.shape = b, c, y, x = input_tensor.shape
        self.x = np.reshape(input_tensor, (b, c, y * x)).astype(float)
        self.matrices = np.array(
            [[convolution_matrix(kernel, (y, x), self.stride) for kernel in kernels] for kernels in self.weights]
        )
        out = np.einsum("kcpi,bci->bkp", self.matrices, self.x) + np.asarray(self.bias)[:, None]
        return out.reshape(b, self.k, (y - self.m) // self.stride[0] + 1, -1)

    def backward(self, error_tensor):
        error = error_tensor.reshape(*error_tensor.shape[:2], -1)
        select = selection(self.shape[2:], (self.m, self.n), self.stride)
        gradient = np.einsum("bkp,rpi,bci->kcr", error, select, self.x, optimize=True)
        self.gradient_weights = gradient.reshape(self.k, self.c, self.m, self.n)
        self.gradient_bias = error.sum(axis=2).sum(axis=0)
        if self._w:
            self.weights = self._w[0].calculate_update(self.weights, self.gradient_weights)
            self.bias = self._b[0].calculate_update(self.bias, self.gradient_bias)
        return np.einsum("kcpi,bkp->bci", self.matrices, error).reshape(self.shape)
