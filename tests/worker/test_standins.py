"""Stand-ins: the way that a student's code uses them shows in the values that come back."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from grader.worker.standins import KINDS, entropy, rate


def make(kind: str, seed: int = 1, names: dict[str, str] | None = None, **options: Any) -> Any:
    return KINDS[kind](seed, options, names or {})


def initialized(*arguments: Any, seed: int = 1, **options: Any) -> np.ndarray:
    return make("initializer", seed, **options).initialize(*arguments)


def test_an_initializer_depends_on_shape_fans_and_seed_and_on_nothing_else() -> None:
    first = initialized((3, 2), 4, 5)
    assert first.shape == (3, 2)
    again = make("initializer")
    again.initialize((7,), 1, 1)
    assert np.array_equal(again.initialize([3, 2], np.int64(4), 5.0), first)
    for other in (initialized((3, 2), 5, 4), initialized((3, 2), 4, 6), initialized((3, 2), 4, 5, seed=2)):
        assert not np.array_equal(other, first)
    assert not np.array_equal(initialized((2, 3), 5, 4).T, first)


def test_an_initializer_without_fans_gives_the_same_for_all() -> None:
    assert np.array_equal(initialized((3,), 1, 2, fans=False), initialized((3,), 9, fans=False))


@pytest.mark.parametrize("fan", [None, "many", [], np.ones(3), float("nan"), float("inf"), 10**400, object()])
def test_an_initializer_takes_any_fan(fan: Any) -> None:
    assert initialized((2,), fan, fan).shape == (2,)


def test_equal_numbers_have_equal_entropy() -> None:
    assert len({entropy(v) for v in (27, 27.0, np.int64(27), np.float32(27), np.array(27))}) == 1
    assert len({entropy(v) for v in (27, 28, None, "weights", "back", float("nan"))}) == 6


def step(optimizer: Any) -> float:
    """The step size of the next call."""
    return float(optimizer.calculate_update(np.zeros(1), -np.ones(1))[0])


def test_an_optimizer_tells_how_often_this_copy_was_called() -> None:
    optimizer = make("optimizer")
    assert [step(optimizer) for _ in range(3)] == [rate(1), rate(2), rate(3)]
    used = copy.deepcopy(optimizer)
    assert [step(used), step(optimizer)] == [rate(4), rate(4)]
    assert len({rate(n) for n in range(20)}) == 20


@pytest.mark.parametrize(("shallow", "second"), [(False, 1), (True, 2)])
def test_a_shallow_copy_shares_the_count_where_it_must(shallow: bool, second: int) -> None:
    optimizer = make("optimizer", shallow=shallow)
    other = copy.copy(optimizer)
    assert [step(optimizer), step(other)] == [rate(1), rate(second)]


def test_an_optimizer_leaves_its_arguments_alone() -> None:
    weights, gradient = np.ones(2), np.ones(2)
    make("optimizer").calculate_update(weights, gradient)
    assert weights.tolist() == gradient.tolist() == [1, 1]


def test_an_optimizer_may_have_one_step_size() -> None:
    optimizer = make("optimizer", learning_rate=0.5)
    assert optimizer.learning_rate == 0.5
    assert [step(optimizer), step(optimizer)] == [0.5, 0.5]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"data"}))
def test_every_stand_in_can_be_copied_with_what_it_has_become(kind: str) -> None:
    thing = make(kind, trainable=True)
    thing.note = [1]
    twin = copy.deepcopy([thing, thing])
    assert twin[0] is twin[1]
    assert twin[0] is not thing
    twin[0].note.append(2)
    assert (thing.note, twin[0].note) == ([1], [1, 2])


def test_stand_ins_answer_to_the_courses_own_names() -> None:
    names = {"calculate_update": "schritt", "learning_rate": "lernrate", "optimizer": "optimierer"}
    optimizer = make("optimizer", names=names)
    assert optimizer.schritt(np.zeros(1), -np.ones(1)).tolist() == [rate(1)]
    optimizer.lernrate = 0.25
    assert optimizer.learning_rate == optimizer.lernrate == 0.25
    trainable = make("layer", names=names, trainable=True)
    trainable.optimierer = optimizer
    assert trainable.optimizer is optimizer


def test_what_a_stand_in_has_not_is_told_by_its_name() -> None:
    with pytest.raises(AttributeError, match="the grader's stand-in Optimizer has no attribute 'momentum'"):
        make("optimizer").momentum  # noqa: B018
    assert not hasattr(make("layer"), "optimizer")
    assert hasattr(make("layer", trainable=True), "optimizer")


def test_a_layer_shows_its_phase_and_which_way_it_was_gone_through() -> None:
    layer, x = make("layer", size=3, phase=True), np.eye(3)
    train = layer.forward(x)
    layer.phase = "test"
    assert np.allclose(layer.forward(x) - train, 1)
    layer.phase = None  # a network that has not set a phase yet disturbs no forward pass
    assert np.allclose(layer.forward(x), train)
    assert not np.allclose(layer.backward(x), train)


def test_a_layer_tells_which_arrays_of_its_own_were_written_into() -> None:
    layer = make("layer", size=3)
    output, back = layer.forward(np.eye(3)), layer.backward(np.eye(3))
    assert np.array_equal(layer.output_tensor, layer.output_returned)
    output += 1
    back += 1
    assert np.allclose(layer.output_tensor - layer.output_returned, 1)
    assert np.allclose(layer.input_gradient - layer.gradient_returned, 1)


@pytest.mark.parametrize(("options", "added"), [({}, ["phase", "optimizer"]), ({"phase": True}, ["optimizer"]),
                                                ({"trainable": True, "phase": True}, [])])  # fmt: skip
def test_a_layer_tells_what_it_was_given_without_having_it(options: dict[str, Any], added: list[str]) -> None:
    layer = make("layer", **options)
    layer.phase, layer.optimizer, layer.weights = "test", None, np.eye(3)
    assert layer.added == added


def test_a_trainable_layer_shows_initializers_and_optimizer() -> None:
    def fresh(a: int, b: int) -> Any:
        layer = make("layer", trainable=True)
        layer.initialize(make("initializer", a), make("initializer", b))
        return layer

    right, swapped, missing = fresh(1, 2), fresh(2, 1), make("layer", trainable=True)
    assert len({layer.weights.tobytes() for layer in (right, swapped, missing)}) == 3
    before = right.weights
    right.optimizer = make("optimizer")
    x = np.ones((2, 3))
    right.forward(x)
    returned = right.backward(x)
    gradient = x.T @ x
    assert np.allclose(right.gradient_weights, gradient)
    assert np.allclose(right.weights, before - rate(1) * gradient / (1 + gradient.max()))
    assert np.allclose(returned, x @ right.back)


def test_losses_of_many_trainable_layers_stay_comparable() -> None:
    """The largest decides about the tolerance for all in a list."""
    for seed in range(200):
        layers = [make("layer", 10 * seed + n, trainable=True, size=2 + seed % 3) for n in range(5)]
        data = make("data", seed, inputs=(3, 2 + seed % 3), labels=(3, 2 + seed % 3))
        loss, losses = make("loss", seed), []
        for number, layer in enumerate(layers):
            layer.initialize(make("initializer", seed), make("initializer", number))
            layer.optimizer = make("optimizer")
        for _ in range(5):
            output, label = data.next()
            for layer in layers:
                output = layer.forward(output)
            losses.append(loss.forward(output, label))
            error = loss.backward(label)
            for layer in reversed(layers):
                error = layer.backward(error)
        assert max(losses) < 1e6 * min(losses), seed


def test_a_loss_depends_on_both_arguments_and_on_the_call() -> None:
    loss, p, y = make("loss"), np.ones(2), np.zeros(2)
    values = [loss.forward(p, y), loss.forward(p, y), loss.forward(y, p)]
    assert len({round(v, 9) for v in values}) == 3
    assert np.allclose(loss.backward(p), (2 * y - p) / 8)


def test_a_data_source_gives_another_pair_at_every_call() -> None:
    data = make("data", inputs=(2, 3), labels=(2, 1))
    pairs = [data.next(), data.next()]
    assert [pair[0].shape for pair in pairs] == [(2, 3), (2, 3)]
    assert not np.array_equal(pairs[0][0], pairs[1][0])
    assert np.array_equal(make("data", inputs=(2, 3), labels=(2, 1)).next()[1], pairs[0][1])
    batches = make("data", batches=[(np.ones(1), np.zeros(1)), (np.full(1, 2.0), np.zeros(1))])
    assert [float(batches.next()[0][0]) for _ in range(3)] == [1, 2, 1]


def test_a_batch_that_a_student_changes_is_whole_the_next_time() -> None:
    batches = make("data", batches=[(np.ones(1), np.zeros(1))])
    batches.next()[0][:] = 5
    assert batches.next()[0].tolist() == [1]


def test_stand_ins_hold_no_module_of_the_judge() -> None:
    assert b"grader.judging" not in pickle.dumps(make("layer").__dict__)
