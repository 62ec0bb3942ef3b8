"""Scripts for normalization, residual blocks and augmentation: see test_variants_agree_with_references."""

import numpy as np


def normalized(name):
    """Training, test and training again, with the moving averages where there are any."""

    def script(module, rng):
        channels = int(rng.integers(1, 5))
        layer = getattr(module, name)(channels, epsilon=float(rng.choice([1e-3, 1e-5])))
        layer.weights, layer.bias = rng.normal(size=(2, channels))
        vectors = name == "BatchNormalization" and rng.random() < 0.3
        for phase in ("train", "train", "test", "train") if name == "BatchNormalization" else ("", ""):
            layer.phase = phase
            shape = (
                (rng.integers(4, 8), channels) if vectors else (rng.integers(1, 4), channels, *rng.integers(2, 6, 2))
            )
            x = rng.normal(size=channels)[(..., *(None,) * (len(shape) - 2))] + 0.2 * rng.normal(size=shape)
            yield "output", layer.forward(x)
            yield "input gradient", layer.backward(rng.normal(size=shape))
            averages = ("moving_mean", "moving_variance") if name == "BatchNormalization" else ()
            for attribute in ("gradient_weights", "gradient_bias", *averages):
                yield attribute, getattr(layer, attribute)

    return script


class Bent:
    """x @ weights and a sine: its gradient depends on the newest input."""

    trainable = False

    def __init__(self, weights):
        self.weights = weights

    def forward(self, input_tensor):
        self.linear = input_tensor @ self.weights
        return np.sin(self.linear)

    def backward(self, error_tensor):
        return (error_tensor * np.cos(self.linear)) @ self.weights.T


def residual_block(module, rng):
    size, axes = int(rng.integers(1, 5)), rng.integers(1, 4)
    block = module.ResidualBlock([Bent(rng.normal(size=(size, size))) for _ in range(rng.integers(1, 4))])
    for _ in range(2):
        shape = (*rng.integers(1, 5, axes), size)
        yield "output", block.forward(rng.normal(size=shape))
        yield "input gradient", block.backward(rng.normal(size=shape))


def augmentation(module, rng):
    """The functions without chance, and crops and jitter where there is none either."""
    shape = rng.integers(1, 9, 4)
    images = rng.random(shape)
    within, other = (tuple(int(v) for v in rng.integers(1, limit + 1)) for limit in (shape[2:], np.array([12, 12])))
    yield "flip", module.horizontal_flip(images)
    yield "center", module.center_crop(images, within)
    yield "rescale", module.rescale_nearest(images, other)
    yield "resize", module.resize_and_crop(images, other)
    yield "whole crop", module.random_crop(images, tuple(int(v) for v in shape[2:]), rng)
    yield "no jitter", module.color_jitter(images, 0, rng)
