"""Bundles and contexts without any process, for tests of single checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.bundle import Bundle, Expected, FrozenCase, FrozenPlan, FrozenProbe
from grader.judging.context import Bank, Context, Policy
from grader.running.probes import Probe, Trace
from grader.worker.probe import Make, NotReached, Outcome, Raised, Returned

LABELS = ("output", "second")


def bundle_of(check: Any, expected: Sequence[Mapping[str, Any]], **arrays: Any) -> Bundle:
    """One plan "main", one probe for each mapping of label to expected value; `arrays` go into every probe."""
    labels = {label: n for n, label in enumerate(expected[0])}
    steps = tuple(Make(None, report=True) for _ in labels)
    given = {name: np.asarray(value, dtype=float) for name, value in arrays.items()}
    frozen = tuple(
        FrozenProbe(
            number,
            Probe(steps, given, labels, number),
            {label: _expected(value) for label, value in one.items()},
            {"family": "normal", "mean": 0.0, "deviation": 1.0},
        )
        for number, one in enumerate(expected)
    )
    cases = tuple(FrozenCase({"size": number}) for number in range(len(expected)))
    plan = FrozenPlan("main", frozen, {})
    return Bundle(1, "hidden", "t", "e", "E", "t.py", ("f",), (), cases, (plan,), (check,), (), {}, "")


def _expected(value: Any) -> Expected:
    if isinstance(value, str) and value.startswith("raises "):
        return Expected(raised=value.removeprefix("raises "))
    return Expected(array=value) if isinstance(value, np.ndarray) else Expected(plain=value)


def trace_of(values: Sequence[Any], death: str = "", changed: Sequence[str] = ()) -> Trace:
    """A trace that reports these values; a Raised or NotReached among them is the outcome itself."""
    outcomes: list[Outcome] = [v if isinstance(v, Raised | NotReached) else Returned() for v in values]
    plain = tuple(None if isinstance(v, Raised | NotReached) else v for v in values)
    return Trace(tuple(outcomes), plain, tuple(changed), "", death, death and "it ended")


def context_of(bundle: Bundle, traces: Sequence[Trace], policy: Policy | None = None, run: Any = None) -> Context:
    """What a check is given."""
    return Context(Bank(bundle), traces, policy or Policy(), run or (lambda probes: []))
