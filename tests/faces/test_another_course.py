"""A course with other files, classes, methods and attributes is graded by a course file alone."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from grader.authoring.layout import Layout
from grader.authoring.release import write_release
from grader.authoring.template import BEGIN, END, skeleton, solution_lines
from grader.course import read_course
from grader.errors import CourseError, InputError
from grader.faces import check
from grader.workspace import Workspace, open_workspace, read_bundles

ROOT = Path(__file__).resolve().parents[2]
GRADER = [sys.executable, "-m", "grader.faces.cli"]

COURSE = """
title = "Deep Learning Exercises"
include = ["conv", "max_pooling", "flatten", "he_initializer", "relu", "softmax", "sgd", "adam", "cross_entropy_loss",
    "fully_connected", "neural_network"]
exclude = ["build_lenet"]

[files]
conv = "Layers/Conv.py"
pooling = "Layers/Pooling.py"
flatten = "Layers/Flatten.py"
initializers = "Layers/Initializers.py"
optimizers = "Optimization/Optimizers.py"
loss = "Optimization/Loss.py"
fully_connected = "Layers/FullyConnected.py"
neural_network = "NeuralNetwork.py"

[names]
gradient_weights = "grad_w"
calculate_update = "step"
optimizer = "update_rule"

[exercises.relu]
file = "Layers/ReLU.py"
[exercises.softmax]
file = "Layers/SoftMax.py"
[exercises.max_pooling]
points = 7.5
names = { MaxPooling = "Pooling", indices = "maxima" }
[exercises.conv.names]
Conv = "Convolution"
"""
PLACES = {
    "conv": "Layers/Conv.py",
    "pooling": "Layers/Pooling.py",
    "flatten": "Layers/Flatten.py",
    "initializers": "Layers/Initializers.py",
    "optimizers": "Optimization/Optimizers.py",
    "loss": "Optimization/Loss.py",
    "fully_connected": "Layers/FullyConnected.py",
    "neural_network": "NeuralNetwork.py",
}
RENAMES = {
    "gradient_weights": "grad_w",
    "calculate_update": "step",
    "optimizer": "update_rule",
    "MaxPooling": "Pooling",
    "indices": "maxima",
    "Conv": "Convolution",
}


def their_code(stem: str) -> str:
    """A reference as that course's students would have written it."""
    text = (ROOT / "reference" / f"{stem}.py").read_text()
    for ours, theirs in RENAMES.items():
        text = re.sub(rf"(?<![\w]){ours}(?![\w])", theirs, text)
    text = re.sub(r"^class (Convolution|Pooling|ReLU|SoftMax):", r"class \1(BaseLayer):", text, flags=re.M)
    return "from src_to_implement.Layers.Base import BaseLayer\n" + text


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    home = tmp_path_factory.mktemp("other")
    student = home / "class" / "group 12" / "src_to_implement"
    files = {place: their_code(stem) for stem, place in PLACES.items()}
    files["Layers/ReLU.py"] = files["Layers/SoftMax.py"] = their_code("activations")
    files["Layers/Base.py"] = "class BaseLayer:\n    def __init__(self):\n        self.trainable = False\n"
    files["Layers/__init__.py"] = "__all__ = ['Base', 'Conv']\n"
    for name, text in files.items():
        path = student / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (home / "fau.toml").write_text(COURSE + '\n[modules]\nallowed = ["numpy"]\n')
    grade = [*GRADER, "grade", "class", "--course", "fau.toml", "--out", "out", "--jobs", "2"]
    (home / "exercises").symlink_to(ROOT / "exercises")
    (home / "reference").symlink_to(ROOT / "reference")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    only = [part for name in tomllib.loads(COURSE)["include"] for part in ("--only", name)]
    for command in ([*GRADER, "freeze", "--course", "fau.toml", *only], grade):
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
    with (home / "out" / "scores.csv").open(newline="") as rows:
        return {row["exercise"]: row for row in csv.DictReader(rows)}


def test_renamed_files_classes_methods_and_attributes_get_full_marks(scores):
    lost = {name: row for name, row in scores.items() if row["points"] != row["max_points"]}
    assert not lost


def test_only_what_the_course_includes_is_graded_with_its_points(scores):
    assert len(scores) == 11
    assert scores["max_pooling"]["max_points"] == "7.5"


TOPICS = sorted(path.parent.name for path in (ROOT / "exercises").glob("*/spec.py"))
ONE_FILE = (
    'exclude = ["lenet_torch"]\n[files]\n'
    + "".join(f'{topic} = "myCNN.py"\n' for topic in TOPICS)
    + """
[names]
gradient_weights = "dW"
gradient_bias = "db"
weights = "W"
forward = "forwardPass"
backward = "backwardPass"
calculate_update = "calculateUpdate"
initialize = "initWeights"
trainable = "isTrainable"
append_layer = "addLayer"
data_layer = "dataLayer"
loss_layer = "lossLayer"
loss = "lossHistory"
phase = "mode"
next = "nextBatch"
test = "predict"
train = "fit"
indices = "maxIdx"
optimizer = "optim"
Conv = "ConvLayer"
MaxPooling = "MaxPoolLayer"
Flatten = "FlattenLayer"
FullyConnected = "DenseLayer"
ReLU = "Relu"
SoftMax = "Softmax"
CrossEntropyLoss = "CELoss"
NeuralNetwork = "Network"
build_lenet = "buildLeNet"
"""
)
ONE_FILE_EACH = """
exclude = ["leaky_relu", "blur_pooling", "lenet_torch"]
[names]
indices = "maxima"
[files]
conv = "Layers/Conv.py"
flatten = "Layers/Flatten.py"
fully_connected = "Layers/FullyConnected.py"
loss = "Optimization/Loss.py"
optimizers = "Optimization/Optimizers.py"
neural_network = "NeuralNetwork.py"
[exercises.relu]
file = "Layers/ReLU.py"
[exercises.sigmoid]
file = "Layers/Sigmoid.py"
[exercises.softmax]
file = "Layers/SoftMax.py"
[exercises.tanh]
file = "Layers/TanH.py"
[exercises.max_pooling]
file = "Layers/MaxPooling.py"
names = { MaxPooling = "Pooling" }
without = ["indices", "notation"]
[exercises.flatten]
points = 10
"""


def workspace_of(folder: Path, text: str) -> Workspace:
    path = folder / "course.toml"
    path.write_text(f'title = "Another"\nsource = "{ROOT / "exercises"}"\n{text}')
    return open_workspace(path)


def released(folder: Path, text: str) -> Path:
    """A released folder with skeletons."""
    workspace = workspace_of(folder, text)
    write_release(workspace, read_bundles(ROOT / "student_template" / "bundles"), folder / "released")
    return folder / "released"


def fill_in(folder: Path) -> None:
    """Write the references into a released folder, in its own course's files and names."""
    markers = (BEGIN, END)
    sources = {}
    for path in (ROOT / "reference").glob("*.py"):
        lines = [line for line in path.read_text().splitlines() if line.strip() not in markers]
        sources[path.name] = ("\n".join(lines) + "\n",) * 2
    course = read_course(folder / "course.toml")
    for name, text in Layout(course, read_bundles(folder / "bundles")).files(sources).items():
        assert (folder / name).is_file(), f"{name} is not where the skeletons are"
        (folder / name).write_text(text)


@pytest.fixture(scope="module")
def one_file(tmp_path_factory):
    return released(tmp_path_factory.mktemp("one"), ONE_FILE)


@pytest.fixture(scope="module")
def one_file_each(tmp_path_factory):
    return released(tmp_path_factory.mktemp("each"), ONE_FILE_EACH)


@pytest.mark.parametrize("course", ["one_file", "one_file_each"])
def test_a_release_says_what_is_still_to_be_written_and_passes_once_it_is(course, request, tmp_path, capsys):
    folder = tmp_path / "mine"
    shutil.copytree(request.getfixturevalue(course), folder)
    assert check.run([], folder) == 1
    said = capsys.readouterr().out
    exercises = len(read_bundles(folder / "bundles"))
    assert said.count("Still to be written, from line") == exercises - 1
    assert "KERNELS[" in said  # what a table lacks is no line
    assert "not defined" not in said and "not handed in" not in said and "Note:" not in said
    fill_in(folder)
    assert check.run([], folder) == 0
    assert f"{exercises} of {exercises} exercises pass" in capsys.readouterr().out


def test_handouts_and_the_readme_speak_of_the_courses_names_and_files(one_file):
    everything = "\n".join(path.read_text() for path in [*one_file.glob("handouts/*.md"), one_file / "README.md"])
    for ours in (
        "calculate_update",
        "gradient_weights",
        "append_layer",
        "NeuralNetwork",
        "build_lenet",
        "CrossEntropy",
    ):
        assert not re.search(rf"\b{ours}", everything), ours
    spans = "\n".join(re.findall(r"`[^`]+`", everything))
    assert not re.search(r"\b(forward|backward|Conv|initialize|trainable|phase|next|indices)\b", spans)
    assert "the forward pass" in everything and "| loss |" not in everything
    assert not re.findall(r"`(?:\w+/)?(?!myCNN)\w+\.py`", everything)
    assert "`myCNN.py`: a fault in one of them" in everything
    assert "for one exercise, `grader check myCNN.py`" in everything


def test_what_a_course_leaves_out_is_said_in_handouts_and_counted_in_the_readme(one_file_each):
    handout = (one_file_each / "handouts" / "pooling.md").read_text()
    assert "Not asked for: `BlurPooling`." in handout
    assert 'max_pooling is graded without "indices", "notation" and has 9 points.' in handout
    assert "`maxima`" in handout and "`Pooling(stride_shape, pooling_shape)`" in handout
    assert "flatten has 10 points" in (one_file_each / "handouts" / "flatten.md").read_text()
    rows = (one_file_each / "README.md").read_text()
    assert "| `Layers/MaxPooling.py`, `pooling.py` | Max pooling in `Layers/MaxPooling.py` 9, Average" in rows
    lenet = next(row for row in rows.splitlines() if "](handouts/neural_network.md)" in row)
    assert "`Layers/ReLU.py`, `Layers/SoftMax.py`, `Layers/MaxPooling.py`" in lenet, "what LeNet needs"
    assert "`Layers/TanH.py`" not in lenet


@pytest.mark.parametrize("course", ["one_file", "one_file_each"])
def test_no_line_of_a_solution_is_released_in_another_layout(course, request):
    folder = request.getfixturevalue(course)
    skeletons = {path.relative_to(folder): path.read_text() for path in folder.rglob("*.py")}
    assert skeletons
    sources = [path.read_text() for path in (ROOT / "reference").glob("*.py")]
    public = {line.strip() for source in sources for line in skeleton(source).splitlines()}
    secret = {line for source in sources for line in solution_lines(source)} - public
    for name, text in skeletons.items():
        given = {line.strip() for line in text.splitlines() if len(line.strip()) > 20}
        assert not given & secret, name
        assert "SOLUTION" not in text


def classes(path: Path) -> list[str]:
    return re.findall(r"^class (\w+)", path.read_text(), re.M)


def test_each_file_holds_its_own_class_alone(one_file_each):
    for name in ("ReLU", "Sigmoid", "SoftMax", "TanH"):
        assert classes(one_file_each / "Layers" / f"{name}.py") == [name]
    assert classes(one_file_each / "Layers" / "MaxPooling.py") == ["Pooling"]
    assert classes(one_file_each / "pooling.py") == ["AveragePooling", "GlobalAveragePooling"]
    assert "class LeakyReLU" not in "".join(path.read_text() for path in one_file_each.rglob("*.py"))


def test_findings_use_the_names_of_the_course(one_file, tmp_path, capsys):
    folder = tmp_path / "wrong"
    shutil.copytree(one_file, folder)
    fill_in(folder)
    text = (folder / "myCNN.py").read_text()
    assert text.count("self.db = ") > 2
    (folder / "myCNN.py").write_text(text.replace("self.db = ", "self.bias_gradient = "))
    assert check.run(["ConvLayer"], folder) == 1
    said = capsys.readouterr().out
    assert "`conv.db` does not exist" in said and "conv = ConvLayer(" in said and "conv.forwardPass(" in said
    assert "gradient_bias" not in said


def test_a_misspelt_rename_is_noted_once_on_release(tmp_path):
    (tmp_path / "typo.toml").write_text(
        f'title = "Typo"\nsource = "{ROOT / "exercises"}"\ninclude = ["flatten"]\n[names]\nforwrad = "fwd"\n'
        'indices = "where"\n'
    )
    command = [*GRADER, "release", "new", "--course", "typo.toml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert said.count("Note:") == 1
    assert "[names] renames `forwrad`, which no exercise uses: did you mean `forward`?" in said
    assert "forwrad" not in (tmp_path / "new" / "course.toml").read_text()


def test_a_misspelt_rename_is_noted_once_on_check(one_file, tmp_path, capsys):
    folder = tmp_path / "typo"
    shutil.copytree(one_file, folder)
    text = (folder / "course.toml").read_text()
    (folder / "course.toml").write_text(text.replace("indices = ", "indicse = "))
    assert check.run(["flatten"], folder) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("Note:") == 1
    assert "[names] renames `indicse`, which no exercise uses: did you mean `indices`?" in said


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("conv", ["conv"]),
        ("Convolution", ["conv"]),
        ("NeuralNetwork.py", ["neural_network", "build_lenet"]),
        ("Layers/ReLU.py", ["relu"]),
        ("./relu.py", ["relu"]),
        ("Optimization/Loss", ["cross_entropy_loss", "l2_loss"]),
        ("Pooling", ["max_pooling", "average_pooling", "global_average_pooling", "blur_pooling"]),
        ("softmax", ["softmax"]),
    ],
)
def test_exercises_are_found_by_name_topic_title_class_and_file(tmp_path, asked, found):
    workspace = workspace_of(tmp_path, ONE_FILE_EACH)
    bundles = read_bundles(ROOT / "student_template" / "bundles")
    assert [bundle.exercise for bundle in check.select(bundles, [asked], workspace.course)] == found


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("convolutoin", "conv"), ("poolings", "pooling"), ("Layers/TanHH.py", "tanh"), ("lenett", None)],
)
def test_a_name_that_there_is_not_is_answered_with_the_nearest(tmp_path, asked, meant):
    workspace = workspace_of(tmp_path, ONE_FILE_EACH)
    with pytest.raises(InputError, match=f"did you mean {meant}\\?" if meant else "There is no exercise"):
        check.select(read_bundles(ROOT / "student_template" / "bundles"), [asked], workspace.course)


def test_two_classes_of_one_name_in_one_file_are_refused(tmp_path):
    text = '[files]\nconv = "a.py"\nflatten = "a.py"\n[names]\nConv = "Layer"\nFlatten = "Layer"\n'
    with pytest.raises(CourseError, match="two things called 'Layer'"):
        released(tmp_path, text)
