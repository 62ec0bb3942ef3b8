"""Scripts for the topics that are made of functions: see test_variants_agree_with_references."""

import numpy as np


def written(rng, first, second):
    """One of the legal ways to write a pair of ints."""
    ways = [(first, second), [first, second], (np.int64(first), np.int64(second))]
    return ([*ways, first, np.int32(first)] if first == second else ways)[rng.integers(3 + 2 * (first == second))]


def pairs(rng, least, most):
    first, second = (int(v) for v in rng.integers(least, most + 1, 2))
    return (first, first) if rng.random() < 0.4 else (first, second)


def filters(module, rng):
    """Every function on random arrays, of integers in every third case."""

    def array(*shape):
        return rng.integers(0, 255, shape).astype(np.uint8) if rng.random() < 1 / 3 else rng.normal(size=shape)

    kernel_size, image_size = rng.integers(1, 5, 2), rng.integers(4, 9, 2)
    signal, taps = array(rng.integers(7, 12)), array(rng.integers(1, 8))
    for boundary in ("shrink", "pad"):
        yield boundary, module.correlate1d(signal, taps, boundary)
    yield "default", module.correlate1d(signal, taps)
    image, kernel = array(*image_size), array(*kernel_size)
    padding, stride = written(rng, *pairs(rng, 0, 2)), written(rng, *pairs(rng, 1, 3))
    for name in ("cross_correlate2d", "convolve2d"):
        yield name, getattr(module, name)(image, kernel, padding, stride)
        yield f"{name} by keyword", getattr(module, name)(image, kernel, stride=stride)
    yield "filter_rgb", module.filter_rgb(array(*image_size, 3), kernel)
    depth = rng.integers(1, 5)
    yield "filter_volume", module.filter_volume(array(*image_size, depth), array(*kernel_size, depth))
    for name, kernel in sorted(module.KERNELS.items()):
        yield name, kernel


def layer(rng, shape):
    """A layer that fits, mostly."""
    if len(shape) == 1:
        return {"kind": "dense", "units": int(rng.integers(1, 9))} | ({"bias": False} if rng.random() < 0.3 else {})
    kind = ("conv", "pool", "flatten")[rng.choice(3, p=(0.5, 0.3, 0.2))]
    if kind == "flatten":
        return {"kind": kind}
    made = {"kind": kind, "kernel": written(rng, *pairs(rng, 1, 3))}
    if rng.random() < 0.5:
        made["stride"] = written(rng, *pairs(rng, 1, 2))
    if rng.random() < 0.5:
        made["padding"] = written(rng, *pairs(rng, 0, 1))
    if kind == "conv":
        groups = int(rng.choice([g for g in (1, 2, 3) if shape[0] % g == 0]))
        made |= {"channels": groups * int(rng.integers(1, 5)), "groups": groups, "bias": bool(rng.random() < 0.7)}
    return made


def refused(function, *arguments):
    """The result as an array, or -1 where a ValueError is raised."""
    try:
        return np.array(function(*arguments), dtype=float)
    except ValueError:
        return np.array(-1.0)


def arithmetic(module, rng):
    """Every function on random numbers, illegal ones included."""
    n, f, s, p = (int(v) for v in rng.integers((1, 1, 1, 0), (20, 8, 5, 4)))
    yield "conv_output_size", refused(module.conv_output_size, n, f, s, p)
    yield "conv_output_size_floor", refused(module.conv_output_size_floor, n, f, s, p)
    yield "same_padding", np.array(module.same_padding(f), dtype=float)
    c, k = (int(v) for v in rng.integers(1, 9, 2))
    kernel, stride, padding = (written(rng, *pairs(rng, *ends)) for ends in ((1, 5), (1, 3), (0, 2)))
    image = (c, *(int(v) for v in rng.integers(1, 20, 2)))
    yield "conv_parameters", np.array(module.conv_parameters(c, kernel, k, bool(rng.random() < 0.5)), dtype=float)
    for name in ("conv_multiplications", "conv_operations"):
        yield name, refused(getattr(module, name), image, kernel, k, stride, padding)
    yield "dense_matrix_floats", np.array(module.dense_matrix_floats(image, (k,)), dtype=float)
    field = [tuple(int(v) for v in rng.integers(1, (6, 4, 4))) for _ in range(rng.integers(0, 6))]
    yield "receptive_field", np.array(module.receptive_field(field), dtype=float)
    layers, shape = [], (c, 14, 11)
    for number in range(5):
        layers.append(layer(rng, shape))
        try:
            summary = module.network_summary([dict(one) for one in layers], (c, 14, 11))
        except ValueError:
            yield f"refused after {number}", np.array(-1.0)
            return
        shape = tuple(int(side) for side in summary[-1][1])
        kinds = [one["kind"] for one in layers]
        assert [row[0] for row in summary] == kinds
        numbers = [value for row in summary for value in (*row[1], row[2])]
        yield f"summary of {number}", np.array(numbers, dtype=float)
