"""What students get: skeletons, handouts, public bundles, a course file, a README. Nothing hidden, no solution."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.bundle import Bundle
from grader.course import FILE_NAME, Course
from grader.errors import CourseError, InputError
from grader.keeping.tables import number
from grader.workspace import Workspace, write_bundles

from .template import BEGIN, END, skeleton, solution_lines
from .topics import read_topics


def write_release(workspace: Workspace, bundles: Sequence[Bundle], folder: Path) -> list[Path]:
    """Write everything into an empty, or an earlier released, folder; any other is refused."""
    asked = [b for b in bundles if workspace.course.asks_for(b.exercise, b.topic)]
    if not asked:
        raise CourseError(f"{workspace.file}: include and exclude leave no exercise to release.")
    if any(bundle.kind != "public" for bundle in asked):
        raise AssertionError("only public bundles are released")
    _check_folder(folder)
    texts = {
        **_skeletons(workspace, asked),
        **_handouts(workspace, asked),
        FILE_NAME: course_text(workspace.course, asked),
        "README.md": readme(workspace.course, asked),
        ".gitignore": "__pycache__/\n.venv/\n",
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    write_bundles(asked, folder / "bundles")
    return [folder / name for name in texts] + sorted((folder / "bundles").iterdir())


def _check_folder(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE_NAME).is_file():
        raise InputError(
            f"{folder} is not empty and no released folder: name a new one, so that nothing is overwritten."
        )


def _file_of(course: Course, bundle: Bundle) -> str:
    return course.file_of(bundle.exercise, bundle.topic, bundle.file)


def _skeletons(workspace: Workspace, bundles: Sequence[Bundle]) -> dict[str, str]:
    texts = {}
    for bundle in bundles:
        path = workspace.reference / bundle.file
        source = path.read_text(encoding="utf-8")
        if not solution_lines(source):
            raise CourseError(
                f"{path} marks no solution, so all of it would be released: put {BEGIN} and {END} into it."
            )
        texts[_file_of(workspace.course, bundle)] = skeleton(source, str(path))
    return texts


def _handouts(workspace: Workspace, bundles: Sequence[Bundle]) -> dict[str, str]:
    names = {bundle.topic for bundle in bundles}
    return {f"handouts/{t.name}.md": t.handout for t in read_topics(workspace.source) if t.name in names}


def course_text(course: Course, bundles: Sequence[Bundle]) -> str:
    """The released course file: what students' checks need, resolved, and no more."""
    lines = [f"title = {_toml(course.title)}"]
    if course.names:
        lines += ["", "[names]", *(f"{key} = {_toml(value)}" for key, value in course.names.items())]
    if course.limits:
        lines += ["", "[limits]", *(f"{key} = {value:g}" for key, value in course.limits.items())]
    lines += ["", "[modules]", f"allowed = [{', '.join(map(_toml, course.modules.allowed))}]"]
    for bundle in bundles:
        settings = course.settings(bundle.exercise)
        points = bundle.max_points if settings.points is None else settings.points
        lines += ["", f"[exercises.{bundle.exercise}]", f"points = {float(points):g}"]
        lines += [f"title = {_toml(settings.title)}"] if settings.title else []
        file = _file_of(course, bundle)
        lines += [f"file = {_toml(file)}"] if file != bundle.file else []
        if settings.names:
            pairs = ", ".join(f"{key} = {_toml(value)}" for key, value in settings.names.items())
            lines.append(f"names = {{ {pairs} }}")
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def readme(course: Course, bundles: Sequence[Bundle]) -> str:
    """What a student reads first."""
    rows = []
    for bundle in bundles:
        settings = course.settings(bundle.exercise)
        points = bundle.max_points if settings.points is None else settings.points
        title, file = settings.title or bundle.title, _file_of(course, bundle)
        needs = ", ".join(f"`{name}`" for name in bundle.needs) or "none"
        rows.append(
            f"| {title} | `{file}` | [{bundle.topic}](handouts/{bundle.topic}.md) | {number(points)} | {needs} |"
        )
    table = "\n".join(rows)
    first = bundles[0]
    return f"""# {course.title}

Your task is to complete the Python files in this folder. Each exercise has a handout that says what to do.

| exercise | file | handout | points | needs your |
|---|---|---|---|---|
{table}

## How to work

1. Install the checker once: `python -m pip install cnn-grader` (Python 3.11 or newer).
2. Read the handout of an exercise, open its file, replace `raise NotImplementedError`.
3. Check your work in this folder: `grader check {first.exercise}` for one exercise, `grader check {first.topic}` for a
   file, `grader check` for everything.

For everything that is wrong you get a sentence, a hint, and the smallest case in which it shows, with numbers to
reproduce. Exercises are checked one by one: a mistake in one file costs nothing in another, unless the last column
says that it needs it.

The checks here use visible cases. Your points are given with other, hidden cases of the same kind: write code that is
right in general. NumPy is all you need; {", ".join(course.modules.allowed)} may be imported.
"""
