"""Kills a grading at random moments and lets it go on: `python tests/faults/kill.py --times 100`.

Two kills of three hit the command itself, which is then started again; every third hits one of its judges, and the same
run must end as if nothing had happened. Results must be those of a run that nobody disturbed, to the byte.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from runs import children, grade, make_class, make_course, mixed, moments, nothing_left, results, start, wait_for


def kill(course: Path, folder: Path, out: Path, moment: float, judge: bool, seed: int) -> str:
    """One disturbed grading; says what was hit. The moment counts from when the batch begins."""
    process = start(course, "grade", folder, "--out", out, "--jobs", "2")
    wait_for(lambda: (out / "results.db").exists() or process.poll() is not None)
    time.sleep(moment)
    target = process.pid
    if judge:
        target = random.Random(seed).choice(_judges(process.pid) or [process.pid])
    hit = process.poll() is None
    with contextlib.suppress(ProcessLookupError):
        os.kill(target, signal.SIGKILL)
    printed, said = process.communicate(timeout=300)
    assert "Traceback" not in printed + said, said
    if process.returncode:
        assert process.returncode == -signal.SIGKILL, (process.returncode, printed, said)
        grade(course, folder, out, "--jobs", "2")
        return "command"
    return "judge" if hit and target != process.pid else "nothing, it was done"


def _judges(pid: int) -> list[int]:
    """The processes of a grading that judge."""
    return [child for child in children(pid) if b"keeping.pool" in Path(f"/proc/{child}/cmdline").read_bytes()]


def campaign(root: Path, times: int, seed: int = 1, size: int = 16) -> int:
    """Kill so many times; how many results were not those of the quiet run."""
    course = make_course(root / "course")
    folder = make_class(root / "class", mixed(size))
    grade(course, folder, root / "first")  # freezes the bundles
    began = time.monotonic()
    grade(course, folder, root / "first", "--fresh")
    whole = time.monotonic() - began
    process = start(course, "grade", folder, "--out", root / "quiet", "--jobs", "2")
    wait_for((root / "quiet" / "results.db").exists)
    began = time.monotonic()
    process.communicate()
    longest = min(whole, time.monotonic() - began)
    expected, wrong = results(root / "quiet"), 0
    assert expected == results(root / "first")
    for number, moment in enumerate(moments(seed, times, longest)):
        out = root / f"killed{number}"
        with nothing_left():
            hit = kill(course, folder, out, moment, number % 3 == 2, seed + number)
        same = results(out) == expected
        wrong += not same
        print(f"{number + 1:4d} of {times}: after {moment:.2f} s: {hit}: {'same' if same else 'DIFFERENT'}", flush=True)
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = campaign(Path(folder), options.times, options.seed)
    print(f"{options.times} kills, {wrong} with other results than the undisturbed run")
    sys.exit(bool(wrong))
