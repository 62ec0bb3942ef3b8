"""Keeps all gradients and evaluates the closed sums instead of recursions."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Sgd:
    learning_rate: float

    def calculate_update(self, weight_tensor, gradient_tensor):
        return -float(self.learning_rate) * gradient_tensor + weight_tensor


def decayed(history, rate):
    n = len(history)
    return sum(rate ** (n - 1 - i) * g for i, g in enumerate(history))


@dataclass
class SgdWithMomentum:
    learning_rate: float
    momentum_rate: float
    history: list = field(default_factory=list)

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.history.append(np.array(gradient_tensor, float))
        return weight_tensor - self.learning_rate * decayed(self.history, self.momentum_rate)


@dataclass
class RmsProp:
    learning_rate: float
    rho: float
    history: list = field(default_factory=list)

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.history.append(np.array(gradient_tensor, float) ** 2)
        r = (1 - self.rho) * decayed(self.history, self.rho)
        return weight_tensor - self.learning_rate * gradient_tensor / (r**0.5 + 1e-8)


@dataclass
class Adam:
    learning_rate: float
    mu: float
    rho: float
    history: list = field(default_factory=list)

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.history.append(np.array(gradient_tensor, float))
        k = len(self.history)
        v = (1 - self.mu) * decayed(self.history, self.mu) / (1 - self.mu**k)
        r = (1 - self.rho) * decayed([g**2 for g in self.history], self.rho) / (1 - self.rho**k)
        return weight_tensor - self.learning_rate * v / (np.sqrt(r) + 1e-8)
