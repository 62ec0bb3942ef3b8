"""Workers that are waited for only as long as nothing else has come up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from grader.worker.limits import Limits

from .workers import Deadline, Frame, Launcher, Worker


class InterruptibleLauncher:
    """Another launcher, whose workers' deadlines call `look` every few milliseconds: what that raises ends the wait.

    It should raise no Exception, which would be taken for a fault of the grader. The launcher stays usable.
    """

    def __init__(self, launcher: Launcher, look: Callable[[], None]) -> None:
        self.launcher, self.look = launcher, look
        self.kind, self.layers = launcher.kind, launcher.layers

    def start(self, limits: Limits, layers: Collection[str] | None = None) -> Worker:
        """A fresh worker."""
        return _Worker(self.launcher.start(limits, layers), self.look)

    def having(self, packages: Sequence[str]) -> InterruptibleLauncher:
        """The other one's launcher whose workers have these packages, looked after as well."""
        return InterruptibleLauncher(self.launcher.having(packages), self.look)

    def close(self) -> None:
        """Close the other one."""
        self.launcher.close()


class _Worker:
    def __init__(self, worker: Worker, look: Callable[[], None]) -> None:
        self.worker, self.look, self.pid, self.replies = worker, look, worker.pid, worker.replies

    def send(self, data: bytes, deadline: Deadline) -> None:
        self.worker.send(data, _Looking(deadline, self.look))

    def receive(self, deadline: Deadline) -> Frame:
        return self.worker.receive(_Looking(deadline, self.look))

    def close(self) -> int:
        return self.worker.close()


class _Looking(Deadline):
    """A deadline with the clocks of another one."""

    def __init__(self, deadline: Deadline, look: Callable[[], None]) -> None:
        self.deadline, self.look = deadline, look

    def restart(self) -> None:
        self.deadline.restart()

    def check(self) -> None:
        self.look()
        self.deadline.check()
