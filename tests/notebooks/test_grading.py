"""A notebook gets exactly the points of the same code in a file, whatever else is in it and however it is mangled."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cells import code, in_format, markdown, notebook, statements
from tiny import REFERENCE, mutated

from grader.authoring.template import skeleton
from grader.notebooks import units
from grader.notebooks.reading import read
from grader.report import Report

CELLS = statements(REFERENCE)
SCALE = next(cell for cell in CELLS if cell.startswith("class Scale"))
WRONG = {
    "right": (),
    "bias forgotten": ((" + self.bias[:, None, None]", ""),),
    "averaged": (
        ("sum(axis=(0, 2, 3))\n        self.gradient_bias", "mean(axis=(0, 2, 3))\n        self.gradient_bias"),
    ),
    "raises": (("return 2.0 * number", "return 2.0 * numbr"),),
    "loops": (("return 2.0 * number", "while True: pass"),),
    "computed constant": (("LARGEST = 1000.0", "LARGEST = float(np.sqrt(1e6))"),),
}


def points(report: Report) -> dict[str, list[tuple[str, str, float]]]:
    return {e.exercise: [(c.name, c.verdict, c.points) for c in e.checks] for e in report.exercises}


def told(report: Report) -> str:
    return " ".join(note for exercise in report.exercises for note in exercise.notes)


def sentences(report: Report) -> str:
    return " ".join(f.sentence for e in report.exercises for c in e.checks for f in c.findings)


def full(report: Report) -> bool:
    return report.points == report.max_points


@pytest.mark.parametrize("name", WRONG)
def test_a_notebook_gets_exactly_the_points_of_the_same_code_in_a_file(grade: Any, name: str) -> None:
    source = mutated(*WRONG[name])
    as_file = points(grade({"tiny.py": source}))
    assert points(grade({"tiny.ipynb": notebook([source])})) == as_file
    assert points(grade({"tiny.ipynb": notebook(statements(source))})) == as_file
    assert points(grade({"deep/down/Tiny-Copy1.ipynb": notebook(statements(source))})) == as_file
    assert points(grade({"tiny.py": notebook([source])})) == as_file


@pytest.mark.parametrize("version, minor", [(1, 0), (2, 0), (3, 0), (4, 0), (4, 1), (4, 2), (4, 3), (4, 4), (4, 5)])
def test_all_formats_of_notebooks_are_read(grade: Any, version: int, minor: int) -> None:
    assert full(grade({"tiny.ipynb": in_format(CELLS, version, minor)}))


@pytest.mark.parametrize(
    "junk",
    [
        "x = (",
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])",
        "!pip install numpy \\\n   scipy",
        "%%bash\nrm -rf /",
        "%%html\n<b>",
        "while True:\n    pass",
        "1 / 0",
        "net = Scale(3)\nfor epoch in range(10**9):\n    net.forward(data)",
        "data = open('images.npy')",
        "import os\nos._exit(0)",
        "Scale?",
        "await something()",
        "return 3",
        "input('name?')",
        "from google.colab import drive\ndrive.mount('/content')",
        "a = " + "(" * 5000,
        "\x00\ud800",
        "np = None if False else np",
    ],
)
def test_what_else_is_in_a_notebook_costs_nothing(grade: Any, junk: str) -> None:
    for cells in ([junk, *CELLS], [*CELLS, junk], [*CELLS[:4], junk, *CELLS[4:]]):
        assert full(grade({"tiny.ipynb": notebook(cells)}))


def test_what_was_not_graded_is_said_in_one_sentence(grade: Any) -> None:
    report = grade({"tiny.ipynb": notebook([*CELLS, "x = (", "def f(:\n  pass"])})
    assert full(report)
    broken = len(CELLS) + 1
    assert [len(exercise.notes) for exercise in report.exercises] == [1, 1, 1]
    assert f"Not graded in tiny.ipynb: cell {broken} (" in told(report) and f"cell {broken + 1} (line 1" in told(report)


def test_findings_name_the_cell_and_its_line(grade: Any) -> None:
    source = mutated(("return 2.0 * number", "return 2.0 * numbr"))
    number = next(n for n, cell in enumerate(statements(source), 2) if "def double" in cell)
    report = grade({"tiny.ipynb": notebook([markdown("# Title"), *statements(source)])})
    evidence = next(f.evidence for e in report.exercises for c in e.checks for f in c.findings if f.evidence)
    assert (evidence.file, evidence.cell, evidence.line) == ("tiny.ipynb", number, 5)
    assert evidence.source.strip() == "return 2.0 * numbr" and evidence.place == f"cell {number}, line 5"
    assert f"cell {number}, line 5" in sentences(report)


def test_a_solution_cell_that_is_no_python_is_told_with_its_line_and_costs_only_itself(grade: Any) -> None:
    cells = [cell.replace("class Peak:", "class Peak(:") for cell in CELLS]
    report = grade({"tiny.ipynb": notebook(cells)})
    assert {e.exercise: e.verdict for e in report.exercises} == {"scale": "pass", "peak": "fail", "doubling": "pass"}
    assert "Cell 6, line 1 of tiny.ipynb is not valid Python" in sentences(report)


def test_an_error_while_the_module_loads_is_told_by_cell(grade: Any) -> None:
    cells = [cell.replace("LARGEST = 1000.0", "LARGEST = 10 / 0") for cell in CELLS]
    notes = told(grade({"tiny.ipynb": notebook(cells)}))
    assert "Cell 4, line 1 of tiny.ipynb raises ZeroDivisionError" in notes
    assert "cell 4, line 1 was skipped, it raises ZeroDivisionError" in notes


def test_helpers_constants_and_patches_come_along(grade: Any) -> None:
    source = mutated(("return windows.max(axis=2)", "return largest(windows)"), ("LARGEST = 1000.0", "LARGEST = 0"))
    cells = [
        "table = {}",
        "table['axis'] = 2\nfor name in ('a', 'b'):\n    table[name] = 1",
        "def largest(windows):\n    return windows.max(axis=table['axis'] * table['a'])",
        *statements(source),
        "LARGEST += 10",
        "LARGEST *= 100",
        "def better(self, x):\n    return Scale.plain(self, x)",
        "Scale.plain = Scale.forward; Scale.forward = better",
        "class Scale(Scale):\n    pass",
    ]
    assert full(grade({"tiny.ipynb": notebook(cells)}))


def test_cells_in_any_order_are_put_in_one_that_runs(grade: Any) -> None:
    source = REFERENCE.replace("def double(number):", "def double(number, factor=np.float64(LARGEST) / 500):").replace(
        "return 2.0 * number", "return factor * number"
    )
    assert full(grade({"tiny.ipynb": notebook(statements(source)[::-1])}))


@pytest.mark.parametrize("line", range(1, len(SCALE.splitlines())))
def test_a_split_cell_is_put_together(grade: Any, line: int) -> None:
    lines = SCALE.splitlines(keepends=True)
    cells = []
    for cell in CELLS:
        cells += ["".join(lines[:line]), "".join(lines[line:])] if cell == SCALE else [cell]
    report = grade({"tiny.ipynb": notebook(cells)})
    comment = "".join(lines[line:]).strip().startswith("#")
    assert full(report) or comment


def test_of_several_definitions_the_last_counts_unless_it_is_still_to_be_written(grade: Any) -> None:
    wrong = SCALE.replace(" + self.bias", " - self.bias")
    unwritten = skeleton(REFERENCE)
    assert full(grade({"tiny.ipynb": notebook([*CELLS[:3], wrong, *CELLS[3:]])}))
    assert not full(grade({"tiny.ipynb": notebook([*CELLS, wrong])}))
    report = grade({"tiny.ipynb": notebook([*CELLS, unwritten])})
    assert full(report) and "`Scale` is defined in the cells" in told(report)


def test_a_solution_whose_cell_was_made_text_counts_and_is_told(grade: Any) -> None:
    for kind in ("markdown", "raw", "heading"):
        cells = [code(cell) | ({"cell_type": kind} if cell == SCALE else {}) for cell in CELLS]
        report = grade({"tiny.ipynb": notebook(cells)})
        assert full(report) and "was read as code" in told(report)


@pytest.mark.parametrize(
    "metadata", [{"kernelspec": {"language": "R", "name": "ir"}}, {"kernelspec": 3}, {"a": [None]}]
)
def test_the_metadata_of_other_kernels_do_not_matter(grade: Any, metadata: dict[str, Any]) -> None:
    assert full(grade({"tiny.ipynb": notebook(CELLS, **metadata)}))


def test_code_that_a_cell_writes_to_a_file_counts(grade: Any) -> None:
    assert full(grade({"work.ipynb": notebook(["%%writefile tiny.py\n" + REFERENCE])}))
    assert full(grade({"work.ipynb": notebook(["%%time\n" + REFERENCE])}))
    assert not grade({"work.ipynb": notebook(["%%writefile tiny.txt\n" + REFERENCE])}).points


def test_the_notebook_with_the_names_is_taken_whatever_it_is_called(grade: Any) -> None:
    report = grade(
        {"a.ipynb": notebook(["x = 1"]), "homework.ipynb": notebook(CELLS), "tiny.ipynb": notebook(["y = 1"])}
    )
    assert full(report) and 'the notebook "homework.ipynb" was taken for it' in told(report)
    backup = {"tiny.ipynb": notebook(CELLS), "old/tiny.ipynb": notebook([SCALE.replace("+ self", "- self")])}
    assert full(grade(backup))
    both = {"tiny.ipynb": notebook(CELLS), "other.ipynb": notebook([SCALE.replace("+ self", "- self")])}
    assert full(grade(both))


def test_a_file_counts_unless_the_notebook_is_further(grade: Any) -> None:
    wrong = mutated((" + self.bias[:, None, None]", ""))
    report = grade({"tiny.py": REFERENCE, "tiny.ipynb": notebook([wrong])})
    assert full(report) and '"tiny.ipynb" defines the same and was not graded' in told(report)
    report = grade({"src/tiny.py": skeleton(REFERENCE), "notebooks/tiny.ipynb": notebook([REFERENCE])})
    assert full(report) and '"src/tiny.py" was not graded, because more is written' in told(report)
    assert full(grade({"tiny.py": REFERENCE, "tiny.ipynb": notebook([skeleton(REFERENCE)])}))
    assert full(grade({"tiny.py": "def broken(:", "tiny.ipynb": notebook([REFERENCE])}))


def test_no_notebook_with_the_names_is_told_so(grade: Any) -> None:
    report = grade({"plots.ipynb": notebook(["x = 1"])})
    assert "tiny.py was not handed in, and no notebook defines `Scale`." in sentences(report) and not report.points


def test_exercises_build_on_each_other_across_notebooks_and_files(grade: Any) -> None:
    peak = next(cell for cell in CELLS if cell.startswith("class Peak"))
    moved = REFERENCE.replace(peak, "from shared import Peak")
    assert full(grade({"shared.py": "import numpy as np\n" + peak, "tiny.ipynb": notebook(statements(moved))}))
    own_copy = ["from tiny import Scale, Peak", *CELLS]
    assert full(grade({"tiny.ipynb": notebook(own_copy)}))


def test_a_damaged_notebook_is_graded_as_far_as_it_goes(grade: Any) -> None:
    text = notebook([*CELLS, "x = 1"])
    assert full(grade({"tiny.ipynb": text[:-200].rstrip(b'"}]')}))
    report = grade({"tiny.ipynb": text[: text.index(b"class Peak")]})
    assert {e.exercise: e.verdict for e in report.exercises}["scale"] == "pass" and not full(report)
    assert "ends too early or is damaged" in told(report)
    assert full(grade({"tiny.ipynb": text.replace(b'"outputs": []', b'"outputs": [{"data": [NaN, -Infinity]}]')}))
    assert full(grade({"tiny.ipynb": b"\xef\xbb\xbf" + text}))
    assert full(grade({"tiny.ipynb": text.decode().encode("utf-16")}))
    merged = json.dumps(json.loads(text), indent=1).replace('"cells": [', '"cells": [\n<<<<<<< HEAD', 1)
    assert full(grade({"tiny.ipynb": merged}))


def methods_apart(decorate: str = "", assign: str = "") -> list[str]:
    """The cells of the reference with the methods of `Scale` in cells of their own."""
    lines = SCALE.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith(("    def forward", "    def backward"))]
    forward, backward = lines[starts[0] : starts[1]], lines[starts[1] :]
    cells = []
    for cell in CELLS:
        cells.append("\n".join(lines[: starts[0]]) if cell == SCALE else cell)
    for name, method in (("forward", forward), ("backward", backward)):
        source = "\n".join(line[4:] for line in method)
        cells.append(f"{decorate}{source}{assign.format(name=name)}")
    return cells


ADD_TO_CLASS = """def add_to_class(cls):
    def wrapper(method):
        setattr(cls, method.__name__, method)
    return wrapper"""
ADD = "def add(cls, method):\n    setattr(cls, method.__name__, method)"


@pytest.mark.parametrize(
    "helper, decorate, assign",
    [
        ("", "", "\nScale.{name} = {name}"),
        (ADD_TO_CLASS, "@add_to_class(Scale)\n", ""),
        (ADD, "", "\nadd(Scale, {name})"),
        (ADD, "", "\nfor method in ({name},):\n    setattr(Scale, method.__name__, method)"),
    ],
    ids=["assigned", "decorated", "by a call", "in a loop"],
)
def test_methods_from_other_cells_belong_to_their_class(grade: Any, helper: str, decorate: str, assign: str) -> None:
    assert full(grade({"tiny.ipynb": notebook([helper, *methods_apart(decorate, assign)])}))


def test_a_test_that_is_given_a_class_is_not_run(grade: Any) -> None:
    tests = [
        "def check_layer(cls):\n    cls(3).forward(data)",
        "check_layer(Scale)",
        "@given(Scale)\ndef test(x): pass",
    ]
    assert full(grade({"tiny.ipynb": notebook([*CELLS, *tests])}))


@pytest.mark.parametrize(
    "first",
    [
        "%run helpers.ipynb",
        "%run -i './helpers.ipynb'  # mine",
        "import import_ipynb\nfrom helpers import largest",
        "from ipynb.fs.full.helpers import largest",
    ],
)
@pytest.mark.parametrize("file", ["helpers.ipynb", "helpers.py"])
def test_a_notebook_may_build_on_another_one(grade: Any, first: str, file: str) -> None:
    source = mutated(("return windows.max(axis=2)", "return largest(windows)"))
    helper = ["AXIS = 2", "import json", "x = open('data')", "def largest(windows):\n    return windows.max(axis=AXIS)"]
    text: bytes | str = notebook(helper) if file.endswith("ipynb") else "\n".join(h for h in helper if "open" not in h)
    if file.endswith("py") and "import" not in first:
        first = first.replace("ipynb", "py")
    assert full(grade({"tiny.ipynb": notebook([first, *statements(source)]), file: text}))
    broken = notebook([*helper[:3], "def largest(windows):\n    # wrong\n    return windws.max()"])
    if file.endswith("ipynb"):
        report = grade({"tiny.ipynb": notebook([first, *statements(source)]), file: broken})
        evidence = next(f.evidence for e in report.exercises for c in e.checks for f in c.findings if f.evidence)
        assert (evidence.file, evidence.cell, evidence.line) == (file, 4, 3)


def test_partial_work_in_a_notebook_counts_beside_an_untouched_skeleton(grade: Any) -> None:
    forward_only = mutated(("return 2.0 * number", "raise NotImplementedError"))
    half = statements(skeleton(REFERENCE))
    half[half.index(next(c for c in half if c.startswith("class Scale")))] = SCALE.replace(
        "input_gradient = error_tensor", "raise NotImplementedError\n        input_gradient = error_tensor"
    )
    report = grade({"tiny.py": skeleton(REFERENCE), "notebooks/tiny.ipynb": notebook(half)})
    assert report.points > 0 and '"tiny.py" was not graded, because more is written' in told(report)
    more = [*CELLS, "def show(self): pass", "Scale.show = show"]
    assert "was not graded, because there is" in told(grade({"tiny.py": REFERENCE, "tiny.ipynb": notebook(more)}))
    assert full(grade({"tiny.py": REFERENCE, "tiny.ipynb": notebook(statements(forward_only))}))


def test_type_hints_are_not_evaluated_in_notebooks_or_files(grade: Any) -> None:
    source = mutated(("def double(number):", "def double(number: npt.NDArray[float]) -> Tensor:"))
    assert full(grade({"tiny.ipynb": notebook(statements(source))})) and full(grade({"tiny.py": source}))


def test_the_cell_is_told_wherever_a_sentence_names_the_line(grade: Any) -> None:
    cells = [cell.replace("class Peak:", "class Peak(Missing):") for cell in CELLS]
    report = grade({"tiny.ipynb": notebook(cells)})
    assert "`Peak` is not defined. Cell 6, line 1 of tiny.ipynb raises NameError" in sentences(report)


def test_a_variable_that_several_cells_set_is_told_with_the_cell_that_counts(grade: Any) -> None:
    report = grade({"tiny.ipynb": notebook([*CELLS, "LARGEST = 0"])})
    last = len(CELLS) + 1
    assert not full(report)
    assert (
        f"`LARGEST` is set in the cells 4, {last} of tiny.ipynb: what uses it gets the value of cell {last}."
        in told(report)
    )
    assert "is set in" not in told(grade({"tiny.ipynb": notebook([*CELLS, "number = 3", "number = 4"])}))


def test_untouched_notebooks_beside_finished_files_are_not_spoken_of(grade: Any) -> None:
    untouched = notebook([code(cell) for cell in statements(skeleton(REFERENCE))])
    building = notebook(["from tiny import Scale", "from tiny import Peak"])
    report = grade({"tiny.py": REFERENCE, "notebooks/tiny.ipynb": untouched, "notebooks/later.ipynb": building})
    assert report.points == report.max_points and told(report) == ""


DEEP = {
    "sum": "y = 0\nx = " + " + ".join(["y"] * 1500),
    "lists": "x = " + "[" * 3000 + "]" * 3000,
    "lists that Python takes": "x = " + "[" * 190 + "]" * 190,
    "lambdas": "x = " + "lambda: " * 3000 + "1",
    "lambdas that Python takes": "x = " + "lambda: " * 900 + "1",
    "attributes": "x = np" + ".a" * 3000,
    "attributes that Python takes": "x = np" + ".a" * 2800,
    "calls": "x = np" + "()" * 2800,
    "not": "x = " + "not " * 3000 + "1",
    "not that Python takes": "x = " + "not " * 1500 + "1",
    "elif": "y = 0\nif y == -1: x = 1\n" + "\n".join(f"elif y == {n}: x = {n}" for n in range(3000)),
    "elif that Python takes": "y = 0\nif y == -1: x = 1\n" + "\n".join(f"elif y == {n}: x = {n}" for n in range(900)),
}


@pytest.mark.parametrize("name", DEEP)
def test_code_too_deep_to_be_looked_at_costs_nothing_but_itself(grade: Any, name: str) -> None:
    deep = DEEP[name]
    assert full(grade({"tiny.py": REFERENCE, "notes.ipynb": notebook([deep])}))
    assert full(grade({"tiny.py": REFERENCE, "tiny.ipynb": notebook([deep])}))
    assert full(grade({"tiny.ipynb": notebook([*CELLS[:4], deep, *CELLS[4:]])}))
    assert full(grade({"tiny.py": deep, "tiny.ipynb": notebook(CELLS)}))
    assert full(grade({"tiny.ipynb": notebook(["%run other.py", *CELLS]), "other.py": deep}))


def test_a_cell_that_is_too_deep_is_told(grade: Any) -> None:
    report = grade({"tiny.ipynb": notebook([DEEP["not"], *CELLS])})
    assert "Not graded in tiny.ipynb: cell 1 (is nested too deeply for Python: split its longest" in told(report)
    cells = [cell + "\n" + DEEP["not"] if cell == SCALE else cell for cell in CELLS]
    assert " of tiny.ipynb is nested too deeply for Python" in sentences(grade({"tiny.ipynb": notebook(cells)}))


def test_a_cell_whose_statements_cannot_be_looked_at_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = units._executed

    def limited(node: ast.AST) -> Iterator[ast.AST]:
        if "deep" in ast.dump(node):
            raise RecursionError
        return looked(node)

    monkeypatch.setattr(units, "_executed", limited)
    parsed = units.parse(read(notebook(["x = 1", "deep = 2", "y = ("])), frozenset())
    assert [unit.lines for unit in parsed.units] == [("x = 1",)]
    assert [one.cell for one in parsed.damaged] == [2, 3]
    assert parsed.damaged[0].reason.startswith("is nested too deeply for Python: ")
