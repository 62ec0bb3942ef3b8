"""Two misconceptions in one output are both named, where one pair and only one explains it; else nothing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.freeze import Freezer
from grader.authoring.pairs import Pairs
from grader.authoring.running import Reference
from grader.authoring.topics import read_topic
from grader.authoring.variants import variant
from grader.course import Course
from grader.judging.asked import asked
from grader.judging.judge import judge_exercise
from grader.running.session import Session, Source
from grader.worker.limits import Limits

ROOT = Path(__file__).resolve().parents[2]


class Trial:
    """The fully connected layer with some of its misconceptions, judged with an improver that tries pairs only."""

    def __init__(self, workers) -> None:
        self.topic = read_topic(ROOT / "exercises/fully_connected")
        self.exercise = self.topic.exercises[0]
        self.reference = Reference(ROOT / "reference", workers)
        self.workers = workers
        bundle = Freezer(self.topic, self.exercise, self.reference, "hidden", b"pairs").freeze()
        self.asked = asked(Course(title="test"), [bundle])[0]
        self.pairs = Pairs({self.exercise.name: (self.topic, self.exercise)}, self.reference)

    def improve(self, context, checks, session):
        return self.pairs.named(context, checks)

    def judge(self, *names, edit=("", "")):
        text = self.reference.source("fully_connected.py")
        for name in names:
            text = variant(text, next(m for m in self.topic.misconceptions if m.name == name), self.exercise)
        files = {"fully_connected.py": text.replace(*edit).encode() if edit[0] else text.encode()}
        with Session(self.workers, Source(files, "fully_connected.py", {}, ("numpy",)), Limits()) as session:
            result = judge_exercise(self.asked, session, Course(title="test").policy, self)
        return {check.name: check for check in result.checks}


@pytest.fixture(scope="module")
def trial(workers):
    return Trial(workers)


@pytest.mark.parametrize(
    ("names", "check"),
    [
        (("no bias", "last item only"), "weights gradient"),  # one of them found by another check
        (("input gradient averaged", "first column cut from the input gradient"), "input gradient"),  # a factor
    ],
    ids=str,
)
def test_two_mistakes_in_one_output_are_both_named(trial, names, check):
    finding = trial.judge(*names)[check].findings[0]
    assert set(finding.misconception.split(" + ")) == set(names)
    assert finding.sentence.startswith("Two things at once: ")
    for name in names:
        known = next(m for m in trial.topic.misconceptions if m.name == name)
        assert known.sentence in finding.sentence and known.hint in finding.hint


def test_a_single_mistake_keeps_its_own_name_and_costs_no_run(trial):
    before = dict(trial.pairs._tables)
    assert trial.judge("gradient averaged")["weights gradient"].findings[0].misconception == "gradient averaged"
    assert trial.pairs._tables == before


def test_what_no_pair_explains_is_left_as_it_is(trial):
    wrong = ("self._extended_input.T @ error_tensor", "self._extended_input.T @ np.sin(error_tensor)")
    assert trial.judge(edit=wrong)["weights gradient"].findings[0].misconception == ""


def test_what_a_pair_gave_is_remembered_for_the_next_submission(trial):
    names = ("no bias", "last item only")
    trial.judge(*names)
    before = set(trial.pairs._tables)
    trial.judge(*names)
    assert set(trial.pairs._tables) == before


def test_names_change_no_points(trial):
    names = ("no bias", "last item only")
    named = trial.judge(*names)
    trial.improve, improve = (lambda context, checks, session: checks), trial.improve
    try:
        plain = trial.judge(*names)
    finally:
        trial.improve = improve
    assert {n: (c.points, c.verdict) for n, c in named.items()} == {n: (c.points, c.verdict) for n, c in plain.items()}
