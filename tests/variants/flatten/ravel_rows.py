import numpy as np


class Flatten:
    trainable = False

    def forward(self, input_tensor):
        self._in = np.shape(input_tensor)
        return np.array([np.ravel(sample) for sample in input_tensor], dtype=float)

    def backward(self, error_tensor):
        rows = [row.reshape(self._in[1:]) for row in np.asarray(error_tensor, dtype=float)]
        return np.stack(rows)
