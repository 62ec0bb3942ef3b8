"""`grader grade`: a whole class, resumable, with tables for people and files for programs."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from grader import packages
from grader.authoring.provenance import outdated
from grader.errors import InputError
from grader.judging.asked import Asked
from grader.keeping.batch import Batch, Setup, chosen_and_left_out
from grader.keeping.store import Store
from grader.keeping.tables import number, write_tables
from grader.known_names import notes
from grader.report import Isolation, Report
from grader.running.isolation import keep_out_of_reach
from grader.running.submission import Batch as Found
from grader.running.submission import read_batch
from grader.stopping import Stopped, stoppable
from grader.text import printable
from grader.worker.limits import protect_memory
from grader.workspace import Workspace, open_workspace, read_bundles

from .check import say_notes
from .doctor import isolation_for_others
from .freeze import freeze_hidden
from .plain import PlainConsole
from .tables import print_table
from .terminal import console, count, say

if TYPE_CHECKING:
    from .gradebook import Gradebook

LONG_CLASS = 60
CLASS = ("submission", "points", "of", "pass", "what is wrong first")
EXERCISES = ("exercise", "full marks", "mean", "of")
FINDINGS = ("submissions", "exercise", "finding")


def run(
    paths: Sequence[Path],
    course: Path | None,
    out: Path,
    jobs: int | None,
    only: Sequence[str],
    fresh: bool,
    verbose: bool,
    allow_weak_isolation: bool = False,
    gradebook: str = "",
    assignment: str = "",
) -> int:
    """Grade everything under the paths; 0, or 3 where a grader fault needs a rerun."""
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} does not exist: give a folder, archive or file with submissions.")
    if gradebook or assignment:
        from .gradebook import check_gradebook  # takes nbformat and what makes releases

        check_gradebook(gradebook, assignment, only)
    with stopping():
        protect_memory()
        workspace = open_workspace(course)
        screen = console()
        prepare_bundles(workspace, screen)
        setup = Setup(workspace.course, workspace.hidden, Isolation(0), tuple(only), workspace)
        exercises, left_out = chosen_and_left_out(setup)
        bundles = [exercise.bundle for exercise in exercises]
        say_notes(screen, notes(workspace.course, bundles, lambda: read_bundles(workspace.hidden)))
        say_notes(screen, packages.notes(workspace.course, left_out))
        say_notes(screen, outdated(bundles, workspace.source, workspace.reference))
        if not exercises:
            raise InputError("There is nothing else to grade: install what is missing, or choose other exercises.")
        found = read_batch(paths, {exercise.file for exercise in exercises})
        setup = setup._replace(isolation=isolation_for_others(allow_weak_isolation))
        private = (workspace.source, workspace.reference, workspace.hidden, workspace.secret_file, out, *paths)
        keep_out_of_reach(private, setup.isolation.layers)
        target = _gradebook(gradebook, assignment, setup, exercises) if gradebook else None
        store = Store(out / "results.db", fresh)  # only now: a mistake in the call leaves no files behind
        with contextlib.closing(store):
            batch = Batch(setup, store, jobs or os.cpu_count() or 1, fresh, exercises)
            reports, again = _grade(batch, found, out, screen)
            write_tables(reports, out)
            noted = target.write(reports, store, paths, screen) if target else ""
        show(screen, reports, out, again, verbose or len(reports) <= LONG_CLASS)
        if noted:
            say(screen, noted)
    return 0 if all(report.complete for report in reports) else 3


def _gradebook(url: str, assignment: str, setup: Setup, exercises: Sequence[Asked]) -> Gradebook:
    from .gradebook import Gradebook

    return Gradebook(url, assignment, setup, exercises)


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the command with one line and the exit status that they are known by."""
    try:
        with stoppable():
            yield
    except Stopped as stopped:
        say(console(stderr=True), f"grader: stopped; {stopped.kept}.")
        raise SystemExit(stopped.status) from None


def prepare_bundles(workspace: Workspace, screen: Console) -> None:
    """The first time a course is graded its hidden bundles are made; afterwards they stay as they are."""
    if not workspace.hidden.is_dir():
        say(screen, f"First grading of this course: freezing its hidden cases into {workspace.hidden}.")
        freeze_hidden(workspace, screen)


def _graded(batch: Batch, found: Found, screen: Console) -> tuple[list[Report], int]:
    for note in found.notes:
        screen.print(Text(f"Note: {printable(note, 600)}", style="cyan"))
    if isinstance(screen, PlainConsole):  # where nothing moves, that something happens is said
        say(screen, f"Grading {count(len(found.submissions), 'submission')}.")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    reports, again = [], 0
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("grading", total=len(found.submissions))
        with contextlib.closing(batch.run(found.submissions)) as done:
            for graded in done:
                reports.append(graded.report)
                again += not graded.fresh
                progress.advance(task)
    return sorted(reports, key=lambda report: report.submission), again


def _grade(batch: Batch, found: Found, out: Path, screen: Console) -> tuple[list[Report], int]:
    """All reports, and how many of them are from before. Where it is stopped, the tables tell what is finished."""
    try:
        return _graded(batch, found, screen)
    except Stopped as stopped:
        finished = batch.finished(found.submissions)
        if finished:
            write_tables(finished, out)
        how = "the same command without --fresh" if batch.fresh else "the same command"
        kept = f"{len(finished)} of {count(len(found.submissions), 'submission')} are graded and kept in {out}"
        stopped.kept = f"{kept}, and {how} goes on with the rest"
        raise


def show(screen: Console, reports: Sequence[Report], out: Path, again: int, each: bool) -> None:
    """The class table, the exercises, the commonest findings, and where the files are."""
    if each:
        print_table(screen, CLASS, class_rows(reports), "Class", CLASS[:1], CLASS[4:])
    print_table(screen, EXERCISES, exercise_rows(reports), "Exercises", EXERCISES[:1])
    if findings := findings_rows(reports):
        print_table(screen, FINDINGS, findings, "Commonest findings", FINDINGS[1:2], FINDINGS[2:])
    incomplete = [report.submission for report in reports if not report.complete]
    if incomplete:
        names = ", ".join(incomplete[:10])
        screen.print(
            Text(f"Incomplete because the grader itself failed: {names}. Run the same command again.", style="magenta")
        )
    known = f" ({again} of them from before)" if again else ""
    graded = count(len(reports), "submission")
    say(screen, f"{graded}{known}. Results: {out}/scores.csv, checks.csv, reports/, results.db")


def class_rows(reports: Sequence[Report]) -> list[tuple[str, ...]]:
    """One row per submission."""
    rows: list[tuple[str, ...]] = []
    for report in reports:
        passed = sum(result.verdict == "pass" for result in report.exercises)
        points = number(report.points), number(report.max_points), f"{passed}/{len(report.exercises)}"
        rows.append((report.submission, *points, _first_problem(report)))
    return rows


def _first_problem(report: Report) -> str:
    for result in report.exercises:
        for check in result.checks:
            if check.verdict != "pass" and check.findings:
                return f"{result.exercise}: {short(check.findings[0].sentence)}"
    return ""


def short(sentence: str) -> str:
    """A finding's sentence without the count of cases, for a table."""
    start, _, end = sentence.rpartition(" (")
    return printable(start if start and end.endswith(")") else sentence, 120)


def exercise_rows(reports: Sequence[Report]) -> list[tuple[str, ...]]:
    """One row per exercise: how the class did."""
    rows: list[tuple[str, ...]] = []
    results = [result for report in reports for result in report.exercises]
    for name in dict.fromkeys(result.exercise for result in results):
        mine = [result for result in results if result.exercise == name]
        mean = sum(result.points for result in mine) / len(mine)
        passed = sum(result.verdict == "pass" for result in mine)
        rows.append((name, f"{passed}/{len(mine)}", f"{mean:.2f}", number(mine[0].max_points)))
    return rows


def findings_rows(reports: Sequence[Report]) -> list[tuple[str, ...]]:
    """What most submissions have in common."""
    counts: Counter[tuple[str, str]] = Counter()
    sentences: dict[tuple[str, str], str] = {}
    for report in reports:
        mine = {
            (result.exercise, finding.code): finding.sentence
            for result in report.exercises
            for check in result.checks
            for finding in check.findings[:1]
            if finding.code not in ("depends", "skipped")
        }
        counts.update(mine.keys())
        sentences.update(mine)
    return [(str(times), key[0], short(sentences[key])) for key, times in counts.most_common(10)]
