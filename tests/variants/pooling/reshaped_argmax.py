import numpy as np


class BaseLayer:
    def __init__(self):
        self.trainable = False
        self.weights = None


class _Pooling(BaseLayer):
    """Shared by all layers with windows: gathers every window with fancy indices into (b, c, y', x', m*n)."""

    def __init__(self, stride_shape, pooling_shape):
        super().__init__()
        self.stride_shape = self._two(stride_shape)
        self.pooling_shape = self._two(pooling_shape)

    @staticmethod
    def _two(v):
        try:
            pair = tuple(np.broadcast_to(v, (2,)).tolist())
        except ValueError:
            raise ValueError(f"{v!r} is neither an int nor a pair") from None
        if np.size(v) == 1 and np.ndim(v) == 1:
            raise ValueError(f"{v!r} is neither an int nor a pair")
        if any(isinstance(x, float) or x < 1 for x in pair):
            raise ValueError(f"{v!r} must be positive and whole")
        return int(pair[0]), int(pair[1])

    def _gather(self, x):
        if x.ndim != 4:
            raise ValueError(f"{x.shape} is no batch of images")
        m, n = self.pooling_shape
        s, t = self.stride_shape
        h, w = x.shape[2:]
        if m > h or n > w:
            raise ValueError(f"window {m}x{n} exceeds image {h}x{w}")
        y = s * np.arange((h - m) // s + 1)[:, None, None, None] + np.arange(m)[:, None]
        z = t * np.arange((w - n) // t + 1)[:, None, None] + np.arange(n)
        flat = y * w + z
        self.positions = flat.reshape(*flat.shape[:2], m * n)
        self.x_shape = x.shape
        return x.reshape(x.shape[0], x.shape[1], h * w)[:, :, self.positions]

    def _scatter(self, positions, values):
        out = np.zeros((self.x_shape[0] * self.x_shape[1], self.x_shape[2] * self.x_shape[3]))
        values = values.reshape(len(out), -1)
        positions = np.broadcast_to(positions, (*self.x_shape[:2], *positions.shape[-3:])).reshape(len(out), -1)
        for row, p, v in zip(out, positions, values, strict=True):
            np.add.at(row, p, v)
        return out.reshape(self.x_shape)


class MaxPooling(_Pooling):
    def forward(self, input_tensor):
        windows = self._gather(np.array(input_tensor, dtype=np.float64))
        arg = np.expand_dims(np.argmax(windows, axis=-1), -1)
        self.indices = np.take_along_axis(np.broadcast_to(self.positions, windows.shape), arg, -1)[..., 0]
        return np.take_along_axis(windows, arg, -1).squeeze(-1)

    def backward(self, error_tensor):
        return self._scatter(self.indices[..., None], np.asarray(error_tensor, float)[..., None])


class AveragePooling(_Pooling):
    def forward(self, input_tensor):
        return np.average(self._gather(np.array(input_tensor, dtype=np.float64)), axis=-1)

    def backward(self, error_tensor):
        k = self.positions.shape[-1]
        return self._scatter(self.positions, np.repeat(np.asarray(error_tensor, float)[..., None] / k, k, axis=-1))


class GlobalAveragePooling(BaseLayer):
    def forward(self, input_tensor):
        self.shape = np.shape(input_tensor)
        if len(self.shape) != 4:
            raise ValueError(f"{self.shape} is no batch of images")
        return np.reshape(input_tensor, (*self.shape[:2], -1)).mean(axis=2, dtype=float)

    def backward(self, error_tensor):
        scale = 1.0 / (self.shape[2] * self.shape[3])
        return np.broadcast_to(np.asarray(error_tensor)[:, :, None, None] * scale, self.shape)  # a read-only view


class BlurPooling(_Pooling):
    def __init__(self, stride):
        super().__init__(stride, 3)
        self.kernel = np.outer([0.25, 0.5, 0.25], [0.25, 0.5, 0.25]).ravel()

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError(f"{np.shape(input_tensor)} is no batch of images")
        return self._gather(np.pad(np.asarray(input_tensor, float), ((0, 0), (0, 0), (1, 1), (1, 1)))) @ self.kernel

    def backward(self, error_tensor):
        return self._scatter(self.positions, np.multiply.outer(error_tensor, self.kernel))[:, :, 1:-1, 1:-1]
