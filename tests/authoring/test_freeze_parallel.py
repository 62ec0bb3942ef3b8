"""Freezing on several processes: the same bytes, the same errors, and nothing left over."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console
from tiny import REFERENCE, SECRET

from grader.authoring.drafts import Kind
from grader.authoring.parallel import Setup, freeze_each
from grader.authoring.topics import read_topics
from grader.bundle import encode
from grader.errors import BundleError, CourseError, GraderError
from grader.faces.freeze import wanted
from grader.faces.release import public_bundles
from grader.stopping import held_back
from grader.workspace import open_workspace

SPEC = """
import dataclasses, os, signal, time
from pathlib import Path
from tiny import double_script, doubling, peak

def other(name, script):
    main = dataclasses.replace(doubling.plans["main"], script=script)
    return dataclasses.replace(doubling, name=name, plans={**doubling.plans, "main": main})

"""
MISCONCEPTIONS = "import tiny\nMISCONCEPTIONS = tuple(m for m in tiny.MISCONCEPTIONS if m.exercise == 'peak')\n"
BROKEN = """
def broken(s, case):
    s.use("double", {"a": 1}["b"], label="result")

def unlabelled(s, case):
    double_script(s, case)
    double_script(s, case)

first = other("first", unlabelled)
second = other("second", broken)
"""
KILLED = """
def kill(s, case):
    os.kill(os.getpid(), signal.SIGKILL)

killed = other("killed", kill)
"""
ENDLESS = """
def wait(s, case):
    Path(__file__).with_name(str(os.getpid())).touch()
    while True:
        time.sleep(0.01)

one, two = other("one", wait), other("two", wait)
"""


@pytest.fixture
def course(tmp_path: Path) -> Callable[..., Path]:
    """Writes an instructor's repository with one topic, whose spec ends with the text that is given."""

    def write(spec: str = "", misconceptions: str = MISCONCEPTIONS) -> Path:
        files = {
            "reference/tiny.py": REFERENCE,
            "exercises/course.toml": 'title = "Tiny"\n',
            "exercises/tiny/spec.py": SPEC + spec,
            "exercises/tiny/misconceptions.py": misconceptions,
            "exercises/tiny/handout.md": "# Tiny\n",
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


def setup(root: Path, kind: Kind = "hidden", stored: Path | None = None) -> Setup:
    return Setup(root / "exercises", root / "reference", kind, SECRET, stored)


def frozen(where: Setup, jobs: int) -> dict[str, bytes]:
    exercises = wanted(read_topics(where.source))
    return {bundle.exercise: encode(bundle) for bundle in freeze_each(where, exercises, jobs)}


@pytest.mark.parametrize("kind", ["hidden", "public"])
def test_one_process_and_two_freeze_the_same_bytes_in_the_same_order(course: Callable[..., Path], kind: Kind) -> None:
    where = setup(course(), kind)
    alone, together = frozen(where, 1), frozen(where, 2)
    assert list(alone) == list(together) == ["doubling", "peak"]
    assert alone == together


def test_bundles_made_anew_from_stored_cases_are_the_same_bytes_too(course: Callable[..., Path]) -> None:
    root = course()
    (root / "stored").mkdir()
    for name, data in frozen(setup(root), 2).items():
        (root / "stored" / f"{name}.bundle").write_bytes(data)
    where = setup(root, stored=root / "stored")._replace(secret=b"another, since nothing is drawn")
    assert frozen(where, 1) == frozen(where, 2)
    (root / "stored" / "peak.bundle").unlink()
    with pytest.raises(BundleError, match=r"peak\.bundle cannot be read"):
        frozen(where, 2)


def test_every_exercise_moves_the_progress_bar_once(course: Callable[..., Path]) -> None:
    where = setup(course())
    exercises = wanted(read_topics(where.source))
    for jobs in (1, 2):
        moves = iter(range(10))
        freeze_each(where, exercises, jobs, partial(next, moves))
        assert next(moves) == len(exercises)


def test_a_single_exercise_and_an_only_core_start_no_pool(
    course: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **options: object) -> None:
        raise AssertionError("a pool was started")

    monkeypatch.setattr("grader.authoring.parallel.Pool", never)
    where = setup(course())
    exercises = wanted(read_topics(where.source))
    assert len(freeze_each(where, exercises[:1])) == 1
    assert len(freeze_each(where, exercises, 1)) == len(exercises)
    with pytest.raises(AssertionError, match="a pool"):
        freeze_each(where, exercises, 2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_of_several_errors_the_first_exercises_is_told_whatever_the_number_of_processes(
    course: Callable[..., Path], jobs: int
) -> None:
    where = setup(course(BROKEN))
    exercises = wanted(read_topics(where.source))
    with pytest.raises(CourseError, match="two arrays named 'number'"):
        freeze_each(where, exercises, jobs)
    without = [(topic, exercise) for topic, exercise in exercises if exercise.name != "first"]
    line = (SPEC + BROKEN).splitlines().index('    s.use("double", {"a": 1}["b"], label="result")') + 1
    with pytest.raises(CourseError, match=rf"spec\.py, line {line}: KeyError: 'b'\.$"):
        freeze_each(where, without, jobs)


def test_an_authors_error_is_one_sentence_and_exit_code_2(course: Callable[..., Path]) -> None:
    done = subprocess.run(grader("freeze"), cwd=course(BROKEN), env=environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("grader: ")
    assert "'number'" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_process_that_is_killed_is_told_as_our_own_failure(course: Callable[..., Path]) -> None:
    with pytest.raises(GraderError, match="were killed"):
        frozen(setup(course(KILLED)), 2)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_control_c_ends_all_processes_with_one_sentence(course: Callable[..., Path]) -> None:
    root = course(ENDLESS, "MISCONCEPTIONS = ()\n")
    command = [*grader("freeze"), "--only", "one", "--only", "two"]
    with subprocess.Popen(
        command, cwd=root, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            while not (at_work := [int(path.name) for path in root.glob("exercises/tiny/[0-9]*")]):
                assert process.poll() is None
                time.sleep(0.05)
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does
            _, said = process.communicate()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130
    assert len(said.strip().splitlines()) == 1
    assert said.strip().startswith("grader: stopped")
    for pid in at_work:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def grader(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "grader.faces.cli", *arguments]


def environment() -> dict[str, str]:
    paths = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "GRADER_SECRET": SECRET.decode()}


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="POSIX signals")
def test_processes_that_are_started_held_back_never_get_control_c() -> None:
    code = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with held_back():
        inside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    outside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (inside.stdout.strip(), outside.stdout.strip()) == ("True", "False")


def test_release_keeps_public_bundles_until_their_spec_or_reference_changes(
    course: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = course()
    workspace = open_workspace(root / "exercises" / "course.toml")
    quiet = Console(quiet=True)
    first = public_bundles(workspace, quiet)
    monkeypatch.setattr("grader.faces.release.stored", lambda _: first)
    with monkeypatch.context() as patch:
        patch.setattr("grader.authoring.parallel.launcher", None)  # nothing is run
        again = public_bundles(workspace, quiet)
    assert all(new is old for new, old in zip(again, first, strict=True))
    text = (root / "reference" / "tiny.py").read_text().replace("2.0 * number", "number * 2.0")
    (root / "reference" / "tiny.py").write_text(text)
    anew = public_bundles(workspace, quiet)
    assert [b.exercise for b in anew] == [b.exercise for b in first]
    assert all(new.sources != old.sources and new.digest == old.digest for new, old in zip(anew, first, strict=True))
