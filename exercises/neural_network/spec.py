"""Networks: layers in a row, and LeNet from the student's own layers."""

from functools import cache
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import Exercise, Plan, Relations, Same, Values, inputs

ORDER = 90


class NetworkCase(NamedTuple):
    """Layers in a row, each the grader's: trainable or not, with a phase or without."""

    batch: int
    size: int
    number_of_layers: int
    number_of_trainable_layers: int
    iterations: int
    further_iterations: int
    kinds: tuple  # of "trainable", "plain", "trainable with phase", "plain with phase"


@st.composite
def network_cases(draw):
    """One to five layers, most often with several trainable ones; trained twice, the second time perhaps not at all."""
    kinds = st.sampled_from(["trainable", "plain", "trainable with phase", "plain with phase"])
    chosen = tuple(draw(st.lists(kinds, min_size=1, max_size=5)))
    trainable = sum("trainable" in kind for kind in chosen)
    batch, size = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    return NetworkCase(batch, size, len(chosen), trainable, draw(st.integers(1, 3)), draw(st.integers(0, 2)), chosen)


def network(s, case, kinds, optimizer=None, beside=False):
    """A new network of stand-ins: data, layers of these kinds, loss; `beside` another one, made before the layers."""
    optimizer = optimizer or s.stand_in("optimizer", shallow=True)
    made = s.new("NeuralNetwork", optimizer, s.stand_in("initializer"), s.stand_in("initializer"))
    if beside:
        another_network(s)
    s.set(made, "data_layer", s.stand_in("data", inputs=(case.batch, case.size), labels=(case.batch, case.size)))
    s.set(made, "loss_layer", s.stand_in("loss"))
    for kind in kinds:
        append(s, made, case, kind)
    return made


def another_network(s):
    """A second network with an optimizer and initializers of its own: must not disturb the first."""
    optimizer = s.stand_in("optimizer", learning_rate=0.75)  # the first one's steps are smaller
    return s.new("NeuralNetwork", optimizer, s.stand_in("initializer"), s.stand_in("initializer"))


def append(s, made, case, kind):
    layer = s.stand_in("layer", size=case.size, trainable="trainable" in kind, phase="phase" in kind)
    s.call(made, "append_layer", layer)


def untrainable(case):
    """The case's layers as plain ones: what is checked with them needs neither initializers nor optimizer."""
    return [kind.replace("trainable", "plain") for kind in case.kinds]


def batch_of(s, case):
    return s.array("input_tensor", inputs.normal(s.rng, (case.batch, case.size)))


def first_and_last_trainable(case):
    indices = [index for index, kind in enumerate(case.kinds) if "trainable" in kind]
    return {"first": indices[0], "last": indices[-1]}.items()


def forward(s, case):
    made = network(s, case, untrainable(case))
    s.call(made, "forward", label="loss")
    s.call(made, "forward", label="loss of the second batch")


def backward(s, case):
    """Backward for the newest batch, after one forward and after two."""
    made = network(s, case, untrainable(case))
    s.call(made, "forward")
    s.call(made, "backward")
    s.get(made, "layers[0].error_tensor", label="error at the first layer")
    s.call(made, "forward")
    s.call(made, "forward")
    s.call(made, "backward")
    s.get(made, "layers[0].error_tensor", label="error at the first layer, of the third batch")


def initialize(s, case):
    made = network(s, case, case.kinds, beside=True)
    for which, index in first_and_last_trainable(case):
        s.get(made, f"layers[{index}].weights", label=f"start weights of the {which} trainable layer")


def optimizers(s, case):
    """One step with the optimizer of two layers and with the one that was given: each is the first of its copy."""
    given = s.stand_in("optimizer", shallow=True)
    made = network(s, case, case.kinds, given, beside=True)
    shape = (case.size, case.size)
    weights, gradient = (s.array(name, inputs.normal(s.rng, shape)) for name in ("weights", "gradient"))
    for which, index in first_and_last_trainable(case):
        own = s.get(made, f"layers[{index}].optimizer", label=f"optimizer of the {which} trainable layer")
        s.call(own, "calculate_update", weights, gradient, label=f"first step of the {which} trainable layer")
    s.call(given, "calculate_update", weights, gradient, label="first step of the optimizer that was given")


def train(s, case):
    made = network(s, case, case.kinds)
    s.call(made, "train", case.iterations)
    s.call(made, "train", case.further_iterations)
    s.get(made, "loss", label="list of losses")
    s.get(made, "layers[0].weights", label="weights of the first layer after training")


def phases(s, case):
    """Phase "test" for a layer that is there already and for one that comes later, then training."""
    made = network(s, case, ["plain with phase", *untrainable(case)])
    s.set(made, "phase", "test")
    another_network(s)  # in phase "train"
    append(s, made, case, "plain with phase")
    s.call(made, "forward", label='loss in phase "test"')
    s.get(made, "phase", label="phase of the network")
    s.get(made, "layers[0].phase", label="phase of a layer")
    s.get(made, "layers[-1].phase", label="phase of a layer that was appended later")
    s.call(made, "train", 1)
    s.get(made, "phase", label="phase of the network after train")
    s.get(made, "layers[0].phase", label="phase of a layer after train")
    s.call(made, "forward", label="loss after train")


def test(s, case):
    """A prediction between two batches, from phase "train" and from phase "test"."""
    made = network(s, case, ["plain with phase", *untrainable(case)])
    s.set(made, "phase", "train")
    x = batch_of(s, case)
    s.call(made, "test", x, label="prediction")
    s.get(made, "phase", label="phase after test")
    s.call(made, "forward", label="loss after test")
    s.set(made, "phase", "test")
    s.call(made, "test", x)
    s.get(made, "phase", label='phase after test, where it was "test" before')


def nothing_learned(s, case):
    made = network(s, case, case.kinds)
    s.call(made, "train", 1)
    index = dict(first_and_last_trainable(case))["first"]
    for when in ("before", "after"):
        s.get(made, f"layers[{index}].weights", label=f"weights {when} test")
        s.call(s.get(made, "loss"), "__len__", label=f"number of losses {when} test")
        if when == "before":
            s.call(made, "test", batch_of(s, case))


def attributes(s, case):
    made = s.new("NeuralNetwork", *(s.stand_in(kind) for kind in ("optimizer", "initializer", "initializer")))
    s.get(made, "layers", label="layers of a new network")
    s.get(made, "loss", label="losses of a new network")
    made = network(s, case, case.kinds)
    s.get(made, "layers", label="list of layers")
    s.call(made, "forward")
    s.call(made, "backward")
    s.get(made, "loss", label="losses after forward and backward without train")
    s.call(made, "train", 1)
    s.get(made, "loss.__class__.__name__", label="type of `loss`")


def some_trainable(case):
    return case.number_of_trainable_layers > 0


neural_network = Exercise(
    name="neural_network",
    title="Neural network",
    symbols=("NeuralNetwork",),
    cases=network_cases(),
    count=44,
    plans={
        "forward": Plan(forward),
        "backward": Plan(backward),
        "initialize": Plan(initialize, cases=16, when=some_trainable),
        "optimizers": Plan(optimizers, cases=40, when=lambda case: case.number_of_trainable_layers > 1),
        "train": Plan(train),
        "phases": Plan(phases, cases=16),
        "test": Plan(test, cases=16),
        "nothing learned": Plan(nothing_learned, cases=8, when=some_trainable),
        "attributes": Plan(attributes, cases=6),
    },
    checks=(
        Values(name="forward", points=1.5, plan="forward", label="loss", also=("loss of the second batch",)),
        Values(
            name="backward",
            points=1.5,
            plan="backward",
            label="error at the first layer",
            also=("error at the first layer, of the third batch",),
            hint="The loss layer's gradient goes through the layers from the last to the first.",
        ),
        Values(
            name="initialize",
            points=1,
            plan="initialize",
            label="start weights of the first trainable layer",
            also=("start weights of the last trainable layer",),
            hint="append_layer calls the layer's initialize with the weights' initializer and the bias's.",
        ),
        Values(
            name="one optimizer per layer",
            points=1,
            plan="optimizers",
            label="optimizer of the first trainable layer",
            also=(
                "first step of the first trainable layer",
                "optimizer of the last trainable layer",
                "first step of the last trainable layer",
                "first step of the optimizer that was given",
            ),
            hint="Every trainable layer needs a deep copy of its own: optimizers remember what they did.",
        ),
        Values(
            name="training losses",
            points=1,
            plan="train",
            label="list of losses",
            also=("weights of the first layer after training",),
        ),
        Values(
            name="phases",
            points=0.5,
            plan="phases",
            label="phase of a layer",
            also=(
                "phase of a layer that was appended later",
                "phase of the network",
                'loss in phase "test"',
                "phase of a layer after train",
                "phase of the network after train",
                "loss after train",
            ),
            hint="Setting the network's phase reaches every layer that has one, and so does appending a layer.",
        ),
        Values(
            name="test mode",
            points=0.5,
            plan="test",
            label="prediction",
            also=("phase after test", "loss after test", 'phase after test, where it was "test" before'),
        ),
        Relations(
            name="test does not train",
            points=0.5,
            plan="nothing learned",
            after="test mode",
            label="weights after test",
            same=(
                Same(
                    "weights before test",
                    "weights after test",
                    "trained by test",
                    "The weights of a layer change in test.",
                    "test only computes a prediction: there is no backward in it.",
                ),
                Same(
                    "number of losses before test",
                    "number of losses after test",
                    "loss recorded by test",
                    "test adds to the list of losses.",
                    "Only train records losses.",
                ),
            ),
        ),
        Values(
            name="attributes",
            points=0.5,
            plan="attributes",
            label="list of layers",
            also=(
                "layers of a new network",
                "losses of a new network",
                "losses after forward and backward without train",
                "type of `loss`",
            ),
            tried="forward",
        ),
    ),
)


class LenetCase(NamedTuple):
    """Batches of handwritten digits; another sample has other digits and other start weights."""

    batch: int
    sample: int


PARAMETERS = {
    "layers[0]": {"weights": (6, 1, 3, 3), "bias": (6,)},
    "layers[3]": {"weights": (16, 6, 3, 3), "bias": (16,)},
    "layers[-2]": {"weights": (65, 10)},
}
TWINS = {"ReLU": (1, 4), "MaxPooling": (2, 5)}
ITERATIONS = 5


@cache
def digits():
    """Scikit-learn's 8x8 digits as images (b, 1, 8, 8) from 0 to 1, and their numbers."""
    from sklearn.datasets import load_digits

    loaded = load_digits()
    return loaded.images[:, None] / 16, loaded.target


def batches(s, case):
    """One batch for every iteration, all of different digits."""
    images, numbers = digits()
    chosen = s.rng.choice(len(images), (ITERATIONS, case.batch), replace=False)
    return [
        (s.array(f"digits_{n}", images[rows]), s.array(f"labels_{n}", np.eye(10)[numbers[rows]]))
        for n, rows in enumerate(chosen, 1)
    ]


def build(s):
    """build_lenet with stand-ins: an optimizer that takes equal steps, initializers that do not look at the fans."""
    optimizer = s.stand_in("optimizer", learning_rate=0.02)
    return s.use("build_lenet", optimizer, *(s.stand_in("initializer", fans=False) for _ in range(2)), label="network")


def ready(s, case):
    """A network with given weights and digits, as far as it has the layers."""
    made = build(s)
    for path, shapes in PARAMETERS.items():
        layer = s.get(made, path, label=path)
        fan_in = int(np.prod(shapes["weights"][1:])) if path != "layers[-2]" else 64
        for name, shape in shapes.items():
            start = inputs.normal(s.rng, shape) * np.sqrt((2 if len(shape) == 4 else 1) / fan_in)
            s.set(layer, name, s.array(f"{name}_of_{path.strip('layers[]').replace('-2', '7')}", start))
    s.set(made, "data_layer", s.stand_in("data", batches=batches(s, case)))
    return made


def structure(s, case):
    made = build(s)
    s.get(made, "layers", label="list of layers")
    s.get(made, "loss_layer", label="loss layer")
    s.get(made, "data_layer", label="data layer")
    for path, shapes in PARAMETERS.items():
        for name in shapes:
            s.get(made, f"{path}.{name}.shape", label=f"shape of {path}.{name}")


def handed_on(s, case):
    """A stand-in appended to the finished network tells which initializers and which optimizer it works with."""
    made = build(s)
    s.call(made, "append_layer", s.stand_in("layer", size=3, trainable=True))
    s.get(made, "layers[-1].weights", label="start weights of one more layer")
    weights, gradient = (s.array(name, inputs.normal(s.rng, (2, 3))) for name in ("weights", "gradient"))
    own = s.get(made, "layers[-1].optimizer", label="optimizer of one more layer")
    s.call(own, "calculate_update", weights, gradient, label="step of one more layer")


def separate(s, case):
    """backward of a layer, alone and after a forward of the other layer of its class."""
    made = build(s)
    for kind, (first, second) in TWINS.items():
        layers = s.get(made, f"layers[{first}]"), s.get(made, f"layers[{second}]")
        arrays = {f"{which}_of_{kind}": inputs.normal(s.rng, (2, 3, 4, 4)) for which in ("input", "other_input")}
        x, other = (s.array(name, values) for name, values in arrays.items())
        error = s.like(s.call(layers[0], "forward", x))
        s.call(layers[0], "backward", error, label=f"input gradient of the first {kind}")
        s.call(layers[0], "forward", x)
        s.call(layers[1], "forward", other)
        s.call(layers[0], "backward", error, label=f"input gradient of the first {kind} after the second")


def lenet_losses(s, case):
    """Forward and backward for every batch; train would do, but how it keeps its losses is another exercise."""
    made = ready(s, case)
    for number in range(1, ITERATIONS + 1):
        s.call(made, "forward", label=f"loss of iteration {number}")
        s.call(made, "backward")
        if number == 1:
            s.get(made, "layers[0].gradient_weights", label="weight gradient of the first convolution")


OTHER_FILES = "Look at your other files first: does each of them pass its own checks?"
LOSSES = tuple(f"loss of iteration {number}" for number in range(1, ITERATIONS + 1))
SHAPES = tuple(f"shape of {path}.{name}" for path, shapes in PARAMETERS.items() for name in shapes)

build_lenet = Exercise(
    name="build_lenet",
    title="LeNet for digits",
    symbols=("build_lenet",),
    needs=("conv.py", "activations.py", "pooling.py", "flatten.py", "fully_connected.py", "loss.py"),
    cases=st.builds(LenetCase, st.integers(2, 3), st.integers(0, 9)),
    count=3,
    public=2,
    plans={
        "structure": Plan(structure, cases=(LenetCase(1, 0),)),
        "separate": Plan(separate, cases=(LenetCase(1, 0),)),
        "handed on": Plan(handed_on, cases=(LenetCase(1, 0),)),
        "train": Plan(lenet_losses, cases=3),
    },
    checks=(
        Values(
            name="layers",
            points=1.5,
            plan="structure",
            label="list of layers",
            also=("loss layer", "data layer"),
            hint="The handout lists the layers in their order.",
        ),
        Values(
            name="parameter shapes",
            points=1,
            plan="structure",
            label=SHAPES[0],
            also=SHAPES[1:],
            hint="The arguments of the layers stand in the handout.",
        ),
        Relations(
            name="separate layers",
            points=0.5,
            plan="separate",
            label="input gradient of the first ReLU",
            same=tuple(
                Same(
                    f"input gradient of the first {kind}",
                    f"input gradient of the first {kind} after the second",
                    "one object twice",
                    f"layers[{first}] and layers[{second}], both {kind}, are one object at two places of the list, or "
                    "share what they remember.",
                    "Make a new object for every place, and keep what backward needs in `self`.",
                )
                for kind, (first, second) in TWINS.items()
            ),
        ),
        Values(
            name="initializers and optimizer",
            points=0.5,
            plan="handed on",
            label="start weights of one more layer",
            also=("step of one more layer",),
            hint="Hand the three arguments to NeuralNetwork in their order.",
        ),
        Values(name="first loss", points=1, plan="train", label=LOSSES[0], rtol=1e-6, hint=OTHER_FILES),
        Values(
            name="training losses",
            points=1.5,
            plan="train",
            label=LOSSES[1],
            also=("weight gradient of the first convolution", *LOSSES[2:]),
            rtol=1e-6,
            hint=OTHER_FILES,
        ),
    ),
)
