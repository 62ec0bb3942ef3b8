"""Update steps with a small epsilon that a student may choose: any value that is allowed, but the same everywhere.

With epsilon outside the root, a step is a Moebius function of epsilon: u = (a + b*epsilon) / (c + d*epsilon). Freezing
runs the reference with three values of epsilon; the judge solves for the epsilon that the student's most sensitive
entry implies and demands that all other entries follow from it. Epsilon inside the root implies another value at
every magnitude of the gradient, and so does none at all where a gradient is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.judging.compare import Comparison, array_at
from grader.judging.evidence import illustrate
from grader.judging.exceptions import raised
from grader.judging.explain import PRECISION
from grader.report import CheckResult, Finding
from grader.running.probes import error_of

from .base import Base, settle, unearned

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.context import Context
    from grader.running.probes import Trace

Floats = NDArray[np.float64]
DOUBLE, SINGLE = (1e-9, 1e-13), (1e-4, 1e-6)  # relative to the step, and to the weights
SLACK = 1e-3
FLAT = 1e-11
TELLING = 1e-9  # where epsilon moves no entry by more, any that is allowed will do


class UpdateSteps(Base, frozen=True, kw_only=True, tag="update steps"):
    """`weights` is the array that the steps start from; `steps` are the labels of the new weights.

    `families` are variants of the reference: each three variant names, in which epsilon is `epsilons`. The largest of
    these is the largest that is allowed.
    """

    weights: tuple[str, ...]
    steps: tuple[str, ...]
    families: tuple[tuple[str, str, str], ...]
    epsilons: tuple[float, float, float]

    @property
    def labels(self) -> tuple[str, ...]:
        """All steps."""
        return self.steps

    def judge(self, context: Context) -> CheckResult:
        """Every case, on its own epsilon."""
        refused = unearned(self, context)
        if refused:
            return refused
        wrong = self._all(context)
        comparison = Comparison(["ok" if finding is None else finding.code for finding in wrong])
        found: tuple[Finding, ...] = ()
        if comparison.wrong or comparison.single:
            number = comparison.wrong[0] if comparison.wrong else comparison.codes.index("imprecise")
            finding = wrong[number]
            assert finding is not None
            known = context.misconception(self.plan, self.labels) if comparison.wrong else None
            if known:
                finding = Finding(known.name, known.sentence, known.hint, misconception=known.name)
            at = msgspec.structs.replace(self, label=self.steps[-1])
            found = (illustrate(finding, at, context, number),)
        return settle(self, context, comparison, found)

    def right(self, context: Context) -> float:
        """With whatever epsilon was chosen."""
        return Comparison(["ok" if finding is None else finding.code for finding in self._all(context)]).share

    def _all(self, context: Context) -> list[Finding | None]:
        return context.once((self.name, "all"), lambda: self._each(context))

    def _each(self, context: Context) -> list[Finding | None]:
        plan, traces = context.plan(self.plan), context.traces[self.plan]
        return [self._wrong(frozen, trace, context) for frozen, trace in zip(plan.probes, traces, strict=True)]

    def _wrong(self, frozen: FrozenProbe, trace: Trace, context: Context) -> Finding | None:
        if trace.death:
            return Finding(trace.death, f"There is no result: {trace.detail}.")
        steps = [array_at(trace, frozen.probe, label) for label in self.steps]
        for label, step in zip(self.steps, steps, strict=True):
            if step is None:
                if error_of(trace, frozen.probe.labels[label]):
                    return Finding(*raised(trace, frozen, label, context))
                return Finding("type", f"The {label} is not an array.")
        start = [np.asarray(frozen.probe.arrays[name], dtype=np.float64) for name in self.weights]
        if any(w.shape != s.shape for w, s in zip(start, steps, strict=True)):  # type: ignore[union-attr]
            return Finding("shape", "The new weights do not have the shape of the given weights.")
        taken = np.concatenate([(w - s).ravel() for w, s in zip(start, steps, strict=True)])  # type: ignore[operator]
        weights = np.concatenate([w.ravel() for w in start])
        if not np.isfinite(taken).all():
            hint = "Add epsilon to the denominator, so that nothing is divided by 0."
            return Finding("nan", "The new weights are not finite where the gradient is 0.", hint)
        values = [trace.values[frozen.probe.labels[label]] for label in self.steps]
        narrow = any(isinstance(value, np.ndarray) and value.dtype.itemsize < 8 for value in values)
        close = SINGLE if narrow else DOUBLE
        curves = [self._curves(frozen, weights, family) for family in self.families]
        if any(follows(taken, weights, family, self.epsilons, close) for family in curves):
            return None
        if any(follows(taken, weights, family, self.epsilons, SINGLE) for family in curves):
            sentence, hint = PRECISION["imprecise"]
            return Finding("imprecise", f"The new weights are right, but only to single precision: {sentence}", hint)
        return self._explained(taken, weights, curves)

    def _curves(self, frozen: FrozenProbe, weights: Floats, family: tuple[str, str, str]) -> list[Floats]:
        """The reference's steps at the three epsilons."""

        def all_steps(variant: str) -> Floats:
            arrays: list[Any] = [frozen.expected[f"{label}|{variant}"].array for label in self.steps]
            return np.concatenate([np.asarray(a, dtype=np.float64).ravel() for a in arrays])

        return [weights - all_steps(variant) for variant in family]

    def _explained(self, taken: Floats, weights: Floats, families: list[list[Floats]]) -> Finding:
        most = self.epsilons[2]
        for curves in families:
            x = implied(taken, weights, curves, self.epsilons)
            precise = np.abs(curves[0]) > np.abs(weights)  # what is left of a smaller step cannot be extrapolated
            if x is not None and x > most and np.all(near(taken, at(x, curves, self.epsilons), 0.05)[precise]):
                text = f"Epsilon is about {x:.1g}, which is too large: small gradients hardly move the weights."
                return Finding("epsilon too large", text, f"Use a value of at most {most:g}.")
        for curves in families:
            big = np.abs(curves[0] - curves[2]) <= 1e-8 * np.abs(curves[0])
            if big.any() and np.all(near(taken, curves[0], 1e-3)[big]):
                text = "The step is right for large gradients but not for small ones"
                text += ": epsilon is not added to the root." if inside_root(taken, curves, self.epsilons) else "."
                hint = "Take the root first, then add epsilon, a fixed small number, to it; keep the state in float64."
                return Finding("epsilon", text, hint)
        return Finding("values", "The new weights are not what is expected.", "Check each line against the formula.")


def near(taken: Floats, curve: Floats, relative: float) -> NDArray[np.bool_]:
    """Which steps agree."""
    return np.abs(taken - curve) <= relative * np.maximum(np.abs(taken), np.abs(curve))


def follows(
    taken: Floats,
    weights: Floats,
    curves: list[Floats],
    epsilons: tuple[float, float, float],
    close: tuple[float, float],
) -> bool:
    """Whether one epsilon in the allowed range explains all steps; `close` is relative to the steps and the weights."""
    x = implied(taken, weights, curves, epsilons)
    if x is None or not -SLACK * epsilons[2] < x <= epsilons[2] * (1 + SLACK):
        return False
    size = np.maximum(np.abs(taken), np.max(np.abs(curves), axis=0))
    allowed = close[0] * size + close[1] * np.abs(weights)
    if not telling(weights, curves).max() > TELLING:
        allowed += np.abs(curves[2] - curves[0])
    return bool(np.all(np.abs(taken - at(x, curves, epsilons)) <= allowed))


def inside_root(taken: Floats, curves: list[Floats], epsilons: tuple[float, float, float]) -> bool:
    """Whether the steps n / (s + epsilon) are n / sqrt(s**2 + e) here, with one and the same e."""
    (u1, _, u3), (x1, _, x3) = curves, epsilons
    tells = (np.abs(u1 - u3) > 1e-6 * np.abs(u1)) & (taken != 0)
    if not tells.any():
        return False
    u, u1, u3 = taken[tells], u1[tells], u3[tells]
    s = (u3 * x3 - u1 * x1) / (u1 - u3)
    n = u1 * (s + x1)
    inner = (n / u) ** 2 - s**2
    e = float(inner[np.argmin(np.abs(s))])
    return e > 0 and bool(np.all(near(u, n / np.sqrt(s**2 + e), 1e-2)))


def telling(weights: Floats, curves: list[Floats]) -> Floats:
    """How far epsilon moves each entry, compared with the rounding of the weights whose difference the step is."""
    moved = np.abs(curves[2] - curves[0]) / np.maximum(np.max(np.abs(curves), axis=0), np.abs(weights))
    return np.where(np.isfinite(moved), moved, 0)


def implied(taken: Floats, weights: Floats, curves: list[Floats], epsilons: tuple[float, float, float]) -> float | None:
    """The epsilon that the most telling entry implies; the first where none tells, None where it fits none."""
    moved = telling(weights, curves)
    best = int(np.argmax(moved))
    if not moved[best] > TELLING:
        return epsilons[0]
    u, (u1, u2, u3), (x1, x2, x3) = float(taken[best]), [float(c[best]) for c in curves], epsilons
    if u == u3:
        return x3
    ratio = (u - u1) * (u2 - u3) / ((u - u3) * (u2 - u1))
    k = (x2 - x3) / (x2 - x1)
    return None if ratio == k else (ratio * x3 - k * x1) / (ratio - k)


def at(x: float, curves: list[Floats], epsilons: tuple[float, float, float]) -> Floats:
    """The steps at epsilon `x`: the Moebius function through the three curves, entry by entry."""
    (u1, u2, u3), (x1, x2, x3) = curves, epsilons
    if x == x3:
        return u3
    ratio = (x2 - x3) / (x2 - x1) * (x - x1) / (x - x3)
    a, b = u2 - u3, u2 - u1
    flat = np.abs(u3 - u1) <= FLAT * np.abs(u1)
    denominator = np.where(flat, 1.0, a - ratio * b)
    return np.where(flat, u1, (u1 * a - ratio * b * u3) / denominator)
