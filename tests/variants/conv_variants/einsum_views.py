import copy

import numpy as np
from numpy.lib.stride_tricks import as_strided


def ints(value, least=1):
    pair = np.broadcast_to(np.asarray(value), (2,))  # a ValueError unless a number or two
    if np.any(pair < least):
        raise ValueError(f"expected numbers of at least {least}, got {value}")
    return [int(pair[0]), int(pair[1])]


def look(x, kernel, stride, dilation=(1, 1)):
    """A read-only view (b, c, rows, cols, m, n) of what the kernel sees."""
    size = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True)]
    if min(size) < 1:
        raise ValueError(f"kernel {kernel} is too large for {x.shape}")
    b, c, y, w = x.strides
    steps = (b, c, y * stride[0], w * stride[1], y * dilation[0], w * dilation[1])
    return as_strided(x, (*x.shape[:2], *size, *kernel), steps, writeable=False)


class _Optimizers:
    def _get(self):
        return self._w

    def _set(self, optimizer):
        self._w = copy.deepcopy(optimizer)
        self._b = copy.deepcopy(optimizer)

    optimizer = property(_get, _set)
    trainable = True
    _w = _b = None

    def _apply(self):
        if self._w is None:
            return
        self.weights = self._w.calculate_update(self.weights, self.gradient_weights)
        self.bias = self._b.calculate_update(self.bias, self.gradient_bias)


class Conv2d(_Optimizers):
    """A grouped convolution is a plain one whose kernels are 0 on the channels of other groups."""

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0, dilation=1, groups=1):
        if in_channels <= 0 or out_channels <= 0 or groups <= 0 or in_channels % groups or out_channels % groups:
            raise ValueError(f"{in_channels} and {out_channels} channels in {groups} groups")
        self.c, self.k, self.g = int(in_channels), int(out_channels), int(groups)
        self.kernel, self.stride, self.padding = ints(kernel_shape), ints(stride), ints(padding, 0)
        self.dilation = ints(dilation)
        self.weights = np.random.default_rng().random((self.k, self.c // self.g, *self.kernel))
        self.bias = np.random.default_rng().random(self.k)

    def initialize(self, weights_initializer, bias_initializer):
        fan_in, fan_out = (n // self.g * self.kernel[0] * self.kernel[1] for n in (self.c, self.k))
        shape = (self.k, self.c // self.g, *self.kernel)
        self.weights = weights_initializer.initialize(shape, fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.k,), fan_in, fan_out)

    def _channels(self):
        """Which input channels each kernel has, (k, c/g)."""
        per = self.c // self.g
        return (np.arange(self.k) // (self.k // self.g) * per)[:, None] + np.arange(per)

    def forward(self, input_tensor):
        x = np.array(input_tensor, dtype=float)
        if x.ndim != 4 or x.shape[1] != self.c:
            raise ValueError(f"expected {self.c} channels, got shape {x.shape}")
        p, q = self.padding
        self.x = np.pad(x, [(0, 0), (0, 0), (p, p), (q, q)])
        full = np.zeros((self.k, self.c, *self.kernel))
        full[np.arange(self.k)[:, None], self._channels()] = self.weights
        self.full = full
        seen = look(self.x, self.kernel, self.stride, self.dilation)
        return np.einsum("bcyxmn,kcmn->bkyx", seen, full) + np.asarray(self.bias)[:, None, None]

    def backward(self, error_tensor):
        seen = look(self.x, self.kernel, self.stride, self.dilation)
        every = np.einsum("bkyx,bcyxmn->kcmn", error_tensor, seen)
        self.gradient_weights = every[np.arange(self.k)[:, None], self._channels()]
        self.gradient_bias = np.einsum("bkyx->k", error_tensor)
        # the input gradient: errors spread by the stride, correlated with the flipped kernels
        (m, n), (s, t), (d, e) = self.kernel, self.stride, self.dilation
        rows, cols = self.x.shape[2:]
        reach = d * (m - 1), e * (n - 1)
        wide = np.zeros((len(self.x), self.k, rows + reach[0], cols + reach[1]))
        inner = wide[:, :, reach[0] :, reach[1] :]
        y, x = np.shape(error_tensor)[2:]
        inner[:, :, : (y - 1) * s + 1 : s, : (x - 1) * t + 1 : t] = error_tensor
        grad = np.einsum("bkyxmn,kcmn->bcyx", look(wide, (m, n), (1, 1), (d, e)), self.full[..., ::-1, ::-1])
        self._apply()
        p, q = self.padding
        return grad[:, :, p : rows - p, q : cols - q]


class TransposedConv2d(_Optimizers):
    """Correlation of the spread image with flipped kernels; backward is a strided correlation."""

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0):
        if in_channels <= 0 or out_channels <= 0:
            raise ValueError(f"{in_channels} and {out_channels} channels")
        self.c, self.k = int(in_channels), int(out_channels)
        self.kernel, self.stride, self.padding = ints(kernel_shape), ints(stride), ints(padding, 0)
        self.weights = np.random.default_rng().random((self.c, self.k, *self.kernel))
        self.bias = np.random.default_rng().random(self.k)

    def initialize(self, weights_initializer, bias_initializer):
        fan_in, fan_out = (n * self.kernel[0] * self.kernel[1] for n in (self.c, self.k))
        self.weights = weights_initializer.initialize((self.c, self.k, *self.kernel), fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.k,), fan_in, fan_out)

    def forward(self, input_tensor):
        self.x = np.array(input_tensor, dtype=float)
        if self.x.ndim != 4 or self.x.shape[1] != self.c:
            raise ValueError(f"expected {self.c} channels, got shape {self.x.shape}")
        (m, n), (s, t), (p, q) = self.kernel, self.stride, self.padding
        b, c, y, x = self.x.shape
        size = (y - 1) * s + m - 2 * p, (x - 1) * t + n - 2 * q
        if min(size) < 1:
            raise ValueError(f"output of {size}")
        wide = np.zeros((b, c, (y - 1) * s + 1 + 2 * (m - 1), (x - 1) * t + 1 + 2 * (n - 1)))
        wide[:, :, m - 1 : m + (y - 1) * s : s, n - 1 : n + (x - 1) * t : t] = self.x
        seen = look(wide, (m, n), (1, 1))[:, :, p : p + size[0], q : q + size[1]]
        out = np.einsum("bcyxmn,ckmn->bkyx", seen, np.asarray(self.weights)[..., ::-1, ::-1])
        return out + np.asarray(self.bias)[:, None, None]

    def backward(self, error_tensor):
        p, q = self.padding
        error = np.pad(np.asarray(error_tensor, dtype=float), [(0, 0), (0, 0), (p, p), (q, q)])
        seen = look(error, self.kernel, self.stride)
        grad = np.einsum("bkyxmn,ckmn->bcyx", seen, self.weights)
        self.gradient_weights = np.einsum("bcyx,bkyxmn->ckmn", self.x, seen)
        self.gradient_bias = np.einsum("bkyx->k", error)
        self._apply()
        return grad


class NearestUpsampling:
    trainable = False

    def __init__(self, scale):
        self.scale = ints(scale)

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError(f"expected four axes, got {np.shape(input_tensor)}")
        return np.kron(np.asarray(input_tensor, dtype=float), np.ones((1, 1, *self.scale)))

    def backward(self, error_tensor):
        return look(np.asarray(error_tensor), self.scale, self.scale).sum(axis=(-1, -2))


class BilinearUpsampling:
    """A triangle of width 2 * scale over the spread image, its border repeated."""

    trainable = False

    def __init__(self, scale):
        self.scale = ints(scale)

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError(f"expected four axes, got {np.shape(input_tensor)}")
        self.mix = []
        for n, s in zip(np.shape(input_tensor)[2:], self.scale, strict=True):
            middles = ((np.arange(n * s) + 0.5) / s - 0.5)[:, None]
            triangle = np.maximum(0, 1 - np.abs(middles - np.arange(-1, n + 1)))
            mix = triangle[:, 1:-1].copy()
            mix[:, 0] += triangle[:, 0]
            mix[:, -1] += triangle[:, -1]
            self.mix.append(mix)
        return np.einsum("bcyx,iy,jx->bcij", np.asarray(input_tensor, dtype=float), *self.mix, optimize=True)

    def backward(self, error_tensor):
        return np.einsum("bcij,iy,jx->bcyx", error_tensor, *self.mix, optimize=True)


class MaxUnpooling:
    trainable = False

    def forward(self, input_tensor, indices, output_shape):
        if np.ndim(input_tensor) != 4 or np.shape(output_shape) != (2,):
            raise ValueError(f"expected four axes and a pair, got {np.shape(input_tensor)} and {output_shape}")
        y, x = output_shape
        if y < 1 or x < 1 or np.shape(indices) != np.shape(input_tensor) or np.size(indices) == 0:
            raise ValueError(f"indices {np.shape(indices)}, output {output_shape}")
        if not ((indices >= 0) & (indices < y * x)).all():
            raise ValueError(f"indices must be below {y * x}")
        rows, cols = np.divmod(indices, x)
        out = np.zeros((*np.shape(input_tensor)[:2], y, x))
        for channel, values, r, c in zip(*(self.flat(a) for a in (out, input_tensor, rows, cols)), strict=True):
            channel[r, c] = values
        self.rows, self.cols = rows, cols
        return out

    @staticmethod
    def flat(array):
        return np.reshape(array, (-1, *np.shape(array)[2:]))

    def backward(self, error_tensor):
        parts = zip(*(self.flat(a) for a in (error_tensor, self.rows, self.cols)), strict=True)
        return np.array([e[r, c] for e, r, c in parts]).reshape(self.rows.shape)
