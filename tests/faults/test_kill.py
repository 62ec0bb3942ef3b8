"""Nothing is lost: whatever is killed at whatever moment, the end is that of a run that nobody disturbed."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import kill
import pytest
from runs import descendants, grade, make_class, nothing_left, results, start, stored, wait_for
from tiny import REFERENCE

SLOW = REFERENCE + "import time\ntime.sleep(0.2)\n"
ENDLESS = REFERENCE + "while True:\n    pass\n"


@pytest.mark.oracle
def test_killed_at_random_moments_a_grading_ends_with_the_same_results(tmp_path: Path) -> None:
    """The long form: python tests/faults/kill.py --times 100."""
    assert kill.campaign(tmp_path, times=3, seed=2, size=5) == 0


def test_what_is_stored_before_a_kill_is_not_judged_again(root: Path, tmp_path: Path) -> None:
    folder = make_class(tmp_path / "class", {f"s{n}": f"{SLOW}# {n}\n" for n in range(6)})
    process = start(root / "course", "grade", folder, "--out", tmp_path / "out", "--jobs", "1")
    with nothing_left():
        wait_for(lambda: stored(tmp_path / "out") >= 2)
        process.kill()
        process.communicate()
    kept = stored(tmp_path / "out")
    done = grade(root / "course", folder, tmp_path / "out")
    assert kept == 6 or f"({kept} of them from before)" in done.stdout
    grade(root / "course", folder, tmp_path / "whole")
    assert results(tmp_path / "out") == results(tmp_path / "whole")


def test_no_process_outlives_a_grader_that_is_killed_while_students_code_runs(root: Path, tmp_path: Path) -> None:
    folder = make_class(tmp_path / "class", {"s1": ENDLESS, "s2": ENDLESS + "# 2\n"})
    with nothing_left():
        process = start(root / "course", "grade", folder, "--out", tmp_path / "out", "--jobs", "2")
        wait_for(lambda: len(descendants(process.pid)) >= 6)  # two judges, two zygotes, two students' programs
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("group", [True, False], ids=["group", "process"])
def test_a_stop_keeps_what_is_finished_and_leaves_nothing_behind(
    root: Path, tmp_path: Path, number: signal.Signals, group: bool
) -> None:
    sources = {"a": REFERENCE, "b": REFERENCE + "# b\n", "c": ENDLESS, "d": ENDLESS + "# d\n"}
    folder = make_class(tmp_path / "class", sources)
    out = tmp_path / "out"
    with nothing_left():
        process = start(root / "course", "grade", folder, "--out", out, "--jobs", "1")
        wait_for(lambda: stored(out) == 2)
        time.sleep(0.2)  # some way into the endless one
        (os.killpg if group else os.kill)(process.pid, number)
        printed, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number, (printed, said)
    assert said.strip() == (
        f"grader: stopped; 2 of 4 submissions are graded and kept in {out}, and the same command goes on with the rest."
    )
    assert {path.stem for path in (out / "reports").iterdir()} == {"a", "b"}
    assert len((out / "scores.csv").read_text().splitlines()) == 1 + 2 * 3
    for name in "cd":
        shutil.rmtree(folder / name)
    assert "(2 of them from before)" in grade(root / "course", folder, out).stdout


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.6])
def test_a_stop_at_any_moment_is_one_line(root: Path, tmp_path: Path, quiet: dict[str, bytes], moment: float) -> None:
    out = tmp_path / "out"
    with nothing_left():
        process = start(root / "course", "grade", root / "class", "--out", out)
        wait_for(lambda: descendants(process.pid) or process.poll() is not None)  # the first judge is being started
        time.sleep(moment)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=30)[1]
    assert process.returncode in (0, 130)
    assert said.count("\n") == (process.returncode == 130), said
    grade(root / "course", root / "class", out)
    assert results(out) == quiet


def test_a_judge_that_is_killed_again_and_again_is_our_fault_and_costs_nobody_else(root: Path, tmp_path: Path) -> None:
    """What kills here is the student's file itself; with a sandbox it cannot, and its points count."""
    killer = (
        "import os, signal\n"
        "judge = int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])\n"
        "os.kill(judge, signal.SIGKILL)\n"
    )
    folder = make_class(tmp_path / "class", {"ada": REFERENCE, "bad": REFERENCE + killer, "bela": REFERENCE + "# b\n"})
    process = start(root / "course", "grade", folder, "--out", tmp_path / "out", "--jobs", "2")
    printed, said = process.communicate(timeout=120)
    assert "Traceback" not in printed + said
    assert process.returncode in (0, 3)
    reached = "was killed" in printed
    assert (process.returncode == 3) == reached
    rows = (tmp_path / "out" / "scores.csv").read_text().splitlines()
    assert sum(row.endswith(",pass") for row in rows if row.startswith(("ada,", "bela,"))) == 6
