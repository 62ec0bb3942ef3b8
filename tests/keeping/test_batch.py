"""A class: unchanged work is not run again, a killed run goes on where it was, our faults cost nobody points."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from in_process import InProcess
from tiny import REFERENCE, mutated

from grader.keeping import batch as batches
from grader.keeping.batch import Batch, Graded, Setup
from grader.keeping.store import Store
from grader.report import Isolation
from grader.running.isolation import examine
from grader.running.session import Session, Source
from grader.running.submission import SourceFile, Submission
from grader.worker.limits import Limits
from grader.workspace import open_workspace

WRONG = mutated((" + self.bias[:, None, None]", ""))


def submission(name: str, text: str = REFERENCE) -> Submission:
    return Submission(name, (SourceFile("tiny.py", text.encode()),))


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A judge in this process: faster, and it can be patched."""

    def end() -> None:
        judge, batches._judge = batches._judge, None
        if judge and judge.improver:
            judge.improver.close()  # type: ignore[attr-defined]
        if judge:
            judge.launcher.close()

    def pool(self: Batch, submissions: object) -> InProcess:
        end()
        return InProcess(self.setup)

    monkeypatch.setattr(Batch, "_pool", pool)
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


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("also", ["", "import scipy.ndimage\n"])
def test_a_reference_may_be_written_with_more_than_its_course_allows(
    tiny_course: Path, tmp_path: Path, also: str
) -> None:
    if "landlock" not in {layer.name for layer in examine().layers if layer.holds}:
        pytest.skip("without Landlock workers can read all that is installed")
    root = shutil.copytree(tiny_course, tmp_path / "course")
    (root / "exercises" / "course.toml").write_text('title = "Tiny"\n[modules]\nallowed = ["numpy"]\n')
    (root / "reference" / "tiny.py").write_text(also + REFERENCE)
    workspace = open_workspace(root / "exercises" / "course.toml")
    isolation = Isolation(1, ("landlock", "limits"))
    batches.prepare(Setup(workspace.course, workspace.hidden, isolation, (), workspace))
    assert batches._judge
    source = Source({"late.py": b"import scipy.ndimage\n"}, "late.py", {}, ("numpy", "scipy"))
    with Session(batches._judge.launcher, source, Limits()) as session:
        session.load()
        assert (session.problem is None) == bool(also)
