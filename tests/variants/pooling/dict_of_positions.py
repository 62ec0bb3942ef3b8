import collections

import numpy as np


class MaxPooling:
    """Remembers for every output the (b, c, y, x) it came from in a dictionary."""

    trainable = False
    indices = None

    def __init__(self, stride_shape, pooling_shape):
        self.sy, self.sx = as_pair(stride_shape)
        self.py, self.px = as_pair(pooling_shape)
        self.winners = {}

    def forward(self, input_tensor):
        b, c, h, w = image_shape(input_tensor)
        if h < self.py or w < self.px:
            raise ValueError(f"cannot pool {h}x{w} with {self.py}x{self.px}")
        self.input_shape = (b, c, h, w)
        self.winners = {}
        out = np.empty((b, c, 1 + (h - self.py) // self.sy, 1 + (w - self.px) // self.sx))
        for place in np.ndindex(out.shape):
            y, x = place[2] * self.sy, place[3] * self.sx
            window = input_tensor[place[0], place[1], y : y + self.py, x : x + self.px]
            dy, dx = np.unravel_index(np.argmax(window), window.shape)
            self.winners[place] = (place[0], place[1], int(y + dy), int(x + dx))
            out[place] = window[dy, dx]
        self.indices = np.array([y * w + x for _, _, y, x in self.winners.values()]).reshape(out.shape)
        return out

    def backward(self, error_tensor):
        sums = collections.defaultdict(float)
        for place, source in self.winners.items():
            sums[source] += error_tensor[place]
        gradient = np.zeros(self.input_shape)
        for source, value in sums.items():
            gradient[source] = value
        return gradient


class AveragePooling:
    trainable = False

    def __init__(self, stride_shape, pooling_shape):
        self.sy, self.sx = as_pair(stride_shape)
        self.py, self.px = as_pair(pooling_shape)

    def forward(self, input_tensor):
        *_, h, w = image_shape(input_tensor)
        if h < self.py or w < self.px:
            raise ValueError(f"cannot pool {h}x{w} with {self.py}x{self.px}")
        # as two matrices: rows are averaged from the left, columns from the right
        self.left = averaging_matrix(h, self.py, self.sy)
        self.right = averaging_matrix(w, self.px, self.sx)
        return self.left @ np.asarray(input_tensor, float) @ self.right.T

    def backward(self, error_tensor):
        return self.left.T @ np.asarray(error_tensor, float) @ self.right


class GlobalAveragePooling:
    trainable = False

    def forward(self, input_tensor):
        *_, self.h, self.w = image_shape(input_tensor)
        return np.einsum("bcyx->bc", np.asarray(input_tensor, float)) / self.h / self.w

    def backward(self, error_tensor):
        return np.asarray(error_tensor, float)[..., None, None].repeat(self.h, 2).repeat(self.w, 3) / (self.h * self.w)


class BlurPooling:
    trainable = False

    def __init__(self, stride):
        self.sy, self.sx = as_pair(stride)

    def forward(self, input_tensor):
        *_, h, w = image_shape(input_tensor)
        self.left, self.right = blur_matrix(h)[:: self.sy], blur_matrix(w)[:: self.sx]
        return self.left @ np.asarray(input_tensor, float) @ self.right.T

    def backward(self, error_tensor):
        return self.left.T @ np.asarray(error_tensor, float) @ self.right


def as_pair(value):
    pair = list(value) if hasattr(value, "__len__") else [value] * 2
    if len(pair) != 2:
        raise ValueError(f"need one or two numbers, got {value}")
    for v in pair:
        if v < 1 or v != v // 1:
            raise ValueError(f"need positive whole numbers, got {value}")
    return int(pair[0]), int(pair[1])


def image_shape(tensor):
    if np.ndim(tensor) != 4:
        raise ValueError(f"need (b, c, y, x), got {np.shape(tensor)}")
    return np.shape(tensor)


def averaging_matrix(size, window, stride):
    matrix = np.zeros(((size - window) // stride + 1, size))
    for i, row in enumerate(matrix):
        row[i * stride : i * stride + window] = 1 / window
    return matrix


def blur_matrix(size):
    return np.eye(size) / 2 + np.eye(size, k=1) / 4 + np.eye(size, k=-1) / 4
