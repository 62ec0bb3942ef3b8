"""Central differences of a student's own forward pass along random directions.

Passes where |numeric - analytic| <= 1e-6 * max(norm of the gradient, |numeric|, 1e-8), written so that NaN fails.
The cotangent is the one that backward was given: independent standard normals in the shape of the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.running.probes import Array, Probe, Trace
from grader.worker.normals import normals
from grader.worker.probe import Call, Like, Use

from .compare import array_at

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.checks.gradient import Gradient
    from grader.judging.context import Context

TOLERANCE, TOLERANCE_FLOAT32 = 1e-6, 1e-3
DIRECTIONS = 2
STEP, STEP_FLOAT32 = 1e-5, 1e-2


class Move(NamedTuple):
    """One direction in one case: the probes with plus and minus, the direction and the step."""

    number: int
    direction: NDArray[np.float64]
    step: float
    probes: tuple[Probe, Probe]


def moves(
    check: Gradient, probes: Sequence[FrozenProbe], numbers: Sequence[int], narrow: bool = False, whole: bool = False
) -> list[Move]:
    """What has to be run for the given cases: the forward part of their probes, or as a `whole`."""
    planned = []
    for number in numbers:
        probe = probes[number].probe
        target = np.asarray(probe.arrays[check.wrt], dtype=np.float64)
        for index in range(DIRECTIONS):
            v = direction(target.shape, probe.seed + 7919 * (index + 1))
            h = _step(check.linear, target, narrow)
            pair = (probe.with_arrays(**{check.wrt: moved}) for moved in (target + h * v, target - h * v))
            plus, minus = pair if whole else (_forward(check, probe) for probe in pair)
            planned.append(Move(number, v, h, (plus, minus)))
    return planned


def direction(shape: tuple[int, ...], seed: int) -> NDArray[np.float64]:
    """Entries +-U(0.5, 1): bounded, so that a gap of 2h is never crossed, and continuous, so that nothing cancels."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return np.asarray(rng.uniform(0.5, 1.0, shape) * rng.choice([-1.0, 1.0], shape))


def _step(linear: bool, target: Array, narrow: bool) -> float:
    if linear:
        return 1.0
    scale = max(1e-3, float(np.max(np.abs(target), initial=0.0)))
    return (STEP_FLOAT32 if narrow else STEP) * scale


def _forward(check: Gradient, probe: Probe) -> Probe:
    """The forward part of a probe."""
    last = probe.labels[check.output]
    return msgspec.structs.replace(probe, steps=probe.steps[: last + 1], labels={check.output: last})


def cotangent(check: Gradient, probe: Probe, output: Array) -> NDArray[np.float64]:
    """What backward was given: redrawn from the output's shape, or 1 for a loss, whose backward is given nothing."""
    for argument in _arguments(probe, probe.labels[check.output]):
        if isinstance(argument, Like):
            return normals(output.shape, argument.seed)
    return np.ones(output.shape)


def _arguments(probe: Probe, output: int) -> list[Any]:
    values = [v for step in probe.steps if isinstance(step, Call | Use) for v in step.arguments]
    return [value for value in values if isinstance(value, Like) and value.step == output]


def agrees(numeric: float, analytic: float, gradient: Array, tolerance: float = TOLERANCE) -> bool:
    """The pass rule."""
    bound = tolerance * max(float(np.linalg.norm(gradient)), abs(numeric), 1e-8)
    return bool(abs(numeric - analytic) <= bound < np.inf)


def consistent(check: Gradient, context: Context) -> bool:
    """Whether the student's backward pass is the gradient of the student's forward pass in all chosen cases.

    All is run where nothing is remembered of the case, and mixed with the case itself, which must give the same as
    before: so no program can answer differences in another way than it answers cases.
    """
    plan, traces = context.plan(check.plan), context.traces[check.plan]
    narrow = any(_is_narrow(traces[number], plan.probes[number].probe, check.output) for number in check.probes)
    planned = moves(check, plan.probes, check.probes, narrow, whole=True)
    cases = [plan.probes[number].probe for number in check.probes]
    results = _mixed(context, [*cases, *(probe for move in planned for probe in move.probes)])
    tolerance = TOLERANCE_FLOAT32 if narrow else TOLERANCE
    again = zip(check.probes, cases, results, strict=False)
    if not all(_as_before(check, probe, traces[number], trace, tolerance) for number, probe, trace in again):
        return False
    moved = results[len(cases) :]
    pairs = zip(moved[::2], moved[1::2], strict=True)
    return all(
        _fits(check, move, plus, minus, plan.probes[move.number].probe, traces[move.number], tolerance)
        for move, (plus, minus) in zip(planned, pairs, strict=True)
    )


def _mixed(context: Context, probes: Sequence[Probe]) -> list[Trace]:
    """The traces of probes that are run in an order which follows from all their seeds."""
    order = np.random.Generator(np.random.PCG64([probe.seed for probe in probes])).permutation(len(probes))
    results = context.run([probes[number] for number in order])
    return [results[place] for place in np.argsort(order)]


def _as_before(check: Gradient, probe: Probe, before: Trace, now: Trace, tolerance: float) -> bool:
    """Whether a case gives the same output and gradient as in the first run."""
    pairs = [(array_at(before, probe, label), array_at(now, probe, label)) for label in (check.output, check.label)]
    return all(
        one is not None
        and other is not None
        and one.shape == other.shape
        and bool(np.all(np.abs(one - other) <= tolerance * np.max(np.abs(one), initial=0.0)))
        for one, other in pairs
    )


def _is_narrow(trace: Trace, probe: Probe, label: str) -> bool:
    value = trace.values[probe.labels[label]]
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.dtype.itemsize < 8


def _fits(check: Gradient, move: Move, plus: Trace, minus: Trace, probe: Probe, trace: Trace, tolerance: float) -> bool:
    up, down = (array_at(t, p, check.output) for t, p in zip((plus, minus), move.probes, strict=True))
    gradient = array_at(trace, probe, check.label)
    if up is None or down is None or gradient is None or up.shape != down.shape:
        return False
    if gradient.shape != move.direction.shape or not np.isfinite(gradient).all():
        return False
    g = cotangent(check, probe, up)
    numeric = float(((up - down) * g).sum()) / (2 * move.step)
    return agrees(numeric, float((gradient * move.direction).sum()), gradient, tolerance)
