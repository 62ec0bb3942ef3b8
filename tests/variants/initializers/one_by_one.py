import math

import numpy as np


def fill(shape, draw):
    array = np.empty(shape)
    for index in np.ndindex(*array.shape):
        array[index] = draw()
    return array


class Constant:
    def __init__(self, value=0.1):
        self.value = value

    def initialize(self, weights_shape, fan_in, fan_out):
        return fill(weights_shape, lambda: self.value)


class UniformRandom:
    def initialize(self, weights_shape, fan_in, fan_out):
        return fill(weights_shape, np.random.random)


class Xavier:
    def initialize(self, weights_shape, fan_in, fan_out):
        return fill(weights_shape, lambda: np.random.normal(0, math.sqrt(2 / (fan_in + fan_out))))


class He:
    def initialize(self, weights_shape, fan_in, fan_out):
        return fill(weights_shape, lambda: np.random.normal(0, math.sqrt(2 / fan_in)))
