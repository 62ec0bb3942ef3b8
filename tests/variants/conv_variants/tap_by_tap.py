"""One weight of the kernel at a time: a slice of the image for each, as a matrix product over the channels."""

import copy

import numpy as np


def as_pair(value, least):
    try:
        a, b = value
    except TypeError:
        a = b = value
    if a < least or b < least:
        raise ValueError(f"{value} is too small")
    return int(a), int(b)


class KernelLayer:
    def __init__(self, shape, out_channels, fans):
        if min(*shape, out_channels) < 1:
            raise ValueError(f"weights of shape {shape}")
        self.trainable, self.fans = True, fans
        self.weights = np.random.uniform(size=shape)
        self.bias = np.random.uniform(size=out_channels)
        self._opts = (None, None)

    @property
    def optimizer(self):
        return self._opts[0]

    @optimizer.setter
    def optimizer(self, new):
        self._opts = tuple(copy.deepcopy(new) for _ in range(2))

    def initialize(self, weights_initializer, bias_initializer):
        self.weights = weights_initializer.initialize(np.shape(self.weights), *self.fans)
        self.bias = bias_initializer.initialize(np.shape(self.bias), *self.fans)

    def learn(self):
        w, b = self._opts
        if w is not None:
            self.weights = w.calculate_update(self.weights, self.gradient_weights)
            self.bias = b.calculate_update(self.bias, self.gradient_bias)

    def taps(self, rows, cols):
        """(p, q, slices of the image that this weight meets)."""
        s, t = self.stride
        d, e = self.dilation
        for p in range(np.shape(self.weights)[2]):
            for q in range(np.shape(self.weights)[3]):
                y, x = p * d, q * e
                yield p, q, (slice(y, y + (rows - 1) * s + 1, s), slice(x, x + (cols - 1) * t + 1, t))


class Conv2d(KernelLayer):
    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0, dilation=1, groups=1):
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ValueError(f"groups = {groups}")
        kernel = as_pair(kernel_shape, 1)
        self.stride, self.padding = as_pair(stride, 1), as_pair(padding, 0)
        self.dilation, self.groups = as_pair(dilation, 1), int(groups)
        per, area = in_channels // groups, kernel[0] * kernel[1]
        super().__init__(
            (int(out_channels), int(per), *kernel), int(out_channels), (per * area, out_channels // groups * area)
        )
        self.in_channels = int(in_channels)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        if x.ndim != 4 or x.shape[1] != self.in_channels:
            raise ValueError(f"input {x.shape}, channels {self.in_channels}")
        p, q = self.padding
        self.x = np.pad(x, ((0, 0), (0, 0), (p, p), (q, q)))
        size = []
        for axis in (0, 1):
            free = self.x.shape[2 + axis] - self.dilation[axis] * (np.shape(self.weights)[2 + axis] - 1) - 1
            if free < 0:
                raise ValueError(f"no room in {self.x.shape}")
            size.append(free // self.stride[axis] + 1)
        self.size = size
        blocks = []
        for image, kernel in self.split(self.x, self.weights):
            out = 0
            for i, j, (rows, cols) in self.taps(*size):
                out = out + np.moveaxis(np.tensordot(image[:, :, rows, cols], kernel[:, :, i, j], (1, 1)), 3, 1)
            blocks.append(out)
        return np.concatenate(blocks, axis=1) + np.reshape(self.bias, (1, -1, 1, 1))

    def split(self, image, weights):
        return zip(np.split(image, self.groups, axis=1), np.split(np.asarray(weights), self.groups), strict=True)

    def backward(self, error_tensor):
        grads, weights = [], []
        errors = np.split(np.asarray(error_tensor), self.groups, axis=1)
        for (image, kernel), error in zip(self.split(self.x, self.weights), errors, strict=True):
            grad, weight = np.zeros(image.shape), np.zeros(kernel.shape)
            for i, j, (rows, cols) in self.taps(*self.size):
                grad[:, :, rows, cols] += np.moveaxis(np.tensordot(error, kernel[:, :, i, j], (1, 0)), 3, 1)
                weight[:, :, i, j] = np.tensordot(error, image[:, :, rows, cols], ((0, 2, 3), (0, 2, 3)))
            grads.append(grad)
            weights.append(weight)
        self.gradient_weights = np.concatenate(weights)
        self.gradient_bias = np.sum(error_tensor, axis=(0, 2, 3))
        self.learn()
        (p, q), (h, w) = self.padding, self.x.shape[2:]
        return np.concatenate(grads, axis=1)[:, :, p : h - p, q : w - q]


class TransposedConv2d(KernelLayer):
    dilation = (1, 1)

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0):
        kernel = as_pair(kernel_shape, 1)
        self.stride, self.padding = as_pair(stride, 1), as_pair(padding, 0)
        area = kernel[0] * kernel[1]
        fans = (in_channels * area, out_channels * area)
        super().__init__((int(in_channels), int(out_channels), *kernel), int(out_channels), fans)

    def forward(self, input_tensor):
        self.x = np.asarray(input_tensor, dtype=float)
        kernel = np.asarray(self.weights)
        if self.x.ndim != 4 or self.x.shape[1] != len(kernel):
            raise ValueError(f"input {self.x.shape}, weights {kernel.shape}")
        rows, cols = self.x.shape[2:]
        full = (rows - 1) * self.stride[0] + kernel.shape[2], (cols - 1) * self.stride[1] + kernel.shape[3]
        (p, q) = self.padding
        if full[0] - 2 * p < 1 or full[1] - 2 * q < 1:
            raise ValueError(f"nothing left of {full}")
        out = np.zeros((len(self.x), kernel.shape[1], *full))
        for i, j, (y, x) in self.taps(rows, cols):
            out[:, :, y, x] += np.moveaxis(np.tensordot(self.x, kernel[:, :, i, j], (1, 0)), 3, 1)
        self.full = full
        return out[:, :, p : full[0] - p, q : full[1] - q] + np.reshape(self.bias, (1, -1, 1, 1))

    def backward(self, error_tensor):
        (p, q), kernel = self.padding, np.asarray(self.weights)
        error = np.zeros((*np.shape(error_tensor)[:2], *self.full))
        error[:, :, p : self.full[0] - p, q : self.full[1] - q] = error_tensor
        grad, weight = np.zeros(self.x.shape), np.zeros(kernel.shape)
        for i, j, (y, x) in self.taps(*self.x.shape[2:]):
            grad += np.moveaxis(np.tensordot(error[:, :, y, x], kernel[:, :, i, j], (1, 1)), 3, 1)
            weight[:, :, i, j] = np.tensordot(self.x, error[:, :, y, x], ((0, 2, 3), (0, 2, 3)))
        self.gradient_weights, self.gradient_bias = weight, np.sum(error_tensor, axis=(0, 2, 3))
        self.learn()
        return grad


class NearestUpsampling:
    def __init__(self, scale):
        self.trainable = False
        self.scale = as_pair(scale, 1)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        if x.ndim != 4:
            raise ValueError(f"input {x.shape}")
        b, c, h, w = x.shape
        s, t = self.scale
        return np.broadcast_to(x[:, :, :, None, :, None], (b, c, h, s, w, t)).reshape(b, c, h * s, w * t)

    def backward(self, error_tensor):
        s, t = self.scale
        return sum(error_tensor[:, :, i::s, j::t] for i in range(s) for j in range(t))


class BilinearUpsampling:
    """Phase by phase: outputs i, i + s, i + 2s ... lie equally far from their two neighbours."""

    def __init__(self, scale):
        self.trainable = False
        self.scale = as_pair(scale, 1)

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        if x.ndim != 4:
            raise ValueError(f"input {x.shape}")
        for axis in (2, 3):
            x = self.enlarge(x, axis, self.scale[axis - 2])
        return x

    @staticmethod
    def enlarge(x, axis, s):
        x = np.moveaxis(x, axis, -1)
        framed = np.concatenate([x[..., :1], x, x[..., -1:]], axis=-1)
        n = x.shape[-1]
        out = np.empty((*x.shape[:-1], n * s))
        for i in range(s):
            u = (i + 0.5) / s + 0.5  # in the framed image
            r = int(u)
            out[..., i::s] = (1 - (u - r)) * framed[..., r : r + n] + (u - r) * framed[..., r + 1 : r + 1 + n][..., :n]
        return np.moveaxis(out, -1, axis)

    @staticmethod
    def shrink(error, axis, s):
        error = np.moveaxis(error, axis, -1)
        n = error.shape[-1] // s
        framed = np.zeros((*error.shape[:-1], n + 2))
        for i in range(s):
            u = (i + 0.5) / s + 0.5
            r = int(u)
            framed[..., r : r + n] += (1 - (u - r)) * error[..., i::s]
            framed[..., r + 1 : r + 1 + n] += (u - r) * error[..., i::s]
        grad = framed[..., 1:-1].copy()
        grad[..., 0] += framed[..., 0]
        grad[..., -1] += framed[..., -1]
        return np.moveaxis(grad, -1, axis)

    def backward(self, error_tensor):
        return self.shrink(self.shrink(np.asarray(error_tensor), 3, self.scale[1]), 2, self.scale[0])


class MaxUnpooling:
    trainable = False

    def forward(self, input_tensor, indices, output_shape):
        if np.ndim(output_shape) == 0:
            raise ValueError(f"output_shape is a pair, got {output_shape}")
        x, height_width = np.asarray(input_tensor), as_pair(tuple(output_shape), 1)
        size = height_width[0] * height_width[1]
        if x.ndim != 4 or np.shape(indices) != x.shape:
            raise ValueError(f"input {x.shape}, indices {np.shape(indices)}")
        if np.max(indices) >= size or np.min(indices) < 0:
            raise ValueError(f"indices up to {np.max(indices)} for {size} pixels")
        self.shape = x.shape
        self.one_hot = np.eye(size)[np.reshape(indices, (*x.shape[:2], -1))]  # (b, c, values, pixels)
        flat = x.reshape(*x.shape[:2], 1, -1) @ self.one_hot
        return flat.reshape(*x.shape[:2], *height_width)

    def backward(self, error_tensor):
        flat = np.reshape(error_tensor, (*self.shape[:2], -1, 1))
        return (self.one_hot @ flat).reshape(self.shape)
