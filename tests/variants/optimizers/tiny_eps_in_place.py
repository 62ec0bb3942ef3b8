import numpy as np

eps = np.finfo(float).eps


class Sgd:
    def __init__(self, learning_rate):
        self.lr = learning_rate

    def calculate_update(self, weight_tensor, gradient_tensor):
        new = np.array(weight_tensor, dtype=float)
        new -= np.asarray(gradient_tensor) * self.lr
        return new


class SgdWithMomentum:
    def __init__(self, learning_rate, momentum_rate):
        self.lr, self.m = learning_rate, momentum_rate

    def calculate_update(self, weight_tensor, gradient_tensor):
        if not hasattr(self, "velocity"):
            self.velocity = np.zeros(np.shape(gradient_tensor))
        self.velocity *= self.m
        self.velocity -= self.lr * np.asarray(gradient_tensor)
        return weight_tensor + self.velocity


class RmsProp:
    def __init__(self, learning_rate, rho):
        self.lr, self.rho = learning_rate, rho

    def calculate_update(self, weight_tensor, gradient_tensor):
        if not hasattr(self, "square"):
            self.square = np.zeros(np.shape(gradient_tensor))
        self.square *= self.rho
        self.square += (1 - self.rho) * np.square(gradient_tensor)
        return weight_tensor - self.lr * np.asarray(gradient_tensor) / (np.sqrt(self.square) + eps)


class Adam:
    def __init__(self, learning_rate, mu, rho):
        self.lr, self.mu, self.rho = learning_rate, mu, rho
        self.powers = [1.0, 1.0]

    def calculate_update(self, weight_tensor, gradient_tensor):
        if not hasattr(self, "mean"):
            self.mean = np.zeros(np.shape(gradient_tensor))
            self.square = np.zeros(np.shape(gradient_tensor))
        self.powers[0] *= self.mu
        self.powers[1] *= self.rho
        self.mean += (1 - self.mu) * (gradient_tensor - self.mean)
        self.square += (1 - self.rho) * (np.square(gradient_tensor) - self.square)
        step = (self.mean / (1 - self.powers[0])) / (np.sqrt(self.square / (1 - self.powers[1])) + eps)
        return weight_tensor - self.lr * step
