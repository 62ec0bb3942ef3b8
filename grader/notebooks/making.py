"""The exercises of a course as notebooks: handout, skeleton in solution cells, visible checks; nbgrader schema 3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from grader.authoring.layout import Layout
from grader.authoring.links import seen_from
from grader.bundle import Bundle

from .blocks import Block, blocks

FOLDER = "notebooks"


def notebooks(layout: Layout, skeletons: Mapping[str, str], handouts: Mapping[str, str]) -> dict[str, str]:
    """Path to text of a notebook for each file of the course; `handouts` by topic."""
    made = {}
    for file, parts in layout.parts().items():
        bundles = [bundle for part in parts for bundle in part.bundles]
        topics = dict.fromkeys(bundle.topic for bundle in bundles)
        path = PurePosixPath(FOLDER, file).with_suffix(".ipynb")
        above = "../" * (len(path.parts) - 1)
        text = [seen_from(handouts[topic], f"{above}handouts") for topic in topics if topic in handouts]
        whole = notebook(layout, file, blocks(skeletons[file], symbols(layout, bundles)), text, bundles)
        made[str(path)] = nbformat.writes(whole) + "\n"  # type: ignore[no-untyped-call]
    return made


def notebook(
    layout: Layout,
    file: str,
    parts: Sequence[Block],
    handouts: Sequence[str],
    bundles: Sequence[Bundle],
) -> NotebookNode:
    """One file of the course as a notebook; `parts` are its skeleton or its solution."""
    stem = _id(PurePosixPath(file).stem)
    cells = [
        _cell(v4.new_markdown_cell, text.strip(), f"handout-{stem}-{number}", locked=True)
        for number, text in enumerate(handouts, 1)
    ]
    cells.append(_cell(v4.new_code_cell, _SETUP, f"setup-{stem}"))
    cells += _code(layout, stem, parts, bundles)
    metadata = {
        "grader": {"file": file},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    whole: NotebookNode = v4.new_notebook(cells=cells, metadata=metadata)  # type: ignore[no-untyped-call]
    nbformat.validate(whole)
    return whole


_SETUP = """from grader import check, import_notebooks

import_notebooks()  # imports find your other files and notebooks"""


def _code(layout: Layout, stem: str, parts: Sequence[Block], bundles: Sequence[Bundle]) -> Iterator[NotebookNode]:
    """What comes before the definitions in one cell, a cell for each of these, and the checks where all is there."""
    waiting = {bundle.exercise: set(symbols_of(layout, bundle)) for bundle in bundles}
    for number, part in enumerate(parts):
        if not part.name:
            following = parts[number + 1].name if number + 1 < len(parts) else ""
            yield _cell(v4.new_code_cell, part.text, f"before-{following}" if following else f"after-{stem}")
            continue
        kind = "solution" if part.solution else "helper"
        yield _cell(v4.new_code_cell, part.text, f"{kind}-{part.name}", part.solution)
        for bundle in bundles:
            left = waiting[bundle.exercise]
            left.discard(part.name)
            if part.name in symbols_of(layout, bundle) and not left:
                yield _check(bundle, round(float(layout.course.points_of(bundle)), 2))


def _check(bundle: Bundle, points: float) -> NotebookNode:
    """The visible checks; the last value is what nbgrader takes as the points."""
    text = f'report = check("{bundle.exercise}")\ndisplay(report)\nfloat(report.points)'
    return _cell(v4.new_code_cell, text, check_id(bundle.exercise), grade=True, locked=True, points=points)


def check_id(exercise: str) -> str:
    """The name of the cell that an exercise's points are given for."""
    return _id(f"check-{exercise}")


def symbols(layout: Layout, bundles: Sequence[Bundle]) -> list[str]:
    """What students must define in these exercises, by the course's names."""
    return [symbol for bundle in bundles for symbol in symbols_of(layout, bundle)]


def symbols_of(layout: Layout, bundle: Bundle) -> list[str]:
    """What students must define in one exercise, by the course's names."""
    names = layout.names[bundle.exercise]
    return [names.get(symbol, symbol) for symbol in bundle.symbols]


def _cell(
    new: Any,
    source: str,
    name: str,
    solution: bool = False,
    locked: bool = False,
    grade: bool = False,
    points: float = 0,
) -> NotebookNode:
    """A cell with nbgrader's metadata where it has a meaning there; one of the student's own has none."""
    name = _id(name)
    cell: NotebookNode = new(source=source, id=name)
    if solution or locked or grade:
        cell.metadata["nbgrader"] = {
            "schema_version": 3,
            "grade": grade,
            "grade_id": name,
            "locked": locked,
            "solution": solution,
            "task": False,
            **({"points": points} if grade else {}),
        }
    return cell


def _id(name: str) -> str:
    """A name as nbformat and nbgrader take it."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", name)[:64] or "cell"
