import numpy as np


class Initializer:
    def __init__(self):
        self.rng = np.random.default_rng()

    def initialize(self, weights_shape, fan_in, fan_out):
        out = np.empty(weights_shape, dtype=np.float64)
        self.fill(out, fan_in, fan_out)
        return out


class Constant(Initializer):
    def __init__(self, value=0.1):
        super().__init__()
        self.value = value

    def fill(self, out, fan_in, fan_out):
        out[...] = self.value


class UniformRandom(Initializer):
    def fill(self, out, fan_in, fan_out):
        out[...] = self.rng.uniform(size=out.shape)


class Gaussian(Initializer):
    def fill(self, out, fan_in, fan_out):
        self.rng.standard_normal(out=out)
        out *= np.sqrt(self.variance(fan_in, fan_out))


class Xavier(Gaussian):
    def variance(self, fan_in, fan_out):
        return 2 / (fan_in + fan_out)


class He(Gaussian):
    def variance(self, fan_in, fan_out):
        return 2 / fan_in
