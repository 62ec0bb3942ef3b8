"""The result of GitHub Classroom's autograding protocol: base64 of JSON, one test per exercise.

Classroom adds up the tests' scores. Its reporter reads the step's output `result`.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

from grader.report import ExerciseResult
from grader.text import printable

from . import Checked, failed, own_findings

VERSION = 1
LONGEST = 600


def render(checked: Checked) -> str:
    """The result in one line."""
    data = json.dumps(result(checked), separators=(",", ":"))
    return base64.b64encode(data.encode()).decode() + "\n"


def publish(checked: Checked) -> str:
    """In a workflow the result becomes the step's output `result`, elsewhere it is printed."""
    line = render(checked)
    if path := os.environ.get("GITHUB_OUTPUT"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"result={line}")
        return ""
    return line


def result(checked: Checked) -> dict[str, object]:
    """The result as the reporter reads it."""
    report = checked.report
    passed = all(result.verdict == "pass" for result in report.exercises)
    return {
        "version": VERSION,
        "status": ("pass" if passed else "fail") if report.complete else "error",
        "max_score": report.max_points,
        "tests": [_test(checked, result) for result in report.exercises],
    }


def _test(checked: Checked, result: ExerciseResult) -> dict[str, object]:
    wrong = [(check, finding) for check in result.checks if failed(check) for finding in own_findings(check)]
    file, line = checked.place(result, *wrong[0]) if wrong else (checked.folder + result.file, 0)
    status = "pass" if result.verdict == "pass" else "error" if result.verdict == "grader fault" else "fail"
    sentences = dict.fromkeys(_text(finding.sentence) for _, finding in wrong)
    return {
        "name": _text(result.title),
        "status": status,
        "score": result.points,
        "max_score": result.max_points,
        "message": "\n".join(sentences),
        "test_code": f"grader check {result.exercise}",
        "filename": _text(file),
        "line_no": line,
        "execution_time": f"{result.cpu_seconds:.3f}s",
    }


def _text(anything: str) -> str:
    """One line in which no command can begin: the reporter prints it, and the runner reads what it prints."""
    return printable(anything, LONGEST).replace("::", ": :").replace("##[", "## [")
