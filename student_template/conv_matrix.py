"""Convolution as a matrix product (lecture A): the matrix of a kernel, im2col and col2im, and a layer built on them."""

import copy

import numpy as np


def convolution_matrix(kernel, input_shape, stride=1):
    """Return the matrix C of the valid cross-correlation of one image with one kernel (lecture A).

    C @ image.ravel() holds the outputs row by row: C[i*x' + j, y] is the weight with which output (i, j) reads pixel y,
    (i*s + p)*x + j*t + q for the weight kernel[p, q], and 0 for pixels that it does not read. The backward pass is C.T.

    Args:
        kernel: array (m, n).
        input_shape: pair (y, x).
        stride: positive int, or pair (rows, columns).

    Returns:
        float array (y' * x', y * x) with y' = floor((y - m) / s) + 1 and x' = floor((x - n) / t) + 1.

    Raises:
        ValueError: an argument is not as above, or the kernel does not fit into the image.
    """
    raise NotImplementedError


def im2col(input_tensor, kernel_shape, stride_shape):
    """Return what the kernel sees at each position, as columns: (b, c, y, x) to (b, c*m*n, y'*x').

    Entry (c*m + p)*n + q of column i*x' + j is input[b, c, i*s + p, j*t + q]: channel by channel and row by row, as
    torch.nn.functional.unfold; no padding, sizes rounded down.

    Args:
        input_tensor: array (b, c, y, x).
        kernel_shape: positive int, or pair (rows, columns).
        stride_shape: positive int, or pair (rows, columns).

    Raises:
        ValueError: an argument is not as above, or the kernel does not fit into the images.
    """
    raise NotImplementedError


def col2im(columns, input_shape, kernel_shape, stride_shape):
    """Add every entry of `columns` to the pixel that `im2col` has read it from: (b, c*m*n, y'*x') to (b, c, y, x).

    Pixels that lie under several positions collect all their entries, those under none are 0 (as
    torch.nn.functional.fold). It is the backward pass of `im2col`, not its inverse.

    Args:
        columns: array (b, c*m*n, y'*x').
        input_shape: (b, c, y, x).
        kernel_shape: positive int, or pair (rows, columns).
        stride_shape: positive int, or pair (rows, columns).

    Raises:
        ValueError: an argument is not as above, the kernel does not fit, or `columns` has another shape.
    """
    raise NotImplementedError


class MatrixConv:
    """Cross-correlation of every image with every kernel, without padding, as one matrix product (lecture A).

    out[b, k, i, j] = bias[k] + sum over c, p, q of input[b, c, i*s + p, j*t + q] * weights[k, c, p, q]

    A side of n values gives floor((n - k) / stride) + 1 outputs.

    Args:
        stride_shape: positive int, or pair (s, t).
        convolution_shape: (c, m, n).
        num_kernels: number of output channels.

    Attributes:
        trainable: True.
        weights: array (num_kernels, c, m, n); uniform on [0, 1) at first.
        bias: array (num_kernels,); uniform on [0, 1) at first.
        gradient_weights, gradient_bias: dL/dweights and dL/dbias of the newest backward, summed over the batch.
        optimizer: None, or a deep copy of the optimizer that was set; weights and bias have one each.

    Raises:
        ValueError: an argument is not as above, or (in `forward`) the input has other axes or channels, or is smaller
            than the kernels.
    """

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        raise NotImplementedError

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        raise NotImplementedError

    @optimizer.setter
    def optimizer(self, optimizer):
        raise NotImplementedError

    def initialize(self, weights_initializer, bias_initializer):
        """Set new weights and a new bias: fan_in = c*m*n, fan_out = num_kernels*m*n."""
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the cross-correlation, (b, c, y, x) to (b, num_kernels, y', x'): kernels @ columns + bias."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input; `error_tensor` is shaped like the newest output.

        dL/dkernels = error @ columns.T, summed over the batch, and dL/dcolumns = kernels.T @ error, which `col2im`
        adds to the pixels. The gradients are stored first, then the optimizers, if set, update weights and bias. The
        returned gradient belongs to the weights before that update.
        """
        raise NotImplementedError
