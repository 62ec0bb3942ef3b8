"""Released notebooks: valid for nbformat and nbgrader, nothing of the solution in them, gradeable as they are."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from grader.authoring.release import write_release
from grader.authoring.template import skeleton, solution_lines
from grader.faces.check import run
from grader.faces.release import public_bundles
from grader.notebooks.checking import check_namespace
from grader.workspace import open_workspace

REQUIRED = {"schema_version", "grade", "grade_id", "locked", "solution", "task"}


@pytest.fixture(scope="module")
def released(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The student folder of the tiny course."""
    workspace = open_workspace(tiny_course / "exercises" / "course.toml")
    folder = tmp_path_factory.mktemp("release") / "folder"
    write_release(workspace, public_bundles(workspace, Console(quiet=True)), folder)
    return folder


def solved(released: Path, tiny_course: Path) -> nbformat.NotebookNode:
    """The notebook with the reference in the place of its solution cells."""
    book = nbformat.read(released / "notebooks" / "tiny.ipynb", 4)
    source = (tiny_course / "reference" / "tiny.py").read_text()
    for cell in book.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            name = cell.metadata.nbgrader.grade_id.removeprefix("solution-")
            found = re.search(rf"^(?:class|def) {name}\b.*?(?=^\S|\Z)", source, re.MULTILINE | re.DOTALL)
            assert found
            cell.source = found[0]
    return book


def test_notebooks_are_valid_and_carry_nbgraders_metadata(released: Path) -> None:
    book = nbformat.read(released / "notebooks" / "tiny.ipynb", 4)
    nbformat.validate(book)
    metadata = [cell.metadata["nbgrader"] for cell in book.cells if "nbgrader" in cell.metadata]
    names = [one["grade_id"] for one in metadata]
    assert len(set(names)) == len(names) and all(re.fullmatch(r"[a-zA-Z0-9_-]+", name) for name in names)
    assert {"solution-Scale", "solution-Peak", "check-scale", "check-peak", "check-doubling"} <= set(names)
    for one in metadata:
        assert set(one) == REQUIRED | ({"points"} if one["grade"] else set()) and one["schema_version"] == 3
        assert (one["grade"], one["solution"], one["locked"]) in [(0, 1, 0), (1, 0, 1), (0, 0, 1)]
    assert sum(one.get("points", 0) for one in metadata) == 25
    assert book.metadata["grader"]["file"] == "tiny.py"


def test_no_line_of_a_solution_is_in_a_notebook(released: Path, tiny_course: Path) -> None:
    source = (tiny_course / "reference" / "tiny.py").read_text()
    book = nbformat.read(released / "notebooks" / "tiny.ipynb", 4)
    text = {line.strip() for cell in book.cells for line in cell.source.splitlines()}
    known = {line.strip() for line in skeleton(source).splitlines()}
    assert not (solution_lines(source) - known) & text


def test_the_notebook_is_graded_where_more_is_written_in_it_than_in_the_file(
    released: Path, tiny_course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = released / "notebooks" / "tiny.ipynb"
    before = path.read_text()
    assert run(["tiny.py"], released) == 1 and "notebooks/tiny.ipynb" not in capsys.readouterr().out
    nbformat.write(solved(released, tiny_course), path)
    try:
        assert run(["tiny.py"], released) == 0
    finally:
        path.write_text(before)
    assert "notebooks/tiny.ipynb" in capsys.readouterr().out


def test_the_cells_of_a_released_notebook_run_and_end_in_a_plain_float(released: Path, tiny_course: Path) -> None:
    namespace = {"__name__": "__main__", "display": lambda shown: None}
    for cell in solved(released, tiny_course).cells:
        if cell.cell_type == "code" and "check(" not in cell.source:
            exec(cell.source, namespace)
    result = check_namespace((), namespace, released / "notebooks")
    assert result.points == result.max_points == 25 and type(float(result.points)) is float


def test_in_a_real_kernel_html_text_and_the_kernels_life_are_as_promised(released: Path, tiny_course: Path) -> None:
    client = pytest.importorskip("nbclient", reason="nbclient and ipykernel are not installed")
    pytest.importorskip("ipykernel", reason="nbclient and ipykernel are not installed")
    book = solved(released, tiny_course)
    book.cells.append(
        nbformat.v4.new_code_cell("def double(number):\n    while True:\n        try: number\n        except: pass")
    )
    book.cells.append(nbformat.v4.new_code_cell("check('doubling')"))
    resources = {"metadata": {"path": str(released / "notebooks")}}
    client.NotebookClient(book, timeout=120, kernel_name="python3", resources=resources).execute()
    results = [out for cell in book.cells for out in cell.get("outputs", []) if out.output_type == "execute_result"]
    assert [float(out.data["text/plain"]) for out in results[:-1]] == [14.0, 8.0, 3.0]
    assert "timeout" in results[-1].data["text/plain"] and "timeout" in results[-1].data["text/html"]
