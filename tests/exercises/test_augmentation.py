"""The augmentation topic keeps its promises: its handout's numbers, no false alarms, and who loses which points."""

import importlib.util
import math
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic
from grader.judging.checks.choices import uneven
from grader.judging.script import script
from grader.running.probes import Probe
from grader.worker.probe import Make, Rng, Use
from grader.worker.probe import Result as Earlier

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "tests/variants/augmentation/loops.py").read_text()
ROW_BY_ROW = """            for y in range(h):
                for x in range(w):
                    result[n, k, y, x] = min"""
NEW_FACTOR = "                factor = 1 - strength + 2 * strength * rng.random()\n"
IMAGE = np.array([[[[10 * y + x for x in range(7)] for y in range(4)]]])


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_augmentation", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def augmentation():
    return load(ROOT / "reference/augmentation.py")


@pytest.fixture(scope="module")
def exam(workers):
    topic = read_topic(ROOT / "exercises/augmentation")
    return load(ROOT / "tests/exam/exam.py").Exam(topic, workers, b"test", whole=False)


def lost_by(exam, *edits):
    source = SOURCE
    for old, new in edits:
        assert old in source
        source = source.replace(old, new, 1)
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/augmentation")
    rows = dict(re.findall(r"^\| (\w+ \(\S+\)) \| (.*) \|$", topic.handout, re.MULTILINE))
    for exercise in topic.exercises:
        points = sum(check.points for check in exercise.checks)
        checks = ", ".join(f"{check.name} {check.points:g}" for check in exercise.checks)
        assert rows[f"{exercise.name} ({points:g})"] == checks


def test_the_reference_gives_the_numbers_of_the_handout(augmentation):
    image = IMAGE[:, :, :, :5]
    assert augmentation.center_crop(image, 2).tolist() == [[[[11, 12], [21, 22]]]]
    assert augmentation.rescale_nearest(image, (2, 3)).tolist() == [[[[0, 1, 3], [20, 21, 23]]]]
    assert augmentation.horizontal_flip(image)[0, 0, 0].tolist() == [4, 3, 2, 1, 0]
    assert augmentation.resize_and_crop(IMAGE, 2).tolist() == [[[[0, 2], [20, 22]]]]


@pytest.mark.parametrize("count", [2, 8, 12, 40])
def test_equally_likely_draws_raise_no_alarm(count):
    rng = np.random.default_rng(count)
    for _ in range(200):
        assert uneven(rng.integers(0, count, 1500) / 64, [n / 64 for n in range(count)]) is None


def test_the_alarm_is_as_rare_as_the_theorem_says():
    from grader.judging.checks.choices import RATE, _credible

    for k in (2, 8, 12, 40):
        least = next(d / 10 for d in range(10, 10_000) if _credible(d / 10, k))
        bound = math.exp(-least) * (math.e * least / (k - 1)) ** (k - 1)
        assert math.exp(-RATE) / 20 < bound <= math.exp(-RATE) * 1.000001


@pytest.mark.parametrize(
    ("draw", "code"),
    [
        (lambda rng: rng.integers(0, 11, 1500), "never drawn"),
        (lambda rng: rng.integers(0, 13, 1500), "illegal draw"),
        (lambda rng: np.rint(11 * rng.random(6000)), "unequal"),
        (lambda rng: np.full(1500, 3), "repeated"),
    ],
)
def test_other_draws_are_told_by_what_is_wrong(draw, code):
    assert uneven(draw(np.random.default_rng(0)).astype(float), range(12)).code == code


def test_a_generator_is_shown_as_a_student_would_make_it():
    steps = Make(Rng(7)), Use("random_crop", (Earlier(0),), report=True)
    lines = script(Probe(steps, {}, {"output": 1}, 0), 1)
    assert lines == ["rng = np.random.default_rng(7)", "output = random_crop(rng)"]


def test_no_case_depends_on_the_order_of_roundings():
    for n in range(1, 14):
        for s in range(1, 14):
            exact = np.arange(s) * n // s
            for other in (np.arange(s) * (n / s), np.arange(s) / (s / n), np.arange(s) * n / s):
                assert np.array_equal(np.floor(other), exact)


@pytest.mark.parametrize(
    ("old", "new", "exercise", "check"),
    [
        (
            "rng.integers(w - columns, endpoint=True)",
            "rng.integers(2 * w) % (w - columns + 1)",
            "random_crop",
            "positions",
        ),
        (
            "rng.integers(w - columns, endpoint=True)",
            "np.random.randint(w - columns + 1)",
            "random_crop",
            "only the generator",
        ),
        (
            "min(1.0, max(0.0, images[n, k, y, x] * factor))",
            "images[n, k, y, x] * factor % 1.0000001",
            "color_jitter",
            "clipping",
        ),
        (
            ROW_BY_ROW,
            ROW_BY_ROW.replace(":\n", ":\n" + NEW_FACTOR, 1),
            "color_jitter",
            "one factor per channel",
        ),
    ],
)
def test_mistakes_that_are_on_no_list_lose_points_in_their_check(exam, old, new, exercise, check):
    gone = lost_by(exam, (old, new))
    assert (exercise, check) in gone
    assert {name for name, _ in gone} == {exercise}


def test_legacy_ways_to_draw_from_the_generator_are_right(exam):
    shuffled = "rng.permutation(h - rows + 1)[0]"
    assert lost_by(exam, ("int(rng.integers(h - rows, endpoint=True))", shuffled)) == set()
    assert lost_by(exam, ("2 * strength * rng.random()", "2 * strength * rng.beta(1, 1)")) == set()
