"""Runs of the command on a small class, to be disturbed: started, watched, killed, and compared with quiet ones."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tiny import REFERENCE, mutated

TESTS = Path(__file__).parents[1]
PR_SET_CHILD_SUBREAPER = 36
COURSE = {
    "exercises/tiny/spec.py": "from tiny import doubling, peak, scale\n",
    "exercises/tiny/misconceptions.py": (
        "import tiny\nMISCONCEPTIONS = tuple(m for m in tiny.MISCONCEPTIONS if m.exercise in ('scale', 'peak'))\n"
    ),
    "exercises/tiny/handout.md": "# Tiny\n",
    "exercises/course.toml": 'title = "Tiny"\n',
    "reference/tiny.py": REFERENCE,
    ".grader/secret": "a secret that is long enough\n",
}
WRONG = (
    mutated((" + self.bias[:, None, None]", "")),
    mutated((".argmax(axis=2)", ".argmin(axis=2)"), ("windows.max(axis=2)", "windows.min(axis=2)")),
    mutated(("return 2.0 * number", "return 2.0 * number + 1e-3 * (len(number) > 3)")),
    mutated(("return input_gradient", "return input_gradient[:, :, ::-1]")),
)


def make_course(root: Path) -> Path:
    """An instructor's repository, not frozen yet."""
    for name, text in COURSE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def make_class(folder: Path, sources: Mapping[str, str]) -> Path:
    """One folder per student, with the one file of the tiny course in it."""
    for name, source in sources.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "tiny.py").write_text(source)
    return folder


def mixed(size: int) -> dict[str, str]:
    """Right, wrong and unfinished work; no two alike."""
    kinds = (REFERENCE, *WRONG, "def f(:\n")
    return {f"student{n:02d}": f"{kinds[n % len(kinds)]}\n# {n}\n" for n in range(size)}


def start(course: Path, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    """The command, in the course's folder, in a group of its own as under a shell."""
    path = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200", **options.pop("environment", {})}
    command = [sys.executable, "-m", "grader.faces.cli", *map(str, arguments)]
    settings: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    return subprocess.Popen(command, cwd=course, env=environment, start_new_session=True, **settings)


def grade(
    course: Path, folder: Path, out: Path, *more: str | Path, code: int = 0, **options: Any
) -> subprocess.CompletedProcess[str]:
    """A whole run; its exit status must be `code`, and no traceback may show."""
    process = start(course, "grade", folder, "--out", out, *more, **options)
    printed, said = process.communicate(timeout=300)
    assert process.returncode == code, (process.returncode, printed, said)
    assert "Traceback" not in printed + said
    return subprocess.CompletedProcess(process.args, process.returncode, printed, said)


def results(out: Path) -> dict[str, bytes]:
    """Every file of an output folder but the database; of reports all but the computing time."""
    found: dict[str, bytes] = {}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if path.is_file() and path.suffix == ".json":
            data = json.loads(path.read_bytes())
            for exercise in data["exercises"]:
                exercise.pop("cpu_seconds", None)
            found[name] = json.dumps(data).encode()
        elif path.is_file() and name != "results.db":
            found[name] = path.read_bytes()
    return found


def points(out: Path) -> dict[str, float]:
    """Submission to points."""
    reports = (json.loads(path.read_bytes()) for path in (out / "reports").glob("*.json"))
    return {report["submission"]: report["points"] for report in reports}


def children(pid: int) -> list[int]:
    """Living children of a process."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] not in "ZX":
                found.append(int(entry.parent.name))
    return sorted(found)


def descendants(pid: int) -> set[int]:
    """Children and theirs."""
    below = children(pid)
    return set(below).union(*(descendants(child) for child in below))


@contextlib.contextmanager
def nothing_left(seconds: float = 5.0) -> Iterator[None]:
    """Every process that is started in the block, or by one of those, must be gone soon after it.

    Orphans come to this process, whoever their parents were and whatever session they are in.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = descendants(os.getpid())
    try:
        yield
        deadline = time.monotonic() + seconds
        while (left := descendants(os.getpid()) - before) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not left, [Path(f"/proc/{pid}/cmdline").read_bytes()[-200:] for pid in left]
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def wait_for(condition: Any, seconds: float = 60.0) -> None:
    """Until something holds; the test fails where it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def moments(seed: int, times: int, longest: float) -> Sequence[float]:
    """Random seconds after the start, the same for the same seed."""
    rng = random.Random(seed)
    return [rng.uniform(0.0, longest) for _ in range(times)]


def stored(out: Path) -> int:
    """How many submissions a database holds by now."""
    if not (out / "results.db").exists():
        return 0
    with contextlib.closing(sqlite3.connect(out / "results.db")) as database:
        try:
            return int(database.execute("select count(distinct submission) from results").fetchone()[0])
        except sqlite3.OperationalError:  # not made yet
            return 0
