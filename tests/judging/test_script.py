"""A probe as lines of Python: what has to do with a result, and no more."""

from __future__ import annotations

import numpy as np

from grader.judging.script import script
from grader.running.probes import Probe
from grader.worker.probe import Call, Data, Get, Item, Items, Make, New, Result, Rng, Set, Use


def test_an_array_looked_at_afterwards_comes_with_the_call_that_was_given_it() -> None:
    steps = (New("ReLU"), Call(0, "forward", (Data("x"),)), New("ReLU"), Make(Data("x"), report=True))
    lines = script(Probe(steps, {}, {"output": 1, "input afterwards": 3}, 0), 3)
    assert lines == ["relu = ReLU()", "output = relu.forward(x)", "input_afterwards = x"]


def test_results_that_are_unpacked_stand_in_one_line() -> None:
    steps = (Use("f", (Data("x"),)), Item(0, 0, 2, True), Item(0, 1, 2), Use("g", (Result(2),), report=True))
    assert script(Probe(steps, {}, {"out": 1, "dx": 3}, 0), 3) == ["out, rest = f(x)", "dx = g(rest)"]


def test_a_call_that_is_handed_a_dict_or_a_generator_comes_before_what_is_read_of_it() -> None:
    steps = (Make(Items("dict", ("p", 1))), Use("f", (Data("x"), Result(0))), Get(0, "['mean']", True))
    assert script(Probe(steps, {}, {"mean": 2}, 0), 2)[1:] == ["f_result = f(x, a_dict)", "mean = a_dict['mean']"]
    steps = (Make(Rng(3)), Use("f", (Result(0),)), Use("f", (Result(0),), report=True))
    assert len(script(Probe(steps, {}, {"second": 2}, 0), 2)) == 3


def test_what_is_set_in_a_part_of_an_object_comes_along_and_what_is_only_read_does_not() -> None:
    steps = (New("Net"), Set(0, "params['W']", Data("W")), Get(0, "params"), Call(2, "pop", ("b",)))
    steps += (Call(0, "loss", report=True), Call(4, "__getitem__", ("W",)), Call(4, "__getitem__", ("b",), report=True))
    lines = script(Probe(steps, {}, {"grads": 4, "b": 6}, 0), 6)
    assert lines[:4] == ["net = Net()", "net.params['W'] = W", "params = net.params", "pop_result = params.pop('b')"]
    assert lines[4:] == ["grads = net.loss()", "b = grads['b']"]


def test_a_result_without_a_label_does_not_take_the_name_of_an_array() -> None:
    steps = (New("Conv"), Set(0, "weights", Data("weights")), Get(0, "weights"), Call(2, "sum", report=True))
    lines = script(Probe(steps, {"weights": np.ones(2)}, {"total": 3}, 0), 3)
    assert lines[1:] == ["conv.weights = weights", "weights_2 = conv.weights", "total = weights_2.sum()"]
