"""What an nbgrader course needs besides its notebooks: `nbgrader_config.py`, and which course file is behind what."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

from grader.errors import InputError

from . import ASSIGNMENTS

NAME = "nbgrader_config.py"
TEXT = '''\
"""Made by `grader release --nbgrader`, for you to change: it is never overwritten."""

c = get_config()  # noqa: F821 (nbgrader gives it)

# `nbgrader autograde` with this grader: the graded cells are judged with the hidden cases, in workers that are kept
# apart, and no cell of a student runs in a kernel here. Without these lines nbgrader runs all cells in a kernel, as it
# always does, and the graded ones use the visible cases: students can outwit that.
c.Autograde.autograde_preprocessors = [
    "grader.nbgrading.autograde.Judged",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "grader.nbgrading.autograde.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# c.Judged.allow_weak_isolation = True  # grade also where `grader doctor` says that this machine is too weak for it
'''
HEADER = "# Made by `grader release --nbgrader`: course files of nbgrader's assignments, relative to this folder.\n"


def write_config(folder: Path) -> bool:
    """Write nbgrader_config.py where there is none; whether there was none."""
    path = folder / NAME
    if path.exists():
        return False
    path.write_text(TEXT, encoding="utf-8")
    return True


def remember(folder: Path, assignment: str, course_file: Path) -> None:
    """Keep which course file stands behind an assignment."""
    known = _read(folder) | {assignment: os.path.relpath(course_file.resolve(), folder.resolve())}
    lines = [f"{json.dumps(name)} = {json.dumps(file)}\n" for name, file in sorted(known.items())]
    (folder / ASSIGNMENTS).write_text(f"{HEADER}[assignments]\n{''.join(lines)}", encoding="utf-8")


def course_file(folder: Path, assignment: str) -> Path:
    """The course file of an assignment; InputError where nobody knows it."""
    known = _read(folder)
    if assignment not in known:
        raise InputError(
            f"{folder / ASSIGNMENTS} names no course file for {assignment!r}: run `grader release --nbgrader {folder} "
            f"--assignment {assignment}` in the course's repository."
        )
    return (folder / known[assignment]).resolve()


def _read(folder: Path) -> dict[str, str]:
    path = folder / ASSIGNMENTS
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("assignments", {}) if path.exists() else {}
        return {str(name): str(file) for name, file in found.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{path} cannot be read ({error}): delete it and release again.") from error
