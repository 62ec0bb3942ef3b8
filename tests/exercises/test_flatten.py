"""The flatten topic keeps its promises: the handout's numbers, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_flatten", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/flatten"), workers, b"test")


def student(forward, backward="return error_tensor.reshape(self.shape)"):
    """A file with these two bodies."""
    return f"""
import numpy as np

class Flatten:
    trainable = False

    def forward(self, input_tensor):
        self.shape = input_tensor.shape
        {forward}

    def backward(self, error_tensor):
        {backward}
"""


def lost_by(exam, source):
    """The checks that lose points."""
    return {check for _, check, _ in exam.lost(exam.grade(source))}


def test_two_samples_become_two_rows_and_come_back():
    layer = load(ROOT / "reference/flatten.py").Flatten()
    images = np.arange(1, 17).reshape(2, 2, 2, 2)
    assert layer.forward(images).tolist() == [list(range(1, 9)), list(range(9, 17))]
    assert layer.backward(layer.forward(images)).tolist() == images.tolist()
    assert layer.forward(np.zeros((3, 40, 7, 7))).shape == (3, 1960)


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/flatten")
    rows = {
        line.strip("| ").split("|")[0].split(":")[0].strip(): line.strip("| ").split("|")[1].strip()
        for line in topic.handout.splitlines()
        if line.startswith("| ")
    }
    for check in topic.exercises[0].checks:
        assert rows[check.name] == f"{check.points:g}", check.name
    assert rows["**points**"] == f"**{sum(check.points for check in topic.exercises[0].checks):g}**"


def test_views_of_the_arguments_get_everything_also_for_integers(exam):
    assert exam.right("views", student("return input_tensor.reshape(input_tensor.shape[0], -1)")) == []
    assert exam.right("more views", student("return input_tensor.reshape(self.shape[0], -1)[:, ::-1][:, ::-1]")) == []


def test_a_new_shape_given_in_place_costs_call_order_only(exam):
    source = student("input_tensor.shape = (self.shape[0], -1)\n        return input_tensor")
    assert lost_by(exam, source) == {"call order and purity"}


def test_four_axes_only_cost_that_check_only(exam):
    assert lost_by(exam, student("b, c, h, w = self.shape\n        return input_tensor.reshape(b, c * h * w)")) == {
        "any number of axes"
    }


def test_swapped_rows_and_columns_are_wrong_although_shapes_fit(exam):
    lost = lost_by(exam, student("return np.swapaxes(input_tensor, -1, -2).reshape(self.shape[0], -1)"))
    assert {"forward", "any number of axes"} <= lost
    assert "shapes" not in lost


def test_a_remembered_batch_size_costs_call_order_only(exam):
    source = student("self.b = getattr(self, 'b', self.shape[0])\n        return input_tensor.reshape(self.b, -1)")
    assert lost_by(exam, source) == {"call order and purity"}
