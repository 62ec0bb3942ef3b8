"""Every case of every hidden bank for which PyTorch has the operation: the frozen values are PyTorch's, to 1e-12."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.freeze import Freezer
from grader.authoring.running import Reference
from grader.authoring.topics import read_topics
from grader.bundle import FrozenProbe
from grader.running.workers import launcher
from grader.worker import execute
from grader.worker.probe import Make, StandIn, WireProbe

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle
ROOT = Path(__file__).resolve().parents[2]
CLOSE = 1e-12
EXERCISES = [exercise for topic in read_topics(ROOT / "exercises") for exercise in topic.exercises]


@pytest.fixture(scope="module")
def bank():
    """A function from an exercise's name to its hidden bundle."""
    started = launcher(())
    reference = Reference(ROOT / "reference", started)
    topics = read_topics(ROOT / "exercises")
    yield lambda name: next(
        Freezer(topic._replace(misconceptions=()), exercise, reference, "hidden", b"oracle").freeze()
        for topic in topics
        for exercise in topic.exercises
        if exercise.name == name
    )
    started.close()


@pytest.fixture(scope="module")
def namespace():
    spec = importlib.util.spec_from_file_location("torch_layers", Path(__file__).with_name("torch_layers.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


class Here(execute.Stage):
    """Runs a frozen probe in this process."""

    def values(self) -> list[object]:
        self.arrays = {name: np.array(array) for name, array in self.probe.arrays}
        for number, step in enumerate(self.probe.steps):
            try:
                self.results.append(self._do(step))
            except Exception:
                self.failed.add(number)
                self.results.append(None)
        return self.results


def applies(frozen: FrozenProbe) -> bool:
    """Stand-ins are about use of other files, and illegal arguments about errors: PyTorch has neither."""
    stand_ins = any(isinstance(step, Make) and isinstance(step.value, StandIn) for step in frozen.probe.steps)
    return not stand_ins and not any(expected.raised for expected in frozen.expected.values())


@pytest.mark.parametrize("name", [exercise.name for exercise in EXERCISES])
def test_every_case_of_the_bank_is_what_pytorch_computes(name, bank, namespace, capsys):
    exercise = next(exercise for exercise in EXERCISES if exercise.name == name)
    if not set(exercise.symbols) <= set(namespace):
        pytest.skip("PyTorch has no such operation")
    compared = 0
    for plan in bank(name).plans:
        for frozen in plan.probes:
            if applies(frozen):
                compared += agree(name, plan.name, frozen, namespace)
    assert compared >= 20
    with capsys.disabled():
        print(f" {name}: {compared} values of the bank agree with PyTorch")


def agree(name: str, plan: str, frozen: FrozenProbe, namespace: dict[str, object]) -> int:
    arrays = tuple(frozen.probe.arrays.items())
    stage = Here(namespace, frozenset(), {}, WireProbe(frozen.probe.steps, arrays, frozen.probe.seed))
    got, compared = stage.values(), 0
    for label, step in frozen.probe.labels.items():
        expected = frozen.expected[label].array
        if expected is None or expected.dtype.kind == "b" or step in stage.failed:
            continue
        scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        where = f"{name}, {plan}, case {frozen.case}, {label}"
        assert np.shape(got[step]) == expected.shape, where
        assert np.max(np.abs(np.asarray(got[step]) - expected), initial=0.0) <= CLOSE * scale, where
        compared += 1
    return compared
