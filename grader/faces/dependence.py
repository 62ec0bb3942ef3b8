"""What the result of an exercise depends on: its file, and the student's files that this one uses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from grader.judging.asked import Asked
from grader.notebooks.resolving import Resolved

_IMPORTING = re.compile(r"(?:\bfrom\b|import)[^\n(]*(?:\([^)]*\))?")
_NAME = re.compile(r"\w+")


def fingerprints(exercises: Sequence[Asked], everything: Sequence[Asked], resolved: Resolved) -> dict[str, str]:
    """Exercise to a digest that changes where its result may change with the student's files.

    `everything` are all exercises of the course, in whose files lies what an exercise says that it needs.
    """
    sources = {file.path: file.source for file in resolved.submission.files if file.path.lower().endswith(".py")}
    used = {path: _used(path, source, sources) for path, source in sources.items()}
    places: dict[str, set[str]] = {}
    for one in everything:
        places.setdefault(one.bundle.file, set()).add(one.file)
    return {one.bundle.exercise: _fingerprint(one, places, sources, used, resolved) for one in exercises}


def _fingerprint(
    exercise: Asked,
    places: Mapping[str, set[str]],
    sources: Mapping[str, bytes],
    used: Mapping[str, set[str]],
    resolved: Resolved,
) -> str:
    own, notes = resolved.find(exercise.file)
    if own is None:
        return repr(sorted(file.path for file in resolved.submission.files))
    needed = [resolved.find(file)[0] for need in exercise.bundle.needs for file in places.get(need, ())]
    reached = sorted(_reached([own.path, *(file.path for file in needed if file)], used))
    total = hashlib.sha256(repr((own.path, notes, resolved.origins.get(own.path))).encode(errors="replace"))
    for path in reached:
        source = sources.get(path, own.source)
        total.update(f"{path}\0{len(source)}\0".encode(errors="replace") + source)
    return total.hexdigest()


def _reached(start: Sequence[str], used: Mapping[str, set[str]]) -> set[str]:
    """The files, and those that they use, and so on."""
    reached, waiting = set[str](), list(start)
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += used.get(path, ())
    return reached


def _used(path: str, source: bytes, paths: Mapping[str, bytes]) -> set[str]:
    """The files whose name stands in an import of a file, which need not be valid Python."""
    statements = _IMPORTING.findall(source.decode("utf-8", "replace"))
    words = _words(" ".join(statements))
    return {other for other in paths if other != path and _words(_module(other)) <= words}


def _module(path: str) -> str:
    """What a file is imported as; "" for a package at the top, which any import may run."""
    own = PurePosixPath(path)
    return own.parent.name if own.stem == "__init__" else own.stem


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _NAME.findall(text)}
