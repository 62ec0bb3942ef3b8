"""Mutated answers are refused or judged and nothing else happens; `python tests/fuzz/fuzz.py` tries a million."""

from __future__ import annotations

import tracemalloc

import pytest
from fuzz import JUDGED, STAGES, Target, odd_seeds, record
from tiny import EXERCISES, REFERENCE, Tiny

from grader.running.workers import Launcher

FRAMES, TRACED = 20_000, 500


@pytest.fixture(scope="module")
def target(tiny: Tiny, workers: Launcher) -> Target:
    files = {"tiny.py": REFERENCE.encode()}
    frozen = [seed for name in EXERCISES for seed in record(workers, files, tiny.bundle(name))]
    return Target(odd_seeds(workers) + frozen)


def test_answers_that_were_not_touched_are_accepted_and_judged(target: Target) -> None:
    fresh = Target(target.seeds)
    for seed in fresh.seeds:
        fresh.answer(seed, seed.frame, lot=0)
    assert fresh.errors == 0
    assert fresh.stages["decoded"] == len(fresh.seeds)
    assert fresh.stages["accepted"] >= len(fresh.seeds) - 3  # all but the imports that fail
    assert fresh.stages["judged"] > 100


def test_mutated_answers_are_protocol_errors_or_judged_and_nothing_else(target: Target) -> None:
    for number in range(FRAMES):
        target.frame(7, number)
    assert target.errors > FRAMES / 5
    assert all(target.stages[stage] > FRAMES / 10 for stage in STAGES[:3])
    assert target.stages["judged"] > FRAMES / 10 / JUDGED / 2


def test_no_mutated_answer_costs_much_memory(target: Target) -> None:
    tracemalloc.start()
    for number in range(TRACED):
        target.frame(8, number)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20
