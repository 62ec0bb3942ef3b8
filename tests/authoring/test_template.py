"""Skeletons: everything but the solutions, and never a line of those."""

from __future__ import annotations

import pytest
from tiny import REFERENCE

from grader.authoring.template import skeleton, solution_lines
from grader.errors import CourseError

SOURCE = '''"""Docs."""

import numpy as np

# BEGIN SOLUTION
SECRET = 7


def helper():
    return SECRET
# END SOLUTION


class A:
    """Doc of A."""

    def f(self, x):
        """Doc of f."""
        y = x
        # BEGIN SOLUTION
        if y:
            return helper()
        return y
        # END SOLUTION

    # BEGIN SOLUTION
    def g(self):
        return 3
    # END SOLUTION

    def h(self):
        return 1
'''


def test_a_region_in_a_function_becomes_not_implemented_and_others_vanish() -> None:
    text = skeleton(SOURCE)
    assert "        y = x\n        raise NotImplementedError\n" in text
    assert text.count("raise NotImplementedError") == 1
    for gone in ("SECRET", "helper", "def g", "SOLUTION"):
        assert gone not in text
    for kept in ("Doc of A", "Doc of f", "import numpy", "def h", "return 1"):
        assert kept in text
    namespace: dict[str, object] = {}
    exec(text, namespace)
    assert "A" in namespace


def test_a_skeleton_is_tidy() -> None:
    text = skeleton(SOURCE)
    assert text.endswith("return 1\n")
    assert "\n\n\n\n" not in text
    assert skeleton(text) == text


def test_no_line_of_a_solution_is_left_in_the_skeleton() -> None:
    lines = {line for line in solution_lines(REFERENCE) if line != "return gradient"}
    assert lines
    assert not lines & {line.strip() for line in skeleton(REFERENCE).splitlines()}


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("# BEGIN SOLUTION\nx = 1\n", "line 1: a solution begins and does not end"),
        ("x = 1\n# END SOLUTION\n", "line 2: a solution ends that did not begin"),
        (
            "# BEGIN SOLUTION\n# BEGIN SOLUTION\n# END SOLUTION\n",
            "line 2: a solution begins inside of the one of line 1",
        ),
        ("if True:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION\n", "it is no Python"),
        ("# begin solution\nx = 1\n# end solution\n", "got the marker '# begin solution'"),
        ("#BEGIN SOLUTION\nx = 1\n#END SOLUTION\n", "got the marker '#BEGIN SOLUTION'"),
    ],
    ids=["open", "unopened", "nested", "empty", "lower case", "no space"],
)
def test_markers_that_do_not_fit_are_refused_with_their_line(source: str, word: str) -> None:
    with pytest.raises(CourseError) as caught:
        skeleton(source, "conv.py")
    assert word in str(caught.value)
    assert "conv.py" in str(caught.value)
