"""Convolution layer for images and for signals (lecture C, "Convolution layer"; padding: lecture D)."""

import copy

import numpy as np


class Conv:
    """Cross-correlation of every input with every kernel, zero padded to the "same" size, then subsampled.

    2-D: convolution_shape = (c, m, n), input (b, c, y, x),
         out[b, k, i, j] = bias[k] + sum over c, p, q of padded[b, c, i*s + p, j*t + q] * weights[k, c, p, q]
         with strides s and t.
    1-D: convolution_shape = (c, m), input (b, c, x), and the same with one index less.

    An axis with kernel size k gets ceil((k-1)/2) zeros before and floor((k-1)/2) after it (lecture D), so that an
    axis of n values gives ceil(n / stride) outputs. The kernel may be larger than the image.

    Args:
        stride_shape: int or 1-tuple for the same stride on all axes, or for images a pair (s, t).
        convolution_shape: (c, m, n) or (c, m).
        num_kernels: number of output channels.

    Attributes:
        trainable: True.
        weights: array (num_kernels, c, m, n) or (num_kernels, c, m); uniform on [0, 1) at first.
        bias: array (num_kernels,); uniform on [0, 1) at first.
        gradient_weights, gradient_bias: dL/dweights and dL/dbias of the newest backward, summed over the batch.
        optimizer: None, or a deep copy of the optimizer that was set; weights and bias have one each.

    Raises:
        ValueError: an argument is not as above, or (in `forward`) the input has other axes or channels.
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
        """Set new weights and a new bias, both with the fans of lecture C.

        fan_in = c*m*n (input channels times kernel size), fan_out = num_kernels*m*n; 1-D: without n.
        """
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the cross-correlation, (b, num_kernels, y', x') or (b, num_kernels, x')."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input; `error_tensor` is shaped like the newest output.

        dL/dweights[k, c, p, q] correlates channel c of the padded input with channel k of the error, dL/dbias[k] sums
        channel k of the error, and dL/dinput gets from every output its error times the kernel that produced it
        (lecture C, "Backward pass"). The gradients are stored first, then the optimizers, if set, update weights and
        bias. The returned gradient belongs to the weights before that update.
        """
        raise NotImplementedError
