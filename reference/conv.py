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
        # BEGIN SOLUTION
        self.trainable = True
        self.convolution_shape = _positive_ints(convolution_shape, "convolution_shape")
        if len(self.convolution_shape) not in (2, 3):
            raise ValueError(f"convolution_shape must be (c, m) or (c, m, n), got {convolution_shape!r}")
        self.stride_shape = _strides(stride_shape, axes=len(self.convolution_shape) - 1)
        self.num_kernels = _positive_int(num_kernels, "num_kernels")
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
        """Set new weights and a new bias, both with the fans of lecture C.

        fan_in = c*m*n (input channels times kernel size), fan_out = num_kernels*m*n; 1-D: without n.
        """
        # BEGIN SOLUTION
        kernel_size = int(np.prod(self.convolution_shape[1:]))
        fan_in = self.convolution_shape[0] * kernel_size
        fan_out = self.num_kernels * kernel_size
        self.weights = weights_initializer.initialize((self.num_kernels, *self.convolution_shape), fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.num_kernels,), fan_in, fan_out)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the cross-correlation, (b, num_kernels, y', x') or (b, num_kernels, x')."""
        # BEGIN SOLUTION
        input_tensor = np.asarray(input_tensor, dtype=float)
        self._check_input(input_tensor)
        self._input_shape = input_tensor.shape
        self._windows = self._cut_windows(_as_images(input_tensor))
        output = np.einsum("bcyxmn,kcmn->bkyx", self._windows, _as_images(self.weights), optimize=True)
        output += np.reshape(self.bias, (-1, 1, 1))
        return self._like_input(output)
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input; `error_tensor` is shaped like the newest output.

        dL/dweights[k, c, p, q] correlates channel c of the padded input with channel k of the error, dL/dbias[k] sums
        channel k of the error, and dL/dinput gets from every output its error times the kernel that produced it
        (lecture C, "Backward pass"). The gradients are stored first, then the optimizers, if set, update weights and
        bias. The returned gradient belongs to the weights before that update.
        """
        # BEGIN SOLUTION
        error = _as_images(np.asarray(error_tensor, dtype=float))
        input_gradient = self._like_input(self._input_gradient(error))
        gradient_weights = np.einsum("bkyx,bcyxmn->kcmn", error, self._windows, optimize=True)
        self.gradient_weights = gradient_weights.reshape(self.num_kernels, *self.convolution_shape)
        self.gradient_bias = error.sum(axis=(0, 2, 3))
        if self.optimizer is not None:
            self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return input_gradient
        # END SOLUTION

    # BEGIN SOLUTION
    def _check_input(self, input_tensor):
        """Refuse an input with other axes or another number of channels than the kernels."""
        axes, channels = len(self.convolution_shape) + 1, self.convolution_shape[0]
        if input_tensor.ndim != axes or input_tensor.shape[1] != channels:
            raise ValueError(f"input must have {axes} axes and {channels} channels, got shape {input_tensor.shape}")

    def _kernel_and_strides(self):
        """Return (m, n) and (s, t); a signal is an image of height 1."""
        kernel = self.convolution_shape[1:]
        return (kernel, self.stride_shape) if len(kernel) == 2 else ((1, *kernel), (1, *self.stride_shape))

    def _cut_windows(self, images):
        """Return the part of the padded images under each kernel position, (b, c, y', x', m, n)."""
        (m, n), (s, t) = self._kernel_and_strides()
        padded = np.pad(images, ((0, 0), (0, 0), _padding(m), _padding(n)))
        return np.lib.stride_tricks.sliding_window_view(padded, (m, n), axis=(2, 3))[:, :, ::s, ::t]

    def _input_gradient(self, error):
        """Paste each error times the kernel into the window it came from, then cut off the padding."""
        (m, n), (s, t) = self._kernel_and_strides()
        kernels = _as_images(self.weights)
        batch, channels, height, width = (*self._input_shape[:2], *self._image_size())
        patches = np.einsum("bkyx,kcmn->bcyxmn", error, kernels, optimize=True)
        padded = np.zeros((batch, channels, height + m - 1, width + n - 1))
        for p in range(m):
            for q in range(n):
                padded[:, :, p : p + height : s, q : q + width : t] += patches[..., p, q]
        top, left = _padding(m)[0], _padding(n)[0]
        return padded[:, :, top : top + height, left : left + width]

    def _image_size(self):
        """Return (y, x) of the newest input; a signal is an image of height 1."""
        return self._input_shape[2:] if len(self._input_shape) == 4 else (1, self._input_shape[2])

    def _like_input(self, images):
        """Return images as they are, or without their height if the input was a signal."""
        return images if len(self._input_shape) == 4 else images[:, :, 0, :]

    # END SOLUTION


# BEGIN SOLUTION
def _as_images(tensor):
    """Return (b, c, x) as (b, c, 1, x), and (b, c, y, x) as it is."""
    return tensor if tensor.ndim == 4 else tensor[:, :, np.newaxis, :]


def _padding(kernel_size):
    """Return the number of zeros before and after an axis: ceil((k-1)/2) and floor((k-1)/2)."""
    return kernel_size // 2, (kernel_size - 1) // 2


def _strides(stride_shape, axes):
    """Return one stride per axis from an int, a 1-tuple or one value per axis."""
    strides = _positive_ints(stride_shape, "stride_shape")
    if len(strides) not in (1, axes):
        raise ValueError(f"stride_shape must be an int or {axes} of them for {axes}-D kernels, got {stride_shape!r}")
    return strides if len(strides) == axes else strides * axes


def _positive_ints(value, name):
    """Return an int, or a sequence of ints, as a tuple of ints of at least 1."""
    values = [value] if np.ndim(value) == 0 else value
    return tuple(_positive_int(v, name) for v in values)


def _positive_int(value, name):
    """Return `value` as an int of at least 1."""
    if not isinstance(value, (int, np.integer, np.bool_)) or value < 1:
        raise ValueError(f"{name} must consist of positive ints, got {value!r}")
    return int(value)


# END SOLUTION
