"""Walks over output positions only; max by boolean masks, everything else by slices."""

import numpy as np


class MaxPooling:
    def __init__(self, stride_shape, pooling_shape):
        self.trainable = False
        self.sh = legal(stride_shape, "stride_shape")
        self.ph = legal(pooling_shape, "pooling_shape")
        self.cache = []

    def forward(self, input_tensor):
        x = np.array(input_tensor, np.double)
        self.cache, outputs, positions = [], [], []
        self.size = x.shape
        for y, z, block in windows(x, self.ph, self.sh):
            flat = block.reshape(*block.shape[:2], -1)
            hit = flat == flat.max(2, keepdims=True)
            first = hit & (np.cumsum(hit, axis=2) == 1)  # only the first maximum keeps its flag
            self.cache.append((y, z, first.reshape(block.shape)))
            outputs.append(flat.max(2))
            row, col = np.divmod(first.argmax(2), self.ph[1])
            positions.append((y + row) * x.shape[3] + z + col)
        grid = (*x.shape[:2], (x.shape[2] - self.ph[0]) // self.sh[0] + 1, -1)
        self.indices = np.moveaxis(np.array(positions), 0, -1).reshape(grid)
        return np.moveaxis(np.array(outputs), 0, -1).reshape(grid)

    def backward(self, error_tensor):
        result = np.zeros(self.size)
        errors = np.moveaxis(np.reshape(error_tensor, (*self.size[:2], -1)), -1, 0)
        for e, (y, z, first) in zip(errors, self.cache, strict=True):
            result[:, :, y : y + self.ph[0], z : z + self.ph[1]] += first * e[:, :, None, None]
        return result


class AveragePooling:
    def __init__(self, stride_shape, pooling_shape):
        self.trainable = False
        self.sh = legal(stride_shape, "stride_shape")
        self.ph = legal(pooling_shape, "pooling_shape")

    def forward(self, input_tensor):
        x = np.array(input_tensor, np.double)
        self.size = x.shape
        means = [block.mean((2, 3)) for _, _, block in windows(x, self.ph, self.sh)]
        rows = (x.shape[2] - self.ph[0]) // self.sh[0] + 1
        return np.stack(means, axis=-1).reshape(*x.shape[:2], rows, -1)

    def backward(self, error_tensor):
        result = np.zeros(self.size)
        errors = np.moveaxis(np.reshape(error_tensor, (*self.size[:2], -1)), -1, 0)
        for e, (_, _, block) in zip(errors, windows(result, self.ph, self.sh), strict=True):
            block += e[:, :, None, None] / block[0, 0].size
        return result


class GlobalAveragePooling:
    trainable = False

    def forward(self, input_tensor):
        if len(input_tensor.shape) != 4:
            raise ValueError(f"input_tensor: {input_tensor.shape}")
        self.template = np.ones(input_tensor.shape)
        return (input_tensor * self.template).sum(axis=3).sum(axis=2) / self.template[0, 0].size

    def backward(self, error_tensor):
        return self.template * (error_tensor / self.template[0, 0].size)[:, :, np.newaxis, np.newaxis]


class BlurPooling:
    """Separable: [1 2 1] / 4 along the rows, then along the columns."""

    def __init__(self, stride):
        self.trainable = False
        self.stride = legal(stride, "stride")

    @staticmethod
    def blur(x, axis):
        x = np.moveaxis(x, axis, 0)
        out = 2.0 * x
        out[1:] += x[:-1]
        out[:-1] += x[1:]
        return np.moveaxis(out / 4, 0, axis)

    def forward(self, input_tensor):
        if len(input_tensor.shape) != 4:
            raise ValueError(f"input_tensor: {input_tensor.shape}")
        self.size = input_tensor.shape
        return self.blur(self.blur(input_tensor, 2), 3)[:, :, :: self.stride[0], :: self.stride[1]]

    def backward(self, error_tensor):
        up = np.zeros(self.size)
        up[:, :, :: self.stride[0], :: self.stride[1]] = error_tensor
        return self.blur(self.blur(up, 3), 2)


def legal(value, name):
    values = (value, value) if isinstance(value, (int, float, np.number)) else value
    if values is None or len(values) != 2 or any(v % 1 or v < 1 for v in values):
        raise ValueError(f"{name}: {value}")
    return tuple(int(v) for v in values)


def windows(x, shape, stride):
    if x.ndim != 4 or any(k > n for k, n in zip(shape, x.shape[2:], strict=True)):
        raise ValueError(f"input_tensor: {x.shape} with windows of {shape}")
    for y in range(0, x.shape[2] - shape[0] + 1, stride[0]):
        for z in range(0, x.shape[3] - shape[1] + 1, stride[1]):
            yield y, z, x[:, :, y : y + shape[0], z : z + shape[1]]
