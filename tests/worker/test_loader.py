import sys
from pathlib import Path

import pytest

from grader.worker.loader import LoadError, describe, load, student_lines

sys.path.insert(0, str(Path(__file__).parent))
from loading import run


def test_a_file_becomes_a_module_of_its_own_name():
    loaded = run("class Conv:\n    pass\n", value="(Conv.__module__, __name__, __file__)")
    assert loaded.value == ["conv", "conv", "conv.py"] and loaded.notes == []


def test_an_empty_file_is_an_empty_namespace():
    loaded = run("")
    assert loaded.error is None and loaded.names == []


def test_main_blocks_never_run():
    assert run("x = 1\nif __name__ == '__main__':\n    x = 2\n", value="x").value == 1


def test_a_file_named_like_a_standard_module_does_not_hide_it():
    source = "import random\nimport numpy\nclass A:\n    pass\n"
    value = "(random.randint(1, 1), A.__module__, __import__('pickle').loads(__import__('pickle').dumps(A)) is A)"
    assert run(source, "random.py", value).value == [1, "random_", True]
    assert run("import numpy as np\nx = np.ones(2)", "numpy.py", "float(x.sum())").value == 2.0


STANDARD = """from __future__ import annotations
import abc, dataclasses, enum, typing, copy, inspect, pickle
import numpy as np

@dataclasses.dataclass
class Shape:
    size: typing.Optional[int]
    def area(self):
        return self.size ** 2

class Kind(enum.Enum):
    MAX = 1

class Base(abc.ABC):
    @abc.abstractmethod
    def forward(self): ...
"""


@pytest.mark.parametrize(
    "value, expected",
    [
        ("Shape(3).area()", 9),
        ("pickle.loads(pickle.dumps(Shape(3))) == Shape(3)", True),
        ("pickle.loads(pickle.dumps(Kind.MAX)) is Kind.MAX", True),
        ("copy.deepcopy(Shape(np.ones(2))).size.tolist()", [1.0, 1.0]),
        ("inspect.getsource(Shape.area)", "    def area(self):\n        return self.size ** 2\n"),
        ("inspect.getsource(Kind)", "class Kind(enum.Enum):\n    MAX = 1\n"),
        ("typing.get_type_hints(Shape)['size'] == typing.Optional[int]", True),
    ],
)
def test_the_standard_library_works_on_a_students_classes(value, expected):
    assert run(STANDARD, value=value).value == expected


@pytest.mark.parametrize(
    "source, code, line, words",
    [
        ("\n\nx = input('size?')\n", "input", 3, "line 3 waits for input()"),
        ("import sys\nsys.exit('bye')", "exit", 2, "line 2 ends the program"),
        ("quit()", "exit", 1, "ends the program"),
        ("exit()", "exit", 1, "ends the program"),
        ("raise SystemExit", "exit", 1, "ends the program"),
        ("raise KeyboardInterrupt", "exit", 1, "KeyboardInterrupt"),
        ("def f():\n    return 1 / 0\nf()\n", "exception", 2, "raises ZeroDivisionError while the file is loaded"),
        ("def f():\n    f()\nf()\n", "exception", 2, "RecursionError"),
        ("x = xrange(3)", "exception", 1, "name 'xrange' is not defined"),
        ("from numpy import nothing_like_it", "import", 1, "cannot import name 'nothing_like_it'"),
        ("import numpy.nothing", "import", 1, "No module named 'numpy.nothing'"),
    ],
)
def test_what_stops_the_import_is_told_with_the_students_line(source, code, line, words):
    error = run(source).error
    assert (error["code"], error["line"]) == (code, line) and words in error["sentence"]
    assert error["source_line"] == source.split("\n")[line - 1] and "site-packages" not in error["sentence"]


def test_input_cannot_be_swallowed_into_an_endless_loop():
    source = "while True:\n    try:\n        n = int(input())\n        break\n    except ValueError:\n        pass\n"
    assert run(source).error["code"] == "input"


def test_an_error_below_another_file_names_both_lines():
    files = {"base.py": "def f():\n    return 1 / 0\n", "conv.py": "from base import f\nx = f()\n"}
    error = run(files).error
    assert error["line"] == 2 and "(base.py, line 2)" in error["sentence"]


def test_warnings_are_no_failures_even_where_a_student_makes_them_errors():
    source = "import warnings\nwarnings.simplefilter('error')\nx = '\\d' if 1 is 1 else 0\n"
    value = "__import__('warnings').warn('late') or 1"
    assert run(source).error is None and run(source, value=value).value == 1


def test_main_has_to_be_one_of_the_files():
    with pytest.raises(ValueError, match=r"conv\.py"):
        load({}, "conv.py", allowed=())


TRAINS = """import numpy as np
'''docstring'''
EPS: float = np.finfo(float).eps
SOBEL = np.array([[1, 0], [0, -1]]) / 2 ** 3
STEP = lambda x: x + EPS
try:
    import fast as backend
except ImportError:
    backend = None
if __name__ == '__main__':
    ran = 'main'
for epoch in range(10):
    looped = True
trained = train(10)
huge = 9 ** 9 ** 9
x = undefined_name
class Conv:
    count = 0
    def forward(self, x=SOBEL):
        return x.sum() + self.count
Conv.alias = Conv.forward
def helper():
    return 1 / 0
raise RuntimeError
def last():
    return 3
"""


def test_definitions_are_loaded_without_the_code_around_them():
    loaded = run(TRAINS, value="(float(Conv().alias()), last(), bool(STEP(0) == EPS), backend)", definitions_only=True)
    assert loaded.value == [0.0, 3, True, None] and loaded.error is None
    assert not {"ran", "looped", "trained", "huge", "x"} & set(loaded.names)
    assert any("code outside of functions and classes was skipped" in note for note in loaded.notes)
    assert "line 16 was skipped, it raises NameError: name 'undefined_name' is not defined" in loaded.notes


def test_a_full_load_does_not_fall_back_on_definitions():
    assert run(TRAINS.replace("huge = 9 ** 9 ** 9\n", "")).error["code"] == "exception"


def test_definitions_of_other_files_are_loaded_the_same_way():
    files = {"base.py": "class Base:\n    pass\nwhile True:\n    pass\n", "conv.py": "from base import Base\n"}
    assert run(files, value="Base.__name__", definitions_only=True).value == "Base"


def test_future_annotations_hold_for_definitions():
    source = "from __future__ import annotations\ndef f(x: Unknown) -> Later: return 1\n"
    assert run(source, value="f(0)", definitions_only=True).value == 1


def _caught(function):
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError


def _compiled(source, path="student.py"):
    namespace = {}
    exec(compile(source, path, "exec"), namespace)
    return namespace


def test_a_traceback_keeps_the_students_own_lines_innermost_last():
    f = _compiled("def f(g):\n    return g()\n")["f"]
    error = _caught(lambda: f(lambda: f(lambda: 1 / 0)))
    assert [line[:2] for line in student_lines(error, {"student.py"})] == [("student.py", 2), ("student.py", 2)]
    assert student_lines(error, {"other.py"}) == []


def test_endless_recursion_gives_fifty_lines():
    f = _compiled("def f():\n    f()\n")["f"]
    assert len(student_lines(_caught(f), {"student.py"})) == 50


class Evil(Exception):
    __traceback__ = property(lambda self: 1 / 0)
    __class__ = property(lambda self: 1 / 0)

    def __str__(self):
        raise SystemExit


class EvilText(str):
    def __getitem__(self, key):
        raise MemoryError

    encode = __len__ = __str__ = None


class Lies(Exception):
    def __str__(self):
        return EvilText("x\ud800" * 10_000_000)


def _raise(error):
    raise error


def test_evil_exceptions_are_described():
    assert describe(_caught(lambda: _raise(Evil()))) == ("Evil", "")
    assert student_lines(_caught(lambda: _raise(Evil())), {"a.py"}) == []
    name, message = describe(Lies())
    assert (name, type(message), len(message)) == ("Lies", str, 500) and message.startswith("x\\ud800")
    assert describe(ValueError("plain")) == ("ValueError", "plain")
    assert describe(type("A" * 5000, (Exception,), {})())[0] == "A" * 100


def test_evil_exceptions_at_import_are_told():
    source = "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E\n"
    assert run(source).error["sentence"] == "line 3 raises E while the file is loaded"


def test_a_load_error_draws_a_caret_below_the_tabs():
    assert LoadError("syntax", "s", 1, "\tx = ?", column=6).caret == "\tx = ?\n\t    ^"
