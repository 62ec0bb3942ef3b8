"""`check("conv")` in a notebook: the objects of the kernel against the public bundles, as rich HTML or as text."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from rich.console import Console

from grader.errors import GraderError
from grader.faces.check import select
from grader.faces.terminal import print_exercise
from grader.judging.asked import Asked, asked
from grader.judging.judge import judge_exercise
from grader.judging.scoring import fault
from grader.keeping.tables import number
from grader.packages import notes
from grader.report import ExerciseResult, Finding, total
from grader.workspace import StudentFolder, open_student_folder, read_student_bundles

from . import importing
from .html import page, sentence
from .kernel import MAIN, KernelSession, OwnFiles, own_files
from .origin import located

ADVISORY = "Checked with the visible cases, in this kernel; what counts is the grading with hidden ones, elsewhere."


class Checked:
    """What a check found, to be shown by a notebook: `points` of `max_points`, `results` by exercise."""

    def __init__(self, results: Sequence[ExerciseResult], problem: str = "") -> None:
        self.results, self.problem = tuple(results), problem

    @property
    def points(self) -> float:
        """Sum over the exercises."""
        return total(result.points for result in self.results)

    @property
    def max_points(self) -> float:
        """Highest possible sum."""
        return total(result.max_points for result in self.results)

    @property
    def summary(self) -> str:
        """ "3 of 4 points"."""
        return f"{number(self.points)} of {number(self.max_points)} points" if self.results else ""

    def _repr_html_(self) -> str:
        return page(self.results, self.summary, self.problem, ADVISORY)

    def __repr__(self) -> str:
        text = io.StringIO()
        out = Console(
            file=text, width=100, highlight=False, color_system=None, force_terminal=False, force_jupyter=False
        )
        for result in self.results:
            print_exercise(out, result)
        lines = [text.getvalue().rstrip(), self.problem, self.summary, ADVISORY if self.results else ""]
        return "\n".join(line for line in lines if line)


def check_namespace(names: Sequence[str], namespace: Mapping[str, Any], start: Path) -> Checked:
    """Judge the wanted exercises on the objects of a namespace; whatever goes wrong is told and raises nothing."""
    results: list[ExerciseResult] = []
    try:
        folder = open_student_folder(start)
        chosen = select(read_student_bundles(folder), names, folder.course)
        for exercise in asked(folder.course, chosen):
            results.append(_judged(exercise, folder, namespace))
        left_out = notes(folder.course, chosen)
    except GraderError as error:
        return Checked(results, sentence(str(error)))
    except KeyboardInterrupt:
        return Checked(results, "The check was interrupted: what is not shown here was not checked.")
    return Checked(results, " ".join(left_out))


def _judged(exercise: Asked, folder: StudentFolder, namespace: Mapping[str, Any]) -> ExerciseResult:
    limits = folder.course.limits_of(exercise.bundle.exercise)
    own = own_files(namespace, str(folder.root))
    try:
        session = KernelSession(namespace, exercise.names, limits, own)
        result = located(judge_exercise(exercise, session, folder.course.policy), importing.origins())
    except Exception as error:
        return fault(exercise, error)
    checks = tuple(replace(one, findings=tuple(_in_cells(f, own) for f in one.findings)) for one in result.checks)
    return replace(result, file="in this kernel", checks=checks)


def _in_cells(finding: Finding, own: OwnFiles) -> Finding:
    """Where it happened by the number of the input, with the line's text."""
    text = finding.sentence.replace("is not defined in the file.", "is not defined: run its cell first.")
    evidence = finding.evidence
    if evidence and evidence.file == MAIN and evidence.line:
        text = re.sub(rf" at your line (\d+)| in {MAIN}, line (\d+)", lambda found: _said(found, own), text)
        name, line = own.place(evidence.line)
        evidence = replace(evidence, file=name, line=line)
    elif evidence and evidence.file and evidence.line:
        text = re.sub(r" at your (line \d+)", rf" at \1 of {evidence.file}", text)
    return replace(finding, sentence=text, evidence=evidence)


def _said(found: re.Match[str], own: OwnFiles) -> str:
    name, line = own.place(int((found[1] or found[2])[:9]))
    return f" at line {line} of {name}"
