"""`check` in a kernel: the same verdicts as in a worker, HTML that escapes, and nothing that ends the kernel."""

from __future__ import annotations

import asyncio
import io
import os
import random
import re
import signal
import sys
import threading
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells import notebook, statements
from tiny import REFERENCE, Tiny, mutated

from grader import import_notebooks
from grader.authoring.release import course_text
from grader.authoring.template import skeleton
from grader.course import Course
from grader.notebooks.arrays import array, heat_map
from grader.notebooks.checking import Checked, check_namespace
from grader.notebooks.kernel import silent
from grader.notebooks.timing import TimeLimit, TimeUp
from grader.report import Evidence, Shown
from grader.workspace import write_bundles

LIMITS = "\n[limits]\ncpu_seconds = 0.3\nwall_seconds = 1.5\n"


@pytest.fixture(scope="module")
def folder(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released folder of the tiny course with short limits."""
    root = tmp_path_factory.mktemp("released")
    bundles = [tiny.freeze(name, "public", b"") for name in ("scale", "peak", "doubling")]
    write_bundles(bundles, root / "bundles")
    text = course_text(Course(title="tiny"), bundles)
    (root / "course.toml").write_text(text.replace("\n[modules]", LIMITS + "\n[modules]", 1))
    (root / "notebooks").mkdir()
    return root


def checked(folder: Path, source: str, *names: str) -> Checked:
    """What `check` says in a kernel in which this source has run as In [3]."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "<ipython-input-3-0123abcd>", "exec"), namespace)
    return check_namespace(names, namespace, folder / "notebooks")


def test_right_code_passes_and_wrong_code_is_told_as_in_a_worker(folder: Path, tiny: Tiny) -> None:
    right = checked(folder, REFERENCE)
    assert right.points == right.max_points > 0 and not right.problem
    wrong = checked(folder, mutated((" + self.bias[:, None, None]", "")), "scale")
    assert wrong.points < wrong.max_points and "The bias is not added." in repr(wrong)
    same = tiny.judge("scale", mutated((" + self.bias[:, None, None]", "")))
    assert [c.verdict for c in wrong.results[0].checks] == [c.verdict for c in same.checks]


def test_a_finding_names_the_input_and_the_line_of_the_cell(folder: Path) -> None:
    shown = repr(checked(folder, mutated(("return 2.0 * number", "return 2.0 * numbr")), "doubling"))
    line = next(n for n, text in enumerate(REFERENCE.splitlines(), 1) if "return 2.0 * number" in text)
    assert f"In [3], line {line}" in shown and "NameError" in shown


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n        try: number + 1\n        except: pass",
        "while True:\n        try:\n            while True: pass\n        except BaseException:\n            continue",
        "import time\n    time.sleep(60)",
        "import signal\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    while True: pass",
    ],
    ids=["plain", "bare except", "nested", "sleeping", "without an alarm"],
)
def test_an_endless_loop_is_ended_and_the_kernel_goes_on(folder: Path, body: str) -> None:
    result = checked(folder, REFERENCE.replace("return 2.0 * number", body), "doubling")
    assert "timeout" in repr(result) and not result.points
    assert checked(folder, REFERENCE, "doubling").results[0].verdict == "pass"


@pytest.mark.parametrize(
    "body",
    [
        "raise SystemExit",
        "import os; os._exit(3)",
        "exit()",
        "input('?')",
        "os.abort()",
        "raise KeyError(number)",
        "f = lambda: f(); f()",
        "import signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_nothing_that_code_does_ends_the_kernel(folder: Path, body: str) -> None:
    source = "import os\n" + REFERENCE.replace("return 2.0 * number", body)
    assert checked(folder, source, "doubling").points <= 1
    assert os._exit.__module__ in ("posix", "nt") and not signal.getitimer(signal.ITIMER_REAL)[0]


def test_the_event_loop_of_the_kernel_goes_on(folder: Path) -> None:
    async def in_a_loop() -> float:
        body = "import asyncio; asyncio.get_running_loop().stop(); return 2.0 * number"
        points = checked(folder, REFERENCE.replace("return 2.0 * number", body), "doubling").points
        await asyncio.sleep(0)
        assert not {"stop", "close"} & set(vars(asyncio.get_running_loop()))
        return points

    assert asyncio.run(in_a_loop()) > 0


def test_an_interrupt_ends_the_check_and_is_told_and_what_is_finished_stays(folder: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    body = "import _thread\n    _thread.interrupt_main()\n    while True:\n        try: pass\n        except: pass"
    result = checked(folder, REFERENCE.replace("return 2.0 * number", body), "scale", "doubling")
    assert "was interrupted" in result.problem and [one.exercise for one in result.results] == ["scale"]
    assert signal.getsignal(signal.SIGINT) is before and "was interrupted" in result._repr_html_()


def test_in_another_thread_the_limit_holds_too(folder: Path) -> None:
    found: list[Checked] = []
    source = REFERENCE.replace("return 2.0 * number", "while True: pass")
    thread = threading.Thread(target=lambda: found.append(checked(folder, source, "doubling")))
    thread.start()
    thread.join(60)
    assert found and "timeout" in repr(found[0])


def test_the_limit_spares_what_is_done_in_time() -> None:
    with TimeLimit(5.0, 5.0) as limit:
        assert sum(range(1000)) == 499500
    assert not limit.expired
    with pytest.raises(TimeUp), TimeLimit(0.05, 0.2):
        while True:
            pass


def test_the_chance_of_the_kernel_is_not_touched(folder: Path) -> None:
    random.seed(1)
    np.random.seed(1)
    first = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    checked(folder, REFERENCE)
    assert (random.random(), np.random.random()) == first


def test_what_is_not_there_is_told_in_one_sentence(folder: Path, tmp_path: Path) -> None:
    assert "is not defined: run its cell first" in repr(checked(folder, "x = 1", "scale"))
    assert "There is no exercise 'skale'" in checked(folder, REFERENCE, "skale").problem
    lost = check_namespace((), {}, tmp_path)
    assert "is not inside a course folder" in lost.problem and "course folder" in lost._repr_html_()


class Tags(HTMLParser):
    """Tags that are open and not closed, and those that were seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        if tag not in ("br", "meta", "rect") or tag == "rect":
            self.open += [tag] if tag != "br" else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_well_formed_and_escapes_what_students_write(folder: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    source = REFERENCE.replace("return 2.0 * number", f"raise ValueError({evil!r})")
    shown = checked(folder, source)._repr_html_()
    tags = Tags()
    tags.feed(shown)
    assert not tags.open and not {"script", "img", "style"} & tags.seen
    assert "&lt;script&gt;" in shown and "advisory" not in shown and "what counts is the grading" in shown


def test_arrays_stand_side_by_side_with_marks_and_a_map_where_the_error_has_a_place(folder: Path) -> None:
    source = mutated(
        ("return self.input_tensor * ", "self.input_tensor[..., 0] += 9\n        return self.input_tensor * ")
    )
    shown = checked(folder, source, "scale")._repr_html_()
    assert "you return" in shown and "expected" in shown and re.search(r"[\d.]+\*</td>", shown)
    got, right = (
        Shown("", (1, 1, 2, 2), "float64", values) for values in ((0.0, 5.0, 1.0, 1.0), (0.0, 1.0, 1.0, "nan"))
    )
    drawn = heat_map(Evidence(got=got, expected=right, differs=(1, 3)))
    assert drawn.count("<rect") == 4 and "row 0, column 1: 4" in drawn and "row 1, column 1: inf" in drawn
    assert not heat_map(Evidence(got=Shown("", (3,), "float64", (1.0, 2.0, 3.0)), expected=got))


def test_check_finds_the_names_of_its_caller(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "notebooks")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(REFERENCE + "\nfrom grader import check\nresult = check('scale', 'tiny.py')", namespace)
    assert namespace["result"].points == namespace["result"].max_points > 10


def test_of_many_images_those_that_differ_are_shown(folder: Path) -> None:
    value = Shown("", (2, 4, 1, 2), "float64", tuple(float(n) for n in range(16)))
    shown = array("you return", value, differs=(13,), colour="#f00")
    assert "13*" in shown and "[1, 2]" in shown and "…" in shown and shown.count("<table") == 4
    assert array("input", value).count("<table") == 4 and "[0, 0]" in array("input", value)


def test_an_error_in_another_cell_or_file_is_told_with_its_place(folder: Path, tmp_path: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    helper = "def helper(number):\n    return numbr * 2"
    exec(compile(helper, "<ipython-input-2-00>", "exec"), namespace)
    source = REFERENCE.replace("return 2.0 * number", "return helper(number)")
    exec(compile(source, "<ipython-input-3-00>", "exec"), namespace)
    shown = repr(check_namespace(["doubling"], namespace, folder))
    assert "raises NameError at line 2 of In [2]" in shown and "In [2], line 2" in shown and "Does" not in shown
    (folder / "own.py").write_text(helper)
    exec(compile(helper, str(folder / "own.py"), "exec"), namespace)
    shown = repr(check_namespace(["doubling"], namespace, folder))
    assert "raises NameError in own.py, line 2" in shown and "Does own.py pass its own checks?" in shown


def test_imports_find_what_was_written_in_another_notebook(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = mutated(("return 2.0 * number", "return 2.0 * numbr"))
    (folder / "tiny.py").write_text(skeleton(REFERENCE))
    (folder / "notebooks" / "tiny.ipynb").write_bytes(notebook(["# %%", *statements(wrong)]))
    monkeypatch.chdir(folder / "notebooks")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.delitem(sys.modules, "tiny")
    try:
        import_notebooks()
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec("from tiny import Scale, double", namespace)
        shown = repr(check_namespace(["scale", "doubling"], namespace, folder))
    finally:
        sys.modules.pop("tiny", None)
        (folder / "tiny.py").unlink()
        (folder / "notebooks" / "tiny.ipynb").unlink()
    cell = next(n for n, text in enumerate(statements(wrong), 2) if "numbr" in text)
    assert f"notebooks/tiny.ipynb, cell {cell}, line 5: return 2.0 * numbr" in shown


def test_outside_of_a_course_imports_are_left_alone(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    before = list(sys.meta_path)
    import_notebooks()
    assert sys.meta_path == before and "is not inside a course folder" in capsys.readouterr().out


def test_streams_that_a_submission_has_kept_stay_silent_while_it_is_checked() -> None:
    """A handler of `logging` holds the kernel's own standard error, for which nbgrader would give 0 points."""
    kept = io.StringIO()

    class Stream:
        def write(self, text: str) -> int:
            return kept.write(text)

    stream = Stream()
    with silent(stream):
        stream.write("noise")
    stream.write("heard")
    assert kept.getvalue() == "heard" and not vars(stream)
