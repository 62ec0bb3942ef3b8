import copy

import numpy as np
from numpy.lib.stride_tricks import as_strided


class Conv:
    """as_strided and tensordot; results are transposed, non-contiguous views."""

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        stride_shape = np.array(stride_shape, ndmin=1)
        convolution_shape = np.array(convolution_shape)
        for name, arr in (("stride", stride_shape), ("shape", convolution_shape), ("number", np.array([num_kernels]))):
            if not np.all(arr == arr.astype(np.int64)) or np.any(arr <= 0):
                raise ValueError(f"{name} {arr} must be positive")
        if convolution_shape.ndim != 1 or convolution_shape.size not in (2, 3):
            raise ValueError(f"shape {convolution_shape} must be (c, m, n) or (c, m)")
        if stride_shape.size not in (1, convolution_shape.size - 1):
            raise ValueError(f"stride {stride_shape} does not fit kernels {convolution_shape}")
        self.trainable = True
        self.signal = convolution_shape.size == 2
        self.channels = int(convolution_shape[0])
        self.m = 1 if self.signal else int(convolution_shape[1])
        self.n = int(convolution_shape[-1])
        self.s = 1 if self.signal else int(stride_shape[0])
        self.t = int(stride_shape[-1])
        self.weights = np.random.rand(int(num_kernels), *convolution_shape.tolist())
        self.bias = np.random.rand(int(num_kernels))
        self.gradient_weights, self.gradient_bias = None, None
        self._opts = [None, None]

    optimizer = property(
        lambda self: self._opts[0],
        lambda self, opt: setattr(self, "_opts", [copy.deepcopy(opt), copy.deepcopy(opt)]),
    )

    def initialize(self, weights_initializer, bias_initializer):
        k = len(self.weights)
        fan_in, fan_out = self.channels * self.m * self.n, k * self.m * self.n
        self.weights = weights_initializer.initialize(self.weights.shape, fan_in, fan_out)
        self.bias = bias_initializer.initialize((k,), fan_in, fan_out)

    def _view(self, padded, out_y, out_x):
        a, b, c, d = padded.strides
        shape = (padded.shape[0], padded.shape[1], self.m, self.n, out_y, out_x)
        return as_strided(padded, shape, (a, b, c, d, c * self.s, d * self.t))

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype="float64")
        if (self.signal and x.ndim != 3) or (not self.signal and x.ndim != 4):
            raise ValueError(f"input shape {x.shape} has the wrong number of axes")
        if x.shape[1] != self.channels:
            raise ValueError(f"input shape {x.shape} has not {self.channels} channels")
        if self.signal:
            x = x[:, :, None]
        self.h, self.w = x.shape[2:]
        self.padded = np.pad(x, ((0, 0), (0, 0), (self.m // 2, (self.m - 1) // 2), (self.n // 2, (self.n - 1) // 2)))
        self.oy, self.ox = (self.h - 1) // self.s + 1, (self.w - 1) // self.t + 1
        kernels = self.weights.reshape(-1, self.channels, self.m, self.n)
        out = np.tensordot(self._view(self.padded, self.oy, self.ox), kernels, axes=((1, 2, 3), (1, 2, 3))) + self.bias
        out = np.moveaxis(out, 3, 1)
        return out.squeeze(2) if self.signal else out

    def backward(self, error_tensor):
        e = np.asarray(error_tensor, dtype="float64")
        if self.signal:
            e = e[:, :, None]
        grad = np.tensordot(e, self._view(self.padded, self.oy, self.ox), axes=((0, 2, 3), (0, 4, 5)))
        self.gradient_weights = grad.reshape(self.weights.shape)
        self.gradient_bias = e.sum(-1).sum(-1).sum(0)
        canvas = np.zeros(self.padded.shape)
        view = self._view(canvas, self.oy, self.ox)
        kernels = self.weights.reshape(-1, self.channels, self.m, self.n)
        contributions = np.moveaxis(np.tensordot(e, kernels, axes=((1,), (0,))), (3, 4, 5), (1, 2, 3))
        for p in range(self.m):
            for q in range(self.n):
                view[:, :, p, q] += contributions[:, :, p, q]
        dx = canvas[:, :, self.m // 2 : self.m // 2 + self.h, self.n // 2 : self.n // 2 + self.w]
        if self._opts[0] is not None:
            self.bias = self._opts[1].calculate_update(self.bias, self.gradient_bias)
            self.weights = self._opts[0].calculate_update(self.weights, self.gradient_weights)
        return dx.squeeze(2) if self.signal else dx
