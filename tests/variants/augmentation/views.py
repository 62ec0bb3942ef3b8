"""Views, takes and broadcasting; both axes of a position from one number."""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def _prepare(images, size=1, within=False):
    images = np.asarray(images).astype(np.float64)
    if len(images.shape) != 4:
        raise ValueError("images must have four axes, not " + str(images.shape))
    try:
        rows, columns = size
    except TypeError:
        rows = columns = size
    if int(rows) != rows or int(columns) != columns or min(rows, columns) <= 0:
        raise ValueError(f"illegal size {size}")
    if within and (rows > images.shape[-2] or columns > images.shape[-1]):
        raise ValueError(f"size {size} does not fit into {images.shape}")
    return images, int(rows), int(columns)


def horizontal_flip(images):
    images, _, _ = _prepare(images)
    return np.flip(images, axis=-1)


def center_crop(images, size):
    images, rows, columns = _prepare(images, size, within=True)
    spare = np.array(images.shape[2:]) - (rows, columns)
    (top, left), (bottom, right) = spare // 2, spare - spare // 2
    return images[:, :, top : images.shape[2] - bottom, left : images.shape[3] - right]


def random_crop(images, size, rng):
    images, rows, columns = _prepare(images, size, within=True)
    b, c, h, w = images.shape
    down, right = h - rows + 1, w - columns + 1
    position = np.floor(rng.random(b) * down * right).astype(int)
    s = images.strides
    every = as_strided(
        images, (b, down, right, c, rows, columns), (s[0], s[2], s[3], s[1], s[2], s[3]), writeable=False
    )
    return np.stack([every[n, p // right, p % right] for n, p in enumerate(position)])


def _positions(old, new):
    return np.floor_divide(np.arange(0, new * old, old), new)


def rescale_nearest(images, size):
    images, rows, columns = _prepare(images, size)
    return images.take(_positions(images.shape[2], rows), axis=2).take(_positions(images.shape[3], columns), axis=3)


def resize_and_crop(images, size):
    images, rows, columns = _prepare(images, size)
    height, width = images.shape[2:]
    scaled = max(rows, columns * height // width), max(columns, rows * width // height)
    return center_crop(rescale_nearest(images, scaled), (rows, columns))


def color_jitter(images, strength, rng):
    images, _, _ = _prepare(images)
    if not 0 <= strength <= 1:
        raise ValueError(f"illegal strength {strength}")
    factors = 1 + strength * rng.uniform(-1, 1, images.shape[:2])
    return np.minimum(1, np.einsum("bcyx,bc->bcyx", images, factors))
