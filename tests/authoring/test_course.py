"""Course files and topics: what is malformed is refused with file, key, what was got and what is expected."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rich.console import Console
from tiny import REFERENCE, Tiny

from grader.authoring.topics import read_topic, read_topics
from grader.course import Course, check_names, read_course
from grader.errors import CourseError
from grader.faces.freeze import freeze_hidden, topics_of
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.judging.scoring import nothing
from grader.keeping.store import result_keys
from grader.report import Finding, Isolation
from grader.running.submission import SourceFile, Submission
from grader.workspace import open_student_folder, open_workspace, read_secret

GOOD = """
title = "Tiny"
include = ["tiny"]
names = { Scale = "Skala" }
files = { tiny = "Src/Tiny.py" }

[limits]
cpu_seconds = 1
deaths = 2

[policy]
feedback = "score"
partial = 0.25

[exercises.scale]
points = 7
names = { forward = "vorwaerts" }
limits = { cpu_seconds = 3.5 }
"""


def course_file(folder: Path, text: str) -> Path:
    path = folder / "course.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_course_file_says_points_names_files_limits_and_policy(tmp_path: Path) -> None:
    course = read_course(course_file(tmp_path, GOOD))
    assert course.settings("scale").points == 7
    assert course.names_of("scale") == {"Scale": "Skala", "forward": "vorwaerts"}
    assert course.file_of("scale", "tiny", "tiny.py") == "Src/Tiny.py"
    assert (course.limits_of("scale").cpu_seconds, course.limits_of("peak").cpu_seconds) == (3.5, 1)
    assert course.limits_of("scale").deaths == 2
    assert course.policy.partial == 0.25
    assert course.asks_for("peak", "tiny")
    assert not course.asks_for("peak", "other")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["title"]),
        ("title = 3", ["title", "str", "3"]),
        ("title = 't", ["valid TOML"]),
        ("title = 't'\ntilte = 's'", ["`tilte`", "did you mean `title`"]),
        ("title = 't'\ninclude = 'conv'", ["include", "array", "'conv'"]),
        ("title = 't'\n[policy]\nfeedbak = 'full'", ["`feedbak`", "[policy]", "`feedback`"]),
        ("title = 't'\n[policy]\nfeedback = 'all'", ["policy.feedback", "'all'", "'hint'"]),
        ("title = 't'\n[policy]\npartial = 2", ["policy.partial", "2", "from 0 to 1"]),
        ("title = 't'\n[policy]\npartial = nan", ["policy.partial", "nan"]),
        ("title = 't'\n[limits]\ncpu = 2", ["`cpu`", "cpu_seconds"]),
        ("title = 't'\n[limits]\ncpu_seconds = -2", ["cpu_seconds", "-2", "not negative"]),
        ("title = 't'\n[limits]\ncpu_seconds = nan", ["cpu_seconds", "nan"]),
        ("title = 't'\n[limits]\ncpu_seconds = 'fast'", ["limits", "float", "fast"]),
        ("title = 't'\n[limits]\ndeaths = 2\ncpu_seconds = '2 s'", ["limits.cpu_seconds:", "float", "got '2 s'"]),
        ("title = 't'\n[files]\na = 'a.py'\nb = 3", ["files.b:", "str", "got 3"]),
        ("title = 't'\n[limits]\ndeaths = 2.5", ["deaths", "int"]),
        ("title = 't'\n[exercises.conv]\npoints = 'ten'", ["exercises", "points", "float"]),
        ("title = 't'\n[exercises.conv]\npoints = -1", ["exercises.conv.points", "-1"]),
        ("title = 't'\n[exercises.conv]\npoints = inf", ["exercises.conv.points", "inf"]),
        ("title = 't'\n[exercises.conv]\npionts = 1", ["`pionts`", "`points`"]),
        ("title = 't'\n[exercises.conv]\nnames = ['a']", ["names", "object"]),
        ("title = 't'\n[modules]\nallowed = 'numpy'", ["allowed", "array"]),
        ("title = 't'\nexercises = 3", ["exercises", "3"]),
        ("title = 't'\nexercises.conv = 3", ["exercises.conv:", "3"]),
        ("title = 't'\n[exercises.a]\n[exercises.b]\npoints = 'x'", ["exercises.b.points", "got 'x'"]),
        ("title = 't'\n[exercises.a]\n[exercises.b]\npionts = 1", ["[exercises.b]"]),
        ("title = 't'\n[exercises.a]\nfile = '../a.py'", ["exercises.a.file", "'../a.py'", "inside"]),
        ("title = 't'\nfiles = { conv = '/a.py' }", ["files.conv", "'/a.py'", "inside"]),
        ("title = 't'\n[names]\nforward = 'for ward'", ["names.forward", "'for ward'", "Python allows"]),
        ("title = 't'\n[exercises.a.names]\nforward = 'pass'", ["exercises.a.names.forward", "'pass'"]),
        ("title = 't'\n[exercises.a]\nwithot = ['x']", ["`withot`", "`without`"]),
        ("title = 't'\n[modules]\nallowed = ['torch']", ["modules.allowed", "'torch'", "put 'numpy' into it"]),
    ],
    ids=lambda value: value.replace("\n", "; ")[12:60] if isinstance(value, str) else "",
)
def test_a_malformed_course_file_is_refused_with_the_key_and_what_was_got(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    path = course_file(tmp_path, text)
    with pytest.raises(CourseError) as caught:
        read_course(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message.strip() and "?." not in message
    for word in words:
        assert word in message, message


@pytest.mark.parametrize("content", [b"\xff\xfe", b"title = '\xe9'"], ids=["utf-16", "latin-1"])
def test_a_course_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "course.toml").write_bytes(content)
    with pytest.raises(CourseError, match="valid TOML"):
        read_course(tmp_path / "course.toml")


def test_a_course_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no.toml"):
        with pytest.raises(CourseError, match="cannot be read"):
            read_course(path)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("include = ['conv', 'poling']", "include names 'poling'"),
        ("exclude = ['poling']", "did you mean `pooling`"),
        ("files = { poling = 'P.py' }", "files names 'poling'"),
        ("[exercises.poling]\npoints = 3", "exercises names 'poling'"),
    ],
)
def test_names_that_no_exercise_has_are_refused(tmp_path: Path, line: str, word: str) -> None:
    course = read_course(course_file(tmp_path, f"title = 't'\n{line}\n"))
    with pytest.raises(CourseError) as caught:
        check_names(course, {"conv", "pooling", "max_pooling"})
    assert word in str(caught.value)
    check_names(course, {"conv", "poling"})


def course_of(tmp_path: Path, text: str) -> Course:
    return read_course(course_file(tmp_path, f"title = 't'\n{text}"))


def test_an_exercise_may_share_its_name_with_its_topic_and_others_of_the_topic_be_excluded(tmp_path: Path) -> None:
    course = course_of(tmp_path, 'include = ["neural_network"]\nexclude = ["build_lenet"]')
    assert course.asks_for("neural_network", "neural_network")
    assert not course.asks_for("build_lenet", "neural_network")
    assert course_of(tmp_path, 'include = ["neural_network"]').asks_for("build_lenet", "neural_network")
    assert not course_of(tmp_path, 'exclude = ["neural_network"]').asks_for("build_lenet", "neural_network")


def test_checks_that_a_course_leaves_out_cost_nothing_and_count_nothing(tmp_path: Path, tiny: Tiny) -> None:
    bundle = tiny.bundle("peak")
    course = course_of(tmp_path, '[exercises.peak]\nwithout = ["shapes", "integer input"]')
    assert [check.name for check in course.checks_of(bundle)] == ["forward", "input gradient", "call order and purity"]
    assert course.points_of(bundle) == 6
    assert course_of(tmp_path, '[exercises.peak]\npoints = 3\nwithout = ["shapes"]').points_of(bundle) == 3


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ('["forwards"]', ["exercises.peak.without names 'forwards'", "did you mean `forward`?"]),
        ('["xyz"]', ["'xyz'", "expected one of shapes, forward, input gradient, call order and purity"]),
        (
            '["shapes", "forward", "input gradient", "call order and purity", "integer input"]',
            ["leaves no check", "`exclude`"],
        ),
    ],
)
def test_checks_that_there_are_not_and_all_of_them_cannot_be_left_out(
    tmp_path: Path, tiny: Tiny, without: str, words: list[str]
) -> None:
    course = course_of(tmp_path, f"[exercises.peak]\nwithout = {without}")
    with pytest.raises(CourseError) as caught:
        asked(course, [tiny.bundle("peak")])
    for word in words:
        assert word in str(caught.value)


def test_results_and_keys_follow_the_checks_that_are_left_out(tmp_path: Path, tiny: Tiny) -> None:
    bundle, submission = tiny.bundle("peak"), Submission("s", (SourceFile("tiny.py", REFERENCE.encode()),))
    whole, part = (
        asked(course_of(tmp_path, text), [bundle]) for text in ("", '[exercises.peak]\nwithout = ["shapes"]')
    )
    fixed = asked(course_of(tmp_path, "[exercises.peak]\npoints = 8\nwithout = ['shapes']"), [bundle])
    keys = {result_keys(submission, Course("t"), one)["peak"] for one in (whole, part, fixed)}
    assert len(keys) == 3
    judge = Judge(Course("t"), part, tiny.launcher, Isolation(0))
    (result,) = judge.results(submission)
    assert [check.name for check in result.checks][:1] == ["forward"]
    assert (result.points, result.max_points, result.verdict) == (7, 7, "pass")
    absent = nothing(part[0], "missing", Finding("missing", "It is missing."))
    assert (absent.max_points, absent.checks[0].name, len(absent.checks[0].findings)) == (7, "forward", 1)


def test_renames_of_one_exercises_class_hold_where_others_use_it(tmp_path: Path, tiny: Tiny) -> None:
    course = course_of(tmp_path, '[exercises.scale.names]\nScale = "Skala"\nforward = "fwd"')
    names = course.all_names([tiny.bundle("scale"), tiny.bundle("peak")])
    assert names == {"scale": {"Scale": "Skala", "forward": "fwd"}, "peak": {"Scale": "Skala"}}


def test_a_secret_is_made_once_and_kept_to_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADER_SECRET", raising=False)
    exercises = tmp_path / "exercises"
    (exercises / "tiny").mkdir(parents=True)
    (exercises / "tiny" / "spec.py").write_text("")
    workspace = open_workspace(course_file(exercises, "title = 't'"))
    secret = read_secret(workspace)
    assert len(secret) >= 32
    assert read_secret(workspace) == secret
    assert workspace.secret_file.stat().st_mode & 0o077 == 0
    workspace.secret_file.write_text("short")
    with pytest.raises(CourseError, match="shorter than 16"):
        read_secret(workspace)
    monkeypatch.setenv("GRADER_SECRET", "short")
    with pytest.raises(CourseError, match="GRADER_SECRET is shorter"):
        read_secret(workspace)
    monkeypatch.setenv("GRADER_SECRET", "long enough to be a secret")
    assert read_secret(workspace) == b"long enough to be a secret"


def test_a_folder_that_is_no_course_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=r"There is no exercises/course\.toml here"):
        open_workspace()
    with pytest.raises(CourseError, match="there are no topics"):
        open_workspace(course_file(tmp_path, "title = 't'"))
    with pytest.raises(CourseError, match="there is no folder"):
        open_workspace(course_file(tmp_path, "title = 't'\nsource = 'nowhere'"))
    with pytest.raises(Exception, match="is not inside a course folder"):
        open_student_folder(tmp_path)


SPEC = """
from grader.authoring import Exercise, Plan, Values
one = Exercise(name="one", title="One", symbols=("f",), plans={"main": Plan(lambda s, c: None)},
               checks=(Values(name="v", points=1, plan="main"),))
"""


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"spec.py": "1 +"}, ["spec.py", "line 1", "SyntaxError"]),
        ({"spec.py": "x = 1\ny = 1 / 0\n"}, ["spec.py", "line 2", "ZeroDivisionError"]),
        ({"spec.py": "import no_such_module_at_all\n"}, ["spec.py", "no_such_module_at_all"]),
        ({"spec.py": "x = 1\n"}, ["spec.py", "declares no exercise"]),
        ({"spec.py": SPEC.replace('"one"', '"One"')}, ["spec.py", "lower-case"]),
        ({"spec.py": SPEC}, ["handout.md", "missing or empty"]),
        ({"spec.py": SPEC, "handout.md": ""}, ["handout.md", "missing or empty"]),
        ({"spec.py": SPEC + "ORDER = 'last'\n", "handout.md": "# H"}, ["ORDER", "'last'", "int"]),
        ({"spec.py": SPEC, "handout.md": "# H", "misconceptions.py": "x = 1"}, ["MISCONCEPTIONS", "NoneType"]),
        (
            {
                "spec.py": SPEC,
                "handout.md": "# H",
                "misconceptions.py": "from grader.authoring import Misconception\n"
                "MISCONCEPTIONS = (Misconception('m', 'two', 'v', 's', 'h', ()),)",
            },
            ["misconceptions.py", "exercise is 'two'", "['one']"],
        ),
        (
            {
                "spec.py": SPEC,
                "handout.md": "# H",
                "misconceptions.py": "from grader.authoring import Misconception\n"
                "MISCONCEPTIONS = (Misconception('m', 'one', 'w', 's', 'h', ()),)",
            },
            ["misconceptions.py", "check is 'w'", "['v']"],
        ),
        (
            {
                "spec.py": SPEC,
                "handout.md": "# H",
                "misconceptions.py": "from grader.authoring import Misconception\n"
                "MISCONCEPTIONS = (Misconception('m', 'one', 'v', 's', 'h', (), ('w',)),)",
            },
            ["misconceptions.py", "also names 'w'", "['v']"],
        ),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value[-1],
)
def test_a_malformed_topic_is_refused_with_its_file(tmp_path: Path, files: dict[str, str], words: list[str]) -> None:
    folder = tmp_path / "topic"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(CourseError) as caught:
        read_topic(folder)
    for word in words:
        assert word in str(caught.value)


def test_an_exercise_that_is_declared_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="holds no topics"):
        read_topics(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "spec.py").write_text(SPEC)
        (tmp_path / name / "handout.md").write_text("# H")
    with pytest.raises(CourseError, match="'one' is declared in a and in b"):
        read_topics(tmp_path)


def test_freezing_and_releasing_refuse_names_that_no_exercise_has(tiny_course: Path, tmp_path: Path) -> None:
    workspace = open_workspace(tiny_course / "exercises" / "course.toml")
    assert [topic.name for topic in topics_of(workspace)] == ["tiny"]
    wrong = workspace._replace(course=course_of(tmp_path, "include = ['tinyy']"))
    with pytest.raises(
        CourseError, match="include names 'tinyy', which is no exercise and no topic: did you mean `tiny`"
    ):
        topics_of(wrong)


def test_what_is_wrong_with_an_exercise_is_told_with_its_folder(tiny_course: Path, tmp_path: Path) -> None:
    for part in ("exercises", "reference"):
        shutil.copytree(tiny_course / part, tmp_path / part)
    spec = tmp_path / "exercises" / "tiny" / "spec.py"
    spec.write_text(
        "from dataclasses import replace\nfrom msgspec.structs import replace as other\nfrom tiny import doubling\n"
        "wrong = replace(doubling, checks=(other(doubling.checks[0], label='reslut'),))\ndel doubling\n"
    )
    (spec.parent / "misconceptions.py").unlink()
    workspace = open_workspace(tmp_path / "exercises" / "course.toml")
    with pytest.raises(CourseError) as caught:
        freeze_hidden(workspace, Console(quiet=True), jobs=1)
    assert str(caught.value).startswith(f"{spec.parent}: exercise 'doubling', check 'value': ")
