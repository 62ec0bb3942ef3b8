"""Chance, clocks and unwritten memory: the same in every run, or different on purpose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.judging.checks.distribution import unlike
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source
from grader.running.workers import Launcher
from grader.worker.limits import Limits
from grader.worker.probe import Use
from grader.worker.repeatable import MARK, unwritten

HEADER = "import copy, datetime, os, pickle, random, secrets, time, uuid\nimport numpy as np\n"
UNSEEDED = {
    "legacy": "float(np.random.rand())",
    "seeded with nothing": "(np.random.seed(), float(np.random.rand()))[1]",
    "random": "random.random()",
    "random, seeded with nothing": "(random.seed(), random.random())[1]",
    "default_rng": "float(np.random.default_rng().random())",
    **{
        name: f"float(np.random.Generator(np.random.{name}()).random())"
        for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
    },
    "SeedSequence": "float(np.random.default_rng(np.random.SeedSequence()).random())",
    "RandomState": "float(np.random.RandomState().rand())",
    "Random": "random.Random().random()",
    "SystemRandom": "random.SystemRandom().random()",
    "urandom": "os.urandom(5).hex()",
    "getrandom": "os.getrandom(5).hex()",
    "secrets": "secrets.token_hex(5)",
    "uuid4": "str(uuid.uuid4())",
    "hash of text": "hash('text') % 1000",
}


def values(
    launcher: Launcher, line: str, seeds: tuple[int, ...] = (0,), disturbance: int = 0, top: str = ""
) -> list[Any]:
    """What a line gives in one worker, probe after probe."""
    source = Source({"tiny.py": f"{HEADER}{top}\ndef f():\n    return {line}\n".encode()}, "tiny.py", {}, ("numpy",))
    probes = [Probe((Use("f", report=True),), {}, {"result": 0}, seed) for seed in seeds]
    with Session(launcher, source, Limits(), disturbance=disturbance) as session:
        traces: list[Trace] = session.run(Batch(probes))
    return [trace.values[0] for trace in traces]


@pytest.mark.parametrize("name", UNSEEDED)
def test_what_is_drawn_without_a_seed_depends_on_the_probe_alone(workers: Launcher, name: str) -> None:
    line = UNSEEDED[name]
    first = values(workers, line, (5, 6, 5))
    assert first[0] == first[2], "what ran before does not matter"
    assert first[0] != first[1] or name == "hash of text"
    assert values(workers, line, (6, 5), disturbance=2) == first[1::-1]


SPOKEN = {
    "NumPy's alone": {"tiny.py": "import numpy as np\ndef f(): return float(np.random.normal())"},
    "Python's alone": {"tiny.py": "from random import random\ndef f(): return random()"},
    "of a file that is imported late": {
        "tiny.py": "def f():\n    from other import g\n    return g()",
        "other.py": "import numpy as np, random\ndef g(): return float(np.random.rand()) + random.gauss(0, 1)",
    },
}


@pytest.mark.parametrize("name", SPOKEN)
def test_a_generator_begins_anew_with_each_probe_once_a_file_speaks_of_it(workers: Launcher, name: str) -> None:
    source = Source({path: text.encode() for path, text in SPOKEN[name].items()}, "tiny.py", {}, ("numpy",))
    probes = [Probe((Use("f", report=True),), {}, {"result": 0}, seed) for seed in (5, 6, 5, 6)]
    with Session(workers, source, Limits()) as session:
        drawn = [trace.values[0] for trace in session.run(Batch(probes))]
    assert drawn[:2] == drawn[2:]
    assert drawn[0] != drawn[1]


def test_both_launchers_draw_the_same(workers: Launcher, plain_workers: Launcher) -> None:
    everything = f"[{', '.join(UNSEEDED.values())}]"
    assert values(workers, everything) == values(plain_workers, everything)


def test_generators_made_one_after_the_other_differ_and_are_what_they_were(workers: Launcher) -> None:
    drawn = values(workers, "[float(np.random.default_rng().random()) for _ in range(200)]")[0]
    assert len(set(drawn)) == 200
    (checks,) = values(
        workers,
        "[isinstance(random.Random(), random.Random), isinstance(np.random.PCG64(), np.random.BitGenerator), "
        "pickle.loads(pickle.dumps(np.random.default_rng())).random() < 1, "
        "copy.deepcopy(random.Random()).random() < 1, "
        "np.random.default_rng(3).random() == np.random.Generator(np.random.PCG64(3)).random(), "
        "random.Random(3).random() == random.Random(3).random(), random.Random('x').random() < 1, "
        "pickle.loads(pickle.dumps(np.empty)) is np.empty]",
    )
    assert checks == [True] * 8


@pytest.mark.parametrize(
    "line", ["np.random.Generator(np.random.PCG64()).normal(size=20000)", "np.random.RandomState().randn(20000)"]
)
def test_draws_are_statistically_right(workers: Launcher, line: str) -> None:
    for drawn in values(workers, line, (1, 2, 3)):
        assert unlike(np.asarray(drawn), {"family": "normal", "mean": 0.0, "deviation": 1.0}) is None


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("np.empty(3)", True),
        ("np.empty((2, 2), np.float32)", True),
        ("np.empty(3, dtype=int)", True),
        ("np.empty(4, dtype='uint16')", True),
        ("np.empty_like(np.zeros((2, 2)))", True),
        ("np.empty_like([1, 2])", True),
        ("np.empty(shape=3, order='F', like=np.ones(2)) + 1", True),
        ("np.empty(3) @ np.ones(3)", True),
        ("np.empty(3, np.float32).astype(float).sum()", True),
        ("float(np.empty(3).astype(np.float32)[0])", True),
        ("np.nan * np.ones(3)", False),
        ("np.zeros(3) / np.zeros(3)", False),
        ("np.full(3, 7)", False),
        ("np.zeros_like(np.empty(3))", False),
    ],
)
def test_unwritten_memory_shows(workers: Launcher, line: str, marked: bool) -> None:
    with_warnings = f"(np.seterr(all='ignore'), {line})[1]"
    assert unwritten(np.asarray(values(workers, with_warnings)[0])) is marked


def test_the_mark_is_a_nan_of_its_own() -> None:
    assert np.isnan(MARK)
    assert unwritten(np.array([0.0, MARK]))
    assert not unwritten(np.array([np.nan, -np.nan, np.inf]))
    assert not unwritten(np.array(["text"]))


def test_empty_keeps_subclasses_objects_and_errors(workers: Launcher) -> None:
    line = "[type(np.empty_like(np.ma.ones(2))).__name__, np.empty(2, object)[0], np.empty(0).size, np.empty.__name__]"
    assert values(workers, line)[0] == ["MaskedArray", None, 0, "empty"]


@pytest.mark.parametrize(
    "clock",
    [
        "time.time()",
        "time.perf_counter()",
        "time.monotonic()",
        "time.time_ns() / 1e9",
        "datetime.datetime.now().timestamp()",
        "datetime.datetime.utcnow().timestamp()",
        "datetime.datetime.today().timestamp()",
        "time.mktime(time.localtime())",
    ],
)
def test_clocks_are_true_at_first_and_shifted_in_other_runs(workers: Launcher, clock: str) -> None:
    """True time would let two runs that follow each other see the same second."""
    first, one, two = (values(workers, clock, disturbance=number)[0] for number in range(3))
    assert abs(one - first) > 3600
    assert int(two - one) == pytest.approx(90_061, abs=1)
    assert values(workers, "time.time()")[0] == pytest.approx(values(workers, "time.time()")[0], abs=100)


def test_clocks_go_on_within_a_disturbed_probe(workers: Launcher) -> None:
    top = "def wait():\n    start = time.perf_counter()\n    time.sleep(0.01)\n    return time.perf_counter() - start\n"
    assert 0.009 < values(workers, "wait()", disturbance=1, top=top)[0] < 100


def test_datetimes_stay_datetimes(workers: Launcher) -> None:
    line = (
        "[isinstance(datetime.datetime.now(), datetime.datetime), isinstance(3, datetime.datetime), "
        "str(datetime.datetime(2020, 1, 1) + datetime.timedelta(1)), datetime.datetime.strptime('7', '%d').day, "
        "str(datetime.datetime.now(datetime.timezone.utc).tzinfo)]"
    )
    assert values(workers, line)[0] == [True, False, "2020-01-02 00:00:00", 7, "UTC"]
