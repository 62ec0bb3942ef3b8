"""`grader check`: a student's own work, against the public bundles, in a worker process, with no questions asked."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from rich.console import Console
from rich.text import Text

from grader import packages
from grader.bundle import Bundle
from grader.course import Course
from grader.errors import InputError
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.keeping.tables import number
from grader.keeping.view import view
from grader.known_names import notes
from grader.report import ExerciseResult, Isolation, Report
from grader.running.submission import Submission
from grader.running.workers import Launcher, launcher, preloaded
from grader.sinks import Checked, formats, load, published
from grader.text import printable
from grader.workspace import open_student_folder, read_student_bundles

from .own_folder import own_files
from .terminal import console, print_exercise


def run(wanted: Sequence[str], start: Path, shown: Sequence[str] = ()) -> int:
    """Check the wanted exercises (default: all); 0 where all pass, 1 where something fails.

    `shown` are formats, each as NAME or NAME=FILE; without any, results are printed as they come.
    """
    outputs = [parsed_format(text) for text in shown or ("text",)]
    folder = open_student_folder(start)
    submission = own_files(folder.root)
    started = launcher(modules_used(submission, folder.course))
    try:
        known = read_student_bundles(folder)
        bundles = select(known, wanted, folder.course)
        live = ("text", None) in outputs
        say_notes(console(stderr=not live), [*notes(folder.course, known), *packages.notes(folder.course, bundles)])
        results = _check(folder.course, bundles, submission, started, live, known)
    finally:
        started.close()
    if outputs != [("text", None)]:
        checked = as_checked(folder.course, bundles, submission, results, folder.root)
        for name, file in outputs:
            _deliver(name, file, checked)
    return 0 if all(result.verdict == "pass" for result in results) else 1


def parsed_format(text: str) -> tuple[str, Path | None]:
    """Name and file of `--format NAME[=FILE]`."""
    name, given, file = text.partition("=")
    if name not in formats():
        raise InputError(f"There is no format {name!r}: there are {', '.join(formats())}.")
    if given and not file:
        raise InputError(f"--format {text} names no file: give --format {name}=FILE.")
    return name, Path(file) if given else None


def as_checked(
    course: Course, bundles: Sequence[Bundle], submission: Submission, results: Sequence[ExerciseResult], root: Path
) -> Checked:
    """The results as a report that may be shown, with the lines that they are about."""
    from grader import __version__
    from grader.sinks._lines import check_lines

    feedback = "full" if all(bundle.kind == "public" for bundle in bundles) else course.policy.feedback
    versions = {"grader": __version__}
    report = Report(submission.name, course.title, tuple(results), submission.notes, Isolation(0), versions, feedback)
    sources = {file.path: file.source for file in submission.files if not file.path.endswith(".ipynb")}
    names = course.all_names(bundles)
    symbols = {bundle.exercise: bundle.symbols for bundle in bundles}
    lines: dict[str, Mapping[str, int]] = {
        result.exercise: check_lines(
            sources.get(result.file, b""),
            symbols[result.exercise],
            names[result.exercise],
            [check.name for check in result.checks],
        )
        for result in results
    }
    return Checked(view(report), lines, _inside_repository(root))


def _inside_repository(root: Path) -> str:
    """The folder relative to the repository that a CI system has checked out."""
    for key in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        top = Path(os.environ[key]).resolve() if os.environ.get(key) else None
        if top and root != top and top in root.parents:
            return root.relative_to(top).as_posix() + "/"
    return ""


def _deliver(name: str, file: Path | None, checked: Checked) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(load(name).render(checked), encoding="utf-8")
    elif name != "text":
        sys.stdout.flush()
        sys.stdout.buffer.write(published(name, checked).encode())
        sys.stdout.buffer.flush()


def modules_used(submission: Submission, course: Course) -> list[str]:
    """Of the allowed packages those that the files mention."""
    return preloaded(course.modules.allowed, (file.source for file in submission.files))


def say_notes(out: Console, sentences: Sequence[str]) -> None:
    """Notes about the course file."""
    for sentence in sentences:
        out.print(Text(f"Note: {printable(sentence, 600)}", style="cyan"))


def select(bundles: Sequence[Bundle], wanted: Sequence[str], course: Course | None = None) -> list[Bundle]:
    """The bundles whose exercise, topic or file is wanted; InputError names one that is unknown."""
    course = course or Course("")
    chosen: list[Bundle] = []
    for name in wanted:
        path = PurePath(name).as_posix().removeprefix("./").lower()
        found = [b for b in bundles if path in _names(b, course) or path.removesuffix(".py") in (b.exercise, b.topic)]
        last = path.rpartition("/")[2]
        found = found or [b for b in bundles if last in (b.file, PurePath(_file(b, course)).name.lower())]
        if not found:
            raise InputError(f"There is no exercise {name!r}: {_nearest(path, bundles, course)}")
        chosen += [b for b in found if b not in chosen]
    return chosen if wanted else list(bundles)


def _file(bundle: Bundle, course: Course) -> str:
    return course.file_of(bundle.exercise, bundle.topic, bundle.file)


def _names(bundle: Bundle, course: Course) -> list[str]:
    """All by which an exercise can be asked for, in small letters: itself, topic, file, title, classes."""
    title = course.settings(bundle.exercise).title or bundle.title
    names = course.names_of(bundle.exercise)
    symbols = [names.get(symbol, symbol) for symbol in bundle.symbols]
    file = _file(bundle, course)
    return [n.lower() for n in (bundle.exercise, bundle.topic, file, file.removesuffix(".py"), title, *symbols)]


def _nearest(name: str, bundles: Sequence[Bundle], course: Course) -> str:
    """What may have been meant."""
    meant = {known: b.exercise for b in reversed(bundles) for known in reversed(_names(b, course))}
    meant.update((b.topic, b.topic) for b in bundles)
    near = difflib.get_close_matches(name.removesuffix(".py").rpartition("/")[2], meant, 1)
    return f"did you mean {meant[near[0]]}?" if near else f"there are {', '.join(b.exercise for b in bundles)}."


def _check(
    course: Course,
    bundles: Sequence[Bundle],
    submission: Submission,
    started: Launcher,
    live: bool,
    known: Sequence[Bundle],
) -> list[ExerciseResult]:
    out = console(stderr=not live)
    judge = Judge(course, asked(course, bundles), started, Isolation(0), everything=asked(course, known))
    results: list[ExerciseResult] = []
    with out.status("checking ...", spinner="dots") as status:
        for result in judge.results(submission):
            if live:
                print_exercise(out, result)
            results.append(result)
            status.update(f"checked {len(results)} of {len(judge.exercises)} exercises ...")
    if live:
        say_total(out, Report(submission.name, course.title, tuple(results)))
    return results


def say_total(out: Console, report: Report) -> None:
    """The points, and what they are worth."""
    passed = sum(result.verdict == "pass" for result in report.exercises)
    text = Text.assemble(
        (f"{number(report.points)} of {number(report.max_points)} points", "bold"),
        f", {passed} of {len(report.exercises)} exercises pass.",
    )
    out.print(text)
    out.print(Text("Checked with the visible cases; what counts is the grading with hidden ones.", style="dim"))
