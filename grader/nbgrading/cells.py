"""The cells of an assignment in nbgrader's gradebook: found, or made by nbgrader's own preprocessors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from nbformat import NotebookNode

from grader.errors import InputError
from grader.judging.asked import Asked
from grader.notebooks.making import check_id

Books = Callable[[], Mapping[str, NotebookNode]]  # makes the source notebooks, by nbgrader's names


class Place(NamedTuple):
    """Where an exercise is in nbgrader: its notebook, the cell with its points, and the one for comments ("")."""

    notebook: str
    grade_id: str
    solution_id: str = ""


def places(gradebook: Any, assignment: str, exercises: Sequence[Asked]) -> dict[str, Place]:
    """The exercises that the gradebook has cells for."""
    found: dict[str, Place] = {}
    wanted = {check_id(one.bundle.exercise): one for one in exercises}
    for notebook in _notebooks(gradebook, assignment):
        solutions = {cell.name for cell in notebook.solution_cells}
        for cell in notebook.grade_cells:
            if one := wanted.get(cell.name):
                names = [f"solution-{one.names.get(symbol, symbol)}" for symbol in one.bundle.symbols]
                mine = next((name for name in names if name in solutions), "")
                found[one.bundle.exercise] = Place(notebook.name, cell.name, mine)
    return found


def ensure(gradebook: Any, url: str, assignment: str, exercises: Sequence[Asked], books: Books) -> dict[str, Place]:
    """The places of all exercises; assignment, notebooks and cells are made where they are missing."""
    found = places(gradebook, assignment, exercises)
    missing = [one for one in exercises if one.bundle.exercise not in found]
    if missing:
        _make(gradebook, url, assignment, books())
        found = places(gradebook, assignment, exercises)
    for one in exercises:
        if one.bundle.exercise not in found:
            cell = check_id(one.bundle.exercise)
            raise InputError(f"The assignment {assignment} of nbgrader has no cell {cell}: release it anew.")
        _set_points(gradebook, assignment, found[one.bundle.exercise], one)
    return found


def _notebooks(gradebook: Any, assignment: str) -> Sequence[Any]:
    from nbgrader.api import MissingEntry

    try:
        return list(gradebook.find_assignment(assignment).notebooks)
    except MissingEntry:
        return []


def _make(gradebook: Any, url: str, assignment: str, books: Mapping[str, NotebookNode]) -> None:
    """Whole notebooks by nbgrader's preprocessors; into one that is there only the graded cells that it lacks."""
    known = {notebook.name: notebook for notebook in _notebooks(gradebook, assignment)}
    if not known:
        gradebook.update_or_create_assignment(assignment)
    for name, book in books.items():
        if name not in known:
            resources = {"nbgrader": {"notebook": name, "assignment": assignment, "db_url": url}}
            _preprocessed(book, resources, saved=True)
            continue
        have = {cell.name for cell in known[name].grade_cells}
        released = _preprocessed(book, {"nbgrader": {}}, saved=False)
        for cell in released.cells:
            metadata = cell.metadata.get("nbgrader", {})
            if metadata.get("grade") and metadata["grade_id"] not in have:
                _add(gradebook, assignment, name, cell, metadata)
    gradebook.db.expire_all()


def _preprocessed(book: NotebookNode, resources: dict[str, Any], saved: bool) -> NotebookNode:
    """A source notebook after what `nbgrader generate_assignment` does to it; `saved` in the gradebook, too."""
    from nbgrader import preprocessors

    log = logging.Logger("nbgrader", logging.CRITICAL)
    names = ["LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata", "ComputeChecksums"]
    for name in [*names, "SaveCells"] if saved else names:
        book, resources = getattr(preprocessors, name)(log=log).preprocess(book, resources)
    return book


def _add(gradebook: Any, assignment: str, notebook: str, cell: NotebookNode, metadata: Mapping[str, Any]) -> None:
    name, points = metadata["grade_id"], float(metadata["points"])
    gradebook.add_grade_cell(name, notebook, assignment, max_score=points, cell_type=cell.cell_type)
    about = {"cell_type": cell.cell_type, "locked": True, "source": cell.source, "checksum": metadata["checksum"]}
    gradebook.update_or_create_source_cell(name, notebook, assignment, **about)


def _set_points(gradebook: Any, assignment: str, place: Place, exercise: Asked) -> None:
    """What a cell is worth, where the course has changed since."""
    cell = gradebook.find_grade_cell(place.grade_id, place.notebook, assignment)
    points = round(float(exercise.points), 2)
    if cell.max_score != points:
        cell.max_score = points
        gradebook.db.commit()
