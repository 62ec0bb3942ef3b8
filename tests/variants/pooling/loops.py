import numpy as np


def check(value, what):
    if isinstance(value, (tuple, list, np.ndarray)):
        if len(value) != 2:
            raise ValueError(f"{what}: {value}")
        a, b = value
    else:
        a = b = value
    if a != int(a) or b != int(b) or a < 1 or b < 1:
        raise ValueError(f"{what}: {value}")
    return int(a), int(b)


class MaxPooling:
    def __init__(self, stride_shape, pooling_shape):
        self.trainable = False
        self.stride = check(stride_shape, "illegal stride_shape")
        self.pool = check(pooling_shape, "illegal pooling_shape")

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError("input must be 4-D, got shape " + str(np.shape(input_tensor)))
        x = np.asarray(input_tensor, dtype=float)
        self.shape = B, C, Y, X = x.shape
        if self.pool[0] > Y or self.pool[1] > X:
            raise ValueError(f"pooling window {self.pool} is larger than the input {(Y, X)}")
        oy = (Y - self.pool[0]) // self.stride[0] + 1
        ox = (X - self.pool[1]) // self.stride[1] + 1
        out = np.zeros((B, C, oy, ox))
        self.indices = np.zeros((B, C, oy, ox), dtype=int)
        for b in range(B):
            for c in range(C):
                for i in range(oy):
                    for j in range(ox):
                        best = -np.inf
                        where = 0
                        for p in range(self.pool[0]):
                            for q in range(self.pool[1]):
                                y = i * self.stride[0] + p
                                xx = j * self.stride[1] + q
                                if x[b, c, y, xx] > best:
                                    best = x[b, c, y, xx]
                                    where = y * X + xx
                        out[b, c, i, j] = best
                        self.indices[b, c, i, j] = where
        return out

    def backward(self, error_tensor):
        grad = np.zeros(self.shape)
        B, C, oy, ox = self.indices.shape
        for b in range(B):
            for c in range(C):
                for i in range(oy):
                    for j in range(ox):
                        y, x = divmod(self.indices[b, c, i, j], self.shape[3])
                        grad[b, c, y, x] += error_tensor[b, c, i, j]
        return grad


class AveragePooling:
    def __init__(self, stride_shape, pooling_shape):
        self.trainable = False
        self.stride = check(stride_shape, "illegal stride_shape")
        self.pool = check(pooling_shape, "illegal pooling_shape")

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError("input must be 4-D, got shape " + str(np.shape(input_tensor)))
        x = np.asarray(input_tensor, dtype=float)
        self.shape = B, C, Y, X = x.shape
        if self.pool[0] > Y or self.pool[1] > X:
            raise ValueError(f"pooling window {self.pool} is larger than the input {(Y, X)}")
        out = []
        for b in range(B):
            maps = []
            for c in range(C):
                rows = []
                for i in range(0, Y - self.pool[0] + 1, self.stride[0]):
                    row = []
                    for j in range(0, X - self.pool[1] + 1, self.stride[1]):
                        row.append(x[b, c, i : i + self.pool[0], j : j + self.pool[1]].mean())
                    rows.append(row)
                maps.append(rows)
            out.append(maps)
        return np.array(out)

    def backward(self, error_tensor):
        grad = np.zeros(self.shape)
        for (b, c, i, j), e in np.ndenumerate(error_tensor):
            y, x = i * self.stride[0], j * self.stride[1]
            grad[b, c, y : y + self.pool[0], x : x + self.pool[1]] += e / (self.pool[0] * self.pool[1])
        return grad


class GlobalAveragePooling:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError("input must be 4-D, got shape " + str(np.shape(input_tensor)))
        self.shape = np.shape(input_tensor)
        return np.array([[np.sum(ch) / np.size(ch) for ch in image] for image in input_tensor], dtype=float)

    def backward(self, error_tensor):
        grad = np.zeros(self.shape)
        for b in range(self.shape[0]):
            for c in range(self.shape[1]):
                grad[b, c, :, :] = error_tensor[b, c] / (self.shape[2] * self.shape[3])
        return grad


class BlurPooling:
    KERNEL = ((1, 2, 1), (2, 4, 2), (1, 2, 1))

    def __init__(self, stride):
        self.trainable = False
        self.stride = check(stride, "illegal stride")

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError("input must be 4-D, got shape " + str(np.shape(input_tensor)))
        x = np.asarray(input_tensor, dtype=float)
        self.shape = B, C, Y, X = x.shape
        out = np.zeros((B, C, (Y + self.stride[0] - 1) // self.stride[0], (X + self.stride[1] - 1) // self.stride[1]))
        for b, c, i, j in np.ndindex(*out.shape):
            for p in range(3):
                for q in range(3):
                    y, xx = i * self.stride[0] + p - 1, j * self.stride[1] + q - 1
                    if 0 <= y < Y and 0 <= xx < X:
                        out[b, c, i, j] += self.KERNEL[p][q] / 16 * x[b, c, y, xx]
        return out

    def backward(self, error_tensor):
        _, _, Y, X = self.shape
        grad = np.zeros(self.shape)
        for (b, c, i, j), e in np.ndenumerate(error_tensor):
            for p in range(3):
                for q in range(3):
                    y, xx = i * self.stride[0] + p - 1, j * self.stride[1] + q - 1
                    if 0 <= y < Y and 0 <= xx < X:
                        grad[b, c, y, xx] += self.KERNEL[p][q] / 16 * e
        return grad
