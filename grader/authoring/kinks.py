"""The kink guard: finite differences are only taken where the reference is smooth. It runs once, when freezing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from grader.bundle import FrozenPlan
from grader.judging.checks import Gradient
from grader.judging.compare import array_at
from grader.judging.finite_differences import agrees, cotangent, moves
from grader.running.probes import Probe, Trace

from .cases import spread

CASES = 5
CANDIDATES = 25
KINK = 1e-2


def smooth_probes(check: Gradient, plan: FrozenPlan, run: Callable[[Sequence[Probe]], list[Trace]]) -> tuple[int, ...]:
    """Up to five cases, from small to large, in which the reference has no kink within a step of the input.

    A kink shows as |f(+h) + f(-h) - 2 f(0)| > 0.01 h in some entry. The guard sees the reference only: a student's own
    forward pass could make everything inconclusive. Where the reference's backward does not agree either, the case is
    left out as too steep for finite differences.
    """
    numbers = [n for n, frozen in enumerate(plan.probes) if _usable(frozen.probe, check)]
    candidates = spread(numbers, CANDIDATES)
    planned = moves(check, plan.probes, candidates)
    traces = run([probe for move in planned for probe in move.probes])
    bad: set[int] = set()
    for move, plus, minus in zip(planned, traces[::2], traces[1::2], strict=True):
        frozen = plan.probes[move.number]
        up, down = (array_at(t, p, check.output) for t, p in zip((plus, minus), move.probes, strict=True))
        middle, gradient = frozen.expected[check.output].array, frozen.expected[check.label].array
        if up is None or down is None or middle is None or gradient is None or up.shape != down.shape:
            bad.add(move.number)
            continue
        scale = max(1.0, float(np.max(np.abs(middle), initial=0.0)))
        kinked = float(np.max(np.abs(up + down - 2 * middle), initial=0.0)) > KINK * min(move.step, 1e-3) * scale
        g = cotangent(check, frozen.probe, up)
        numeric = float(((up - down) * g).sum()) / (2 * move.step)
        if kinked or not agrees(numeric, float((gradient * move.direction).sum()), gradient):
            bad.add(move.number)
    return tuple(spread([n for n in candidates if n not in bad], CASES))


def _usable(probe: Probe, check: Gradient) -> bool:
    array = probe.arrays.get(check.wrt)
    return array is not None and array.size > 0 and check.label in probe.labels
