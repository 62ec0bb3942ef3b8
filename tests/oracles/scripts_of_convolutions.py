"""Scripts for conv_matrix and conv_variants: see test_variants_agree_with_references."""

import numpy as np


def sides(rng, least, most):
    return tuple(int(side) for side in rng.integers(least, most, 2))


def steps(layer, rng, inputs, parameters=("weights", "bias")):
    """Forward and backward for each input, and the gradients."""
    for x in inputs:
        output = layer.forward(*x) if isinstance(x, tuple) else layer.forward(x)
        yield "output", output
        yield "input gradient", layer.backward(rng.normal(size=output.shape))
        for name in parameters:
            yield f"{name} gradient", np.array(getattr(layer, f"gradient_{name}"))


def conv2d(module, rng):
    groups, dilation = int(rng.integers(1, 4)), sides(rng, 1, 3)
    channels, filters = (groups * int(rng.integers(1, 3)) for _ in range(2))
    kernel, stride, padding = sides(rng, 1, 4), sides(rng, 1, 4), sides(rng, 0, 3)
    layer = module.Conv2d(channels, filters, kernel, stride, padding, dilation, groups)
    layer.weights = rng.normal(size=(filters, channels // groups, *kernel))
    layer.bias = rng.normal(size=filters)
    yield from steps(layer, rng, [rng.normal(size=(2, channels, *sides(rng, 5, 10))) for _ in range(2)])


def transposed(module, rng):
    channels, filters, kernel, stride = *sides(rng, 1, 4), sides(rng, 2, 5), sides(rng, 1, 4)
    layer = module.TransposedConv2d(channels, filters, kernel, stride, int(rng.integers(0, 2)))
    layer.weights, layer.bias = rng.normal(size=(channels, filters, *kernel)), rng.normal(size=filters)
    yield from steps(layer, rng, [rng.normal(size=(2, channels, *sides(rng, 2, 6))) for _ in range(2)])


def upsampling(symbol):
    def script(module, rng):
        layer = getattr(module, symbol)(sides(rng, 1, 4))
        yield from steps(layer, rng, [rng.normal(size=(2, 3, *sides(rng, 1, 6))) for _ in range(2)], ())

    return script


def unpooling(module, rng):
    shape, small = sides(rng, 3, 7), sides(rng, 1, 4)
    places = [rng.permutation(shape[0] * shape[1])[: small[0] * small[1]] for _ in range(6)]
    indices = np.array(places).reshape(2, 3, *small)
    yield from steps(module.MaxUnpooling(), rng, [(rng.normal(size=indices.shape), indices, shape)], ())


def matrices(module, rng):
    kernel, stride = sides(rng, 1, 4), sides(rng, 1, 4)
    shape = tuple(side + int(rng.integers(0, 5)) for side in kernel)
    yield "matrix", module.convolution_matrix(rng.normal(size=kernel), shape, stride)
    images = rng.normal(size=(2, int(rng.integers(1, 4)), *shape))
    columns = module.im2col(images, kernel, stride)
    yield "columns", columns
    yield "image", module.col2im(rng.normal(size=columns.shape), images.shape, kernel, stride)


def matrix_conv(module, rng):
    channels, filters = sides(rng, 1, 4)
    kernel, stride = sides(rng, 1, 4), sides(rng, 1, 4)
    layer = module.MatrixConv(stride, (channels, *kernel), filters)
    layer.weights, layer.bias = rng.normal(size=(filters, channels, *kernel)), rng.normal(size=filters)
    yield from steps(layer, rng, [rng.normal(size=(2, channels, *sides(rng, 4, 9))) for _ in range(2)])


MATRIX = {"functions": matrices, "MatrixConv": matrix_conv}
VARIANTS = {
    "Conv2d": conv2d,
    "TransposedConv2d": transposed,
    "NearestUpsampling": upsampling("NearestUpsampling"),
    "BilinearUpsampling": upsampling("BilinearUpsampling"),
    "MaxUnpooling": unpooling,
}
