"""Residual blocks around layers that are the grader's own: nothing of the student's other files is used."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import numpy as np
from hypothesis import strategies as st

from grader.authoring import (
    Example,
    Exercise,
    Layer,
    Plan,
    Raises,
    Same,
    Shapes,
    Values,
    call_order,
    gradient,
    inputs,
    integer_input,
    layer_plans,
)
from grader.authoring.layer import SETTINGS
from grader.authoring.script import Handle
from grader.worker.probe import Data

ORDER = 115


class ResidualCase(NamedTuple):
    """Layers in a row, each the grader's: trainable or not, with a phase or without."""

    batch: int
    size: int
    number_of_axes: int
    number_of_layers: int
    number_of_trainable_layers: int
    kinds: tuple  # of "trainable", "plain", "trainable with phase", "plain with phase"


@st.composite
def residual_cases(draw):
    """Vectors for layers of any kind; images for layers that are not trained."""
    axes = draw(st.sampled_from([2, 2, 4]))
    kinds = ["plain", "plain with phase"] + (["trainable", "trainable with phase"] if axes == 2 else [])
    chosen = tuple(draw(st.lists(st.sampled_from(kinds[::-1]), min_size=1, max_size=4)))
    trainable = sum("trainable" in kind for kind in chosen)
    return ResidualCase(draw(st.integers(1, 4)), draw(st.integers(2, 5)), axes, len(chosen), trainable, chosen)


def tensor(rng, case):
    """Vectors (b, size) or images (b, 2, 3, size)."""
    return inputs.normal(rng, (case.batch, case.size) if case.number_of_axes == 2 else (case.batch, 2, 3, case.size))


def some_trainable(case):
    return case.number_of_trainable_layers > 0


def some_phase(case):
    return any("phase" in kind for kind in case.kinds)


def inner_layers(s, case, name="matrix"):
    """The case's layers, x @ matrix, with matrices that are the same for all layers of that name."""
    layers = []
    for number, kind in enumerate(case.kinds, 1):
        matrix = f"{name}_{number}"
        if matrix not in s.arrays:
            s.array(matrix, inputs.normal(s.rng, (case.size, case.size)) / np.sqrt(case.size))
            s.array(f"{matrix}_transposed", s.arrays[matrix].T)
        given = {"weights": Data(matrix), "back": Data(f"{matrix}_transposed")}
        has = {"trainable": "trainable" in kind, "phase": "phase" in kind}
        layers.append(s.stand_in("layer", size=case.size, **has, **given))
    return layers


RETURNED, SENT_BACK = "what the last layer has returned", "what the first layer has sent back"
WRITTEN_INTO = tuple(
    Same(
        label,
        f"{label}, afterwards",
        "layer's array changed",
        f"{method} changes the array that {layer}'s {method} has returned.",
        "`+=` writes into an array. This one is the layer's, which may need it later: make a new one.",
    )
    for label, method, layer in (
        (RETURNED, "forward", "the last layer"),
        (SENT_BACK, "backward", "the first layer"),
    )
)


@dataclass(frozen=True)
class Block(Layer):
    """A residual block: its constructor takes layers, which a script has to make first."""

    symbol: str = "ResidualBlock"
    arguments: Callable[[Any], tuple[Any, ...]] = lambda case: ()
    inputs: Callable[[np.random.Generator, Any], Any] = tensor

    def prepared(self, s, case, suffix=""):
        return s.new(self.symbol, inner_layers(s, case))

    def calls(self, s, case):
        """What any layer must stand, and another block with other layers, made and used in between."""
        super().calls(s, case)
        layers = inner_layers(s, case)
        first = s.new(self.symbol, layers)
        other = s.new(self.symbol, inner_layers(s, case, "other_matrix"))
        s.call(other, "forward", Data("input_tensor"))
        s.call(first, "forward", Data("input_tensor"), label=f"output{SETTINGS}")
        s.call(first, "backward", Handle(s.labels["error"]), label=f"input gradient{SETTINGS}")
        s.get(layers[-1], "output_returned", label=RETURNED)
        s.get(layers[-1], "output_tensor", label=f"{RETURNED}, afterwards")
        s.get(layers[0], "gradient_returned", label=SENT_BACK)
        s.get(layers[0], "input_gradient", label=f"{SENT_BACK}, afterwards")


block = Block(other=lambda rng, case: tensor(rng, case._replace(batch=case.batch + 1)))


def ends(layers, case):
    """The first and the last trainable layer."""
    trainable = [layer for layer, kind in zip(layers, case.kinds, strict=True) if "trainable" in kind]
    return {"first": trainable[0], "last": trainable[-1]}.items()


def made(s, case):
    layers = inner_layers(s, case)
    return s.new("ResidualBlock", layers), layers


def children(s, case):
    """What a backward pass leaves in the layers."""
    residual, layers = made(s, case)
    output = s.call(residual, "forward", s.array("input_tensor", tensor(s.rng, case)), label="output")
    s.call(residual, "backward", s.like(output))
    for which, layer in ends(layers, case):
        s.get(layer, "gradient_weights", label=f"weights gradient of the {which} trainable layer")
        s.get(layer, "forwards", label=f"number of forward calls of the {which} trainable layer")


def initialize(s, case):
    residual, layers = made(s, case)
    s.call(residual, "initialize", s.stand_in("initializer"), s.stand_in("initializer"), label="initialize")
    for which, layer in ends(layers, case):
        s.get(layer, "weights", label=f"start weights of the {which} trainable layer")


def optimizing(s, case):
    """Two steps with an optimizer set, and a backward after it was removed."""
    residual, layers = made(s, case)
    s.get(residual, "optimizer", label="optimizer of a new block")
    s.set(residual, "optimizer", s.stand_in("optimizer", shallow=True))
    for when in ("after one step", "after two steps", "without optimizer"):
        x = s.array(f"input_{when.replace(' ', '_')}", tensor(s.rng, case))
        if when == "without optimizer":
            s.set(residual, "optimizer", None)
        output = s.call(residual, "forward", x)
        s.call(residual, "backward", s.like(output))
        for which, layer in ends(layers, case):
            s.get(layer, "weights", label=f"weights of the {which} trainable layer {when}")
    s.get(residual, "optimizer", label="optimizer after None was set")
    tell_added(s, layers, case, lambda kind: "trainable" not in kind)


def tell_added(s, layers, case, without):
    """Which attributes a layer has got that it did not have: the first one of those `without`, if there is one."""
    for layer, kind in zip(layers, case.kinds, strict=True):
        if without(kind):
            s.get(layer, "added", label=ADDED)
            return


def phases(s, case):
    residual, layers = made(s, case)
    s.get(residual, "phase", label="phase of a new block")
    s.set(residual, "phase", "test")
    s.call(residual, "forward", s.array("input_tensor", tensor(s.rng, case)), label="output")
    s.get(residual, "phase", label="phase of the block")
    s.set(residual, "phase", "train")
    other = s.array("input_in_phase_train", tensor(s.rng, case))
    s.call(residual, "forward", other, label="output in phase train again")
    tell_added(s, layers, case, lambda kind: "phase" not in kind)


def trainable(s, case):
    s.get(made(s, case)[0], "trainable", label="trainable")


class IllegalCase(NamedTuple):
    """A last layer that makes vectors of another size, or another number of items of a batch of one."""

    batch: int
    size: int
    output_size: int
    output_batch: int = 0  # 0: that of the input


def illegal(s, case):
    """F(x) that cannot be added to x, or only by broadcasting."""
    several = (case.output_batch,) if case.output_batch else ()
    matrix = s.array("matrix", inputs.normal(s.rng, (*several, case.size, case.output_size)))
    layer = s.stand_in("layer", size=case.size, weights=matrix)
    residual = s.new("ResidualBlock", [layer])
    shape = (case.batch, 2, case.size) if several else (case.batch, case.size)
    s.call(residual, "forward", s.array("input_tensor", inputs.normal(s.rng, shape)), label="output")


ILLEGAL = (
    *(IllegalCase(*sizes) for sizes in ((3, 4, 2), (2, 3, 1), (2, 1, 3), (1, 2, 5))),
    IllegalCase(1, 3, 3, output_batch=4),
)
ADDED = "attributes that a layer without them was given"
BY_HAND = {
    "input_tensor": [[1, 2], [-1, 2], [0, 0]],
    "matrix_1": [[1, -4], [0, 0.5]],
    "matrix_1_transposed": [[1, 0], [-4, 0.5]],
}

TIMES = tuple(f"number of forward calls of the {which} trainable layer" for which in ("first", "last"))
ORDER_CHECK = call_order(points=0.5, after="forward", settings=True)

residual_block = Exercise(
    name="residual_block",
    title="Residual block",
    symbols=("ResidualBlock",),
    cases=residual_cases(),
    examples=(
        Example("handout: one linear layer", ResidualCase(3, 2, 2, 1, 0, ("plain",)), BY_HAND),
        Example("no trainable layer", ResidualCase(2, 3, 2, 1, 0, ("plain",)), {}, ("trainable",)),
        Example(
            "layers of all kinds",
            ResidualCase(2, 3, 2, 4, 2, ("plain", "trainable", "plain with phase", "trainable with phase")),
            {},
            ("optimizing", "phases", "children"),
        ),
    ),
    plans={
        **layer_plans(block),
        "children": Plan(children, cases=15, when=some_trainable),
        "initialize": Plan(initialize, cases=10, when=some_trainable),
        "optimizing": Plan(optimizing, cases=20, when=lambda case: case.number_of_trainable_layers > 1),
        "phases": Plan(phases, cases=15, when=some_phase),
        "trainable": Plan(trainable, cases=10),
        "illegal": Plan(illegal, cases=ILLEGAL),
    },
    checks=(
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=2.5, plan="main"),
        gradient("input", points=3),
        Values(
            name="gradients of the layers",
            points=0.5,
            plan="children",
            label="weights gradient of the first trainable layer",
            also=("weights gradient of the last trainable layer", *TIMES),
            after="forward",
            hint="The block trains the very layers that it was given, and calls forward and backward of each once; "
            "which error does the last of them get?",
        ),
        Values(
            name="initialize",
            points=0.5,
            plan="initialize",
            label="start weights of the first trainable layer",
            also=("start weights of the last trainable layer",),
            hint="The block's initialize calls that of its layers, with the weights' initializer and the bias's.",
        ),
        Values(
            name="optimizers",
            points=1,
            plan="optimizing",
            label="weights of the first trainable layer after one step",
            also=(
                "weights of the last trainable layer after one step",
                "weights of the first trainable layer after two steps",
                "weights of the last trainable layer after two steps",
                "weights of the first trainable layer without optimizer",
                "weights of the last trainable layer without optimizer",
                "optimizer of a new block",
                "optimizer after None was set",
                ADDED,
            ),
            after="forward",
            hint="If input gradient or gradients of the layers is wrong, begin there. Every trainable layer needs a "
            "deep copy of its own, and its backward runs once.",
        ),
        Values(
            name="phases",
            points=0.5,
            plan="phases",
            also=("output in phase train again", "phase of the block", "phase of a new block", ADDED),
            after="forward",
            hint="Setting the block's phase reaches every layer that has one.",
        ),
        msgspec.structs.replace(ORDER_CHECK, same=(*ORDER_CHECK.same, *WRITTEN_INTO)),
        Values(
            name="trainable",
            points=0.25,
            plan="trainable",
            label="trainable",
            tried="forward",
            hint="A block is trainable exactly when one of its layers is.",
        ),
        integer_input(points=0.25, after="forward"),
        Raises(name="illegal shapes", points=0.5, plan="illegal", after="forward"),
    ),
)
