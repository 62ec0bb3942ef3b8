"""Statistical tests of random arrays, designed for a false-alarm rate below 1e-9 over a whole bank.

Every test statistic is standard normal (or Kolmogorov's) for a right answer; at 7.2 standard deviations, and at 3.7
for Kolmogorov-Smirnov, a single test raises a false alarm with probability below 1e-11.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.judging.compare import Comparison, array_at
from grader.judging.evidence import illustrate
from grader.judging.explain import findings
from grader.report import CheckResult, Finding

from .base import NUMBERS, Base, settle, unearned
from .choices import uneven

if TYPE_CHECKING:
    from grader.bundle import FrozenProbe
    from grader.judging.context import Context
    from grader.running.probes import Trace

Z, KOLMOGOROV = 7.2, 3.7
TAIL = 26  # so many numbers expected farther out, and none seen: probability exp(-26)
KURTOSIS = {"normal": 3.0, "uniform": 1.8}


class Distribution(Base, frozen=True, kw_only=True, tag="distribution"):
    """Arrays of independent draws. Each probe's facts give `family` ("normal" or "uniform"), `mean` and `deviation`;
    or `family` "choice" and `values`, the numbers that are equally likely or whose probabilities are `shares`.

    `again`: label of a second draw that must differ from the first.
    """

    again: str = ""

    def judge(self, context: Context) -> CheckResult:
        """Shape first, then mean, deviation and the whole distribution function of every case."""
        refused = unearned(self, context)
        if refused:
            return refused
        judged, told = self._judged(context)
        return settle(self, context, judged, self._findings(context, judged, told))

    def right(self, context: Context) -> float:
        """By the statistic: the values themselves are different for everyone."""
        return self._judged(context)[0].share

    def _judged(self, context: Context) -> tuple[Comparison, dict[int, Finding]]:
        return context.once((self.name, "judged"), lambda: self._all(context))

    def _all(self, context: Context) -> tuple[Comparison, dict[int, Finding]]:
        plan, traces = context.plan(self.plan), context.traces[self.plan]
        codes, told = list(context.comparison(self.plan, self.label).codes), {}
        for number, code in enumerate(codes):
            if code in NUMBERS:
                finding = self._odd(plan.probes[number], traces[number])
                codes[number] = finding.code if finding else "ok"
                if finding:
                    told[number] = finding
        return Comparison(codes), told

    def _findings(self, context: Context, judged: Comparison, told: dict[int, Finding]) -> tuple[Finding, ...]:
        if not judged.wrong:
            return ()
        first = judged.wrong[0]
        known = context.misconception(self.plan, self.labels)
        if known and first in told and not self._shows_here(known.check, told[first].code, context):
            known = None  # right by its statistic, as is every mistake made elsewhere
        if known:
            named = Finding(known.name, known.sentence, known.hint, misconception=known.name)
            return (_without_values(illustrate(named, self, context, first)),)
        if first in told:
            return (_without_values(illustrate(told[first], self, context, first)),)
        return findings(self, context, judged)

    def _shows_here(self, name: str, code: str, context: Context) -> bool:
        """Whether a mistake that shows in the check `name` can be why these numbers are odd.

        Arrays that are nearly right look like right ones, and so like those of all mistakes made elsewhere.
        """
        if code == "same again":
            return name == self.name
        return any(check.name == name and check.plan == self.plan for check in context.bank.bundle.checks)

    def _odd(self, frozen: FrozenProbe, trace: Trace) -> Finding | None:
        drawn = array_at(trace, frozen.probe, self.label)
        if drawn is None or not np.isfinite(drawn).all():
            return Finding("nan", "Some of the drawn numbers are not finite.")
        finding = unlike(drawn.ravel(), frozen.facts)
        if finding or not self.again:
            return finding
        second = array_at(trace, frozen.probe, self.again)
        if second is not None and second.shape == drawn.shape and np.array_equal(drawn, second):
            hint = "Do not seed the generator inside of initialize."
            return Finding("same again", "A second call draws the very same numbers.", hint)
        return None


def _without_values(finding: Finding) -> Finding:
    """Nobody is expected to draw the very numbers of the reference."""
    if finding.evidence is None:
        return finding
    evidence = msgspec.structs.replace(finding.evidence, expected=None, differs=())
    return msgspec.structs.replace(finding, evidence=evidence)


def unlike(x: NDArray[np.float64], facts: dict[str, Any]) -> Finding | None:
    """What does not fit the distribution that `facts` describe, or None."""
    if facts["family"] == "choice":
        return uneven(x, facts["values"], facts.get("shares", ()))
    family, mean, deviation = str(facts["family"]), float(facts["mean"]), float(facts["deviation"])
    n, seen = x.size, float(x.std())
    x = np.sort(x)
    distinct = 1 + int(np.count_nonzero(np.diff(x)))
    if distinct < 0.99 * n:
        text = f"Only {distinct} of {n} numbers are different."
        text = text if distinct > 1 else f"All {n} numbers are the same."
        hint = "Draw a number for every entry, from the whole interval; a grid or clipping makes equal ones, too."
        return Finding("repeated", text, hint)
    if abs(x.mean() - mean) > Z * max(deviation, seen) / math.sqrt(n):
        text = f"The mean of {n} numbers is {x.mean():.4g}, where {mean:.4g} is expected."
        hint = "Is something added, or the sign lost?" if family == "normal" else "Check both ends of the interval."
        return Finding("mean", text, hint)
    spread = math.sqrt((KURTOSIS[family] - 1) / n)
    if abs(seen**2 / deviation**2 - 1) > Z * spread:
        text = f"The standard deviation of {n} numbers is {seen:.4g}, where {deviation:.4g} is expected."
        hint = "Check the formula, which fan it uses, and whether a root is missing."
        return Finding("deviation", text, hint if family == "normal" else "Check both ends of the interval.")
    farthest = float(np.max(np.abs(x - mean))) / deviation
    if family == "normal" and 2 * n * (1 - float(normal_cdf(np.array(farthest)))) > TAIL:
        text = f"None of {n} numbers is farther than {farthest:.3g} standard deviations from {mean:g}."
        return Finding("tails", text, "A normal distribution is not cut off: leave out clip, or drawing again.")
    if math.sqrt(n) * _distance(x, family, mean, deviation) > KOLMOGOROV:
        text = f"Mean and standard deviation are right, but the {n} numbers are not {family}ly distributed."
        return Finding("family", text, f"Draw from the {family} distribution.")
    return None


def _distance(x: NDArray[np.float64], family: str, mean: float, deviation: float) -> float:
    """Largest gap between the empirical distribution function of sorted numbers and the wanted one."""
    ordered = (x - mean) / deviation
    if family == "uniform":
        wanted = np.clip(ordered / math.sqrt(12) + 0.5, 0, 1)
    else:
        wanted = normal_cdf(ordered)
    ranks = np.arange(1, x.size + 1) / x.size
    return float(max(np.max(ranks - wanted), np.max(wanted - ranks + 1 / x.size)))


def normal_cdf(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normal distribution function to 1e-7 (Abramowitz and Stegun 26.2.17): much finer than any sample."""
    t = 1 / (1 + 0.2316419 * np.abs(x))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    upper = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi) * series
    return np.where(x > 0, 1 - upper, upper)
