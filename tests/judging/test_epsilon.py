"""Update steps: any allowed epsilon is right, as long as it is one and stands outside of the root."""

from __future__ import annotations

import pytest
from tiny import Tiny, check_of, lost

DIVISOR = "(np.sqrt(self.r) + EPSILON)"
EPSILON = "EPSILON = 1e-8"
MEAN = "self.r = self.rho * self.r + (1 - self.rho) * gradient_tensor * gradient_tensor"


@pytest.mark.parametrize("value", ["0.0", "1e-300", "1e-15", "1e-10", "1e-8", "3.3e-7", "1e-6", "np.finfo(float).eps"])
def test_every_allowed_epsilon_is_right(tiny: Tiny, value: str) -> None:
    assert not lost(tiny.mutant("adaptive", (EPSILON, f"EPSILON = {value}")))


@pytest.mark.parametrize(
    "edit",
    [
        (DIVISOR, "np.sqrt(self.r + 1e-12)"),
        (DIVISOR, "np.sqrt(self.r + 1e-8)"),
        (EPSILON, "EPSILON = 1e-4"),
        (EPSILON, "EPSILON = -1e-8"),
        (DIVISOR, "(np.sqrt(self.r) + 1e-8 * np.arange(1, self.r.size + 1) ** 3)"),
        (MEAN, "self.r = (1 - self.rho) * self.r + self.rho * gradient_tensor * gradient_tensor"),
        (MEAN, "self.r = self.rho * self.r + (1 - self.rho) * gradient_tensor"),
        ("return weight_tensor - self", "return weight_tensor + self"),
        ("self.learning_rate * gradient_tensor", "1.001 * self.learning_rate * gradient_tensor"),
        ("self.rho, self.r = learning_rate, rho, 0.0", "self.rho, self.r = learning_rate, rho, 0.1"),
        (DIVISOR, "self.r"),
    ],
    ids="inside,large inside,too large,negative,several,rho swapped,no square,sign,rate,start,no root".split(","),
)  # fmt: skip
def test_a_wrong_step_loses_points(tiny: Tiny, edit: tuple[str, str]) -> None:
    result = tiny.mutant("adaptive", edit)
    assert "steps" in lost(result)
    assert check_of(result, "steps").findings[0].sentence


def test_epsilon_in_the_root_is_told_as_such(tiny: Tiny) -> None:
    result = tiny.mutant("adaptive", (DIVISOR, "np.sqrt(self.r + 1e-12)"))
    assert check_of(result, "steps").findings[0].code == "epsilon"


def test_steps_that_are_not_written_yet_are_told_as_such(tiny: Tiny) -> None:
    result = tiny.mutant("adaptive", (MEAN, "raise NotImplementedError"))
    assert check_of(result, "steps").findings[0].code == "not implemented"


def test_state_that_is_lost_or_shared_is_seen_in_the_second_step(tiny: Tiny) -> None:
    for new in ("self.r = (1 - self.rho) * gradient_tensor * gradient_tensor", MEAN.replace("self.r", "Adaptive.r")):
        text = ("self.rho, self.r = learning_rate, rho, 0.0", "self.rho = learning_rate, rho")
        edits = (
            [(MEAN, new)] if "Adaptive" not in new else [(MEAN, new), text, ("EPSILON = 1e-8\n", "EPSILON = 1e-8\n")]
        )
        if "Adaptive" in new:
            edits.append(("    def calculate_update(", "    r = 0.0\n\n    def calculate_update("))
        assert "steps" in lost(tiny.mutant("adaptive", *edits))
