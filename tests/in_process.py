"""Stands in for the pool of judges: one judge in this very process, so that it can be patched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.keeping import batch
from grader.report import ExerciseResult


class InProcess:
    """What a batch asks of a pool."""

    def __init__(self, setup: batch.Setup) -> None:
        batch.prepare(setup)

    def run(self, tasks: Sequence[batch.Task]) -> Iterator[tuple[int, list[ExerciseResult]]]:
        """One task after the other."""
        for number, task in enumerate(tasks):
            yield number, batch.judge_submission(task)

    def arrivals(self) -> list[tuple[int, list[ExerciseResult]]]:
        """Nothing is ever under way."""
        return []

    def close(self) -> None:
        """The judge stays: the test ends it."""
