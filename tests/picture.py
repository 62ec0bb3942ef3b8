"""Draws README's picture: what `grader check` says about a student's pooling layer.

python tests/picture.py .github/report.svg
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from grader.authoring.topics import read_topic
from grader.authoring.variants import variant
from grader.faces.check import select
from grader.faces.own_folder import own_files
from grader.faces.terminal import print_exercise
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.report import Isolation
from grader.running.workers import launcher
from grader.workspace import open_student_folder, read_bundles

ROOT = Path(__file__).resolve().parents[1]
MISTAKES = {"max_pooling": "overlaps overwritten", "average_pooling": ""}


def main() -> None:
    """Check a wrong file and draw the result."""
    topic = read_topic(ROOT / "exercises/pooling")
    wrong = next(m for m in topic.misconceptions if m.name == MISTAKES["max_pooling"])
    exercise = next(e for e in topic.exercises if e.name == wrong.exercise)
    text = variant((ROOT / "reference/pooling.py").read_text(), wrong, exercise)
    out = Console(record=True, width=96, file=io.StringIO(), highlight=False)
    student = open_student_folder(ROOT / "student_template")
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "pooling.py").write_text(text)
        started = launcher(())
        bundles = select(read_bundles(student.bundles), list(MISTAKES))
        judge = Judge(student.course, asked(student.course, bundles), started, Isolation(0))
        for result in judge.results(own_files(Path(scratch))):
            print_exercise(out, result)
        started.close()
    Path(sys.argv[1]).write_text(out.export_svg(title="grader check pooling"))


if __name__ == "__main__":
    main()
