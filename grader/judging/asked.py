"""The exercises of a course as it asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from grader.bundle import Bundle
from grader.course import Course
from grader.notebooks.resolving import Wanted, wanted_files
from grader.packages import usable
from grader.running.probes import Batch

from . import determinism
from .context import Bank


class Asked(NamedTuple):
    """One exercise as a course asks for it: the bank, its encoded probes, file, names and points."""

    bank: Bank
    batch: Batch
    file: str
    names: Mapping[str, str]
    points: float
    title: str
    without: tuple[str, ...] = ()  # checks that the course leaves out: they are judged, since others build on them

    @property
    def bundle(self) -> Bundle:
        """The exercise's bundle."""
        return self.bank.bundle


def asked(course: Course, bundles: Iterable[Bundle]) -> list[Asked]:
    """The exercises of a course that can be judged here, in the order of the bundles."""
    chosen = []
    bundles = list(bundles)
    names = course.all_names(bundles)
    for bundle in bundles:
        if not course.asks_for(bundle.exercise, bundle.topic) or not usable(bundle):
            continue
        settings = course.settings(bundle.exercise)
        bank = Bank(bundle)
        chosen.append(
            Asked(
                bank,
                determinism.batch(bank),
                course.file_of(bundle.exercise, bundle.topic, bundle.file),
                names[bundle.exercise],
                course.points_of(bundle),
                settings.title or bundle.title,
                settings.without,
            )
        )
    return chosen


def wanted(exercises: Iterable[Asked]) -> tuple[Wanted, ...]:
    """The files of a course with the names that must be in them."""
    return wanted_files((one.file, (one.names.get(s, s) for s in one.bundle.symbols)) for one in exercises)
