"""Objects that take the place of the student's other files, so that each file is tested alone.

Every stand-in can be deep-copied, and what it returns depends on its seed, on how often this copy was called and on
the arguments, so that the way it was used shows in the values that come back. Its log only explains.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Base:
    """Shared by all stand-ins: options, log, and a course's own names for methods and attributes."""

    def __init__(self, seed: int, options: Mapping[str, Any], names: Mapping[str, str]) -> None:
        mine = {theirs: ours for ours, theirs in names.items() if ours != theirs}
        self.__dict__.update(_mine=mine, seed=seed, options=dict(options), log=[], calls=0)

    def __getattr__(self, name: str) -> Any:
        mine = self.__dict__.get("_mine", {})
        if name in mine:
            return getattr(self, mine[name])
        raise AttributeError(f"the grader's stand-in {type(self).__name__} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, self.__dict__["_mine"].get(name, name), value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Base:
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        for key, value in self.__dict__.items():
            twin.__dict__[key] = copy.deepcopy(value, memo)
        return twin

    __copy__ = lambda self: copy.deepcopy(self)  # noqa: E731 - a shallow copy is a copy of its own here, too

    def normals(self, *key: Any, shape: Any) -> NDArray[np.float64]:
        """Standard normals that depend on this stand-in's seed and the key."""
        seeds = np.random.PCG64([self.seed, *map(entropy, key)])
        return np.asarray(np.random.Generator(seeds).standard_normal(shape))


def entropy(value: Any) -> int:
    """A number for anything that a student may pass: equal for 27, 27.0 and np.int64(27)."""
    try:
        return zlib.crc32(repr(float(value)).encode())
    except (TypeError, ValueError, OverflowError):
        return zlib.crc32(type(value).__name__.encode())


class Initializer(Base):
    """`initialize(weights_shape, fan_in, fan_out)`: normals that depend on shape and, unless told otherwise, fans."""

    def initialize(self, weights_shape: Any, fan_in: Any = None, fan_out: Any = None) -> NDArray[np.float64]:
        """An array of `weights_shape`; option `fans=False` makes it independent of the fans."""
        shape = tuple(int(side) for side in np.atleast_1d(weights_shape))
        self.calls += 1
        self.log.append(["initialize", list(shape), fan_in, fan_out])
        key = (fan_in, fan_out) if self.options.get("fans", True) else ()
        return self.normals(int(np.prod(shape)), *key, shape=shape)


def rate(call: int) -> float:
    """Step size of the optimizer stand-in at its n-th call: another one for every call."""
    return (1 + call) / 16


class Optimizer(Base):
    """`calculate_update(weight_tensor, gradient_tensor)`: w - rate(n) * g, where n counts this copy's calls from 1."""

    def __init__(self, seed: int, options: Mapping[str, Any], names: Mapping[str, str]) -> None:
        super().__init__(seed, options, names)
        self.learning_rate = rate(1)

    def calculate_update(self, weight_tensor: Any, gradient_tensor: Any) -> Any:
        """The new weights; the arguments stay as they are."""
        self.calls += 1
        self.log.append(["calculate_update", self.calls, list(np.shape(gradient_tensor))])
        return weight_tensor - rate(self.calls) * np.asarray(gradient_tensor)


class Layer(Base):
    """A dense layer on vectors of `size`: forward x @ weights, backward e @ another matrix.

    Options: `size`, `trainable`, `phase` (whether it has one; phase "test" adds 1 to the output).
    """

    def __init__(self, seed: int, options: Mapping[str, Any], names: Mapping[str, str]) -> None:
        super().__init__(seed, options, names)
        size = int(options.get("size", 3))
        self.trainable = bool(options.get("trainable", False))
        self.weights = self.normals("weights", shape=(size, size))
        self.back = self.normals("back", shape=(size, size))
        self.optimizer = None
        if options.get("phase", False):
            self.phase = ""

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Take the weights from the first initializer and a shift from the second."""
        size = len(self.back)
        self.log.append(["initialize"])
        if self.trainable:
            self.weights = weights_initializer.initialize((size, size), size, size)
            self.weights = self.weights + bias_initializer.initialize((size,), size, size)

    def forward(self, input_tensor: Any) -> Any:
        """x @ weights."""
        self.log.append(["forward", list(np.shape(input_tensor))])
        self.input_tensor = np.array(input_tensor)
        return self.input_tensor @ self.weights + (getattr(self, "phase", "") == "test")

    def backward(self, error_tensor: Any) -> Any:
        """e @ back; weights take a step along x.T @ e where an optimizer is set."""
        self.log.append(["backward", list(np.shape(error_tensor))])
        returned = error_tensor @ self.back
        if self.trainable and self.optimizer is not None:
            self.weights = self.optimizer.calculate_update(self.weights, self.input_tensor.T @ error_tensor)
        return returned


class Loss(Base):
    """`forward(prediction, label)`: sum of squared differences plus a little of the call number; `backward(label)`."""

    def forward(self, prediction_tensor: Any, label_tensor: Any) -> float:
        """A float that depends on both arguments."""
        self.calls += 1
        self.log.append(["forward", self.calls])
        self.prediction = np.array(prediction_tensor)
        return float(np.sum((self.prediction - label_tensor) ** 2) + self.calls / 8)

    def backward(self, label_tensor: Any) -> Any:
        """2 (p - y) / 16."""
        self.log.append(["backward"])
        return (self.prediction - label_tensor) / 8


class DataSource(Base):
    """`next()`: the given `batches` one after the other, or new normals of shape `inputs` and `labels` every time."""

    def next(self) -> tuple[Any, Any]:
        """(input, labels); every call another pair."""
        self.calls += 1
        self.log.append(["next", self.calls])
        if "batches" in self.options:
            inputs, labels = self.options["batches"][(self.calls - 1) % len(self.options["batches"])]
            return np.array(inputs), np.array(labels)
        inputs = self.normals("inputs", self.calls, shape=self.options["inputs"])
        return inputs, self.normals("labels", self.calls, shape=self.options["labels"])


KINDS: dict[str, type[Base]] = {
    "initializer": Initializer,
    "optimizer": Optimizer,
    "layer": Layer,
    "loss": Loss,
    "data": DataSource,
}
