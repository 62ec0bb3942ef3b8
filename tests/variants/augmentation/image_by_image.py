"""Single images as (y, x, c), as they lie in files, and np.kron to enlarge."""

from fractions import Fraction

import numpy as np


def each(change, images):
    images = np.asarray(images, dtype=float)
    if images.ndim != 4:
        raise ValueError(f"a batch of images has 4 axes, not {images.ndim}")
    changed = [np.moveaxis(change(np.moveaxis(image, 0, -1).copy()), -1, 0) for image in images]
    return np.stack(changed)


def sides(size):
    try:
        rows, columns = size
    except TypeError:
        rows, columns = size, size
    for side in (rows, columns):
        if not isinstance(side, (int, np.integer)) or side <= 0:
            raise ValueError(f"{size!r} is not a size")
    return int(rows), int(columns)


def cut(image, top, left, rows, columns):
    part = image[top : top + rows, left : left + columns]
    if part.shape[:2] != (rows, columns):
        raise ValueError(f"{rows} x {columns} pixels do not fit into {image.shape[:2]}")
    return part


def middle(image, rows, columns):
    return cut(image, max(image.shape[0] - rows, 0) // 2, max(image.shape[1] - columns, 0) // 2, rows, columns)


def rescaled(image, rows, columns):
    """Every pixel repeated as a block, then every n-th pixel of these."""
    blocks = np.kron(image, np.ones((rows, columns, 1)))
    return blocks[:: image.shape[0], :: image.shape[1]]


def horizontal_flip(images):
    return each(lambda image: np.fliplr(image), images)


def center_crop(images, size):
    return each(lambda image: middle(image, *sides(size)), images)


def random_crop(images, size, rng):
    def crop(image):
        rows, columns = sides(size)
        if rows > image.shape[0] or columns > image.shape[1]:
            raise ValueError(f"{size} is larger than {image.shape[:2]}")
        top, left = rng.choice(image.shape[0] - rows + 1), rng.choice(image.shape[1] - columns + 1)
        return cut(image, top, left, rows, columns)

    return each(crop, images)


def rescale_nearest(images, size):
    return each(lambda image: rescaled(image, *sides(size)), images)


def resize_and_crop(images, size):
    def resize(image):
        rows, columns = sides(size)
        factor = max(Fraction(rows, image.shape[0]), Fraction(columns, image.shape[1]))
        return middle(rescaled(image, int(image.shape[0] * factor), int(image.shape[1] * factor)), rows, columns)

    return each(resize, images)


def color_jitter(images, strength, rng):
    if not strength >= 0 or strength > 1:
        raise ValueError(f"{strength} is no strength")

    def jitter(image):
        for channel in range(image.shape[-1]):
            image[..., channel] *= rng.uniform(low=1 - strength, high=1 + strength)
        return image.clip(0, 1)

    return each(jitter, images)
