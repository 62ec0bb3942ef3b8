"""Finds and reads the topics of a course: a folder each, nothing registered anywhere."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from grader.errors import CourseError

from .exercise import Exercise, Misconception, Topic
from .helpers import importable
from .provenance import topic_digest


def read_topics(source: Path) -> list[Topic]:
    """All topics below `source`, in teaching order (`ORDER` in spec.py, then by name)."""
    folders = sorted(path.parent for path in source.glob("*/spec.py"))
    if not folders:
        raise CourseError(f"{source} holds no topics: a topic is a folder with a spec.py.")
    topics = [read_topic(folder) for folder in folders]
    names: dict[str, str] = {}
    for topic in topics:
        for exercise in topic.exercises:
            if exercise.name in names:
                raise CourseError(
                    f"{source}: exercise {exercise.name!r} is declared in {names[exercise.name]} and in {topic.name}: "
                    "rename one of them."
                )
            names[exercise.name] = topic.name
    return sorted(topics, key=lambda topic: (topic.order, topic.name))


def read_topic(folder: Path) -> Topic:
    """One topic; CourseError says which file is malformed, and how."""
    spec = _module(folder / "spec.py", f"grader_spec_{folder.name}")
    exercises = tuple(value for value in vars(spec).values() if isinstance(value, Exercise))
    if not exercises:
        raise CourseError(f"{folder / 'spec.py'} declares no exercise: assign an Exercise to a name in it.")
    misconceptions = _misconceptions(folder)
    known = {exercise.name: {check.name for check in exercise.checks} for exercise in exercises}
    for m in misconceptions:
        where = f"{folder / 'misconceptions.py'}: misconception {m.name!r}"
        if m.exercise not in known:
            raise CourseError(f"{where}: exercise is {m.exercise!r}, expected one of {sorted(known)}.")
        if m.check not in known[m.exercise]:
            raise CourseError(f"{where}: check is {m.check!r}, expected one of {sorted(known[m.exercise])}.")
        unknown = {*m.also} - {*known}.union(*known.values())  # helpers may name a check that another exercise has
        if unknown:
            checks, others = sorted(known[m.exercise]), sorted({*known} - {m.exercise})
            text = f"also names {min(unknown)!r}, expected a check of {checks} or an exercise of {others}"
            raise CourseError(f"{where}: {text}.")
    handout = folder / "handout.md"
    text = handout.read_text(encoding="utf-8") if handout.is_file() else ""
    if not text:
        raise CourseError(f"{handout} is missing or empty: tell students what to do.")
    requires = getattr(spec, "REQUIRES", ())
    if not isinstance(requires, tuple) or not all(isinstance(name, str) for name in requires):
        raise CourseError(f"{folder / 'spec.py'}: REQUIRES is {requires!r}, expected a tuple of names of packages.")
    order = getattr(spec, "ORDER", 1000)
    if not isinstance(order, int):
        raise CourseError(f"{folder / 'spec.py'}: ORDER is {order!r}, expected an int.")
    return Topic(folder.name, exercises, misconceptions, text, topic_digest(folder), order, requires)


def _misconceptions(folder: Path) -> tuple[Misconception, ...]:
    path = folder / "misconceptions.py"
    if not path.is_file():
        return ()
    module = _module(path, f"grader_misconceptions_{folder.name}")
    found = getattr(module, "MISCONCEPTIONS", None)
    if not isinstance(found, tuple) or not all(isinstance(m, Misconception) for m in found):
        raise CourseError(f"{path}: MISCONCEPTIONS must be a tuple of Misconception, got {type(found).__name__}.")
    return found


def _module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with importable(path.parent):
            spec.loader.exec_module(module)
    except CourseError as error:
        raise CourseError(f"{path}: {error}") from error
    except ImportError as error:
        needed = error.name or error
        raise CourseError(f"{path} needs {needed}: install it; cnn-grader[author] has what specs need.") from error
    except Exception as error:
        line = line_of(error, path)
        raise CourseError(f"{path}, line {line}: {type(error).__name__}: {error}.") from error
    finally:
        sys.modules.pop(name, None)
    return module


def line_of(error: Exception, path: Path) -> int:
    """The line of a file that an error came through last; 0 where it did not."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    trace, line = error.__traceback__, 0
    while trace:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def symbols_of(source: str) -> dict[str, tuple[int, int]]:
    """Top-level classes and functions of a module: their first and last lines, 1-based."""
    kinds = (ast.ClassDef, ast.FunctionDef)
    return {
        node.name: (node.lineno, node.end_lineno or node.lineno)
        for node in ast.parse(source).body
        if isinstance(node, kinds)
    }
