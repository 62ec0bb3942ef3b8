import numpy as np


class Flatten:
    def __init__(self):
        self.trainable = False
        self.original = ()

    def forward(self, input_tensor):
        self.original = input_tensor.shape
        n = 1
        for axis in self.original[1:]:
            n = n * axis
        out = np.zeros((self.original[0], n))
        for b in range(self.original[0]):
            position = 0
            for index in np.ndindex(*self.original[1:]):
                out[b, position] = input_tensor[(b, *index)]
                position = position + 1  # row-major
        return out

    def backward(self, error_tensor):
        out = np.zeros(self.original)
        for b in range(self.original[0]):
            position = 0
            for index in np.ndindex(*self.original[1:]):
                out[(b, *index)] = error_tensor[b, position]
                position = position + 1  # row-major
        return out
