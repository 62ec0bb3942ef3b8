"""What `grader train` trains, and on what: runs in the training process, on the student's own classes.

The digits are those of scikit-learn (E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI,
CC BY 4.0): 1797 images of 8x8 with values from 0 to 16.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .train_messages import Message, Score, Step, Task, Tiles

Floats = NDArray[np.float64]
Send = Callable[[Message], None]
Safely = Callable[[Callable[[], None]], None]  # runs a part, tells what goes wrong in it
Checked = Callable[[str, int, Any], float]  # the loss as a float, after a look at it
HELD_OUT = 297
NOISE = 0.5
SHOWN = 3
# (topic, classes and functions) of the student's files that a recipe uses
NEEDS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "digits": (
        ("neural_network", ("build_lenet",)),
        ("optimizers", ("Adam",)),
        ("initializers", ("He", "Constant")),
    ),
    "denoising": (
        ("segmentation", ("EncoderDecoder", "UNet", "SegNet")),
        ("optimizers", ("Adam",)),
        ("initializers", ("He", "Constant")),
        ("loss", ("L2Loss",)),
    ),
}
TITLES = {"digits": ("LeNet",), "denoising": ("EncoderDecoder", "UNet", "SegNet")}
ITERATIONS = {"digits": 400, "denoising": 200}


class Digits(NamedTuple):
    """Images (b, 1, 8, 8) from 0 to 1 and their numbers."""

    images: Floats
    numbers: NDArray[np.intp]


def digits() -> tuple[Digits, Digits]:
    """Those to train with, and those that are held out; the same for everybody."""
    with np.load(Path(__file__).with_name("digits.npz")) as stored:
        images, numbers = stored["images"][:, None] / 16.0, stored["numbers"].astype(np.intp)
    order = np.random.default_rng(0).permutation(len(images))
    known, held_out = order[HELD_OUT:], order[:HELD_OUT]
    return Digits(images[known], numbers[known]), Digits(images[held_out], numbers[held_out])


class Batches:
    """A data source: `next()` draws digits and their labels, one-hot."""

    def __init__(self, data: Digits, size: int, seed: int) -> None:
        self.data, self.size, self.rng = data, size, np.random.default_rng(seed)

    def next(self) -> tuple[Floats, Floats]:
        """(b, 1, 8, 8) and (b, 10)."""
        rows = self.rng.choice(len(self.data.images), self.size, replace=False)
        return self.data.images[rows], np.eye(10)[self.data.numbers[rows]]


class Stop(Exception):
    """The training cannot go on; the message is a sentence for the student."""


class Renamed:
    """An object of the student's under our names: `names` are those of the course."""

    def __init__(self, own: Any, names: Mapping[str, str]) -> None:
        self.__dict__.update(own=own, names=names)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.own, self.names.get(name, name))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.own, self.names.get(name, name), value)


def milestone(iteration: int, iterations: int) -> bool:
    """Whether held-out digits are looked at now: four times in all."""
    return iteration == iterations or iteration % max(1, iterations // 4) == 0


def classify(own: Any, task: Task, send: Send, safely: Safely, checked: Checked) -> None:
    """LeNet with He and Adam on labelled digits."""
    names = task.names

    def train() -> None:
        known, held_out = digits()
        source = Batches(known, task.batch, task.seed)
        if names.get("next", "next") != "next":
            setattr(source, names["next"], source.next)
        made = own.build_lenet(own.Adam(0.005, 0.9, 0.999), own.He(), own.Constant(0.1))
        if made is None:
            raise Stop("build_lenet returns nothing: is its return statement missing?")
        network = Renamed(made, names)
        network.data_layer = source
        for iteration in range(1, task.iterations + 1):
            network.train(1)
            loss = checked("LeNet", iteration, network.loss[-1]) / task.batch
            send(Step("LeNet", iteration, loss))
            kernels = np.asarray(Renamed(network.layers[0], names).weights, dtype=float)
            send(tiles("filters", [(f"filter {n}", kernel[0]) for n, kernel in enumerate(kernels, 1)]))
            if milestone(iteration, task.iterations):
                predicted = np.argmax(network.test(held_out.images), axis=1)
                send(Score("LeNet", float(np.mean(predicted == held_out.numbers))))

    safely(train)


def denoise(own: Any, task: Task, send: Send, safely: Safely, checked: Checked) -> None:
    """The three networks, one after the other, on the same noisy digits; they learn to give back the clean ones."""
    known, held_out = digits()
    rng = np.random.default_rng(task.seed)
    noisy = held_out.images + NOISE * rng.standard_normal(held_out.images.shape)
    send(Score("noisy input", _squares(noisy, held_out.images)))
    cells = [(f"noisy {n}", image[0]) for n, image in enumerate(noisy[:SHOWN], 1)]
    cells += [(f"clean {n}", image[0]) for n, image in enumerate(held_out.images[:SHOWN], 1)]
    send(tiles("digits", cells))

    def train(name: str) -> None:
        np.random.seed(task.seed)
        source = Batches(known, task.batch, task.seed)
        network, loss = Renamed(getattr(own, name)(1, (8, 16)), task.names), Renamed(own.L2Loss(), task.names)
        network.initialize(own.He(), own.Constant(0.0))
        network.optimizer = own.Adam(0.01, 0.9, 0.999)
        network.phase = "train"
        for iteration in range(1, task.iterations + 1):
            clean, _ = source.next()
            prediction = network.forward(clean + NOISE * source.rng.standard_normal(clean.shape))
            value = checked(name, iteration, loss.forward(prediction, clean)) / task.batch
            network.backward(loss.backward(clean))
            send(Step(name, iteration, value))
            if milestone(iteration, task.iterations):
                network.phase = "test"
                restored = np.asarray(network.forward(noisy), dtype=float)
                network.phase = "train"
                send(Score(name, _squares(restored, held_out.images)))
                cells = [(f"{name} {n}", image[0]) for n, image in enumerate(restored[:SHOWN], 1)]
                send(tiles(name, cells))

    for name in TITLES["denoising"]:
        safely(lambda name=name: train(name))  # type: ignore[misc]


def _squares(images: Floats, clean: Floats) -> float:
    """The sum of squared differences, per image."""
    return float(np.sum((images - clean) ** 2) / len(clean))


def tiles(group: str, pictures: list[tuple[str, Floats]]) -> Tiles:
    """Small pictures as a message."""
    return Tiles(group, tuple((title, tuple(tuple(map(float, row)) for row in picture)) for title, picture in pictures))


RECIPES: Mapping[str, Callable[[Any, Task, Send, Safely, Checked], None]] = {"digits": classify, "denoising": denoise}
