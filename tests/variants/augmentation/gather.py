"""One function that reads pixels at given rows and columns of every image; all others only work these out."""

import numpy as np


def gather(images, rows, columns):
    """rows (b, i) and columns (b, j) of every image, or (1, i) and (1, j) of all."""
    images = np.asarray(images)
    if images.ndim != 4:
        raise ValueError(f"images have {images.ndim} axes, not 4")
    b, c = np.ogrid[: images.shape[0], : images.shape[1]]
    return images[b[..., None, None], c[..., None, None], rows[:, None, :, None], columns[:, None, None, :]].astype(
        float
    )


def whole(size, most=None):
    sides = [size, size] if np.isscalar(size) else list(size)
    if len(sides) != 2 or any(side != int(side) or side < 1 for side in sides):
        raise ValueError(f"size must be one or two positive ints, got {size}")
    if most is not None and (sides[0] > most[0] or sides[1] > most[1]):
        raise ValueError(f"size {size} does not fit into {most}")
    return int(sides[0]), int(sides[1])


def shape_of(images):
    if np.ndim(images) != 4:
        raise ValueError(f"images have {np.ndim(images)} axes, not 4")
    return np.shape(images)


def horizontal_flip(images):
    _, _, h, w = shape_of(images)
    return gather(images, np.arange(h)[None], np.arange(w)[None, ::-1])


def center_crop(images, size):
    _, _, h, w = shape_of(images)
    r, c = whole(size, (h, w))
    return gather(images, (h - r) // 2 + np.arange(r)[None], (w - c) // 2 + np.arange(c)[None])


def random_crop(images, size, rng):
    b, _, h, w = shape_of(images)
    r, c = whole(size, (h, w))
    positions = rng.integers([h - r + 1, w - c + 1], size=(b, 2))
    return gather(images, positions[:, :1] + np.arange(r), positions[:, 1:] + np.arange(c))


def rescale_nearest(images, size):
    _, _, h, w = shape_of(images)
    r, c = whole(size)
    return gather(images, np.arange(r)[None] * h // r, np.arange(c)[None] * w // c)


def resize_and_crop(images, size):
    _, _, h, w = shape_of(images)
    r, c = whole(size)
    new_h, new_w = (r, w * r // h) if r * w > c * h else (h * c // w, c)
    rows, columns = (new_h - r) // 2 + np.arange(r), (new_w - c) // 2 + np.arange(c)
    return gather(images, rows[None] * h // new_h, columns[None] * w // new_w)


def color_jitter(images, strength, rng):
    shape = shape_of(images)
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must lie in [0, 1], got {strength}")
    factors = np.ones(shape[:2])
    factors += rng.uniform(-strength, strength, factors.shape)
    return np.where(images * factors[..., None, None] > 1, 1.0, images * factors[..., None, None])
