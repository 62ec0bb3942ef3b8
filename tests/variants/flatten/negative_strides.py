import numpy as np


class Flatten:
    """Returns views with negative strides: the values are right, the memory layout is unusual."""

    trainable = False

    def __init__(self):
        self.stack = []

    def forward(self, input_tensor):
        self.stack = [input_tensor.shape]
        backwards = np.array(input_tensor, dtype=float).reshape(input_tensor.shape[0], -1)[:, ::-1].copy()
        return backwards[:, ::-1]

    def backward(self, error_tensor):
        backwards = np.array(error_tensor, dtype=float).ravel()[::-1].copy()
        return backwards[::-1].reshape(self.stack[-1])
