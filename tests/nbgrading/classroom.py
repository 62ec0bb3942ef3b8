"""A course of the real nbgrader beside the tiny course's repository, and what its students hand in."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from tiny import mutated

NAME = "tiny"
WRONG = mutated((" + self.bias[:, None, None]", ""))
NOISE = """
        import sys, warnings
        warnings.warn("noise")
        print("noise", file=sys.stderr)
        LOG.warning("noise")
        np.zeros(1) / np.zeros(1)
"""
NOISY = mutated(
    ("        self.input_tensor = np.array", f"{NOISE}        self.input_tensor = np.array"),
    ("class Scale:\n", "class Scale:\n    import logging\n    logging.basicConfig()\n"),
    ("LOG.", "self.logging."),
)


class Class(NamedTuple):
    """An instructor's repository, and beside it the course of nbgrader."""

    repository: Path
    course: Path

    @property
    def url(self) -> str:
        """nbgrader's own default."""
        return f"sqlite:///{self.course / 'gradebook.db'}"

    def source(self) -> Any:
        """The notebook with solutions."""
        return nbformat.read(self.course / "source" / NAME / "tiny.ipynb", 4)

    def hand_in(self, student: str, book: Any, name: str = "tiny", when: str = "") -> None:
        """A submission as nbgrader collects it."""
        folder = self.course / "submitted" / student / NAME
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, folder / f"{name}.ipynb")
        if when:
            (folder / "timestamp.txt").write_text(when)

    def nbgrader(self, *arguments: str) -> str:
        """Run the real one in the course; what it says."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(Path(__file__).parents[1])}
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=self.course, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stderr


def written(released: Any, solved: Any, source: str) -> Any:
    """The student's notebook with definitions of `source` in the place of its solution cells."""
    nodes = {getattr(node, "name", ""): ast.unparse(node) for node in ast.parse(source).body}
    for cell in released.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.startswith("solution-"):
            cell.source = nodes[name.removeprefix("solution-")]
    return released


def student_version(found: Class) -> Any:
    """The released notebook."""
    return nbformat.read(found.course / "release" / NAME / "tiny.ipynb", 4)
