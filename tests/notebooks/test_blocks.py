"""Source notebooks: between nbgrader's marks lies the solution and nothing else, and cells can run one by one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from grader.authoring.template import skeleton
from grader.errors import CourseError
from grader.notebooks.blocks import MARKS, Block, blocks, marked, without_marks

REFERENCES = sorted((Path(__file__).parents[2] / "reference").glob("*.py"))
SOURCE = '''"""A module."""

import math


def _given(x):
    return x


# A table
TABLE = {
    # BEGIN SOLUTION
    "one": 1,
    # END SOLUTION
}


class First:
    """A class."""

    def __init__(self, size):
        # BEGIN SOLUTION
        # checked
        self.size = _pair(size)
        # END SOLUTION

    @property
    def optimizer(self):
        # BEGIN SOLUTION
        return self._optimizer
        # END SOLUTION

    @optimizer.setter
    def optimizer(self, value):
        # BEGIN SOLUTION
        self._optimizer = value
        # END SOLUTION

    # BEGIN SOLUTION
    def _helper(self):
        return math.pi

    # END SOLUTION
    def last(self):
        """Given."""
        x = 1
        # BEGIN SOLUTION
        x += self._helper()
        # END SOLUTION
        return x


def second(x):
    # BEGIN SOLUTION
    return _pair(x)
    # END SOLUTION


# BEGIN SOLUTION
def _pair(value):
    """Two of it."""
    return _whole(value), _whole(value)


def _whole(value):
    return int(value)


# END SOLUTION
'''


def cleared(text: str) -> str:
    """What nbgrader's ClearSolutions makes of a cell, by its documentation."""
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        if "BEGIN SOLUTION" in line:
            assert not inside
            inside, indent = True, line[: len(line) - len(line.lstrip())]
            lines += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError()"]
        elif "END SOLUTION" in line:
            inside = False
        elif not inside:
            lines.append(line)
    assert not inside
    return "\n".join(lines)


def statements(text: str) -> list[str]:
    """What a module says, in any order."""
    tree = ast.parse(text.replace("NotImplementedError()", "NotImplementedError"))
    return sorted(ast.dump(node) for node in tree.body if not isinstance(node, ast.Expr | ast.Raise))


def unmarked(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.strip() not in MARKS)


@pytest.mark.parametrize("source", [SOURCE, *(path.read_text() for path in REFERENCES)])
def test_students_get_the_skeleton_and_instructors_the_whole(source: str) -> None:
    given, whole = skeleton(source), without_marks(source)
    made = marked(given, whole)
    ours = ast.parse(unmarked("\n".join(block.text for block in made)))
    assert statements("\n".join(cleared(block.text) for block in made)) == statements(given)
    assert {*map(ast.dump, ast.parse(whole).body[1:])} <= {*map(ast.dump, ours.body)}
    for block in made:
        assert block.solution == (MARKS[0] in block.text)


def test_helpers_stand_where_they_are_needed_first() -> None:
    """Cells run one by one, and the check of the first class comes before the second."""
    made = {block.name: block for block in marked(skeleton(SOURCE), without_marks(SOURCE))}
    assert set(made) == {"", "_given", "TABLE", "First", "second"}
    assert [name for name, block in made.items() if "def _pair" in block.text] == ["TABLE"]
    assert not made["_given"].solution and not made[""].solution
    assert made["TABLE"].text.startswith("# A table\nTABLE = {\n}\n### BEGIN SOLUTION\nTABLE = {")
    assert re.search(r"### BEGIN SOLUTION\n        self._optimizer = value\n\n    def _helper", made["First"].text)
    assert "# BEGIN SOLUTION\n        # checked" in made["First"].text
    assert made["First"].text.rstrip().endswith("### END SOLUTION\n        return x")


def test_data_that_is_asked_for_is_a_cell_to_write_in() -> None:
    made = blocks(skeleton(SOURCE), ["TABLE", "First", "second"])
    assert Block("TABLE", "# A table\nTABLE = {\n}", True) in made
    assert [block.name for block in made if block.solution] == ["TABLE", "First", "second"]


def test_a_solution_in_the_line_of_its_head_is_refused() -> None:
    with pytest.raises(CourseError, match="write its body in lines of their own"):
        marked("def f(): raise NotImplementedError\n", "def f(): return 1\n")
