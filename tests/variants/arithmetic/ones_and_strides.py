"""Sizes are those of arrays: an axis of zeros is padded, sliced and counted."""

import itertools
import operator

import numpy as np


def whole(least, *numbers):
    for number in numbers:
        if operator.index(number) < least:
            raise ValueError(f"{number} is below {least}")


def conv_output_size(n, f, stride=1, padding=0):
    whole(1, n, f, stride)
    whole(0, padding)
    axis = np.pad(np.zeros(n), padding)
    if len(axis) < f or (len(axis) - f) % stride:
        raise ValueError(f"{n}, {f}, {stride}, {padding} do not fit")
    return len(np.lib.stride_tricks.sliding_window_view(axis, f)[::stride])


def conv_output_size_floor(n, f, stride=1, total_padding=0):
    whole(1, n, f, stride)
    whole(0, total_padding)
    places = range(0, n + total_padding - f + 1, stride)
    if not places:
        raise ValueError(f"{f} does not fit into {n}")
    return len(places)


def same_padding(f):
    whole(1, f)
    halves = np.array_split(np.zeros(f - 1), 2)  # the first one is the larger one
    return len(halves[0]), len(halves[1])


def pair(value, least):
    values = [operator.index(side) for side in (value if isinstance(value, (tuple, list)) else [value] * 2)]
    if len(values) != 2:
        raise ValueError(f"{value} is no pair of 2")
    whole(least, *values)
    return values


def conv_parameters(in_channels, kernel_shape, num_kernels, bias=True):
    whole(1, in_channels, num_kernels)
    weights = np.empty((num_kernels, in_channels, *pair(kernel_shape, 1)))
    return weights.size + (np.empty(num_kernels).size if bias else 0)


def measured(input_shape, kernel_shape, num_kernels, stride, padding):
    if len(input_shape) != 3:
        raise ValueError(f"{len(input_shape)} axes")
    whole(1, *input_shape, num_kernels)
    kernel, steps, zeros = pair(kernel_shape, 1), pair(stride, 1), pair(padding, 0)
    rows, columns = (
        conv_output_size_floor(n, k, s, 2 * p) for n, k, s, p in zip(input_shape[1:], kernel, steps, zeros, strict=True)
    )
    return rows * columns * num_kernels, input_shape[0] * kernel[0] * kernel[1]


def conv_multiplications(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    return operator.mul(*measured(input_shape, kernel_shape, num_kernels, stride, padding))


def conv_operations(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    outputs, weights = measured(input_shape, kernel_shape, num_kernels, stride, padding)
    return 2 * outputs * weights - outputs


def dense_matrix_floats(input_shape, output_shape):
    whole(1, *input_shape, *output_shape)
    *_, product = itertools.accumulate((*input_shape, *output_shape), operator.mul)
    return product


def receptive_field(layers):
    """The pixels that reach one output unit, as a set of positions."""
    seen = {0}
    for kernel, stride, dilation in layers[::-1]:
        whole(1, kernel, stride, dilation)
        seen = {unit * stride + tap * dilation for unit in (min(seen), max(seen)) for tap in (0, kernel - 1)}
    return max(seen) - min(seen) + 1


def network_summary(layers, input_shape):
    shape, summary = list(input_shape), []
    for layer in layers:
        match layer:
            case {"kind": "conv", "kernel": kernel, "channels": channels}:
                groups = layer.get("groups", 1)
                if shape[0] % groups + channels % groups:
                    raise ValueError(f"{groups} groups")
                whole(1, channels)
                depth = shape[0]
                shape = [channels, *sides(shape, kernel, layer.get("stride", 1), layer.get("padding", 0))]
                count = conv_parameters(depth // groups, kernel, channels, layer.get("bias", True))
            case {"kind": "pool", "kernel": kernel}:
                shape = [shape[0], *sides(shape, kernel, layer.get("stride", kernel), layer.get("padding", 0))]
                count = 0
            case {"kind": "flatten"}:
                shape, count = [int(np.zeros(shape, dtype=bool).size)], 0
            case {"kind": "dense", "units": units}:
                whole(1, units)
                if len(shape) > 1:
                    raise ValueError(f"an image of shape {shape}")
                shape, count = [units], units * (shape[0] + (1 if layer.get("bias", True) else 0))
            case _:
                raise ValueError(f"{layer} is none of 4 kinds")
        summary.append((layer["kind"], tuple(shape), count))
    return summary


def sides(shape, kernel, stride, padding):
    if len(shape) != 3:
        raise ValueError(f"{shape} is no image of 3 axes")
    axes = zip(shape[1:], pair(kernel, 1), pair(stride, 1), pair(padding, 0), strict=True)
    return [conv_output_size_floor(n, k, s, 2 * p) for n, k, s, p in axes]
