"""Specs share code: a module beside a spec, or beside its folder, is imported by its name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.authoring.provenance import topic_digest
from grader.authoring.topics import read_topic, read_topics
from grader.errors import CourseError

SPEC = """
from hypothesis import strategies as st
from typing import NamedTuple
from grader.authoring import Exercise, Plan, Values, inputs
{imports}

class Case(NamedTuple):
    size: int

{name} = Exercise(
    name="{name}", title=TITLE, symbols=("f",), cases=st.builds(Case, st.integers(1, 4)),
    plans={{"main": Plan(script)}}, checks=(Values(name="value", points=POINTS, plan="main", label="y"),),
)
"""
SCRIPTS = """
from grader.authoring import inputs

def script(s, case):
    s.use("f", s.array("x", inputs.normal(s.rng, (case.size,))), label="y")
"""
IMPORTS = "from scripts import script\nfrom own import TITLE\nimport numbers_of\nPOINTS = numbers_of.points.POINTS\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Two topics that share a module and a package; each has a module `own` that the other one has, too."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "spec.py").write_text(SPEC.format(imports=IMPORTS, name=name))
        (tmp_path / name / "own.py").write_text(f"TITLE = 'The {name}'\n")
        (tmp_path / name / "handout.md").write_text("# What to do\n")
    (tmp_path / "scripts.py").write_text(SCRIPTS)
    (tmp_path / "numbers_of").mkdir()
    (tmp_path / "numbers_of" / "__init__.py").write_text("from . import points\n")
    (tmp_path / "numbers_of" / "points.py").write_text("POINTS = 2.0\n")
    return tmp_path


def test_topics_import_what_lies_beside_them_and_never_what_another_topic_has(course: Path) -> None:
    path, modules = [*sys.path], set(sys.modules)
    topics = read_topics(course)
    assert [topic.exercises[0].title for topic in topics] == ["The first", "The second"]
    assert [topic.exercises[0].checks[0].points for topic in topics] == [2.0, 2.0]
    assert sys.path == path
    assert not {"own", "scripts", "numbers_of", "numbers_of.points"} & (set(sys.modules) - modules)


@pytest.mark.parametrize("changed", ["scripts.py", "numbers_of/points.py", "first/own.py", "first/spec.py"])
def test_a_change_of_what_a_spec_imports_makes_its_bundles_out_of_date(course: Path, changed: str) -> None:
    before = topic_digest(course / "first")
    with (course / changed).open("a") as file:
        file.write("# changed\n")
    assert topic_digest(course / "first") != before


@pytest.mark.parametrize("other", ["second/own.py", "second/spec.py", "first/notes.py", "unused.py"])
def test_a_change_of_anything_else_does_not(course: Path, other: str) -> None:
    before = topic_digest(course / "first")
    with (course / other).open("a") as file:
        file.write("# changed\n")
    assert topic_digest(course / "first") == before


def test_a_mistake_in_a_shared_module_names_the_spec_and_what_is_wrong(course: Path) -> None:
    (course / "scripts.py").write_text("script = undefined\n")
    with pytest.raises(CourseError, match=r"spec\.py, line 5: NameError: .*undefined"):
        read_topic(course / "first")
    (course / "scripts.py").unlink()
    with pytest.raises(CourseError, match=r"spec\.py needs scripts"):
        read_topic(course / "first")
