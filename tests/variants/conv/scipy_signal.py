import copy
import numbers

import numpy as np
from scipy import signal


class Conv:
    """One scipy.signal call per image, kernel and channel; works for any number of spatial axes."""

    trainable = True

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        convolution_shape = list(convolution_shape)
        stride_shape = [stride_shape] if isinstance(stride_shape, numbers.Number) else list(stride_shape)
        for v in [*convolution_shape, *stride_shape, num_kernels]:
            if not isinstance(v, numbers.Integral) or v <= 0:
                raise ValueError(f"{v} is not a positive integer")
        if not 2 <= len(convolution_shape) <= 3:
            raise ValueError(f"convolution_shape {convolution_shape} must have 2 or 3 entries")
        spatial = len(convolution_shape) - 1
        if len(stride_shape) == 1:
            stride_shape = stride_shape * spatial
        if len(stride_shape) != spatial:
            raise ValueError(f"stride_shape {stride_shape} must have {spatial} entries")
        self.stride_shape = stride_shape
        self.convolution_shape = convolution_shape
        self.num_kernels = int(num_kernels)
        self.weights = np.random.random_sample((self.num_kernels, *convolution_shape))
        self.bias = np.random.random_sample(self.num_kernels)
        self.optimizer_weights = self.optimizer_bias = None
        self._original = None

    def initialize(self, weights_initializer, bias_initializer):
        fan_in = np.prod(self.convolution_shape)
        fan_out = np.prod([self.num_kernels, *self.convolution_shape[1:]])
        self.weights = weights_initializer.initialize(self.weights.shape, fan_in, fan_out)
        self.bias = bias_initializer.initialize(self.bias.shape, fan_in, fan_out)

    @property
    def optimizer(self):
        return self._original

    @optimizer.setter
    def optimizer(self, optimizer):
        self._original = optimizer
        self.optimizer_weights, self.optimizer_bias = copy.deepcopy(optimizer), copy.deepcopy(optimizer)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        if x.ndim != len(self.convolution_shape) + 1 or x.shape[1] != self.convolution_shape[0]:
            raise ValueError(f"cannot convolve input {x.shape} with kernels {self.convolution_shape}")
        widths = [(k // 2, (k - 1) // 2) for k in self.convolution_shape[1:]]
        self.input_tensor = x
        self.padded = np.pad(x, [(0, 0), (0, 0), *widths])
        out = []
        for image in self.padded:
            maps = []
            for kernel, b in zip(self.weights, self.bias, strict=True):
                full = sum(
                    signal.correlate(ch, k, mode="valid", method="direct") for ch, k in zip(image, kernel, strict=True)
                )
                maps.append(full[tuple(slice(None, None, s) for s in self.stride_shape)] + b)
            out.append(maps)
        return np.array(out)

    def backward(self, error_tensor):
        shape = self.input_tensor.shape
        up = np.zeros((shape[0], self.num_kernels, *shape[2:]))
        up[(slice(None), slice(None), *(slice(None, None, s) for s in self.stride_shape))] = error_tensor
        crop = tuple(slice(k // 2, k // 2 + n) for k, n in zip(self.convolution_shape[1:], shape[2:], strict=True))
        dx = np.zeros(shape)
        self.gradient_weights = np.zeros(self.weights.shape)
        for i in range(shape[0]):
            for c in range(shape[1]):
                for k in range(self.num_kernels):
                    dx[i, c] += signal.convolve(up[i, k], self.weights[k, c], mode="full", method="direct")[crop]
                    self.gradient_weights[k, c] += signal.correlate(
                        self.padded[i, c], up[i, k], mode="valid", method="direct"
                    )
        self.gradient_bias = up.reshape(shape[0], self.num_kernels, -1).sum(axis=2).sum(axis=0)
        if self.optimizer_weights is not None:
            self.weights = self.optimizer_weights.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.optimizer_bias.calculate_update(self.bias, self.gradient_bias)
        return dx
