"""The smallest failing case: it shows what the sentence says, and what is right when it runs alone is told as that."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import SECRET, TOPIC, Tiny, mutated

from grader.authoring.shrink import Shrinker
from grader.course import Course
from grader.judging.asked import asked
from grader.judging.context import Policy
from grader.judging.judge import judge_exercise
from grader.report import Finding, Shown
from grader.running.session import Session, Source
from grader.worker.limits import Limits

FORWARD = "return self.input_tensor * self.weights[:, None, None] + self.bias[:, None, None]"


def told(tiny: Tiny, *edits: tuple[str, str]) -> Finding:
    """The first finding on the mutant's forward pass, improved."""
    wanted = asked(Course(title="tiny"), [tiny.bundle("scale")])[0]
    loaded = Source({"tiny.py": mutated(*edits).encode()}, "tiny.py", {}, ("numpy",))
    shrinker = Shrinker([TOPIC], tiny.reference, SECRET)
    with Session(tiny.launcher, loaded, Limits()) as session:
        result = judge_exercise(wanted, session, Policy(), shrinker)
    shrinker.close()
    return next(check.findings[0] for check in result.checks if check.findings)


def array(shown: Shown | None) -> np.ndarray:
    assert shown is not None and shown.shape is not None
    return np.array(shown.values, dtype=float).reshape(shown.shape)


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ("out[..., -1] += out.shape[-1] > 1", "some entries"),
        ("out *= 1 + out.shape[0]", "values"),
        ("out[:, -1] = out.shape[1] == 1 and out[:, -1] or 0 * out[:, -1]", "some channels"),
        ("out *= 3", "multiple"),
    ],
)
def test_the_case_that_is_shown_is_what_the_sentence_says(tiny: Tiny, spoilt: str, code: str) -> None:
    spoilt = spoilt.replace("out.shape[1] == 1 and out[:, -1] or 0 * out[:, -1]", "np.where(out.shape[1] == 1, 9.0, 0)")
    found = told(tiny, (FORWARD, f"out = {FORWARD[7:]}\n        {spoilt}\n        return out"))
    got, expected = array(found.evidence.got), array(found.evidence.expected)  # type: ignore[union-attr]
    assert got.shape == expected.shape
    assert not np.allclose(got, expected)
    if found.code == "multiple":
        assert "exactly 3 times" in found.sentence
        assert np.allclose(got, 3 * expected)
    if found.code == "some channels":
        assert found.sentence.count(str(got.size)) and not np.allclose(got[:, -1], expected[:, -1])
    assert found.code in (code, "border", "some entries", "values")


def test_what_is_right_alone_is_told_as_that(tiny: Tiny) -> None:
    stateful = f"Scale.calls = getattr(Scale, 'calls', -1) + 1\n        return Scale.calls / 10 + {FORWARD[7:]}"
    found = told(tiny, (FORWARD, stateful))
    assert found.code == "not like alone"
    assert "right when it runs alone" in found.sentence


def test_what_is_wrong_alone_as_well_is_not_told_as_that(tiny: Tiny) -> None:
    assert told(tiny, (FORWARD, FORWARD + " + 1e-3")).code != "not like alone"
