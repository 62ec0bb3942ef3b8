"""Figures of networks from image to image: the three of the course, and the maps of a U-Net."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .reference import solution
from .svg import Drawing

HEIGHTS = {8: 112, 4: 76, 2: 48}  # of drawn maps, by their sides
WIDE = 12  # of a map in the sketch of the three networks


def three_networks() -> Drawing:
    """Three scales down and up; what passes from the encoder to the decoder differs."""
    d = Drawing(720, 330, "Encoder-decoder, U-Net and SegNet: nothing, maps or indices pass from encoder to decoder.")
    for left, name, passed in ((20, "EncoderDecoder", ""), (258, "UNet", "maps"), (496, "SegNet", "indices")):
        d.text(left + 102, 28, name, "bold")
        sketch(d, left, passed)
    legend = (("a", "MaxPooling 2"), ("c", "NearestUpsampling 2"), ("d", "MaxUnpooling"))
    for x, (kind, words) in zip((60, 240, 470), legend, strict=True):
        d.arrow((x, 306), (x + 28, 306), kind)
        d.text(x + 36, 306, words, "left small")
    d.text(360, 280, "boxes: the maps that convolutions make on three scales", "small dim")
    return d


def sketch(d: Drawing, left: float, passed: str) -> None:
    """One network: x, top and height of its five maps, from the left."""
    maps = [(left + x, y, h) for x, y, h in ((10, 56, 72), (54, 152, 44), (98, 222, 28), (142, 152, 44), (186, 56, 72))]
    for x, y, height in maps:
        d.box(x, y, WIDE, height)
    for (x, y, h), (x2, y2, h2) in pairwise(maps[:3]):
        d.line([(x + 6, y + h + 3), (x + 6, y2 + h2 / 2), (x2 - 3, y2 + h2 / 2)], "a", tip=True)
    for (x, y, h), (x2, y2, h2) in pairwise(maps[2:]):
        up = [(x + WIDE + 3, y + h / 2), (x2 + 6, y + h / 2), (x2 + 6, y2 + h2 + 3)]
        d.line(up, "d" if passed == "indices" else "c", tip=True)
    for kind, (x, y, h), (x2, _, _) in (("a", maps[0], maps[4]), ("b", maps[1], maps[3])):
        if passed == "maps":
            d.box(x, y, WIDE, h, f"cell {kind}")
            d.box(x2, y, WIDE / 2, h, f"cell {kind}")
            d.box(x2 + WIDE / 2, y, WIDE / 2, h, "cell c")
            d.line([(x + WIDE + 3, y + h / 2), (x2 - 3, y + h / 2)], f"{kind} dash", tip=True)
            d.text((x + WIDE + x2) / 2, y + h / 2 - 12, "maps", f"small {kind}")
        if passed == "indices":
            level = y + h + 12
            d.line([(x + 10, level), (x2 - 4, level)], "b dash", tip=True)
            d.text((x + WIDE + x2) / 2, level - 10, "indices", "small b")


def unet() -> Drawing:
    """The maps of a U-Net for 8x8 images, with the skips that the decoder reads."""
    d = Drawing(720, 470, "A U-Net on 8x8 images: down by pooling, up by upsampling, with a skip on each level.")
    maps = {name: feature_map(d, x, *shape) for (name, shape), x in zip(shapes_in_unet(8).items(), PLACES, strict=True)}
    for name, side in (("input", 8), ("pool 1", 4), ("pool 2", 2)):
        _, y, _, height = maps[name]
        d.text(20, y + height / 2, f"{side}x{side}", "left small dim")
    for kind, encoder, joined in (("a", "conv 1", "joined 1"), ("b", "conv 2", "joined 2")):
        skip(d, kind, maps[encoder], maps[joined])
    convolutions = (("input", "conv 1"), ("pool 1", "conv 2"), ("pool 2", "conv 3"), ("joined 2", "conv 4"))
    for start, end in (*convolutions, ("joined 1", "conv 5"), ("conv 5", "head")):
        (x, y, w, h), right = maps[start], maps[end][0]
        d.arrow((x + w + 3, y + h - 12), (right - 3, y + h - 12), "d" if end == "head" else "")
    for start, end in (("conv 1", "pool 1"), ("conv 2", "pool 2")):
        (x, y, w, h), (_, below, _, _) = maps[start], maps[end]
        d.arrow((x + w / 2, y + h + 3), (x + w / 2, below - 20), "a")
    for start, end in (("conv 3", "joined 2"), ("conv 4", "joined 1")):
        (x, y, w, _), (x2, y2, w2, h2) = maps[start], maps[end]
        middle, turn = x2 + 0.75 * w2, y2 + h2 + 26
        d.line([(x + w / 2, y - 20), (x + w / 2, turn), (middle, turn), (middle, y2 + h2 + 3)], "c", tip=True)
    legend = {"": "Conv 3x3, ReLU", "a": "MaxPooling 2", "c": "NearestUpsampling 2", "d": "Conv 1x1"}
    for x, (kind, words) in zip((36, 196, 346, 546), legend.items(), strict=True):
        d.arrow((x, 446), (x + 28, 446), kind)
        d.text(x + 36, 446, words, "left small")
    d.text(36, 416, "Numbers above the maps: channels.", "left small dim")
    return d


PLACES = (60, 130, 130, 210, 210, 310, 370, 480, 520, 616, 690)  # of the maps below, from the left


def shapes_in_unet(side: int) -> dict[str, tuple[int, int]]:
    """Channels and side of every map, in the order in which the reference computes them."""
    network = solution("segmentation").UNet()
    maps = {0: "input", 3: "pool 1", 6: "pool 2", 9: "joined 2", 12: "joined 1"}  # what goes into these layers
    convolved = {1: "conv 1", 4: "conv 2", 7: "conv 3", 10: "conv 4", 13: "conv 5", 14: "head"}  # what comes out
    found = {}

    def watched(n, forward):
        def watching(tensor):
            found.update({maps[n]: tensor.shape[1:3]} if n in maps else {})
            output = forward(tensor)
            found.update({convolved[n]: output.shape[1:3]} if n in convolved else {})
            return output

        return watching

    for n, layer in enumerate(network.layers):
        layer.forward = watched(n, layer.forward)
    network.forward(np.zeros((1, 1, side, side)))
    return found


def feature_map(d: Drawing, x: float, channels: int, side: int) -> tuple[float, float, float, float]:
    """A map as a box, as wide as it has channels, on the level of its size; returns x, y, width and height."""
    y, width, height = {8: 44, 4: 208, 2: 340}[side], 6 + 1.4 * channels, HEIGHTS[side]
    d.box(x, y, width, height)
    d.text(x + width / 2, y - 10, channels, "small")
    return x, y, width, height


def skip(d: Drawing, kind: str, encoder: tuple, joined: tuple) -> None:
    """The encoder's map, the arrow, and the map that is half of it and half what comes from below."""
    (x, y, w, h), (x2, _, w2, _) = encoder, joined
    d.box(x, y, w, h, f"cell {kind}")
    d.box(x2, y, w2 / 2, h, f"cell {kind}")
    d.box(x2 + w2 / 2, y, w2 / 2, h, "cell c")
    d.line([(x + w + 4, y + h / 2), (x2 - 4, y + h / 2)], f"{kind} dash", tip=True)
    d.text((x + w + x2) / 2, y + h / 2 - 14, "skip: concatenate", f"small {kind}")


FIGURES = {"segmentation/three_networks": three_networks, "segmentation/unet": unet}
