"""One report in every format: the same totals, at the student's own lines, and no text of a student is obeyed."""

from __future__ import annotations

import ast
import base64
import json
import re
from pathlib import Path

import junitparser
import pytest
from markdown_it import MarkdownIt
from tiny import REFERENCE, mutated

from grader.errors import InputError
from grader.faces import check
from grader.report import total
from grader.sinks import formats, github, junit, load, markdown
from grader.sinks._lines import check_lines

EVIL = "\n::error file=a.py::pwned\n##[error]pwned\n::add-mask::x\n"
EVIL += "</failure>]]><b>x</b> | `y` @ada #1 www.x.org \x1b[31m\0"
RAISES = REFERENCE.replace("        self.shape = x.shape\n", f"        raise ValueError({EVIL!r})\n")
WRONG = mutated((" + self.bias[:, None, None]", ""), ("x = np.asarray", "x = 0.5 * np.asarray"))
WORKS = {"right": REFERENCE, "wrong": WRONG, "raises": RAISES, "unreadable": "def f(:\n", "empty": ""}


def checked(capsys: pytest.CaptureFixture[str], name: str, student: Path, *wanted: str) -> tuple[int, str]:
    """Exit status and standard output of `grader check --format NAME`."""
    status = check.run(wanted, student, [name])
    return status, capsys.readouterr().out


def totals(name: str, out: str) -> tuple[float, float]:
    """Points and highest points as they are read back by whoever reads the format."""
    if name == "json":
        data = json.loads(out)
        return data["points"], data["max_points"]
    if name == "junit":
        suites = list(junitparser.JUnitXml.fromstring(out.encode()))
        points = {key: [float(p.value) for s in suites for p in s.properties() if p.name == key] for key in KEYS}
        return total(points["points"]), total(points["max_points"])
    if name == "classroom":
        data = json.loads(base64.b64decode(out))
        return total(test["score"] for test in data["tests"]), data["max_score"]
    found = re.findall(r"^(?:\*\*)?([\d.]+) of ([\d.]+) points", out, re.MULTILINE)
    return float(found[-1][0]), float(found[-1][1])


KEYS = ("points", "max_points")


@pytest.mark.parametrize("work", WORKS)
def test_totals_agree_in_every_format(capsys: pytest.CaptureFixture[str], student: Path, work: str) -> None:
    (student / "tiny.py").write_text(WORKS[work])
    read = {name: totals(name, checked(capsys, name, student)[1]) for name in formats()}
    assert set(read) == {"text", "github", "classroom", "json", "junit", "markdown"}
    assert len({*read.values()}) == 1, read
    points, most = read["json"]
    assert most == 25
    assert {"right": points == 25, "wrong": 0 < points < 25}.get(work, points < 25)


@pytest.mark.parametrize("name", formats())
def test_the_exit_status_is_that_of_the_work(capsys: pytest.CaptureFixture[str], student: Path, name: str) -> None:
    assert checked(capsys, name, student)[0] == 0
    (student / "tiny.py").write_text(WRONG)
    assert checked(capsys, name, student)[0] == 1


def test_annotations_stand_at_the_students_own_lines_and_are_at_most_ten(
    capsys: pytest.CaptureFixture[str], student: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (student / "tiny.py").write_text(RAISES)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(student.parent))
    out = checked(capsys, "github", student)[1]
    raised = (
        RAISES.splitlines().index(
            next(line for line in RAISES.splitlines() if "raise ValueError(" in line and "pwned" in line)
        )
        + 1
    )
    assert f"::error file=student/tiny.py,line={raised},title=Largest of neighbours" in out
    (student / "tiny.py").write_text(WRONG)
    methods = {
        (node.name, inner.name): inner.lineno
        for node in ast.parse(WRONG).body
        if isinstance(node, ast.ClassDef)
        for inner in node.body
        if isinstance(inner, ast.FunctionDef)
    }
    out = checked(capsys, "github", student)[1]
    assert f"line={methods['Scale', 'forward']},title=Scaling%3A forward" in out
    assert 1 <= out.count("::error ") <= github.MOST


def test_more_than_ten_remarks_are_cut_and_the_rest_is_in_the_summary(
    capsys: pytest.CaptureFixture[str], student: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github, "MOST", 1)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(student.parent / "summary.md"))
    (student / "tiny.py").write_text(WRONG)
    out = checked(capsys, "github", student)[1]
    assert out.count("::error ") == 1
    assert "more remarks are in the summary" in out
    summary = (student.parent / "summary.md").read_text()
    assert "Largest of neighbours" in summary
    assert len(summary.encode()) < 1 << 20


def test_a_summary_never_exceeds_what_github_takes(
    capsys: pytest.CaptureFixture[str], student: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (student / "tiny.py").write_text(WRONG)
    monkeypatch.setattr(github, "SUMMARY_BYTES", 700)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(student.parent / "summary.md"))
    checked(capsys, "github", student)
    assert "too long to be shown" in (student.parent / "summary.md").read_text()


def test_no_line_of_the_log_is_a_command_that_is_not_ours(capsys: pytest.CaptureFixture[str], student: Path) -> None:
    (student / "tiny.py").write_text(RAISES)
    lines = checked(capsys, "github", student)[1].splitlines()
    assert lines[0].startswith("::stop-commands::")
    token = lines[0].removeprefix("::stop-commands::")
    assert len(token) == 40
    end = lines.index(f"::{token}::")
    assert not [line for line in lines[1:end] if token in line]
    after = lines[end + 1 :]
    assert after
    for line in after:
        assert re.match(r"::error file=[^,:]+,line=\d+,title=[^,:]+::", line), line
        assert "##[" not in line
        assert line.count("::error") == 1 or "\\n::error" in line  # in a message, as text


def test_a_token_cannot_be_guessed(capsys: pytest.CaptureFixture[str], student: Path) -> None:
    first, second = (checked(capsys, "github", student, "doubling")[1].splitlines()[0] for _ in range(2))
    assert first != second


def test_markdown_shows_what_students_write_as_text(capsys: pytest.CaptureFixture[str], student: Path) -> None:
    (student / "tiny.py").write_text(RAISES)
    out = checked(capsys, "markdown", student)[1]
    assert "pwned" in out
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(out)
    assert "<b>" not in html
    assert "<a" not in html
    assert not re.search(r"[@#]\w", re.sub(r"<code.*?</code>", "", html, flags=re.DOTALL).replace("&#", ""))


@pytest.mark.parametrize(
    "evil", [EVIL, "a\\|b", "``` \n# x", "<img src=x>", "[a](http://b)", "https://x.org", "&lt;", "1. x"]
)
def test_any_text_stays_text_in_markdown(evil: str) -> None:
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(f"- {markdown.text(evil)}")
    inner = rendered.removeprefix("<ul>\n<li>").removesuffix("</li>\n</ul>\n")
    assert not re.search(r"<(?!/?ul|/?li)", inner)


def test_a_fence_is_longer_than_any_in_it() -> None:
    block = markdown.fenced("a\n`````\n# b")
    html = MarkdownIt("commonmark").render("- x\n" + block)
    assert "<h1>" not in html


def test_junit_has_a_suite_per_exercise_and_a_case_per_check_and_names_file_and_line(
    capsys: pytest.CaptureFixture[str], student: Path
) -> None:
    (student / "tiny.py").write_text(RAISES)
    out = checked(capsys, "junit", student)[1]
    suites = {suite.name: suite for suite in junitparser.JUnitXml.fromstring(out.encode())}
    assert set(suites) == {"scale", "peak", "doubling"}
    names = [(case.classname, case.name) for suite in suites.values() for case in suite]
    assert len(names) == len({*names})
    failing = [case for case in suites["peak"] if case.result]
    assert failing
    assert "pwned" in failing[0].result[0].text
    assert all(case._elem.get("file") == "tiny.py" and int(case._elem.get("line")) > 1 for case in suites["peak"])
    assert suites["scale"].failures == 0
    assert suites["peak"].failures == len(failing)


def test_classroom_has_one_test_per_exercise(
    capsys: pytest.CaptureFixture[str], student: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (student / "tiny.py").write_text(RAISES)
    data = json.loads(base64.b64decode(checked(capsys, "classroom", student)[1]))
    assert (data["version"], data["status"]) == (1, "fail")
    assert sorted(test["status"] for test in data["tests"]) == ["fail", "pass", "pass"]
    assert all(
        {"name", "status", "score", "message", "test_code", "filename", "line_no"} <= set(t) for t in data["tests"]
    )
    assert not [t for t in data["tests"] if "::" in t["message"] or "##[" in t["message"]]
    monkeypatch.setenv("GITHUB_OUTPUT", str(student.parent / "output"))
    assert checked(capsys, "classroom", student)[1] == ""
    line = (student.parent / "output").read_text()
    assert line.startswith("result=")
    assert line.count("\n") == 1
    assert json.loads(base64.b64decode(line.removeprefix("result=")))["status"] == "fail"


def test_several_formats_at_once_and_into_files(capsys: pytest.CaptureFixture[str], student: Path) -> None:
    check.run(["scale"], student, ["text", f"junit={student}/out/report.xml", f"json={student}/report.json"])
    assert "14 of 14 points" in capsys.readouterr().out
    assert json.loads((student / "report.json").read_text())["points"] == 14
    assert (student / "out" / "report.xml").read_text().startswith("<?xml")


def test_an_unknown_format_is_told(student: Path) -> None:
    with pytest.raises(InputError, match="there are classroom, github, json"):
        check.run([], student, ["html5"])
    with pytest.raises(InputError, match="names no file"):
        check.run([], student, ["json="])


@pytest.mark.parametrize("source", ["", "def f(:", "\0", "(" * 5000, "x = 1"])
def test_a_file_that_is_no_python_has_its_remarks_at_line_1(source: str) -> None:
    assert check_lines(source.encode(), ("Scale",), {}, ["forward"]) == {"forward": 1}


def test_lines_follow_the_names_of_the_course() -> None:
    source = b"class Other:\n    def go(self):\n        pass\n    def back(self):\n        pass\n"
    names = {"Scale": "Other", "forward": "go", "backward": "back"}
    lines = check_lines(source, ("Scale",), names, ["forward", "weights gradient", "shapes", "trainable"])
    assert lines == {"forward": 2, "weights gradient": 4, "shapes": 2, "trainable": 2}


def test_every_format_is_a_module_that_renders() -> None:
    assert all(callable(load(name).render) for name in formats())
    assert junit in [load(name) for name in formats()]


def test_remarks_on_a_notebook_stand_at_its_first_line(capsys: pytest.CaptureFixture[str], student: Path) -> None:
    (student / "tiny.py").unlink()
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": text} for text in ("x = 1", RAISES)]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (student / "notebooks" / "tiny.ipynb").write_text(json.dumps(book))
    _, log = checked(capsys, "github", student)
    assert {*re.findall(r"^::error file=([^,]*),line=(\d+)", log, re.MULTILINE)} == {("notebooks/tiny.ipynb", "1")}
