"""The backward pass as a product with the full Jacobian matrix of each normalized set; moments by E[x^2] - E[x]^2."""

import copy

import numpy as np


def jacobian(hat, deviation):
    """d normalized[i] / d x[j], (n, n)."""
    n = hat.size
    return (np.eye(n) - 1 / n - np.outer(hat, hat) / n) / deviation


class BatchNormalization:
    def __init__(self, channels, momentum=0.8, epsilon=1e-10):
        if channels != int(channels) or channels < 1 or not 0 <= momentum <= 1 or epsilon < 0:
            raise ValueError(f"illegal: {channels}, {momentum}, {epsilon}")
        self.trainable = True
        self.n_channels, self.m, self.eps = int(channels), momentum, epsilon
        self.phase = "train"
        self.moving_mean, self.moving_variance = np.zeros(self.n_channels), np.ones(self.n_channels)
        self.trained = False
        self._optimizer = self._second = None
        self.initialize(None, None)

    def initialize(self, _, __):
        self.weights, self.bias = np.ones(self.n_channels), np.zeros(self.n_channels)

    @property
    def optimizer(self):
        return self._optimizer

    @optimizer.setter
    def optimizer(self, value):
        self._optimizer, self._second = copy.deepcopy(value), copy.deepcopy(value)

    def groups(self, shape):
        """Index and channel of every set that is normalized together."""
        return [((slice(None), c), c) for c in range(shape[1])]

    def legal(self, shape):
        return len(shape) in (2, 4) and shape[1] == self.n_channels

    def forward(self, input_tensor):
        x = np.asarray(input_tensor, dtype=float)
        if not self.legal(x.shape):
            raise ValueError(f"input of shape {x.shape}")
        self.shape, self.jacobians, self.hats = x.shape, [], []
        output, moments = np.empty(x.shape), np.empty((2, self.n_channels))
        for where, c in self.groups(x.shape):
            values = x[where].ravel()
            shift = values[0]
            mean = shift + (values - shift).mean()
            variance = ((values - shift) ** 2).mean() - ((values - shift).mean()) ** 2
            moments[:, c] = mean, variance
            testing = self.phase == "test"
            if testing:
                mean, variance = self.moving_mean[c], self.moving_variance[c]
            deviation = (variance + self.eps) ** 0.5
            hat = (values - mean) / deviation
            self.hats.append(hat)
            self.jacobians.append(np.eye(hat.size) / deviation if testing else jacobian(hat, deviation))
            output[where] = (self.weights[c] * hat + self.bias[c]).reshape(output[where].shape)
        if self.phase == "train":
            self.learn(*moments)
        return output

    def learn(self, mean, variance):
        keep = self.m * self.trained
        self.moving_mean = keep * self.moving_mean + (1 - keep) * mean
        self.moving_variance = keep * self.moving_variance + (1 - keep) * variance
        self.trained = True

    def backward(self, error_tensor):
        error_tensor = np.asarray(error_tensor)
        result = np.empty(self.shape)
        self.gradient_weights, self.gradient_bias = np.zeros(self.n_channels), np.zeros(self.n_channels)
        for (where, c), hat, matrix in zip(self.groups(self.shape), self.hats, self.jacobians, strict=True):
            e = error_tensor[where].ravel()
            self.gradient_weights[c] += e @ hat
            self.gradient_bias[c] += e.sum()
            result[where] = (self.weights[c] * (matrix.T @ e)).reshape(result[where].shape)
        if self._optimizer is not None:
            self.weights = self._optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._second.calculate_update(self.bias, self.gradient_bias)
        return result


class InstanceNormalization(BatchNormalization):
    def __init__(self, channels, epsilon=1e-10):
        super().__init__(channels, epsilon=epsilon)

    def groups(self, shape):
        return [((b, c), c) for b in range(shape[0]) for c in range(shape[1])]

    def legal(self, shape):
        return len(shape) == 4 and shape[1] == self.n_channels
