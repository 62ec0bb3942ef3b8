import numpy as np


class Constant:
    def __init__(self, value=0.1):
        self.value = value

    def initialize(self, weights_shape, fan_in, fan_out):
        return np.broadcast_to(np.float64(self.value), weights_shape).copy(order="F")


class UniformRandom:
    def initialize(self, weights_shape, fan_in, fan_out):
        return np.asfortranarray(np.random.random_sample(size=weights_shape))


class BoxMuller:
    """Normal numbers from two uniform ones."""

    def initialize(self, weights_shape, fan_in, fan_out):
        radius = np.sqrt(-2 * np.log(1 - np.random.uniform(size=weights_shape)))
        angle = 2 * np.pi * np.random.uniform(size=weights_shape)
        return self.sigma(fan_in, fan_out) * radius * np.cos(angle)


class Xavier(BoxMuller):
    def sigma(self, fan_in, fan_out):
        return (2 / (fan_in + fan_out)) ** 0.5


class He(BoxMuller):
    def sigma(self, fan_in, fan_out):
        return (2 / fan_in) ** 0.5
