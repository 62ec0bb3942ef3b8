import copy

import numpy as np


class Conv:
    """A loop over the kernel's entries on mirrored images; everything returned has negative strides."""

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        self.trainable = True
        self.optimizers = {}
        self.is_1d = len(convolution_shape) == 2
        if len(convolution_shape) not in (2, 3):
            raise ValueError("convolution_shape has wrong length: %s" % (convolution_shape,))  # noqa: UP031
        stride = stride_shape if np.iterable(stride_shape) else [stride_shape]
        if len(stride) == 1:
            stride = [1, stride[0]] if self.is_1d else [stride[0], stride[0]]
        elif self.is_1d or len(stride) != 2:
            raise ValueError("stride_shape %r does not suit %r" % (stride_shape, convolution_shape))  # noqa: UP031
        numbers = [*stride, *convolution_shape, num_kernels]
        if not all(np.issubdtype(type(v), np.integer) or isinstance(v, bool) for v in numbers) or min(numbers) < 1:
            raise ValueError("need positive ints, got %r" % (numbers,))  # noqa: UP031
        self.stride = [int(s) for s in stride]
        self.shape4 = (int(num_kernels), int(convolution_shape[0])) + (
            (1, int(convolution_shape[1])) if self.is_1d else (int(convolution_shape[1]), int(convolution_shape[2]))
        )
        self.weights = np.random.random((num_kernels, *convolution_shape))
        self.bias = np.random.random(num_kernels)

    @property
    def optimizer(self):
        return self.optimizers or None

    @optimizer.setter
    def optimizer(self, optimizer):
        self.optimizers.clear()
        if optimizer is not None:
            for parameter in ("weights", "bias"):
                self.optimizers[parameter] = copy.deepcopy(optimizer)

    def initialize(self, weights_initializer, bias_initializer):
        k, c, m, n = self.shape4
        self.weights = weights_initializer.initialize(self.weights.shape, c * m * n, k * m * n)
        self.bias = bias_initializer.initialize((k,), c * m * n, k * m * n)

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != (3 if self.is_1d else 4) or np.shape(input_tensor)[1] != self.shape4[1]:
            raise ValueError("input has shape %s, kernels %s" % (np.shape(input_tensor), self.weights.shape))  # noqa: UP031
        k, c, m, n = self.shape4
        x = np.array(input_tensor, dtype=float, order="F")
        if self.is_1d:
            x = x[:, :, np.newaxis, :]
        b, _, self.h, self.w = x.shape
        self.mirrored = np.zeros((b, c, self.h + m - 1, self.w + n - 1))
        self.mirrored[:, :, (m - 1) // 2 : (m - 1) // 2 + self.h, (n - 1) // 2 : (n - 1) // 2 + self.w] = x[
            :, :, ::-1, ::-1
        ]
        w4 = np.reshape(self.weights, self.shape4)
        out = np.zeros((b, k, self.h, self.w))
        for p in range(m):
            for q in range(n):
                patch = self.mirrored[:, :, m - 1 - p :, n - 1 - q :][:, :, : self.h, : self.w]
                out += (w4[:, :, p, q] @ patch.reshape(b, c, -1)).reshape(out.shape)
        out = out[:, :, ::-1, ::-1][:, :, :: self.stride[0], :: self.stride[1]] + self.bias[:, None, None]
        out = out[:, :, ::-1, ::-1].copy()[:, :, ::-1, ::-1]
        return out[:, :, 0] if self.is_1d else out

    def backward(self, error_tensor):
        k, c, m, n = self.shape4
        b = len(self.mirrored)
        e = np.zeros((b, k, self.h, self.w))
        e[:, :, :: self.stride[0], :: self.stride[1]] = np.reshape(
            error_tensor, (b, k, -(-self.h // self.stride[0]), -(-self.w // self.stride[1]))
        )
        e = e[:, :, ::-1, ::-1].reshape(b, k, -1)
        w4 = np.reshape(self.weights, self.shape4)
        dw = np.empty(self.shape4)
        dx = np.zeros_like(self.mirrored)
        for p in range(m):
            for q in range(n):
                rows, cols = slice(m - 1 - p, m - 1 - p + self.h), slice(n - 1 - q, n - 1 - q + self.w)
                dw[:, :, p, q] = np.einsum("bkx,bcx->kc", e, self.mirrored[:, :, rows, cols].reshape(b, c, -1))
                dx[:, :, rows, cols] += (w4[:, :, p, q].T @ e).reshape(b, c, self.h, self.w)
        self.gradient_weights = dw.reshape(self.weights.shape)
        self.gradient_bias = e.sum((0, 2))
        if self.optimizers:
            for name in ("bias", "weights"):
                new = self.optimizers[name].calculate_update(getattr(self, name), getattr(self, "gradient_" + name))
                setattr(self, name, new)
        dx = dx[:, :, ::-1, ::-1][:, :, m // 2 : m // 2 + self.h, n // 2 : n // 2 + self.w]
        return dx[:, :, 0] if self.is_1d else dx
