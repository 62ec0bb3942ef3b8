import copy
from operator import index

import numpy as np


def pair(value, least=1):
    a, b = (value, value) if np.isscalar(value) else value
    if index(a) < least or index(b) < least:
        raise ValueError(f"{value!r} must not be below {least}")
    return int(a), int(b)


def places(rows, cols, m, n, s, d, width):
    """Flat positions (rows*cols, m*n) of what each kernel position sees in an image of that width."""
    corner = (np.arange(rows) * s[0])[:, None] * width + np.arange(cols) * s[1]
    offset = (np.arange(m) * d[0])[:, None] * width + np.arange(n) * d[1]
    return corner.reshape(-1, 1) + offset.reshape(1, -1)


class Trained:
    """Optimizers, shared by both layers with weights."""

    trainable = True
    _optimizers = None

    @property
    def optimizer(self):
        return None if self._optimizers is None else self._optimizers["weights"]

    @optimizer.setter
    def optimizer(self, value):
        self._optimizers = None if value is None else {n: copy.deepcopy(value) for n in ("weights", "bias")}

    def _update(self):
        for name, optimizer in (self._optimizers or {}).items():
            gradient = getattr(self, f"gradient_{name}")
            setattr(self, name, optimizer.calculate_update(getattr(self, name), gradient))

    def _checked(self, input_tensor):
        x = np.asarray(input_tensor)
        if x.ndim != 4:
            raise ValueError(f"{x.ndim} axes instead of 4")
        if x.shape[1] != self.channels[0]:
            raise ValueError(f"{x.shape[1]} channels instead of {self.channels[0]}")
        return x.astype(np.float64)


class Conv2d(Trained):
    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0, dilation=1, groups=1):
        self.channels, self.groups = pair((in_channels, out_channels)), pair(groups)[0]
        if self.channels[0] % self.groups or self.channels[1] % self.groups:
            raise ValueError(f"{groups} groups for {self.channels} channels")
        self.kernel, self.stride, self.dilation = pair(kernel_shape), pair(stride), pair(dilation)
        self.padding = pair(padding, 0)
        self.weights = np.random.random_sample(self._shape())
        self.bias = np.random.random_sample(self.channels[1])

    def _shape(self):
        return (self.channels[1], self.channels[0] // self.groups, *self.kernel)

    def initialize(self, weights_initializer, bias_initializer):
        area = self.kernel[0] * self.kernel[1]
        fans = [channels // self.groups * area for channels in self.channels]
        self.weights = weights_initializer.initialize(self._shape(), *fans)
        self.bias = bias_initializer.initialize(self.channels[1:], *fans)

    def forward(self, input_tensor):
        x = self._checked(input_tensor)
        self.input_shape = b, c, h, w = x.shape
        (top, left), (m, n) = self.padding, self.kernel
        self.sides = h + 2 * top, w + 2 * left
        free = [a - d * (k - 1) - 1 for a, d, k in zip(self.sides, self.dilation, self.kernel, strict=True)]
        if free[0] < 0 or free[1] < 0:
            raise ValueError(f"image {x.shape} smaller than the kernel")
        rows, cols = (f // s + 1 for f, s in zip(free, self.stride, strict=True))
        padded = np.zeros((b, c, *self.sides))
        padded[:, :, top : top + h, left : left + w] = x
        self.at = places(rows, cols, m, n, self.stride, self.dilation, self.sides[1])
        self.seen = padded.reshape(b, c, -1)[:, :, self.at]  # (b, c, positions, m*n)
        out = np.empty((b, self.channels[1], rows * cols))
        for g in range(self.groups):
            mine, theirs = self._slices(g)
            kernels = np.reshape(self.weights[mine], (-1, c // self.groups, m * n))
            out[:, mine] = np.tensordot(self.seen[:, theirs], kernels, ((1, 3), (1, 2))).transpose(0, 2, 1)
        return (out + np.asarray(self.bias)[:, None]).reshape(b, -1, rows, cols)

    def _slices(self, g):
        ins, outs = (channels // self.groups for channels in self.channels)
        return slice(g * outs, (g + 1) * outs), slice(g * ins, (g + 1) * ins)

    def backward(self, error_tensor):
        b, c, h, w = self.input_shape
        error = np.asarray(error_tensor).reshape(b, self.channels[1], -1)
        m, n = self.kernel
        grad = np.zeros((b, c, self.sides[0] * self.sides[1]))
        self.gradient_weights = np.empty(self._shape())
        for g in range(self.groups):
            mine, theirs = self._slices(g)
            kernels = np.reshape(self.weights[mine], (-1, c // self.groups, m * n))
            spread = np.tensordot(error[:, mine], kernels, (1, 0))  # (b, positions, c/g, m*n)
            np.add.at(grad[:, theirs], (slice(None), slice(None), self.at), spread.transpose(0, 2, 1, 3))
            self.gradient_weights[mine] = np.tensordot(error[:, mine], self.seen[:, theirs], ((0, 2), (0, 2))).reshape(
                -1, c // self.groups, m, n
            )
        self.gradient_bias = np.einsum("bkp->k", error)
        top, left = self.padding
        self._update()
        return grad.reshape(b, c, *self.sides)[:, :, top : top + h, left : left + w]


class TransposedConv2d(Trained):
    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0):
        self.channels = pair((in_channels, out_channels))
        self.kernel, self.stride, self.padding = pair(kernel_shape), pair(stride), pair(padding, 0)
        self.weights = np.random.random_sample((*self.channels, *self.kernel))
        self.bias = np.random.random_sample(self.channels[1])

    def initialize(self, weights_initializer, bias_initializer):
        area = self.kernel[0] * self.kernel[1]
        fans = self.channels[0] * area, self.channels[1] * area
        self.weights = weights_initializer.initialize((*self.channels, *self.kernel), *fans)
        self.bias = bias_initializer.initialize(self.channels[1], *fans)

    def forward(self, input_tensor):
        x = self._checked(input_tensor)
        b, c, h, w = self.input_shape = x.shape
        full = [(a - 1) * s + k for a, s, k in zip((h, w), self.stride, self.kernel, strict=True)]
        if full[0] - 2 * self.padding[0] < 1 or full[1] - 2 * self.padding[1] < 1:
            raise ValueError(f"padding {self.padding} is too large for {full}")
        self.full = full
        self.at = places(h, w, *self.kernel, self.stride, (1, 1), full[1])
        self.flat = x.reshape(b, c, h * w)
        spread = np.tensordot(self.flat, np.reshape(self.weights, (*self.channels, -1)), (1, 0))
        out = np.zeros((b, self.channels[1], full[0] * full[1]))
        np.add.at(out, (slice(None), slice(None), self.at), spread.transpose(0, 2, 1, 3))
        (p, q), bias = self.padding, np.asarray(self.bias).reshape(-1, 1, 1)
        return out.reshape(b, -1, *full)[:, :, p : full[0] - p, q : full[1] - q] + bias

    def backward(self, error_tensor):
        b, c, h, w = self.input_shape
        p, q = self.padding
        error = np.zeros((b, self.channels[1], *self.full))
        error[:, :, p : self.full[0] - p, q : self.full[1] - q] = error_tensor
        read = error.reshape(b, self.channels[1], -1)[:, :, self.at]  # (b, k, pixels, m*n)
        kernels = np.reshape(self.weights, (*self.channels, -1))
        grad = np.tensordot(read, kernels, ((1, 3), (1, 2))).transpose(0, 2, 1).reshape(b, c, h, w)
        self.gradient_weights = np.tensordot(self.flat, read, ((0, 2), (0, 2))).reshape(*self.channels, *self.kernel)
        self.gradient_bias = np.sum(np.sum(error_tensor, axis=(2, 3)), axis=0)
        self._update()
        return grad


class Gathered:
    """Upsampling in which every output gathers from four inputs with four weights; backward scatters."""

    trainable = False

    def __init__(self, scale):
        self.scale = pair(scale)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=np.float64)
        if x.ndim != 4:
            raise ValueError(f"{x.ndim} axes instead of 4")
        self.shape = x.shape
        self.taps = [
            (r[:, None] * x.shape[3] + c, a[:, None] * b)
            for r, a in self.axis(x.shape[2], self.scale[0])
            for c, b in self.axis(x.shape[3], self.scale[1])
        ]
        flat = x.reshape(*x.shape[:2], -1)
        return sum(flat[:, :, at] * share for at, share in self.taps)

    def backward(self, error_tensor):
        grad = np.zeros((self.shape[0] * self.shape[1], self.shape[2] * self.shape[3]))
        error = np.asarray(error_tensor).reshape(len(grad), *np.shape(error_tensor)[2:])
        for at, share in self.taps:
            for row, e in zip(grad, error, strict=True):
                row += np.bincount(at.ravel(), (e * share).ravel(), minlength=row.size)
        return grad.reshape(self.shape)


class NearestUpsampling(Gathered):
    @staticmethod
    def axis(n, scale):
        return [(np.arange(n * scale) // scale, np.ones(n * scale))]


class BilinearUpsampling(Gathered):
    @staticmethod
    def axis(n, scale):
        u = np.maximum((2 * np.arange(n * scale) + 1 - scale) / (2 * scale), 0)
        first = np.minimum(u.astype(int), n - 1)
        second = np.minimum(first + 1, n - 1)
        part = np.where(second == first, 0.0, u - first)
        return [(first, 1 - part), (second, part)]


class MaxUnpooling:
    trainable = False

    def forward(self, input_tensor, indices, output_shape):
        if np.isscalar(output_shape):
            raise ValueError(f"{output_shape} is no pair")
        y, x = pair(tuple(output_shape))
        values = np.asarray(input_tensor)
        if values.ndim != 4 or values.shape != np.shape(indices):
            raise ValueError(f"shapes {values.shape} and {np.shape(indices)}")
        if np.any(np.asarray(indices) < 0) or np.any(np.asarray(indices) >= y * x):
            raise ValueError(f"an index lies outside of {output_shape}")
        base = np.arange(values.shape[0] * values.shape[1]).reshape(*values.shape[:2], 1, 1) * (y * x)
        self.at = base + indices
        out = np.zeros(values.shape[0] * values.shape[1] * y * x)
        out[self.at] = values
        return out.reshape(*values.shape[:2], y, x)

    def backward(self, error_tensor):
        return np.ravel(error_tensor)[self.at]
