"""Packages that some exercises require besides NumPy. Where one is not installed, these exercises are left out: neither
frozen nor graded, and in no total."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.bundle import Bundle
    from grader.course import Course


def absent(packages: Iterable[str]) -> tuple[str, ...]:
    """Those that are not installed here."""
    return tuple(name for name in packages if not _installed(name))


@cache
def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def usable(bundle: Bundle) -> bool:
    """Whether an exercise can be judged here: it was frozen, and what it requires is installed."""
    return bool(bundle.plans) and not absent(bundle.packages)


def left_out(exercises: Sequence[str], packages: Sequence[str]) -> str:
    """The sentence for exercises that require packages which are not installed here."""
    lacking, need = absent(packages), "needs" if len(exercises) == 1 else "need"
    return (
        f"{', '.join(exercises)} {need} {', '.join(lacking)}, which is not installed here (python -m pip install "
        f"{' '.join(lacking)}): left out, and in no total."
    )


def notes(course: Course, bundles: Iterable[Bundle]) -> list[str]:
    """One sentence for the exercises that the course asks for and that are left out here, by their reason."""
    missing: dict[tuple[str, ...], list[str]] = {}
    unfrozen: list[str] = []
    for bundle in bundles:
        if not course.asks_for(bundle.exercise, bundle.topic) or usable(bundle):
            continue
        if lacking := absent(bundle.packages):
            missing.setdefault(lacking, []).append(bundle.exercise)
        else:
            unfrozen.append(bundle.exercise)
    found = [left_out(exercises, packages) for packages, exercises in missing.items()]
    if unfrozen:
        options = " ".join(f"--only {name}" for name in unfrozen)
        what = "was" if len(unfrozen) == 1 else "were"
        found.append(
            f"{', '.join(unfrozen)} {what} not frozen, for want of a package that is there now (grader freeze "
            f"{options}): left out, and in no total."
        )
    return found
