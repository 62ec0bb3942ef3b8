"""A wrong forward pass costs what it spoils and nothing else; a stub that computes nothing is not paid."""

import importlib.util
import sys
from pathlib import Path

import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
LAYERS = {
    "activations": ("Sigmoid", "TanH", "ReLU", "LeakyReLU", "SoftMax"),
    "pooling": ("MaxPooling", "AveragePooling", "GlobalAveragePooling", "BlurPooling"),
    "flatten": ("Flatten",),
    "fully_connected": ("FullyConnected",),
    "conv": ("Conv",),
    "conv_matrix": ("MatrixConv",),
    "conv_variants": (
        "Conv2d",
        "TransposedConv2d",
        "NearestUpsampling",
        "BilinearUpsampling",
        "MaxUnpooling",
    ),
    "normalization": ("BatchNormalization", "InstanceNormalization"),
    "residual": ("ResidualBlock",),
}
UNRELATED = {
    "trainable",
    "attributes",
    "illegal arguments",
    "call order and purity",
    "integer input",
    "notation",
    "notations",
    "optimizer",
    "gradient of the old weights",
    "new weights",
}
COMPARED = {"call order and purity", "integer input", "notation", "notations", "new weights"}
WRAPPED = """
def spoil(layer):
    original = layer.forward
    def forward(self, input_tensor, *more):
        right = lambda self, tensor: original(self, tensor, *more)
        return {result}
    layer.forward = forward
for layer in ({layers},):
    spoil(layer)
"""
STUB = """
import numpy as np
class {name}:
    trainable = {trainable}
    optimizer = None
    def __init__(self, *arguments): pass
    def forward(self, tensor, *labels): {forward}
    def backward(self, tensor): {backward}
"""
STUBS = {
    "zeros": ("return np.zeros_like(tensor, dtype=float)",) * 2,
    "a constant": ("return np.full(np.shape(tensor), 0.25)",) * 2,
    "its argument": ("return tensor",) * 2,
    "twice its argument": ("return 2.0 * tensor",) * 2,
    "nothing": ("return None",) * 2,
    "refuses everything": ("raise ValueError", "raise ValueError"),
    "no methods": ("raise NotImplementedError", "raise NotImplementedError"),
}


NUMBERS = {
    "0": ("return 0.0", "return np.zeros(np.shape(tensor))"),
    "the sum": ("return float(np.sum(tensor))", "return tensor"),
    "the mean": ("return float(np.mean(tensor))", "return np.zeros(np.shape(tensor))"),
    "nothing": ("return None", "return None"),
    "its argument": ("return tensor", "return tensor"),
}
FLAT = "gradient at probability 0"
WEIGHTS = {
    "zeros": "np.zeros(np.shape(weights))",
    "the weights": "weights",
    "the gradient": "gradient",
    "the weights doubled": "2.0 * weights",
    "nothing": "None",
}


def exam_module():
    if "exam_for_credit" not in sys.modules:
        spec = importlib.util.spec_from_file_location("exam_for_credit", ROOT / "tests/exam/exam.py")
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["exam_for_credit"]


@pytest.fixture(scope="module", params=LAYERS)
def exam(request, workers):
    return exam_module().Exam(read_topic(ROOT / "exercises" / request.param), workers, b"test", whole=False)


def wrapped(exam, result):
    source = exam.reference.source(exam.topic.file)
    return source + WRAPPED.format(result=result, layers=", ".join(LAYERS[exam.topic.name]))


def lost(exam, source):
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


@pytest.mark.parametrize(
    "result",
    ["(lambda y: y + np.cos(3.0 * y))(right(self, input_tensor))", "right(self, input_tensor)[::-1] * 1.5 - 1.0"],
)
def test_a_wrong_forward_costs_nothing_that_can_be_judged_without_it(exam, result):
    gone = lost(exam, wrapped(exam, result))
    assert {check for _, check in gone} >= {"forward"}
    assert {(exercise, check) for exercise, check in gone if check in UNRELATED} == set()


def test_a_forward_that_raises_costs_no_attributes(exam):
    gone = {check for _, check in lost(exam, wrapped(exam, "right(self, input_tensor) + undefined"))}
    assert gone >= {"forward", "call order and purity"}
    assert not gone & {"trainable", "attributes"}
    assert "illegal arguments" not in gone or exam.topic.name == "nothing"


def test_zeros_of_the_right_shape_do_not_earn_what_compares_results_with_each_other(exam):
    gone = lost(exam, wrapped(exam, "0.0 * right(self, input_tensor)"))
    checks = {(exercise.name, check.name) for exercise in exam.topic.exercises for check in exercise.checks}
    assert {(exercise, check) for exercise, check in checks if check in COMPARED} <= gone


@pytest.mark.parametrize("stub", STUBS)
def test_a_stub_earns_at_most_a_tenth(exam, stub):
    forward, backward = STUBS[stub]
    trainable = exam.topic.name in ("conv", "conv_matrix", "conv_variants", "fully_connected", "normalization")
    source = "".join(
        STUB.format(name=name, trainable=trainable, forward=forward, backward=backward)
        for name in LAYERS[exam.topic.name]
    )
    for result in exam.grade(source).values():
        earned = {check.name: check.points for check in result.checks if check.points}
        assert result.points <= 0.1 * result.max_points, (result.exercise, earned)
        assert stub not in ("nothing", "no methods") or not earned


@pytest.fixture(scope="module")
def losses(workers):
    return exam_module().Exam(read_topic(ROOT / "exercises/loss"), workers, b"test", whole=False)


@pytest.fixture(scope="module")
def optimizers(workers):
    return exam_module().Exam(read_topic(ROOT / "exercises/optimizers"), workers, b"test", whole=False)


@pytest.mark.parametrize("stub", NUMBERS)
def test_a_loss_that_computes_nothing_earns_at_most_a_tenth(losses, stub):
    forward, backward = NUMBERS[stub]
    source = "".join(
        STUB.format(name=name, trainable=False, forward=forward, backward=backward)
        for name in ("CrossEntropyLoss", "L2Loss")
    )
    for result in losses.grade(source).values():
        assert result.points <= 0.1 * result.max_points, result.exercise


@pytest.mark.parametrize("stub", WEIGHTS)
def test_an_optimizer_that_computes_nothing_earns_at_most_a_tenth(optimizers, stub):
    source = "import numpy as np\n" + "".join(
        f"class {name}:\n    def __init__(self, *rates): pass\n"
        f"    def calculate_update(self, weights, gradient): return {WEIGHTS[stub]}\n"
        for name in ("Sgd", "SgdWithMomentum", "RmsProp", "Adam")
    )
    for result in optimizers.grade(source).values():
        assert result.points <= 0.1 * result.max_points, result.exercise


def test_a_wrong_loss_or_step_costs_nothing_that_can_be_judged_without_it(losses, optimizers):
    source = losses.reference.source("loss.py")
    for old in ("return float(-np.sum(", "return float(np.sum("):
        assert source.count(old) == 1
        source = source.replace(old, old.replace("float(", "1.5 + 0.7 * float("))
    assert {check for _, check in lost(losses, source)} <= {"forward", "gradient"} | {"probability 0", FLAT}
    source = optimizers.reference.source("optimizers.py").replace("return weights ", "return 1.25 * weights ")
    assert "separate objects" not in {check for _, check in lost(optimizers, source)}
