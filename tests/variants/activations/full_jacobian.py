import numpy as np


class Sigmoid:
    """Written with tanh, which never overflows."""

    trainable = False

    def forward(self, input_tensor):
        self.t = np.tanh(np.asarray(input_tensor) / 2)
        return (1 + self.t) / 2

    def backward(self, error_tensor):
        return error_tensor * (1 - self.t**2) / 4


class TanH:
    trainable = False

    def forward(self, input_tensor):
        self.x = np.array(input_tensor, dtype=float)
        return np.tanh(self.x)

    def backward(self, error_tensor):
        return error_tensor / np.cosh(np.clip(self.x, -300, 300)) ** 2


class ReLU:
    trainable = False

    def forward(self, input_tensor):
        self.gate = np.heaviside(input_tensor, 0.0)
        return input_tensor * self.gate

    def backward(self, error_tensor):
        return self.gate * error_tensor


class LeakyReLU:
    trainable = False

    def __init__(self, negative_slope=0.1):
        self.negative_slope = float(negative_slope)

    def forward(self, input_tensor):
        self.x = np.array(input_tensor, float)
        return np.maximum(self.x, 0) + self.negative_slope * np.minimum(self.x, 0)

    def backward(self, error_tensor):
        return error_tensor * ((self.x > 0) + self.negative_slope * (self.x <= 0))


class SoftMax:
    """One n x n Jacobian per sample (and pixel)."""

    trainable = False

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        if x.ndim < 2:
            raise ValueError("softmax needs an axis 1, got shape " + str(x.shape))
        self.rows = np.moveaxis(x, 1, -1)
        self.rows = np.exp(self.rows - self.rows.max(-1)[..., None])
        self.rows = self.rows / self.rows.sum(-1)[..., None]
        return np.moveaxis(self.rows, -1, 1)

    def backward(self, error_tensor):
        jacobian = (
            self.rows[..., None] * np.eye(self.rows.shape[-1]) - self.rows[..., :, None] * self.rows[..., None, :]
        )
        errors = np.moveaxis(np.asarray(error_tensor, float), 1, -1)
        return np.moveaxis((jacobian @ errors[..., None])[..., 0], -1, 1)
