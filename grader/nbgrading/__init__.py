"""nbgrader, the real one: courses for it, scores in its gradebook, and its `autograde` with this grader's workers.

Only this package imports nbgrader, and only when it is asked for: a student's install does without.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sysconfig

from grader.course import Course
from grader.errors import InputError
from grader.text import safe_name

ASSIGNMENTS = "cnn_grader.toml"  # in an nbgrader course: which course file stands behind an assignment


def need_nbgrader() -> None:
    """InputError where the extra is not installed. nbgrader starts `alembic` by its name: that must be found, too."""
    if importlib.util.find_spec("nbgrader") is None:
        raise InputError("This needs nbgrader: install it with `python -m pip install 'cnn-grader[nbgrader]'`.")
    scripts, path = sysconfig.get_path("scripts"), os.environ.get("PATH", "")
    if scripts not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join(filter(None, (path, scripts)))


def assignment_name(course: Course, given: str = "") -> str:
    """The name of the assignment that a course is in nbgrader: as given, else made of its title."""
    if given and (given != safe_name(given) or "+" in given):
        raise InputError(f"An assignment of nbgrader cannot be called {given!r}: take letters, digits, - and _.")
    return given or re.sub(r"[^a-z0-9]+", "-", course.title.casefold()).strip("-")[:60] or "exercises"
