"""LeNet-5 in PyTorch: layers, forward with given weights, gradients. Optional: it needs PyTorch, or is left out."""

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import Exercise, Gradient, Plan, Relations, Same, Shapes, Values, inputs

ORDER = 145
REQUIRES = ("torch",)
CONVOLUTIONS = ("conv1", "conv2")
CONNECTED = ("fc1", "fc2", "fc3")
POOLINGS = ("max_pool_1", "max_pool_2")
PARAMETERS = tuple(f"{layer}.{name}" for layer in (*CONVOLUTIONS, *CONNECTED) for name in ("weight", "bias"))


class LeNetCase(NamedTuple):
    """A batch of images of 28 x 28 pixels."""

    batch: int
    seed: int  # of the weights


class StructureCase(NamedTuple):
    """The layers and parameters of a new network."""

    networks: int


cases = st.builds(LeNetCase, st.integers(1, 4), st.integers(0, 999))
ONE = (StructureCase(1),)


def images(rng, batch):
    """Normals in steps of 1/16, as pixels have steps: four times as small in a bundle."""
    return np.round(16 * inputs.normal(rng, (batch, 1, 28, 28))) / 16 + 0.0  # no -0


def network(s, case, dtype="float64"):
    """PyTorch's part of the script, and a network with weights that are given."""
    pytorch = s.stand_in("pytorch")
    lenet5 = s.new("LeNet5")
    s.call(pytorch, "fill", lenet5, case.seed, dtype)
    return pytorch, lenet5


def forward(s, case):
    pytorch, lenet5 = network(s, case)
    x = s.call(pytorch, "tensor", s.array("images", images(s.rng, case.batch)))
    s.call(lenet5, "__call__", x, label="output")


def backward(s, case):
    """The gradients left in the images and in all parameters; of kernels and matrices, the sum over the outputs."""
    pytorch, lenet5 = network(s, case)
    x = s.call(pytorch, "tensor", s.array("images", images(s.rng, case.batch)), "float64", True)
    output = s.call(lenet5, "__call__", x, label="output")
    s.call(pytorch, "backward", output, s.like(output), label="sending back")
    s.call(pytorch, "gradient", x, label="input gradient")
    for name in PARAMETERS:
        s.call(pytorch, "summed_gradient", lenet5, name, label=f"{name} gradient")


def single(s, case):
    """The network as it is made, in single precision; its output is told in double precision."""
    pytorch, lenet5 = network(s, case, "float32")
    x = s.call(pytorch, "tensor", s.array("images", images(s.rng, case.batch)), "float32")
    s.call(s.call(lenet5, "__call__", x), "double", label="output")


def structure(s, case):
    pytorch, lenet5 = s.stand_in("pytorch"), s.new("LeNet5")
    for name in PARAMETERS:
        s.call(pytorch, "shape", lenet5, name, label=f"shape of {name}")
    for name in POOLINGS:
        s.call(pytorch, "kind", lenet5, name, label=f"class of {name}")
    s.call(pytorch, "count", lenet5, label="number of parameters")


def calls(s, case):
    """Again, after another batch, beside another network, in testing mode, and with images that stay as they are."""
    pytorch, lenet5 = network(s, case)
    x = s.call(pytorch, "tensor", s.array("images", images(s.rng, case.batch)))
    other = s.call(pytorch, "tensor", s.array("other_images", images(s.rng, case.batch + 1)))
    s.call(lenet5, "__call__", x, label="output")
    s.call(lenet5, "__call__", x, label="output again")
    s.call(lenet5, "__call__", other, label="output of another batch")
    another = s.new("LeNet5")
    s.call(pytorch, "fill", another, case.seed + 1)
    s.call(another, "__call__", other)
    s.call(lenet5, "__call__", x, label="output beside another network")
    fresh = s.new("LeNet5")
    s.call(pytorch, "fill", fresh, case.seed)
    s.call(fresh, "__call__", other, label="output of a new network")
    s.call(pytorch, "testing", lenet5)
    s.call(lenet5, "__call__", x, label="output in testing mode")


def layer_check(name, points, labels, hint):
    return Values(name=name, points=points, plan="structure", label=labels[0], also=tuple(labels[1:]), hint=hint)


def shapes_of(layers):
    return [f"shape of {name}" for name in PARAMETERS if name.startswith(layers)]


SECOND = "What a network keeps from call to call belongs to its layers' parameters, and to nothing else."
lenet_torch = Exercise(
    name="lenet_torch",
    title="LeNet-5 in PyTorch",
    symbols=("LeNet5",),
    cases=cases,
    count=20,
    public=4,
    plans={
        "main": Plan(forward, cases=20),
        "backward": Plan(backward, cases=8),
        "structure": Plan(structure, cases=ONE),
        "calls": Plan(calls, cases=3),
        "single": Plan(single, cases=3),
    },
    checks=(
        layer_check(
            "convolutions", 1, shapes_of(CONVOLUTIONS), "Channels out, channels in, height and width of the kernel."
        ),
        layer_check(
            "poolings", 0.5, [f"class of {name}" for name in POOLINGS], "Which class of torch.nn is in the listing?"
        ),
        layer_check(
            "fully connected layers", 1, shapes_of(CONNECTED), "A Linear keeps its weights as (outputs, inputs)."
        ),
        layer_check(
            "number of parameters",
            0.5,
            ["number of parameters"],
            "Every layer with weights is an attribute of the network, made in __init__; there is no other.",
        ),
        Shapes(name="shapes", points=0.5, plan="main"),
        Values(name="forward", points=3, plan="main"),
        Gradient(
            name="input gradient",
            points=1,
            plan="backward",
            label="input gradient",
            wrt="images",
            after="forward",
            forward="forward",
            hint="From the images to the logits all has to be computed by PyTorch, on tensors that remember how.",
        ),
        Values(
            name="parameter gradients",
            points=1,
            plan="backward",
            label=f"{PARAMETERS[0]} gradient",
            also=tuple(f"{name} gradient" for name in PARAMETERS[1:]),
            after="forward",
            hint="From each parameter to the logits everything has to be computed on tensors that remember how.",
        ),
        Relations(
            name="call order and purity",
            points=1,
            plan="calls",
            after="forward",
            same=(
                Same("output", "output again", "forward twice", "A second forward gives another result.", SECOND),
                Same(
                    "output of a new network",
                    "output of another batch",
                    "another batch",
                    "After a batch of another size the result is another than that of a new network.",
                    SECOND,
                ),
                Same(
                    "output",
                    "output beside another network",
                    "shared state",
                    "The result changes when another network is made and used in between.",
                    "Layers belong to `self`, not to the class or to the file.",
                ),
                Same(
                    "output",
                    "output in testing mode",
                    "testing mode",
                    "After `net.eval()` the result is another.",
                    "Nothing in LeNet-5 behaves otherwise in training: no dropout, no normalization.",
                ),
            ),
        ),
        Values(
            name="single precision",
            points=0.5,
            plan="single",
            rtol=1e-4,
            after="forward",
            hint="The dtype is that of images and parameters: nothing in forward should name one.",
        ),
    ),
)
