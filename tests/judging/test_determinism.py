"""Code that answers differently when it is asked the same again is told so, and nobody else is."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from tiny import REFERENCE, Tiny, check_of, first_code, mutated, verdicts
from traces import trace_of

from grader.judging import determinism
from grader.judging.determinism import alike, differing, repeats, suspicious
from grader.keeping.batch import Batch as GradeBatch
from grader.keeping.batch import Setup
from grader.keeping.store import Store
from grader.report import ExerciseResult, Isolation
from grader.running.submission import SourceFile, Submission
from grader.running.workers import Launcher
from grader.worker.probe import Raised
from grader.worker.repeatable import MARK
from grader.workspace import open_workspace

FORWARD = "return self.input_tensor * self.weights[:, None, None] + self.bias[:, None, None]"
BUILDING_ON_FORWARD = {
    *("forward", "call order and purity", "integer input", "optimizer", "gradient of the old weights"),
}


def scale(extra: str = "", top: str = "", forward: str = "") -> str:
    """The reference with something added to what forward returns, and to the top of the file."""
    text = mutated((FORWARD, forward or f"{FORWARD} + ({extra})"))
    return text.replace("import copy\n", f"import copy\n{top}\n", 1)


LUCKY = {
    "clock": scale("time.time() % 2 < 1", "import time"),
    "clock, by name": scale("now() % 2 < 1", "from time import perf_counter as now"),
    "calendar": scale("datetime.datetime.now().second % 2", "import datetime"),
    "clock at import": scale("START % 2 < 1", "import time\nSTART = time.time()"),
    "seed from the clock": scale(
        "RNG.random()", "import time, numpy as np\nRNG = np.random.default_rng(time.time_ns())"
    ),
    "address": scale("id(self) // 16 % 3"),
    "hash of an object": scale("hash(self) % 5"),
    "unwritten": scale(
        forward="out = np.ndarray(self.input_tensor.shape); "
        "out += self.input_tensor * self.weights[:, None, None] + self.bias[:, None, None]; return out"
    ),
}


@pytest.mark.parametrize("name", LUCKY)
def test_luck_is_found_told_and_earns_nothing(tiny: Tiny, name: str) -> None:
    result = tiny.judge("scale", LUCKY[name])
    assert {check for check, verdict in verdicts(result).items() if verdict == "nondeterministic"} == (
        BUILDING_ON_FORWARD
    )
    assert sum(check_of(result, check).points for check in BUILDING_ON_FORWARD) == 0
    forward = check_of(result, "forward").findings[0]
    assert forward.sentence == "Two runs with the same inputs give different results."
    assert "clock" in forward.hint
    assert verdicts(result)["shapes"] == "pass", "all runs agree about the shapes"


def test_luck_is_found_by_plain_workers_too(tiny: Tiny, plain_workers: Launcher) -> None:
    first = tiny.judge("scale", LUCKY["clock at import"])
    second = tiny.judge("scale", LUCKY["clock at import"], launcher=plain_workers)
    assert first.checks == second.checks


def test_a_wrong_shape_by_luck_costs_the_shapes(tiny: Tiny) -> None:
    text = scale(top="import time", forward=f"return ({FORWARD[7:]})[: 2 - int(time.time()) % 2]")
    assert verdicts(tiny.judge("scale", text))["shapes"] == "nondeterministic"


def test_random_draws_from_the_clock_are_found(tiny: Tiny) -> None:
    text = mutated(("np.random.normal(0.0", "np.random.default_rng(time.time_ns()).normal(0.0"))
    text = text.replace("import copy", "import copy, time", 1)
    assert verdicts(tiny.judge("noise", text)) == {"distribution": "nondeterministic"}


STEADY = {
    "the reference": REFERENCE,
    "measures its time": scale("0 * time.perf_counter()", "import time"),
    "fills what np.empty gives": scale(
        forward="out = np.empty(self.input_tensor.shape); "
        "out[...] = self.input_tensor * self.weights[:, None, None] + self.bias[:, None, None]; return out"
    ),
    "a generator of the module, not used": scale(
        "0 * RNG.random()", "import numpy as np\nRNG = np.random.default_rng()"
    ),
    "a count that does not show": scale("0 * next(COUNT)", "import itertools\nCOUNT = itertools.count()"),
    "a cache by id": scale("0 * CACHE.setdefault(id(self), 1)", "CACHE = {}"),
    "rounding by address": scale("1e-14 * (id(self) // 16 % 3)"),
    "prints the time": scale(forward=f"print(time.time(), id(self)); {FORWARD}", top="import time"),
}


@pytest.mark.parametrize("name", STEADY)
def test_right_work_passes(tiny: Tiny, name: str) -> None:
    result = tiny.judge("scale", STEADY[name])
    assert set(verdicts(result).values()) == {"pass"}


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (scale("RNG.random()", "import numpy as np\nRNG = np.random.default_rng()"), "forward"),
        (scale("next(COUNT)", "import itertools\nCOUNT = itertools.count()"), "forward"),
        (scale("int.from_bytes(os.urandom(1)) % 2", "import os"), "forward"),
    ],
    ids=["generator of the module", "counter", "entropy"],
)
def test_state_that_is_kept_is_wrong_but_no_luck(tiny: Tiny, text: str, check: str) -> None:
    """The probes come in the same order in every run, so the same state meets the same probe."""
    first, second = tiny.judge("scale", text), tiny.judge("scale", text)
    assert "nondeterministic" not in verdicts(first).values()
    assert verdicts(first)[check] != "pass"
    assert first.checks == second.checks


def test_state_kept_by_another_exercise_of_the_file_is_no_luck(tiny: Tiny) -> None:
    """A worker judges one exercise after the other; the fresh ones judge only one."""
    text = REFERENCE.replace("np.random.normal(0.0, self.deviation", "RNG.normal(0.0, self.deviation")
    text = text.replace("LARGEST = 1000.0", "LARGEST = 1000.0\nRNG = np.random.default_rng()")
    assert verdicts(tiny.judge("noise", text)) == {"distribution": "pass"}


def test_the_garbage_of_np_empty_fails_in_every_run_and_is_named(tiny: Tiny, plain_workers: Launcher) -> None:
    text = scale(
        forward="out = np.empty(self.input_tensor.shape); "
        "out += self.input_tensor * self.weights[:, None, None] + self.bias[:, None, None]; return out"
    )
    first, second = tiny.judge("scale", text), tiny.judge("scale", text, launcher=plain_workers)
    assert first.checks == second.checks
    assert verdicts(first)["forward"] == "fail"
    assert first_code(first, "forward") == "unwritten"
    assert "np.empty" in check_of(first, "forward").findings[0].sentence


def test_an_end_in_one_probe_hides_no_luck_in_the_others(tiny: Tiny) -> None:
    dies = ("input_gradient = error_tensor", "__import__('os')._exit(1) if error_tensor.size == 6 else 0\n        ")
    text = LUCKY["clock"].replace(dies[0], dies[1] + dies[0], 1)
    result = tiny.judge("scale", text)
    assert verdicts(result)["forward"] == "nondeterministic"
    assert verdicts(result)["input gradient"] in ("partial", "crash")


def test_an_end_by_luck_is_not_called_luck(tiny: Tiny) -> None:
    """Under load a probe may run out of time in one run and not in another."""
    dies = ("input_gradient = error_tensor", "__import__('os')._exit(1) if time.time() % 2 < 1 else 0\n        ")
    text = REFERENCE.replace("import copy", "import copy, time", 1).replace(dies[0], dies[1] + dies[0], 1)
    assert "nondeterministic" not in verdicts(tiny.judge("scale", text)).values()


def test_repeating_costs_the_next_exercise_nothing(tiny: Tiny) -> None:
    """Deaths of repeated probes are not counted."""
    text = scale("0 * (os._exit(1) if next(COUNT) > 400 else 0)", "import itertools, os\nCOUNT = itertools.count()")
    assert verdicts(tiny.judge("scale", text))["forward"] == "pass"


def results(
    root: Path, out: Path, submissions: Sequence[Submission], jobs: int
) -> dict[str, dict[str, ExerciseResult]]:
    """Everything but the time that it took, by submission and exercise."""
    workspace = open_workspace(root / "exercises" / "course.toml")
    setup = Setup(workspace.course, workspace.hidden, Isolation(0))
    store = Store(out / f"{jobs}.db")
    try:
        return {
            one.report.submission: {
                result.exercise: msgspec.structs.replace(result, cpu_seconds=0.0) for result in one.report.exercises
            }
            for one in GradeBatch(setup, store, jobs).run(submissions)
        }
    finally:
        store.close()


def test_verdicts_are_the_same_with_one_or_two_jobs_and_in_any_order(tiny_course: Path, tmp_path: Path) -> None:
    texts = {
        "right": REFERENCE,
        "clock": LUCKY["clock at import"],
        "kept": scale("RNG.random()", "import numpy as np\nRNG = np.random.default_rng()"),
        "refused": scale("open('x')"),
        "empty": scale("np.empty(1)"),
    }
    handed_in = [Submission(name, (SourceFile("tiny.py", text.encode()),)) for name, text in texts.items()]
    first = results(tiny_course, tmp_path, handed_in, 1)
    assert results(tiny_course, tmp_path, handed_in[::-1], 2) == first
    forward = {name: check_of(one["scale"], "forward") for name, one in first.items()}
    assert {name: check.verdict for name, check in forward.items()} == {
        "right": "pass",
        "clock": "nondeterministic",
        "kept": "fail",
        "refused": "fail",
        "empty": "fail",
    }
    assert forward["empty"].findings[0].code == "unwritten"
    assert "files are not available while grading: open('x')" in str(forward["refused"].findings)


def test_few_probes_are_repeated(tiny: Tiny) -> None:
    for exercise in ("scale", "peak", "noise"):
        bundle = tiny.bundle(exercise)
        chosen, count = repeats(bundle), sum(len(plan.probes) for plan in bundle.plans)
        assert 1 <= len(chosen) <= max(1, count // 20)
        assert max(chosen) < count


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import time", True),
        ("    from datetime import datetime as d", True),
        ("import os, time", True),
        ("x = id(self)", True),
        ("x = np.ndarray((3, 3))", True),
        ("os.getpid()", True),
        ("import numpy as np  # the first time", False),
        ("# this is done many times, import it later", False),
        ("def grid(x): return void(x)", False),
        ("isinstance(x, np.ndarray)", False),
        ("from scipy import signal", False),
    ],
)
def test_only_files_that_mention_clocks_or_addresses_are_run_twice(line: str, expected: bool) -> None:
    assert suspicious({"a.py": b"import b", "b.py": line.encode(), "c.py": b""}, "a.py") is expected
    assert not suspicious({"a.py": b"pass", "b.py": line.encode()}, "a.py")


def test_a_thousand_files_that_name_each_other_are_each_read_once_for_all_exercises(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = list[bytes]()

    class Counted:
        def __getattr__(self, name: str) -> Any:
            return getattr(re, name)

        def findall(self, pattern: bytes, text: bytes) -> list[bytes]:
            read.append(text)
            return re.findall(pattern, text)

    monkeypatch.setattr(determinism, "re", Counted())
    names = " ".join(f"m{number}" for number in range(1000))
    files = {f"m{number}.py": f"# {number} {names}".encode() for number in range(1000)}
    assert not suspicious(files, "m0.py") and not suspicious(files, "m1.py") and not suspicious(dict(files), "m2.py")
    assert len(read) == len(set(read)) == 1000
    assert suspicious(files | {"m7.py": b"import time"}, "m0.py")
    assert not suspicious(files, "m0.py")


def test_the_texts_of_a_submission_are_not_kept() -> None:
    text = b"import b  # " + b"x" * 100_000
    suspicious({"a.py": text, "b.py": b""}, "a.py")
    assert sys.getrefcount(text) == 2  # the variable and the argument


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.py": b"import b", "b.py": b"import c", "c.py": b"import time"}, True),
        ({"a.py": b"import b", "b.py": b"import a", "c.py": b"import time"}, False),
        ({"a.py": b"pass", "p/__init__.py": b"import time"}, True),
        ({"a.py": b"import B", "x/b.py": b"pass", "y/B.py": b"import time"}, True),
        ({"a.py": b"import b", "b.py": b"exec ('')", "c.py": b"import time"}, True),
        ({"a.py": b"from importlib import import_module", "c.py": b"import time"}, True),
    ],
)
def test_files_are_followed_to_all_that_they_may_import(files: dict[str, bytes], expected: bool) -> None:
    assert suspicious(files, "a.py") is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (np.ones(3), np.ones(3) + 1e-9, True),
        (np.ones(3), np.ones(3) + 1e-3, False),
        (np.array([1e9, 1.0]), np.array([1e9, 2.0]), True),
        (np.array([np.nan, 1]), np.array([np.nan, 1]), True),
        (np.array([np.nan, 1]), np.array([1, np.nan]), False),
        (np.array([np.inf, 1]), np.array([np.inf, 1]), True),
        (np.array([np.inf, 1]), np.array([-np.inf, 1]), False),
        (np.ones(3), np.ones(4), False),
        (np.ones(3), np.ones(3, np.float32), False),
        (np.array([MARK, 1]), np.array([5.0, 1]), True),
        (np.zeros((0, 2)), np.zeros((0, 2)), True),
        (np.array([1 + 1j]), np.array([1 - 1j]), False),
        (1.0, 1.0 + 1e-12, True),
        (3, 4, False),
        ([1.0, "a"], [1.0, "a"], True),
        ([1.0, "a"], [1.0, "b"], False),
        ([1], [1, 2], False),
        (None, None, True),
        (None, 1.0, False),
    ],
)
def test_values_are_alike_but_for_rounding(one: Any, other: Any, expected: bool) -> None:
    assert alike(one, other) is expected


def test_exceptions_differ_by_their_kind_and_not_by_their_text() -> None:
    bases = ("ValueError", "Exception")
    raised = Raised("ValueError", "at 0x7f01", bases)
    assert differing(trace_of([raised]), trace_of([Raised("ValueError", "at 0x7f99", bases)])) == {}
    assert differing(trace_of([raised]), trace_of([Raised("KeyError", "", ("KeyError", "Exception"))])) == {0: True}
    assert differing(trace_of([1.0, 2.0]), trace_of([1.0, raised])) == {1: True}
    assert differing(trace_of([1.0]), trace_of([2.0])) == {0: False}
    assert differing(trace_of([1.0], death="crash"), trace_of([2.0])) == {}
