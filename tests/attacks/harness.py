"""Runs attacks under given layers, or against a weak grader, and says what they obtained."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from attack import SMALL, Attack
from world import Places, secret, sweep

from grader.bundle import encode
from grader.running.isolation import RUNGS

HERE = Path(__file__).parent
START = 60.0  # seconds until an arena is ready
PATIENCE = 30.0  # seconds on top of what its limits allow, after which a judge counts as hung
NEVER = (
    "the judge hung",
    "the judge grew",
    "the grader says",
    "left over",
    "a good submission",
    "control characters",
    "an answer larger",
)
WEAK = 8.0  # seconds for the weak grader


class Outcome(NamedTuple):
    """What came of one attack: what it obtained (words), its points, whether the next submission was graded right."""

    found: tuple[str, ...]
    points: float
    next_wrong: tuple[str, ...]
    seconds: float
    text: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it obtained anything at all."""
        return bool(self.found or self.points or self.next_wrong)

    @property
    def broken(self) -> list[str]:
        """Promises that hold under any layers: no forged points, a judge that goes on, nothing left over."""
        forged = [f"{self.points} forged points"] if self.points else []
        return forged + [*self.next_wrong] + [one for one in self.found if one.startswith(NEVER)]


def layers_here() -> frozenset[str]:
    """The layers that hold on this machine, asked by a process that protects its memory, as a judge does."""
    code = "from grader.worker.limits import protect_memory; protect_memory(); "
    code += "from grader.running.isolation import available; import json; print(json.dumps(sorted(available())))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=HERE.parents[1])
    return frozenset(json.loads(done.stdout))


def rung_layers(rung: int) -> frozenset[str]:
    """What a rung has here, without the guard in Python, so that what is seen is what the system does."""
    own = {"own user"} if os.geteuid() == 0 and rung else set()
    return (RUNGS[rung] | own) - {"python"}


def against_expectation(attack: Attack, layers: frozenset[str], outcome: Outcome) -> str:
    """What is other than it should be, "" where nothing is."""
    if outcome.broken:
        return f"{attack.name}: {', '.join(outcome.broken)}"
    stopped = attack.stopped(layers, os.geteuid() == 0)
    if stopped and outcome.succeeded:
        return f"{attack.name}: not contained: {', '.join(outcome.found)}"
    if not stopped and not outcome.succeeded and not attack.needs:
        return f"{attack.name}: a hole was expected, but it was contained: {outcome.text[:200]}"
    return ""


class Bench:
    """Canary files and the frozen exercise, for as many arenas as are needed, one after the other."""

    def __init__(self, folder: Path, spare: Path, bundle: Path) -> None:
        self.bundle = bundle
        self.places, self.spare = Places(folder), Places(spare)  # of the arenas, of the weak grader
        self.arenas: dict[frozenset[str], Arena] = {}

    @classmethod
    @contextlib.contextmanager
    def opened(cls) -> Iterator[Bench]:
        """A bench in a folder that workers of any user could reach."""
        from tiny import Tiny

        from grader.running.workers import launcher

        with contextlib.ExitStack() as stack:
            folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-attacks-"))) for _ in "123"]
            started = launcher()
            try:
                frozen = Tiny(folders[2], started).freeze("doubling")
            finally:
                started.close()
            bundle = folders[2] / "doubling"
            bundle.write_bytes(encode(frozen))
            bench = cls(folders[0], folders[1], bundle)
            try:
                yield bench
            finally:
                bench.close()

    def close(self) -> None:
        """End all arenas."""
        for arena in self.arenas.values():
            arena.close()
        self.arenas.clear()

    def run(self, attack: Attack, layers: Iterable[str], loose: bool = False, knowing: bool = False) -> Outcome:
        """One attack under these layers. A judge that hangs or ends is an outcome, too."""
        chosen = frozenset(layers)
        if chosen not in self.arenas:
            self.close()  # one at a time
            self.arenas[chosen] = Arena(self, chosen)
        limits = {**SMALL, **attack.limits, **(attack.loose if loose else {})}
        answer = self.arenas[chosen].ask(attack, limits, knowing)
        if answer is None:
            self.arenas.pop(chosen).close()
            return Outcome(("the judge hung or ended",), 0.0, (), 0.0)
        return Outcome(
            tuple(answer["found"]), answer["points"], tuple(answer["good"]), answer["seconds"], answer["text"]
        )

    def control(self, attack: Attack, available: frozenset[str], root: bool) -> Outcome | None:
        """The same program where nothing stops it, in which it must succeed; None where there is no such place."""
        if attack.control == "weak":
            return self.weak(attack)
        if attack.control == "loose":
            return self.run(attack, {"limits", "unreadable"}, loose=True)
        if attack.control == "knowing":
            return self.run(attack, {"limits", "unreadable"}, knowing=True)
        if attack.control == "layers":
            return self.run(attack, attack.without_what_stops_it(available, root))
        return None

    def unexpected(self, attack: Attack, layers: Iterable[str]) -> str:
        """What is other than it should be when it is run under these layers; a busy machine gets a second chance."""
        chosen = frozenset(layers)
        return against_expectation(attack, chosen, self.run(attack, chosen)) and against_expectation(
            attack, chosen, self.run(attack, chosen)
        )

    def weak(self, attack: Attack) -> Outcome:
        """One attack on the weak grader."""
        places, mark = self.spare, secret("mark")
        files = ("results", "drop", "reference.py")
        world: dict[str, Any] = {name.removesuffix(".py"): str(places.path(name)) for name in files}
        world.update(mark=mark, prefix=places.prefix, escape="escape", letter_key=1, judge=os.getpid())
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            sources = [attack.source(world)] + ([attack.next_source(world)] if attack.then else [])
            paths = [folder / f"{number}.py" for number in range(len(sources))]
            for path, source in zip(paths, sources, strict=True):
                path.write_text(source)
            status, output = self._weakly(paths, folder)
        points = judged(status, places.path("results").read_text(), output)
        tokens = {**places.secrets, "expected": "CANARY-expected-"}
        found = [f"read: {key}" for key, value in tokens.items() if value in output]
        found += ["it says so"] * (mark in output) + [f"ended by signal {-status}"] * (status < 0)
        found += ["more than a megabyte of output"] * (len(output) > 1 << 20)
        found += ["control characters in a report"] * ("\\x1b" in output or "\x1b" in output)
        found += ["no verdict at all"] * (status > 0 and '{"points' not in output)
        places.changes()
        return Outcome(tuple(found), points, (), time.monotonic() - begun, output[-1500:])

    def _weakly(self, paths: list[Path], folder: Path) -> tuple[int, str]:
        descriptor = os.open(folder / "descriptor", os.O_RDWR | os.O_CREAT)
        os.write(descriptor, b"CANARY-expected-descriptor")
        environment = {
            **os.environ,
            "JUDGE_SECRET": self.spare.secrets["environment"],
            "WEAK_SECRET": "weak",
            "WEAK_DESCRIPTOR": str(descriptor),
            "OPENBLAS_NUM_THREADS": "1",
        }
        command = [sys.executable, str(HERE / "weak.py"), str(paths[0]), str(self.spare.path("results"))]
        with Path(folder, "output").open("w+b") as output:
            process = subprocess.Popen(
                [*command, *map(str, paths[1:])],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[descriptor],
                env=environment,
                cwd=self.spare.home,
                start_new_session=True,
            )
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(WEAK)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            os.close(descriptor)
            output.seek(0)
            return status, output.read().decode(errors="replace")


def judged(status: int, results: str, output: str) -> float:
    """What such graders believe: the results file, else the last line that looks like a verdict, else the status."""
    for text in (results, *reversed(output.splitlines())):
        with contextlib.suppress(ValueError, TypeError, KeyError):
            return float(json.loads(text)["points"])
    return 3.0 if status == 0 else 0.0


class Arena:
    """A judge in a process of its own."""

    def __init__(self, bench: Bench, layers: frozenset[str]) -> None:
        places, self.prefix = bench.places, bench.places.prefix
        config = {
            "layers": sorted(layers),
            "bundle": str(bench.bundle),
            "root": str(places.root),
            "home": str(places.home),
            "secrets": places.secrets,
            "prefix": places.prefix,
            "environment": places.secrets["environment"],
        }
        self.config = bench.bundle.with_name(f"config-{os.getpid()}.json")
        self.config.write_text(json.dumps(config))
        path = os.pathsep.join([str(HERE), str(HERE.parents[1])])
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "arena.py"), str(self.config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "JUDGE_SECRET": places.secrets["environment"]},
            start_new_session=True,
        )
        if self._line(START) is None:
            self.close()
            raise RuntimeError(f"no judge comes to life under {', '.join(sorted(layers)) or 'no layer'}")

    def ask(self, attack: Attack, limits: dict[str, float], knowing: bool) -> dict[str, Any] | None:
        """What one attack obtained; None where the judge no longer answers."""
        request = {
            "source": attack.source("@WORLD@", knowing),
            "next": attack.next_source("@WORLD@") if attack.then else "",
            "limits": limits,
        }
        assert self.process.stdin
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            return None
        return self._line(6 * limits["wall_seconds"] + PATIENCE)

    def _line(self, seconds: float) -> dict[str, Any] | None:
        assert self.process.stdout
        end, data = time.monotonic() + seconds, b""
        while not data.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 1 << 16) if ready else b""
            if not piece:
                return None
            data += piece
        answer: dict[str, Any] = json.loads(data)
        return answer

    def close(self) -> None:
        """Ask it to leave; end it where it does not."""
        assert self.process.stdin and self.process.stdout
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stdout.close()
        sweep(self.prefix, self.process.pid)
