"""Adam exactly as printed in lecture C: epsilon in the numerator too."""

import numpy as np


class BaseOptimizer:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate
        self.epsilon = 1e-8


class Sgd(BaseOptimizer):
    def calculate_update(self, weight_tensor, gradient_tensor):
        return np.subtract(weight_tensor, np.multiply(self.learning_rate, gradient_tensor), dtype=float)


class SgdWithMomentum(BaseOptimizer):
    def __init__(self, learning_rate, momentum_rate):
        super().__init__(learning_rate)
        self.momentum_rate = momentum_rate
        self.v = 0

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.v = np.multiply(self.momentum_rate, self.v) - np.multiply(self.learning_rate, gradient_tensor)
        return np.add(weight_tensor, self.v, dtype=float)


class RmsProp(BaseOptimizer):
    def __init__(self, learning_rate, rho):
        super().__init__(learning_rate)
        self.rho = rho
        self.r = 0

    def calculate_update(self, weight_tensor, gradient_tensor):
        g = np.array(gradient_tensor, dtype=float)
        self.r = self.rho * self.r + (1 - self.rho) * g * g
        return weight_tensor - self.learning_rate * g / (np.sqrt(self.r) + self.epsilon)


class Adam(BaseOptimizer):
    def __init__(self, learning_rate, mu, rho):
        super().__init__(learning_rate)
        self.mu, self.rho = mu, rho
        self.v = self.r = 0
        self.k = 0

    def calculate_update(self, weight_tensor, gradient_tensor):
        g = np.array(gradient_tensor, dtype=float)
        self.k += 1
        self.v = self.mu * self.v + (1 - self.mu) * g
        self.r = self.rho * self.r + (1 - self.rho) * g * g
        v_hat = self.v / (1 - self.mu**self.k)
        r_hat = self.r / (1 - self.rho**self.k)
        return weight_tensor - self.learning_rate * (v_hat + self.epsilon) / (np.sqrt(r_hat) + self.epsilon)
