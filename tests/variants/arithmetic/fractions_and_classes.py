"""Exact fractions for sizes; a small class per kind of layer."""

import math
from fractions import Fraction


class Illegal(ValueError):
    """What the lecture calls illegal."""


def demand(ok, *what):
    if not ok:
        raise Illegal(f"illegal: {what} (0)")


def conv_output_size(n, f, stride=1, padding=0):
    demand(n > 0 and f > 0 and stride > 0 and padding >= 0, n, f, stride, padding)
    size = Fraction(int(n) + 2 * int(padding) - int(f), int(stride)) + 1
    demand(size.denominator == 1 and size >= 1, size, n, f)
    return int(size)


def conv_output_size_floor(n, f, stride=1, total_padding=0):
    demand(n > 0 and f > 0 and stride > 0 and total_padding >= 0, n, f, stride)
    size = math.floor(Fraction(int(n - f + total_padding + stride), int(stride)))
    demand(size > 0, n, f)
    return size


def same_padding(f):
    demand(f > 0, f)
    return (int(f) - int((f - 1) // 2) - 1, int((f - 1) // 2))


def sides(value):
    pair = tuple(value) if hasattr(value, "__len__") else (value, value)
    demand(len(pair) == 2, value)
    return tuple(int(side) for side in pair)


class Conv:
    def __init__(self, depth, kernel, channels, stride=1, padding=0, groups=1, bias=True):
        self.kernel, self.stride, self.padding = sides(kernel), sides(stride), sides(padding)
        demand(depth > 0 and channels > 0 and min(self.kernel) > 0, depth, channels, kernel)
        demand(min(self.stride) > 0 and min(self.padding) >= 0, stride, padding)
        demand(groups > 0 and depth % groups == 0 and channels % groups == 0, groups)
        self.weights = depth // groups * math.prod(self.kernel)
        self.channels, self.bias = channels, 1 if bias else 0

    def output(self, height, width):
        axes = zip((height, width), self.kernel, self.stride, self.padding, strict=True)
        return (int(self.channels), *(conv_output_size_floor(n, k, s, 2 * p) for n, k, s, p in axes))

    def parameters(self):
        return (self.weights + self.bias) * self.channels


def conv_parameters(in_channels, kernel_shape, num_kernels, bias=True):
    return Conv(in_channels, kernel_shape, num_kernels, bias=bias).parameters()


def conv_multiplications(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    demand(len(input_shape) == 3, input_shape)
    layer = Conv(input_shape[0], kernel_shape, num_kernels, stride, padding)
    return math.prod(layer.output(*input_shape[1:])) * layer.weights


def conv_operations(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    demand(len(input_shape) == 3, input_shape)
    layer = Conv(input_shape[0], kernel_shape, num_kernels, stride, padding)
    return math.prod(layer.output(*input_shape[1:])) * (layer.weights + layer.weights - 1)


def dense_matrix_floats(input_shape, output_shape):
    demand(min((*input_shape, *output_shape)) > 0, input_shape, output_shape)
    return math.prod((*input_shape, *output_shape))


def receptive_field(layers):
    def seen(rest):
        if not rest:
            return 1
        kernel, stride, dilation = rest[0]
        demand(kernel > 0 and stride > 0 and dilation > 0, rest[0])
        return (seen(rest[1:]) - 1) * stride + dilation * (kernel - 1) + 1

    return seen(tuple(layers))


def conv(shape, kernel, channels, stride=1, padding=0, groups=1, bias=True):
    demand(len(shape) == 3, shape)
    layer = Conv(shape[0], kernel, channels, stride, padding, groups, bias)
    return layer.output(*shape[1:]), layer.parameters()


def pool(shape, kernel, stride=None, padding=0, **unused):
    demand(len(shape) == 3, shape)
    layer = Conv(shape[0], kernel, shape[0], kernel if stride is None else stride, padding)
    return layer.output(*shape[1:]), 0


def flatten(shape, **unused):
    return (math.prod(shape),), 0


def dense(shape, units, bias=True):
    demand(len(shape) == 1 and units > 0, shape)
    return (units,), units * shape[0] + (units if bias else 0)


KINDS = {"conv": conv, "pool": pool, "flatten": flatten, "dense": dense}


def network_summary(layers, input_shape):
    summary, shape = [], tuple(input_shape)
    for layer in layers:
        demand(layer["kind"] in KINDS, layer["kind"])
        shape, count = KINDS[layer["kind"]](shape, **{key: value for key, value in layer.items() if key != "kind"})
        summary.append((layer["kind"], shape, count))
    return summary
