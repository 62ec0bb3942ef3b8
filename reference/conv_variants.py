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
        # BEGIN SOLUTION
        self.trainable = True
        self.groups = _whole(groups, "groups")
        self.in_channels = _whole(in_channels, "in_channels")
        self.out_channels = _whole(out_channels, "out_channels")
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise ValueError(f"groups must divide both {in_channels} and {out_channels} channels, got {groups!r}")
        self.kernel_shape = _pair(kernel_shape, "kernel_shape")
        self.stride = _pair(stride, "stride")
        self.padding = _pair(padding, "padding", least=0)
        self.dilation = _pair(dilation, "dilation")
        self.weights = np.random.uniform(0.0, 1.0, self._weights_shape())
        self.bias = np.random.uniform(0.0, 1.0, self.out_channels)
        self.gradient_weights = None
        self.gradient_bias = None
        self.optimizer = None
        # END SOLUTION

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        # BEGIN SOLUTION
        return self._weights_optimizer
        # END SOLUTION

    @optimizer.setter
    def optimizer(self, optimizer):
        # BEGIN SOLUTION
        self._weights_optimizer = copy.deepcopy(optimizer)
        self._bias_optimizer = copy.deepcopy(optimizer)
        # END SOLUTION

    def initialize(self, weights_initializer, bias_initializer):
        """Set new weights and a new bias: fan_in = in_channels/groups*m*n, fan_out = out_channels/groups*m*n."""
        # BEGIN SOLUTION
        m, n = self.kernel_shape
        fan_in = self.in_channels // self.groups * m * n
        fan_out = self.out_channels // self.groups * m * n
        self.weights = weights_initializer.initialize(self._weights_shape(), fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.out_channels,), fan_in, fan_out)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the cross-correlation, (b, in_channels, y, x) to (b, out_channels, y', x')."""
        # BEGIN SOLUTION
        images = _images(input_tensor, self.in_channels)
        (top, left), batch = self.padding, len(images)
        padded = np.pad(images, ((0, 0), (0, 0), (top, top), (left, left)))
        self._padded_shape = padded.shape
        windows = _windows(padded, self.kernel_shape, self.stride, self.dilation)
        self._windows = windows.reshape(batch, self.groups, -1, *windows.shape[2:])
        output = np.einsum("bgcyxmn,gkcmn->bgkyx", self._windows, self._kernels())
        return output.reshape(batch, self.out_channels, *windows.shape[2:4]) + np.reshape(self.bias, (-1, 1, 1))
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input; `error_tensor` is shaped like the newest output.

        Every output has read a window through the weights of its kernel: its error goes back to the weights times the
        window, and to the window times the weights. The gradients are stored first, then the optimizers, if set,
        update weights and bias. The returned gradient belongs to the weights before that update.
        """
        # BEGIN SOLUTION
        error = np.asarray(error_tensor, dtype=float)
        blocks = error.reshape(len(error), self.groups, -1, *error.shape[2:])
        patches = np.einsum("bgkyx,gkcmn->bgcyxmn", blocks, self._kernels())
        patches = patches.reshape(len(error), self.in_channels, *patches.shape[3:])
        padded = _paste(patches, self._padded_shape, self.stride, self.dilation)
        input_gradient = _crop(padded, self.padding)
        gradient_weights = np.einsum("bgkyx,bgcyxmn->gkcmn", blocks, self._windows)
        self.gradient_weights = gradient_weights.reshape(self._weights_shape())
        self.gradient_bias = error.sum(axis=(0, 2, 3))
        if self.optimizer is not None:
            self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return input_gradient
        # END SOLUTION

    # BEGIN SOLUTION
    def _weights_shape(self):
        """Return (out_channels, in_channels / groups, m, n)."""
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_shape)

    def _kernels(self):
        """Return the weights as (groups, kernels of a group, channels of a group, m, n)."""
        return np.reshape(self.weights, (self.groups, -1, *self._weights_shape()[1:]))

    # END SOLUTION


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
        # BEGIN SOLUTION
        self.trainable = True
        self.in_channels = _whole(in_channels, "in_channels")
        self.out_channels = _whole(out_channels, "out_channels")
        self.kernel_shape = _pair(kernel_shape, "kernel_shape")
        self.stride = _pair(stride, "stride")
        self.padding = _pair(padding, "padding", least=0)
        self.weights = np.random.uniform(0.0, 1.0, (self.in_channels, self.out_channels, *self.kernel_shape))
        self.bias = np.random.uniform(0.0, 1.0, self.out_channels)
        self.gradient_weights = None
        self.gradient_bias = None
        self.optimizer = None
        # END SOLUTION

    @property
    def optimizer(self):
        """None, or an optimizer; setting one gives weights and bias a deep copy each, setting None removes both."""
        # BEGIN SOLUTION
        return self._weights_optimizer
        # END SOLUTION

    @optimizer.setter
    def optimizer(self, optimizer):
        # BEGIN SOLUTION
        self._weights_optimizer = copy.deepcopy(optimizer)
        self._bias_optimizer = copy.deepcopy(optimizer)
        # END SOLUTION

    def initialize(self, weights_initializer, bias_initializer):
        """Set new weights and a new bias: fan_in = in_channels*m*n, fan_out = out_channels*m*n."""
        # BEGIN SOLUTION
        m, n = self.kernel_shape
        fan_in, fan_out = self.in_channels * m * n, self.out_channels * m * n
        self.weights = weights_initializer.initialize((self.in_channels, self.out_channels, m, n), fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.out_channels,), fan_in, fan_out)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the pasted kernels, (b, in_channels, y, x) to (b, out_channels, y', x')."""
        # BEGIN SOLUTION
        images = _images(input_tensor, self.in_channels)
        sides = zip(images.shape[2:], self.stride, self.kernel_shape, strict=True)
        full_size = [(n - 1) * s + k for n, s, k in sides]
        if any(size <= 2 * cut for size, cut in zip(full_size, self.padding, strict=True)):
            raise ValueError(f"padding {self.padding} leaves nothing of an output of size {full_size}")
        self._input = images
        patches = np.einsum("bcyx,ckmn->bkyxmn", images, self.weights)
        full = _paste(patches, (len(images), self.out_channels, *full_size), self.stride)
        return _crop(full, self.padding) + np.reshape(self.bias, (-1, 1, 1))
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input: each pixel reads the errors where its kernel was pasted.

        Gradients are stored and parameters updated as in Conv2d.
        """
        # BEGIN SOLUTION
        error = np.asarray(error_tensor, dtype=float)
        top, left = self.padding
        full = np.pad(error, ((0, 0), (0, 0), (top, top), (left, left)))
        windows = _windows(full, self.kernel_shape, self.stride)
        input_gradient = np.einsum("bkyxmn,ckmn->bcyx", windows, self.weights)
        self.gradient_weights = np.einsum("bcyx,bkyxmn->ckmn", self._input, windows)
        self.gradient_bias = error.sum(axis=(0, 2, 3))
        if self.optimizer is not None:
            self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return input_gradient
        # END SOLUTION


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
        # BEGIN SOLUTION
        self.scale = _pair(scale, "scale")
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the enlarged images, (b, c, y, x) to (b, c, s*y, t*x)."""
        # BEGIN SOLUTION
        images = _images(input_tensor)
        self._input_shape = images.shape
        return images.repeat(self.scale[0], axis=2).repeat(self.scale[1], axis=3)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput: every pixel gets the sum of the errors of its copies."""
        # BEGIN SOLUTION
        batch, channels, height, width = self._input_shape
        blocks = np.reshape(error_tensor, (batch, channels, height, self.scale[0], width, self.scale[1]))
        return blocks.sum(axis=(3, 5), dtype=float)
        # END SOLUTION


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
        # BEGIN SOLUTION
        self.scale = _pair(scale, "scale")
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the enlarged images, (b, c, y, x) to (b, c, s*y, t*x): rows @ image @ columns.T for each channel."""
        # BEGIN SOLUTION
        images = _images(input_tensor)
        self._rows = self._interpolation(images.shape[2], self.scale[0])
        self._columns = self._interpolation(images.shape[3], self.scale[1])
        return self._rows @ images @ self._columns.T
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput: each error goes back to the pixels it was mixed from, in the same proportions."""
        # BEGIN SOLUTION
        return self._rows.T @ np.asarray(error_tensor, dtype=float) @ self._columns
        # END SOLUTION

    # BEGIN SOLUTION
    @staticmethod
    def _interpolation(size, scale):
        """Return the matrix (scale*size, size) that interpolates one axis."""
        middles = (np.arange(scale * size) + 0.5) / scale - 0.5
        position = np.clip(middles, 0, size - 1)
        before = np.floor(position).astype(int)
        after = np.minimum(before + 1, size - 1)
        fraction = position - before
        matrix = np.zeros((scale * size, size))
        outputs = np.arange(scale * size)
        matrix[outputs, before] += 1 - fraction
        matrix[outputs, after] += fraction
        return matrix

    # END SOLUTION


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
        # BEGIN SOLUTION
        values = _images(input_tensor)
        if np.ndim(output_shape) != 1:
            raise ValueError(f"output_shape must be a pair of positive ints, got {output_shape!r}")
        height, width = _pair(output_shape, "output_shape")
        indices = np.asarray(indices)
        if indices.shape != values.shape:
            raise ValueError(f"indices must have the input's shape {values.shape}, got {indices.shape}")
        if indices.size and not 0 <= indices.min() <= indices.max() < height * width:
            raise ValueError(f"indices must lie in 0 .. {height * width - 1}, got {indices.min()} .. {indices.max()}")
        self._input_shape = values.shape
        self._indices = indices.reshape(*values.shape[:2], -1).copy()
        output = np.zeros((*values.shape[:2], height * width))
        np.put_along_axis(output, self._indices, values.reshape(self._indices.shape), axis=2)
        return output.reshape(*values.shape[:2], height, width)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput: the errors at the indices, shaped like the newest input."""
        # BEGIN SOLUTION
        error = np.asarray(error_tensor, dtype=float)
        flat_error = error.reshape(*error.shape[:2], -1)
        return np.take_along_axis(flat_error, self._indices, axis=2).reshape(self._input_shape)
        # END SOLUTION


# BEGIN SOLUTION
def _whole(value, name, least=1):
    """Return `value` as an int of at least `least`."""
    if not isinstance(value, (int, np.integer, np.bool_)) or value < least:
        raise ValueError(f"{name} must consist of ints of at least {least}, got {value!r}")
    return int(value)


def _pair(value, name, least=1):
    """Return an int or a pair of ints as (rows, columns)."""
    values = (value, value) if np.ndim(value) == 0 else tuple(value)
    if len(values) != 2:
        raise ValueError(f"{name} must be an int or a pair of ints, got {value!r}")
    return _whole(values[0], name, least), _whole(values[1], name, least)


def _images(input_tensor, channels=None):
    """Return the input as a float array after checking its axes and, where given, its channels."""
    images = np.asarray(input_tensor, dtype=float)
    if images.ndim != 4 or channels not in (None, images.shape[1]):
        raise ValueError(f"input must have shape (b, {channels or 'c'}, y, x), got {images.shape}")
    return images


def _windows(images, kernel_shape, stride, dilation=(1, 1)):
    """Return what each kernel position sees of (b, c, y, x), as a view (b, c, y', x', m, n)."""
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel_shape, dilation, strict=True))
    if any(side < wanted for side, wanted in zip(images.shape[2:], reach, strict=True)):
        raise ValueError(f"a kernel that spans {reach} does not fit into images of shape {images.shape[2:]}")
    every_window = np.lib.stride_tricks.sliding_window_view(images, reach, axis=(2, 3))
    return every_window[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def _paste(patches, shape, stride, dilation=(1, 1)):
    """Add patches (b, c, y', x', m, n) to zeros of a shape (b, c, y, x), where `_windows` would read them."""
    images = np.zeros(shape)
    rows, columns, m, n = patches.shape[2:]
    for p in range(m):
        for q in range(n):
            top, left = p * dilation[0], q * dilation[1]
            bottom, right = top + rows * stride[0], left + columns * stride[1]
            images[:, :, top : bottom : stride[0], left : right : stride[1]] += patches[..., p, q]
    return images


def _crop(images, padding):
    """Return images without the padding."""
    (top, left), (height, width) = padding, images.shape[2:]
    return images[:, :, top : height - top, left : width - left]


# END SOLUTION
