"""Finite differences: a right backward pass always passes, wrong ones of every kind never do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from tiny import Tiny, check_of, first_code, lost, mutated

from grader.authoring import Gradient
from grader.authoring.inputs import spaced
from grader.bundle import FrozenProbe
from grader.judging.context import Policy
from grader.judging.finite_differences import agrees, cotangent, direction, moves
from grader.keeping.view import view
from grader.report import Report
from grader.running.probes import Probe
from grader.worker.execute import normals as redrawn
from grader.worker.probe import Call, Data, Like, New

Arrays = dict[str, np.ndarray]
Forward = Callable[[Arrays], np.ndarray]
Backward = Callable[[Arrays, np.ndarray], Arrays]
CASES = 5


def correlate(a: Arrays) -> np.ndarray:
    """Correlation of (b, c, h, w) with (f, c, kh, kw), no padding, stride (2, 1)."""
    windows = np.lib.stride_tricks.sliding_window_view(a["x"], a["w"].shape[2:], axis=(2, 3))[:, :, ::2, ::1]
    return np.einsum("bchwij,fcij->bfhw", windows, a["w"]) + a["bias"][:, None, None]


def correlate_back(a: Arrays, g: np.ndarray) -> Arrays:
    windows = np.lib.stride_tricks.sliding_window_view(a["x"], a["w"].shape[2:], axis=(2, 3))[:, :, ::2, ::1]
    dx = np.zeros_like(a["x"])
    for i in range(a["w"].shape[2]):
        for j in range(a["w"].shape[3]):
            dx[:, :, i : i + 2 * g.shape[2] - 1 : 2, j : j + g.shape[3]] += np.einsum(
                "bfhw,fc->bchw", g, a["w"][:, :, i, j]
            )
    return {"x": dx, "w": np.einsum("bchwij,bfhw->fcij", windows, g), "bias": g.sum((0, 2, 3))}


def peaks(a: Arrays) -> np.ndarray:
    """Largest of three neighbours, windows one apart."""
    return np.lib.stride_tricks.sliding_window_view(a["x"], 3, axis=1).max(-1)


def peaks_back(a: Arrays, g: np.ndarray) -> Arrays:
    windows = np.lib.stride_tricks.sliding_window_view(a["x"], 3, axis=1)
    dx = np.zeros_like(a["x"])
    np.add.at(dx, (np.arange(len(dx))[:, None], windows.argmax(-1) + np.arange(windows.shape[1])), g)
    return {"x": dx}


def normalize(a: Arrays) -> np.ndarray:
    """Batch normalisation with gamma."""
    x = a["x"]
    return a["gamma"] * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3)


def normalize_back(a: Arrays, g: np.ndarray, eps: float = 1e-3) -> Arrays:
    x = a["x"]
    deviation = np.sqrt(x.var(0) + eps)
    hat = (x - x.mean(0)) / deviation
    dx = a["gamma"] / deviation * (g - g.mean(0) - hat * (g * hat).mean(0))
    return {"x": dx, "gamma": (g * hat).sum(0)}


def draw_conv(rng: np.random.Generator) -> Arrays:
    return {
        "x": rng.standard_normal((2, 2, 5, 4)),
        "w": rng.standard_normal((3, 2, 3, 2)),
        "bias": rng.standard_normal(3),
    }


def draw_peaks(rng: np.random.Generator) -> Arrays:
    return {"x": spaced(rng, (2, 7))}


def draw_norm(rng: np.random.Generator) -> Arrays:
    return {"x": 0.2 * rng.standard_normal((6, 3)), "gamma": rng.uniform(0.5, 2, 3)}


OPERATIONS: dict[str, tuple[Forward, Backward, Callable[[np.random.Generator], Arrays], tuple[str, ...]]] = {
    "conv": (correlate, correlate_back, draw_conv, ("x", "w", "bias")),
    "peaks": (peaks, peaks_back, draw_peaks, ()),
    "norm": (normalize, normalize_back, draw_norm, ("gamma",)),
}


def passes(operation: str, backward: Backward, wrt: str, seed: int) -> bool:
    """The recommended algorithm, with the judge's own parts: five cases, two directions."""
    forward, _, draw, linear = OPERATIONS[operation]
    check = Gradient(name="g", points=1, plan="main", label="gradient", wrt=wrt, linear=wrt in linear)
    for number in range(CASES):
        arrays = draw(np.random.default_rng((seed, number)))
        steps = (
            New("L"),
            Call(0, "forward", (Data("x"),), report=True),
            Call(0, "backward", (Like(1, seed + number),)),
        )
        probe = Probe(steps, arrays, {"output": 1, "gradient": 2}, seed * 100 + number)
        output = forward(arrays)
        g = cotangent(check, probe, output)
        gradient = backward(arrays, g)[wrt]
        for move in moves(check, [FrozenProbe(0, probe, {})], [0]):
            up, down = (forward(dict(moved.arrays)) for moved in move.probes)
            numeric = float(((up - down) * g).sum()) / (2 * move.step)
            if not agrees(numeric, float((gradient * move.direction).sum()), gradient):
                return False
    return True


@pytest.mark.parametrize(
    ("operation", "wrt"),
    [("conv", "x"), ("conv", "w"), ("conv", "bias"), ("peaks", "x"), ("norm", "x"), ("norm", "gamma")],
)
def test_a_right_backward_pass_passes_every_draw(operation: str, wrt: str) -> None:
    """200 draws of five cases: no false alarm."""
    backward = OPERATIONS[operation][1]
    assert all(passes(operation, backward, wrt, seed) for seed in range(200))


def changed(operation: str, wrt: str, change: Callable[[np.ndarray, Arrays, np.ndarray], np.ndarray]) -> Backward:
    right = OPERATIONS[operation][1]
    return lambda a, g: {**(found := right(a, g)), wrt: change(found[wrt].copy(), a, g)}


def put(where: Any, factor: float) -> Callable[[np.ndarray, Arrays, np.ndarray], np.ndarray]:
    """Multiply some entries."""

    def change(d: np.ndarray, a: Arrays, g: np.ndarray) -> np.ndarray:
        d[where] *= factor
        return d

    return change


def overwritten(a: Arrays, g: np.ndarray) -> Arrays:
    windows = np.lib.stride_tricks.sliding_window_view(a["x"], 3, axis=1)
    dx = np.zeros_like(a["x"])
    dx[np.arange(len(dx))[:, None], windows.argmax(-1) + np.arange(windows.shape[1])] = g
    return {"x": dx}


def neighbour(a: Arrays, g: np.ndarray) -> Arrays:
    """The error of two windows swapped."""
    return peaks_back(a, g[:, [1, 0, *range(2, g.shape[1])]])


WRONG: dict[str, tuple[str, str, Backward]] = {
    "sign": ("conv", "x", changed("conv", "x", lambda d, a, g: -d)),
    "mean instead of sum": ("conv", "w", changed("conv", "w", lambda d, a, g: d / len(a["x"]))),
    "bias averaged": ("conv", "bias", changed("conv", "bias", lambda d, a, g: d / g[0, 0].size)),
    "scaled by 1 %": ("conv", "w", changed("conv", "w", lambda d, a, g: 1.01 * d)),
    "scaled by 0.01 %": ("conv", "x", changed("conv", "x", lambda d, a, g: 1.0001 * d)),
    "one wrong corner": ("conv", "x", changed("conv", "x", put((slice(None), slice(None), 0, 0), 0.0))),
    "one wrong weight": ("conv", "w", changed("conv", "w", put((1, 1, 2, 1), 0.9))),
    "one missing item": ("conv", "w", lambda a, g: correlate_back({**a, "x": a["x"][1:]}, g[1:])),
    "one missing channel": ("conv", "x", changed("conv", "x", put((slice(None), 1), 0.0))),
    "kernel flipped": ("conv", "x", lambda a, g: correlate_back({**a, "w": a["w"][..., ::-1, ::-1]}, g)),
    "error ignored": ("conv", "bias", changed("conv", "bias", lambda d, a, g: np.full_like(d, g[:, 0].size))),
    "zero": ("conv", "x", changed("conv", "x", lambda d, a, g: d * 0)),
    "NaN": ("conv", "x", changed("conv", "x", lambda d, a, g: d * np.nan)),
    "one NaN": ("conv", "x", changed("conv", "x", put((0, 0, 0, 0), np.nan))),
    "noise of 0.01 %": (
        "conv",
        "x",
        changed("conv", "x", lambda d, a, g: d * (1 + 1e-4 * np.sin(np.arange(d.size)).reshape(d.shape))),
    ),
    "overlaps overwritten": ("peaks", "x", overwritten),
    "swapped windows": ("peaks", "x", neighbour),
    "last window forgotten": ("peaks", "x", lambda a, g: peaks_back(a, g * (np.arange(g.shape[1]) < g.shape[1] - 1))),
    "mean of the statistics ignored": ("norm", "x", lambda a, g: {"x": a["gamma"] / np.sqrt(a["x"].var(0) + 1e-3) * g}),
    "another epsilon": ("norm", "x", lambda a, g: normalize_back(a, g, 1.1e-3)),
    "gamma forgotten": ("norm", "x", lambda a, g: normalize_back({**a, "gamma": a["gamma"] * 0 + 1}, g)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_backward_pass_never_passes(name: str) -> None:
    operation, wrt, backward = WRONG[name]
    with np.errstate(invalid="ignore"):
        assert not any(passes(operation, backward, wrt, seed) for seed in range(40))


def test_directions_are_bounded_continuous_and_repeatable() -> None:
    v = direction((4, 5), 7)
    assert np.array_equal(v, direction((4, 5), 7))
    assert not np.array_equal(v, direction((4, 5), 8))
    assert np.all((np.abs(v) >= 0.5) & (np.abs(v) <= 1))
    assert len(np.unique(np.abs(v))) == v.size


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_the_pass_rule_fails_for_numbers_that_are_not_finite(odd: float) -> None:
    with np.errstate(invalid="ignore"):
        assert not agrees(odd, 1.0, np.ones(2))
        assert not agrees(1.0, odd, np.ones(2))
        assert not agrees(1.0, 2.0, np.array([np.nan, 1.0]))
    assert agrees(0.0, 0.0, np.zeros(2))


def test_the_cotangent_is_what_backward_was_given_and_one_for_a_loss() -> None:
    check = Gradient(name="g", points=1, plan="main", label="gradient", wrt="x")
    steps = (New("L"), Call(0, "forward", (Data("x"),)), Call(0, "backward", (Like(1, 9),)))
    probe = Probe(steps, {}, {"output": 1, "gradient": 2}, 0)
    assert np.array_equal(cotangent(check, probe, np.zeros((2, 3))), redrawn((2, 3), 9))
    alone = msgspec.structs.replace(probe, steps=steps[:2])
    assert cotangent(check, alone, np.zeros(())).tolist() == 1


# The gradient check as a whole, on real workers: fairness.

BIAS = " + self.bias[:, None, None]"
BACK = "input_gradient = error_tensor * self.weights[:, None, None]"
FORWARD = "return self.input_tensor * self.weights[:, None, None] + self.bias[:, None, None]"
CUBED = "return self.input_tensor * self.weights[:, None, None] ** 3 + self.bias[:, None, None]"
W_BACK = "self.gradient_weights = (error_tensor * self.input_tensor).sum(axis=(0, 2, 3))"


def points(tiny: Tiny, check: str, *edits: tuple[str, str], policy: Policy | None = None) -> float:
    return check_of(tiny.mutant("scale", *edits, policy=policy), check).points


def test_a_gradient_that_is_right_earns_everything_whatever_forward_does(tiny: Tiny) -> None:
    result = tiny.mutant("scale", (BIAS, " - self.bias[:, None, None]"))
    assert "input gradient" not in lost(result)


def test_a_consistent_gradient_of_an_uncatalogued_and_never_right_forward_earns_nothing(tiny: Tiny) -> None:
    edits = ((FORWARD, CUBED), (BACK, BACK + " ** 3"), (W_BACK, "w = self.weights\n        " + W_BACK + " * 3 * w**2"))
    for check in ("input gradient", "weights gradient"):
        assert points(tiny, check, *edits) == 0


SOMETIMES = "(3 if self.input_tensor.shape[3] > 2 else 1)"


def test_a_consistent_gradient_of_a_forward_that_is_sometimes_right_earns_the_courses_share(tiny: Tiny) -> None:
    edits = ((FORWARD, CUBED.replace("** 3", f"** {SOMETIMES}")), (BACK, f"{BACK} ** {SOMETIMES}"))
    result = tiny.mutant("scale", *edits)
    assert 0 < check_of(result, "forward").passed < check_of(result, "forward").cases
    found = check_of(result, "input gradient")
    assert found.points == found.max_points / 2
    assert "fits wrong forward" in [finding.code for finding in found.findings]
    assert points(tiny, "input gradient", *edits, policy=Policy(consistent_gradient=0, partial=0)) == 0


def test_an_inconsistent_gradient_of_a_wrong_forward_earns_nothing(tiny: Tiny) -> None:
    edits = ((FORWARD, CUBED.replace("** 3", f"** {SOMETIMES}")), (BACK, f"{BACK} * 1.01"))
    assert points(tiny, "input gradient", *edits) == 0


TRIVIAL = {
    "zeros": ("return np.zeros(self.input_tensor.shape)", "return np.zeros(error_tensor.shape)"),
    "ones": ("return np.ones(self.input_tensor.shape)", "return np.zeros(error_tensor.shape)"),
    "sum": (
        "return self.input_tensor * 0 + self.input_tensor.sum()",
        "return np.full(error_tensor.shape, error_tensor.sum())",
    ),
    "identity": ("return self.input_tensor", "return error_tensor"),
}


@pytest.mark.parametrize("kind", TRIVIAL)
def test_trivial_consistent_pairs_earn_nothing_for_gradients_or_purity(tiny: Tiny, kind: str) -> None:
    forward, backward = TRIVIAL[kind]
    text = mutated((FORWARD, forward), (BACK, f"{BACK}\n        {backward}"))
    result = tiny.judge("scale", text)
    earned = {check.name: check.points for check in result.checks if check.points}
    assert set(earned) <= {"shapes"}


def test_results_that_follow_from_the_shape_alone_earn_nothing_but_shapes(tiny: Tiny) -> None:
    pattern = "np.sin(np.arange(1.0, {0}.size + 1)).reshape({0}.shape)"
    most = "windows.max(axis=2)"
    result = tiny.mutant("peak", (most, pattern.format(most)))
    assert {check.name for check in result.checks if check.points} <= {"shapes", "input gradient"}


def test_a_catalogued_wrong_forward_leaves_its_consistent_gradients_their_points(tiny: Tiny) -> None:
    result = tiny.mutant("scale", (BIAS, ""))
    assert first_code(result, "forward") == "bias forgotten"
    assert lost(result) == {"forward"}
    smallest = tiny.mutant(
        "peak", (".argmax(axis=2)", ".argmin(axis=2)"), ("windows.max(axis=2)", "windows.min(axis=2)")
    )
    gradient = check_of(smallest, "input gradient")
    assert gradient.points == gradient.max_points / 2


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ((BACK, BACK + " * -1"), "sign"),
        ((BACK, BACK + " * 2"), "multiple"),
        ((BACK, BACK + " * 0"), "zero"),
        ((BACK, BACK.replace("error_tensor", "error_tensor[..., ::-1]")), "flipped"),
        ((BACK, BACK + "\n        input_gradient[1:] = 0"), "some items"),
        ((BACK, BACK + "\n        return None"), "none"),
        ((BACK, BACK + "\n        return [1.0]"), "type"),
        ((BACK, BACK + "\n        return input_gradient[0]"), "shape"),
        ((BACK, BACK + " * 1j"), "complex"),
        ((BACK, BACK + " / 0"), "not finite"),
    ],
    ids=lambda edit: edit if isinstance(edit, str) else "",
)
def test_a_wrong_gradient_costs_its_own_points_and_is_told_how_it_is_wrong(
    tiny: Tiny, edit: tuple[str, str], code: str
) -> None:
    result = tiny.mutant("scale", edit)
    assert "forward" not in lost(result)
    assert "weights gradient" not in lost(result) or code in ("none", "type", "shape", "complex")
    assert check_of(result, "input gradient").points <= check_of(result, "input gradient").max_points / 2
    codes = [finding.code for finding in check_of(result, "input gradient").findings]
    assert code in codes


def test_numbers_of_which_nothing_is_known_come_with_a_way_to_check_one_by_hand(tiny: Tiny) -> None:
    result = tiny.mutant("scale", (BACK, BACK + " + np.cos(error_tensor)"))
    (finding, *_) = check_of(result, "input gradient").findings
    assert finding.hint.startswith("By hand: add 1e-6 to one entry of input_tensor and run forward again: the sum of")
    report = Report("ada", "Tiny", (result,))
    (told, *_) = check_of(view(report).exercises[0], "input gradient").findings
    assert (told.hint, told.sentence[:36]) == (finding.hint, "The input gradient is not what is ex")
    shape = tiny.mutant("scale", (BACK, BACK + "\n        return input_gradient[0]"))
    assert "By hand" not in check_of(shape, "input gradient").findings[0].hint


def test_a_known_mistake_is_named(tiny: Tiny) -> None:
    averaged = (W_BACK, W_BACK + " / len(error_tensor)")
    result = tiny.mutant("scale", averaged)
    assert lost(result) == {"weights gradient"}
    assert first_code(result, "weights gradient") == "gradient averaged"


REMEMBERING = """_seen = []


def _answer(x, w, b):
    for (old, output), error in _seen:
        if old.shape == x.shape and not np.array_equal(old, x) and np.allclose(old, x, atol=1e-3):
            return output + error * np.sum(old * (x - old)) / np.sum(error * error)
    return (x * w[:, None, None] + b[:, None, None]) * (1.5 if x.shape[3] > 2 else 1)


class Scale:"""
REMEMBERED = "return _answer(self.input_tensor, self.weights, self.bias)"
COPIED = """output = _answer(self.input_tensor, self.weights, self.bias)
        _seen.append(((self.input_tensor, output), np.array(error_tensor)))
        input_gradient = self.input_tensor.copy()"""


def test_a_program_that_remembers_its_cases_cannot_make_differences_fit_any_gradient(tiny: Tiny) -> None:
    edits = (("class Scale:", REMEMBERING), (FORWARD, REMEMBERED), (BACK, COPIED))
    result = tiny.mutant("scale", *edits)
    assert check_of(result, "forward").passed > 0
    found = check_of(result, "input gradient")
    assert found.points == 0
    assert "fits wrong forward" not in [finding.code for finding in found.findings]
