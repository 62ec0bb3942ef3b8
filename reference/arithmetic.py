"""Arithmetic of convolutional networks: sizes, parameters, operations, receptive fields (lectures A, B, D, E).

All results are ints. n is the size of an input along one axis, f that of a filter; shapes are (c, y, x).
"""

import math

import numpy as np


def conv_output_size(n, f, stride=1, padding=0):
    """Return (n + 2 padding - f) / stride + 1: how many places a filter has along one axis (lecture A).

    Args:
        n: size of the input, at least 1.
        f: size of the filter, at least 1.
        stride: distance of neighbouring places, at least 1.
        padding: zeros on each of the two sides, at least 0.

    Raises:
        ValueError: the quotient is no whole number ("fractions are illegal"), the filter does not fit into the padded
            input, or an argument is too small.
    """
    # BEGIN SOLUTION
    _at_least(1, n=n, f=f, stride=stride)
    _at_least(0, padding=padding)
    room = n + 2 * padding - f
    if room < 0:
        raise ValueError(f"a filter of size {f} does not fit into {n} + 2*{padding} pixels")
    if room % stride:
        raise ValueError(f"({n} + 2*{padding} - {f}) / {stride} is no whole number")
    return room // stride + 1
    # END SOLUTION


def conv_output_size_floor(n, f, stride=1, total_padding=0):
    """Return floor((n - f + total_padding + stride) / stride): what does not fit in is left out (lecture D).

    Args:
        n: size of the input, at least 1.
        f: size of the filter, at least 1.
        stride: distance of neighbouring places, at least 1.
        total_padding: zeros of both sides together, at least 0.

    Raises:
        ValueError: the result would be below 1, or an argument is too small.
    """
    # BEGIN SOLUTION
    _at_least(1, n=n, f=f, stride=stride)
    _at_least(0, total_padding=total_padding)
    size = (n - f + total_padding + stride) // stride
    if size < 1:
        raise ValueError(f"a filter of size {f} does not fit into {n} + {total_padding} pixels")
    return size
    # END SOLUTION


def same_padding(f):
    """Return (before, after): the zeros that keep the size of an axis with stride 1 (lecture D).

    Together f - 1: ceil((f - 1) / 2) before and floor((f - 1) / 2) after.

    Raises:
        ValueError: f is below 1.
    """
    # BEGIN SOLUTION
    _at_least(1, f=f)
    return math.ceil((f - 1) / 2), (f - 1) // 2
    # END SOLUTION


def conv_parameters(in_channels, kernel_shape, num_kernels, bias=True):
    """Return the number of parameters of a convolution layer: (in_channels * m * n + 1) * num_kernels (lecture A).

    Args:
        in_channels: channels of the input, and so of every kernel.
        kernel_shape: int, or pair (m, n).
        num_kernels: number of kernels.
        bias: whether each kernel has a bias.

    Raises:
        ValueError: a number is below 1, or kernel_shape is no int and no pair.
    """
    # BEGIN SOLUTION
    _at_least(1, in_channels=in_channels, num_kernels=num_kernels)
    m, n = _pair(kernel_shape, 1, "kernel_shape")
    weights = in_channels * m * n
    return (weights + bool(bias)) * num_kernels
    # END SOLUTION


def conv_multiplications(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    """Return the number of multiplications of a convolution layer for one image (lecture D).

    One for each weight of a kernel, at each place, for each kernel; zeros of the padding count like any number.

    Args:
        input_shape: (c, y, x).
        kernel_shape: int, or pair (m, n).
        num_kernels: number of kernels.
        stride: int, or pair (rows, columns); output sizes are rounded down.
        padding: int, or pair (rows, columns): zeros on each of the two sides.

    Raises:
        ValueError: a number is too small, a kernel does not fit, or an argument has the wrong number of entries.
    """
    # BEGIN SOLUTION
    outputs, weights = _outputs_and_weights(input_shape, kernel_shape, num_kernels, stride, padding)
    return outputs * weights
    # END SOLUTION


def conv_operations(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    """Return the number of multiplications and additions of a convolution layer for one image (lecture D).

    w products are added up with w - 1 additions; a bias is not counted. Arguments and errors as in
    conv_multiplications.
    """
    # BEGIN SOLUTION
    outputs, weights = _outputs_and_weights(input_shape, kernel_shape, num_kernels, stride, padding)
    return outputs * (2 * weights - 1)
    # END SOLUTION


def dense_matrix_floats(input_shape, output_shape):
    """Return the number of entries of the matrix that maps all inputs to all outputs (lecture D), without a bias.

    Args:
        input_shape: tuple of ints, of any length.
        output_shape: likewise.

    Raises:
        ValueError: an axis is below 1.
    """
    # BEGIN SOLUTION
    for side in (*input_shape, *output_shape):
        _at_least(1, axis=side)
    return math.prod(input_shape) * math.prod(output_shape)
    # END SOLUTION


def receptive_field(layers):
    """Return the side of the input window that one output unit sees (lectures B and D).

    Args:
        layers: list of (kernel, stride, dilation), ints, from the input on; 1 for an empty list.

    Raises:
        ValueError: one of these numbers is below 1.
    """
    # BEGIN SOLUTION
    field, step = 1, 1  # step: how far apart neighbouring units of the current layer look, in pixels of the input
    for kernel, stride, dilation in layers:
        _at_least(1, kernel=kernel, stride=stride, dilation=dilation)
        field += (kernel - 1) * dilation * step
        step *= stride
    return field
    # END SOLUTION


def network_summary(layers, input_shape):
    """Return one tuple (kind, output_shape, parameters) per layer.

    Args:
        layers: list of dicts. `kind` is "conv", "pool", "flatten" or "dense". conv: `kernel`, `channels` (of the
            output), and if need be `stride` (1), `padding` (0), `groups` (1), `bias` (True); pool: `kernel`, and if
            need be `stride` (the kernel), `padding` (0); dense: `units`, and if need be `bias` (True). `kernel`,
            `stride`, `padding` are ints or pairs (rows, columns).
        input_shape: (c, y, x), or (n,) for a vector.

    Returns:
        Output shapes are (c, y, x) or (n,), sizes rounded down.

    Raises:
        ValueError: a kind is unknown, a layer is given a shape that it cannot take (dense an image; conv or pool a
            vector), a kernel does not fit, `groups` does not divide the channels of input and output, or a number is
            too small.
    """
    # BEGIN SOLUTION
    shape = tuple(int(side) for side in input_shape)
    summary = []
    for layer in layers:
        kind, bias = layer["kind"], bool(layer.get("bias", True))
        if kind in ("conv", "pool") and len(shape) != 3:
            raise ValueError(f"{kind} needs an image (c, y, x), got shape {shape}")
        parameters = 0
        if kind == "conv":
            channels, groups = layer["channels"], layer.get("groups", 1)
            _at_least(1, channels=channels, groups=groups)
            if shape[0] % groups or channels % groups:
                raise ValueError(f"{groups} groups do not divide {shape[0]} and {channels} channels")
            parameters = conv_parameters(shape[0] // groups, layer["kernel"], channels, bias)
            shape = (int(channels), *_image_size(shape, layer, stride=1))
        elif kind == "pool":
            shape = (shape[0], *_image_size(shape, layer, stride=layer["kernel"]))
        elif kind == "flatten":
            shape = (math.prod(shape),)
        elif kind == "dense":
            if len(shape) != 1:
                raise ValueError(f"dense needs a vector, got shape {shape}: is a flatten missing?")
            _at_least(1, units=layer["units"])
            parameters = (shape[0] + bias) * layer["units"]
            shape = (int(layer["units"]),)
        else:
            raise ValueError(f"kind must be conv, pool, flatten or dense, got {kind!r}")
        summary.append((kind, shape, parameters))
    return summary
    # END SOLUTION


# BEGIN SOLUTION
def _image_size(shape, layer, stride):
    """Return the output's (y, x) of a conv or pool; `stride` is for a layer that does not say."""
    kernel = _pair(layer["kernel"], 1, "kernel")
    steps = _pair(layer.get("stride", stride), 1, "stride")
    padding = _pair(layer.get("padding", 0), 0, "padding")
    axes = zip(shape[1:], kernel, steps, padding, strict=True)
    return tuple(conv_output_size_floor(n, f, s, 2 * p) for n, f, s, p in axes)


def _outputs_and_weights(input_shape, kernel_shape, num_kernels, stride, padding):
    """Return the number of output values of a convolution, and of weights in one kernel."""
    if len(input_shape) != 3:
        raise ValueError(f"input_shape must be (c, y, x), got {input_shape!r}")
    _at_least(1, channels=input_shape[0], num_kernels=num_kernels)
    kernel = _pair(kernel_shape, 1, "kernel_shape")
    places = _image_size(input_shape, {"kernel": kernel, "stride": stride, "padding": padding}, stride=1)
    return num_kernels * math.prod(places), input_shape[0] * math.prod(kernel)


def _pair(value, least, name):
    """Return an int of at least `least`, or a pair of such ints, as (rows, columns)."""
    values = (value, value) if np.ndim(value) == 0 else tuple(value)
    if len(values) != 2:
        raise ValueError(f"{name} must be an int or a pair, got {value!r}")
    for one in values:
        _at_least(least, **{name: one})
    return values


def _at_least(least, **numbers):
    """Refuse whatever is no whole number or below `least`."""
    for name, number in numbers.items():
        if not isinstance(number, (int, np.integer, np.bool_)) or number < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {number!r}")


# END SOLUTION
