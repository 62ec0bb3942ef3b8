import copy

import numpy as np


def _pair(value):
    a, b = (value, value) if np.isscalar(value) else value
    if a < 1 or b < 1:
        raise ValueError(f"{value} is not positive")
    return int(a), int(b)


def _indices(shape, kernel, stride):
    """Flat pixels of (c, y, x), one row per entry of a column: (c*m*n, positions)."""
    c, y, x = shape
    (m, n), (s, t) = kernel, stride
    if m > y or n > x:
        raise ValueError(f"{kernel} is larger than {shape}")
    top, left = np.arange(0, y - m + 1, s), np.arange(0, x - n + 1, t)
    start = np.add.outer(top * x, left).ravel()
    offset = np.add.outer(np.add.outer(np.arange(c) * y * x, np.arange(m) * x), np.arange(n)).ravel()
    return offset[:, None] + start[None, :], (len(top), len(left))


def convolution_matrix(kernel, input_shape, stride=1):
    kernel = np.asarray(kernel)
    if kernel.ndim != 2 or not kernel.size or len(input_shape) != 2:
        raise ValueError(f"kernel of shape {kernel.shape}, image of shape {input_shape}")
    at, _ = _indices((1, *map(int, input_shape)), kernel.shape, _pair(stride))
    matrix = np.zeros((at.shape[1], int(input_shape[0] * input_shape[1])))
    np.put_along_axis(matrix, at.T, np.broadcast_to(kernel.ravel(), at.T.shape), axis=1)
    return matrix


def im2col(input_tensor, kernel_shape, stride_shape):
    x = np.array(input_tensor, dtype=float)
    if x.ndim != 4:
        raise ValueError(f"four axes expected, got {x.ndim}")
    at, _ = _indices(x.shape[1:], _pair(kernel_shape), _pair(stride_shape))
    return x.reshape(len(x), -1)[:, at]


def col2im(columns, input_shape, kernel_shape, stride_shape):
    b, *image = input_shape
    at, _ = _indices(image, _pair(kernel_shape), _pair(stride_shape))
    if np.shape(columns) != (b, *at.shape):
        raise ValueError(f"columns of shape {np.shape(columns)}, expected {(b, *at.shape)}")
    flat = np.zeros((b, int(np.prod(image))))
    np.add.at(flat, (slice(None), at), columns)
    return flat.reshape(input_shape)


class MatrixConv:
    trainable = True
    gradient_weights = gradient_bias = None

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        if len(convolution_shape) != 3 or min(convolution_shape) < 1 or num_kernels < 1:
            raise ValueError(f"convolution_shape {convolution_shape}, num_kernels {num_kernels}")
        self.stride = _pair(stride_shape)
        self.shape = (int(num_kernels), *(int(n) for n in convolution_shape))
        self.weights, self.bias = np.random.uniform(size=self.shape), np.random.uniform(size=self.shape[0])
        self._optimizers = {}

    @property
    def optimizer(self):
        return self._optimizers.get("weights")

    @optimizer.setter
    def optimizer(self, value):
        names = () if value is None else ("weights", "bias")
        self._optimizers = {name: copy.deepcopy(value) for name in names}

    def initialize(self, weights_initializer, bias_initializer):
        k, c, m, n = self.shape
        self.weights = weights_initializer.initialize(self.shape, c * m * n, k * m * n)
        self.bias = bias_initializer.initialize(self.shape[:1], c * m * n, k * m * n)

    def forward(self, input_tensor):
        x = np.array(input_tensor, dtype=float)
        if x.ndim != 4 or x.shape[1] != self.shape[1]:
            raise ValueError(f"input of shape {x.shape}, kernels of shape {self.shape}")
        self.input_shape = x.shape
        self.at, size = _indices(x.shape[1:], self.shape[2:], self.stride)
        columns = x.reshape(len(x), -1).T[self.at]  # (c*m*n, positions, b): one product for the whole batch
        self.columns = columns.reshape(len(columns), -1)
        out = np.reshape(self.weights, (self.shape[0], -1)) @ self.columns
        return out.reshape(self.shape[0], *size, -1).transpose(3, 0, 1, 2) + np.reshape(self.bias, (1, -1, 1, 1))

    def backward(self, error_tensor):
        error = np.transpose(error_tensor, (1, 2, 3, 0)).reshape(self.shape[0], -1)
        spread = np.reshape(self.weights, (self.shape[0], -1)).T @ error
        flat = np.zeros((int(np.prod(self.input_shape[1:])), self.input_shape[0]))
        np.add.at(flat, self.at, spread.reshape(*self.at.shape, -1))
        self.gradient_weights = (error @ self.columns.T).reshape(self.shape)
        self.gradient_bias = error.sum(axis=1)
        for name, optimizer in self._optimizers.items():
            new = optimizer.calculate_update(getattr(self, name), getattr(self, f"gradient_{name}"))
            setattr(self, name, new)
        return flat.T.reshape(self.input_shape)
