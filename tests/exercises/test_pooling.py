"""The pooling topic keeps its promises: the lectures' numbers, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
LOOPS = (ROOT / "tests/variants/pooling/loops.py").read_text()
LECTURE_A = np.array([[[[3, 1, 3, 5], [6, 0, 7, 9], [3, 2, 1, 4], [0, 2, 4, 3]]]])
LECTURE_D = np.array([[[[12, 20, 30, 0], [20, 12, 2, 0], [0, 70, 5, 2], [8, 2, 90, 3]]]])
LECTURE_E = np.array(
    [
        [
            [
                [206, 205, 247, 245, 244],
                [244, 161, 137, 244, 254],
                [192, 154, 75, 200, 249],
                [90, 109, 96, 143, 223],
                [67, 69, 107, 196, 236],
            ]
        ]
    ]
)
ROW = np.array([[[[1.0, 5.0, 2.0]]]])
ERROR = np.array([[[[1.0, 10.0]]]])


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_pooling", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pooling():
    return load(ROOT / "reference/pooling.py")


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(read_topic(ROOT / "exercises/pooling"), workers, b"test")


def lost_by(exam, source):
    """The checks that lose points, by exercise."""
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def replaced(old, new, count=1):
    assert LOOPS.count(old) >= count
    return LOOPS.replace(old, new, count)


def test_max_pooling_gives_the_numbers_of_lectures_a_and_d(pooling):
    layer = pooling.MaxPooling(2, 2)
    assert layer.forward(LECTURE_A)[0, 0].tolist() == [[6, 9], [3, 4]]
    assert layer.indices[0, 0].tolist() == [[4, 7], [8, 11]]
    assert layer.forward(LECTURE_D)[0, 0].tolist() == [[20, 30], [70, 90]]


def test_average_pooling_gives_the_numbers_of_lectures_a_and_d(pooling):
    layer = pooling.AveragePooling(2, 2)
    assert layer.forward(LECTURE_A)[0, 0].tolist() == [[2.5, 6], [1.75, 3]]
    assert layer.forward(LECTURE_D)[0, 0].tolist() == [[16, 8], [20, 25]]


def test_global_average_pooling_gives_the_mean_of_the_table(pooling):
    assert pooling.GlobalAveragePooling().forward(LECTURE_A).tolist() == [[53 / 16]]


def test_blur_pooling_gives_the_numbers_of_lecture_e_inside_of_the_ring(pooling):
    blurred = pooling.BlurPooling(1).forward(LECTURE_E)[0, 0]
    assert np.round(blurred[1:-1, 1:-1]).tolist() == [[178, 175, 216], [141, 133, 183], [106, 117, 167]]
    assert blurred[0, 0] == 117.6875


def test_gradients_are_those_of_the_handout(pooling):
    largest, mean = pooling.MaxPooling((1, 1), (1, 2)), pooling.AveragePooling((1, 1), (1, 2))
    assert largest.forward(ROW).tolist() == [[[[5, 5]]]]
    assert largest.backward(ERROR).tolist() == [[[[0, 11, 0]]]]
    assert mean.forward(ROW).tolist() == [[[[3, 3.5]]]]
    assert mean.backward(ERROR).tolist() == [[[[0.5, 5.5, 5]]]]


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/pooling")
    rows = {
        line.strip("| ").split("|")[0].split(":")[0].strip(): [cell.strip() for cell in line.strip("|").split("|")[1:]]
        for line in topic.handout.splitlines()
        if line.startswith("| ")
    }
    for column, exercise in enumerate(topic.exercises):
        for check in exercise.checks:
            assert rows[check.name][column] == f"{check.points:g}", (exercise.name, check.name)
        assert rows["**points**"][column] == f"**{sum(check.points for check in exercise.checks):g}**"


def test_a_gradient_that_grows_from_call_to_call_costs_call_order_only(exam):
    source = replaced(
        "self.indices = np.zeros(", "self.grad = np.zeros(x.shape)\n        self.indices = np.zeros("
    ).replace("grad = np.zeros(self.shape)\n        B, C, oy", "grad = self.grad\n        B, C, oy")
    assert lost_by(exam, source) == {("max_pooling", "call order and purity")}


def test_a_gradient_in_the_dtype_of_an_integer_input_costs_integer_input_only(exam):
    source = replaced("x = np.asarray(input_tensor, dtype=float)\n", "x = self.x = np.asarray(input_tensor)\n").replace(
        "grad = np.zeros(self.shape)", "grad = np.zeros_like(self.x)", 1
    )
    assert lost_by(exam, source) == {("max_pooling", "integer input")}


def test_numpy_integers_that_are_not_taken_as_numbers_cost_notation_only(exam):
    source = replaced("if isinstance(value, (tuple, list, np.ndarray)):", "if not isinstance(value, int):")
    layers = ("max_pooling", "average_pooling", "blur_pooling")
    assert lost_by(exam, source) == {(layer, "notation") for layer in layers}


def test_windows_that_must_be_pairs_cost_notation_only(exam):
    source = (ROOT / "reference/pooling.py").read_text()
    pairs = source.replace("(value, value) if np.ndim(value) == 0 else tuple(value)", "tuple(value)")
    assert pairs != source
    lost = {(layer, check) for layer, check in lost_by(exam, pairs) if layer != "blur_pooling"}
    assert lost == {("max_pooling", "notation"), ("average_pooling", "notation")}


def test_missing_indices_cost_that_check_only(exam):
    assert lost_by(exam, LOOPS.replace("self.indices", "self.winners")) == {("max_pooling", "indices")}


def test_a_border_that_is_wrapped_around_is_blamed_on_the_border(exam):
    wrong = replaced(
        "if 0 <= y < Y and 0 <= xx < X:\n" + 24 * " " + "out[b, c, i, j] += self.KERNEL[p][q] / 16 * x[b, c, y, xx]",
        "out[b, c, i, j] += self.KERNEL[p][q] / 16 * x[b, c, y % Y, xx % X]",
    )
    result = exam.grade(wrong)["blur_pooling"]
    findings = {check.name: check.findings for check in result.checks}
    assert findings["forward"][0].code == "border"
    assert not findings["shapes"]


def test_layers_that_share_a_base_class_and_return_odd_views_get_everything(exam):
    source = (
        LOOPS
        + """

class Odd:
    def forward(self, input_tensor):
        return np.asfortranarray(super().forward(np.array(input_tensor)))[..., ::-1][..., ::-1]

    def backward(self, error_tensor):
        gradient = np.array(super().backward(error_tensor.copy()))
        gradient.flags.writeable = False
        return gradient

    @property
    def trainable(self):
        return np.bool_(False)

    @trainable.setter
    def trainable(self, value):
        pass


for name in ("MaxPooling", "AveragePooling", "GlobalAveragePooling", "BlurPooling"):
    globals()[name] = type(name, (Odd, globals()[name]), {})
"""
    )
    assert exam.right("odd views", source) == []
