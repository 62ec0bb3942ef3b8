"""The notebooks of a course as nbgrader's instructors have them: with solutions, marked as nbgrader wants it."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.authoring.layout import Sources
from grader.authoring.links import seen_from
from grader.authoring.release import Material
from grader.errors import CourseError
from grader.notebooks.blocks import marked, without_marks
from grader.notebooks.making import notebook


def source_notebooks(material: Material) -> dict[str, NotebookNode]:
    """nbgrader's name of each notebook, and the notebook."""
    layout = material.layout
    whole: Sources = {file: (without_marks(given),) * 2 for file, (_, given) in material.sources.items()}
    solved = layout.files(whole)
    made: dict[str, NotebookNode] = {}
    for file, parts in layout.parts().items():
        bundles = [bundle for part in parts for bundle in part.bundles]
        topics = dict.fromkeys(bundle.topic for bundle in bundles)
        handouts = [seen_from(material.handouts[topic], "handouts") for topic in topics]
        name = notebook_name(file)
        if name in made:
            raise CourseError(f"Two files of the course would be the notebook {name}.ipynb: rename one of them.")
        made[name] = notebook(layout, file, marked(material.skeletons[file], solved[file]), handouts, bundles)
        made[name].metadata["grader"]["made"] = fingerprint(made[name])
    return made


def notebook_name(file: str) -> str:
    """`Layers/Conv.py` is the notebook Conv: nbgrader wants all of them in one folder."""
    return re.sub(r"[^\w-]", "-", PurePosixPath(file).stem)


def is_changed(text: str) -> bool:
    """Whether somebody has worked on a source notebook since it was made."""
    try:
        book: Any = nbformat.reads(text, 4)  # type: ignore[no-untyped-call]
        return bool(book.metadata["grader"]["made"] != fingerprint(book))
    except Exception:  # no notebook, or none of ours
        return True


def fingerprint(book: NotebookNode) -> str:
    """Of all that an instructor may have changed in a notebook; outputs do not count."""
    cells = [(cell.cell_type, cell.source, sorted(cell.metadata.get("nbgrader", {}).items())) for cell in book.cells]
    return hashlib.sha256(repr(cells).encode()).hexdigest()[:16]
