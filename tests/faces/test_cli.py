"""The command: exit codes, and one clear sentence instead of a traceback for every mistake in the call or its input."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from in_process import InProcess
from tiny import REFERENCE, mutated

from grader.authoring.template import skeleton
from grader.faces import cli

WRONG = mutated((" + self.bias[:, None, None]", ""))


class Called:
    """What a call of the command printed, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> None:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.setattr(sys, "argv", ["grader", *map(str, arguments)])
            patch.setattr("grader.faces.grade.protect_memory", lambda: None)
            cli.main()
        self.code = ended.value.code
        self.out, self.err = capsys.readouterr()

    def one_sentence(self) -> str:
        """The message, which is one line on standard error."""
        assert "Traceback" not in self.out + self.err
        lines = self.err.strip().splitlines()
        assert len(lines) == 1 or lines[0].startswith("Usage:"), self.err
        return lines[-1]


@pytest.fixture
def course(tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tiny course as the current folder."""
    root = tmp_path / "repository"
    shutil.copytree(tiny_course, root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    return root


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """A small class."""
    for name, text in {"ada": REFERENCE, "bela": WRONG, "carla": skeleton(REFERENCE), "dario": "def f(:\n"}.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "tiny.py").write_text(text)
    return tmp_path / "class"


def test_a_class_is_graded_with_tables_and_reports_and_exit_code_0(
    course: Path, handed_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = Called(capsys, "grade", handed_in, "--out", tmp_path / "out", "--jobs", "2")
    assert done.code == 0, done.err
    with (tmp_path / "out" / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    points = {(row["submission"], row["exercise"]): row["points"] for row in rows}
    assert [points["ada", name] for name in ("scale", "peak", "doubling")] == ["14", "8", "3"]
    assert float(points["bela", "scale"]) == 11
    assert {points[name, "scale"] for name in ("carla", "dario")} == {"0"}
    assert {path.stem for path in (tmp_path / "out" / "reports").iterdir()} == {"ada", "bela", "carla", "dario"}
    assert "bias is not added" in done.out
    again = Called(capsys, "grade", handed_in, "--out", tmp_path / "out", "--jobs", "1")
    assert again.code == 0
    assert "(4 of them from before)" in again.out
    shown = Called(capsys, "show", tmp_path / "out" / "reports" / "bela.json")
    assert shown.code == 0
    assert "The bias is not added." in shown.out
    hidden = course / ".grader" / "hidden" / "scale.bundle"
    hidden.write_bytes(hidden.read_bytes()[:-40])
    refused = Called(capsys, "grade", handed_in, "--out", tmp_path / "out")
    assert refused.code == 2
    assert "scale.bundle is no bundle, or is damaged" in refused.one_sentence()


def test_a_notebook_and_an_empty_file_are_told_as_what_they_are(
    course: Path, handed_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, file, text in (("eva", "Tiny.ipynb", '{"cells": []}'), ("fred", "tiny.py", " \n")):
        (handed_in / name).mkdir()
        (handed_in / name / file).write_text(text)
    assert Called(capsys, "grade", handed_in, "--out", tmp_path / "out").code == 0
    shown = Called(capsys, "show", tmp_path / "out" / "reports" / "eva.json").out
    assert "`Scale` is not defined in the file." in shown and "Tiny.ipynb" in shown
    assert "tiny.py is empty." in Called(capsys, "show", tmp_path / "out" / "reports" / "fred.json").out


def test_a_grader_fault_ends_with_exit_code_3_and_names_who_is_incomplete(
    course: Path, handed_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.keeping import batch

    def fails(*args: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("grader.judging.checks.layer_updates.LayerUpdates.judge", fails)
    monkeypatch.setattr(batch, "protect_memory", lambda: None)
    monkeypatch.setattr(batch.Batch, "_pool", lambda self, submissions: InProcess(self.setup._replace(workspace=None)))
    done = Called(capsys, "grade", handed_in, "--out", tmp_path / "out")
    if batch._judge:
        batch._judge.launcher.close()
    assert done.code == 3
    assert "Incomplete because the grader itself failed: ada, bela" in done.out
    with (tmp_path / "out" / "scores.csv").open(newline="") as file:
        verdicts = {(r["submission"], r["exercise"]): r["verdict"] for r in csv.DictReader(file)}
    assert verdicts["ada", "scale"] == "grader fault"
    assert verdicts["ada", "peak"] == "pass"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["grade"], "Missing argument"),
        (["grade", "no/such/path"], "no/such/path does not exist"),
        (["grade", "CLASS", "--jobs", "0"], "--jobs"),
        (["grade", "CLASS", "--only", "poling"], "poling"),
        (["grade", "CLASS", "--only", "scael"], "did you mean scale?"),
        (["grade", "CLASS", "--only", "scale", "--only", "poling"], "poling"),
        (["grade", "CLASS", "--course", "no.toml"], "no.toml cannot be read"),
        (["grade", "CLASS", "--course", "CLASS/ada/tiny.py"], "is not valid TOML"),
        (["grade", "EMPTY"], "tiny.py"),
        (["grade", "CLASS", "--out", "CLASS/ada/tiny.py"], "is a file"),
        (["freeze", "--only", "poling"], "There is no exercise 'poling'"),
        (["check"], "is not inside a course folder"),
        (["release", "CLASS"], "not empty"),
        (["release", "reference/tiny.py"], "is a file"),
        (["release", "/dev/null/new"], "/dev/null/new cannot be read or written"),
        (["demo", "/dev/null/new"], "/dev/null/new"),
        (["grade", "CLASS", "--out", "/dev/null/new"], "cannot be read or written"),
        (["show", "no.json"], "no.json cannot be read"),
        (["show", "CLASS/ada/tiny.py"], "is no report"),
        (["shwo"], "shwo"),
        (["--no-such-option"], "--no-such-option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_in_the_call_is_one_sentence_and_exit_code_2(
    course: Path, handed_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], word: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"CLASS": str(handed_in), "EMPTY": str(tmp_path / "empty")}

    def placed(text: str) -> str:
        for name, path in places.items():
            text = text.replace(name, path)
        return text

    done = Called(capsys, *map(placed, arguments))
    assert done.code == 2
    assert placed(word).rpartition("/")[2] in done.one_sentence()
    assert not (course / "results").exists()


@pytest.mark.parametrize(
    ("file", "text", "word"),
    [
        ("exercises/course.toml", "title = 3", "title"),
        ("exercises/course.toml", "title = 't'\n[exercises.scael]\npoints = 3", "scael"),
        ("exercises/tiny/spec.py", "from tiny import scael", "spec.py"),
        ("exercises/tiny/spec.py", "1 / 0", "line 1"),
        ("exercises/tiny/handout.md", "", "handout.md is missing or empty"),
        ("reference/tiny.py", "class Scale(:\n", "tiny.py"),
        ("reference/tiny.py", REFERENCE.replace("BEGIN SOLUTION", "BEGIN", 1), "ends that did not begin"),
        (
            "reference/tiny.py",
            REFERENCE.replace("# BEGIN SOLUTION", "").replace("# END SOLUTION", ""),
            "marks no solution",
        ),
    ],
    ids=["title", "points", "import", "error", "handout", "syntax", "marker", "no markers"],
)
def test_a_mistake_of_the_author_is_one_sentence_and_exit_code_2(
    course: Path, tmp_path: Path, handed_in: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, word: str
) -> None:
    (course / file).write_text(text)
    command = ["grade", handed_in, "--out", tmp_path / "out"] if "scael]" in text else ["release", tmp_path / "new"]
    done = Called(capsys, *command)
    assert done.code == 2
    assert word in done.one_sentence()
    assert not (tmp_path / "new").exists()


def test_a_damaged_results_file_is_one_sentence_and_exit_code_2(
    course: Path, handed_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.db").write_bytes(b"no database, but some text that is long enough" * 100)
    done = Called(capsys, "grade", handed_in, "--out", tmp_path / "out")
    assert done.code == 2
    assert "give --fresh to grade everything anew" in done.one_sentence()
    assert Called(capsys, "grade", handed_in, "--out", tmp_path / "out", "--fresh").code == 0
    assert (tmp_path / "out" / "results.db.damaged").read_bytes().startswith(b"no database")


@pytest.fixture
def released(course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The released folder, elsewhere and alone."""
    done = Called(capsys, "release", tmp_path / "student")
    assert done.code == 0, done.err
    shutil.rmtree(course)
    monkeypatch.chdir(tmp_path / "student")
    monkeypatch.delenv("PYTHONPATH")
    return tmp_path / "student"


def test_a_student_checks_with_the_released_folder_alone(released: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file()}
    assert {"tiny.py", "README.md", "course.toml", "handouts/tiny.md", "bundles/scale.bundle"} <= names
    assert not [name for name in names if "hidden" in name or "secret" in name or "spec" in name]
    stub = Called(capsys, "check")
    assert stub.code == 1
    assert stub.out.count("Still to be written, from line") == 3 and "forward" not in stub.out
    (released / "tiny.py").write_text(WRONG)
    wrong = Called(capsys, "check", "scale")
    assert wrong.code == 1
    assert "The bias is not added." in wrong.out
    assert "Largest of neighbours" not in wrong.out
    (released / "tiny.py").write_text(REFERENCE)
    (released / "deeper").mkdir()
    right = Called(capsys, "check", "tiny.py")
    assert right.code == 0, right.out
    assert "3 of 3 exercises pass" in right.out
    unknown = Called(capsys, "check", "scael")
    assert unknown.code == 2
    assert "did you mean scale?" in unknown.one_sentence()


def test_a_student_with_a_damaged_bundle_is_told_what_a_student_can_do(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = released / "bundles" / "scale.bundle"
    for damage in (lambda: bundle.write_bytes(b"half"), bundle.unlink):
        damage()
        sentence = Called(capsys, "check").one_sentence()
        assert "scale.bundle" in sentence and "from your course anew" in sentence and "freeze" not in sentence


def test_a_file_that_does_not_load_is_told_with_its_name_and_line(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (released / "tiny.py").write_text("x = 1\nprint 'x'\n")
    told = Called(capsys, "check", "scale").out
    assert "Line 2 of tiny.py is Python 2 (print statement): this course runs Python 3." in told
    assert "tiny.py, line 2: print 'x'" in told
    (released / "tiny.py").write_text(REFERENCE + "\nnp.nothing()\n")
    told = Called(capsys, "check", "scale").out
    assert "raises AttributeError while the file is loaded: module 'numpy' has no attribute 'nothing'.\n" in told


def test_a_forgotten_self_and_a_missing_attribute_are_told_in_words(
    released: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (released / "tiny.py").write_text(REFERENCE.replace("def forward(self, input_tensor)", "def forward(input_tensor)"))
    told = Called(capsys, "check", "peak").out
    assert "the first one of a method is `self`" in told and "you raise" in told
    (released / "tiny.py").write_text(REFERENCE.replace("gradient_weights", "gradient_wieghts"))
    assert "`scale.gradient_weights` does not exist." in Called(capsys, "check", "scale").out


def test_check_needs_nothing_of_the_author_and_starts_quickly(released: Path) -> None:
    (released / "tiny.py").write_text(REFERENCE)
    code = (
        "import sys; sys.argv = ['grader', 'check']\n"
        "from grader.faces import cli\n"
        "try:\n    cli.main()\nexcept SystemExit as end:\n    print('code', end.code)\n"
        "print(sorted({'hypothesis', 'sklearn', 'scipy', 'nbformat', 'pytest'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=released)
    assert done.stdout.splitlines()[-2:] == ["code 0", "[]"]


def test_a_released_folder_may_be_released_again_and_nothing_else_is_overwritten(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert Called(capsys, "release", tmp_path / "student").code == 0
    first = (tmp_path / "student" / "bundles" / "scale.bundle").read_bytes()
    assert Called(capsys, "release", tmp_path / "other").code == 0
    assert (tmp_path / "other" / "bundles" / "scale.bundle").read_bytes() == first


def test_a_new_secret_is_told(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRADER_SECRET", raising=False)
    assert "new course secret" not in Called(capsys, "freeze", "--only", "peak").out
    (course / ".grader" / "secret").unlink()
    assert "A new course secret is in" in Called(capsys, "freeze", "--only", "peak").out


def test_an_archive_is_as_good_as_a_folder(course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("src/Tiny.py", REFERENCE)
    done = Called(capsys, "grade", tmp_path / "ada.zip", "--out", tmp_path / "out", "--only", "scale")
    assert done.code == 0, done.err
    assert (tmp_path / "out" / "scores.csv").read_text().splitlines()[1].endswith(",scale,14,14,pass")


@pytest.mark.parametrize("changed", ["exercises/tiny/spec.py", "reference/tiny.py", "exercises/tiny/handout.md"])
def test_hidden_cases_older_than_spec_or_reference_are_told_and_still_count(
    course: Path, handed_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: str
) -> None:
    with (course / changed).open("a") as file:
        file.write("\n# another line\n")
    done = Called(capsys, "grade", handed_in / "ada", "--out", tmp_path / "out", "--only", "peak")
    assert done.code == 0, done.err
    assert ("Spec or reference of peak, or the grader itself, changed after" in done.out) == (
        not changed.endswith(".md")
    )
