"""Everything that picks pixels as a product with a matrix of zeros and ones for each axis."""

import numpy as np


def check(images):
    images = np.array(images, dtype=float)
    if images.ndim != 4:
        raise ValueError(f"no batch of images: {images.shape}")
    return images


def sides(size):
    pair = np.atleast_1d(size)
    if pair.dtype.kind not in "iu" or pair.size > 2 or (pair < 1).any():
        raise ValueError(f"no size: {size}")
    return int(pair[0]), int(pair[-1])


def one_hot(chosen, n):
    return (np.arange(n) == np.asarray(chosen)[:, None]).astype(float)


def pick(images, rows, columns):
    """images[..., rows, columns] for lists of rows and columns."""
    return one_hot(rows, images.shape[2]) @ images @ one_hot(columns, images.shape[3]).T


def horizontal_flip(images):
    images = check(images)
    return images @ np.eye(images.shape[3])[::-1]


def fitting(images, size):
    rows, columns = sides(size)
    if rows > images.shape[2] or columns > images.shape[3]:
        raise ValueError(f"{size} is too large for {images.shape}")
    return rows, columns


def center_crop(images, size):
    images = check(images)
    rows, columns = fitting(images, size)
    top, left = (images.shape[2] - rows) // 2, (images.shape[3] - columns) // 2
    return pick(images, range(top, top + rows), range(left, left + columns))


def random_crop(images, size, rng):
    images = check(images)
    rows, columns = fitting(images, size)
    crops = []
    for image in images:
        top = rng.choice(image.shape[1] - rows + 1)
        left = rng.choice(np.arange(image.shape[2] - columns + 1))
        crops.append(image[:, top : top + rows, left : left + columns])
    return np.array(crops)


def rescale_nearest(images, size):
    images = check(images)
    rows, columns = sides(size)
    return pick(
        images,
        [i * images.shape[2] // rows for i in range(rows)],
        [j * images.shape[3] // columns for j in range(columns)],
    )


def resize_and_crop(images, size):
    images = check(images)
    rows, columns = sides(size)
    scale = max(rows / images.shape[2], columns / images.shape[3])
    if scale == rows / images.shape[2]:
        new = rows, int(images.shape[3] * rows / images.shape[2])
    else:
        new = int(images.shape[2] * columns / images.shape[3]), columns
    top, left = (new[0] - rows) // 2, (new[1] - columns) // 2
    return rescale_nearest(images, new)[:, :, top : top + rows, left : left + columns]


def color_jitter(images, strength, rng):
    images = check(images)
    if strength != min(max(strength, 0), 1):
        raise ValueError(f"strength {strength} is not in [0, 1]")
    low, high = np.broadcast_to(1.0 - strength, images.shape[:2]), np.broadcast_to(1.0 + strength, images.shape[:2])
    factors = rng.uniform(low, high)
    result = np.multiply(images, factors[:, :, None, None])
    result[result > 1] = 1
    return result
