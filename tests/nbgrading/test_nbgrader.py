"""The real nbgrader on what the project makes: released, autograded (stock, and with our workers), told to students."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from classroom import NAME, WRONG, Class, student_version, written
from tiny import REFERENCE

pytest.importorskip("nbgrader", reason="nbgrader is not installed (extra `nbgrader`)")

from grader.authoring.template import skeleton, solution_lines
from grader.errors import InputError
from grader.faces import release

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's own
RIGHT = {"check-scale": 14.0, "check-peak": 8.0, "check-doubling": 3.0}


def scores(course: Class) -> dict[str, dict[str, float | None]]:
    """What nbgrader itself says that everybody has."""
    from nbgrader.api import Gradebook

    with Gradebook(course.url) as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.auto_score for notebook in submission.notebooks for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(NAME)
        }


def outputs(course: Class, student: str, cell: str) -> list[Any]:
    book = nbformat.read(course.course / "autograded" / student / NAME / "tiny.ipynb", 4)
    return next(c.outputs for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == cell)


def test_nbgraders_own_command_makes_the_same_release_again_without_a_line_of_a_solution(course: Class) -> None:
    before = student_version(course)
    course.nbgrader("generate_assignment", NAME, "--force")
    after = student_version(course)
    assert before == after
    text = {line.strip() for cell in after.cells for line in cell.source.splitlines()}
    reference = (course.repository / "reference" / "tiny.py").read_text()
    given = {line.strip() for line in skeleton(reference).splitlines()}
    assert not (solution_lines(reference) - given) & text
    beside = {path.name for path in (course.course / "release" / NAME).iterdir()}
    assert {"bundles", "course.toml", "handouts", "tiny.ipynb"} == beside


def test_a_source_notebook_that_was_changed_by_hand_is_not_overwritten(course: Class) -> None:
    file = course.repository / "exercises" / "course.toml"
    path = course.course / "source" / NAME / "tiny.ipynb"
    assert release.run(course.course, file, True, NAME) == 0
    book = course.source()
    book.cells[0].source += "\nMind the gap."
    nbformat.write(book, path)
    changed = path.read_bytes()
    with pytest.raises(InputError, match=r"tiny\.ipynb was changed by hand"):
        release.run(course.course, file, True, NAME)
    assert path.read_bytes() == changed
    (course.course / "source" / "other").mkdir()
    (course.course / "source" / "other" / "notes.txt").touch()
    with pytest.raises(InputError, match="was not made by this"):
        release.run(course.course, file, True, "other")
    with pytest.raises(InputError, match="cannot be called"):
        release.run(course.course, file, True, "a+b")


def test_a_configuration_that_is_there_is_kept(course: Class) -> None:
    config = course.course / "nbgrader_config.py"
    config.write_text("c = get_config()\nc.CourseDirectory.release_directory = 'out'\n")
    release.run(course.course, course.repository / "exercises" / "course.toml", True, NAME)
    assert "'out'" in config.read_text() and (course.course / "out" / NAME / "tiny.ipynb").is_file()


@pytest.mark.slow
def test_in_stock_nbgrader_graded_cells_give_partial_credit_whatever_a_submission_prints(course: Class) -> None:
    (course.course / "nbgrader_config.py").write_text("c = get_config()\n")
    course.nbgrader("autograde", NAME)
    got = scores(course)
    assert got["ada"] == got["cem"] == RIGHT
    assert 0 < (got["bela"]["check-scale"] or 0) < 14 and got["bela"]["check-peak"] == 8
    assert set(got["dora"].values()) == {0}
    last = outputs(course, "cem", "check-scale")[-1]
    assert last.output_type == "execute_result" and last.data["text/plain"] == "14.0"
    course.nbgrader("generate_feedback", NAME)
    assert "The bias is not added" in (course.course / "feedback" / "bela" / NAME / "tiny.html").read_text()


def test_autograde_judges_with_our_workers_and_tells_findings(course: Class) -> None:
    deleted = written(student_version(course), course.source(), WRONG)
    deleted.cells = [c for c in deleted.cells if not c.get("metadata", {}).get("nbgrader", {}).get("grade")]
    course.hand_in("emil", deleted)
    cheating = written(student_version(course), course.source(), WRONG)
    for cell in cheating.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = "14.0"
    cheating.cells.append(nbformat.v4.new_code_cell("import os\nos._exit(0)"))
    course.hand_in("fred", cheating)
    course.nbgrader("autograde", NAME)
    got = scores(course)
    assert got["ada"] == got["cem"] == RIGHT and set(got["dora"].values()) == {0}
    assert got["bela"] == got["emil"] == got["fred"] and 0 < (got["bela"]["check-scale"] or 0) < 14
    shown, points = outputs(course, "bela", "check-scale")
    assert "<script" not in shown.data["text/html"] and "The bias is not added" in shown.data["text/plain"]
    assert float(points.data["text/plain"]) == got["bela"]["check-scale"]
    book = nbformat.read(course.course / "autograded" / "ada" / NAME / "tiny.ipynb", 4)
    graded = {c.id for c in book.cells if c.metadata.get("nbgrader", {}).get("grade")}
    assert not any(c.get("outputs") for c in book.cells if c.id not in graded)  # nothing of theirs was run
    course.nbgrader("generate_feedback", NAME)
    page = (course.course / "feedback" / "bela" / NAME / "tiny.html").read_text()
    assert "The bias is not added" in page


def test_a_graded_cell_that_is_not_ours_waits_for_a_grader(course: Class) -> None:
    from nbgrader.api import Gradebook

    shutil.rmtree(course.course / "submitted")
    book = course.source()
    kind = {"grade": True, "locked": True, "solution": False, "task": False}
    about = {"schema_version": 3, "grade_id": "extra", "points": 2, **kind}
    book.cells.append(nbformat.v4.new_code_cell("assert True", metadata={"nbgrader": about}))
    nbformat.write(book, course.course / "source" / NAME / "tiny.ipynb")
    course.nbgrader("generate_assignment", NAME, "--force")
    course.hand_in("ada", written(student_version(course), course.source(), REFERENCE))
    course.nbgrader("autograde", NAME)
    assert scores(course)["ada"] == {**RIGHT, "extra": None}
    with Gradebook(course.url) as gradebook:
        assert gradebook.find_submission(NAME, "ada").needs_manual_grade


def test_a_notebook_under_another_name_beside_the_right_one_counts(course: Class) -> None:
    """nbgrader alone gives 0 for a missing notebook; here a second one exists so that it looks at the folder at all."""
    from nbgrader.api import Gradebook

    with Gradebook(course.url) as gradebook:
        gradebook.add_notebook("second", NAME)
    empty = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "", "language": ""}})
    course.hand_in("gina", empty, "second")
    course.hand_in("gina", written(student_version(course), course.source(), REFERENCE), "my work")
    course.nbgrader("autograde", NAME, "--student", "gina")
    assert scores(course)["gina"] == RIGHT


def test_without_its_course_file_autograde_says_what_to_do(course: Class) -> None:
    (course.course / "cnn_grader.toml").unlink()
    with pytest.raises(AssertionError, match="names no course file for 'tiny': run `grader release --nbgrader"):
        course.nbgrader("autograde", NAME, "--student", "ada")


def test_nothing_of_nbgrader_is_imported_by_other_commands() -> None:
    code = (
        "import sys, grader, grader.faces.cli, grader.faces.check, grader.faces.grade, grader.faces.release\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('nbgrader', 'sqlalchemy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]"
