"""`grader check`: a student's own work, against the public bundles, in a worker process, with no questions asked."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from grader.bundle import Bundle
from grader.course import Course
from grader.errors import InputError
from grader.judging.judge import Judge, asked
from grader.keeping.tables import number
from grader.report import ExerciseResult, Isolation, total
from grader.running.submission import SourceFile, Submission
from grader.running.workers import Launcher, launcher
from grader.workspace import open_student_folder, read_student_bundles

from .terminal import console, print_exercise

SKIPPED = {"bundles", "handouts", "tests", "__pycache__"}


def run(wanted: Sequence[str], start: Path) -> int:
    """Check the wanted exercises (default: all); 0 where all pass, 1 where something fails."""
    folder = open_student_folder(start)
    submission = own_files(folder.root)
    started = launcher(modules_used(submission, folder.course))
    try:
        bundles = select(read_student_bundles(folder), wanted)
        return _check(folder.course, bundles, submission, started)
    finally:
        started.close()


def own_files(root: Path) -> Submission:
    """The Python files below a folder, as a submission."""
    files = []
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        hidden = any(part.startswith(".") or part in SKIPPED for part in relative.parts[:-1])
        if not hidden and path.is_file() and not path.is_symlink():
            files.append(SourceFile(relative.as_posix(), path.read_bytes()))
    return Submission(root.name, tuple(files))


def modules_used(submission: Submission, course: Course) -> list[str]:
    """The allowed packages that the files mention: importing others beforehand would only cost time."""
    text = b"\n".join(file.source for file in submission.files)
    return [name for name in course.modules.allowed if name != "numpy" and name.encode() in text]


def select(bundles: Sequence[Bundle], wanted: Sequence[str]) -> list[Bundle]:
    """The bundles whose exercise, topic or file is wanted; InputError names one that is unknown."""
    chosen: list[Bundle] = []
    for name in wanted:
        plain = Path(name).name.lower().removesuffix(".py")
        found = [b for b in bundles if plain in (b.exercise, b.topic)]
        if not found:
            known = sorted({b.exercise for b in bundles} | {b.topic for b in bundles})
            near = difflib.get_close_matches(plain, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(b.exercise for b in bundles)}."
            raise InputError(f"There is no exercise {name!r}: {hint}")
        chosen += [b for b in found if b not in chosen]
    return chosen if wanted else list(bundles)


def _check(course: Course, bundles: Sequence[Bundle], submission: Submission, started: Launcher) -> int:
    out = console()
    judge = Judge(course, asked(course, bundles), started, Isolation(0))
    results: list[ExerciseResult] = []
    with out.status("checking ...", spinner="dots") as status:
        for result in judge.results(submission):
            print_exercise(out, result)
            results.append(result)
            status.update(f"checked {len(results)} of {len(bundles)} exercises ...")
    points, most = total(r.points for r in results), total(r.max_points for r in results)
    passed = sum(result.verdict == "pass" for result in results)
    text = Text.assemble(
        (f"{number(points)} of {number(most)} points", "bold"), f", {passed} of {len(results)} exercises pass."
    )
    out.print(text)
    out.print(Text("Checked with the visible cases; what counts is the grading with hidden ones.", style="dim"))
    return 0 if passed == len(results) else 1
