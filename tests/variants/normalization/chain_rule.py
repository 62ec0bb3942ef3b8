"""The backward pass step by step, as a graph: variance, mean, input; sums instead of means."""

import copy

import numpy as np


class Normalization:
    trainable = True
    phase = "train"

    def __init__(self, channels, epsilon):
        if not isinstance(channels, (int, np.integer)) or channels <= 0 or epsilon < 0:
            raise ValueError(f"{channels} channels, epsilon {epsilon}")
        self.channels = channels
        self.epsilon = epsilon
        self.optimizer = None
        self.weights = np.ones(channels)
        self.bias = np.zeros(channels)

    def __setattr__(self, name, value):
        if name == "optimizer":
            self.__dict__["weights_optimizer"] = copy.deepcopy(value)
            self.__dict__["bias_optimizer"] = copy.deepcopy(value)
        object.__setattr__(self, name, value)

    def initialize(self, weights_initializer, bias_initializer):
        self.weights = np.ones(self.channels)
        self.bias = np.zeros(self.channels)

    def broadcast(self, vector):
        return vector.reshape((1, self.channels) + (1,) * (self.x.ndim - 2))

    def sum(self, array):
        return array.sum(axis=self.axes, keepdims=True)

    def normalize(self, x, axes):
        self.x, self.axes = x, axes
        self.n = x.size // self.sum(x).size
        self.mean = self.sum(x) / self.n
        self.centred = x - self.mean
        self.variance = self.sum(self.centred**2) / self.n
        return self.scaled()

    def scaled(self):
        self.inverse = 1 / np.sqrt(self.variance + self.epsilon)
        self.normalized = self.centred * self.inverse
        return self.broadcast(self.weights) * self.normalized + self.broadcast(self.bias)

    def backward(self, error_tensor):
        others = (0, *range(2, self.x.ndim))
        d_normalized = error_tensor * self.broadcast(self.weights)
        if self.axes is None:
            result = d_normalized * self.inverse
        else:
            d_variance = self.sum(d_normalized * self.centred) * -0.5 * self.inverse**3
            d_mean = -self.inverse * self.sum(d_normalized) - 2 * d_variance * self.sum(self.centred) / self.n
            result = d_normalized * self.inverse + d_variance * 2 * self.centred / self.n + d_mean / self.n
        self.gradient_weights = np.sum(error_tensor * self.normalized, axis=others)
        self.gradient_bias = np.sum(error_tensor, axis=others)
        if self.optimizer is not None:
            self.weights = self.weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self.bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return result


class BatchNormalization(Normalization):
    def __init__(self, channels, momentum=0.8, epsilon=1e-10):
        super().__init__(channels, epsilon)
        if not (0 <= momentum <= 1):
            raise ValueError(f"momentum {momentum}")
        self.momentum = momentum
        self.moving_mean, self.moving_variance = np.zeros(channels), np.ones(channels)
        self.first = True

    def forward(self, input_tensor):
        x = np.array(input_tensor, dtype=float)
        if x.ndim not in (2, 4) or x.shape[1] != self.channels:
            raise ValueError(f"{x.shape} for {self.channels} channels")
        if self.phase == "test":
            self.x, self.axes = x, None
            self.centred = x - self.broadcast(self.moving_mean)
            self.variance = self.broadcast(self.moving_variance)
            return self.scaled()
        output = self.normalize(x, (0, *range(2, x.ndim)))
        mean, variance = self.mean.ravel(), self.variance.ravel()
        if self.first:
            self.moving_mean, self.moving_variance, self.first = mean, variance, False
        else:
            self.moving_mean = self.moving_mean + (1 - self.momentum) * (mean - self.moving_mean)
            self.moving_variance = self.moving_variance + (1 - self.momentum) * (variance - self.moving_variance)
        return output


class InstanceNormalization(Normalization):
    def __init__(self, channels, epsilon=1e-10):
        super().__init__(channels, epsilon)

    def forward(self, input_tensor):
        x = np.array(input_tensor, dtype=float)
        if x.ndim != 4 or x.shape[1] != self.channels:
            raise ValueError(f"{x.shape} for {self.channels} channels")
        return self.normalize(x, (2, 3))
