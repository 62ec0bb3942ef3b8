"""Processes that work on tasks and may be killed at any moment: the task of one that dies is tried again.

`concurrent.futures` gives up a whole pool with one of its processes, and does not tell whose task that one held.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from grader.errors import GraderError
from grader.stopping import held_back, leave_to_parent, shielded
from grader.worker.limits import PR_SET_PDEATHSIG, prctl

Task = TypeVar("Task")
Answer = TypeVar("Answer")
TRIES = 3  # of one task, in processes that die: once among the others, then alone
STILLBORN = 3  # processes in a row that die before their first task


class Member:
    """One process, and the number of the task that it holds."""

    def __init__(self, prepare: Callable[[], None], work: Callable[[Any], Any]) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        with theirs, shielded(), held_back():
            self.process = _start(theirs)
        self.ready = False
        self.task = -1
        self.send((prepare, work))

    def hand(self, number: int, task: object) -> None:
        """Give it a task."""
        self.task = number
        self.send(task)

    def send(self, message: object) -> None:
        """A process that is gone will be found so by who listens to it."""
        with contextlib.suppress(OSError):
            self.connection.send(message)

    def end(self) -> int:
        """Kill and reap it; its exit status (negative: a signal)."""
        self.process.kill()
        self.connection.close()
        return self.process.wait()


class Pool(Generic[Task, Answer]):
    """`jobs` processes that each call `prepare` once and `work` for each task; both are functions of a module."""

    def __init__(self, prepare: Callable[[], None], work: Callable[[Task], Answer], jobs: int) -> None:
        self.prepare, self.work, self.jobs = prepare, work, jobs
        self.members: list[Member] = []
        self.arrived: deque[tuple[int, Answer]] = deque()
        self.stillborn = 0

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Answer | None]]:
        """Number and answer of each task as they are done; None where every process that tried it was killed."""
        lost: list[int] = []
        yield from self._run(tasks, deque(range(len(tasks))), lost)
        for number in sorted(lost):
            for _ in range(TRIES - 1):
                again: list[int] = []
                yield from self._run(tasks, deque([number]), again)
                if not again:
                    break
            else:
                yield number, None

    def arrivals(self) -> list[tuple[int, Answer]]:
        """What has been answered but not taken from `run` yet, without waiting."""
        for member in wait([member.connection for member in self.members], timeout=0):
            self._hear(next(m for m in self.members if m.connection is member))
        return list(self.arrived)

    def close(self) -> None:
        """End all processes at once; what they have not answered is not lost, only not done."""
        with shielded():
            for member in self.members:
                member.process.kill()  # all, before the first is waited for
            for member in self.members:
                member.end()
            self.members.clear()

    def _run(self, tasks: Sequence[Task], waiting: deque[int], lost: list[int]) -> Iterator[tuple[int, Answer]]:
        while waiting or any(member.task >= 0 for member in self.members):
            self._employ(tasks, waiting)
            heard = wait([member.connection for member in self.members])
            for member in [member for member in self.members if member.connection in heard]:
                self._hear(member, lost)
            while self.arrived:
                yield self.arrived[0]
                self.arrived.popleft()

    def _employ(self, tasks: Sequence[Task], waiting: deque[int]) -> None:
        """Enough processes, and a task for each that has none."""
        wanted = min(self.jobs, len(waiting) + sum(member.task >= 0 for member in self.members))
        while len(self.members) < wanted:
            self.members.append(Member(self.prepare, self.work))
        for member in self.members:
            if waiting and member.ready and member.task < 0:
                number = waiting.popleft()
                member.hand(number, tasks[number])

    def _hear(self, member: Member, lost: list[int] | None = None) -> None:
        """Take one message of a process, or its death."""
        with shielded():
            try:
                kind, content = member.connection.recv()
            except (EOFError, OSError):
                self._bury(member, lost)
                return
            if kind == "answer":
                self.arrived.append((member.task, content))
                member.task = -1
        if kind == "failed":
            raise content
        self.stillborn, member.ready = 0, True

    def _bury(self, member: Member, lost: list[int] | None) -> None:
        status = member.end()
        self.members.remove(member)
        if member.task >= 0 and lost is not None:
            lost.append(member.task)
        self.stillborn += not member.ready
        if self.stillborn >= STILLBORN:
            how = f"signal {-status}" if status < 0 else f"exit status {status}"
            raise GraderError(f"our processes end as soon as they are started ({how}): is memory short?")


def _start(connection: Connection) -> subprocess.Popen[bytes]:
    """An interpreter with this one's import path. Unlike those of `multiprocessing` it is silent when its parent dies,
    and does not need to import the parent's main module."""
    number = connection.fileno()
    inherited: dict[str, Any] = {"pass_fds": (number,)}
    if sys.platform == "win32":
        os.set_handle_inheritable(number, True)
        inherited = {"close_fds": False}
    told = f"serve({number}, {os.getpid()})"
    code = f"import sys; sys.path[:] = {sys.path!r}; from grader.processes import serve; {told}"
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.DEVNULL, **inherited)


def serve(number: int, parent: int) -> None:
    """The life of one process, which ends with its parent: what to do, and then task after task."""
    leave_to_parent()
    if hasattr(signal, "SIGKILL"):
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.name == "posix" and os.getppid() != parent:
        return
    with contextlib.suppress(EOFError, OSError):  # the parent has gone
        connection = type(multiprocessing.Pipe()[0])(number)
        prepare, work = connection.recv()
        try:
            prepare()
        except GraderError as error:
            connection.send(("failed", error))
            return
        except Exception as error:
            connection.send(("failed", GraderError(f"a process of ours cannot be started ({error!r})")))
            return
        connection.send(("ready", None))
        while True:
            connection.send(("answer", work(connection.recv())))
