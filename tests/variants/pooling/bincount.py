import numpy as np
from numpy.lib.stride_tricks import as_strided


def _number(v):
    if int(v) != v or v <= 0:
        raise ValueError(f"illegal value {v}, expected a positive int")
    return int(v)


def _shape(v):
    if np.ndim(v) == 0:
        return _number(v), _number(v)
    if len(v) == 2:
        return _number(v[0]), _number(v[1])
    raise ValueError(f"illegal shape {v}, expected one or two ints")


def _blocks(x, window, stride):
    """(b, c, y', x', m, n) view made with as_strided."""
    (m, n), (s, t) = window, stride
    if m > x.shape[2] or n > x.shape[3]:
        raise ValueError(f"illegal window {window} for an input of shape {x.shape}")
    b, c, y, z = x.strides
    shape = (*x.shape[:2], (x.shape[2] - m) // s + 1, (x.shape[3] - n) // t + 1, m, n)
    return as_strided(x, shape, (b, c, y * s, z * t, y, z), writeable=False)


def _float_images(x):
    x = np.asarray(x).astype(float, order="C")
    if x.ndim != 4:
        raise ValueError(f"illegal input shape {x.shape}, expected (b, c, y, x)")
    return x


class MaxPooling:
    trainable = False

    def __init__(self, stride_shape, pooling_shape):
        self.args = _shape(pooling_shape), _shape(stride_shape)

    def forward(self, input_tensor):
        x = _float_images(input_tensor)
        numbers = np.arange(x.size).reshape(x.shape)
        values, where = _blocks(x, *self.args), _blocks(numbers, *self.args)
        values, where = (a.reshape(*a.shape[:4], -1) for a in (values, where))
        pick = (*np.indices(values.shape[:4]), values.argmax(-1))
        self.global_index = where[pick]
        self.indices = self.global_index % (x.shape[2] * x.shape[3])
        self.shape = x.shape
        return values[pick]

    def backward(self, error_tensor):
        sums = np.bincount(self.global_index.ravel(), weights=np.ravel(error_tensor), minlength=np.prod(self.shape))
        return sums.reshape(self.shape)


class AveragePooling:
    trainable = False

    def __init__(self, stride_shape, pooling_shape):
        self.args = _shape(pooling_shape), _shape(stride_shape)
        self.kernel = np.ones(self.args[0]) / np.prod(self.args[0])

    def _prepare(self, x):
        return x

    def _finish(self, dx):
        return dx

    def forward(self, input_tensor):
        x = self._prepare(_float_images(input_tensor))
        self.shape = x.shape
        self.where = _blocks(np.arange(x.size).reshape(x.shape), *self.args)
        return np.tensordot(_blocks(x, *self.args), self.kernel, axes=2)

    def backward(self, error_tensor):
        parts = np.asarray(error_tensor, float)[..., None, None] * self.kernel
        sums = np.bincount(self.where.ravel(), parts.ravel(), int(np.prod(self.shape)))
        return self._finish(sums.reshape(self.shape))


class GlobalAveragePooling:
    trainable = False

    def forward(self, input_tensor):
        x = _float_images(input_tensor)
        self.area = np.ones(x.shape[2:]) / (x.shape[2] * x.shape[3])
        return np.tensordot(x, self.area, 2)

    def backward(self, error_tensor):
        return np.multiply.outer(np.asarray(error_tensor, float), self.area)


class BlurPooling(AveragePooling):
    def __init__(self, stride):
        super().__init__(stride, (3, 3))
        self.kernel = np.array([1, 2, 1, 2, 4, 2, 1, 2, 1]).reshape(3, 3) / 16.0

    def _prepare(self, x):
        return np.pad(x, 1)[1:-1, 1:-1].copy()

    def _finish(self, dx):
        return dx[..., 1:-1, 1:-1]
