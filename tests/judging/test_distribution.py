"""Statistical checks: no false alarm in hundreds of draws, and every planned mistake is caught every time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tiny import Tiny, check_of, first_code

from grader.judging.checks.distribution import unlike

SHAPE, FAN_IN, FAN_OUT = (160, 50), 160, 50  # as many numbers as in the specs: fewer would not tell families apart
HE = {"family": "normal", "mean": 0.0, "deviation": (2 / FAN_IN) ** 0.5}
NARROW = {"family": "normal", "mean": 0.0, "deviation": 0.1}
UNIFORM = {"family": "uniform", "mean": 0.5, "deviation": 12**-0.5}
Draw = Callable[[np.random.Generator], np.ndarray]

RIGHT: dict[str, tuple[Draw, dict[str, object]]] = {
    "normal": (lambda r: r.normal(0, (2 / FAN_IN) ** 0.5, SHAPE), HE),
    "standard normal scaled": (lambda r: r.standard_normal(SHAPE).astype(np.float32) * (2 / FAN_IN) ** 0.5, HE),
    "uniform": (lambda r: r.random(SHAPE), UNIFORM),
}
WRONG: dict[str, tuple[Draw, dict[str, object]]] = {
    "fans swapped": (lambda r: r.normal(0, (2 / FAN_OUT) ** 0.5, SHAPE), HE),
    "both fans": (lambda r: r.normal(0, (2 / (FAN_IN + FAN_OUT)) ** 0.5, SHAPE), HE),
    "variance as deviation": (lambda r: r.normal(0, 2 / FAN_IN, SHAPE), HE),
    "root forgotten twice": (lambda r: r.normal(0, 1, SHAPE), HE),
    "uniform of the same deviation": (lambda r: r.uniform(-1, 1, SHAPE) * (6 / FAN_IN) ** 0.5, HE),
    "uniform from 0": (lambda r: r.random(SHAPE) * (2 / FAN_IN) ** 0.5, HE),
    "cut off at three deviations": (lambda r: np.clip(r.normal(0, 0.1, (160, 125)), -0.3, 0.3), NARROW),
    "positive only": (lambda r: np.abs(r.normal(0, (2 / FAN_IN) ** 0.5, SHAPE)), HE),
    "one row repeated": (lambda r: np.tile(r.normal(0, (2 / FAN_IN) ** 0.5, SHAPE[1]), (SHAPE[0], 1)), HE),
    "zeros": (lambda r: np.zeros(SHAPE), HE),
    "constant": (lambda r: np.full(SHAPE, 0.1), HE),
    "normal for uniform": (lambda r: r.normal(0.5, 12**-0.5, SHAPE), UNIFORM),
    "uniform around 0": (lambda r: r.uniform(-1, 1, SHAPE), UNIFORM),
    "integers": (lambda r: r.integers(0, 2, SHAPE).astype(float), UNIFORM),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_draws_never_raise_an_alarm(name: str) -> None:
    draw, facts = RIGHT[name]
    assert not any(unlike(draw(np.random.default_rng(seed)).ravel().astype(float), facts) for seed in range(300))


@pytest.mark.parametrize("name", WRONG)
def test_wrong_draws_are_caught_every_time(name: str) -> None:
    draw, facts = WRONG[name]
    assert all(unlike(draw(np.random.default_rng(seed)).ravel(), facts) for seed in range(60))


def test_a_generator_seeded_inside_is_caught(tiny: Tiny) -> None:
    seeded = ("return np.random.normal(", "return np.random.default_rng(1).normal(")
    assert first_code(tiny.mutant("noise", seeded), "distribution") == "same again"


@pytest.mark.parametrize(
    "draw",
    [
        "np.random.default_rng().normal(0.0, self.deviation, shape)",
        "np.random.standard_normal(shape) * self.deviation",
        "np.array([[__import__('random').gauss(0, self.deviation) for _ in range(shape[1])] for _ in range(shape[0])])",
        "(np.random.randn(*shape) * self.deviation).astype(np.float32).astype(float)",
    ],
    ids=["default_rng", "scaled", "random.gauss", "single precision on the way"],
)
def test_every_generator_is_as_good(tiny: Tiny, draw: str) -> None:
    result = tiny.mutant("noise", ("return np.random.normal(0.0, self.deviation, shape)", f"return {draw}"))
    assert result.verdict == "pass"


def test_a_known_mistake_is_known_by_its_statistic(tiny: Tiny) -> None:
    result = tiny.mutant("noise", ("0.0, self.deviation, shape", "0.0, self.deviation * self.deviation, shape"))
    assert first_code(result, "distribution") == "variance used"
    finding = check_of(
        tiny.mutant("noise", ("0.0, self.deviation, shape", "0.3, self.deviation, shape")), "distribution"
    )
    assert finding.findings[0].code == "mean"


@pytest.mark.parametrize("shares", [(0.75, 0.25), (0.5, 0.2, 0.3), (0.01, 0.99)])
def test_draws_with_given_probabilities_raise_no_alarm_and_other_ones_always_do(shares: tuple[float, ...]) -> None:
    facts = {"family": "choice", "values": [float(n) for n in range(len(shares))][::-1], "shares": list(shares)}
    for seed in range(100):
        rng = np.random.default_rng(seed)
        assert unlike(rng.choice(facts["values"], 5000, p=shares), facts) is None
        found = unlike(rng.choice(facts["values"], 5000, p=shares[1:] + shares[:1]), facts)
        assert found is not None and found.code == "unequal"
