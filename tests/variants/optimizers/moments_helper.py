import numpy as np


class _Moment:
    """Exponential average with optional bias correction."""

    __slots__ = ("rate", "steps", "value")

    def __init__(self, rate):
        self.rate, self.steps, self.value = rate, 0, np.float64(0)

    def feed(self, new):
        self.steps += 1
        self.value = self.rate * self.value + (1 - self.rate) * np.asarray(new, dtype=np.float64)
        return self.value

    def corrected(self):
        return self.value / (1 - self.rate**self.steps)


class Sgd:
    def __init__(self, learning_rate):
        self.eta = learning_rate

    def calculate_update(self, weight_tensor, gradient_tensor):
        return np.asarray(weight_tensor, dtype=float) - self.eta * np.asarray(gradient_tensor)


class SgdWithMomentum(Sgd):
    def __init__(self, learning_rate, momentum_rate):
        super().__init__(learning_rate)
        self.mu, self.v = momentum_rate, np.float64(0)

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.v = self.mu * self.v - self.eta * np.asarray(gradient_tensor)
        return np.asarray(weight_tensor) + self.v


class RmsProp(Sgd):
    def __init__(self, learning_rate, rho):
        super().__init__(learning_rate)
        self.second = _Moment(rho)

    def calculate_update(self, weight_tensor, gradient_tensor):
        scale = self.eta / (np.sqrt(self.second.feed(np.square(gradient_tensor))) + 1e-9)
        return np.asarray(weight_tensor) - scale * np.asarray(gradient_tensor)


class Adam(Sgd):
    def __init__(self, learning_rate, mu, rho):
        super().__init__(learning_rate)
        self.first, self.second = _Moment(mu), _Moment(rho)

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.first.feed(gradient_tensor)
        self.second.feed(np.square(gradient_tensor))
        return weight_tensor - self.eta * self.first.corrected() / (np.sqrt(self.second.corrected()) + 1e-10)
