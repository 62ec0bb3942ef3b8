"""More training images than there are: flips, crops, rescaling, colour jitter (lecture B, "data augmentation").

Images are arrays (b, c, y, x) with values in [0, 1]. A size is an int, for a square, or a pair (rows, columns).
"""

import numpy as np


def horizontal_flip(images):
    """Return the images mirrored left to right, (b, c, y, x) to (b, c, y, x).

    Raises:
        ValueError: images have not four axes.
    """
    raise NotImplementedError


def center_crop(images, size):
    """Return the middle of every image, (b, c, y, x) to (b, c, *size).

    On an axis of n values the part of s begins at floor((n - s) / 2).

    Raises:
        ValueError: images have not four axes, or size is not positive or larger than the images.
    """
    raise NotImplementedError


def random_crop(images, size, rng):
    """Return a part of every image at a random position, (b, c, y, x) to (b, c, *size).

    Every image has a position of its own, the same for all of its channels; all positions at which the part lies
    inside of the image are equally likely. `rng`, a numpy.random.Generator, is the only source of chance.

    Raises:
        ValueError: images have not four axes, or size is not positive or larger than the images.
    """
    raise NotImplementedError


def rescale_nearest(images, size):
    """Return larger or smaller images, (b, c, y, x) to (b, c, *size).

    On an axis that has n pixels and gets s, the new pixel i is the old one at floor(i * n / s).

    Raises:
        ValueError: images have not four axes, or size is not positive.
    """
    raise NotImplementedError


def resize_and_crop(images, size):
    """Return the middle of the rescaled images, (b, c, y, x) to (b, c, *size) ("Dealing with rectangular images").

    Both sides are scaled (nearest neighbour) by one factor, the smallest with which the images cover `size`: the
    larger of rows / y and columns / x. One side then fits exactly; the other one is rounded down, and its middle is
    cut out. For a square, the shorter side is the one that fits.

    Raises:
        ValueError: images have not four axes, or size is not positive.
    """
    raise NotImplementedError


def color_jitter(images, strength, rng):
    """Return brighter and darker images, (b, c, y, x) to (b, c, y, x), clipped to [0, 1].

    Every channel of every image is multiplied by a factor of its own, uniform on [1 - strength, 1 + strength).
    `rng`, a numpy.random.Generator, is the only source of chance.

    Raises:
        ValueError: images have not four axes, or strength is not from 0 to 1.
    """
    raise NotImplementedError
