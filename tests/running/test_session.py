"""A student's file under judgement: whatever it does costs its own points only, and nothing of the judge's."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from tiny import REFERENCE, Tiny, mutated, verdicts

from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source
from grader.running.workers import Launcher
from grader.worker.limits import Limits
from grader.worker.probe import Data, Opaque, Raised, Returned, Use

QUICK = Limits(cpu_seconds=0.4, wall_seconds=3.0)


@pytest.fixture(scope="module", params=["fork", "subprocess"])
def launcher(request: pytest.FixtureRequest) -> Launcher:
    name = "workers" if request.param == "fork" else "plain_workers"
    started: Launcher = request.getfixturevalue(name)
    if started.kind != request.param:
        pytest.skip("there is no fork here")
    return started


def probes(count: int, size: int = 1) -> list[Probe]:
    """`f(x)` for x = 0, 1, 2 ..."""
    steps = (Use("f", (Data("x"),), report=True),)
    return [Probe(steps, {"x": np.full(size, float(n))}, {"result": 0}, n) for n in range(count)]


def session(launcher: Launcher, text: str, limits: Limits = QUICK, **names: str) -> Session:
    source = Source({"tiny.py": ("import numpy as np\n" + text).encode()}, "tiny.py", names, ("numpy",))
    return Session(launcher, source, limits)


def results(launcher: Launcher, text: str, count: int = 4, limits: Limits = QUICK) -> list[Trace]:
    with session(launcher, text, limits) as running:
        return running.run(Batch(probes(count)))


def deaths(traces: Sequence[Trace]) -> list[str]:
    return [trace.death for trace in traces]


def good_is_good(launcher: Launcher) -> None:
    """The next submission is graded as if nothing had been."""
    traces = results(launcher, "def f(x):\n    return x + 1\n")
    assert [t.values[0].tolist() for t in traces] == [[1], [2], [3], [4]]


def body(lines: str) -> str:
    """`f` that does something for x = 1, and doubles else."""
    indented = "\n".join("        " + line for line in lines.splitlines())
    return f"def f(x):\n    if x[0] == 1:\n{indented}\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("lines", "death"),
    [
        ("import os; os._exit(0)", "crash"),
        ("import os; os.abort()", "crash"),
        ("np.lib.stride_tricks.as_strided(x, (9,), (1 << 40,)).sum()", "crash"),
        ("while True: pass", "timeout"),
    ],
    ids=["exit", "abort", "segfault", "endless"],
)
def test_an_end_at_one_probe_leaves_the_others_judged(launcher: Launcher, lines: str, death: str) -> None:
    traces = results(launcher, body(lines))
    assert deaths(traces) == ["", death, "", ""]
    assert [t.values[0].tolist() for t in traces if not t.death] == [[0], [4], [6]]
    good_is_good(launcher)


def test_a_sleeper_is_ended_by_the_wall_clock(launcher: Launcher) -> None:
    traces = results(launcher, body("import time; time.sleep(60)"), limits=Limits(cpu_seconds=0.4, wall_seconds=0.5))
    assert deaths(traces) == ["", "timeout", "", ""]


def test_after_too_many_deaths_the_rest_is_skipped(launcher: Launcher) -> None:
    text = "import os\ndef f(x):\n    if x[0]:\n        os._exit(1)\n    return x\n"
    traces = results(launcher, text, 8, Limits(cpu_seconds=0.4, deaths=2))
    assert deaths(traces) == ["", "crash", "crash", *["skipped"] * 5]


@pytest.mark.parametrize(
    "lines",
    ["raise SystemExit(0)", "exit()", "raise KeyboardInterrupt", "f(x)", "raise MemoryError"],
)
def test_ends_that_are_exceptions_are_outcomes_of_a_living_worker(launcher: Launcher, lines: str) -> None:
    traces = results(launcher, body(lines))
    assert deaths(traces) == [""] * 4
    assert isinstance(traces[1].outcomes[0], Raised)


def test_a_memory_hog_gets_an_error_and_the_judge_stays_small(launcher: Launcher) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = body("hog = []\nwhile True: hog.append(np.ones(1 << 20))")
    traces = results(launcher, text, limits=Limits(cpu_seconds=5.0, memory_bytes=400 << 20))
    assert traces[1].death or isinstance(traces[1].outcomes[0], Raised)
    assert deaths(traces)[2:] == ["", ""]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10
    good_is_good(launcher)


def test_gigabyte_results_are_described_and_not_sent(launcher: Launcher) -> None:
    traces = results(launcher, "def f(x):\n    return np.broadcast_to(x, (1 << 20, 1 << 10))\n", 2)
    assert all(isinstance(trace.values[0], Opaque) for trace in traces)


def test_the_judge_holds_no_more_of_many_large_results_than_a_few_limits(launcher: Launcher) -> None:
    limits = Limits(cpu_seconds=2.0, reply_bytes=1 << 20, deaths=2)
    traces = results(launcher, "def f(x):\n    return np.ones(120_000)\n", 8, limits)
    assert deaths(traces)[:4] == [""] * 4
    assert "protocol error" in deaths(traces)
    assert deaths(traces)[-1] == "skipped"


def test_prints_go_nowhere_and_change_nothing(launcher: Launcher) -> None:
    text = "import sys, os\nprint('at import')\ndef f(x):\n"
    text += "    print('x' * 10_000_000); sys.stdout.write('y'); sys.stderr.write('z'); sys.__stdout__.write('no')\n"
    text += "    sys.stdout.flush(); os.write(1, b'CNNG' * 100); os.write(2, b'text'); print(sys.stdout.isatty())\n"
    text += "    return x\n"
    traces = results(launcher, text)
    assert [t.values[0].tolist() for t in traces] == [[0], [1], [2], [3]]
    assert traces[0].printed.endswith("x")
    assert all(len(trace.printed) <= 2000 for trace in traces)


IMPORTS = {
    "exit": ("import os\nos._exit(0)\n", "crash"),
    "endless": ("while True:\n    pass\n", "timeout"),
    "error": ("1 / 0\n", "exception"),
    "sys.exit": ("import sys\nsys.exit('bye')\n", "exit"),
    "input": ("name = input('name? ')\n", "input"),
}


@pytest.mark.parametrize("how", IMPORTS)
def test_a_file_that_cannot_be_imported_is_judged_by_its_definitions(launcher: Launcher, how: str) -> None:
    text, code = IMPORTS[how]
    with session(launcher, "def f(x):\n    return 2 * x\n" + text) as running:
        traces = running.run(Batch(probes(2)))
        assert running.problem is not None
        assert running.problem.code == code
        assert running.definitions_only
    assert [t.values[0].tolist() for t in traces] == [[0], [2]]


def test_a_program_that_keeps_each_limit_and_never_ends_is_stopped_and_keeps_what_it_has(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "import time\ndef f(x):\n    start = time.process_time()\n"
    slow += "    while time.process_time() < start + 0.1: pass\n    return 2 * x\n"
    monkeypatch.setattr("grader.running.session.WHOLE", 0.3)
    with session(launcher, slow, Limits(cpu_seconds=1.0)) as running:
        traces = running.run(Batch(probes(12)))
        assert 1 <= deaths(traces).count("") < 12
        assert traces[0].values[0].tolist() == [0]
        assert traces[-1].death == "skipped" and "too long together" in traces[-1].detail
        assert deaths(running.run(Batch(probes(2)))) == ["skipped", "skipped"], "nor is the next batch begun"


def test_a_file_that_is_no_python_is_told_once_and_not_tried_again(launcher: Launcher) -> None:
    with session(launcher, "def f(x:\n") as running:
        assert not running.load()
        assert running.problem is not None
        assert running.problem.code == "syntax"
        assert deaths(running.run(Batch(probes(2)))) == ["missing", "missing"]


def test_a_file_that_cannot_be_imported_a_second_time_is_not_tried_for_ever(launcher: Launcher) -> None:
    """An import that works once only, as one that draws lots; here by a file outside."""
    text = "import os, time\nif os.path.exists({0!r}):\n    while True: pass\n"
    text += "def f(x):\n    open({0!r}, 'w').close()\n    os._exit(1)\n"
    path = f"/tmp/once-{os.getpid()}-{time.monotonic_ns()}"
    try:
        start = time.monotonic()
        traces = results(launcher, text.format(path), 12, Limits(cpu_seconds=0.3, deaths=3))
        if deaths(traces)[0] == "":
            pytest.skip("files are refused here")
    finally:
        if os.path.exists(path):  # noqa: PTH110
            os.unlink(path)  # noqa: PTH108
    assert deaths(traces)[-1] == "skipped"
    assert time.monotonic() - start < 12


# A student's code that has found the worker's way to the judge and answers by itself. `say` writes raw bytes.
FORGER = """
import sys
def say(data):
    frame = sys._getframe()
    while frame:
        channel = getattr(frame.f_locals.get("self"), "channel", None)
        if channel is not None:
            return channel.write(data)
        frame = frame.f_back
    raise AssertionError("no way out")
def now():
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request"].id
def ran(id, probe, outcomes=({"t": "returned", "value": 1.0},), payload=b""):
    import struct
    wire = sys.modules["grader.worker.wire"]
    return wire.frame({"t": "ran", "id": id, "probe": probe, "outcomes": list(outcomes)}, payload)
"""
ARRAY = (
    "ran(now(), 1, ({{'t': 'returned', 'value': {{'t': 'buffer', 'dtype': '{}', 'shape': [{}], 'offset': 0}}}},), {})"
)
FORGERIES = {
    "garbage": "b'HTTP/1.1 200 OK' * 10",
    "wrong id": "ran(99, 1)",
    "wrong probe": "ran(now(), 2)",
    "too few outcomes": "ran(now(), 1, ())",
    "unknown step": "ran(now(), 1, ({'t': 'unreached', 'because': 5},))",
    "negative step": "ran(now(), 1, ({'t': 'unreached', 'because': -1},))",
    "array outside": ARRAY.format("float64", 9, "b''"),
    "object array": ARRAY.format("object", 1, "bytes(16)"),
    "shared arrays": "ran(now(), 1, ({'t': 'returned', 'value': {'t': 'listing', 'kind': 'list', 'items': "
    "[{'t': 'buffer', 'dtype': 'bool', 'shape': [1024], 'offset': 0}] * 1000}},), bytes(1024))",
    "huge claim": "b'CNNG' + b'\\xff' * 12",
    "no frame": "b'CNNG' + bytes(12) + b'not msgpack'",
    "an import": "sys.modules['grader.worker.wire'].frame({'t': 'loaded', 'id': 2})",
}


@pytest.mark.parametrize("how", FORGERIES)
def test_forged_replies_are_protocol_errors_and_the_rest_is_judged(launcher: Launcher, how: str) -> None:
    text = FORGER + body(f"say({FORGERIES[how]})\nreturn 2 * x")
    with session(launcher, text) as running:
        traces = running.run(Batch(probes(4)))
    assert deaths(traces) == ["", "protocol error", "", ""]
    assert [t.values[0].tolist() for t in traces if not t.death] == [[0], [4], [6]]
    good_is_good(launcher)


def test_a_forged_answer_is_only_an_answer(launcher: Launcher) -> None:
    traces = results(launcher, FORGER + body("say(ran(now(), 1))\nimport os; os._exit(0)"))
    assert traces[1].values == (1.0,)
    assert isinstance(traces[1].outcomes[0], Returned)
    assert deaths(traces)[3] == ""


def test_bytes_that_drip_for_ever_meet_the_deadline(launcher: Launcher) -> None:
    drip = "import struct\nsay(b'CNNG' + struct.pack('<IQ', 8 << 20, 0))\nwhile True: say(b'x')"
    start = time.monotonic()
    traces = results(launcher, FORGER + body(drip), 3)
    assert deaths(traces)[1] in ("timeout", "protocol error")
    assert time.monotonic() - start < 8
    good_is_good(launcher)


def test_a_forged_refusal_is_no_fault_of_the_graders(tiny: Tiny, launcher: Launcher) -> None:
    refuse = FORGER + "say(sys.modules['grader.worker.wire'].frame({'t': 'refused', 'id': 2, 'sentence': 'no'}))\n"
    result = tiny.judge("scale", REFERENCE + refuse, launcher=launcher)
    assert result.verdict != "grader fault"
    good_is_good(launcher)


UNGUARDED = "import sys\nsys.modules['grader.worker.guard']._enabled = False\n"


def seen(launcher: Launcher, expression: str) -> Any:
    """What an expression gives inside of a worker whose guard a student's code has got around."""
    text = f"{UNGUARDED}import os\ndef f(x):\n    return {expression}\n"
    (trace,) = results(launcher, text, 1)
    return trace.values[0] if isinstance(trace.outcomes[0], Returned) else trace.outcomes[0]


def test_the_workers_environment_holds_nothing_of_the_judges(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_SECRET", "the course secret itself")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    inside = seen(launcher, "sorted(os.environ)")
    assert {name for name in inside if not name.startswith("MALLOC_")} <= {
        *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"),
        *("MPLBACKEND", "LANG", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP"),
    }


def test_the_judges_modules_are_neither_loaded_nor_importable(launcher: Launcher) -> None:
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120
    path = seen(launcher, "list(sys.path)")
    assert root not in path
    assert "" not in path
    loaded = seen(launcher, "sorted(name for name in sys.modules if name.startswith('grader'))")
    assert {name.split(".")[1] for name in loaded if "." in name} == {"worker"}
    for name in ("grader.judging", "grader.bundle", "grader.worker.wire", "hypothesis", "exercises"):
        with session(launcher, f"import {name}\ndef f(x):\n    return {name}.__file__\n") as running:
            (trace,) = running.run(Batch(probes(1)))
            assert running.notes
        assert isinstance(trace.outcomes[0], Raised)


def test_standard_input_is_empty_and_no_descriptor_but_the_workers_own_is_open(launcher: Launcher) -> None:
    assert seen(launcher, "os.read(0, 1) == b''") is True
    assert seen(launcher, "len(os.listdir('/proc/self/fd'))") <= 8


def test_limits_are_set_inside(launcher: Launcher) -> None:
    assert seen(launcher, "__import__('resource').getrlimit(__import__('resource').RLIMIT_AS)[1]") == QUICK.memory_bytes
    assert seen(launcher, "open('/proc/self/status').read().count('NoNewPrivs:\\t1')") == 1


SUBMISSIONS = {
    "right": REFERENCE,
    "wrong": mutated((" + self.bias[:, None, None]", "")),
    "stub": mutated(("input_gradient = error_tensor * self.weights[:, None, None]", "raise NotImplementedError")),
    "exits": mutated(("input_gradient = error_tensor * self.weights[:, None, None]", "import os; os._exit(0)")),
    "no class": REFERENCE.replace("class Scale:", "class Skale:"),
    "no python": "class Scale(:\n",
    "leaves at import": REFERENCE + "import os\nos._exit(0)\n",
}


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_both_launchers_give_the_same_verdicts_and_points(
    tiny: Tiny, workers: Launcher, plain_workers: Launcher, kind: str
) -> None:
    first, second = (tiny.judge("scale", SUBMISSIONS[kind], launcher=used) for used in (workers, plain_workers))
    assert verdicts(first) == verdicts(second)
    assert first.points == second.points
    assert [c.findings for c in first.checks] == [c.findings for c in second.checks]


@pytest.mark.parametrize("how", ["SIGKILL", "SIGSTOP"])
def test_a_zygote_that_was_killed_or_stopped_is_started_again(
    workers: Launcher, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if workers.kind != "fork":
        pytest.skip("there is no zygote here")
    monkeypatch.setattr("grader.running.forks.PATIENCE", 2.0)
    kills = body(f"import os, signal; os.kill(os.getppid(), signal.{how})\nwhile True: pass")
    traces = results(workers, UNGUARDED + kills)
    assert deaths(traces)[0] == ""
    assert deaths(traces)[1] != ""
    assert deaths(traces)[2:] == ["", ""]
    good_is_good(workers)


def test_no_worker_hears_what_the_next_one_says(plain_workers: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are closed right after an answer: their pipes' numbers are used again at once."""

    def late(descriptor: int, size: int, read: Any = os.read) -> bytes:
        time.sleep(0.05)
        data: bytes = read(descriptor, size)
        return data

    monkeypatch.setattr("grader.running.workers.os.read", late)
    for _ in range(3):
        with session(plain_workers, "def f(x):\n    return x\n") as running:
            assert running.run(Batch(probes(1)))[0].values[0].tolist() == [0]
