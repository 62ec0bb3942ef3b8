"""Objects that take the place of the student's other files, so that each file is tested alone.

Every stand-in can be deep-copied, and what it returns depends on its seed, on how often this copy was called and on
the arguments, so that the way it was used shows in the values that come back. Its log only explains.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .normals import normals


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
        return normals(shape, self.seed, *map(entropy, key))


def entropy(value: Any) -> int:
    """A number for anything that a student may pass: equal for 27, 27.0 and np.int64(27)."""
    if isinstance(value, str):
        return zlib.crc32(value.encode())
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
    """`calculate_update(weight_tensor, gradient_tensor)`: w - rate(n) * g, where n counts this copy's calls from 1.

    Options: `learning_rate` (one step size for all calls), `shallow` (a shallow copy shares the count, as one does
    whose state is a dict; otherwise it is as good as a deep one).
    """

    def __init__(self, seed: int, options: Mapping[str, Any], names: Mapping[str, str]) -> None:
        super().__init__(seed, options, names)
        self.learning_rate = float(self.options.get("learning_rate", rate(1)))
        self.state = {"calls": 0}

    def __copy__(self) -> Base:
        if not self.options.get("shallow", False):
            return copy.deepcopy(self)
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def calculate_update(self, weight_tensor: Any, gradient_tensor: Any) -> Any:
        """The new weights; the arguments stay as they are."""
        self.state["calls"] += 1
        call = self.state["calls"]
        self.log.append(["calculate_update", call, list(np.shape(gradient_tensor))])
        step = self.learning_rate if "learning_rate" in self.options else rate(call)
        return weight_tensor - step * np.asarray(gradient_tensor)


class Layer(Base):
    """A layer on vectors of `size` without weights to train: forward x @ weights, backward e @ another matrix.

    Options: `size`; `weights` and `back` (the matrices, drawn unless given); `phase` (whether it has one, "train" at
    first: in phase "test" it adds 1 to the output). `error_tensor` is what backward was given last. Like a student's
    own such layer it has neither `initialize` nor `optimizer`; `added` names attributes that were assigned although
    it has none of that name. Like many a layer it keeps what it returns: `output_tensor` and `input_gradient` are
    those very arrays, and `output_returned` and `gradient_returned` copies made then; `forwards` counts calls.
    Numbers stay of order 1 however many layers follow.
    """

    trainable = False
    ready = False

    def __init__(self, seed: int, options: Mapping[str, Any], names: Mapping[str, str]) -> None:
        super().__init__(seed, options, names)
        self.size = int(self.options.get("size", 3))
        self.weights, self.back = self._matrix("weights"), self._matrix("back")
        self.error_tensor: Any = None
        self.output_tensor: Any = None
        self.output_returned: Any = None
        self.input_gradient: Any = None
        self.gradient_returned: Any = None
        self.added: list[str] = []
        self.forwards = 0
        if self.options.get("phase", False):
            self.phase = "train"
        self.ready = type(self) is Layer

    def _matrix(self, name: str) -> Any:
        given = self.options.get(name)
        return self.normals(name, shape=(self.size, self.size)) / np.sqrt(self.size) if given is None else given

    def __setattr__(self, name: str, value: Any) -> None:
        mine = self.__dict__["_mine"].get(name, name)
        if self.ready and mine in ("optimizer", "phase") and mine not in self.__dict__:
            self.added.append(mine)
        super().__setattr__(name, value)

    def forward(self, input_tensor: Any) -> Any:
        """x @ weights, and a number for the phase."""
        self.log.append(["forward", list(np.shape(input_tensor))])
        self.forwards += 1
        self.input_tensor = np.array(input_tensor)
        testing = bool(self.options.get("phase", False)) and isinstance(self.phase, str) and self.phase == "test"
        self.output_tensor = self.input_tensor @ self.weights + testing
        self.output_returned = self.output_tensor.copy()
        return self.output_tensor

    def backward(self, error_tensor: Any) -> Any:
        """e @ back."""
        self.log.append(["backward", list(np.shape(error_tensor))])
        self.error_tensor = np.array(error_tensor)
        self.input_gradient = self.error_tensor @ self.back
        self.gradient_returned = self.input_gradient.copy()
        return self.input_gradient


class TrainableLayer(Layer):
    """A `Layer` with weights that an initializer sets and an optimizer changes."""

    trainable = True

    def __init__(self, seed: int, options: Mapping[str, Any], names: Mapping[str, str]) -> None:
        super().__init__(seed, options, names)
        self.optimizer: Any = None
        self.gradient_weights: Any = None
        self.start = self.weights
        self.ready = True

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        """Weights that depend on both initializers and on which is which; a second call changes nothing."""
        size = self.size
        self.log.append(["initialize"])
        weights = weights_initializer.initialize((size, size), size, size)
        bias = bias_initializer.initialize((size,), size, size)
        self.weights = (self.start + (weights + bias) / np.sqrt(size)) / np.sqrt(3)

    def backward(self, error_tensor: Any) -> Any:
        """e @ back; `gradient_weights` is x.T @ e, along which weights take a step where an optimizer is set.

        The optimizer gets it with entries below 1, or else the losses of several layers would grow without bounds.
        """
        returned = super().backward(error_tensor)
        self.gradient_weights = gradient = self.input_tensor.T @ self.error_tensor
        if self.optimizer is not None:
            bounded = gradient / (1 + np.max(np.abs(gradient)))
            self.weights = self.optimizer.calculate_update(self.weights, bounded)
        return returned


def layer(seed: int, options: Mapping[str, Any], names: Mapping[str, str]) -> Layer:
    """A Layer, or a TrainableLayer where option `trainable` is set."""
    kind = TrainableLayer if options.get("trainable", False) else Layer
    return kind(seed, options, names)


class Loss(Base):
    """`forward(prediction, label)`: sum of (2 p - y)^2 plus an eighth of the call number; `backward(label)`."""

    def forward(self, prediction_tensor: Any, label_tensor: Any) -> float:
        """A float that depends on both arguments."""
        self.calls += 1
        self.log.append(["forward", self.calls])
        self.prediction = np.array(prediction_tensor)
        return float(np.sum((2 * self.prediction - label_tensor) ** 2) + self.calls / 8)

    def backward(self, label_tensor: Any) -> Any:
        """(2 p - y) / 8."""
        self.log.append(["backward"])
        return (2 * self.prediction - label_tensor) / 8


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


KINDS: dict[str, Callable[[int, Mapping[str, Any], Mapping[str, str]], Base]] = {
    "initializer": Initializer,
    "optimizer": Optimizer,
    "layer": layer,
    "loss": Loss,
    "data": DataSource,
}
