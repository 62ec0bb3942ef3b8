"""Tab completes names, in the shells' own way, and never says anything else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import get_completion_class

from grader.faces import cli
from grader.faces.completion import HOW, VARIABLE
from grader.keeping.tables import write_tables
from grader.report import ExerciseResult, Report


def completed(*words: str, shell: str = "bash") -> list[str]:
    """What a shell is given for the last of the words."""
    made = get_completion_class(shell)
    assert made
    *before, last = words
    return [item.value for item in made(cli.cli, {}, "grader", VARIABLE).get_completions(before, last)]


def test_a_student_completes_exercises_topics_and_formats(student: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed("check", "") == ["doubling", "peak", "scale", "tiny"]
    assert completed("check", "scale", "pe") == ["peak"]
    assert completed("check", "--format", "j") == ["json", "junit"]
    assert "--watch" in completed("check", "--w")
    (student / "deeper").mkdir()
    monkeypatch.chdir(student / "deeper")
    assert completed("check", "sc") == ["scale"]


def test_an_instructor_completes_exercises_and_topics(
    tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_course)
    for command in (("grade", "class"), ("freeze",)):
        assert completed(*command, "--only", "") == ["doubling", "peak", "scale", "tiny"]
    assert completed("demo", "new", "--only", "") == completed("audit", "") == ["tiny"]
    monkeypatch.chdir(tmp_path)
    course = str(tiny_course / "exercises" / "course.toml")
    assert completed("grade", "--course", course, "--only", "p") == ["peak"]
    source = tmp_path / "exercises" / "mine"
    source.mkdir(parents=True)
    (source.parent / "course.toml").write_text("title = 't'\n")
    (source / "spec.py").write_text("raise SystemExit\nx = Exercise(title='X', name='first')\n")
    assert completed("grade", "--only", "") == ["first", "mine"]


def test_override_completes_submissions_and_their_exercises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = ExerciseResult("scale", "Scaling", "tiny.py", "pass", 1, 1)
    for folder, name in (("results", "Jane Doe_567"), ("old", "ada")):
        write_tables([Report(name, "t", (result,))], tmp_path / folder)
    assert completed("override", "J") == ["Jane Doe_567"]
    assert completed("override", "--results", "old", "") == ["ada"]
    assert completed("override", "Jane Doe_567", "") == ["scale"]
    monkeypatch.setenv(VARIABLE, "bash_complete")
    assert completed("override", "J") == ["Jane\\ Doe_567"]


@pytest.mark.parametrize("words", [("check", ""), ("grade", "--only", ""), ("override", ""), ("override", "x", "")])
def test_where_there_is_no_course_nothing_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert completed(*words) == []
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "course.toml").write_text("title = [")
    (tmp_path / "course.toml").write_text("title = [")
    (tmp_path / "bundles").mkdir()
    assert completed(*words) == []


def asked(shell: str, words: str, number: int, folder: Path) -> str:
    """What the command answers to a shell."""
    code = "import sys; sys.argv[0] = 'grader'; from grader.faces.cli import main; main()"
    given = {"COMP_WORDS": words, "COMP_CWORD": str(number), VARIABLE: f"{shell}_complete"}
    if shell == "fish":
        given["COMP_CWORD"] = words.rpartition(" ")[2]
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **given}, cwd=folder, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_each_shell_gets_an_answer_in_its_own_form_and_a_script(
    student: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked("bash", "grader\ncheck\nsc", 2, student) == "plain,scale\n"
    assert asked("zsh", "grader check sc", 2, student).splitlines()[:2] == ["plain", "scale"]
    assert asked("fish", "grader check sc", 2, student).replace("\n", ",").startswith("plain,scale")
    for shell in HOW:
        monkeypatch.setattr(sys, "argv", ["grader", "completion", shell])
        cli.main()
        text = capsys.readouterr().out
        assert f"{VARIABLE}={shell}_complete" in text and text.startswith("# To complete names with Tab, ")


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_completes_with_the_script(student: Path, tmp_path: Path) -> None:
    command = tmp_path / "bin" / "grader"
    command.parent.mkdir()
    entry = "import sys; sys.argv[0] = 'grader'; from grader.faces.cli import main; main()"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{entry}" "$@"\n')
    command.chmod(0o755)
    text = (
        'eval "$(grader completion bash)"\n'
        "COMP_WORDS=(grader check sc) COMP_CWORD=2\n_grader_completion grader\n"
        'echo "${COMPREPLY[*]}"\ncomplete -p grader\n'
    )
    path = f"{command.parent}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", text], env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert done.stdout.splitlines()[0] == "scale", done.stderr
    assert "_grader_completion" in done.stdout.splitlines()[1]
