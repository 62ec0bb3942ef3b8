"""Every layout in which classes arrive gives each student's files to that student; tricks cost only their author."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from handed_in import lay, tarred, zipped

from grader.errors import InputError
from grader.running import folders
from grader.running import gather as module
from grader.running.submission import SourceFile, Submission, read_batch, read_submissions
from grader.text import printable, safe_name

COURSE = ("conv.py", "pooling.py")
NESTED = ("Layers/Pooling.py", "Layers/Base.py", "Optimization/Optimizers.py")


def read(*paths: Path, course: tuple[str, ...] = COURSE) -> dict[str, dict[str, str]]:
    found = read_submissions(list(paths), course)
    assert [one.name for one in found] == sorted(one.name for one in found)
    return {one.name: {file.path: file.source.decode() for file in one.files} for one in found}


def notes(*paths: Path, course: tuple[str, ...] = COURSE) -> dict[str, str]:
    return {one.name: " ".join(one.notes) for one in read_submissions(list(paths), course)}


# --- layouts of a class


def test_each_sub_folder_is_a_student_however_deep_the_code_lies(tmp_path: Path) -> None:
    lay(tmp_path, {"ada/conv.py": "a", "dan/exercise 2 (copy)/code/conv.py": "d", "eve/README.md": "no code"})
    assert read(tmp_path) == {
        "ada": {"conv.py": "a"},
        "dan": {"exercise 2 (copy)/code/conv.py": "d"},
        "eve": {},
    }


@pytest.mark.parametrize(
    "files",
    [
        {"conv.py": "", "pooling.py": "", "helper/tools.py": ""},
        {"src/conv.py": "", "src/pooling.py": ""},
        {"src/conv.py": "", "data/digits.csv": "", "old/conv.py": "older"},
        {"code/conv.py": "", "submission/conv.py": ""},
        {"exercise1/conv.py": "", "exercise2/pooling.py": ""},
        {"conv/conv.py": "", "pooling/pooling.py": ""},
        {"main.py": "", "src/conv.py": ""},
        {"my_conv.py": ""},
        {"conv (1).py": ""},
        {"submitted/conv.py": ""},
    ],
)
def test_a_students_own_folder_is_one_submission(tmp_path: Path, files: dict[str, str]) -> None:
    sources = {name for name in files if name.endswith(".py")}
    assert {name: set(found) for name, found in read(lay(tmp_path / "ada", dict(files))).items()} == {"ada": sources}


def test_packages_that_share_the_courses_files_are_one_submission(tmp_path: Path) -> None:
    lay(tmp_path / "ada", {"Layers/Pooling.py": "", "Layers/Base.py": "", "Optimization/Optimizers.py": ""})
    assert list(read(tmp_path / "ada", course=NESTED)) == ["ada"]
    lay(tmp_path / "bob", {"src/Layers/Pooling.py": "", "src/Optimization/Optimizers.py": ""})
    assert list(read(tmp_path, course=NESTED)) == ["ada", "bob"]


def test_folders_that_hold_the_same_files_are_a_class_even_of_two(tmp_path: Path) -> None:
    assert list(read(lay(tmp_path, {"x/conv.py": "", "y/conv.py": ""}))) == ["x", "y"]


def test_people_who_handed_in_different_files_are_still_people(tmp_path: Path) -> None:
    assert list(read(lay(tmp_path, {"ada/conv.py": "", "bob/pooling.py": ""}))) == ["ada", "bob"]


def test_a_class_of_one_is_named_after_the_student_and_a_source_folder_is_not(tmp_path: Path) -> None:
    assert list(read(lay(tmp_path / "class", {"ada/src/conv.py": ""}))) == ["ada"]
    assert list(read(tmp_path / "class" / "ada")) == ["ada"]


def test_a_single_file_is_a_submission_named_after_its_folder(tmp_path: Path) -> None:
    lay(tmp_path / "ada", {"conv.py": "c", "pooling.py": "p"})
    assert read(tmp_path / "ada" / "conv.py") == {"ada": {"conv.py": "c"}}
    assert read(tmp_path / "ada" / "conv.py", tmp_path / "ada" / "pooling.py") == {
        "ada": {"conv.py": "c", "pooling.py": "p"}
    }


def test_canvas_files_go_to_their_student_under_the_name_they_had(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "doejane_12345_67890_conv.py": "jane",
            "doejane_12345_67891_pooling-1.py": "jane",
            "roejohn_LATE_12346_67892_conv.py": "john",
            "zed_12347_67893_hw.zip": zipped({"hw/conv.py": "zed"}),
            "xi_12348_67894_report.pdf": "",
        },
    )
    assert read(tmp_path) == {
        "doejane": {"conv.py": "jane", "pooling.py": "jane"},
        "roejohn": {"conv.py": "john"},
        "xi": {},
        "zed": {"hw.zip/hw/conv.py": "zed"},
    }
    assert list(read(*tmp_path.glob("*.py"))) == ["doejane", "roejohn"]
    assert list(read(*tmp_path.glob("*.zip"))) == ["zed"]


def test_canvas_students_of_the_same_name_stay_apart(tmp_path: Path) -> None:
    lay(tmp_path, {"doe_111_1111_conv.py": "a", "doe_222_2222_conv.py": "b"})
    assert read(tmp_path) == {"doe_111": {"conv.py": "a"}, "doe_222": {"conv.py": "b"}}


def test_the_newest_of_several_canvas_uploads_gets_the_name(tmp_path: Path) -> None:
    lay(tmp_path, {"doe_111_1111_conv-1.py": "old", "doe_111_1112_conv-2.py": "new"})
    assert read(tmp_path)["doe"] == {"conv.py": "new", "conv-1.py": "old"}


def test_moodle_folders_are_named_after_people_and_typed_text_is_not_read(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "Jane Doe_12345_assignsubmission_file_/conv.py": "jane",
            "Jane Doe_12345_assignsubmission_onlinetext_/onlinetext.html": "hi",
            "Max Roe_1_assignsubmission_file/hw.zip": zipped({"conv.py": "max 1"}),
            "Max Roe_2_assignsubmission_file_/conv.py": "max 2",
            "Tom Poe_3_assignsubmission_onlinetext_/conv.py": "typed",
            "Zoë Ümit_4_assignsubmission_file_conv.py": "zoë",
        },
    )
    assert read(tmp_path) == {
        "Jane Doe": {"conv.py": "jane"},
        "Max Roe_1": {"hw.zip/conv.py": "max 1"},
        "Max Roe_2": {"conv.py": "max 2"},
        "Tom Poe": {},
        "Zoë Ümit": {"conv.py": "zoë"},
    }
    assert "typed in online" in notes(tmp_path)["Tom Poe"]


@pytest.mark.parametrize("given", [".", "submitted"])
def test_nbgraders_tree_gives_the_assignment_that_holds_the_courses_files(tmp_path: Path, given: str) -> None:
    lay(
        tmp_path,
        {
            "source/ps1/conv.py": "solution",
            "submitted/ada/ps1/conv.py": "a",
            "submitted/ada/ps1/timestamp.txt": "2015-02-02 14:58:23",
            "submitted/ada/ps0/intro.py": "other",
            "submitted/bob/ps0/intro.py": "other",
            "gradebook.db": "",
        },
    )
    assert read(tmp_path / given) == {"ada": {"ps1/conv.py": "a"}, "bob": {"ps0/intro.py": "other"}}
    assert 'assignment "ps0" was left out' in notes(tmp_path / given)["ada"]


def test_nbgrader_with_one_student_is_that_student(tmp_path: Path) -> None:
    lay(tmp_path, {"submitted/ada/ps1/conv.py": "", "submitted/ada/ps2/pooling.py": ""})
    assert {name: set(files) for name, files in read(tmp_path).items()} == {"ada": {"ps1/conv.py", "ps2/pooling.py"}}


def test_classroom_clones_are_named_by_login(tmp_path: Path) -> None:
    logins = ("octo-cat", "octo-dog", "m1")
    root = tmp_path / "cnn-hw-submissions"
    lay(root, {f"cnn-hw-{login}/{name}": "" for login in logins for name in ("conv.py", ".git/config", ".git/x.py")})
    assert read(root) == {login: {"conv.py": ""} for login in logins}


def test_folders_that_only_look_alike_keep_their_names(tmp_path: Path) -> None:
    assert list(read(lay(tmp_path / "a", {"team-1/conv.py": "", "team-2/conv.py": ""}))) == ["team-1", "team-2"]
    assert list(read(lay(tmp_path / "b", {"hw-ada/conv.py": "", "bob/conv.py": ""}))) == ["bob", "hw-ada"]


@pytest.mark.parametrize(
    "suffix, mode", [("tar.gz", "w:gz"), ("tgz", "w:gz"), ("tar", "w"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")]
)
def test_an_archive_is_a_student_or_a_class_in_every_format(tmp_path: Path, suffix: str, mode: str) -> None:
    lay(tmp_path / "class", {f"ada.{suffix}": tarred({"conv.py": "a"}, mode), "bob.zip": zipped({"src/conv.py": "b"})})
    assert read(tmp_path / "class") == {"ada": {"conv.py": "a"}, "bob": {"src/conv.py": "b"}}
    lay(tmp_path, {f"class.{suffix}": tarred({"all/ada/conv.py": "a", "all/bob/conv.py": "b"}, mode)})
    assert read(tmp_path / f"class.{suffix}") == {"ada": {"conv.py": "a"}, "bob": {"conv.py": "b"}}


def test_a_class_may_mix_folders_and_archives_in_an_archive_of_its_own(tmp_path: Path) -> None:
    inner = {"ada.zip": zipped({"hw.tar.gz": tarred({"conv.py": "a"})}), "bob/conv.py": "b", "cid.rar": b"Rar!"}
    lay(tmp_path, {"class.zip": zipped(inner)})
    expected = {"ada": {"hw.tar.gz/conv.py": "a"}, "bob": {"conv.py": "b"}, "cid": {}}
    assert read(tmp_path / "class.zip") == expected
    assert read(tmp_path) == expected, "an archive alone in a folder is looked into"
    assert "hand in a .zip" in notes(tmp_path)["cid"]


def test_an_archive_keeps_the_students_name_whatever_folder_is_in_it(tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        lay(tmp_path, {f"{name}.zip": zipped({"CNN-course/conv.py": name})})
    assert list(read(tmp_path / "ada.zip", tmp_path / "bob.zip")) == ["ada", "bob"]


def test_two_student_folders_may_be_given_and_the_same_one_twice_counts_once(tmp_path: Path) -> None:
    lay(tmp_path, {"ada/conv.py": "a", "bob/conv.py": "b", "eve/": ""})
    assert list(read(tmp_path / "ada", tmp_path / "bob", tmp_path / "ada", tmp_path / "eve")) == ["ada", "bob", "eve"]


def test_a_loose_file_beside_student_folders_is_no_student_and_only_the_instructor_is_told(tmp_path: Path) -> None:
    assert not read_batch([lay(tmp_path / "one", {"main.py": "", "src/conv.py": ""})], COURSE).notes
    tmp_path = tmp_path / "class"
    lay(tmp_path, {"ada/conv.py": "", "bob/conv.py": "", "carl.py": "", "grades.csv": "", "data/digits.csv": ""})
    batch = read_batch([tmp_path], COURSE)
    assert [one.name for one in batch.submissions] == ["ada", "bob"]
    assert len(batch.notes) == 2 and "carl.py" in " ".join(batch.notes) and '"data"' in " ".join(batch.notes)
    assert not any(one.notes for one in batch.submissions)


def test_machinery_is_neither_read_nor_a_student(tmp_path: Path) -> None:
    hidden = (".git", "__MACOSX", ".ipynb_checkpoints", ".venv", "site-packages", "node_modules", "__pycache__")
    lay(tmp_path, {f"{name}/conv.py": "" for name in hidden} | {f"ada/{name}/conv.py": "" for name in hidden})
    lay(tmp_path, {"ada/conv.py": "a", "bob/conv.py": "b", "ada/._conv.py": "\0"})
    assert read(tmp_path) == {"ada": {"conv.py": "a"}, "bob": {"conv.py": "b"}}


def test_names_that_collide_are_told_apart_and_nothing_is_dropped(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "a/Ada/conv.py": "1",
            "a/bob/conv.py": "",
            "b/ada/conv.py": "2",
            "b/ada-2/conv.py": "3",
            "b/\x07/conv.py": "4",
        },
    )
    found = read(tmp_path / "a", tmp_path / "b")
    assert {name: files["conv.py"] for name, files in found.items()} == {
        "Ada": "1", "_": "4", "ada-2": "3", "ada-3": "2", "bob": "",
    }  # fmt: skip
    assert "several submissions" in notes(tmp_path / "a", tmp_path / "b")["ada-3"]


@pytest.mark.parametrize(
    "files", [{}, {"README.md": ""}, {"a/x.py": "", "b/y.py": ""}, {"photos.zip": zipped({"a.jpg": ""})}]
)
def test_nothing_of_the_course_is_an_input_error_that_names_the_files(tmp_path: Path, files: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"conv\.py, pooling\.py"):
        read(lay(tmp_path, dict(files)))


def test_what_cannot_be_a_submission_is_an_input_error(tmp_path: Path) -> None:
    lay(tmp_path, {"notes.pdf": ""})
    os.mkfifo(tmp_path / "conv.py")
    for path in (tmp_path / "missing", tmp_path / "notes.pdf", tmp_path / "conv.py"):
        with pytest.raises(InputError, match=path.name):
            read(path)
    with pytest.raises(InputError):
        read()
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/conv.py").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="links are not followed"):
        read(tmp_path / "ada")


# --- strangers


def test_links_are_not_followed_and_pipes_are_not_waited_for(tmp_path: Path) -> None:
    lay(tmp_path, {"secret/conv.py": "hidden", "class/ada/pooling.py": "", "class/bob/conv.py": "b"})
    (tmp_path / "class/ada/conv.py").symlink_to(tmp_path / "secret/conv.py")
    (tmp_path / "class/ada/src").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "class/bob/pooling.py")
    assert read(tmp_path / "class") == {"ada": {"pooling.py": ""}, "bob": {"conv.py": "b"}}
    told = notes(tmp_path / "class")
    assert '"conv.py" was skipped: it is a link' in told["ada"] and '"src"' in told["ada"]
    assert "not a regular file" in told["bob"]


def test_a_path_that_the_instructor_gives_may_be_a_link(tmp_path: Path) -> None:
    lay(tmp_path, {"real/conv.py": "x"})
    (tmp_path / "ada").symlink_to(tmp_path / "real")
    assert read(tmp_path / "ada") == {"ada": {"conv.py": "x"}}


def test_a_damaged_archive_is_a_submission_without_files_that_says_so(tmp_path: Path) -> None:
    whole = tarred({"conv.py": os.urandom(200_000), "pooling.py": os.urandom(200_000)})
    lay(tmp_path, {"ada.zip": "no zip", "bob.tar.gz": whole[: len(whole) * 3 // 4], "cid/conv.py": "c", "dan.zip": b""})
    assert read(tmp_path) == {"ada": {}, "bob": {}, "cid": {"conv.py": "c"}, "dan": {}}
    told = notes(tmp_path)
    assert all(
        f'"{name}" cannot be read' in told[name.partition(".")[0]] for name in ("ada.zip", "bob.tar.gz", "dan.zip")
    )
    assert read(tmp_path / "ada.zip") == {"ada": {}} and "cannot be read" in notes(tmp_path / "ada.zip")["ada"]


def test_a_file_a_submission_and_their_number_have_limits_that_cost_only_what_is_beyond(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(
        tmp_path,
        {"ada/conv.py": "a", "ada/pooling.py": b"#" * 2_000_001, "ada/z.py": b" " * 2_000_000, "bob/conv.py": "b"},
    )
    found = {one.name: one for one in read_submissions([tmp_path], COURSE)}
    assert [file.path for file in found["ada"].files] == ["conv.py", "z.py"]
    assert "larger than 2 MB" in found["ada"].notes[0]
    monkeypatch.setattr(module, "MAX_SUBMISSION", 2_000_000)
    assert [file.path for file in read_submissions([tmp_path / "ada"], COURSE)[0].files] == ["conv.py"]
    lay(tmp_path, {f"many/{n}.py": "" for n in range(30)} | {"many/conv.py": "m"})
    monkeypatch.setattr(module, "MAX_FILES", 20)
    assert "Only 20 files" in read_submissions([tmp_path / "many"], COURSE)[0].notes[0]
    assert len(read_submissions([tmp_path / "many"], ("0.py",))[0].files) == 20


def test_a_bomb_ends_at_the_cap_and_leaves_the_neighbours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zeros = bytes(30_000_000)
    lay(tmp_path, {"ada.zip": zipped({"conv.py": zeros, "pooling.py": "p"}), "bob.zip": zipped({"conv.py": "b"})})
    lay(tmp_path, {"cid.tar.gz": tarred({"data.bin": zeros, "conv.py": "c"})})
    assert read(tmp_path) == {"ada": {"pooling.py": "p"}, "bob": {"conv.py": "b"}, "cid": {"conv.py": "c"}}
    monkeypatch.setattr(module, "MAX_UNPACKED", 10_000_000)
    assert read(tmp_path)["cid"] == {} and read(tmp_path)["bob"] == {"conv.py": "b"}
    assert "too much" in notes(tmp_path)["cid"]
    many = {f"{n}.py": bytes(3_000_000) for n in range(8)}
    lay(tmp_path, {"dan.zip": zipped({**many, "conv.py": "d"})})
    assert read(tmp_path)["dan"] == {} and "too much" in notes(tmp_path)["dan"]


def test_archives_open_three_deep_and_not_for_ever(tmp_path: Path) -> None:
    packed = zipped({"conv.py": "deep"})
    for _ in range(2):
        packed = zipped({"in.zip": packed})
    lay(tmp_path, {"ada.zip": packed, "bob.zip": zipped({"in.zip": packed, "conv.py": "b"})})
    assert read(tmp_path) == {"ada": {"in.zip/in.zip/conv.py": "deep"}, "bob": {"conv.py": "b"}}
    assert "lies in 3 other archives" in notes(tmp_path)["bob"]
    packed = zipped({"x/conv.py": "", "y/conv.py": ""})
    for _ in range(6):
        packed = zipped({"in.zip": packed})
    lay(tmp_path / "lone", {"eve.zip": packed})
    assert read(tmp_path / "lone") == {"eve": {}}


def test_the_same_name_twice_and_names_that_differ_in_case_are_noted(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for content in ("first", "last"):
            archive.writestr("conv.py", content)
        archive.writestr("Conv.py", "other")
    (tmp_path / "ada.zip").write_bytes(packed.getvalue())
    assert read(tmp_path / "ada.zip") == {"ada": {"conv.py": "last", "Conv.py": "other"}}
    assert (
        "there twice" in notes(tmp_path / "ada.zip")["ada"]
        and "upper and lower case" in notes(tmp_path / "ada.zip")["ada"]
    )


def test_a_thousand_notes_become_twenty(tmp_path: Path) -> None:
    lay(tmp_path, {"conv.py": ""})
    for n in range(1000):
        (tmp_path / f"{n}.py").symlink_to("/etc/passwd")
    told = read_submissions([tmp_path], COURSE)[0].notes
    assert len(told) == 21 and told[-1].startswith("There are 980 more")


def test_a_member_outside_the_archive_is_nobodys_folder(tmp_path: Path) -> None:
    bad = {"../evil/conv.py": "", "/etc/conv.py": "", "C:\\x\\conv.py": ""}
    lay(tmp_path, {"class.zip": zipped({"ada/conv.py": "a", "bob/conv.py": "b", "bob/../../conv.py": "", **bad})})
    batch = read_batch([tmp_path / "class.zip"], COURSE)
    assert {one.name: len(one.files) for one in batch.submissions} == {"ada": 1, "bob": 1}
    assert "outside the archive" in " ".join(batch.submissions[1].notes)
    assert sum("outside the archive" in note for note in batch.notes) == 3


def test_control_characters_are_shown_and_never_passed_on(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "=ada\x1b[31m\n/conv.py": "",
            "=ada\x1b[31m\n/pool\x1b]0;x\x07\u202eing.py": "",
            "-rf/conv.py": "",
            "b\udcff/conv.py": "",
        },
    )
    found = read(tmp_path)
    assert set(found) == {"ada__31m_", "rf", "b_"}
    assert set(found["ada__31m_"]) == {"conv.py", "pool\\x1b]0;x\\x07\\u202eing.py"}


def test_of_a_class_only_source_files_are_opened_and_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(30):
        lay(tmp_path / f"s{n}x", {f"src/{name}.py": "x = 1\n" for name in ("conv", "pooling", "a")})
        lay(tmp_path / f"s{n}x", {f"data/{m}.png": "" for m in range(10)})
    opened: list[str] = []
    really = folders.open_below
    monkeypatch.setattr(folders, "open_below", lambda root, path: opened.append(path) or really(root, path))
    assert len(read_submissions([tmp_path], COURSE)) == 30
    assert len(opened) == len(set(opened)) == 90


def test_a_suffix_that_an_editor_added_is_taken_off_where_the_file_is_the_courses_and_missing(tmp_path: Path) -> None:
    lay(tmp_path, {"ada/conv.py.txt": "a", "ada/notes.py.txt": "", "bob/src/Conv.py.txt": "b", "bob/src/conv.py": "c"})
    lay(tmp_path, {"cid.zip": zipped({"pooling.py.txt": "p", "conv.txt": ""})})
    assert read(tmp_path) == {"ada": {"conv.py": "a"}, "bob": {"src/conv.py": "c"}, "cid": {"pooling.py": "p"}}
    assert notes(tmp_path)["ada"] == '"conv.py.txt" was read as "conv.py".' and notes(tmp_path)["bob"] == ""
    assert read(tmp_path / "ada") == {"ada": {"conv.py": "a"}}


# --- a submission as a value


def submission(*paths: str, **sources: bytes) -> Submission:
    return Submission(
        "ada", tuple(SourceFile(path, sources.get(path.rpartition("/")[2], path.encode())) for path in paths)
    )


@pytest.mark.parametrize(
    "asked, paths, found",
    [
        ("pooling.py", ["Pooling.PY"], "Pooling.PY"),
        ("pooling.py", ["a/b/pooling.py", "z/pooling.py"], "z/pooling.py"),
        ("pooling.py", ["backup/pooling.py", "src/pooling.py"], "src/pooling.py"),
        ("pooling.py", ["src (copy)/pooling.py", "src/pooling.py"], "src/pooling.py"),
        ("pooling.py", ["a/pooling.py", "b/pooling.py"], "a/pooling.py"),
        ("Layers/Pooling.py", ["pooling.py", "src/x/layers/pooling.py"], "src/x/layers/pooling.py"),
        ("Layers/Pooling.py", ["code/pooling.py"], "code/pooling.py"),
        ("Layers/Base.py", ["Layers/Conv.py", "Optimization/Base.py"], None),
        ("Layers/Base.py", ["src/Layers/Conv.py", "src/Base.py"], "src/Base.py"),
        ("pooling.py", ["pooling (1).py", "x.py"], "pooling (1).py"),
        ("pooling.py", ["pooling-2.py", "doe_pooling.py"], "pooling-2.py"),
        ("pooling.py", ["doejane_123_456_pooling-1.py"], "doejane_123_456_pooling-1.py"),
        ("pooling.py", ["test_pooling.py", "maxpooling.py", "pooling/x.py"], None),
    ],
)
def test_a_course_file_is_found_where_a_person_would_look(asked: str, paths: list[str], found: str | None) -> None:
    file, _ = submission(*paths).find(asked)
    assert (file.path if file else None) == found


def test_a_choice_is_noted_where_it_matters_and_only_there() -> None:
    assert submission("src/conv.py", "conv.py").find("conv.py")[1] == (
        'Several files may be conv.py: "conv.py" was taken, and not "src/conv.py".',
    )
    assert submission("src/conv.py", "old/conv.py", **{"conv.py": b"same"}).find("conv.py")[1] == ()
    assert "There is no conv.py" in submission("conv (1).py").find("conv.py")[1][0]
    assert submission("conv.py", "conv (1).py").find("conv.py")[1] == ()
    assert submission("Conv.PY").find("conv.py")[1] == ('There is no conv.py; "Conv.PY" was taken for it.',)
    assert submission("src/Layers/Conv.py").find("Layers/Conv.py")[1] == ()
    assert submission("conv_final.py").find("conv.py") == (None, ())
    assert submission("conv_final.py").near_miss("conv.py") == "conv_final.py"


def test_the_digest_is_of_files_alone() -> None:
    one = Submission("ada", (SourceFile("a.py", b"1"), SourceFile("b.py", b"2")), ("note",))
    assert one.digest == Submission("bob", one.files[::-1]).digest
    for other in (
        (SourceFile("a.py", b"12"), SourceFile("b.py", b"")),
        (SourceFile("c.py", b"1"), one.files[1]),
        one.files[:1],
    ):
        assert Submission("ada", other).digest != one.digest
    assert Submission("x", (SourceFile("a.py", b"1b.py2"),)).digest != one.digest, (
        "paths and sources cannot run together"
    )


def test_names_are_safe_everywhere() -> None:
    names = ("../a/b", "=1+1", "CON", "nul.x", " .x. ", "\n", "Zoë Müller", "山田 太郎", "<b>")
    assert [safe_name(name) for name in names] == [
        "_a_b", "1+1", "_CON", "_nul.x", "x", "_", "Zoë Müller", "山田 太郎", "_b_",
    ]  # fmt: skip
    assert len(safe_name("x" * 500)) == 100 and len(safe_name("山" * 500).encode()) <= 200
    assert safe_name("") == safe_name("..") == "unnamed"
    assert safe_name("U\u0308nal") == "Ünal"


def test_printable_text_is_one_line_without_escapes() -> None:
    assert printable("a\x1b[31m\nb\u202ec\udcff é") == "a\\x1b[31m\\nb\\u202ec\ufffd é"
    assert printable("x" * 300, 10) == "x" * 9 + "…" and printable("x" * 10, 10) == "x" * 10


def test_a_course_file_beside_three_students_does_not_swallow_the_class(tmp_path: Path) -> None:
    for student in ("ann", "ben", "cem"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "conv.py").write_text(f"# {student}\n")
    (tmp_path / "conv.py").write_text("# the instructor's\n")
    batch = read_batch([tmp_path], {"conv.py"})
    assert [one.name for one in batch.submissions] == ["ann", "ben", "cem"]
    assert any('"conv.py"' in note for note in batch.notes)
