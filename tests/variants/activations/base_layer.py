import numpy as np


class BaseLayer:
    def __init__(self):
        self.trainable = False
        self.cache = None


class Sigmoid(BaseLayer):
    def forward(self, input_tensor):
        x = np.clip(input_tensor, -700, 700)
        self.cache = 1 / (1 + np.exp(-x))
        return self.cache

    def backward(self, error_tensor):
        return error_tensor * self.cache * (1 - self.cache)


class TanH(BaseLayer):
    def forward(self, input_tensor):
        self.cache = np.tanh(input_tensor)
        return self.cache

    def backward(self, error_tensor):
        return error_tensor * (1 - np.square(self.cache))


class ReLU(BaseLayer):
    def forward(self, input_tensor):
        self.cache = input_tensor
        return np.maximum(0.0, input_tensor)

    def backward(self, error_tensor):
        return error_tensor * (self.cache > 0).astype(float)


class LeakyReLU(BaseLayer):
    def __init__(self, negative_slope=0.1):
        super().__init__()
        self.slope = float(negative_slope)

    def forward(self, input_tensor):
        self.cache = input_tensor
        return np.where(input_tensor > 0, input_tensor, self.slope * input_tensor)

    def backward(self, error_tensor):
        return np.where(self.cache > 0, error_tensor, np.multiply(self.slope, error_tensor))


class SoftMax(BaseLayer):
    def forward(self, input_tensor):
        if np.ndim(input_tensor) < 2:
            raise ValueError(f"input shape {np.shape(input_tensor)}")
        e = np.exp(input_tensor - np.max(input_tensor, axis=1, keepdims=True))
        self.cache = e / np.sum(e, axis=1, keepdims=True)
        return self.cache

    def backward(self, error_tensor):
        return self.cache * (error_tensor - np.sum(error_tensor * self.cache, axis=1, keepdims=True))
