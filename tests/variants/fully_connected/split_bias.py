import copy

import numpy as np


class BaseLayer:
    def __init__(self):
        self.trainable = False


class FullyConnected(BaseLayer):
    """Keeps matrix and bias apart inside; `weights` is put together when somebody asks."""

    def __init__(self, input_size, output_size):
        super().__init__()
        self.trainable = True
        if input_size <= 0 or output_size <= 0 or input_size % 1 or output_size % 1:
            raise ValueError(f"sizes must be positive ints, got {input_size} and {output_size}")
        self.n, self.k = int(input_size), int(output_size)
        self.W = np.random.uniform(0, 1, (self.n, self.k))
        self.b = np.random.uniform(0, 1, self.k)
        self.dW = self.db = None
        self.opt = None

    @property
    def weights(self):
        return np.vstack((self.W, self.b))

    @weights.setter
    def weights(self, value):
        value = np.array(value, dtype=float)
        self.W, self.b = value[:-1], value[-1]

    @property
    def gradient_weights(self):
        return None if self.dW is None else np.vstack((self.dW, self.db))

    @property
    def optimizer(self):
        return self.opt

    @optimizer.setter
    def optimizer(self, opt):
        self.opt = copy.deepcopy(opt)

    def initialize(self, weights_initializer, bias_initializer):
        self.W = np.asarray(weights_initializer.initialize((self.n, self.k), self.n, self.k))
        self.b = np.asarray(bias_initializer.initialize((self.k,), self.n, self.k))

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        if x.shape[1:] != (self.n,):
            raise ValueError(f"input must have {self.n} columns, got shape {x.shape}")
        self.x = x
        return x @ self.W + self.b

    def backward(self, error_tensor):
        e = np.asarray(error_tensor, dtype=float)
        self.dW, self.db = self.x.T @ e, e.sum(axis=0)
        dx = e @ self.W.T
        if self.opt is not None:
            self.weights = self.opt.calculate_update(self.weights, self.gradient_weights)
        return dx
