"""Names alone tell students from folders of code, and course files from what resembles them."""

from __future__ import annotations

import pytest

from grader.running.filenames import (
    choose,
    course_index,
    held,
    looks_like_copy,
    matches,
    near_miss,
    restored,
    spelled_alike,
)
from grader.running.layouts import (
    Owner,
    class_level,
    is_generic,
    is_one_person,
    labelled,
    may_be_person,
    own_name,
    tree,
    without_assignment,
)

COURSE = course_index(["conv.py", "Layers/Pooling.py"])


@pytest.mark.parametrize(
    "path, expected",
    [
        ("src/CONV.py", [("conv.py", 0)]),
        ("x/Layers\\pooling.PY", [("layers/pooling.py", 0)]),
        ("pooling.py", [("layers/pooling.py", 1)]),
        ("MyLayers/pooling.py", [("layers/pooling.py", 1)]),
        ("conv (1).py", [("conv.py", 2)]),
        ("conv-12.py", [("conv.py", 2)]),
        ("conv - Copy.py", [("conv.py", 2)]),
        ("src/Conv.py.TXT", [("conv.py", 2)]),
        ("conv.py (1).txt", [("conv.py", 2)]),
        ("conv (1).py.txt", [("conv.py", 2)]),
        ("conv.py.py", [("conv.py", 2)]),
        ("conv.txt", []),
        ("doe_1_conv-1.py", [("conv.py", 3)]),
        ("test_conv.py", []),
        ("myconv.py", []),
        ("conv.py.bak", []),
        ("conv.py/x.py", []),
    ],
)
def test_a_path_stands_for_a_course_file_at_a_known_distance(path: str, expected: list[tuple[str, int]]) -> None:
    assert list(matches(path, COURSE)) == expected


def test_accents_and_case_do_not_matter() -> None:
    assert held(["U\u0308bung.py"], course_index(["übung.py"])) == {"übung.py"}


def test_a_path_counts_for_the_nearest_course_file_only() -> None:
    course = course_index(["Layers/Base.py", "Optimization/Base.py"])
    assert held(["Layers/Base.py"], course) == {"layers/base.py"}
    assert held(["Base.py"], course) == {"layers/base.py", "optimization/base.py"}
    assert held(["doe_conv.py"], COURSE) == set() and held(["doe_conv.py"], COURSE, 3) == {"conv.py"}


def test_only_download_suffixes_are_taken_off() -> None:
    assert [restored(name) for name in ("conv (1).py", "Conv-2.py", "conv2.py", "conv-2024.py", "conv_1.py")] == [
        "conv.py", "Conv.py", "conv2.py", "conv-2024.py", "conv_1.py",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "src",
        "mysrc2",
        "Code",
        "exercise 2 (copy)",
        "Exercise_3",
        "hw1",
        "ps2",
        "Layers",
        "conv",
        "pooling",
        "Übung 4",
        "final submission",
        "exercise_a",
        "old",
    ],
)
def test_a_folder_of_code_is_generic(name: str) -> None:
    assert is_generic(name, COURSE)


@pytest.mark.parametrize(
    "name",
    ["ada", "max", "Jane Doe", "pslater", "exner", "codeman", "team 7", "labuser", "Parton", "Alexander", "filesson"],
)
def test_a_person_is_not_generic(name: str) -> None:
    assert not is_generic(name, COURSE) and may_be_person(name)


def test_copies_are_recognised_by_whole_words() -> None:
    for folder in ("old", "src (copy)", "Backup_2", "a/tests", "my solution", "x-bak"):
        assert looks_like_copy(folder), folder
    for folder in ("golden", "src", "photocopyist", "latest", "bold/contest"):
        assert not looks_like_copy(folder), folder


@pytest.mark.parametrize(
    "name, is_file, owner",
    [
        ("doejane_12345_67890_conv.py", True, Owner("doejane", "doejane_12345", "conv.py")),
        ("doejane_LATE_12345_67890_my_conv.py", True, Owner("doejane", "doejane_12345", "my_conv.py")),
        ("Jane Doe_123_assignsubmission_file_", False, Owner("Jane Doe", "Jane Doe_123", "")),
        ("Jane Doe_123_assignsubmission_file_conv.py", True, Owner("Jane Doe", "Jane Doe_123", "conv.py")),
        ("Jane Doe_123_assignsubmission_onlinetext_", False, Owner("Jane Doe", "Jane Doe_123", None)),
        ("doejane_12345_67890_conv", False, None),
        ("conv.py", True, None),
        ("exp_1_2_conv.py", True, None),
    ],
)
def test_labels_of_course_systems_are_read(name: str, is_file: bool, owner: Owner | None) -> None:
    assert labelled(name, is_file) == owner


def level(*paths: str, name: str = "class") -> tuple[tuple[str, ...], str]:
    found = class_level(tree((path.rstrip("/"), path.endswith("/")) for path in paths), name, COURSE)
    return found.folders, found.system


def test_students_are_looked_for_below_folders_that_stand_alone() -> None:
    assert level("a/b/ada/conv.py", "a/b/bob/conv.py", "a/readme.md") == (("a", "b"), "")
    assert level("ada/conv.py", "bob/") == ((), "")
    assert level("conv.py", "src/x.py") == ((), "")
    assert level("ada.zip", "bob.zip") == ((), "")


def test_nbgraders_folder_is_entered_beside_others_but_not_a_students_own() -> None:
    assert level("source/ps1/conv.py", "submitted/ada/ps1/conv.py") == (("submitted",), "nbgrader")
    assert level("ada/ps1/conv.py", name="submitted") == ((), "nbgrader")
    assert level("submitted/src/conv.py", "submitted/Layers/x.py")[1] == ""


def test_labels_end_the_search() -> None:
    assert level("x/Jane_1_assignsubmission_file_/src/conv.py") == (("x",), "labels")


def test_a_file_and_a_folder_of_one_name_do_not_clash() -> None:
    assert tree([("a", False), ("a/b", False), ("a", False)]) == {"a": {"b": None}}


@pytest.mark.parametrize(
    "children, wrapped, expected",
    [
        ({"Layers": {"p"}, "Optimization": {"o"}}, False, True),
        ({"exercise1": {"p"}, "exercise2": {"o"}}, False, True),
        ({"exercise1": {"p"}, "exercise2": {"p"}}, False, False),
        ({"code": {"p"}, "final": {"p"}, "submission": {"p"}}, False, False),
        ({"code": {"p"}, "submission": {"p"}}, False, True),
        ({"src": {"p"}, "ada_notes": set()}, False, True),
        ({"src": {"p"}, "old": {"p"}}, False, True),
        ({"exercise1": {"p"}, "exercise1 (copy)": {"p"}}, False, True),
        ({"ada": {"p"}, "bob": {"o"}}, False, False),
        ({"ada": {"p"}, "bob": {"o"}}, True, True),
        ({"ada": {"p"}, "bob": {"p"}}, True, False),
        ({"ada": {"p"}, "bob": set()}, True, False),
        ({"ada.zip": set(), "bob.zip": set()}, True, False),
        ({"hw1.zip": {"p"}, "hw2.zip": {"o"}}, False, True),
    ],
)
def test_parts_of_one_submission_are_told_from_people(
    children: dict[str, set[str]], wrapped: bool, expected: bool
) -> None:
    assert is_one_person(children, COURSE, wrapped) is expected


def test_a_submission_is_named_after_the_last_name_that_is_a_persons() -> None:
    chain = [("class", False), ("ada", False), ("src", False)]
    assert own_name(chain, COURSE) == 1
    assert own_name([("ada.zip", True), ("CNN-course", False)], COURSE) == 0
    assert own_name([("submissions.zip", True), ("ada", False)], COURSE) == 1
    assert own_name([("src", False)], COURSE) == 0


def test_the_assignment_is_stripped_where_all_share_it_and_a_login_follows() -> None:
    assert without_assignment(["hw-ada", "hw-bob-x"], "any") == ["ada", "bob-x"]
    assert without_assignment(["hw-max-m", "hw-max-n"], "hw-submissions-05-01-2024") == ["max-m", "max-n"]
    for names in (
        ["hw-ada", "bob"],
        ["team-1", "team-2"],
        ["hw-ada"],
        ["ada", "adb"],
        ["hw-", "hw-a"],
        ["hw-ä b", "hw-c"],
    ):
        assert without_assignment(names, "class") == names


def test_the_best_candidate_comes_first_and_is_never_from_another_package() -> None:
    assert choose(["b/conv.py", "a/conv.py", "old/conv.py", "x/y/conv.py"], "conv.py") == (
        ["a/conv.py", "b/conv.py", "x/y/conv.py", "old/conv.py"],
        0,
    )
    assert choose(["Layers/Conv.py", "Optimization/Pooling.py"], "Layers/Pooling.py")[0] == []
    assert choose(["Optimization/Pooling.py"], "Layers/Pooling.py") == (["Optimization/Pooling.py"], 1)
    assert choose([], "conv.py") == ([], 0)


@pytest.mark.parametrize(
    "path",
    ["conv_final.py", "src/Convolution.py", "my conv 2.py", "conv2d_v3.py", "cnov.py", "CONV-NEW.PY", "myconv.py"],
)
def test_a_file_that_may_have_been_meant_is_hinted_at(path: str) -> None:
    assert near_miss(["pooling.py", path, "main.py"], "Layers/conv.py") == path


@pytest.mark.parametrize("path", ["test_conv.py", "conv.pyc", "conv.ipynb", "pooling.py", "cv.py", "123.py", ".py"])
def test_what_nobody_can_have_meant_is_not_hinted_at(path: str) -> None:
    assert near_miss([path], "conv.py") == ""


def test_the_nearest_outside_of_copies_is_hinted_at() -> None:
    assert near_miss(["old/conv_2.py", "x/conv_2.py", "x/convolution.py"], "conv.py") == "x/conv_2.py"


def test_accents_do_not_change_how_a_name_is_spelled_but_capitals_do() -> None:
    assert spelled_alike("src/U\u0308bung.py", "\u00dcbung.py") and not spelled_alike("Conv.py", "conv.py")
