import copy

import numpy as np


def two(value, low):
    if isinstance(value, (int, np.integer)):
        value = [value, value]
    value = [int(v) for v in value]
    if len(value) != 2 or min(value) < low:
        raise ValueError(f"bad number or pair: {value}")
    return value


class Conv2d:
    """Plain loops over everything."""

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0, dilation=1, groups=1):
        self.trainable = True
        if in_channels < 1 or out_channels < 1 or groups < 1:
            raise ValueError(f"channels and groups must be positive: {in_channels}, {out_channels}, {groups}")
        if in_channels % groups != 0 or out_channels % groups != 0:
            raise ValueError(f"{groups} groups do not divide {in_channels} and {out_channels}")
        self.ci, self.co, self.g = int(in_channels), int(out_channels), int(groups)
        self.k, self.s = two(kernel_shape, 1), two(stride, 1)
        self.p, self.d = two(padding, 0), two(dilation, 1)
        self.weights = np.random.rand(self.co, self.ci // self.g, *self.k)
        self.bias = np.random.rand(self.co)
        self.wopt = self.bopt = None

    @property
    def optimizer(self):
        return self.wopt

    @optimizer.setter
    def optimizer(self, value):
        self.wopt, self.bopt = copy.deepcopy(value), copy.deepcopy(value)

    def initialize(self, weights_initializer, bias_initializer):
        size = self.k[0] * self.k[1]
        fan_in, fan_out = self.ci // self.g * size, self.co // self.g * size
        self.weights = weights_initializer.initialize((self.co, self.ci // self.g, *self.k), fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.co,), fan_in, fan_out)

    def meets(self):
        """All (output channel, row, column, input channel, its place in the kernel, p, q, y, x) that meet."""
        _, _, h, w = self.x.shape
        per, kernels = self.ci // self.g, self.co // self.g
        for k in range(self.co):
            for i in range(self.rows):
                for j in range(self.cols):
                    for c in range(per):
                        for p in range(self.k[0]):
                            for q in range(self.k[1]):
                                y = i * self.s[0] + p * self.d[0] - self.p[0]
                                x = j * self.s[1] + q * self.d[1] - self.p[1]
                                if 0 <= y < h and 0 <= x < w:
                                    yield k, i, j, k // kernels * per + c, c, p, q, y, x

    def forward(self, input_tensor):
        self.x = np.array(input_tensor, dtype=float)
        if self.x.ndim != 4 or self.x.shape[1] != self.ci:
            raise ValueError(f"need (b, {self.ci}, y, x), got {self.x.shape}")
        spans = [self.x.shape[2 + a] + 2 * self.p[a] - self.d[a] * (self.k[a] - 1) - 1 for a in range(2)]
        if min(spans) < 0:
            raise ValueError(f"the kernel does not fit into {self.x.shape}")
        self.rows, self.cols = spans[0] // self.s[0] + 1, spans[1] // self.s[1] + 1
        out = np.zeros((len(self.x), self.co, self.rows, self.cols))
        for k in range(self.co):
            out[:, k] = self.bias[k]
        for k, i, j, ch, c, p, q, y, x in self.meets():
            for b in range(len(self.x)):
                out[b, k, i, j] += self.x[b, ch, y, x] * self.weights[k, c, p, q]
        return out

    def backward(self, error_tensor):
        dx, dw = np.zeros(self.x.shape), np.zeros(np.shape(self.weights))
        for k, i, j, ch, c, p, q, y, x in self.meets():
            for b in range(len(self.x)):
                dx[b, ch, y, x] += error_tensor[b, k, i, j] * self.weights[k, c, p, q]
                dw[k, c, p, q] += error_tensor[b, k, i, j] * self.x[b, ch, y, x]
        self.gradient_weights = dw
        self.gradient_bias = np.array([float(np.sum(error_tensor[:, k])) for k in range(self.co)])
        if self.wopt is not None:
            self.weights = self.wopt.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.bopt.calculate_update(self.bias, self.gradient_bias)
        return dx


class TransposedConv2d:
    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0):
        self.trainable = True
        if in_channels < 1 or out_channels < 1:
            raise ValueError(f"channels must be positive: {in_channels}, {out_channels}")
        self.ci, self.co = int(in_channels), int(out_channels)
        self.k, self.s, self.p = two(kernel_shape, 1), two(stride, 1), two(padding, 0)
        self.weights = np.random.rand(self.ci, self.co, *self.k)
        self.bias = np.random.rand(self.co)
        self.wopt = self.bopt = None

    optimizer = Conv2d.optimizer

    def initialize(self, weights_initializer, bias_initializer):
        size = self.k[0] * self.k[1]
        self.weights = weights_initializer.initialize((self.ci, self.co, *self.k), self.ci * size, self.co * size)
        self.bias = bias_initializer.initialize((self.co,), self.ci * size, self.co * size)

    def meets(self):
        for i in range(self.x.shape[2]):
            for j in range(self.x.shape[3]):
                for p in range(self.k[0]):
                    for q in range(self.k[1]):
                        y, x = i * self.s[0] + p - self.p[0], j * self.s[1] + q - self.p[1]
                        if 0 <= y < self.size[0] and 0 <= x < self.size[1]:
                            yield i, j, p, q, y, x

    def forward(self, input_tensor):
        self.x = np.array(input_tensor, dtype=float)
        if self.x.ndim != 4 or self.x.shape[1] != self.ci:
            raise ValueError(f"need (b, {self.ci}, y, x), got {self.x.shape}")
        self.size = [(self.x.shape[2 + a] - 1) * self.s[a] - 2 * self.p[a] + self.k[a] for a in range(2)]
        if min(self.size) < 1:
            raise ValueError(f"output would be {self.size}")
        out = np.zeros((len(self.x), self.co, *self.size))
        for b in range(len(self.x)):
            for k in range(self.co):
                out[b, k] += self.bias[k]
                for c in range(self.ci):
                    for i, j, p, q, y, x in self.meets():
                        out[b, k, y, x] += self.x[b, c, i, j] * self.weights[c, k, p, q]
        return out

    def backward(self, error_tensor):
        dx, dw = np.zeros(self.x.shape), np.zeros(np.shape(self.weights))
        for b in range(len(self.x)):
            for k in range(self.co):
                for c in range(self.ci):
                    for i, j, p, q, y, x in self.meets():
                        dx[b, c, i, j] += error_tensor[b, k, y, x] * self.weights[c, k, p, q]
                        dw[c, k, p, q] += error_tensor[b, k, y, x] * self.x[b, c, i, j]
        self.gradient_weights = dw
        self.gradient_bias = np.array([float(np.sum(error_tensor[:, k])) for k in range(self.co)])
        if self.wopt is not None:
            self.weights = self.wopt.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.bopt.calculate_update(self.bias, self.gradient_bias)
        return dx


class NearestUpsampling:
    trainable = False

    def __init__(self, scale):
        self.scale = two(scale, 1)

    def forward(self, input_tensor):
        x = np.array(input_tensor, dtype=float)
        if x.ndim != 4:
            raise ValueError(f"need (b, c, y, x), got {x.shape}")
        self.shape = x.shape
        s, t = self.scale
        out = np.zeros((x.shape[0], x.shape[1], x.shape[2] * s, x.shape[3] * t))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                out[:, :, i, j] = x[:, :, i // s, j // t]
        return out

    def backward(self, error_tensor):
        s, t = self.scale
        dx = np.zeros(self.shape)
        for i in range(error_tensor.shape[2]):
            for j in range(error_tensor.shape[3]):
                dx[:, :, i // s, j // t] += error_tensor[:, :, i, j]
        return dx


class BilinearUpsampling:
    trainable = False

    def __init__(self, scale):
        self.scale = two(scale, 1)

    @staticmethod
    def neighbours(i, scale, n):
        """The two pixels between which output i lies, and their shares."""
        u = (i + 0.5) / scale - 0.5
        if u <= 0:
            return [(0, 1.0)]
        if u >= n - 1:
            return [(n - 1, 1.0)]
        r = int(u)
        return [(r, 1 - (u - r)), (r + 1, u - r)]

    def forward(self, input_tensor):
        x = np.array(input_tensor, dtype=float)
        if x.ndim != 4:
            raise ValueError(f"need (b, c, y, x), got {x.shape}")
        self.shape = x.shape
        s, t = self.scale
        out = np.zeros((x.shape[0], x.shape[1], x.shape[2] * s, x.shape[3] * t))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                for r, a in self.neighbours(i, s, x.shape[2]):
                    for c, b in self.neighbours(j, t, x.shape[3]):
                        out[:, :, i, j] += a * b * x[:, :, r, c]
        return out

    def backward(self, error_tensor):
        s, t = self.scale
        dx = np.zeros(self.shape)
        for i in range(error_tensor.shape[2]):
            for j in range(error_tensor.shape[3]):
                for r, a in self.neighbours(i, s, self.shape[2]):
                    for c, b in self.neighbours(j, t, self.shape[3]):
                        dx[:, :, r, c] += a * b * error_tensor[:, :, i, j]
        return dx


class MaxUnpooling:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor, indices, output_shape):
        if not isinstance(output_shape, tuple | list) or len(output_shape) != 2:
            raise ValueError(f"output_shape {output_shape}")
        h, w = output_shape
        if np.ndim(input_tensor) != 4 or np.shape(indices) != np.shape(input_tensor) or h < 1 or w < 1:
            raise ValueError(f"{np.shape(input_tensor)}, {np.shape(indices)} and {output_shape} do not fit")
        self.where = np.array(indices)
        out = np.zeros((*input_tensor.shape[:2], h, w))
        for b, c, i, j in np.ndindex(*input_tensor.shape):
            index = int(indices[b, c, i, j])
            if index < 0 or index >= h * w:
                raise ValueError(f"index {index} outside of {output_shape}")
            out[b, c, index // w, index % w] = input_tensor[b, c, i, j]
        return out

    def backward(self, error_tensor):
        w = error_tensor.shape[3]
        dx = np.zeros(self.where.shape)
        for b, c, i, j in np.ndindex(*self.where.shape):
            index = self.where[b, c, i, j]
            dx[b, c, i, j] = error_tensor[b, c, index // w, index % w]
        return dx
