import numpy as np


class Flatten:
    def __init__(self):
        self.trainable = False
        self.shape = None

    def forward(self, input_tensor):
        self.shape = input_tensor.shape
        return np.asarray(input_tensor, dtype=np.float64).reshape(self.shape[0], int(np.prod(self.shape[1:])))

    def backward(self, error_tensor):
        return np.asarray(error_tensor, dtype=np.float64).reshape(self.shape)
