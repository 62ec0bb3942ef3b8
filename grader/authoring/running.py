"""The reference implementations, run in workers like any submission."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

from grader.errors import CourseError
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source
from grader.running.workers import Launcher
from grader.worker.limits import Limits

from .exercise import Topic

LIMITS = Limits(cpu_seconds=30.0, memory_bytes=4 << 30)


class Reference:
    """The folder of reference modules, run in workers like any submission."""

    def __init__(self, folder: Path, launcher: Launcher) -> None:
        self.folder, self.launcher = folder, launcher
        self.files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.py"))}
        self.allowed: tuple[str, ...] = ("numpy", "scipy")

    def of(self, topic: Topic) -> Reference:
        """The same, in workers that have what a topic requires."""
        if set(topic.requires) <= {*self.allowed}:
            return self
        other = copy.copy(self)
        other.launcher, other.allowed = self.launcher.having(topic.requires), (*self.allowed, *topic.requires)
        return other

    def source(self, file: str) -> str:
        """One module's text."""
        if file not in self.files:
            raise CourseError(f"{self.folder / file} is missing: every topic has a reference of its name.")
        return self.files[file].decode("utf-8")

    def run(self, file: str, probes: Sequence[Probe], source: str | None = None) -> list[Trace]:
        """Traces of the reference, or of another text in its place."""
        files = {**self.files, file: source.encode() if source is not None else self.files[file]}
        with Session(self.launcher, Source(files, file, {}, self.allowed), LIMITS) as session:
            if not session.load() or session.problem:
                problem = session.problem.sentence if session.problem else "it cannot be imported"
                raise CourseError(f"{self.folder / file}: {problem}")
            return session.run(Batch(probes))
