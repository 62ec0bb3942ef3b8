"""Draws cases with Hypothesis: the same secret gives the same cases, whatever else is imported.

Cases are small integers and choices: integers beyond 100, floats and texts are avoided because Hypothesis mixes
constants of locally imported modules into those.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.errors import CourseError
from grader.worker.probe import Opaque

from .exercise import Exercise

RUN = 9


def seed_of(secret: bytes, exercise: str, kind: str, attempt: int = 0) -> int:
    """HMAC-SHA256 of exercise and kind under the course's secret, as a number. Public bundles use no secret."""
    key = secret if kind == "hidden" else b"public"
    text = f"{exercise}\0{kind}" + (f"\0{attempt}" if attempt else "")
    return int.from_bytes(hmac.new(key, text.encode(), hashlib.sha256).digest()[:16], "big")


def streams(seed_number: int, count: int) -> Iterator[tuple[int, int]]:
    """(seed, number of examples) of the short runs in which `count` cases are drawn.

    Hypothesis starts to mutate earlier examples after the tenth of a run, copying values from one field to another;
    short runs keep the fields independent, so that height and width differ as often as the strategy says.
    """
    for number in range(-(-count // RUN)):
        yield seed_number + number, min(RUN, count - number * RUN)


def draw(exercise: Exercise, seed_number: int, count: int) -> list[Any]:
    """Up to `count` different cases, in the order in which they were drawn."""
    if exercise.cases is None:
        return []
    try:
        from hypothesis import HealthCheck, Phase, given, seed, settings
        from hypothesis.strategies import SearchStrategy
    except ImportError as error:
        raise CourseError("Freezing draws cases with Hypothesis: install cnn-grader[author].") from error
    where = f"exercise {exercise.name!r}"
    if not isinstance(exercise.cases, SearchStrategy):
        raise CourseError(f"{where}: cases is a {type(exercise.cases).__name__}, expected a Hypothesis strategy.")
    found: dict[Any, None] = {}
    for start, number in streams(seed_number, count):

        @seed(start)
        @settings(
            max_examples=number,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(exercise.cases)
        def collect(case: Any) -> None:
            try:
                found[case] = None
            except TypeError as error:
                text = f"{where}: a case is {case!r}, expected a NamedTuple of numbers, texts and tuples, no lists"
                raise CourseError(text + ".") from error

        collect()
    return list(found)


def generator(seed_number: int, *key: object) -> np.random.Generator:
    """An independent stream for every key."""
    digest = hashlib.sha256(repr((seed_number, *key)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def spread(items: Sequence[Any], count: int) -> list[Any]:
    """`count` of the items, evenly from the first to the last."""
    if len(items) <= count:
        return list(items)
    picks = np.unique(np.linspace(0, len(items) - 1, count).round().astype(int))
    return [items[i] for i in picks]


def case_values(case: Any) -> dict[str, Any]:
    """A case's fields as plain data."""
    fields = case._asdict() if hasattr(case, "_asdict") else dict(case)
    return {name: plain(value) for name, value in fields.items()}


def plain(value: Any) -> Any:
    """Data that is no array as numbers, texts and lists."""
    if isinstance(value, Opaque):
        return value.text
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
