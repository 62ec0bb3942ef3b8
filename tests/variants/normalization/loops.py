"""Channel by channel, value by value, with the formulas of the handout in plain Python."""

import copy
import math

import numpy as np


class BatchNormalization:
    trainable = True

    def __init__(self, channels, momentum=0.8, epsilon=1e-10):
        if int(channels) != channels or channels < 1:
            raise ValueError(f"channels: {channels}")
        if momentum < 0 or momentum > 1:
            raise ValueError(f"momentum: {momentum}")
        if epsilon < 0:
            raise ValueError(f"epsilon: {epsilon}")
        self.channels, self.momentum, self.epsilon = channels, momentum, epsilon
        self.phase = "train"
        self.batches = 0
        self.moving_mean, self.moving_variance = np.zeros(channels), np.ones(channels)
        self.optimizers = None
        self.initialize()

    def initialize(self, *ignored):
        self.weights, self.bias = np.ones(self.channels), np.zeros(self.channels)

    @property
    def optimizer(self):
        return self.optimizers and self.optimizers[0]

    @optimizer.setter
    def optimizer(self, optimizer):
        self.optimizers = None if optimizer is None else [copy.deepcopy(optimizer) for _ in range(2)]

    def forward(self, input_tensor):
        shape = np.shape(input_tensor)
        if len(shape) not in (2, 4) or shape[1] != self.channels:
            raise ValueError(f"input of shape {shape}")
        output = np.zeros(shape)
        self.kept = []
        means, variances = [], []
        for c in range(self.channels):
            values = [float(v) for v in np.ravel(np.asarray(input_tensor)[:, c])]
            mean = sum(values) / len(values)
            variance = sum((v - mean) ** 2 for v in values) / len(values)
            means.append(mean)
            variances.append(variance)
            if self.phase == "test":
                mean, variance = self.moving_mean[c], self.moving_variance[c]
            deviation = math.sqrt(variance + self.epsilon)
            normalized = [(v - mean) / deviation for v in values]
            self.kept.append((normalized, deviation, self.phase))
            scaled = [self.weights[c] * h + self.bias[c] for h in normalized]
            output[:, c] = np.reshape(scaled, output[:, c].shape)
        if self.phase != "test":
            self.remember(np.array(means), np.array(variances))
        return output

    def remember(self, means, variances):
        m = self.momentum
        if self.batches == 0:
            self.moving_mean, self.moving_variance = means, variances
        else:
            self.moving_mean = m * self.moving_mean + (1 - m) * means
            self.moving_variance = m * self.moving_variance + (1 - m) * variances
        self.batches += 1

    def backward(self, error_tensor):
        result = np.zeros(np.shape(error_tensor))
        self.gradient_weights, self.gradient_bias = np.zeros(self.channels), np.zeros(self.channels)
        for c, (normalized, deviation, phase) in enumerate(self.kept):
            errors = [float(e) for e in np.ravel(np.asarray(error_tensor)[:, c])]
            n = len(errors)
            total = sum(errors)
            product = sum(e * h for e, h in zip(errors, normalized, strict=True))
            self.gradient_weights[c], self.gradient_bias[c] = product, total
            gradient = []
            for e, h in zip(errors, normalized, strict=True):
                inner = e if phase == "test" else e - total / n - h * product / n
                gradient.append(self.weights[c] / deviation * inner)
            result[:, c] = np.reshape(gradient, result[:, c].shape)
        if self.optimizers:
            self.weights = self.optimizers[0].calculate_update(self.weights, self.gradient_weights)
            self.bias = self.optimizers[1].calculate_update(self.bias, self.gradient_bias)
        return result


class InstanceNormalization:
    trainable = True

    def __init__(self, channels, epsilon=1e-10):
        self.one = BatchNormalization(channels, 0.0, epsilon)  # refuses what is illegal
        self.channels, self.epsilon = channels, epsilon
        self.optimizers = None
        self.initialize()

    initialize = BatchNormalization.initialize
    optimizer = BatchNormalization.optimizer

    def forward(self, input_tensor):
        if np.ndim(input_tensor) != 4:
            raise ValueError(f"input of shape {np.shape(input_tensor)}")
        self.images = []
        outputs = []
        for image in input_tensor:
            one = BatchNormalization(self.channels, 0.0, self.epsilon)
            one.weights, one.bias = self.weights, self.bias
            outputs.append(one.forward(np.array([image])))
            self.images.append(one)
        return np.concatenate(outputs)

    def backward(self, error_tensor):
        gradients = [one.backward(np.array([e])) for one, e in zip(self.images, error_tensor, strict=True)]
        self.gradient_weights = sum(one.gradient_weights for one in self.images)
        self.gradient_bias = sum(one.gradient_bias for one in self.images)
        if self.optimizers:
            self.weights = self.optimizers[0].calculate_update(self.weights, self.gradient_weights)
            self.bias = self.optimizers[1].calculate_update(self.bias, self.gradient_bias)
        return np.concatenate(gradients)
