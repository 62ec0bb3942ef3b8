"""More training images than there are: flips, crops, rescaling, colour jitter (lecture B, "data augmentation").

Images are arrays (b, c, y, x) with values in [0, 1]. A size is an int, for a square, or a pair (rows, columns).
"""

import numpy as np


def horizontal_flip(images):
    """Return the images mirrored left to right, (b, c, y, x) to (b, c, y, x).

    Raises:
        ValueError: images have not four axes.
    """
    # BEGIN SOLUTION
    return _images(images)[:, :, :, ::-1]
    # END SOLUTION


def center_crop(images, size):
    """Return the middle of every image, (b, c, y, x) to (b, c, *size).

    On an axis of n values the part of s begins at floor((n - s) / 2).

    Raises:
        ValueError: images have not four axes, or size is not positive or larger than the images.
    """
    # BEGIN SOLUTION
    images = _images(images)
    rows, columns = _size_within(images, size)
    top, left = (images.shape[2] - rows) // 2, (images.shape[3] - columns) // 2
    return images[:, :, top : top + rows, left : left + columns]
    # END SOLUTION


def random_crop(images, size, rng):
    """Return a part of every image at a random position, (b, c, y, x) to (b, c, *size).

    Every image has a position of its own, the same for all of its channels; all positions at which the part lies
    inside of the image are equally likely. `rng`, a numpy.random.Generator, is the only source of chance.

    Raises:
        ValueError: images have not four axes, or size is not positive or larger than the images.
    """
    # BEGIN SOLUTION
    images = _images(images)
    rows, columns = _size_within(images, size)
    batch, _, height, width = images.shape
    top = rng.integers(0, height - rows + 1, size=batch)
    left = rng.integers(0, width - columns + 1, size=batch)
    windows = np.lib.stride_tricks.sliding_window_view(images, (rows, columns), axis=(2, 3))
    return windows[np.arange(batch), :, top, left]
    # END SOLUTION


def rescale_nearest(images, size):
    """Return larger or smaller images, (b, c, y, x) to (b, c, *size).

    On an axis that has n pixels and gets s, the new pixel i is the old one at floor(i * n / s).

    Raises:
        ValueError: images have not four axes, or size is not positive.
    """
    # BEGIN SOLUTION
    images = _images(images)
    rows, columns = _pair(size)
    source_rows = np.arange(rows) * images.shape[2] // rows
    source_columns = np.arange(columns) * images.shape[3] // columns
    return images[:, :, source_rows[:, np.newaxis], source_columns]
    # END SOLUTION


def resize_and_crop(images, size):
    """Return the middle of the rescaled images, (b, c, y, x) to (b, c, *size) ("Dealing with rectangular images").

    Both sides are scaled (nearest neighbour) by one factor, the smallest with which the images cover `size`: the
    larger of rows / y and columns / x. One side then fits exactly; the other one is rounded down, and its middle is
    cut out. For a square, the shorter side is the one that fits.

    Raises:
        ValueError: images have not four axes, or size is not positive.
    """
    # BEGIN SOLUTION
    images = _images(images)
    rows, columns = _pair(size)
    height, width = images.shape[2:]
    if rows * width >= columns * height:  # rows / height is the larger factor
        covering = rows, rows * width // height
    else:
        covering = columns * height // width, columns
    return center_crop(rescale_nearest(images, covering), (rows, columns))
    # END SOLUTION


def color_jitter(images, strength, rng):
    """Return brighter and darker images, (b, c, y, x) to (b, c, y, x), clipped to [0, 1].

    Every channel of every image is multiplied by a factor of its own, uniform on [1 - strength, 1 + strength).
    `rng`, a numpy.random.Generator, is the only source of chance.

    Raises:
        ValueError: images have not four axes, or strength is not from 0 to 1.
    """
    # BEGIN SOLUTION
    images = _images(images)
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must be from 0 to 1, got {strength!r}")
    factors = rng.uniform(1 - strength, 1 + strength, size=(*images.shape[:2], 1, 1))
    return np.clip(factors * images, 0.0, 1.0)
    # END SOLUTION


# BEGIN SOLUTION
def _images(images):
    """Return images as a float64 array; refuse other numbers of axes than four."""
    images = np.asarray(images, dtype=float)
    if images.ndim != 4:
        raise ValueError(f"images must be (b, c, y, x), got shape {images.shape}")
    return images


def _pair(size):
    """Return rows and columns of a size as ints of at least 1."""
    sides = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(sides) != 2 or not all(isinstance(side, (int, np.integer)) and side >= 1 for side in sides):
        raise ValueError(f"size must be a positive int or a pair of them, got {size!r}")
    return int(sides[0]), int(sides[1])


def _size_within(images, size):
    """Return rows and columns of a size that fits into the images."""
    rows, columns = _pair(size)
    if rows > images.shape[2] or columns > images.shape[3]:
        raise ValueError(f"size {size!r} is larger than the images, {images.shape[2:]}")
    return rows, columns


# END SOLUTION
