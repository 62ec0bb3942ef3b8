"""Probes run on a student's namespace: every step has an outcome, whatever the student's code does or returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from grader.running.probes import Probe, Trace, error_of, read_trace
from grader.worker import execute
from grader.worker.execute import Stage
from grader.worker.normals import normals
from grader.worker.probe import (
    Call,
    Data,
    Get,
    Item,
    Items,
    Like,
    Make,
    New,
    NotReached,
    Number,
    Opaque,
    Raised,
    Ran,
    Read,
    Result,
    Returned,
    Set,
    StandIn,
    Use,
    WireProbe,
)
from grader.worker.wire import FrameReader, Packer, decode_response, frame

LIMIT = 1 << 20


def run(
    namespace: Mapping[str, Any],
    *steps: Any,
    arrays: Mapping[str, np.ndarray] | None = None,
    names: Mapping[str, str] | None = None,
    seed: int = 1,
    limit: int = LIMIT,
) -> Trace:
    """The trace of steps, sent through the wire format as in a worker."""
    packer = Packer()
    wire = tuple((name, packer.add(array)) for name, array in (arrays or {}).items())
    payload = bytearray(packer.payload())
    stage = Stage(namespace, frozenset({"tiny.py"}), names or {}, WireProbe(tuple(steps), wire, seed))
    message, reply = execute.reply(1, 0, stage, payload, bytes(payload), limit)
    ((header, body),) = FrameReader(1 << 23, 1 << 26).feed(frame(message, reply))
    response = decode_response(header)
    assert isinstance(response, Ran)
    return read_trace(response, body, Probe(tuple(steps), arrays or {}, {}, seed), limit)


class Layer:
    """A student's layer."""

    def __init__(self, size: int = 3) -> None:
        self.size, self.parts = size, [1, [2, 3]]

    def forward(self, x: Any) -> Any:
        return x[..., : self.size]

    def spoil(self, x: Any) -> None:
        x[0] = 99


def returns(value: Any) -> Any:
    """What comes back when a student's function returns `value`."""
    trace = run({"f": lambda: value}, Use("f", report=True))
    assert isinstance(trace.outcomes[0], Returned | Raised)
    return trace.values[0] if isinstance(trace.outcomes[0], Returned) else trace.outcomes[0]


def test_steps_construct_call_set_get_read_and_use() -> None:
    trace = run(
        {"Layer": Layer, "K": 7, "f": lambda a, b=1: a * b},
        New("Layer", (2,)),
        Call(0, "forward", (Data("x"),), report=True),
        Set(0, "size", 1),
        Call(0, "forward", (Data("x"),), report=True),
        Get(0, "parts[1][-1]", report=True),
        Read("K", report=True),
        Use("f", (Number("int64", 3),), {"b": 4}, report=True),
        Make(Items("dict", ("a", Items("tuple", (1, 2)))), report=True),
        arrays={"x": np.arange(3.0)},
    )
    assert trace.values[1].tolist() == [0, 1]
    assert trace.values[3].tolist() == [0]
    assert trace.values[4:7] == (3, 7, 12)
    assert trace.values[7] == ["a", (1, 2)]
    assert trace.changed == ()


def test_an_array_that_is_used_twice_is_the_same_object() -> None:
    trace = run(
        {"same": lambda a, b: a is b}, Use("same", (Data("x"), Data("x")), report=True), arrays={"x": np.ones(2)}
    )
    assert trace.values == (True,)


def test_what_was_not_reported_does_not_travel() -> None:
    assert run({"f": lambda: 3}, Use("f")).values == (None,)


def test_paths_with_keys_are_read_and_set() -> None:
    class Net:
        def __init__(self) -> None:
            self.params = {"W1": [1, 2]}

    trace = run(
        {"Net": Net},
        New("Net"),
        Set(0, "params['b 1.0']", 7),
        Get(0, "params['b 1.0']", report=True),
        Set(0, "params['W1'][1]", 5),
        Get(0, "params['W1'][-1]", report=True),
        Get(0, "params['W2']", report=True),
        Set(0, "parameters['W1']", 5),
    )
    assert (trace.values[2], trace.values[4]) == (7, 5)
    assert [error.type for n in (5, 6) if (error := error_of(trace, n))] == ["KeyError", "AttributeError"]


@pytest.mark.parametrize("value", [None, 3.5, np.ones(2), {"a": 1, "b": 2}, "ab", (1,), [1, 2, 3]])
def test_only_a_tuple_or_list_of_so_many_is_unpacked(value: Any) -> None:
    good = run({"f": lambda: [1, 2]}, Use("f"), Item(0, 1, 2, True))
    assert good.values[1] == 2
    trace = run({"f": lambda: value}, Use("f"), Item(0, 0, 2, True), Item(0, 1, 2))
    error = error_of(trace, 1)
    assert error and error.type == "TypeError" and "where 2 results in a tuple are expected" in error.message


def test_steps_after_a_failed_one_are_not_reached_and_name_it() -> None:
    def fails() -> None:
        raise ValueError("no")

    trace = run(
        {"f": fails, "g": lambda x: 1}, Use("f"), Use("g", (Result(0),)), Use("g", (Result(1),)), Use("g", (1,))
    )
    assert isinstance(trace.outcomes[0], Raised)
    assert trace.outcomes[1] == NotReached(0)
    assert trace.outcomes[2] == NotReached(1)
    assert isinstance(trace.outcomes[3], Returned)
    assert error_of(trace, 2) == trace.outcomes[0]


@pytest.mark.parametrize("name", ["Missing", "__import__"])
def test_a_missing_symbol_is_a_name_error(name: str) -> None:
    outcome = run({}, New(name)).outcomes[0]
    assert isinstance(outcome, Raised)
    assert (outcome.type, outcome.message) == ("NameError", f"{name} is not defined")


def test_like_is_redrawn_identically_by_the_judge() -> None:
    trace = run(
        {"f": lambda: np.ones((2, 3)), "same": lambda x: x},
        Use("f", report=True),
        Use("same", (Like(0, 42),), report=True),
    )
    assert np.array_equal(trace.values[1], normals(trace.values[0].shape, 42))
    assert not np.array_equal(trace.values[1], normals((2, 3), 43))


def test_like_of_something_without_a_shape_is_an_outcome() -> None:
    class Odd:
        shape = (10**9, 10**9)

    trace = run({"f": Odd, "g": lambda x: x}, Use("f"), Use("g", (Like(0, 1),)))
    assert trace.outcomes[1] == NotReached(0)


def mutations() -> dict[str, Any]:
    def shape(x: np.ndarray) -> None:
        x.shape = (x.size, 1)

    return {
        "item": lambda x: x.__setitem__(0, 5.0),
        "in place": lambda x: np.multiply(x, 2, out=x),
        "sort": lambda x: x[::-1].sort(),
        "shape": shape,
        "negative zero": lambda x: x.__setitem__(slice(None), np.where(x == 0, -0.0, x)),
    }


@pytest.mark.parametrize("how", mutations())
@pytest.mark.filterwarnings("ignore:Setting the shape")
def test_changed_arguments_are_reported_by_name(how: str) -> None:
    arrays = {"first": np.arange(3.0), "x": np.arange(4.0)}
    trace = run({"f": mutations()[how]}, Use("f", (Data("x"),)), arrays=arrays)
    assert trace.changed == ("x",)


def test_a_changed_mask_is_reported_too() -> None:
    trace = run({"f": lambda x: x.fill(True)}, Use("f", (Data("x"),)), arrays={"x": np.array([True, False])})
    assert trace.changed == ("x",)


def test_arguments_that_are_read_or_copied_are_not_changed() -> None:
    trace = run({"f": lambda x: np.sort(x) * 2}, Use("f", (Data("x"),)), arrays={"x": np.array([3.0, np.nan, 1.0])})
    assert trace.changed == ()


def test_the_courses_own_names_hold_for_symbols_attributes_methods_keywords_and_stand_ins() -> None:
    class Schicht:
        def __init__(self, breite: int) -> None:
            self.gewichte = breite

        def vorwaerts(self, initialisierer: Any) -> Any:
            return initialisierer.anfangswerte((2,), 1, 1)

    names = {
        "Layer": "Schicht",
        "width": "breite",
        "weights": "gewichte",
        "forward": "vorwaerts",
        "initialize": "anfangswerte",
    }
    steps = (
        New("Layer", keywords={"width": 4}, report=True),
        Get(0, "weights", report=True),
        Set(0, "weights", 5),
        Get(0, "weights", report=True),
        Call(0, "forward", (StandIn("initializer", 3),), report=True),
    )
    trace = run({"Schicht": Schicht}, *steps, names=names)
    assert trace.values[0] == Opaque("Layer")  # called as in the spec, so that it equals the reference's
    assert (trace.values[1], trace.values[3]) == (4, 5)
    assert trace.values[4].shape == (2,)


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text for you")


def deep() -> int:
    return deep() + 1


@pytest.mark.parametrize(
    ("error", "bases"),
    [
        (SystemExit(3), ("SystemExit", "BaseException", "object")),
        (KeyboardInterrupt(), ("KeyboardInterrupt", "BaseException", "object")),
        (GeneratorExit(), ("GeneratorExit", "BaseException", "object")),
        (Unprintable(), ("Exception", "BaseException", "object")),
        (ValueError("\ud800 and \x1b[31m"), ("ValueError", "Exception", "BaseException", "object")),
        (ExceptionGroup("several", [ValueError("a")]), ("ExceptionGroup", "BaseExceptionGroup", "Exception")),
    ],
    ids=["exit", "interrupt", "generator", "unprintable", "surrogate", "group"],
)
def test_whatever_a_student_raises_is_an_outcome(error: BaseException, bases: tuple[str, ...]) -> None:
    def fails() -> None:
        raise error

    outcome = run({"f": fails}, Use("f", report=True)).outcomes[0]
    assert isinstance(outcome, Raised)
    assert outcome.type == type(error).__name__
    assert outcome.bases[: len(bases)] == bases


def test_an_exception_cannot_lie_about_its_bases_nor_stop_the_worker() -> None:
    class Meta(type):
        __mro__ = property(lambda cls: 1 / 0)  # type: ignore[assignment]

    class Impostor(Exception):
        __module__ = "builtins"

    class Evil(KeyError, metaclass=Meta):
        __module__ = Raiser()  # type: ignore[assignment]

    def fails(kind: Any) -> None:
        raise kind

    Impostor.__name__ = "ValueError"
    for kind, bases in ((Impostor, ("Exception",)), (Evil, ("KeyError", "LookupError", "Exception"))):
        outcome = run({"f": lambda kind=kind: fails(kind)}, Use("f")).outcomes[0]
        assert isinstance(outcome, Raised)
        assert outcome.bases == (*bases, "BaseException", "object")


def test_endless_recursion_is_an_outcome_and_the_next_step_runs() -> None:
    trace = run({"f": deep, "g": lambda: 1}, Use("f"), Use("g", report=True))
    assert isinstance(trace.outcomes[0], Raised)
    assert trace.outcomes[0].type == "RecursionError"
    assert trace.values[1] == 1


def test_a_students_lines_are_named_and_no_others() -> None:
    namespace: dict[str, Any] = {}
    exec(compile("def f(x):\n    return g(x)\ndef g(x):\n    return x[5]\n", "tiny.py", "exec"), namespace)
    outcome = run(namespace, Use("f", (Data("x"),)), arrays={"x": np.ones(2)}).outcomes[0]
    assert isinstance(outcome, Raised)
    assert [line[:2] for line in outcome.lines] == [("tiny.py", 2), ("tiny.py", 4)]


class Liar(np.ndarray):
    """An array that overrides everything."""

    def __array_finalize__(self, other: Any) -> None:
        pass

    def _no(self, *args: Any, **keywords: Any) -> Any:
        raise RuntimeError("no")

    tobytes = astype = __array__ = __array_ufunc__ = __array_function__ = __eq__ = __getitem__ = __len__ = view = _no
    shape = property(lambda self: (99,))
    dtype = property(lambda self: np.dtype("float32"))
    __hash__ = None  # type: ignore[assignment]


class Raiser:
    """An object in which everything raises."""

    def __array__(self, *args: Any, **keywords: Any) -> Any:
        raise RuntimeError("no")

    __float__ = __int__ = __len__ = __iter__ = __str__ = __repr__ = __bool__ = __eq__ = __array__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


class LyingClass:
    __class__ = np.ndarray  # type: ignore[assignment]


class Text(str):
    def __getitem__(self, key: Any) -> Any:
        raise RuntimeError("no")

    encode = __len__ = __str__ = __getitem__


class Whole(int):
    def __abs__(self) -> Any:
        return self

    def __int__(self) -> int:
        return 7


class Endless(list):  # type: ignore[type-arg]
    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Any:
        raise RuntimeError("no")


def self_containing() -> list[Any]:
    value: list[Any] = [1]
    value += [value] * 30
    return value


def self_containing_dict() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["self"] = value
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (np.True_, np.array(True)),
        (3, 3),
        (2**70, Opaque("int that is too large")),
        (2.5, 2.5),
        (np.float32(2.5), np.array(2.5, np.float32)),
        ("text", "text"),
        ("\ud800", "?"),
        ("x" * 10_000, "x" * 500),
        ([1, (2, [3])], [1, (2, [3])]),
        ({"a": 1}, ["a", 1]),
        (1 + 2j, Opaque("complex")),
        (np.array([1 + 2j]), np.array([1 + 2j])),
        (np.array([object()]), Opaque("array of dtype object")),
        (np.array(["a"]), Opaque("array of dtype str32")),
        (np.ma.masked_array([1.0, 2.0], [True, False]), np.array([1.0, 2.0])),
        (Raiser(), Opaque("Raiser")),
        (Raiser, Opaque("type")),
        (np, Opaque("module")),
        (iter([1]), Opaque("list_iterator")),
        (Text("secret"), "secret"),
        (Whole(5), 7),
    ],
    ids=lambda value: f"{type(value).__name__}",
)
def test_what_is_returned_becomes_data_or_a_description(value: Any, expected: Any) -> None:
    got = returns(value)
    if isinstance(expected, np.ndarray):
        assert got.dtype == expected.dtype
        assert np.array_equal(got, expected)
    else:
        assert got == expected
        assert type(got) is type(expected)


def test_an_array_that_overrides_everything_is_read_as_it_is() -> None:
    got = returns(np.arange(3.0).view(Liar))
    assert got.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "value", [self_containing(), self_containing_dict(), [[0.0] * 200 for _ in range(200)], Endless()]
)
def test_lists_without_end_are_cut_or_are_an_outcome(value: Any) -> None:
    returns(value)


def test_objects_that_lie_about_their_class_are_an_outcome() -> None:
    assert isinstance(returns(LyingClass()), Raised | Opaque)


def test_an_array_that_is_too_large_is_described() -> None:
    trace = run({"f": lambda: np.zeros((200, 1000))}, Use("f", report=True))
    assert trace.values[0] == Opaque("array of shape (200, 1000), which is too large")
    # The limit is for all results of a probe, and counts what the judge will hold: float64.
    half = {"f": lambda: np.zeros(LIMIT // 16, np.float64), "g": lambda: np.zeros(LIMIT // 4, np.int8)}
    trace = run(half, Use("f", report=True), Use("f", report=True), Use("f", report=True), Use("g", report=True))
    assert [isinstance(value, Opaque) for value in trace.values] == [False, False, True, True]


def test_views_without_memory_of_their_own_are_measured_by_their_size() -> None:
    huge = np.broadcast_to(np.float64(1), (10**6, 10**6))
    assert isinstance(returns(huge), Opaque)


def test_a_probe_holds_what_the_judge_needs_to_redraw() -> None:
    probe = Probe((Make(1),), {"x": np.ones(2)}, {}, 3)
    assert probe.with_arrays(x=np.zeros(1)).arrays["x"].tolist() == [0]
    assert probe.arrays["x"].tolist() == [1, 1]
