"""Measures what grading costs, as ratios taken side by side in one run.

    python tests/bench/bench.py [--rounds N]

CPU of grading (judge, zygote and workers) against that of replaying the very same calls in one warm process.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader.authoring.freeze import Freezer
from grader.authoring.running import Reference
from grader.authoring.topics import read_topics
from grader.course import Course
from grader.judging.asked import Asked, asked
from grader.judging.judge import Judge
from grader.report import Isolation
from grader.running.forks import ForkLauncher
from grader.running.submission import SourceFile, Submission
from grader.running.workers import launcher
from grader.worker import execute
from grader.worker.loader import load
from grader.worker.probe import WireProbe
from grader.workspace import read_bundles, write_bundles

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))
from core_topics import CORE  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
LOOPS = ("seven_loops", "loops", "plain_loops", "math_loops", "entry_loops", "one_by_one")


def cpu_of_tree(started: ForkLauncher) -> float:
    """CPU seconds of this process, the zygote, and all workers that were reaped."""
    fields = Path(f"/proc/{started.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + sum(map(int, fields[11:15])) / TICK


def submissions() -> dict[str, dict[str, bytes]]:
    """The references, and the same with every file that there is in loops."""
    vectorised = {path.name: path.read_bytes() for path in sorted((ROOT / "reference").glob("*.py"))}
    loops = dict(vectorised)
    for folder in sorted((ROOT / "tests/variants").iterdir()):
        for style in LOOPS:
            if (folder / f"{style}.py").is_file():
                loops[f"{folder.name}.py"] = (folder / f"{style}.py").read_bytes()
                break
    return {"vectorised": vectorised, "loops": loops}


class Silent(execute.Stage):
    """Only the calls, on inputs of their own: no encoding, no comparison of arguments, no seeds."""

    def calls(self) -> None:
        """Run all steps."""
        self.arrays = dict(self.probe.arrays)
        for number, step in enumerate(self.probe.steps):
            try:
                self.results.append(self._do(step))
            except BaseException:
                self.failed.add(number)
                self.results.append(None)


def replay(modules: dict[str, Any], exercises: list[Asked]) -> float:
    """CPU seconds of all calls of all probes in this process, warm."""
    spent = 0.0
    for exercise in exercises:
        for probe in exercise.batch.probes:  # some are asked twice
            start = time.process_time()
            arrays = tuple((name, np.array(array)) for name, array in probe.arrays.items())  # calls may write there
            wire = WireProbe(probe.steps, arrays, probe.seed)  # type: ignore[arg-type]
            Silent(modules[exercise.file], frozenset(), {}, wire).calls()
            spent += time.process_time() - start
    return spent


def replays(style: str, bundles: Path, whole: bool) -> None:
    """Replay once for every line of standard input, and print the CPU seconds."""
    questions = sys.stdin  # loading a student's file takes it away
    files, exercises = submissions()[style], exercises_of(bundles, whole)
    modules = {name: load(files, name, allowed=("numpy", "scipy")).namespace for name in {e.file for e in exercises}}
    for _ in questions:
        print(replay(modules, exercises), flush=True)


def exercises_of(bundles: Path, whole: bool) -> list[Asked]:
    """The exercises of the core topics, or of the whole course."""
    return asked(Course(title="bench"), [one for one in read_bundles(bundles) if whole or one.topic in CORE])


class Replayer:
    """A warm process of its own that replays one style whenever it is asked to."""

    def __init__(self, style: str, bundles: Path, whole: bool) -> None:
        command = [sys.executable, __file__, "--replay", style, str(bundles), *(["--whole"] if whole else [])]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1, env=environment)
        self.cpu()

    def cpu(self) -> float:
        """CPU seconds of replaying once."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("once\n")
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self.process.communicate()


def cost(rounds: int, bundles: Path, whole: bool, styles: Sequence[str]) -> None:
    """CPU of grading one submission, and its ratio to replaying."""
    exercises, files = exercises_of(bundles, whole), submissions()
    course, started = Course(title="bench"), launcher(())
    assert isinstance(started, ForkLauncher)
    for name in styles:
        handed_in = Submission(name, tuple(SourceFile(path, text) for path, text in files[name].items()))
        judge = Judge(course, exercises, started, Isolation(0))
        judge.report(handed_in)
        replayer = Replayer(name, bundles, whole)
        ratios, seconds, replayed = [], [], [replayer.cpu()]
        for _ in range(rounds):  # in turns: a shared machine becomes slower and quicker while this runs
            before = cpu_of_tree(started)
            report = judge.report(handed_in)
            seconds.append(cpu_of_tree(started) - before)
            assert report.points == report.max_points, f"{name}: {report.points} of {report.max_points}"
            replayed.append(replayer.cpu())
            ratios.append(2 * seconds[-1] / sum(replayed[-2:]))
        replayer.close()
        print(
            f"{'whole course' if whole else 'core topics'}, {name}: "
            f"{statistics.median(seconds):.2f} s CPU per submission, "
            f"{statistics.median(ratios):.2f} times replaying the same calls "
            f"({min(seconds) / min(replayed):.2f} by the quickest of {rounds} rounds)"
        )
    started.close()


def freeze(folder: Path) -> None:
    """Hidden bundles of all exercises, and how long they took."""
    started, start = launcher(("scipy.signal",)), time.monotonic()
    reference = Reference(ROOT / "reference", started)
    topics = [topic for topic in read_topics(ROOT / "exercises") if not topic.requires]
    made = [Freezer(t, e, reference, "hidden", b"bench").freeze() for t in topics for e in t.exercises]
    write_bundles(made, folder)
    started.close()
    seconds = time.monotonic() - start
    size = f"{sum(path.stat().st_size for path in folder.iterdir()) / 2**20:.1f} MB of hidden bundles"
    print(f"freezing {len(made)} exercises one after the other: {seconds:.0f} s, {size}")


def first_verdict() -> None:
    """Seconds from the start of `grader check conv` to the first line of output."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        command = [str(Path(sys.executable).with_name("grader"))]
        subprocess.run([*command, "release", str(home)], cwd=ROOT, check=True, capture_output=True)
        for path in (ROOT / "reference").glob("*.py"):
            (home / path.name).write_bytes(path.read_bytes())
        times = []
        for _ in range(5):
            start = time.monotonic()
            with subprocess.Popen([*command, "check", "conv"], cwd=home, stdout=subprocess.PIPE) as process:
                assert process.stdout
                process.stdout.readline()
                times.append(time.monotonic() - start)
                process.stdout.read()
        print(f"grader check conv: first verdict after {statistics.median(times):.2f} s")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--replay", nargs=2, metavar=("STYLE", "BUNDLES"), help="replay whenever asked")
    parser.add_argument("--whole", action="store_true", help="replay the whole course, not its core topics")
    options = parser.parse_args()
    if options.replay:
        style, bundles = options.replay
        replays(style, Path(bundles), options.whole)
        return
    with tempfile.TemporaryDirectory() as scratch:
        freeze(Path(scratch))
        cost(options.rounds, Path(scratch), False, ("vectorised", "loops"))
        cost(options.rounds, Path(scratch), True, ("vectorised",))
    first_verdict()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the judge: {peak:.0f} MB")


if __name__ == "__main__":
    main()
