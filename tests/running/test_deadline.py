"""Wall time is for programs that sleep: whoever waits for a core of a loaded machine loses nothing."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.running import workers
from grader.running.workers import STARVED, Deadline, Died, run_delay
from grader.worker.limits import Limits


class Clocks:
    """The time, and how much of it a worker was ready to run and had no core."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = self.delay = 100.0
        monkeypatch.setattr(workers, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(workers, "cpu_clock", lambda pid: 0.0)
        monkeypatch.setattr(workers, "run_delay", lambda pid: self.delay)
        self.deadline = Deadline(1, Limits(cpu_seconds=1, wall_seconds=2))

    def runs_out(self, seconds: float, starved: float) -> bool:
        """Whether the deadline has run out after so many more seconds, of which so many passed without a core."""
        self.now, self.delay = self.now + seconds, self.delay + starved
        try:
            self.deadline.check()
        except Died as died:
            assert (died.kind, died.detail) == ("timeout", "there was no answer within 2 s")
            return True
        return False


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def test_a_sleeping_program_is_ended_after_the_wall_limit(clocks: Clocks) -> None:
    assert [clocks.runs_out(0.5, 0.0) for _ in range(5)] == [False] * 4 + [True]


def test_what_a_program_waits_for_a_core_does_not_count(clocks: Clocks) -> None:
    assert not any(clocks.runs_out(0.5, 0.45) for _ in range(20))
    assert [clocks.runs_out(0.5, 0.0) for _ in range(4)][-1], "asleep at last"


def test_waiting_has_an_end(clocks: Clocks) -> None:
    assert not any(clocks.runs_out(1.0, 1.0) for _ in range(2 * STARVED))
    assert clocks.runs_out(1.0, 1.0)


def test_every_probe_begins_anew(clocks: Clocks) -> None:
    for _ in range(5):
        assert not any(clocks.runs_out(0.6, 0.0) for _ in range(3))
        clocks.deadline.restart()


def test_the_system_tells_how_long_a_process_waited_or_that_it_does_not() -> None:
    if Path("/proc/self/schedstat").exists():
        assert run_delay(os.getpid()) > 0
    assert run_delay(2**22 + 1) == 0.0
