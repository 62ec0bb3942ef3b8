import numpy as np


class Constant:
    def __init__(self, value=0.1):
        self.value = float(value)

    def initialize(self, weights_shape, fan_in, fan_out):
        return self.value * np.ones(weights_shape)


class UniformRandom:
    def initialize(self, weights_shape, fan_in, fan_out):
        return np.random.default_rng().random(weights_shape)


class Xavier:
    def initialize(self, weights_shape, fan_in, fan_out):
        return np.random.default_rng().normal(loc=0, scale=np.sqrt(2 / (fan_in + fan_out)), size=weights_shape)


class He:
    def initialize(self, weights_shape, fan_in, fan_out):
        return np.random.default_rng().normal(loc=0, scale=np.sqrt(2 / fan_in), size=weights_shape)
