import numpy as np


class Flatten:
    def __init__(self):
        self.trainable = False

    def forward(self, input_tensor):
        self.shape = input_tensor.shape
        flat = input_tensor.reshape(len(input_tensor), -1)
        return np.asfortranarray(flat, dtype=float)

    def backward(self, error_tensor):
        return np.array(np.reshape(error_tensor, self.shape), dtype=float, order="F")
