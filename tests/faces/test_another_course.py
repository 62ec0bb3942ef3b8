"""A course with other files, classes, methods and attributes is graded by a course file alone."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
    command = [*GRADER, "grade", "class", "--course", "fau.toml", "--out", "out", "--jobs", "2"]
    (home / "exercises").symlink_to(ROOT / "exercises")
    (home / "reference").symlink_to(ROOT / "reference")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
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
