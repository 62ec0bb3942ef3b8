"""Applies a misconception's edits to the reference."""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import CourseError

from .exercise import Edit, Exercise, Misconception
from .topics import symbols_of


def edited(source: str, edits: Sequence[Edit], symbols: Sequence[str], where: str) -> str:
    """The source with every edit made; each old text must stand exactly once, in the symbols or else in the file."""
    for old, new in edits:
        source = _replaced(source, old, new, symbols, where)
    return source


def variant(source: str, misconception: Misconception, exercise: Exercise) -> str:
    """The reference with a misconception in it."""
    return edited(source, misconception.edits, exercise.symbols, f"misconception {misconception.name!r}")


def _replaced(source: str, old: str, new: str, symbols: Sequence[str], where: str) -> str:
    lines = source.splitlines(keepends=True)
    spans = symbols_of(source)
    for symbol in symbols:
        if symbol in spans:
            first, last = spans[symbol]
            inside = "".join(lines[first - 1 : last])
            if inside.count(old) == 1:
                return "".join(lines[: first - 1]) + inside.replace(old, new) + "".join(lines[last:])
    count = source.count(old)
    if count != 1:
        raise CourseError(f"{where}: the text {old!r} stands {count} times in the reference, expected once.")
    return source.replace(old, new)
