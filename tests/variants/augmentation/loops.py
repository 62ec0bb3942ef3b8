"""Pixel by pixel; one random number at a time."""

import math
import numbers

import numpy as np


def batch(images):
    if np.ndim(images) != 4:
        raise ValueError(f"{np.ndim(images)} axes")
    return np.shape(images)


def both(size):
    if isinstance(size, numbers.Number):
        size = [size, size]
    if len(size) != 2:
        raise ValueError(f"size {size}")
    for side in size:
        if side < 1 or side != int(side):
            raise ValueError(f"side {side}")
    return int(size[0]), int(size[1])


def horizontal_flip(images):
    b, c, h, w = batch(images)
    result = np.zeros((b, c, h, w))
    for n in range(b):
        for k in range(c):
            for y in range(h):
                for x in range(w):
                    result[n, k, y, w - 1 - x] = images[n, k, y, x]
    return result


def cut(image, y, x, rows, columns):
    return [[[channel[y + i][x + j] for j in range(columns)] for i in range(rows)] for channel in image]


def center_crop(images, size):
    _, _, h, w = batch(images)
    rows, columns = both(size)
    if rows > h or columns > w:
        raise ValueError(f"{size} in {h} x {w}")
    y, x = math.floor((h - rows) / 2), math.floor((w - columns) / 2)
    return np.array([cut(image, y, x, rows, columns) for image in images], dtype=float)


def random_crop(images, size, rng):
    _, _, h, w = batch(images)
    rows, columns = both(size)
    if rows > h or columns > w:
        raise ValueError(f"{size} in {h} x {w}")
    result = []
    for image in images:
        y = int(rng.integers(h - rows, endpoint=True))
        x = int(rng.integers(w - columns, endpoint=True))
        result.append(cut(image, y, x, rows, columns))
    return np.array(result, dtype=float)


def rescale_nearest(images, size):
    b, c, h, w = batch(images)
    rows, columns = both(size)
    result = np.zeros((b, c, rows, columns))
    for i in range(rows):
        for j in range(columns):
            result[:, :, i, j] = images[:, :, math.floor(i * h / rows), math.floor(j * w / columns)]
    return result


def resize_and_crop(images, size):
    _, _, h, w = batch(images)
    rows, columns = both(size)
    if rows / h >= columns / w:
        new = rows, math.floor(w * rows / h)
    else:
        new = math.floor(h * columns / w), columns
    return center_crop(rescale_nearest(images, new), [rows, columns])


def color_jitter(images, strength, rng):
    b, c, h, w = batch(images)
    if strength < 0 or strength > 1:
        raise ValueError(f"strength {strength}")
    result = np.zeros((b, c, h, w))
    for n in range(b):
        for k in range(c):
            factor = 1 - strength + 2 * strength * rng.random()
            for y in range(h):
                for x in range(w):
                    result[n, k, y, x] = min(1.0, max(0.0, images[n, k, y, x] * factor))
    return result
