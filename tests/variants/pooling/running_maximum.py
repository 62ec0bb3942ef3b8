import numpy as np


class MaxPooling:
    """A loop over the window's entries; a running maximum over shifted, strided slices."""

    def __init__(self, stride_shape, pooling_shape):
        self.trainable = False
        self.stride_shape = _both(stride_shape)
        self.pooling_shape = _both(pooling_shape)
        self._winner = None

    @property
    def indices(self):
        if self._winner is None:
            return None
        s, t = self.stride_shape
        p, q = np.divmod(self._winner, self.pooling_shape[1])
        y = p + s * np.arange(p.shape[2])[:, None]
        x = q + t * np.arange(p.shape[3])
        return y * self._in[3] + x

    def forward(self, input_tensor):
        taps = list(_taps(input_tensor, self.pooling_shape, self.stride_shape))
        self._in = np.shape(input_tensor)
        best = np.array(taps[0], dtype=float)
        winner = np.zeros(best.shape, dtype=np.int32)
        for number, tap in enumerate(taps[1:], start=1):
            larger = tap > best
            best[larger] = tap[larger]
            winner[larger] = number
        self._winner = winner
        return best

    def backward(self, error_tensor):
        grad = np.zeros(self._in)
        for number, tap in enumerate(_taps(grad, self.pooling_shape, self.stride_shape)):
            tap += (self._winner == number) * error_tensor
        return grad


class AveragePooling:
    def __init__(self, stride_shape, pooling_shape):
        self.trainable = False
        self.stride_shape = _both(stride_shape)
        self.pooling_shape = _both(pooling_shape)

    def forward(self, input_tensor):
        self._in = np.shape(input_tensor)
        total = 0.0
        for tap in _taps(input_tensor, self.pooling_shape, self.stride_shape):
            total = total + tap
        return total / np.prod(self.pooling_shape)

    def backward(self, error_tensor):
        grad = np.zeros(self._in, order="F")
        for tap in _taps(grad, self.pooling_shape, self.stride_shape):
            tap += error_tensor
        grad /= np.prod(self.pooling_shape)
        return grad


class GlobalAveragePooling:
    """Average pooling with one window as large as the image."""

    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError(f"got input of shape {np.shape(input_tensor)}, expected four axes")
        size = np.shape(input_tensor)[2:]
        self._pool = AveragePooling(size, size)
        return self._pool.forward(input_tensor)[:, :, 0, 0]

    def backward(self, error_tensor):
        return self._pool.backward(error_tensor[:, :, None, None])


class BlurPooling:
    def __init__(self, stride):
        self.trainable = False
        self.stride = _both(stride)

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError(f"got input of shape {np.shape(input_tensor)}, expected four axes")
        b, c, h, w = self._in = np.shape(input_tensor)
        padded = np.zeros((b, c, h + 2, w + 2))
        padded[:, :, 1:-1, 1:-1] = input_tensor
        taps = _taps(padded, (3, 3), self.stride)
        return sum(k * tap for k, tap in zip((1, 2, 1, 2, 4, 2, 1, 2, 1), taps, strict=True)) / 16

    def backward(self, error_tensor):
        b, c, h, w = self._in
        padded = np.zeros((b, c, h + 2, w + 2))
        for k, tap in zip((1, 2, 1, 2, 4, 2, 1, 2, 1), _taps(padded, (3, 3), self.stride), strict=True):
            tap += k * np.asarray(error_tensor) / 16
        return padded[:, :, 1:-1, 1:-1]


def _both(v):
    match v:
        case bool() | int() | np.integer():
            v = (v, v)
        case (_, _):
            v = tuple(v)
        case _:
            raise ValueError(f"got {v!r}, expected an int or two")
    if not all(isinstance(x, (int, np.integer)) and x > 0 for x in v):
        raise ValueError(f"got {v!r}, expected positive ints")
    return v


def _taps(x, window, stride):
    if x.ndim != 4:
        raise ValueError(f"got input of shape {x.shape}, expected four axes")
    if window[0] > x.shape[2] or window[1] > x.shape[3]:
        raise ValueError(f"got window {window}, which is larger than the image {x.shape[2:]}")
    for p in range(window[0]):
        for q in range(window[1]):
            yield x[
                :,
                :,
                p : x.shape[2] - window[0] + p + 1 : stride[0],
                q : x.shape[3] - window[1] + q + 1 : stride[1],
            ]
