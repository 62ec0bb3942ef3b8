"""A judge of its own for attacks: grades one after the other as `grader grade` does, and tells what each obtained.

Usage: arena.py CONFIG. Requests (one attack a line) come on standard input, results go to standard output, as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from world import Kept, Places, secret

import grader.judging.judge as judging
from grader.bundle import decode
from grader.course import Course
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.report import Isolation, Report
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source
from grader.running.submission import SourceFile, Submission
from grader.running.workers import launcher
from grader.worker.limits import Limits, protect_memory
from grader.worker.probe import Raised, Use

PR_SET_CHILD_SUBREAPER = 36
GOOD = """
import numpy as np
def double(number):
    if np.max(np.abs(number)) > 1000:
        raise ValueError(f"too large: {number}")
    return 2 * number
"""
SIBLING = """
SECRET = b"{}"
def where():
    return float(id(SECRET) + 32)
"""
PATIENT = {"cpu_seconds": 4.0, "wall_seconds": 60.0}
LARGE = 20 << 20  # bytes of an answer, or of growth, that the judge should never hold under the attacks' limits


class Watched(Session):
    """A session of which all that came back is kept."""

    traces: list[Trace] = []  # noqa: RUF012
    workers: list[int] = []  # noqa: RUF012

    def run(self, batch: Batch) -> list[Trace]:
        """As ever."""
        traces = super().run(batch)
        Watched.traces += traces
        return traces


judging.Session = Watched  # type: ignore[misc]


class Sibling:
    """Another student's work, which is judged at the same time."""

    def __init__(self, arena: Arena) -> None:
        self.secret = secret("sibling")
        self.launcher = launcher((), layers=arena.layers)  # as it is where two judges work side by side
        source = Source({"tiny.py": SIBLING.format(self.secret).encode()}, "tiny.py", {}, ("numpy",))
        self.session = Session(self.launcher, source, Limits(cpu_seconds=2.0, wall_seconds=5.0))
        self.address = self.ask()
        assert self.address, "the other student's worker does not answer"
        self.worker = self.session._worker

    def ask(self) -> int:
        """Where its secret lies in its memory; 0 where it does not answer."""
        (trace,) = self.session.run(Batch([Probe((Use("where", report=True),), {}, {}, 0)]))
        return int(trace.values[0]) if trace.values[0] else 0

    @property
    def pid(self) -> int:
        """Its number."""
        assert self.worker
        return int(self.worker.pid)

    def close(self) -> None:
        """End it."""
        self.session.close()
        self.launcher.close()

    def changes(self) -> list[str]:
        """Whether its work still would be graded."""
        if self.ask() != self.address or self.session._worker is not self.worker:
            return ["another student's worker was ended"]
        return []


class Arena:
    """One launcher with one set of layers, and canaries around it."""

    def __init__(self, config: dict[str, Any]) -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        os.environ["JUDGE_SECRET"] = config["environment"]
        self.places: Places = config["places"]
        self.kept = Kept(self.places)
        self.mark = secret("mark")
        self.layers = frozenset(config["layers"])
        self.bundle = decode(Path(config["bundle"]).read_bytes(), "doubling")
        if "unreadable" in self.layers:
            protect_memory()
        self.launcher = launcher((), layers=self.layers)
        self.sibling = Sibling(self)
        self.good()

    def report(self, source: str, limits: dict[str, float]) -> Report:
        """Grade one submission as `grader grade` does."""
        course = Course(title="tiny", limits=limits)
        judge = Judge(course, asked(course, [self.bundle]), self.launcher, Isolation(0))
        Watched.traces.clear()
        return judge.report(Submission("student", (SourceFile("tiny.py", source.encode()),)))

    def good(self) -> list[str]:
        """Whether a good submission gets what it deserves."""
        report = self.report(GOOD, PATIENT)
        if report.points != report.max_points or not report.complete:
            return [f"a good submission got {report.points} of {report.max_points} points: {sentences(report)[:200]}"]
        return []

    def world(self) -> dict[str, Any]:
        """What the programs are told."""
        addresses = {"sibling": self.sibling.pid, "sibling_address": self.sibling.address, "mark": self.mark}
        return {**self.kept.address(), **addresses, "escape": "escape"}

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """One attack: what it obtained, as words; the points; and the text that came back."""
        world = self.world()
        before, size = self.kept.mine(), memory()
        others, zygote = descendants(), self.launcher.process.pid
        source = request["source"].replace("'@WORLD@'", repr(world))
        begun = time.monotonic()
        report = self.report(source, request["limits"])
        seconds = time.monotonic() - begun
        text = told(Watched.traces) + sentences(report)
        found = self._leaked(text) + large(Watched.traces) + controls(report)
        if memory() - size > 6 * LARGE:
            found.append(f"the judge grew by {(memory() - size) >> 20} MB")
        if not report.complete:
            found.append("the grader says that it failed itself")
        if self.launcher.process.pid != zygote or self.launcher.process.poll() is not None:
            found.append("the process that starts workers was ended")
        left = self._left(others | {self.launcher.process.pid, *descendants(self.launcher.process.pid)})
        if left:
            found.append(f"left over: {left} processes")
        found += self.places.changes() + self.kept.changes(before)
        if request["next"]:
            self.report(request["next"].replace("'@WORLD@'", repr(world)), PATIENT)
            found += self._leaked(told(Watched.traces))
        found += self.sibling.changes()
        if any("another student" in one for one in found):
            self.sibling.close()
            self.sibling = Sibling(self)
        return {"points": report.points, "found": found, "seconds": seconds, "good": self.good(), "text": text[:1500]}

    def _leaked(self, text: str) -> list[str]:
        secrets = {**self.places.secrets, **self.kept.secrets, "another student": self.sibling.secret}
        found = [f"read: {name}" for name, value in secrets.items() if value in text]
        return found + ["it says so"] * (self.mark in text)

    def _left(self, others: set[int]) -> int:
        """Processes that outlive their submission; ended here. They get half a second to be gone."""
        for _ in range(10):
            if not (left := descendants() - others):
                return 0
            time.sleep(0.05)
        for _ in range(50):
            for pid in descendants() - others:
                os.kill(pid, signal.SIGKILL)
            reap(others)
        return len(left)

    def close(self) -> None:
        """End everything."""
        self.sibling.close()
        self.launcher.close()
        self.kept.end()
        self.kept.stack.close()


def descendants(of: int = 0) -> set[int]:
    """All processes that come from this one, or another."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if state[0] != "Z":
                parents[int(entry.name)] = int(state[1])
    found, more = set(), {of or os.getpid()}
    while more:
        more = {pid for pid, parent in parents.items() if parent in more}
        found |= more
    return found


def reap(others: set[int]) -> None:
    """Collect orphans that have ended."""
    for line in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        if int(line) not in others:
            try:
                os.waitpid(int(line), os.WNOHANG)
            except ChildProcessError:
                continue


def memory() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def told(traces: list[Trace]) -> str:
    """Everything that came back from a worker, as text."""
    parts = []
    for trace in traces:
        parts.append(trace.printed)
        parts += [f"{o.type} {o.message}" for o in trace.outcomes if isinstance(o, Raised)]
        parts += [str(value)[:2000] for value in trace.values if value is not None]
        parts.append(trace.detail)
    return "\n".join(dict.fromkeys(filter(None, parts)))


def sentences(report: Report) -> str:
    """All that is said about a submission."""
    return "\n".join(f.sentence for exercise in report.exercises for check in exercise.checks for f in check.findings)


def controls(report: Report) -> list[str]:
    """Control characters in what is said to people."""
    return ["control characters in a report"] if "\x1b" in sentences(report) else []


def large(traces: list[Trace]) -> list[str]:
    """Answers that are larger than the attacks' limit."""
    sizes = [value.nbytes for trace in traces for value in trace.values if isinstance(value, np.ndarray)]
    return ["an answer larger than the limit"] if max(sizes, default=0) > LARGE else []


def main() -> None:
    """Serve until standard input ends."""
    sys.setswitchinterval(0.005)
    config = json.loads(Path(sys.argv[1]).read_text())
    os.chdir(config["home"])
    config["places"] = Places.again(Path(config["root"]), config["secrets"], config["prefix"])
    arena = Arena(config)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps({"ready": True}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(arena.run(json.loads(line))), file=out, flush=True)
    arena.close()


if __name__ == "__main__":
    main()
