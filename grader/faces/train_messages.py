"""What the process that trains tells the command, one line of JSON each, and what it is asked to do."""

from __future__ import annotations

import msgspec


class Task(msgspec.Struct, frozen=True):
    """What to train. `imports` are (module, their name, our name); `names` says how the course calls things."""

    network: str
    files: dict[str, str]
    imports: tuple[tuple[str, str, str], ...]
    allowed: tuple[str, ...]
    names: dict[str, str]
    iterations: int
    batch: int
    seed: int


class Step(msgspec.Struct, frozen=True, tag="step"):
    """One iteration is done; the loss is per image."""

    network: str
    iteration: int
    loss: float


class Score(msgspec.Struct, frozen=True, tag="score"):
    """How well held-out digits are done: the share that is right, or the loss per image."""

    network: str
    value: float


class Tiles(msgspec.Struct, frozen=True, tag="tiles"):
    """Small pictures, the newest state of them: (title, rows of numbers)."""

    group: str
    tiles: tuple[tuple[str, tuple[tuple[float, ...], ...]], ...]


class Printed(msgspec.Struct, frozen=True, tag="printed"):
    """A line that the student's code has printed."""

    text: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The student's code has gone wrong: one sentence."""

    sentence: str


Message = Step | Score | Tiles | Printed | Failed
