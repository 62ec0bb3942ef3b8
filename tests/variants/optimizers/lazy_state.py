import numpy as np


class Sgd:
    def __init__(self, learning_rate: float):
        self.learning_rate = learning_rate

    def calculate_update(self, weight_tensor, gradient_tensor):
        return weight_tensor - float(self.learning_rate) * gradient_tensor


class SgdWithMomentum:
    def __init__(self, learning_rate: float, momentum_rate: float):
        self.learning_rate = learning_rate
        self.momentum_rate = momentum_rate
        self.v = None

    def calculate_update(self, weight_tensor, gradient_tensor):
        if self.v is None:
            self.v = np.zeros_like(gradient_tensor, dtype=float)
        self.v = self.momentum_rate * self.v - self.learning_rate * gradient_tensor
        return weight_tensor + self.v


class RmsProp:
    def __init__(self, learning_rate: float, rho: float):
        self.learning_rate = learning_rate
        self.rho = rho
        self.r = None

    def calculate_update(self, weight_tensor, gradient_tensor):
        if self.r is None:
            self.r = np.zeros_like(gradient_tensor, dtype=float)
        self.r = self.rho * self.r + (1 - self.rho) * gradient_tensor * gradient_tensor
        return weight_tensor - self.learning_rate * gradient_tensor / (np.sqrt(self.r) + 1e-8)


class Adam:
    def __init__(self, learning_rate: float, mu: float, rho: float):
        self.learning_rate = learning_rate
        self.mu = mu
        self.rho = rho
        self.v = None
        self.r = None
        self.k = 1

    def calculate_update(self, weight_tensor, gradient_tensor):
        if self.v is None:
            self.v = np.zeros_like(gradient_tensor, dtype=float)
            self.r = np.zeros_like(gradient_tensor, dtype=float)
        self.v = self.mu * self.v + (1 - self.mu) * gradient_tensor
        self.r = self.rho * self.r + (1 - self.rho) * gradient_tensor * gradient_tensor
        v_hat = self.v / (1 - self.mu**self.k)
        r_hat = self.r / (1 - self.rho**self.k)
        self.k += 1
        return weight_tensor - self.learning_rate * v_hat / (np.sqrt(r_hat) + 1e-8)
