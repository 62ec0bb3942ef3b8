"""References as a course lays them out: several topics in one file, one topic in several, under other names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.authoring.layout import Layout, module_name
from grader.bundle import Bundle
from grader.course import Course, ExerciseSettings
from grader.errors import CourseError

FIRST = '''"""First."""

from __future__ import annotations
import copy

import numpy as np

EPSILON = 1  # small
SHARED = 7


class A:
    """Uses EPSILON.

    Attributes:
        weights, bias: arrays.
    """

    weights = None

    @property
    def optimizer(self):
        """None, or an optimizer; see `weights`."""
        return self._optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizer = copy.copy(optimizer)

    def forward(self, weights):
        self.weights = weights + EPSILON  # now in weights
        if hasattr(self, "bias"):
            self.bias = np.weights
        return _twice(self.weights), "weights"


class B(A):
    def forward(self, x):
        return super().forward(x) + SHARED


def _twice(x):
    return 2 * x
'''
SECOND = '''"""Second."""

from __future__ import annotations

import copy
from math import sqrt

import numpy as np

EPSILON = 2
SHARED = 7


def _twice(x):
    return x + x


def _four(x):
    return _twice(_twice(x))


class C:
    def forward(self, x):
        from first import A

        return A().forward(_four(x)) + EPSILON + SHARED + sqrt(4)
'''
SOURCES = {"first.py": (FIRST, FIRST), "second.py": (SECOND, SECOND)}


def bundle(exercise: str, topic: str, symbol: str, needs: tuple[str, ...] = ()) -> Bundle:
    return Bundle(1, "public", topic, exercise, symbol, f"{topic}.py", (symbol,), needs, (), (), (), (), {}, "")


BUNDLES = [bundle("a", "first", "A"), bundle("b", "first", "B"), bundle("c", "second", "C", ("first.py",))]


def files(**course) -> dict[str, str]:
    return Layout(Course("t", **course), BUNDLES).files(SOURCES)


def run(text: str) -> dict:
    space: dict = {}
    exec(compile(text, "f", "exec"), space)
    return space


def test_without_a_course_file_everything_stays_as_it_is() -> None:
    assert files() == {"first.py": FIRST, "second.py": SECOND}


def test_topics_that_share_a_file_become_one_valid_module() -> None:
    (text,) = files(files={"first": "all.py", "second": "all.py"}).values()
    assert text.startswith('"""First.\n\nSecond.\n"""\n\nfrom __future__ import annotations\n\nimport copy\n')
    for once in ("import copy", "import numpy as np", "from math import sqrt", "SHARED = 7", "EPSILON = 1  # small"):
        assert text.count(once) == 1, once
    assert "from first import" not in text
    assert text.index("class A") < text.index("class B") < text.index("class C")
    assert "\n\n\n\n" not in text and text.endswith("\n")


def test_helpers_of_the_same_name_are_told_apart_in_a_shared_file() -> None:
    (text,) = files(files={"first": "all.py", "second": "all.py"}).values()
    assert "SECOND_EPSILON = 2" in text and "def _second_twice(x):" in text
    assert run(text)["_four"](3) == 12
    assert "return _second_twice(_second_twice(x))" in text
    assert "+ SECOND_EPSILON + SHARED" in text


def test_a_topic_in_several_files_has_in_each_its_own_exercises_and_what_they_need() -> None:
    made = files(exercises={"b": ExerciseSettings(file="Layers/B.py")})
    assert made["first.py"].count("class ") == 1 and "class A" in made["first.py"]
    assert "EPSILON = 1" in made["first.py"] and "def _twice" in made["first.py"]
    assert "SHARED" not in made["first.py"]
    other = made["Layers/B.py"]
    assert "class A" not in other and "EPSILON" not in other and "SHARED = 7" in other
    assert "from first import A\n" in other


def test_exercises_that_are_not_asked_for_are_left_out() -> None:
    made = files(exclude=("b",))
    assert "class B" not in made["first.py"] and "class A" in made["first.py"]
    assert "class A" in files(include=("b",))["first.py"], "B is made from it"


def test_names_are_renamed_by_syntax() -> None:
    names = {"weights": "W", "bias": "b", "optimizer": "optim", "forward": "fwd", "A": "Alpha"}
    text = files(names=names)["first.py"]
    for theirs in (
        "class Alpha:",
        "class B(Alpha):",
        "        W, b: arrays.",
        "\n    W = None",
        "@optim.setter\n    def optim(self, optimizer):",
        "self._optimizer = copy.copy(optimizer)",
        '"""None, or an optimizer; see `W`."""',
        "def fwd(self, weights):",
        "self.W = weights + EPSILON  # now in weights",
        'hasattr(self, "b")',
        "self.b = np.weights",
        'return _twice(self.W), "weights"',
        "super().fwd(x)",
    ):
        assert theirs in text, theirs
    second = files(names=names)["second.py"]
    assert "from first import Alpha\n" in second and "Alpha().fwd(" in second


def test_names_of_one_exercise_hold_in_its_class_alone_and_its_class_everywhere() -> None:
    made = files(exercises={"a": ExerciseSettings(names={"A": "Alpha", "forward": "fwd"})})
    assert "def fwd(self, weights)" in made["first.py"] and "def forward(self, x)" in made["first.py"]
    assert "class B(Alpha)" in made["first.py"] and "from first import Alpha" in made["second.py"]


def test_imports_follow_the_files_of_the_course() -> None:
    made = files(files={"first": "src/layers/first_one.py", "second": "src/second.py"})
    assert "from layers.first_one import A\n" in made["src/second.py"]
    assert module_name("a/b.py", "c/d.py") == "a.b"


def test_the_files_that_an_exercise_needs_are_those_of_the_classes_that_it_imports() -> None:
    settings = {"a": ExerciseSettings(file="A.py"), "b": ExerciseSettings(file="B.py")}
    assert Layout(Course("t", exercises=settings), BUNDLES).needs(BUNDLES[2], SECOND) == ["A.py"]
    one = Course("t", files={"first": "all.py", "second": "all.py"})
    assert Layout(one, BUNDLES).needs(BUNDLES[2], SECOND) == []


def test_two_exercises_that_would_define_one_name_in_a_file_are_refused() -> None:
    with pytest.raises(CourseError, match=r"first\.py would hold two things called 'A', of a and of b"):
        files(exercises={"b": ExerciseSettings(names={"B": "A"})})


def test_imports_that_clash_are_refused() -> None:
    sources = {"first.py": ("import numpy as np\nclass A:\n    pass\n",) * 2}
    sources["second.py"] = ("import math as np\nclass C:\n    pass\n",) * 2
    course = Course("t", files={"first": "all.py", "second": "all.py"}, exclude=("b",))
    with pytest.raises(CourseError, match="would import two things as 'np'"):
        Layout(course, BUNDLES).files(sources)


def test_the_references_of_this_course_can_all_be_put_into_one_file() -> None:
    reference = Path(__file__).resolve().parents[2] / "reference"
    texts = {path.name: path.read_text() for path in sorted(reference.glob("*.py"))}
    del texts["lenet_torch.py"]  # PyTorch may not be there
    defined = re.compile(r"^(?:class|def) ([A-Za-z]\w*)", re.MULTILINE)
    made = [bundle(f"{name[:-3]}_{one}", name[:-3], one) for name in texts for one in defined.findall(texts[name])]
    course = Course("t", files={name[:-3]: "cnn.py" for name in texts})
    (text,) = Layout(course, made).files({name: (text, text) for name, text in texts.items()}).values()
    space = run(text)
    assert space["EPSILON"] != space["OPTIMIZERS_EPSILON"]
    assert {"Conv", "NeuralNetwork", "build_lenet", "He", "_fully_connected_positive_int"} <= space.keys()
