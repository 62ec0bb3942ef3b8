import copy

import numpy as np


class Layer:
    trainable = False
    phase = "train"

    def __call__(self, x):
        return self.forward(x)


class Conv(Layer):
    """Correlation theorem: multiply with the conjugate spectrum of the kernel."""

    trainable = True

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        def positive(value):
            if isinstance(value, (float, np.floating)) or int(value) < 1:
                raise ValueError(f"expected a positive int, got {value}")
            return int(value)

        self.convolution_shape = tuple(map(positive, convolution_shape))
        self.num_kernels = positive(num_kernels)
        if len(self.convolution_shape) not in {2, 3}:
            raise ValueError(f"expected (c, m) or (c, m, n), got {convolution_shape}")
        self.axes = tuple(range(2, len(self.convolution_shape) + 1))
        if np.isscalar(stride_shape):
            self.stride = tuple(positive(stride_shape) for _ in self.axes)
        else:
            self.stride = tuple(map(positive, stride_shape))
            if len(self.stride) == 1:
                self.stride = self.stride * len(self.axes)
        if len(self.stride) != len(self.axes):
            raise ValueError(f"expected {len(self.axes)} strides, got {stride_shape}")
        self.weights = np.random.uniform(size=(self.num_kernels, *self.convolution_shape))
        self.bias = np.random.uniform(size=self.num_kernels)
        self.optimizer = None

    def __setattr__(self, name, value):
        if name == "optimizer":
            object.__setattr__(self, "bias_optimizer", copy.deepcopy(value))
            value = copy.deepcopy(value)
        object.__setattr__(self, name, value)

    def initialize(self, weights_initializer, bias_initializer):
        area = int(np.prod(self.convolution_shape[1:]))
        fans = (self.convolution_shape[0] * area, self.num_kernels * area)
        self.weights = weights_initializer.initialize(self.weights.shape, *fans)
        self.bias = bias_initializer.initialize(self.bias.shape, *fans)

    def _spectrum(self, array):
        return np.fft.rfftn(array, s=self.size, axes=self.axes)

    def _inverse(self, spectrum):
        return np.fft.irfftn(spectrum, s=self.size, axes=self.axes)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        if x.ndim != len(self.axes) + 2 or x.shape[1] != self.convolution_shape[0]:
            raise ValueError(f"expected {self.convolution_shape[0]} channels and {len(self.axes)} axes, got {x.shape}")
        self.input_shape = x.shape
        kernel = self.convolution_shape[1:]
        x = np.pad(x, [(0, 0), (0, 0), *((k // 2, (k - 1) // 2) for k in kernel)])
        self.size = tuple(n + k for n, k in zip(x.shape[2:], kernel, strict=True))
        self.X = self._spectrum(x)
        product = np.einsum("bc...,kc...->bk...", self.X, self._spectrum(self.weights).conj())
        grid = tuple(slice(0, n, s) for n, s in zip(self.input_shape[2:], self.stride, strict=True))
        return self._inverse(product)[(..., *grid)] + self.bias.reshape(-1, *(1 for _ in self.axes))

    def backward(self, error_tensor):
        error = np.asarray(error_tensor, dtype=float)
        up = np.zeros((len(error), self.num_kernels, *self.input_shape[2:]))
        up[(..., *(slice(None, None, s) for s in self.stride))] = error
        E = self._spectrum(up)
        kernel = self.convolution_shape[1:]
        grad = self._inverse(np.einsum("bc...,bk...->kc...", self.X, E.conj()))
        self.gradient_weights = grad[(..., *(slice(0, k) for k in kernel))]
        self.gradient_bias = np.add.reduce(error, axis=(0, *self.axes))
        back = self._inverse(np.einsum("bk...,kc...->bc...", E, self._spectrum(self.weights)))
        crop = tuple(slice(k // 2, k // 2 + n) for n, k in zip(self.input_shape[2:], kernel, strict=True))
        if self.optimizer is not None:
            self.weights = self.optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return back[(..., *crop)]
