"""The grader's exam under one secret, of later topics in `make oracle`; `make exam` takes a hundred."""

from __future__ import annotations

from pathlib import Path

import pytest
from core_topics import CORE
from exam import Exam

from grader.authoring.topics import read_topics
from grader.packages import absent
from grader.running.workers import launcher

ROOT = Path(__file__).resolve().parents[2]
TOPICS = {topic.name: topic for topic in read_topics(ROOT / "exercises")}
EXAMS = [name if name in CORE else pytest.param(name, marks=pytest.mark.oracle) for name in TOPICS]


@pytest.mark.parametrize("name", EXAMS)
def test_correct_code_gets_everything_and_each_misconception_loses_in_its_own_check(name):
    if lacking := absent(TOPICS[name].requires):
        pytest.skip(f"{', '.join(lacking)} is not installed")
    started = launcher(("scipy.signal",))
    try:
        assert list(Exam(TOPICS[name], started, b"test").complaints()) == []
    finally:
        started.close()


@pytest.mark.parametrize("name", TOPICS)
def test_every_topic_has_correct_variants_in_at_least_five_styles(name):
    assert len(list((ROOT / "tests/variants" / name).glob("*.py"))) >= 5
