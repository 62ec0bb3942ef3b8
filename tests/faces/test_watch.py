"""`grader check --watch`: what was saved is checked, and only that, however an editor saves."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tiny import REFERENCE, Tiny, mutated

from grader.authoring.template import skeleton
from grader.course import Course, ExerciseSettings
from grader.faces import cli, watch
from grader.faces.dependence import fingerprints
from grader.faces.own_folder import OwnFolder, own_files
from grader.faces.watch import told_changes
from grader.judging.asked import asked, wanted
from grader.notebooks.resolving import resolve
from grader.running.submission import SourceFile, Submission

WRONG = mutated((" + self.bias[:, None, None]", ""))
ENDLESS = mutated(("        self.input_tensor = np.array(input_tensor, dtype=float)", "        while True: pass"))
WAITS = "Waiting for the next save"
PATIENCE = 60


class Watching:
    """The command in a process of its own; `until` gives what it printed up to a line with some text in it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        code = "import sys; sys.argv[0] = 'grader'; from grader.faces.cli import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, "check", "--watch", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "150"},
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, text: str) -> str:
        """All lines up to that one, which must come."""
        seen = ""
        while text not in seen:
            try:
                seen += self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"no {text!r} in {seen}") from None
        return seen

    def end(self) -> None:
        """Whatever it does."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()

    def stop(self, number: int = signal.SIGINT) -> int:
        """The exit status after Ctrl-C."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def watching(student: Path) -> Iterator[Watching]:
    """In the solved folder of the tiny course, without its notebooks, after the first run."""
    shutil.rmtree(student / "notebooks")
    one = Watching(student)
    first = one.until(WAITS)
    assert "3 of 3 exercises pass" in first
    yield one
    one.end()


def replace(path: Path, text: str) -> None:
    """As editors do that never leave half a file."""
    path.with_suffix(".tmp").write_text(text)
    path.with_suffix(".tmp").replace(path)


def test_a_save_is_checked_and_ctrl_c_ends_with_the_status_of_the_last_run(watching: Watching, student: Path) -> None:
    replace(student / "tiny.py", WRONG)
    told = watching.until(WAITS)
    assert "tiny.py changed." in told and "The bias is not added." in told and "2 of 3 exercises pass" in told
    assert watching.stop() == 1


def test_files_that_nothing_depends_on_cause_no_check(watching: Watching, student: Path) -> None:
    (student / "notes.py").write_text("x = 1\n")
    told = watching.until(WAITS)
    assert "notes.py changed." in told and "Nothing that is checked here depends on that." in told
    assert "Scaling" not in told and "3 of 3 exercises pass" in told
    assert watching.stop() == 0


def test_a_used_file_counts_and_a_save_without_a_change_does_not(watching: Watching, student: Path) -> None:
    (student / "tools.py").write_text("LARGEST = 1000.0\n")
    replace(student / "tiny.py", mutated(("LARGEST = 1000.0", "from tools import LARGEST")))
    assert "3 of 3 exercises pass" in watching.until("3 of 3")
    watching.until(WAITS)
    (student / "tools.py").write_text("LARGEST = -1.0\n")
    assert "2 of 3 exercises pass" in watching.until(WAITS)
    (student / "tools.py").write_text("LARGEST = -1.0\n")
    told = watching.until(WAITS)
    assert "Saved without a change." in told and "Doubling" not in told
    assert watching.stop() == 1


def test_syntax_errors_and_deleted_files_are_told_and_healed(watching: Watching, student: Path) -> None:
    (student / "tiny.py").write_text("def f(:\n")
    assert "Line 1 of tiny.py" in watching.until(WAITS)
    (student / "tiny.py").unlink()
    told = watching.until(WAITS)
    assert "tiny.py is gone." in told and "was not handed in" in told
    (student / "tiny.py").write_text(REFERENCE)
    assert "3 of 3 exercises pass" in watching.until(WAITS)
    assert watching.stop() == 0


def test_what_is_saved_during_a_check_ends_it(student: Path) -> None:
    one = Watching(student, "scale")
    try:
        one.until(WAITS)
        (student / "tiny.py").write_text(ENDLESS)
        one.until("tiny.py changed.")
        (student / "tiny.py").write_text(REFERENCE)
        told = one.until(WAITS)
        assert "timeout" not in told and "1 of 1 exercises pass" in told
        assert one.stop(signal.SIGTERM) == 143
    finally:
        one.end()


def test_a_damaged_course_is_told_and_the_watch_goes_on(watching: Watching, student: Path) -> None:
    text = (student / "course.toml").read_text()
    (student / "course.toml").write_text("title = 3\n")
    assert "title" in watching.until("grader:")
    (student / "course.toml").write_text(text)
    assert "3 of 3 exercises pass" in watching.until(WAITS)
    assert watching.stop() == 0


def test_notebooks_are_watched_too(student: Path) -> None:
    (student / "tiny.py").write_text(skeleton(REFERENCE))
    one = Watching(student, "doubling")
    try:
        assert "0 of 1 exercises pass" in one.until(WAITS)
        notebook = student / "notebooks" / "tiny.ipynb"
        text = notebook.read_text()
        stub = skeleton(REFERENCE).partition("def double(number):")[2].splitlines()[1].strip()
        assert text.count(stub) > 1
        done = text.replace(stub, "return 2.0 * number")
        replace(notebook, done)
        told = one.until(WAITS)
        assert "notebooks/tiny.ipynb changed." in told and "value" in told
    finally:
        one.end()


def test_a_mistake_in_the_call_ends_at_once(
    student: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, word in ((["scael"], "did you mean scale?"), (["--format", "json"], "--watch prints text")):
        monkeypatch.setattr(sys, "argv", ["grader", "check", "--watch", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        assert word in capsys.readouterr().err


def test_a_save_is_seen_and_settled_within_300_ms() -> None:
    assert watch.PAUSE + max(watch.LONGEST, watch.SETTLED) <= 0.25


def test_a_look_sees_every_way_of_saving(tmp_path: Path) -> None:
    folder, path = OwnFolder(tmp_path), tmp_path / "conv.py"
    path.write_text("x = 1\n")
    os.utime(path, (1, 1))
    looks = [folder.look()]

    def another(*paths: str) -> None:
        looks.append(folder.look())
        assert looks[-1] != looks[-2]
        assert list(looks[-1]) == list(paths)

    path.write_text("x = 2\n")
    another("conv.py")
    (tmp_path / "new").write_text("x = 2\n")
    (tmp_path / "new").replace(path)
    another("conv.py")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.ipynb").write_text("{}")
    another("conv.py", "deep/er/a.ipynb")
    path.unlink()
    another("deep/er/a.ipynb")
    (tmp_path / "deep").rename(tmp_path / "bundles")
    another()


def test_machinery_and_other_files_are_nobodys(tmp_path: Path) -> None:
    for name in (".git/a.py", ".venv/lib/b.py", "__pycache__/c.py", "bundles/d.py", ".~conv.ipynb", "e.txt", "f.py~"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "link.py").symlink_to(tmp_path / "e.txt")
    assert own_files(tmp_path).files == ()


def test_a_folder_that_stays_as_it_is_is_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    listed: list[str] = []
    real = OwnFolder._list
    monkeypatch.setattr(OwnFolder, "_list", lambda self, name, at: (listed.append(name), real(self, name, at))[1])
    for place in (tmp_path / "data", tmp_path):
        os.utime(place, (1, 1))
    folder = OwnFolder(tmp_path)
    for _ in range(5):
        folder.look()
    assert sorted(listed) == ["", "data"]
    (tmp_path / "data" / "x.py").write_text("")
    folder.look()
    folder.look()  # what changed just now may change again within the same tick of the clock
    assert listed[2:] == ["data", "data"]


def test_an_exercise_depends_on_what_its_file_imports_directly_or_not(tiny: Tiny) -> None:
    course = Course("t", files={"tiny": "a.py"})
    exercises = asked(course, [tiny.bundle("scale")])

    def prints(files: dict[str, str]) -> str:
        sources = tuple(SourceFile(path, text.encode()) for path, text in sorted(files.items()))
        resolved = resolve(Submission("ada", sources), wanted(exercises))
        return fingerprints(exercises, exercises, resolved)["scale"]

    files = {
        "a.py": "from Layers import (\n    B,\n)\nx = (",
        "Layers/B.py": "import numpy; import c\n",
        "c.py": "d = 1\n",
        "d.py": "",
        "Layers/__init__.py": "",
    }
    before = prints(files)
    for path in ("a.py", "Layers/B.py", "c.py", "Layers/__init__.py"):
        assert prints({**files, path: files[path] + "# more\n"}) != before, path
        assert prints({name: text for name, text in files.items() if name != path}) != before, path
    assert prints({**files, "d.py": "x = 1", "e.py": ""}) == before


def test_an_exercise_depends_on_what_it_says_that_it_needs(tiny: Tiny) -> None:
    scale = msgspec.structs.replace(tiny.bundle("scale"), needs=("tiny.py",))
    course = Course("t", files={"tiny": "a.py"}, exercises={"peak": ExerciseSettings(file="b.py")})
    exercises = asked(course, [scale, tiny.bundle("peak")])

    def prints(**texts: str) -> dict[str, str]:
        sources = tuple(SourceFile(f"{name}.py", text.encode()) for name, text in sorted(texts.items()))
        return fingerprints(exercises, exercises, resolve(Submission("ada", sources), wanted(exercises)))

    before, after = prints(a="1", b="1"), prints(a="1", b="2")
    assert before["scale"] != after["scale"] and before["peak"] != after["peak"]
    assert prints(a="2", b="1")["peak"] == before["peak"]


def test_changes_are_told_by_name() -> None:
    assert told_changes({"a.py": b"1", "b.py": b"1"}, {"a.py": b"2"}) == "a.py changed, b.py is gone."
    assert told_changes({}, {f"{n}.py": b"" for n in range(6)}) == "0.py, 1.py, 2.py, 3.py and 2 more changed."
