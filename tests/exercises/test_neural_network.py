"""The network's topic keeps its promises: the handout's numbers, who loses which points, which file blocks LeNet."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.template import skeleton
from grader.authoring.topics import read_topic
from grader.course import Course
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.report import Isolation
from grader.running.submission import SourceFile, Submission

ROOT = Path(__file__).resolve().parents[2]
FILES = {path.name: path.read_text() for path in (ROOT / "reference").glob("*.py")}
SOURCE = FILES["neural_network.py"]


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_network", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/neural_network"), workers, b"test")


def graded(exam, files, course=None):
    """Results by exercise, for these files instead of the reference's."""
    course = course or Course(title="test")
    handed_in = tuple(SourceFile(path, text.encode()) for path, text in sorted(files.items()))
    judge = Judge(course, asked(course, exam.bundles), exam.launcher, Isolation(0))
    return {result.exercise: result for result in judge.results(Submission("one", handed_in, ()))}


def lost_by(exam, source):
    """The checks that lose points, by exercise."""
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def replaced(*edits):
    source = SOURCE
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/neural_network")
    graded_part = topic.handout.partition("## What is graded")[2]
    for exercise, text in zip(topic.exercises, graded_part.split("| build_lenet |"), strict=True):
        rows = dict(
            [cell.strip() for cell in line.strip("| ").split("|")]
            for line in text.splitlines()
            if line.startswith("| ")
        )
        rows = {name.split(":")[0]: points for name, points in rows.items()}
        for check in exercise.checks:
            assert rows[check.name] == f"{check.points:g}", (exercise.name, check.name)
        assert rows["**all**"] == f"**{sum(check.points for check in exercise.checks):g}**"


class Times:
    """The handout's layer."""

    trainable = False

    def __init__(self, factor):
        self.factor = factor

    def forward(self, input_tensor):
        return self.factor * input_tensor

    def backward(self, error_tensor):
        self.error = error_tensor
        return self.factor * error_tensor


class Squares:
    def forward(self, prediction_tensor, label_tensor):
        self.prediction = prediction_tensor
        return float(np.sum((prediction_tensor - label_tensor) ** 2))

    def backward(self, label_tensor):
        return 2 * (self.prediction - label_tensor)


class Once:
    def next(self):
        return np.array([[1.0]]), np.array([[5.0]])


def test_the_reference_gives_the_numbers_of_the_handout():
    network = load(ROOT / "reference/neural_network.py").NeuralNetwork(None, None, None)
    network.data_layer, network.loss_layer = Once(), Squares()
    first, second = Times(2), Times(3)
    network.append_layer(first)
    network.append_layer(second)
    assert network.forward() == 1
    network.backward()
    assert (second.error, first.error, 2 * first.error) == (2, 6, 12)
    assert network.loss == []


@pytest.mark.parametrize(
    "edits",
    [
        # an optimizer copied twice, layers initialized twice
        [
            ("copy.deepcopy(self.optimizer)", "copy.deepcopy(copy.deepcopy(self.optimizer))"),
            ("layer.initialize(", "layer.initialize(*2 * [self.bias_initializer])\n            layer.initialize("),
        ],
        # the phase handed on in forward
        [
            ("        for layer in self.layers:\n            self._hand_phase_to(layer)\n", ""),
            ("        self._hand_phase_to(layer)\n        self.layers.append", "        self.layers.append"),
            (
                "            input_tensor = layer",
                "            self._hand_phase_to(layer)\n            input_tensor = layer",
            ),
        ],
        # a phase for every layer, an optimizer for every layer
        [
            ('        if hasattr(layer, "phase"):\n            layer.phase', "        layer.phase"),
            ("        if layer.trainable:\n            layer.opt", "        layer.opt"),
            (
                "            layer.initialize(",
                '        if hasattr(layer, "initialize"):\n            layer.initialize(',
            ),
        ],
        [("copy.deepcopy(self.optimizer)", "__import__('pickle').loads(__import__('pickle').dumps(self.optimizer))")],
        [("self.layers.append(layer)", "self.layers.append(copy.deepcopy(layer))")],
    ],
    ids=["copied twice", "phase in forward", "attributes everywhere", "pickled", "layers copied"],
)
def test_unusual_correct_networks_get_all_points(exam, edits):
    assert exam.right("unusual", replaced(*edits)) == []


def test_only_the_optimizer_and_the_training_suffer_from_a_shallow_copy(exam):
    source = replaced(("copy.deepcopy(self.optimizer)", "copy.copy(self.optimizer)"))
    assert lost_by(exam, source) == {
        ("neural_network", "one optimizer per layer"),
        ("neural_network", "training losses"),
    }


def test_one_iteration_too_many_is_found(exam):
    lost = lost_by(exam, replaced(("range(iterations)", "range(iterations + 1)")))
    assert ("neural_network", "training losses") in lost
    assert not {check for exercise, check in lost if exercise == "build_lenet"}


def test_a_phase_of_another_type_costs_only_what_is_about_phases(exam):
    lost = lost_by(exam, replaced(("layer.phase = self.phase", 'layer.phase = self.phase == "test"')))
    assert lost == {("neural_network", "phases"), ("neural_network", "test mode")}


def test_one_layer_object_in_two_places_of_lenet_is_found(exam):
    source = replaced(
        (" 6))\n    network.append_layer(ReLU())", " 6))\n    relu = ReLU()\n    network.append_layer(relu)"),
        ("16))\n    network.append_layer(ReLU())", "16))\n    network.append_layer(relu)"),
    )
    assert lost_by(exam, source) == {("build_lenet", "separate layers"), ("build_lenet", "training losses")}
    finding = next(c for c in graded(exam, {**FILES, "neural_network.py": source})["build_lenet"].checks if c.findings)
    assert finding.findings[0].sentence.startswith("One ReLU object stands at two places")


def test_one_layer_object_of_another_making_is_told_by_its_places(exam):
    source = replaced(
        (
            " 6))\n    network.append_layer(ReLU())",
            " 6))\n    relu = ReLU()\n    pool = MaxPooling(2, 2)\n    network.append_layer(relu)",
        ),
        ("16))\n    network.append_layer(ReLU())", "16))\n    network.append_layer(relu)"),
    ).replace("append_layer(MaxPooling(2, 2))", "append_layer(pool)")
    results = graded(exam, {**FILES, "neural_network.py": source})["build_lenet"]
    finding = next(check for check in results.checks if check.findings).findings[0]
    assert finding.sentence.startswith("layers[1] and layers[4], both ReLU, are one object at two places of the list")


def test_a_network_that_updates_weights_by_hand_shows_without_lenet(exam):
    back = "            error_tensor = layer.backward(error_tensor)"
    by_hand = "\n            if hasattr(layer, 'gradient_weights'):\n"
    by_hand += "                layer.weights = layer.weights - 0.1 * layer.gradient_weights"
    assert ("neural_network", "training losses") in lost_by(exam, replaced((back, back + by_hand)))


def test_a_data_layer_in_lenet_is_found(exam):
    source = replaced(("    network.loss_layer =", "    network.data_layer = 0\n    network.loss_layer ="))
    assert lost_by(exam, source) == {("build_lenet", "layers")}


@pytest.mark.parametrize("name", ["neural_network.py", "variants"], ids=["imports inside", "imports on top"])
def test_a_network_alone_gets_all_points_and_lenet_names_the_file_that_is_missing(exam, name):
    source = SOURCE if name in FILES else (ROOT / "tests/variants/neural_network/imports_on_top.py").read_text()
    others = {path: text for path, text in FILES.items() if path != "pooling.py"}
    for files, blocking in (({}, "conv.py"), (others, "pooling.py")):
        results = graded(exam, {**files, "neural_network.py": source})
        assert results["neural_network"].verdict == "pass"
        for check in results["build_lenet"].checks:
            assert (check.verdict, check.points) == ("blocked", 0)
            assert check.findings[0].sentence.startswith(f"{blocking} was not handed in")


@pytest.mark.parametrize("name", ["conv.py", "loss.py", "flatten.py"])
def test_lenet_names_the_file_that_is_still_to_be_written(exam, name):
    results = graded(exam, {**FILES, name: skeleton(FILES[name])})
    assert results["neural_network"].verdict == "pass"
    first = next(check for check in results["build_lenet"].checks if check.verdict != "pass")
    assert first.verdict == "blocked"
    assert first.findings[0].sentence.startswith(f"{name} is still to be written")


def test_lenet_names_the_file_that_does_not_load(exam):
    first = graded(exam, {**FILES, "pooling.py": "class MaxPooling(:\n"})["build_lenet"].checks[0]
    assert first.findings[0].sentence.startswith("pooling.py could not be loaded")


def test_lenet_names_the_file_in_which_training_fails(exam):
    broken = FILES["fully_connected.py"].replace(
        "    def backward(self, error_tensor):", "    def backward(self, error_tensor):\n        raise IndexError"
    )
    checks = {
        check.name: check for check in graded(exam, {**FILES, "fully_connected.py": broken})["build_lenet"].checks
    }
    assert [name for name, check in checks.items() if check.points < check.max_points] == ["training losses"]
    assert "in fully_connected.py, line" in checks["training losses"].findings[0].sentence


def test_wrong_optimizers_and_initializers_cost_nothing_here(exam):
    files = {**FILES, "optimizers.py": "raise ValueError", "initializers.py": ""}
    assert {result.verdict for result in graded(exam, files).values()} == {"pass"}


def test_a_course_may_call_layers_and_attributes_otherwise(exam):
    names = {"MaxPooling": "Pooling", "data_layer": "data", "append_layer": "add", "phase": "mode"}
    files = dict(FILES)
    for ours, theirs in names.items():
        files = {path: text.replace(ours, theirs) for path, text in files.items()}
    assert {result.verdict for result in graded(exam, files, Course(title="test", names=names)).values()} == {"pass"}


def test_a_convolution_of_seven_loops_needs_less_than_a_second_of_each_probe(exam):
    files = {**FILES, "conv.py": (ROOT / "tests/variants/conv/seven_loops.py").read_text()}
    result = graded(exam, files)["build_lenet"]
    assert result.verdict == "pass"
    assert result.cpu_seconds < 4  # four probes of five iterations each, and ten of one forward
