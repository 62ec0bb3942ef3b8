"""A class: unchanged work is not run again, a killed run goes on where it was, our faults cost nobody points."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from tiny import REFERENCE, mutated

from grader.keeping import batch as batches
from grader.keeping.batch import Batch, Graded, Setup
from grader.keeping.store import Store
from grader.report import Isolation
from grader.running.submission import SourceFile, Submission
from grader.workspace import open_workspace

WRONG = mutated((" + self.bias[:, None, None]", ""))


def submission(name: str, text: str = REFERENCE) -> Submission:
    return Submission(name, (SourceFile("tiny.py", text.encode()),))


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Judges in a thread of this process: faster, and they can be patched."""

    def end() -> None:
        judge, batches._judge = batches._judge, None
        if judge and judge.improver:
            judge.improver.close()  # type: ignore[attr-defined]
        if judge:
            judge.launcher.close()

    def executor(self: Batch, jobs: int) -> Executor:
        end()
        return ThreadPoolExecutor(1, initializer=batches.prepare, initargs=(self.setup._replace(parent=os.getpid()),))

    monkeypatch.setattr(Batch, "_executor", executor)
    monkeypatch.setattr(batches, "protect_memory", lambda: None)
    yield
    end()


def setup_of(root: Path, points: float | None = None) -> Setup:
    workspace = open_workspace(root / "exercises" / "course.toml")
    course = workspace.course
    if points is not None:
        course = msgspec.convert({"title": "Tiny", "exercises": {"scale": {"points": points}}}, type(course))
    return Setup(course, workspace.hidden, Isolation(0))


def graded(
    root: Path, out: Path, submissions: Sequence[Submission], points: float | None = None, fresh: bool = False
) -> dict[str, Graded]:
    store = Store(out / "results.db")
    try:
        done = Batch(setup_of(root, points), store, 1, fresh).run(submissions)
        return {one.report.submission: one for one in done}
    finally:
        store.close()


@pytest.mark.usefixtures("in_process")
def test_only_what_changed_is_run_again(tiny_course: Path, tmp_path: Path) -> None:
    first = graded(tiny_course, tmp_path, [submission("ada"), submission("bela", WRONG)])
    assert {name: one.fresh for name, one in first.items()} == {"ada": 3, "bela": 3}
    again = graded(tiny_course, tmp_path, [submission("ada"), submission("bela", WRONG)])
    assert {name: one.fresh for name, one in again.items()} == {"ada": 0, "bela": 0}
    assert [again[n].report for n in again] == [first[n].report for n in again]
    handed_in_again = graded(tiny_course, tmp_path, [submission("ada"), submission("bela")])
    assert {name: one.fresh for name, one in handed_in_again.items()} == {"ada": 0, "bela": 3}
    assert handed_in_again["bela"].report.points == 25
    other_points = graded(tiny_course, tmp_path, [submission("ada")], points=28)
    assert other_points["ada"].fresh == 1
    assert other_points["ada"].report.points == 39
    assert graded(tiny_course, tmp_path, [submission("ada")], fresh=True)["ada"].fresh == 3


@pytest.mark.usefixtures("in_process")
def test_a_fault_of_ours_costs_no_other_exercise_is_not_stored_and_is_run_again(
    tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def fails(*args: object) -> None:
            raise ZeroDivisionError("ours")

        patch.setattr("grader.judging.checks.layer_updates.LayerUpdates.judge", fails)
        broken = graded(tiny_course, tmp_path, [submission("ada")])["ada"].report
    verdicts = {result.exercise: result.verdict for result in broken.exercises}
    assert verdicts == {"scale": "grader fault", "peak": "pass", "doubling": "pass"}
    assert not broken.complete
    again = graded(tiny_course, tmp_path, [submission("ada")])["ada"]
    assert (again.fresh, again.report.complete, again.report.points) == (1, True, 25)


@pytest.mark.usefixtures("in_process")
def test_a_fault_outside_of_any_check_is_a_fault_of_that_submission_only(
    tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = Submission.find

    def fails(self: Submission, name: str) -> object:
        if self.name == "ada":
            raise RuntimeError("ours")
        return find(self, name)

    monkeypatch.setattr(Submission, "find", fails)
    done = graded(tiny_course, tmp_path, [submission("ada"), submission("bela")])
    assert not done["ada"].report.complete
    assert done["bela"].report.points == 25


def test_a_judge_that_is_killed_costs_its_own_submission_only(
    tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A student's code that kills the judge, as far as no sandbox keeps it from doing so."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    killer = REFERENCE + (
        "import os, signal\n"
        "zygote = os.getppid()\n"
        "judge = int(open(f'/proc/{zygote}/stat').read().rpartition(')')[2].split()[1])\n"
        f"if judge != {os.getpid()}:\n    os.kill(judge, signal.SIGKILL)\n"
    )
    done = graded(tiny_course, tmp_path, [submission("ada"), submission("bad", killer), submission("bela")])
    assert done["ada"].report.points == done["bela"].report.points == 25
    if done["bad"].report.complete:
        pytest.skip("the judge cannot be reached here")
    assert done["bad"].report.points == 0
    assert {result.verdict for result in done["bad"].report.exercises} == {"grader fault"}
    assert graded(tiny_course, tmp_path, [submission("ada")])["ada"].fresh == 0


def test_a_killed_run_goes_on_where_it_was_and_ends_with_the_same_scores(tiny_course: Path, tmp_path: Path) -> None:
    slow = REFERENCE + "import time\ntime.sleep(0.3)\n"
    for number in range(6):
        folder = tmp_path / "class" / f"student{number}"
        folder.mkdir(parents=True)
        (folder / "tiny.py").write_text((WRONG if number % 2 else slow) + f"\n# {number}\n")
    command = [sys.executable, "-m", "grader.faces.cli", "grade", str(tmp_path / "class"), "--jobs", "1", "--out"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "200"}

    def start(out: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*command, str(tmp_path / out)],
            cwd=tiny_course,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    killed = start("killed")
    deadline = time.monotonic() + 30
    while stored(tmp_path / "killed" / "results.db") < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert killed.stdout is not None
    killed.stdout.close()
    kept = stored(tmp_path / "killed" / "results.db")
    assert kept >= 2
    outputs = []
    for out in ("killed", "whole"):
        run = start(out)
        outputs.append(run.communicate(timeout=60)[0])
        assert run.returncode == 0, outputs[-1]
    for table in ("scores.csv", "checks.csv"):
        assert (tmp_path / "killed" / table).read_bytes() == (tmp_path / "whole" / table).read_bytes()
    if kept < 6:
        assert "of them from before" in outputs[0]


def stored(path: Path) -> int:
    """How many submissions are stored by now."""
    import sqlite3

    if not path.exists():
        return 0
    database = sqlite3.connect(path)
    try:
        return int(database.execute("select count(distinct submission) from results").fetchone()[0])
    except sqlite3.OperationalError:  # not made yet
        return 0
    finally:
        database.close()
