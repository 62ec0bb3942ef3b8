import numpy as np


class Layer:
    def __init__(self):
        self._trainable = False

    @property
    def trainable(self):
        return self._trainable

    def forward(self, input_tensor):
        self.input = np.array(input_tensor, dtype=float, order="F")  # a copy in another memory order
        self.output = self.function(self.input)
        return self.output

    def backward(self, error_tensor):
        return self.derivative() * error_tensor


class Sigmoid(Layer):
    def function(self, x):
        return np.piecewise(
            x, [x < 0], [lambda v: np.exp(v) / (np.exp(v) + 1), lambda v: np.reciprocal(1 + np.exp(-v))]
        )

    def derivative(self):
        return self.output * self.function(-self.input)


class TanH(Layer):
    def function(self, x):
        e = np.expm1(-2 * np.abs(x))
        return np.sign(x) * -e / (2 + e)

    def derivative(self):
        return 1 - np.power(self.output, 2)


class ReLU(Layer):
    def function(self, x):
        return np.clip(x, 0, None)

    def derivative(self):
        return np.greater(self.input, 0) * 1.0


class LeakyReLU(Layer):
    def __init__(self, negative_slope=0.1):
        super().__init__()
        self.alpha = negative_slope

    def function(self, x):
        return np.select([x > 0, x <= 0], [x, x * self.alpha])

    def derivative(self):
        return np.select([self.input > 0, self.input <= 0], [1.0, self.alpha])


class SoftMax(Layer):
    def function(self, x):
        if x.ndim < 2:
            raise ValueError("SoftMax cannot work on shape %s" % (x.shape,))  # noqa: UP031
        swapped = x.swapaxes(0, 1)
        e = np.exp(swapped - np.amax(swapped, axis=0))
        return (e / np.sum(e, axis=0)).swapaxes(0, 1)

    def backward(self, error_tensor):
        y, e = self.output.swapaxes(0, 1), np.swapaxes(error_tensor, 0, 1)
        return (y * e - y * (y * e).sum(axis=0)).swapaxes(0, 1)
