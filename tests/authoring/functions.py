"""A tiny course of functions, made for tests: several results, caches that are handed on, a dict that is filled."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from grader.authoring import (
    Distribution,
    Exercise,
    Gradient,
    Misconception,
    Plan,
    Relations,
    Same,
    Shapes,
    Values,
    inputs,
)
from grader.authoring.exercise import Topic
from grader.authoring.freeze import Freezer
from grader.authoring.running import Reference
from grader.bundle import Bundle
from grader.course import Course
from grader.judging.asked import asked
from grader.judging.context import Policy
from grader.judging.judge import judge_exercise
from grader.report import ExerciseResult
from grader.running.session import Session, Source
from grader.running.workers import Launcher
from grader.worker.limits import Limits

SECRET = b"a secret that is long enough"
REFERENCE = """import numpy as np


def affine_forward(x, w):
    return x @ w, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout


def track(x, state):
    state["mean"] = 0.9 * state.get("mean", 0.0) + 0.1 * x.mean(axis=0)
    return x - state["mean"], state


def pick(x, rng):
    kept = rng.random(x.shape) < 0.25
    return np.where(kept, x, 0.0), kept


class Net:
    def __init__(self, size):
        self.params = {"W": np.zeros((size, size))}

    def loss(self, x):
        scores = x @ self.params["W"]
        return (scores**2).sum(), {"W": 2 * x.T @ scores}
"""


class Case(NamedTuple):
    rows: int
    columns: int


CASES = tuple(Case(rows, columns) for rows in (2, 3, 4) for columns in (2, 3))


def affine_script(s: Any, case: Case) -> None:
    x, w = s.array("x", inputs.normal(s.rng, case)), s.array("w", inputs.normal(s.rng, (case.columns, 3)))
    out, cache = s.unpack(s.use("affine_forward", x, w), "out", "")
    s.unpack(s.use("affine_backward", s.like(out), cache), "dx", "dw")


def track_script(s: Any, case: Case) -> None:
    state = s.make({"mean": s.array("mean", inputs.normal(s.rng, (case.columns,)))})
    for number in (1, 2):
        s.unpack(s.use("track", s.array(f"x_{number}", inputs.normal(s.rng, case)), state), f"out {number}", "")
    s.get(state, "['mean']", label="mean afterwards")


def pick_script(s: Any, case: Case) -> None:
    out, _ = s.unpack(s.use("pick", s.array("x", inputs.off_zero(s.rng, (20, 5))), s.generator()), "out", "kept")
    s.call(s.call(out, "__ne__", 0), "__and__", True, label="not zero")


def many_script(s: Any, case: Case) -> None:
    s.unpack(s.use("pick", s.array("x", [[1.0] * 100] * 50), s.generator()), "out", "")
    s.facts = {"family": "choice", "values": [0.0, 1.0], "shares": [0.75, 0.25]}


def net_script(s: Any, case: Case) -> None:
    net = s.new("Net", case.columns)
    s.set(net, "params['W']", s.array("W", inputs.normal(s.rng, (case.columns, case.columns))))
    _, grads = s.unpack(s.call(net, "loss", s.array("x", inputs.normal(s.rng, case))), "loss", "")
    s.get(grads, "['W']", label="gradient of W")


affine = Exercise(
    name="affine",
    title="Affine",
    symbols=("affine_forward", "affine_backward"),
    plans={"main": Plan(affine_script, cases=CASES)},
    checks=(
        Values(name="forward", points=1, plan="main", label="out"),
        Gradient(name="dx", points=1, plan="main", label="dx", wrt="x", output="out", linear=True, forward="forward"),
        Gradient(name="dw", points=1, plan="main", label="dw", wrt="w", output="out", linear=True, forward="forward"),
    ),
)
track = Exercise(
    name="track",
    title="Track",
    symbols=("track",),
    plans={"main": Plan(track_script, cases=CASES)},
    checks=(
        Values(name="out", points=1, plan="main", label="out 2"),
        Values(name="state", points=1, plan="main", label="mean afterwards"),
    ),
)
pick = Exercise(
    name="pick",
    title="Pick",
    symbols=("pick",),
    plans={
        "main": Plan(pick_script, cases=CASES[:2], random=True),
        "many": Plan(many_script, cases=CASES[:2], random=True),
    },
    checks=(
        Shapes(name="shape", points=1, plan="main", label="out"),
        Relations(
            name="mask",
            points=1,
            plan="main",
            label="out",
            after="shape",
            same=(Same("kept", "not zero", "another mask", "The mask is another one."),),
        ),
        Distribution(name="draws", points=1, plan="many", label="out", after="shape"),
    ),
)
net = Exercise(
    name="net",
    title="Net",
    symbols=("Net",),
    plans={"main": Plan(net_script, cases=CASES)},
    checks=(
        Values(name="loss", points=1, plan="main", label="loss"),
        Gradient(name="W", points=1, plan="main", label="gradient of W", wrt="W", output="loss", forward="loss"),
    ),
)
EXERCISES = {exercise.name: exercise for exercise in (affine, track, pick, net)}


class Functions:
    """Bundles of this course, and verdicts on sources in the place of its reference."""

    def __init__(self, folder: Path, launcher: Launcher) -> None:
        self.folder, self.launcher = folder, launcher

    def freeze(self, exercise: Exercise, text: str = REFERENCE, misconceptions: Sequence[Misconception] = ()) -> Bundle:
        """The hidden bundle of an exercise, on a reference of its own."""
        (self.folder / "functions.py").write_text(text)
        topic = Topic("functions", (exercise,), tuple(misconceptions), "# Functions\n", "digest")
        return Freezer(topic, exercise, Reference(self.folder, self.launcher), "hidden", SECRET).freeze()

    def judge(self, exercise: str | Exercise, *edits: tuple[str, str]) -> ExerciseResult:
        """What the reference gets with these edits."""
        source = REFERENCE
        for old, new in edits:
            assert source.count(old) == 1, old
            source = source.replace(old, new)
        wanted = asked(
            Course(title="functions"), [self.freeze(EXERCISES[exercise] if isinstance(exercise, str) else exercise)]
        )[0]
        loaded = Source({"functions.py": source.encode()}, "functions.py", {}, ("numpy",))
        with Session(self.launcher, loaded, Limits()) as session:
            return judge_exercise(wanted, session, Policy())


def with_check(exercise: Exercise, number: int, check: Any) -> Exercise:
    """The exercise with another check in the place of one."""
    checks = list(exercise.checks)
    checks[number] = check
    return dataclasses.replace(exercise, checks=tuple(checks))
