"""What the layers of isolation cost: CPU of a fork that loads a small file and answers a probe, with and without.

    python tests/bench/forks.py [--forks N] [--rounds N]

Both kinds take turns in one run; judge, zygote and workers are all counted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from pathlib import Path

from grader.running.forks import ForkLauncher
from grader.running.isolation import examine
from grader.running.probes import Batch, Probe
from grader.running.session import Session, Source
from grader.worker.limits import Limits, protect_memory
from grader.worker.probe import Use

TICK = os.sysconf("SC_CLK_TCK")
FILE = b"import numpy as np\n\n\ndef answer():\n    return np.ones((2, 3))\n"
PROBE = Batch([Probe((Use("answer", report=True),), {}, {}, 0)])


def cpu_below(pid: int) -> float:
    """CPU seconds of a process, of all that it reaped, and of all below it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(map(int, fields[11:15])) / TICK + sum(cpu_below(int(child)) for child in children)


def one(started: ForkLauncher) -> None:
    """A worker's life."""
    with Session(started, Source({"a.py": FILE}, "a.py", {}, ("numpy",)), Limits()) as session:
        (trace,) = session.run(PROBE)
    assert trace.values[0].shape == (2, 3)


def per_fork(started: ForkLauncher, forks: int) -> float:
    """CPU milliseconds of one worker's life."""
    before = time.process_time() + cpu_below(started.process.pid)
    for _ in range(forks):
        one(started)
    return 1000 * (time.process_time() + cpu_below(started.process.pid) - before) / forks


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forks", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    protect_memory()
    found = examine()
    ladder = {"no layer": frozenset[str](), f"rung {found.isolation.rung}": found.chosen}
    launchers = {name: ForkLauncher((), layers) for name, layers in ladder.items()}
    for started in launchers.values():
        one(started)
    times: dict[str, list[float]] = {name: [] for name in launchers}
    for _ in range(options.rounds):
        for name, started in launchers.items():
            times[name].append(per_fork(started, options.forks))
    for name, spent in times.items():
        print(
            f"a fork with {name}: {statistics.median(spent):.2f} ms CPU ({', '.join(sorted(ladder[name])) or 'bare'})"
        )
    bare, full = times.values()
    more = statistics.median(b - a for a, b in zip(bare, full, strict=True))
    print(f"all layers add {more:.2f} ms CPU a fork (allowed: 2 ms)")
    for started in launchers.values():
        started.close()


if __name__ == "__main__":
    main()
