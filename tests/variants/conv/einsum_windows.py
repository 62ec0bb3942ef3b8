from copy import deepcopy

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class BaseLayer:
    def __init__(self):
        self.trainable = False


class Conv(BaseLayer):
    """sliding_window_view and einsum with an ellipsis; gradient by correlating with flipped kernels."""

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        super().__init__()
        self.trainable = True
        self.conv_shape = self._ints("convolution_shape", convolution_shape)
        if len(self.conv_shape) not in (2, 3):
            raise ValueError(f"convolution_shape: {convolution_shape!r} is neither (c, m) nor (c, m, n)")
        self.dims = len(self.conv_shape) - 1
        self.strides = self._ints("stride_shape", stride_shape)
        if len(self.strides) == 1:
            self.strides = self.strides * self.dims
        if len(self.strides) != self.dims:
            raise ValueError(f"stride_shape: {stride_shape!r} does not fit {self.dims}-D kernels")
        self.kernels = self._ints("num_kernels", num_kernels)[0]
        self._weights = np.random.default_rng().random((self.kernels, *self.conv_shape))
        self._bias = np.random.default_rng().random(self.kernels)
        self._gradient_weights = self._gradient_bias = None
        self._optimizers = None

    @staticmethod
    def _ints(name, value):
        array = np.atleast_1d(value)
        if array.ndim != 1 or array.dtype.kind not in "iub" or (array < 1).any():
            raise ValueError(f"{name}: {value!r} is not made of positive ints")
        return tuple(array.astype(int).tolist())

    @property
    def weights(self):
        return self._weights

    @weights.setter
    def weights(self, value):
        self._weights = value

    @property
    def bias(self):
        return self._bias

    @bias.setter
    def bias(self, value):
        self._bias = value

    @property
    def gradient_weights(self):
        return self._gradient_weights

    @property
    def gradient_bias(self):
        return self._gradient_bias

    @property
    def optimizer(self):
        return self._optimizers

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizers = None if optimizer is None else (deepcopy(optimizer), deepcopy(optimizer))

    def initialize(self, weights_initializer, bias_initializer):
        c, *kernel = self.conv_shape
        fans = c * int(np.prod(kernel)), self.kernels * int(np.prod(kernel))
        self._bias = bias_initializer.initialize((self.kernels,), *fans)
        self._weights = weights_initializer.initialize((self.kernels, c, *kernel), *fans)

    def _axes(self):
        return tuple(range(2, 2 + self.dims))

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 2 + self.dims or np.shape(input_tensor)[1] != self.conv_shape[0]:
            raise ValueError(f"input of shape {np.shape(input_tensor)} does not suit kernels {self.conv_shape}")
        pad = [(0, 0), (0, 0)] + [(int(np.ceil((k - 1) / 2)), (k - 1) // 2) for k in self.conv_shape[1:]]
        x = np.pad(np.array(input_tensor, float), pad)
        steps = (..., *(slice(None, None, s) for s in self.strides), *([slice(None)] * self.dims))
        self.input_shape = np.shape(input_tensor)
        self.windows = sliding_window_view(x, self.conv_shape[1:], axis=self._axes())[steps]
        spec = "bcxn,kcn->bkx" if self.dims == 1 else "bcyxmn,kcmn->bkyx"
        return np.einsum(spec, self.windows, self._weights) + np.expand_dims(self._bias, tuple(range(1, 1 + self.dims)))

    def backward(self, error_tensor):
        error = np.asarray(error_tensor).astype(np.float64)
        spec = "bkx,bcxn->kcn" if self.dims == 1 else "bkyx,bcyxmn->kcmn"
        self._gradient_weights = np.einsum(spec, error, self.windows)
        self._gradient_bias = np.sum(error, axis=(0, *self._axes()))
        # upsample by the stride, pad, correlate with the kernels flipped along the spatial axes
        sizes = self.input_shape[2:]
        up = np.zeros((*error.shape[:2], *sizes))
        up[(..., *(slice(None, None, s) for s in self.strides))] = error
        up = np.pad(up, [(0, 0), (0, 0)] + [((k - 1) // 2, k // 2) for k in self.conv_shape[1:]])
        view = sliding_window_view(up, self.conv_shape[1:], axis=self._axes())
        spec = "bkxn,kcn->bcx" if self.dims == 1 else "bkyxmn,kcmn->bcyx"
        dx = np.einsum(spec, view, np.flip(self._weights, self._axes()))
        if self._optimizers is not None:
            for_weights, for_bias = self._optimizers
            self._bias = for_bias.calculate_update(self._bias, self._gradient_bias)
            self._weights = for_weights.calculate_update(self._weights, self._gradient_weights)
        return dx
