import copy

import numpy as np
from scipy import signal


def _axes(value, name, minimum=1):
    out = np.atleast_1d(value)
    if out.size == 1:
        out = np.repeat(out, 2)
    if out.shape != (2,) or (out < minimum).any():
        raise ValueError(f"{name}={value!r}")
    return tuple(out.tolist())


def spread(image, step):
    """Put step - 1 zeros between the entries of the last two axes."""
    rows, cols = image.shape[-2:]
    out = np.zeros((*image.shape[:-2], (rows - 1) * step[0] + 1, (cols - 1) * step[1] + 1))
    out[..., :: step[0], :: step[1]] = image
    return out


def fill(image, shape):
    """Zeros below and on the right up to a shape."""
    return np.pad(image, [(0, n - have) for n, have in zip(shape, image.shape, strict=True)])


class _Layer:
    def __init__(self):
        self.trainable = True
        self.optimizer = None
        self.gradient_weights = self.gradient_bias = None

    def __setattr__(self, name, value):
        if name == "optimizer":
            object.__setattr__(self, "_pair", None if value is None else (copy.deepcopy(value), copy.deepcopy(value)))
        object.__setattr__(self, name, value)

    def _step(self):
        if self._pair:
            self.weights = self._pair[0].calculate_update(self.weights, self.gradient_weights)
            self.bias = self._pair[1].calculate_update(self.bias, self.gradient_bias)


class Conv2d(_Layer):
    """Dilated kernels are kernels with zeros in them; SciPy correlates, then every stride-th value is kept."""

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0, dilation=1, groups=1):
        super().__init__()
        if min(in_channels, out_channels, groups) < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(f"channels {in_channels} and {out_channels}, groups {groups}")
        self.shape = (int(out_channels), int(in_channels // groups), *_axes(kernel_shape, "kernel_shape"))
        self.groups, self.stride, self.dilation = groups, _axes(stride, "stride"), _axes(dilation, "dilation")
        self.padding = _axes(padding, "padding", 0)
        self.weights, self.bias = np.random.rand(*self.shape), np.random.rand(out_channels)

    def initialize(self, weights_initializer, bias_initializer):
        k, c, m, n = self.shape
        fans = c * m * n, k // self.groups * m * n
        self.weights, self.bias = (
            weights_initializer.initialize(self.shape, *fans),
            bias_initializer.initialize((k,), *fans),
        )

    def _channel(self, k, c):
        return k // (self.shape[0] // self.groups) * self.shape[1] + c

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4 or input_tensor.shape[1] != self.shape[1] * self.groups:
            raise ValueError(f"input of shape {np.shape(input_tensor)}")
        p, q = self.padding
        self.padded = np.pad(np.asarray(input_tensor, float), ((0, 0), (0, 0), (p, p), (q, q)))
        kernels = spread(np.asarray(self.weights), self.dilation)
        if any(np.array(self.padded.shape[2:]) < kernels.shape[2:]):
            raise ValueError(f"kernel {kernels.shape[2:]} is larger than {self.padded.shape[2:]}")
        s, t = self.stride
        return np.array(
            [
                [
                    sum(
                        signal.correlate2d(image[self._channel(k, c)], kernels[k, c], mode="valid")
                        for c in range(self.shape[1])
                    )[::s, ::t]
                    + self.bias[k]
                    for k in range(self.shape[0])
                ]
                for image in self.padded
            ]
        )

    def backward(self, error_tensor):
        kernels = spread(np.asarray(self.weights), self.dilation)
        room = [n - k + 1 for n, k in zip(self.padded.shape[2:], kernels.shape[2:], strict=True)]
        grad, weights = np.zeros_like(self.padded), np.zeros_like(kernels)
        for b, image in enumerate(self.padded):
            for k in range(self.shape[0]):
                error = fill(spread(error_tensor[b, k], self.stride), room)
                for c in range(self.shape[1]):
                    grad[b, self._channel(k, c)] += signal.convolve2d(error, kernels[k, c])
                    weights[k, c] += signal.correlate2d(image[self._channel(k, c)], error, mode="valid")
        self.gradient_weights = weights[:, :, :: self.dilation[0], :: self.dilation[1]]
        self.gradient_bias = error_tensor.sum((0, 2, 3))
        self._step()
        p, q = self.padding
        return grad[:, :, p : grad.shape[2] - p, q : grad.shape[3] - q]


class TransposedConv2d(_Layer):
    """Zeros between the pixels, then a full convolution."""

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0):
        super().__init__()
        if in_channels < 1 or out_channels < 1:
            raise ValueError(f"channels {in_channels} and {out_channels}")
        self.shape = (int(in_channels), int(out_channels), *_axes(kernel_shape, "kernel_shape"))
        self.stride, self.padding = _axes(stride, "stride"), _axes(padding, "padding", 0)
        self.weights, self.bias = np.random.rand(*self.shape), np.random.rand(out_channels)

    def initialize(self, weights_initializer, bias_initializer):
        c, k, m, n = self.shape
        self.weights = weights_initializer.initialize(self.shape, c * m * n, k * m * n)
        self.bias = bias_initializer.initialize((k,), c * m * n, k * m * n)

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4 or input_tensor.shape[1] != self.shape[0]:
            raise ValueError(f"input of shape {np.shape(input_tensor)}")
        self.wide = spread(np.asarray(input_tensor, float), self.stride)
        (p, q), (c, k) = self.padding, self.shape[:2]
        size = [n + side - 1 for n, side in zip(self.wide.shape[2:], self.shape[2:], strict=True)]
        if size[0] <= 2 * p or size[1] <= 2 * q:
            raise ValueError(f"padding {self.padding} of an output of {size}")
        full = np.array(
            [
                [sum(signal.convolve2d(image[i], self.weights[i][o]) for i in range(c)) for o in range(k)]
                for image in self.wide
            ]
        )
        return full[:, :, p : size[0] - p, q : size[1] - q] + np.asarray(self.bias)[None, :, None, None]

    def backward(self, error_tensor):
        p, q = self.padding
        error = np.pad(error_tensor, ((0, 0), (0, 0), (p, p), (q, q)))
        grad, weights = np.zeros_like(self.wide), np.zeros(self.shape)
        for b in range(len(error)):
            for i in range(self.shape[0]):
                for o in range(self.shape[1]):
                    grad[b, i] += signal.correlate2d(error[b, o], self.weights[i][o], mode="valid")
                    weights[i, o] += signal.correlate2d(error[b, o], self.wide[b, i], mode="valid")
        self.gradient_weights, self.gradient_bias = weights, error_tensor.sum((0, 2, 3))
        self._step()
        return grad[:, :, :: self.stride[0], :: self.stride[1]]


class _Upsampling:
    trainable = False

    def __init__(self, scale):
        self.scale = _axes(scale, "scale")

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, float)
        if x.ndim != 4:
            raise ValueError(f"input of shape {x.shape}")
        self.up = [self.column(n, s) for n, s in zip(x.shape[2:], self.scale, strict=True)]
        return np.einsum("iy,bcyx,jx->bcij", self.up[0], x, self.up[1])

    def backward(self, error_tensor):
        return np.einsum("iy,bcij,jx->bcyx", self.up[0], error_tensor, self.up[1])


class NearestUpsampling(_Upsampling):
    def column(self, n, s):
        return np.kron(np.eye(n), np.ones((s, 1)))


class BilinearUpsampling(_Upsampling):
    def column(self, n, s):
        middles = (np.arange(n * s) + 0.5) / s - 0.5
        return np.stack([np.interp(middles, np.arange(n), unit) for unit in np.eye(n)], axis=1)


class MaxUnpooling:
    trainable = False

    def forward(self, input_tensor, indices, output_shape):
        if not np.iterable(output_shape):
            raise ValueError(f"output_shape {output_shape}")
        size = _axes(output_shape, "output_shape")
        if np.ndim(input_tensor) != 4 or np.shape(indices) != np.shape(input_tensor):
            raise ValueError(f"input of shape {np.shape(input_tensor)}, indices of shape {np.shape(indices)}")
        b, c = np.ogrid[: input_tensor.shape[0], : input_tensor.shape[1]]
        self.at = (b[..., None, None], c[..., None, None], *np.unravel_index(indices, size))  # refuses wrong indices
        output = np.zeros((*input_tensor.shape[:2], *size))
        output[self.at] = input_tensor
        return output

    def backward(self, error_tensor):
        return error_tensor[self.at]
