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
    # BEGIN SOLUTION
    kernel = np.asarray(kernel, dtype=float)
    if kernel.ndim != 2:
        raise ValueError(f"kernel must have shape (m, n), got {kernel.shape}")
    (height, width), (s, t) = _pair(input_shape, "input_shape"), _pair(stride, "stride")
    rows, columns = _output_size((height, width), kernel.shape, (s, t))
    matrix = np.zeros((rows * columns, height * width))
    i, j = np.indices((rows, columns)).reshape(2, -1)  # where each output lies
    for p, q in np.ndindex(kernel.shape):
        pixel = (i * s + p) * width + j * t + q
        matrix[np.arange(len(pixel)), pixel] = kernel[p, q]
    return matrix
    # END SOLUTION


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
    # BEGIN SOLUTION
    images = np.asarray(input_tensor, dtype=float)
    if images.ndim != 4:
        raise ValueError(f"input must have shape (b, c, y, x), got {images.shape}")
    (m, n), (s, t) = _pair(kernel_shape, "kernel_shape"), _pair(stride_shape, "stride_shape")
    rows, columns = _output_size(images.shape[2:], (m, n), (s, t))
    windows = np.lib.stride_tricks.sliding_window_view(images, (m, n), axis=(2, 3))[:, :, ::s, ::t]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(len(images), images.shape[1] * m * n, rows * columns)
    # END SOLUTION


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
    # BEGIN SOLUTION
    columns = np.asarray(columns, dtype=float)
    if len(input_shape) != 4:
        raise ValueError(f"input_shape must be (b, c, y, x), got {input_shape!r}")
    batch, channels, height, width = (int(side) for side in input_shape)
    (m, n), (s, t) = _pair(kernel_shape, "kernel_shape"), _pair(stride_shape, "stride_shape")
    y, x = _output_size((height, width), (m, n), (s, t))
    if columns.shape != (batch, channels * m * n, y * x):
        raise ValueError(f"columns must have shape {(batch, channels * m * n, y * x)}, got {columns.shape}")
    patches = columns.reshape(batch, channels, m, n, y, x)
    images = np.zeros((batch, channels, height, width))
    for p, q in np.ndindex(m, n):
        images[:, :, p : p + s * y : s, q : q + t * x : t] += patches[:, :, p, q]
    return images
    # END SOLUTION


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
        # BEGIN SOLUTION
        self.trainable = True
        if np.ndim(convolution_shape) != 1 or len(convolution_shape) != 3:
            raise ValueError(f"convolution_shape must be (c, m, n), got {convolution_shape!r}")
        self.convolution_shape = tuple(_positive(side, "convolution_shape") for side in convolution_shape)
        self.stride_shape = _pair(stride_shape, "stride_shape")
        self.num_kernels = _positive(num_kernels, "num_kernels")
        self.weights = np.random.uniform(0.0, 1.0, (self.num_kernels, *self.convolution_shape))
        self.bias = np.random.uniform(0.0, 1.0, self.num_kernels)
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
        """Set new weights and a new bias: fan_in = c*m*n, fan_out = num_kernels*m*n."""
        # BEGIN SOLUTION
        channels, m, n = self.convolution_shape
        fan_in, fan_out = channels * m * n, self.num_kernels * m * n
        self.weights = weights_initializer.initialize((self.num_kernels, channels, m, n), fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.num_kernels,), fan_in, fan_out)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the cross-correlation, (b, c, y, x) to (b, num_kernels, y', x'): kernels @ columns + bias."""
        # BEGIN SOLUTION
        images = np.asarray(input_tensor, dtype=float)
        channels, m, n = self.convolution_shape
        if images.ndim != 4 or images.shape[1] != channels:
            raise ValueError(f"input must have shape (b, {channels}, y, x), got {images.shape}")
        self._input_shape = images.shape
        self._columns = im2col(images, (m, n), self.stride_shape)
        output = self._kernels() @ self._columns + np.reshape(self.bias, (-1, 1))
        size = _output_size(images.shape[2:], (m, n), self.stride_shape)
        return output.reshape(len(images), self.num_kernels, *size)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input; `error_tensor` is shaped like the newest output.

        dL/dkernels = error @ columns.T, summed over the batch, and dL/dcolumns = kernels.T @ error, which `col2im`
        adds to the pixels. The gradients are stored first, then the optimizers, if set, update weights and bias. The
        returned gradient belongs to the weights before that update.
        """
        # BEGIN SOLUTION
        error = np.asarray(error_tensor, dtype=float)
        error = error.reshape(len(error), self.num_kernels, -1)
        gradient_columns = self._kernels().T @ error
        kernel_shape = self.convolution_shape[1:]
        input_gradient = col2im(gradient_columns, self._input_shape, kernel_shape, self.stride_shape)
        gradient_kernels = (error @ self._columns.transpose(0, 2, 1)).sum(axis=0)
        self.gradient_weights = gradient_kernels.reshape(self.num_kernels, *self.convolution_shape)
        self.gradient_bias = error.sum(axis=(0, 2))
        if self.optimizer is not None:
            self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return input_gradient
        # END SOLUTION

    # BEGIN SOLUTION
    def _kernels(self):
        """Return the weights as a matrix (num_kernels, c*m*n)."""
        return np.reshape(self.weights, (self.num_kernels, -1))

    # END SOLUTION


# BEGIN SOLUTION
def _positive(value, name):
    """Return `value` as an int of at least 1."""
    if not isinstance(value, (int, np.integer, np.bool_)) or value < 1:
        raise ValueError(f"{name} must consist of positive ints, got {value!r}")
    return int(value)


def _pair(value, name):
    """Return a positive int or a pair of them as (rows, columns)."""
    values = (value, value) if np.ndim(value) == 0 else tuple(value)
    if len(values) != 2:
        raise ValueError(f"{name} must be a positive int or a pair of them, got {value!r}")
    return _positive(values[0], name), _positive(values[1], name)


def _output_size(size, kernel_shape, stride):
    """Return the numbers of rows and columns of positions at which the kernel lies inside the image."""
    if any(k > n for k, n in zip(kernel_shape, size, strict=True)) or 0 in kernel_shape:
        raise ValueError(f"a kernel of shape {tuple(kernel_shape)} does not fit into images of shape {tuple(size)}")
    rows, columns = ((n - k) // s + 1 for n, k, s in zip(size, kernel_shape, stride, strict=True))
    return rows, columns


# END SOLUTION
