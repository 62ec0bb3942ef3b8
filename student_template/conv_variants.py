"""Relatives of the convolution layer: dilated, grouped and transposed convolutions, upsampling, unpooling (lecture B).

Images are (b, c, y, x). Sizes, paddings and groups are those of PyTorch's layers of similar names.
"""

import copy

import numpy as np


class Conv2d:
    """Cross-correlation with padding, stride, dilation and groups (lecture B: 1x1, grouped and dilated convolutions).

    out[b, k, i, j] = bias[k] + sum over c, p, q of padded[b, first + c, i*s + p*d, j*t + q*e] * weights[k, c, p, q]

    with strides s and t, dilations d and e; `padded` has zeros on all sides. Channels and kernels are divided into
    `groups` equal blocks: the kernels of block g see only the channels of block g, of which `first` is the first.
    A side of n values gives floor((n + 2*padding - dilation*(k - 1) - 1) / stride) + 1 outputs.

    Args:
        in_channels, out_channels: positive ints, multiples of `groups`.
        kernel_shape, stride, dilation: positive int, or pair (rows, columns).
        padding: int of at least 0, or pair: rows of zeros above and also below, columns on the left and also right.
        groups: positive int.

    Attributes:
        trainable: True.
        weights: array (out_channels, in_channels / groups, m, n); uniform on [0, 1) at first.
        bias: array (out_channels,); uniform on [0, 1) at first.
        gradient_weights, gradient_bias: dL/dweights and dL/dbias of the newest backward, summed over the batch.
        optimizer: None, or a deep copy of the optimizer that was set; weights and bias have one each.

    Raises:
        ValueError: an argument is not as above, or (in `forward`) the input has other axes or channels, or is smaller
            than the dilated kernel even with its padding.
    """

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0, dilation=1, groups=1):
        raise NotImplementedError

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        raise NotImplementedError

    @optimizer.setter
    def optimizer(self, optimizer):
        raise NotImplementedError

    def initialize(self, weights_initializer, bias_initializer):
        """Set new weights and a new bias: fan_in = in_channels/groups*m*n, fan_out = out_channels/groups*m*n."""
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the cross-correlation, (b, in_channels, y, x) to (b, out_channels, y', x')."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input; `error_tensor` is shaped like the newest output.

        Every output has read a window through the weights of its kernel: its error goes back to the weights times the
        window, and to the window times the weights. The gradients are stored first, then the optimizers, if set,
        update weights and bias. The returned gradient belongs to the weights before that update.
        """
        raise NotImplementedError


class TransposedConv2d:
    """Paste the kernel, weighted by each pixel, into a larger image; overlaps are added (lecture B).

    full[b, k, i*s + p, j*t + q] collects input[b, c, i, j] * weights[c, k, p, q] over all c, i, j, p, q; then `padding`
    rows are cut off above and also below, columns on the left and also right, and bias[k] is added everywhere.
    A side of n values gives (n - 1)*stride - 2*padding + k outputs. It is what the backward pass of a convolution with
    the same stride and padding does.

    Args:
        in_channels, out_channels: positive ints.
        kernel_shape, stride: positive int, or pair (rows, columns).
        padding: int of at least 0, or pair.

    Attributes:
        weights: array (in_channels, out_channels, m, n); uniform on [0, 1) at first.
        bias: array (out_channels,); uniform on [0, 1) at first.
        trainable, gradient_weights, gradient_bias, optimizer: as in Conv2d.

    Raises:
        ValueError: an argument is not as above, or (in `forward`) the input has other axes or channels, or a side of
            the output would be shorter than 1.
    """

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0):
        raise NotImplementedError

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        raise NotImplementedError

    @optimizer.setter
    def optimizer(self, optimizer):
        raise NotImplementedError

    def initialize(self, weights_initializer, bias_initializer):
        """Set new weights and a new bias: fan_in = in_channels*m*n, fan_out = out_channels*m*n."""
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the pasted kernels, (b, in_channels, y, x) to (b, out_channels, y', x')."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input: each pixel reads the errors where its kernel was pasted.

        Gradients are stored and parameters updated as in Conv2d.
        """
        raise NotImplementedError


class NearestUpsampling:
    """Repeat every pixel `scale` times downwards and to the right (lecture B): out[i, j] = in[i // s, j // t].

    Args:
        scale: positive int, or pair (rows, columns).

    Attributes:
        trainable: False.

    Raises:
        ValueError: the scale is not as above, or (in `forward`) the input is not (b, c, y, x).
    """

    trainable = False

    def __init__(self, scale):
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the enlarged images, (b, c, y, x) to (b, c, s*y, t*x)."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput: every pixel gets the sum of the errors of its copies."""
        raise NotImplementedError


class BilinearUpsampling:
    """Enlarge images by linear interpolation along both axes (lecture B, "can also use interpolation").

    Pixels are squares of equal size (align_corners=False in PyTorch): the middle of output pixel i lies at
    u = (i + 1/2) / scale - 1/2 in the input, where pixel r has its middle at r. Beyond the middles of the first and
    the last pixel, their values go on unchanged: u is limited to [0, n - 1].

    Args:
        scale: positive int, or pair (rows, columns).

    Attributes:
        trainable: False.

    Raises:
        ValueError: the scale is not as above, or (in `forward`) the input is not (b, c, y, x).
    """

    trainable = False

    def __init__(self, scale):
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the enlarged images, (b, c, y, x) to (b, c, s*y, t*x): rows @ image @ columns.T for each channel."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput: each error goes back to the pixels it was mixed from, in the same proportions."""
        raise NotImplementedError


class MaxUnpooling:
    """Put every value back to where a max pooling layer has found it, zeros elsewhere (lecture B, SegNet).

    Attributes:
        trainable: False.
    """

    trainable = False

    def forward(self, input_tensor, indices, output_shape):
        """Return (b, c, *output_shape) with the values of `input_tensor` at `indices`.

        indices: int array shaped like the input; row * width + column of the output, per image and channel, no
            position twice. output_shape: pair (y, x).

        Raises:
            ValueError: the input is not (b, c, y', x'), `indices` has another shape, an index lies outside of the
                output, or `output_shape` is not a pair of positive ints.
        """
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput: the errors at the indices, shaped like the newest input."""
        raise NotImplementedError
