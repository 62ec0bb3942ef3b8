"""Networks from image to image, made of the student's own layers: encoder-decoder, U-Net, SegNet."""

from functools import cache, partial
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from grader.authoring import Example, Exercise, Plan, Raises, Relations, Same, Shapes, Values, gradient, inputs

ORDER = 130
NEEDS = ("conv.py", "activations.py", "pooling.py", "conv_variants.py")
OTHER_FILES = "If a check above fails, begin there. If none does: does each of your other files pass its own checks?"
PLACES = range(15)


class SegmentationCase(NamedTuple):
    """A network with given weights, and images that can be halved twice."""

    batch: int
    in_channels: int
    first_channels: int
    second_channels: int
    height: int
    width: int


CASES = st.builds(
    SegmentationCase,
    st.integers(1, 2),
    st.integers(1, 2),
    st.sampled_from([2, 3]),
    st.sampled_from([3, 2]),
    st.sampled_from([4, 8]),
    st.sampled_from([8, 4, 12]),
)


def shapes(symbol, in_channels, first, second):
    """The weights' shape of each convolution, by its place in `layers`."""
    inputs_of_decoder = 2 if symbol == "UNet" else 1
    return {
        0: (first, in_channels, 3, 3),
        3: (second, first, 3, 3),
        6: (second, second, 3, 3),
        9: (first, inputs_of_decoder * second, 3, 3),
        12: (first, inputs_of_decoder * first, 3, 3),
        14: (in_channels, first, 1, 1),
    }


CONVOLUTIONS = tuple(shapes("UNet", 1, 1, 1))


def shapes_of(symbol, case):
    return shapes(symbol, case.in_channels, case.first_channels, case.second_channels)


def new(symbol, s, case):
    return s.new(symbol, case.in_channels, (case.first_channels, case.second_channels))


def prepared(symbol, s, case, suffix=""):
    """A network with given weights: He's deviation, so that numbers stay of order 1 from layer to layer."""
    made = new(symbol, s, case)
    for place, shape in shapes_of(symbol, case).items():
        layer = s.get(made, f"layers[{place}]")
        weights = inputs.normal(s.rng, shape) * np.sqrt(2 / np.prod(shape[1:]))
        for name, values in (("weights", weights), ("bias", inputs.normal(s.rng, shape[:1]) / 4)):
            key = f"{name}_of_layer_{place}"
            data = s.array(key + suffix, s.arrays[key]) if suffix else s.array(key, values)
            s.set(layer, name, data)
    return made


def images(rng, case):
    return inputs.normal(rng, (case.batch, case.in_channels, case.height, case.width))


def main(symbol, s, case):
    made, x = prepared(symbol, s, case), s.array("input_tensor", images(s.rng, case))
    output = s.call(made, "forward", x, label="output")
    s.call(made, "backward", s.like(output), label="input gradient")
    for place in CONVOLUTIONS:
        s.get(made, f"layers[{place}].gradient_weights", label=f"weight gradient of layers[{place}]")


def structure(symbol, s, case):
    made = new(symbol, s, case)
    layers = s.get(made, "layers", label="list of layers")
    for place in PLACES:
        s.call(layers, "index", s.get(made, f"layers[{place}]"), label=f"first place of the object layers[{place}]")
    for place in CONVOLUTIONS:
        s.get(made, f"layers[{place}].weights.shape", label=f"shape of layers[{place}].weights")
    s.get(made, "trainable", label="trainable")


def by_default(symbol, s, case):
    made = s.new(symbol)
    for place in CONVOLUTIONS:
        s.get(made, f"layers[{place}].weights.shape", label=f"shape of layers[{place}].weights")


def calls(symbol, s, case):
    """Two networks with the same weights: what one has seen before, or the other one, must not matter."""
    a, b = prepared(symbol, s, case), prepared(symbol, s, case, "_b")
    x = s.array("input_tensor", images(s.rng, case))
    other = s.array("other_input", images(s.rng, case._replace(batch=1, height=case.width, width=case.height)))
    s.call(a, "forward", other)
    s.call(a, "forward", s.array("input_of_the_same_shape", images(s.rng, case)))
    output = s.call(a, "forward", x, label="output after another input")
    g = s.make(s.like(output), label="error")
    s.call(b, "forward", x, label="output")
    s.call(b, "backward", g, label="input gradient")
    s.call(b, "forward", other)
    s.call(new(symbol, s, case._replace(first_channels=1)), "forward", other)
    s.call(a, "backward", g, label="input gradient after another input and another network")
    s.call(a, "backward", g, label="input gradient again")


def parts(s, case, *kinds):
    """Layers of the grader, of which `kinds` tell whether they are trainable and have a phase."""
    return [s.stand_in("layer", size=3, trainable="trainable" in kind, phase="phase" in kind) for kind in kinds]


def with_parts(symbol, s, case, *kinds):
    """A network in which the grader's layers stand in the place of the student's own."""
    made, layers = new(symbol, s, case), parts(s, case, *kinds)
    s.set(made, "layers", layers)
    return made, layers


def initialize(symbol, s, case):
    """Own layers with initializers that do not look at the fans, then the grader's with some that do."""
    made = new(symbol, s, case)
    s.call(made, "initialize", *(s.stand_in("initializer", fans=False) for _ in range(2)))
    for place in CONVOLUTIONS:
        for name in ("weights", "bias"):
            s.get(made, f"layers[{place}].{name}", label=f"start {name} of layers[{place}]")
    made, layers = with_parts(symbol, s, case, "trainable", "plain", "trainable with phase")
    s.call(made, "initialize", s.stand_in("initializer"), s.stand_in("initializer"))
    for which, layer in (("first", layers[0]), ("last", layers[2])):
        s.get(layer, "weights", label=f"start weights of the {which} of other layers")


def optimizer(symbol, s, case):
    """Which layers move: the grader's, the student's own, none of them after None."""
    made, layers = with_parts(symbol, s, case, "trainable", "plain", "trainable")
    s.get(made, "optimizer", label="optimizer of a new network")
    s.set(made, "optimizer", s.stand_in("optimizer", learning_rate=0.25))  # one for all, or a copy each: both are right
    vectors = s.array("vectors", inputs.normal(s.rng, (2, 3)))
    for which, layer in (("first", layers[0]), ("last", layers[2])):
        s.call(layer, "forward", vectors)
        s.call(layer, "backward", vectors)
        s.get(layer, "weights", label=f"weights of the {which} of other layers after one step")
    s.set(made, "optimizer", None)
    s.get(made, "optimizer", label="optimizer of the network after None")
    for which, layer in (("first", layers[0]), ("last", layers[2])):
        s.get(layer, "optimizer", label=f"optimizer of the {which} of other layers after None")


def phase(symbol, s, case):
    made, layers = with_parts(symbol, s, case, "plain with phase", "plain", "trainable", "trainable with phase")
    s.get(made, "phase", label="phase of a new network")
    for value in ("test", "train"):
        s.set(made, "phase", value)
        s.get(made, "phase", label=f'phase of the network after "{value}"')
        for which, layer in (("first", layers[0]), ("last", layers[3])):
            s.get(layer, "phase", label=f'phase of the {which} layer after "{value}"')


class SizeCase(NamedTuple):
    """An image one of whose sides is no multiple of 4."""

    height: int
    width: int


SIZES = tuple(SizeCase(*sides) for sides in ((6, 8), (8, 6), (4, 5), (7, 4), (2, 4), (4, 10)))


def sizes(symbol, s, case):
    made = s.new(symbol, 1, (2, 3))
    s.call(made, "forward", s.array("input_tensor", inputs.normal(s.rng, (1, 1, *case))), label="output")


class DenoisingCase(NamedTuple):
    """Batches of handwritten digits and of the same with noise."""

    batch: int


STEPS = 3
LEARNING_RATE = 0.002


@cache
def digits():
    """Scikit-learn's 8x8 digits as images (b, 1, 8, 8) from 0 to 1."""
    from sklearn.datasets import load_digits

    return load_digits().images[:, None] / 16


def denoising(symbol, s, case):
    """Steps along the gradient of the sum of squares, which is worked out here: loss.py is another topic."""
    made = prepared(symbol, s, SegmentationCase(case.batch, 1, 2, 3, 8, 8))
    s.set(made, "optimizer", s.stand_in("optimizer", learning_rate=LEARNING_RATE))
    chosen = s.rng.choice(len(digits()), (STEPS, case.batch), replace=False)
    for number, rows in enumerate(chosen, 1):
        clean = s.array(f"digits_{number}", digits()[rows])
        noise = inputs.normal(s.rng, s.arrays[clean.name].shape) / 2
        prediction = s.call(made, "forward", s.array(f"noisy_digits_{number}", digits()[rows] + noise))
        difference = s.call(prediction, "__sub__", clean)
        s.call(s.call(difference, "__mul__", difference), "sum", label=f"loss of step {number}")
        s.call(made, "backward", s.call(difference, "__mul__", 2.0))


IDENTITY = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
IMAGE = [[3, 1, 2, 5], [6, 4, 7, 9], [3, 2, 1, 4], [1, 8, 2, 3]]


def passing_on(symbol):
    """The handout's example: every convolution adds up its input channels, pixel by pixel."""
    arrays = {"input_tensor": [[IMAGE]]}
    for place, (_, channels, height, _) in shapes(symbol, 1, 1, 1).items():
        arrays[f"weights_of_layer_{place}"] = [[IDENTITY if height == 3 else [[1]]] * channels]
        arrays[f"bias_of_layer_{place}"] = [0]
    return Example("handout: convolutions that pass on", SegmentationCase(1, 1, 1, 1, 4, 4), arrays)


def same(first, second, code, sentence, hint):
    return Same(first, second, code, sentence, hint)


AFTER = "input gradient after another input and another network"
CALL_ORDER = (
    same(
        "output",
        "output after another input",
        "stale forward",
        "forward depends on the inputs of earlier calls.",
        "Everything that forward keeps must be written anew at each call.",
    ),
    same(
        "input gradient",
        AFTER,
        "shared state",
        "The input gradient changes when the network has seen another image before, or another network is used.",
        "Make the layers in `__init__` and keep them in `self`, and keep what forward finds anew at each call.",
    ),
    same(
        AFTER,
        "input gradient again",
        "backward twice",
        "A second backward with the same error gives another input gradient.",
        "Does backward add to something that it keeps, or change the error tensor?",
    ),
)


def values(name, points, plan, labels, **more):
    return Values(name=name, points=points, plan=plan, label=labels[0], also=tuple(labels[1:]), **more)


def checks():
    """The same for all three networks."""
    weight_shapes = [f"shape of layers[{place}].weights" for place in CONVOLUTIONS]
    started = [f"start {name} of layers[{place}]" for place in CONVOLUTIONS for name in ("weights", "bias")]
    others = [f"{which} of other layers" for which in ("first", "last")]
    phases = [f'phase of the {which} after "{value}"' for value in ("test", "train") for which in
              ("first layer", "last layer", "network")]  # fmt: skip
    return (
        values(
            "layers",
            0.5,
            "structure",
            ["list of layers", *(f"first place of the object layers[{place}]" for place in PLACES), "trainable"],
            hint="The handout lists the 15 layers in order. Every place has an object of its own: a layer keeps what "
            "its backward needs.",
        ),
        values(
            "parameter shapes", 0.25, "structure", weight_shapes, hint="The arguments of the layers are in the handout."
        ),
        values("default arguments", 0.25, "default", weight_shapes, hint="in_channels=1, channels=(8, 16)"),
        Shapes(name="shapes", points=0.25, plan="main"),
        Values(name="forward", points=1, plan="main", hint=OTHER_FILES),
        gradient("input", 0.5),
        values(
            "weight gradients",
            0.5,
            "main",
            [f"weight gradient of layers[{place}]" for place in CONVOLUTIONS],
            after="forward",
            hint="backward of every layer must be called once, with the error at its own output.",
        ),
        values(
            "initialize",
            0.25,
            "initialize",
            [f"start weights of the {which}" for which in others] + started,
            hint="Everything trainable in `layers` is initialized, with the two initializers in this order.",
        ),
        values(
            "optimizer",
            0.25,
            "optimizer",
            [f"weights of the {which} after one step" for which in others]
            + [f"optimizer of the {which} after None" for which in others]
            + ["optimizer of a new network", "optimizer of the network after None"],
            hint="Setting the network's optimizer sets that of everything trainable in `layers`.",
        ),
        values(
            "phase",
            0.25,
            "phase",
            [*phases, "phase of a new network"],
            hint="Setting the network's phase sets that of everything in `layers` that has one.",
        ),
        Raises(name="illegal sizes", points=0.25, plan="sizes", after="forward"),
        Relations(name="call order and purity", points=0.25, plan="calls", after="forward", same=CALL_ORDER),
        values(
            "training losses",
            0.5,
            "denoising",
            [f"loss of step {number}" for number in range(1, STEPS + 1)],
            rtol=1e-6,
            after="forward",
            hint=OTHER_FILES,
        ),
    )


def exercise(name, title, symbol):
    """One of the three: they differ in the network, not in what is asked of it."""
    some = SegmentationCase(1, 2, 3, 4, 4, 8)
    return Exercise(
        name=name,
        title=title,
        symbols=(symbol,),
        needs=NEEDS,
        cases=CASES,
        count=8,
        public=4,
        examples=(passing_on(symbol),),
        plans={
            "main": Plan(partial(main, symbol)),
            "structure": Plan(partial(structure, symbol), cases=(some, some._replace(in_channels=1, first_channels=2))),
            "default": Plan(partial(by_default, symbol), cases=(some,)),
            "initialize": Plan(partial(initialize, symbol), cases=(some,)),
            "optimizer": Plan(partial(optimizer, symbol), cases=(some,)),
            "phase": Plan(partial(phase, symbol), cases=(some,)),
            "sizes": Plan(partial(sizes, symbol), cases=SIZES),
            "calls": Plan(partial(calls, symbol), cases=1),
            "denoising": Plan(partial(denoising, symbol), cases=(DenoisingCase(2),)),
        },
        checks=checks(),
    )


encoder_decoder = exercise("encoder_decoder", "Encoder-decoder", "EncoderDecoder")
unet = exercise("unet", "U-Net", "UNet")
segnet = exercise("segnet", "SegNet", "SegNet")
