"""One slice of the images for each entry of the kernel, stacked."""

import copy
from itertools import product

import numpy as np


def pair_of(value):
    array = np.atleast_1d(value)
    if array.size > 2 or array.min() < 1:
        raise ValueError(f"{value} should be one or two positive ints")
    return int(array[0]), int(array[-1])


def slices(size, kernel, stride):
    (y, x), (m, n), (s, t) = size, kernel, stride
    if m > y or n > x:
        raise ValueError(f"a kernel of {kernel} is too large for {size}")
    return [(slice(p, p + y - m + 1, s), slice(q, q + x - n + 1, t)) for p, q in product(range(m), range(n))]


def convolution_matrix(kernel, input_shape, stride=1):
    """Row r is the gradient of output r: what each unit pixel contributes to all outputs, transposed."""
    kernel = np.asarray(kernel, dtype=float)
    y, x = input_shape
    if kernel.ndim != 2 or not kernel.size:
        raise ValueError(f"kernel of shape {kernel.shape}")
    units = np.eye(y * x).reshape(y * x, y, x)
    seen = slices((y, x), kernel.shape, pair_of(stride))
    outputs = sum(weight * units[:, rows, cols] for weight, (rows, cols) in zip(kernel.flat, seen, strict=True))
    return outputs.reshape(y * x, -1).T


def im2col(input_tensor, kernel_shape, stride_shape):
    x = np.asarray(input_tensor)
    if x.ndim != 4:
        raise ValueError(f"input of shape {x.shape}")
    cut = [x[:, :, rows, cols] for rows, cols in slices(x.shape[2:], pair_of(kernel_shape), pair_of(stride_shape))]
    stacked = np.stack(cut, axis=2).astype(float)  # (b, c, m*n, y', x')
    return stacked.reshape(x.shape[0], x.shape[1] * len(cut), -1)


def col2im(columns, input_shape, kernel_shape, stride_shape):
    images = np.zeros(input_shape)
    seen = slices(images.shape[2:], pair_of(kernel_shape), pair_of(stride_shape))
    shape = images[(..., *seen[0])].shape
    if np.shape(columns) != (shape[0], shape[1] * len(seen), shape[2] * shape[3]):
        raise ValueError(f"columns of shape {np.shape(columns)}")
    parts = np.reshape(columns, (*shape[:2], len(seen), *shape[2:]))
    for number, (rows, cols) in enumerate(seen):
        images[:, :, rows, cols] += parts[:, :, number]
    return images


class MatrixConv:
    def __init__(self, stride_shape, convolution_shape, num_kernels):
        shape = tuple(int(n) for n in convolution_shape)
        if len(shape) != 3 or min(shape) < 1 or num_kernels < 1:
            raise ValueError(f"{num_kernels} kernels of shape {convolution_shape}")
        self.stride, self.kernel = pair_of(stride_shape), shape[1:]
        if np.size(stride_shape) > 2:
            raise ValueError(f"stride {stride_shape}")
        self.trainable = True
        self.weights = np.random.random((int(num_kernels), *shape))
        self.bias = np.random.random(int(num_kernels))
        self.optimizer = None

    def __setattr__(self, name, value):
        if name == "optimizer" and value is not None:
            value = {"weights": copy.deepcopy(value), "bias": copy.deepcopy(value)}
        super().__setattr__(name, value)

    def initialize(self, weights_initializer, bias_initializer):
        k, c, m, n = np.shape(self.weights)
        self.weights = weights_initializer.initialize((k, c, m, n), c * m * n, k * m * n)
        self.bias = bias_initializer.initialize((k,), c * m * n, k * m * n)

    def forward(self, input_tensor):
        self.x = np.asarray(input_tensor, dtype=float)
        k, c = np.shape(self.weights)[:2]
        if self.x.ndim != 4 or self.x.shape[1] != c:
            raise ValueError(f"input of shape {self.x.shape}")
        columns = im2col(self.x, self.kernel, self.stride)
        size = self.x[(..., *slices(self.x.shape[2:], self.kernel, self.stride)[0])].shape[2:]
        flat = np.einsum("kr,brp->bkp", np.reshape(self.weights, (k, -1)), columns)
        return flat.reshape(len(self.x), k, *size) + np.reshape(self.bias, (k, 1, 1))

    def backward(self, error_tensor):
        k = len(self.weights)
        error = np.reshape(error_tensor, (len(self.x), k, -1))
        columns = im2col(self.x, self.kernel, self.stride)
        spread = np.einsum("kr,bkp->brp", np.reshape(self.weights, (k, -1)), error)
        self.gradient_weights = np.einsum("bkp,brp->kr", error, columns).reshape(np.shape(self.weights))
        self.gradient_bias = np.einsum("bkp->k", error)
        if self.optimizer is not None:
            self.weights = self.optimizer["weights"].calculate_update(self.weights, self.gradient_weights)
            self.bias = self.optimizer["bias"].calculate_update(self.bias, self.gradient_bias)
        return col2im(spread, self.x.shape, self.kernel, self.stride)
