"""Vectors are images of one pixel; instance normalization folds the batch into the channels of one image."""

import copy

import numpy as np


class BatchNormalization:
    def __init__(self, channels, momentum=0.8, epsilon=1e-10):
        if not (isinstance(channels, (int, np.integer)) and channels > 0):
            raise ValueError("channels must be a positive number, not " + str(channels))
        if not 0.0 <= float(momentum) <= 1.0 or float(epsilon) < 0.0:
            raise ValueError(f"momentum {momentum} or epsilon {epsilon} is illegal")
        self.trainable, self.phase = True, "train"
        self.channels, self.momentum, self.epsilon = channels, momentum, epsilon
        self.moving_mean = self.moving_variance = None
        self.moving_mean, self.moving_variance, self.count = np.zeros(channels), np.ones(channels), 0
        self.weights, self.bias = np.ones(channels), np.zeros(channels)
        self._weights_optimizer = self._bias_optimizer = None

    def initialize(self, weights_initializer, bias_initializer):
        self.weights[:], self.bias[:] = 1, 0

    @property
    def optimizer(self):
        return self._weights_optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self._weights_optimizer = copy.deepcopy(optimizer)
        self._bias_optimizer = copy.deepcopy(optimizer)

    def forward(self, input_tensor):
        self.was_vector = np.ndim(input_tensor) == 2
        x = np.array(input_tensor, float)
        x = x[..., None, None] if self.was_vector else x
        if x.ndim != 4 or x.shape[1] != len(self.weights):
            raise ValueError(f"cannot normalize an array of shape {np.shape(input_tensor)}")
        self.testing = self.phase == "test"
        if self.testing:
            mean, var = self.moving_mean, self.moving_variance
        else:
            mean = np.einsum("bcyx->c", x) / (x.size // x.shape[1])
            var = np.mean(np.square(x - mean[None, :, None, None]), axis=(0, 2, 3))
            old = self.momentum if self.count > 0 else 0
            self.moving_mean = self.moving_mean * old + mean * (1 - old)
            self.moving_variance = self.moving_variance * old + var * (1 - old)
            self.count += 1
        self.factor = np.power(var + self.epsilon, -0.5)[None, :, None, None]
        self.hat = (x - mean[None, :, None, None]) * self.factor
        y = self.hat * self.weights[None, :, None, None] + self.bias[None, :, None, None]
        return y[:, :, 0, 0] if self.was_vector else y

    def backward(self, error_tensor):
        e = error_tensor[..., None, None] if self.was_vector else error_tensor
        n = e.size / e.shape[1]
        self.gradient_bias = np.einsum("bcyx->c", e)
        self.gradient_weights = np.einsum("bcyx,bcyx->c", e, self.hat)
        bias, slope = self.gradient_bias[None, :, None, None], self.gradient_weights[None, :, None, None]
        inner = e if self.testing else e - bias / n - self.hat * slope / n
        result = self.weights[None, :, None, None] * self.factor * inner
        if self.optimizer is not None:
            self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return result[:, :, 0, 0] if self.was_vector else result


class InstanceNormalization:
    trainable = True

    def __init__(self, channels, epsilon=1e-10):
        BatchNormalization(channels, 0.5, epsilon)
        self.channels, self.epsilon = channels, epsilon
        self.optimizer = None
        self.initialize(None, None)

    optimizer = BatchNormalization.optimizer

    def initialize(self, weights_initializer, bias_initializer):
        self.weights, self.bias = np.ones(self.channels), np.zeros(self.channels)

    def forward(self, input_tensor):
        shape = np.shape(input_tensor)
        if len(shape) != 4 or shape[1] != self.channels:
            raise ValueError(f"cannot normalize an array of shape {shape}")
        self.inner = BatchNormalization(shape[0] * shape[1], epsilon=self.epsilon)
        self.inner.weights, self.inner.bias = np.tile(self.weights, shape[0]), np.tile(self.bias, shape[0])
        folded = np.reshape(input_tensor, (1, shape[0] * shape[1], *shape[2:]))
        return self.inner.forward(folded).reshape(shape)

    def backward(self, error_tensor):
        shape = error_tensor.shape
        result = self.inner.backward(error_tensor.reshape(1, shape[0] * shape[1], *shape[2:])).reshape(shape)
        self.gradient_weights = self.inner.gradient_weights.reshape(shape[:2]).sum(axis=0)
        self.gradient_bias = self.inner.gradient_bias.reshape(shape[:2]).sum(axis=0)
        if self.optimizer is not None:
            self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return result
