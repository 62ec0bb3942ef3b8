"""A probe as lines of Python: what has to do with a result, and no more."""

from __future__ import annotations

from grader.judging.script import script
from grader.running.probes import Probe
from grader.worker.probe import Call, Data, Make, New


def test_an_array_looked_at_afterwards_comes_with_the_call_that_was_given_it() -> None:
    steps = (New("ReLU"), Call(0, "forward", (Data("x"),)), New("ReLU"), Make(Data("x"), report=True))
    lines = script(Probe(steps, {}, {"output": 1, "input afterwards": 3}, 0), 3)
    assert lines == ["relu = ReLU()", "output = relu.forward(x)", "input_afterwards = x"]
