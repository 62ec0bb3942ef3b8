"""Scripts for the networks from image to image: see test_variants_agree_with_references."""

import numpy as np

CONVOLUTIONS = (0, 3, 6, 9, 12, 14)


class Momentum:
    """An optimizer with state."""

    def __init__(self):
        self.velocity = 0.0

    def calculate_update(self, weight_tensor, gradient_tensor):
        self.velocity = 0.9 * self.velocity - 0.001 * gradient_tensor
        return weight_tensor + self.velocity


class Normals:
    """An initializer whose values depend on all its arguments."""

    def initialize(self, weights_shape, fan_in, fan_out):
        shape = tuple(int(v) for v in weights_shape)
        return np.random.default_rng([int(np.prod(shape)), int(fan_in), int(fan_out)]).normal(0, 0.3, shape)


def network(symbol):
    """A script: two steps of training, then another size without optimizer, and what may not be fed."""

    def script(module, rng):
        in_channels, channels = int(rng.integers(1, 4)), rng.integers(1, 5, 2)
        made = getattr(module, symbol)(in_channels, tuple(channels))
        assert (made.trainable, made.optimizer, made.phase, len(made.layers)) == (True, None, "train", 15)
        made.initialize(Normals(), Normals())
        made.optimizer = Momentum()
        for step in range(3):
            shape = (rng.integers(1, 4), in_channels, *4 * rng.integers(1, 4, 2))
            x = rng.integers(-3, 4, shape) if step == 1 else rng.normal(size=shape)
            yield "forward", made.forward(x)
            yield "backward", made.backward(rng.normal(size=shape))
            for place in CONVOLUTIONS:
                layer = made.layers[place]
                yield "gradient", np.array(layer.gradient_weights)
                yield "weights", np.array(layer.weights)
                yield "bias", np.array(layer.bias)
            if step == 1:
                made.optimizer = None
        yield "by default", np.array([getattr(module, symbol)().layers[place].weights.size for place in CONVOLUTIONS])

    return script
