"""The lecture's "matrix implementation": a convolution is a (large, sparse) fully connected layer."""

import copy

import numpy as np


class Conv:
    def __init__(self, stride_shape, convolution_shape, num_kernels):
        self.trainable = True
        self.convolution_shape = tuple(convolution_shape)
        self.num_kernels = num_kernels
        self.stride_shape = (
            tuple(stride_shape) if isinstance(stride_shape, (tuple, list, np.ndarray)) else (stride_shape,)
        )
        if len(self.convolution_shape) not in (2, 3):
            raise ValueError(f"Illegal convolution_shape: {convolution_shape}")
        dims = len(self.convolution_shape) - 1
        if len(self.stride_shape) == 1:
            self.stride_shape *= dims
        if len(self.stride_shape) != dims:
            raise ValueError(f"Illegal stride_shape: {stride_shape}")
        if any(int(v) != v or v < 1 for v in (*self.convolution_shape, *self.stride_shape, num_kernels)):
            raise ValueError(f"Illegal arguments: {stride_shape}, {convolution_shape}, {num_kernels}")
        self.weights = np.random.uniform(0, 1, (num_kernels, *self.convolution_shape))
        self.bias = np.random.uniform(0, 1, num_kernels)
        self.gradient_weights = np.zeros_like(self.weights)
        self.gradient_bias = np.zeros_like(self.bias)
        self.__optimizer = None

    def initialize(self, weights_initializer, bias_initializer):
        c, kernel = self.convolution_shape[0], int(np.prod(self.convolution_shape[1:]))
        self.weights = weights_initializer.initialize(self.weights.shape, c * kernel, self.num_kernels * kernel)
        self.bias = bias_initializer.initialize((self.num_kernels,), c * kernel, self.num_kernels * kernel)

    @property
    def optimizer(self):
        return self.__optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self.__optimizer = None
        if optimizer is not None:
            self.__optimizer = {"weights": copy.deepcopy(optimizer), "bias": copy.deepcopy(optimizer)}

    def _connections(self, size):
        """Which output reads which input with which weight, as three index lists (flat, without the batch)."""
        rows, cols, taps = [], [], []
        out_size = [-(-n // s) for n, s in zip(size, self.stride_shape, strict=True)]
        self.out_shape = (self.num_kernels, *out_size)
        in_shape = (self.convolution_shape[0], *size)
        w_shape = np.shape(self.weights)
        for position in np.ndindex(*out_size):
            for tap in np.ndindex(*self.convolution_shape[1:]):
                pixel = [
                    p * s + t - k // 2
                    for p, s, t, k in zip(position, self.stride_shape, tap, self.convolution_shape[1:], strict=True)
                ]
                if any(v < 0 or v >= n for v, n in zip(pixel, size, strict=True)):
                    continue
                for k in range(self.num_kernels):
                    for c in range(self.convolution_shape[0]):
                        rows.append(np.ravel_multi_index((k, *position), self.out_shape))
                        cols.append(np.ravel_multi_index((c, *pixel), in_shape))
                        taps.append(np.ravel_multi_index((k, c, *tap), w_shape))
        return np.array(rows), np.array(cols), np.array(taps)

    def forward(self, input_tensor):
        input_tensor = np.asarray(input_tensor, dtype=float)
        if input_tensor.ndim - 1 != len(self.convolution_shape):
            raise ValueError(f"Illegal input shape: {input_tensor.shape}")
        if input_tensor.shape[1] != self.convolution_shape[0]:
            raise ValueError(f"Illegal number of channels: {input_tensor.shape[1]}")
        self.input_shape = input_tensor.shape
        self.X = input_tensor.reshape(len(input_tensor), -1)
        self.rows, self.cols, self.taps = self._connections(input_tensor.shape[2:])
        self.M = np.zeros((int(np.prod(self.out_shape)), self.X.shape[1]))
        self.M[self.rows, self.cols] = np.ravel(self.weights)[self.taps]
        bias = np.repeat(self.bias, int(np.prod(self.out_shape[1:])))
        return (self.X @ self.M.T + bias).reshape(-1, *self.out_shape)

    def backward(self, error_tensor):
        E = np.asarray(error_tensor, dtype=float).reshape(len(self.X), -1)
        matrix_gradient = E.T @ self.X
        flat = np.zeros(np.size(self.weights))
        np.add.at(flat, self.taps, matrix_gradient[self.rows, self.cols])
        self.gradient_weights = flat.reshape(np.shape(self.weights))
        self.gradient_bias = E.reshape(len(self.X), self.num_kernels, -1).sum((0, 2))
        M = np.zeros_like(self.M)
        M[self.rows, self.cols] = np.ravel(self.weights)[self.taps]
        result = (E @ M).reshape(self.input_shape)
        if self.__optimizer:
            self.weights = self.__optimizer["weights"].calculate_update(self.weights, self.gradient_weights)
            self.bias = self.__optimizer["bias"].calculate_update(self.bias, self.gradient_bias)
        return result
