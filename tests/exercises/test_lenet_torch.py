"""The PyTorch topic keeps its promises: the handout's numbers, and who loses which points. It needs PyTorch."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic
from grader.packages import absent

ROOT = Path(__file__).resolve().parents[2]
TOPIC = read_topic(ROOT / "exercises/lenet_torch")
SOURCE = (ROOT / "tests/variants/lenet_torch/functional_view.py").read_text()
without_torch = pytest.mark.skipif(bool(absent(TOPIC.requires)), reason="PyTorch is not installed")


def needs_torch(test):
    """`make oracle` installs PyTorch: there these tests are run."""
    return pytest.mark.oracle(without_torch(test))


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_lenet_torch", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(TOPIC, workers, b"test", whole=False)


def result_of(exam, *edits):
    source = SOURCE
    for old, new in edits:
        assert old in source
        source = source.replace(old, new, 1)
    return exam.grade(source, siblings=False)["lenet_torch"]


def lost_by(exam, *edits):
    return {check.name for check in result_of(exam, *edits).checks if check.verdict != "pass"}


def told(exam, *edits):
    """Check to the sentence of its first finding."""
    return {check.name: check.findings[0].sentence for check in result_of(exam, *edits).checks if check.findings}


def test_the_handout_gives_every_check_with_its_points():
    table = TOPIC.handout.partition("## What is graded")[2]
    rows = dict(re.findall(r"^\| ([^:|]+?)(?::[^|]*)? \| (\S+) \|$", table, re.MULTILINE))
    (exercise,) = TOPIC.exercises
    assert {check.name: f"{check.points:g}" for check in exercise.checks} | {"**points**": "**10**"} == rows
    assert sum(check.points for check in exercise.checks) == 10


def test_the_parameters_of_the_handout_add_up():
    table = TOPIC.handout.partition("## Layers")[2].partition("All convolutions")[0]
    counts = [int(number.replace(",", "")) for number in re.findall(r"\| ([\d,]+) \|$", table, re.MULTILINE)]
    assert counts[:-1] == [6 * 26, 16 * 151, 120 * 401, 84 * 121, 10 * 85]
    assert sum(counts[:-1]) == counts[-1] == 61_706


@needs_torch
def test_the_reference_has_the_shapes_of_the_handout():
    import torch

    net = load(ROOT / "reference/lenet_torch.py").LeNet5()
    shapes = []
    for layer in net.children():
        layer.register_forward_hook(lambda layer, given, made: shapes.append(tuple(made.shape)))
    net(torch.zeros(2, 1, 28, 28))
    table = TOPIC.handout.partition("## Layers")[2].partition("All convolutions")[0]
    rows = re.findall(r"^\| `\w+` .*\| \(b, ([\d, ]+)\) \|", table, re.MULTILINE)
    assert shapes == [(2, *map(int, row.split(", "))) for row in rows]


@needs_torch
def test_the_functions_of_the_handout_are_those_of_the_grader():
    import torch

    from grader.worker.pytorch import PyTorch

    text = TOPIC.handout.partition("copy them to see the same:")[2].partition("Shapes and numbers")[0]
    theirs: dict = {}
    exec("\n".join(line.removeprefix("    ") for line in text.splitlines()), theirs)
    ours = PyTorch(0, {}, {})
    results = []
    for get in (lambda name: theirs[name], lambda name: getattr(ours, name)):
        net = load(ROOT / "reference/lenet_torch.py").LeNet5()
        get("fill")(net, 7)
        x = get("tensor")(np.random.default_rng(1).standard_normal((2, 1, 28, 28)), "float64", True)
        output = net(x)
        get("backward")(output, np.random.default_rng(2).standard_normal((2, 10)))
        found = [output, get("gradient")(x), *(get("summed_gradient")(net, name) for name, _ in net.named_parameters())]
        plain = [get("shape")(net, "fc1.weight"), get("kind")(net, "max_pool_1"), get("count")(net)]
        results.append((found, [*plain, get("testing")(net).training]))
    (tensors, values), (same, equal) = results
    assert values == equal == [(120, 400), "MaxPool2d", 61_706, False]
    assert all(torch.equal(one, other) for one, other in zip(tensors, same, strict=True))


@needs_torch
def test_a_network_of_layers_without_the_names_is_told_which_is_missing(exam):
    lost = lost_by(exam, ("self.conv1 = torch", "self.first = torch"), ("self.conv1(x)", "self.first(x)"))
    assert {"convolutions", "forward"} <= lost
    said = told(exam, ("self.conv1 = torch", "self.first = torch"), ("self.conv1(x)", "self.first(x)"))
    assert "there is no conv1.weight" in said["convolutions"]


@needs_torch
def test_layers_of_the_class_are_no_layers_of_a_network(exam):
    layer = "self.fc3 = torch.nn.Linear(84, 10)\n"
    assert "number of parameters" in lost_by(exam, (layer, "self.__dict__['fc3'] = torch.nn.Linear(84, 10)\n"))


@needs_torch
def test_a_network_that_forgets_where_it_came_from_loses_gradients_only(exam):
    lost = lost_by(exam, ("x = self.max_pool_2(x)", "x = torch.tensor(self.max_pool_2(x).tolist(), dtype=x.dtype)"))
    assert lost == {"input gradient", "parameter gradients"}


@needs_torch
def test_images_that_are_changed_cost_purity_and_what_autograd_refuses(exam):
    lost = lost_by(exam, ("return self.fc3(x)", "y = self.fc3(x)\n        images.data.zero_()\n        return y"),
                   ("def forward(self, x):", "def forward(self, x):\n        images = x"))  # fmt: skip
    assert "call order and purity" in lost and "forward" not in lost


@needs_torch
def test_an_array_is_no_tensor(exam):
    said = told(exam, ("return self.fc3(x)", "return self.fc3(x).detach().numpy()"))
    assert "forward" not in said
    assert "ValueError" in said["input gradient"]


@needs_torch
def test_flattening_the_batch_away_shows_in_the_shape_of_a_batch_of_one(exam):
    said = told(exam, ("x.view(-1, 16 * 5 * 5)", "torch.flatten(x)"))
    assert "shape (10,) where (1, 10) is expected" in said["shapes"]


@needs_torch
def test_chance_is_the_same_in_every_run(exam):
    edit = ("return self.fc3(x)", "return self.fc3(x) + torch.rand(10, dtype=x.dtype)")
    assert all(check.verdict != "nondeterministic" for check in result_of(exam, edit).checks)
    assert {"forward", "call order and purity"} <= lost_by(exam, edit)
