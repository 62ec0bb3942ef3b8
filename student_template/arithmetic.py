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
    raise NotImplementedError


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
    raise NotImplementedError


def same_padding(f):
    """Return (before, after): the zeros that keep the size of an axis with stride 1 (lecture D).

    Together f - 1: ceil((f - 1) / 2) before and floor((f - 1) / 2) after.

    Raises:
        ValueError: f is below 1.
    """
    raise NotImplementedError


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
    raise NotImplementedError


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
    raise NotImplementedError


def conv_operations(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    """Return the number of multiplications and additions of a convolution layer for one image (lecture D).

    w products are added up with w - 1 additions; a bias is not counted. Arguments and errors as in
    conv_multiplications.
    """
    raise NotImplementedError


def dense_matrix_floats(input_shape, output_shape):
    """Return the number of entries of the matrix that maps all inputs to all outputs (lecture D), without a bias.

    Args:
        input_shape: tuple of ints, of any length.
        output_shape: likewise.

    Raises:
        ValueError: an axis is below 1.
    """
    raise NotImplementedError


def receptive_field(layers):
    """Return the side of the input window that one output unit sees (lectures B and D).

    Args:
        layers: list of (kernel, stride, dilation), ints, from the input on; 1 for an empty list.

    Raises:
        ValueError: one of these numbers is below 1.
    """
    raise NotImplementedError


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
    raise NotImplementedError
