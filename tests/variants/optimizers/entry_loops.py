import math

import numpy as np


def every_entry(weights, gradient, states, rule):
    """Apply rule(w, g, *state) -> (new w, *new state) to each entry."""
    weights, gradient = np.asarray(weights), np.asarray(gradient)
    new = np.zeros(weights.shape)
    for index in np.ndindex(weights.shape):
        result = rule(float(weights[index]), float(gradient[index]), *(s.get(index, 0.0) for s in states))
        new[index] = result[0]
        for state, value in zip(states, result[1:], strict=True):
            state[index] = value
    return new


class Sgd:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def calculate_update(self, weight_tensor, gradient_tensor):
        return every_entry(weight_tensor, gradient_tensor, [], lambda w, g: [w - self.learning_rate * g])


class SgdWithMomentum:
    def __init__(self, learning_rate, momentum_rate):
        self.learning_rate = learning_rate
        self.momentum_rate = momentum_rate
        self.v = {}

    def calculate_update(self, weight_tensor, gradient_tensor):
        def rule(w, g, v):
            v = self.momentum_rate * v - self.learning_rate * g
            return w + v, v

        return every_entry(weight_tensor, gradient_tensor, [self.v], rule)


class RmsProp:
    def __init__(self, learning_rate, rho):
        self.learning_rate = learning_rate
        self.rho = rho
        self.r = {}

    def calculate_update(self, weight_tensor, gradient_tensor):
        def rule(w, g, r):
            r = self.rho * r + (1 - self.rho) * g * g
            return w - self.learning_rate * g / (math.sqrt(r) + 1e-8), r

        return every_entry(weight_tensor, gradient_tensor, [self.r], rule)


class Adam:
    def __init__(self, learning_rate, mu, rho):
        self.learning_rate = learning_rate
        self.mu = mu
        self.rho = rho
        self.v = {}
        self.r = {}
        self.calls = 0

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.calls = self.calls + 1

        def rule(w, g, v, r):
            v = self.mu * v + (1 - self.mu) * g
            r = self.rho * r + (1 - self.rho) * g * g
            v_hat = v / (1 - math.pow(self.mu, self.calls))
            r_hat = r / (1 - math.pow(self.rho, self.calls))
            return w - self.learning_rate * v_hat / (math.sqrt(r_hat) + 1e-8), v, r

        return every_entry(weight_tensor, gradient_tensor, [self.v, self.r], rule)
