"""Preprocessors that put this grader into `nbgrader autograde`; nbgrader_config.py names them.

No cell of a student runs in a kernel. `Judged` judges the whole submission, once, and makes what was found the outputs
of the graded cells; `SaveGrades` reads the points from there, as nbgrader's own preprocessor does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Unicode

from grader.keeping.view import view
from grader.notebooks.making import check_id
from grader.report import ExerciseResult, Report

from .config import course_file
from .judging import report_of
from .telling import NOT_RUN, not_run, outputs

Step = tuple[NotebookNode, Any]


class Judged(NbGraderPreprocessor):  # type: ignore[misc]
    """In the place of nbgrader's Execute."""

    course = Unicode("", help="Course file (default: what cnn_grader.toml says of the assignment).").tag(config=True)
    allow_weak_isolation = Bool(
        False, help="Grade also where this machine cannot confine submissions (see `grader doctor`)."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> Step:
        """Give the graded cells their outputs."""
        about = resources["nbgrader"]
        directory = self.parent.parent.coursedir  # of the converter that this was registered by
        submitted = directory.format_path(directory.submitted_directory, about["student"], about["assignment"])
        folder = Path(directory.root, submitted)
        report = self._report(folder, about["student"], about["assignment"])
        ours = {check_id(result.exercise): result for result in report.exercises}
        with Gradebook(about["db_url"]) as gradebook:
            self._restore(nb, gradebook.find_notebook(about["notebook"], about["assignment"]), ours)
            submission = gradebook.find_submission(about["assignment"], about["student"])
            self._elsewhere([one for one in submission.notebooks if not (folder / f"{one.name}.ipynb").exists()], ours)
            gradebook.db.commit()
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = self._outputs(cell, report, ours), None
        return nb, resources

    def _report(self, folder: Path, student: str, assignment: str) -> Report:
        """What its student may see of the report on a submission."""
        root = Path(self.parent.parent.coursedir.root)
        file = Path(self.course).resolve() if self.course else course_file(root, assignment)
        return view(report_of(file, folder, student, self.allow_weak_isolation))

    @staticmethod
    def _outputs(cell: NotebookNode, report: Report, ours: dict[str, ExerciseResult]) -> list[NotebookNode]:
        if not utils.is_grade(cell) or utils.is_solution(cell):
            return []
        result = ours.get(cell.metadata.nbgrader["grade_id"])
        return outputs(report, result) if result else not_run()

    @staticmethod
    def _restore(nb: NotebookNode, notebook: Any, ours: dict[str, ExerciseResult]) -> None:
        """The graded cells of ours that its student has deleted, at the end of the notebook."""
        there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
        sources = {cell.name: cell for cell in notebook.source_cells}
        for graded in notebook.grade_cells:
            if graded.name not in ours or graded.name in there:
                continue
            source = sources[graded.name]
            cell = v4.new_code_cell(source.source)  # type: ignore[no-untyped-call]
            cell.metadata["nbgrader"] = {
                "schema_version": 3,
                "grade": True,
                "grade_id": graded.name,
                "locked": True,
                "solution": False,
                "task": False,
                "points": graded.max_score,
                "checksum": source.checksum,
                "cell_type": "code",
            }
            if nb.nbformat_minor < 5:
                cell.pop("id", None)
            nb.cells.append(cell)

    @staticmethod
    def _elsewhere(missing: Sequence[Any], ours: dict[str, ExerciseResult]) -> None:
        """Points for exercises whose notebook was not handed in under its name: they may be in another file."""
        for grade in (grade for notebook in missing for grade in notebook.grades):
            if grade.name in ours and grade.auto_score != ours[grade.name].points:
                grade.auto_score = ours[grade.name].points
                grade.needs_manual_grade = grade.manual_score is not None


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """In the place of nbgrader's SaveAutoGrades: graded cells that were not run wait for a grader."""

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_score(cell, resources)
        if any(output.get("ename") == NOT_RUN for output in cell.get("outputs", [])):
            name = cell.metadata["nbgrader"]["grade_id"]
            grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()
