"""The course file: which exercises, how many points, and how this course's students name files, classes, attributes."""

from __future__ import annotations

import difflib
import keyword
import tomllib
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from grader.errors import CourseError
from grader.judging.context import Policy
from grader.text import whole
from grader.worker.limits import Limits

if TYPE_CHECKING:
    from grader.bundle import Bundle
    from grader.judging.checks import Check

FILE_NAME = "course.toml"


class ExerciseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[exercises.NAME]`: everything is optional.

    points: what the exercise is worth (default: the sum of its checks). title, file: other than the spec's. names: how
    students call the symbols, methods and attributes, by the names of the spec. limits: other than the course's.
    without: names of checks that are left out.
    """

    points: float | None = None
    title: str = ""
    file: str = ""
    names: dict[str, str] = {}
    limits: dict[str, float] = {}
    without: tuple[str, ...] = ()


class Modules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[modules]`: third-party packages that students may import, where they are installed."""

    allowed: tuple[str, ...] = ("numpy", "scipy")


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[late]`: what is handed in after `deadline` loses `per_day` of its points for each day begun, `most` at most.

    A deadline without an offset is in the time zone of the machine that grades.
    """

    deadline: datetime | None = None
    grace_minutes: float = 0.0
    per_day: float = 0.1
    most: float = 1.0


class Course(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A course file.

    title: as it is printed. include, exclude: names of exercises or topics (default: all, none). source: folder of the
    topics, relative to the course file. names: renames that hold in every exercise. files: other file names, by the
    topic's (`pooling = "Layers/Pooling.py"`).
    """

    title: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source: str = ""
    names: dict[str, str] = {}
    files: dict[str, str] = {}
    policy: Policy = Policy()
    limits: dict[str, float] = {}
    modules: Modules = Modules()
    late: Late = Late()
    exercises: dict[str, ExerciseSettings] = {}

    def settings(self, exercise: str) -> ExerciseSettings:
        """What the course says about one exercise."""
        return self.exercises.get(exercise, ExerciseSettings())

    def file_of(self, exercise: str, topic: str, default: str) -> str:
        """The file that holds an exercise."""
        return self.settings(exercise).file or self.files.get(topic, default)

    def names_of(self, exercise: str) -> dict[str, str]:
        """All renames that hold in an exercise."""
        return {**self.names, **self.settings(exercise).names}

    def all_names(self, bundles: Iterable[Bundle]) -> dict[str, dict[str, str]]:
        """The renames of every exercise; what one's table says of its own classes and functions holds in all of them.

        Otherwise an exercise that builds on the others would look for classes under names that nobody gave them. Where
        a library says what methods and attributes are called, only the exercise's own classes have other names.
        """
        bundles = list(bundles)
        chosen = {bundle.exercise: bundle.symbols for bundle in bundles}
        symbols = {
            symbol: self.names_of(exercise)[symbol]
            for exercise, own in chosen.items()
            for symbol in own
            if symbol in self.names_of(exercise)
        }
        found = {exercise: {**symbols, **self.names_of(exercise)} for exercise in chosen}
        for bundle in bundles:
            if bundle.packages:
                names = found[bundle.exercise]
                found[bundle.exercise] = {symbol: names[symbol] for symbol in bundle.symbols if symbol in names}
        return found

    def checks_of(self, bundle: Bundle) -> tuple[Check, ...]:
        """The checks of an exercise that count; CourseError where `without` leaves none, or names one there is not."""
        names, without = [check.name for check in bundle.checks], self.settings(bundle.exercise).without
        for name in without:
            if name not in names:
                near = _nearest(name, tuple(names))
                text = f"The course file's exercises.{bundle.exercise}.without names {name!r}, which is no check{near}"
                raise CourseError(whole(text))
        kept = tuple(check for check in bundle.checks if check.name not in without)
        if not kept:
            raise CourseError(
                f"The course file's exercises.{bundle.exercise}.without leaves no check: put the exercise into "
                "`exclude` instead."
            )
        return kept

    def points_of(self, bundle: Bundle) -> float:
        """What an exercise is worth."""
        points = self.settings(bundle.exercise).points
        return sum(check.points for check in self.checks_of(bundle)) if points is None else points

    def limits_of(self, exercise: str) -> Limits:
        """The limits that hold in an exercise."""
        return msgspec.convert({**self.limits, **self.settings(exercise).limits}, Limits, strict=False)

    def asks_for(self, exercise: str, topic: str) -> bool:
        """Whether the exercise is part of the course."""
        wanted = not self.include or exercise in self.include or topic in self.include
        return wanted and exercise not in self.exclude and topic not in self.exclude


def check_names(course: Course, names: Collection[str]) -> None:
    """CourseError where the course speaks of an exercise or topic that is not among `names`."""
    parts = {"include": course.include, "exclude": course.exclude, "files": course.files, "exercises": course.exercises}
    for key, used in parts.items():
        for name in used:
            if name not in names:
                known = _nearest(name, tuple(sorted(names)))
                text = f"The course file's {key} names {name!r}, which is no exercise and no topic{known}"
                raise CourseError(whole(text))


def read_course(path: Path) -> Course:
    """The course of a file; CourseError says file, key, what was got and what is expected."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): give the course file with --course.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} is not valid TOML: {error}.") from error
    try:
        course = msgspec.convert(data, Course, strict=True)
        _check_limits(course)
    except msgspec.ValidationError as error:
        raise CourseError(whole(f"{path}: {_explained(str(error), data)}")) from error
    _check_values(course, path)
    return course


def _check_limits(course: Course) -> None:
    for limits in (course.limits, *(settings.limits for settings in course.exercises.values())):
        known = Limits.__struct_fields__
        for key, value in limits.items():
            if key not in known:
                raise msgspec.ValidationError(f"unknown limit `{key}`{_nearest(key, known)}")
            if not 0 <= value < 1e15:
                raise msgspec.ValidationError(f"limit `{key}` is {value:g}, expected a number that is not negative")
        msgspec.convert(limits, Limits, strict=False)


def _check_values(course: Course, path: Path) -> None:
    _check_identifiers(f"{path}: names", course.names)
    for name, settings in course.exercises.items():
        _check_identifiers(f"{path}: exercises.{name}.names", settings.names)
        _check_file(f"{path}: exercises.{name}.file", settings.file)
        if settings.points is not None and not 0 <= settings.points < 1e6:
            raise CourseError(f"{path}: exercises.{name}.points is {settings.points}, expected a number from 0 on.")
    for name, file in course.files.items():
        _check_file(f"{path}: files.{name}", file)
    if "numpy" not in course.modules.allowed:
        allowed = list(course.modules.allowed)
        raise CourseError(f"{path}: modules.allowed is {allowed}: put 'numpy' into it, every exercise needs it.")
    for key in ("per_day", "most"):
        value = getattr(course.late, key)
        if not 0 <= value <= 1:
            raise CourseError(f"{path}: late.{key} is {value}, expected a share from 0 to 1.")
    if not 0 <= course.late.grace_minutes < 1e6:
        raise CourseError(f"{path}: late.grace_minutes is {course.late.grace_minutes}, expected minutes from 0 on.")
    for key in ("partial", "consistent_gradient", "float32"):
        value = getattr(course.policy, key)
        if not 0 <= value <= 1:
            raise CourseError(f"{path}: policy.{key} is {value}, expected a share from 0 to 1.")
    if course.policy.feedback not in ("full", "hint", "score"):
        got = course.policy.feedback
        raise CourseError(f"{path}: policy.feedback is {got!r}, expected one of 'full', 'hint', 'score'.")


def _check_identifiers(key: str, names: dict[str, str]) -> None:
    """What students call something is a name of Python's."""
    for ours, theirs in names.items():
        if not theirs.isidentifier() or keyword.iskeyword(theirs):
            raise CourseError(f"{key}.{ours} is {theirs!r}, expected a name that Python allows, such as 'grad_w'.")


def _check_file(key: str, file: str) -> None:
    """A submission's file lies in the submission, and so does what is released under its name."""
    if PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts or "\\" in file:
        raise CourseError(f"{key} is {file!r}, expected a path inside of the submission, such as 'Layers/Conv.py'.")


def _explained(message: str, data: dict[str, Any]) -> str:
    """msgspec's message with the key first, the value that was got, and the nearest known key."""
    text, _, where = message.partition(" - at `$")
    if where.startswith(".exercises[...]"):
        return _explained_exercise(data["exercises"])
    key = where.rstrip("`").lstrip(".").replace("[...]", "")
    if "unknown field" in text:
        unknown = text.split("`")[1]
        kinds: dict[str, Any] = {"exercises": ExerciseSettings, "policy": Policy, "modules": Modules, "late": Late}
        known = kinds.get(key.split(".")[0], Course)
        at = f" in [{key}]" if key else ""
        return f"unknown key `{unknown}`{at}{_nearest(unknown, known.__struct_fields__)}"
    if "missing required field" in text:
        return f"the key {text.split()[-1]} is missing"
    value: Any = data
    for part in key.split(".") if key else []:
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict) and "[...]" in where:  # of a table's many entries, the one that it is about
        kind = str if "`str`, got" in text else (int, float)
        wrong = ((f"{key}.{name}", one) for name, one in value.items() if not isinstance(one, kind))
        key, value = next(wrong, (key, value))
    got = f" (got {value!r})" if key else ""
    text = text.replace(" | null", "")
    return f"{key + ': ' if key else ''}{text[:1].lower()}{text[1:]}{got}"


def _explained_exercise(tables: dict[str, Any]) -> str:
    """Which exercise's table is wrong, and how."""
    for name, table in tables.items():
        try:
            msgspec.convert({"title": "", "exercises": {name: table}}, Course, strict=True)
        except msgspec.ValidationError as error:
            text, _, where = str(error).partition(" - at `$.exercises[...]")
            inner = _explained(f"{text} - at `$.exercises{where}", {"exercises": table})
            return inner.replace("exercises", f"exercises.{name}", 1)
    return "[exercises] is malformed"


def _nearest(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return f": did you mean `{near[0]}`?" if near else f", expected one of {', '.join(known)}"
