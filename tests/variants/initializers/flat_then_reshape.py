from functools import reduce
from operator import mul

import numpy as np


class Constant:
    def __init__(self, value=0.1):
        self.value = value

    def initialize(self, weights_shape, fan_in, fan_out):
        return np.array([float(self.value)] * reduce(mul, weights_shape, 1)).reshape(weights_shape)


class UniformRandom:
    def initialize(self, weights_shape, fan_in, fan_out):
        return np.random.uniform(0, 1, reduce(mul, weights_shape, 1)).reshape(weights_shape)


class Xavier:
    def initialize(self, weights_shape, fan_in, fan_out):
        self.sigma = np.sqrt(2) / np.sqrt(fan_in + fan_out)
        return np.random.normal(0, self.sigma, reduce(mul, weights_shape, 1)).reshape(weights_shape)


class He:
    def initialize(self, weights_shape, fan_in, fan_out):
        self.sigma = np.sqrt(2) / np.sqrt(fan_in)
        return np.random.normal(0, self.sigma, reduce(mul, weights_shape, 1)).reshape(weights_shape)
