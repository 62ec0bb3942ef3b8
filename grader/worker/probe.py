"""Probes and traces: the only things that cross between judge and worker.

A probe is a script of steps over named arrays. A trace is one outcome per step. Both are typed data; msgspec
validates them at the border in both directions. What a worker says may come from a student's code: its texts and
lists have lengths that an honest worker never reaches.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

MAX_ITEMS = 10_000  # of all lists and dicts in one reply together; a dict's item is two
MAX_DEPTH = 8  # of lists in lists
Text = Annotated[str, msgspec.Meta(max_length=10_000)]
Few = msgspec.Meta(max_length=1_000)


class Data(msgspec.Struct, frozen=True, tag="data", tag_field="t"):
    """The probe's array of this name. Used twice, it is the same object twice."""

    name: str


class Result(msgspec.Struct, frozen=True, tag="result", tag_field="t"):
    """What an earlier step returned, as the same object."""

    step: int


class Like(msgspec.Struct, frozen=True, tag="like", tag_field="t"):
    """Standard normals in the shape of an earlier result; the judge redraws them from the reported shape."""

    step: int
    seed: int


class Number(msgspec.Struct, frozen=True, tag="number", tag_field="t"):
    """A NumPy scalar, such as `np.int64(3)`."""

    dtype: str
    value: int | float


class Rng(msgspec.Struct, frozen=True, tag="rng", tag_field="t"):
    """A new `np.random.default_rng(seed)`, to be handed to code that takes a generator."""

    seed: int


class Items(msgspec.Struct, frozen=True, tag="items", tag_field="t"):
    """A tuple, a list, or a dict (then keys and values alternate)."""

    kind: Literal["tuple", "list", "dict"]
    items: tuple[Value, ...]


Kind = Literal["initializer", "optimizer", "layer", "loss", "data", "pytorch"]  # of a stand-in


class StandIn(msgspec.Struct, frozen=True, tag="standin", tag_field="t"):
    """An object that the worker supplies in the place of the student's other files."""

    kind: Kind
    seed: int
    options: dict[str, Value] = {}


Value = None | bool | int | float | str | Data | Result | Like | Number | Rng | Items | StandIn


class New(msgspec.Struct, frozen=True, tag="new", tag_field="t", omit_defaults=True):
    """Construct `symbol(*arguments, **keywords)`."""

    symbol: str
    arguments: tuple[Value, ...] = ()
    keywords: dict[str, Value] = {}
    report: bool = False


class Call(msgspec.Struct, frozen=True, tag="call", tag_field="t", omit_defaults=True):
    """Call a method of an earlier step's object."""

    target: int
    method: str
    arguments: tuple[Value, ...] = ()
    keywords: dict[str, Value] = {}
    report: bool = False


class Use(msgspec.Struct, frozen=True, tag="use", tag_field="t", omit_defaults=True):
    """Call the module's function `symbol`."""

    symbol: str
    arguments: tuple[Value, ...] = ()
    keywords: dict[str, Value] = {}
    report: bool = False


class Read(msgspec.Struct, frozen=True, tag="read", tag_field="t", omit_defaults=True):
    """Read the module's constant `symbol`."""

    symbol: str
    report: bool = False


class Make(msgspec.Struct, frozen=True, tag="make", tag_field="t", omit_defaults=True):
    """Bring a stand-in (or any value) into existence, to be shared by `Result`."""

    value: Value
    report: bool = False


class Get(msgspec.Struct, frozen=True, tag="get", tag_field="t", omit_defaults=True):
    """Read an attribute of an earlier step's object: `layers[0].weights` and `params['W1']` are paths."""

    target: int
    attribute: str
    report: bool = False


class Set(msgspec.Struct, frozen=True, tag="set", tag_field="t", omit_defaults=True):
    """Assign an attribute of an earlier step's object, or what a path such as `params['W1']` leads to."""

    target: int
    attribute: str
    value: Value
    report: bool = False


class Item(msgspec.Struct, frozen=True, tag="item", tag_field="t", omit_defaults=True):
    """One of the results of an earlier step, which must be a tuple or list of `count`."""

    target: int
    index: int
    count: int
    report: bool = False


class Log(msgspec.Struct, frozen=True, tag="log", tag_field="t", omit_defaults=True):
    """Read the log of a stand-in. A log explains; it never decides, since the student's process could forge it."""

    target: int
    report: bool = True


Step = New | Call | Use | Read | Make | Get | Set | Item | Log


class Buffer(msgspec.Struct, frozen=True, tag="buffer", tag_field="t"):
    """An array in a frame's payload: little-endian dtype name, shape, byte offset."""

    dtype: str
    shape: tuple[int, ...]
    offset: int


class Opaque(msgspec.Struct, frozen=True, tag="opaque", tag_field="t"):
    """A returned object that is no data, described by its type."""

    text: Text


class Listing(msgspec.Struct, frozen=True, tag="listing", tag_field="t"):
    """A returned tuple, list or dict (then keys and values alternate)."""

    kind: Literal["tuple", "list", "dict"]
    items: Annotated[tuple[Reply, ...], msgspec.Meta(max_length=2 * MAX_ITEMS)]


Reply = None | bool | int | float | Text | Buffer | Opaque | Listing


class Returned(msgspec.Struct, frozen=True, tag="returned", tag_field="t", omit_defaults=True):
    """The step ended normally; `value` where the step is reported."""

    value: Reply = None


class Raised(msgspec.Struct, frozen=True, tag="raised", tag_field="t", omit_defaults=True):
    """The step raised; `bases` are the names of the exception's builtin base classes.

    `lines`: (file, line, source) of the student's files, innermost last.
    """

    type: Text
    message: Text
    bases: Annotated[tuple[Text, ...], Few] = ()
    lines: Annotated[tuple[tuple[Text, int, Text], ...], Few] = ()


class NotReached(msgspec.Struct, frozen=True, tag="unreached", tag_field="t"):
    """The step needs another step that has no result."""

    because: int


Outcome = Returned | Raised | NotReached


class WireProbe(msgspec.Struct, frozen=True):
    """A probe as it travels. `seed` seeds the generators that the student may use."""

    steps: tuple[Step, ...]
    arrays: tuple[tuple[str, Buffer], ...]
    seed: int


class Load(msgspec.Struct, frozen=True, tag="load", tag_field="t"):
    """Compile and import `main`. `files` lie in the payload as uint8 arrays.

    A `disturbance` other than 0 makes everything another that results must not depend on: see `repeatable`.
    """

    id: int
    files: tuple[tuple[str, Buffer], ...]
    main: str
    allowed: tuple[str, ...]
    names: dict[str, str]
    seed: int
    definitions_only: bool = False
    disturbance: int = 0


class Run(msgspec.Struct, frozen=True, tag="run", tag_field="t"):
    """Run the probes from `start` on; each is answered by one `Ran`.

    `eager` answers are sent one by one, so that the one that is missing tells in which probe a worker died. Probes from
    number `again` on repeat others, disturbed. Each is a WireProbe, to be read when its turn comes: all of them at once
    would take more fresh memory than most runs.
    """

    id: int
    start: int
    reply_bytes: int
    eager: bool
    again: int
    probes: tuple[msgspec.Raw, ...]


Request = Load | Run


class Loaded(msgspec.Struct, frozen=True, tag="loaded", tag_field="t", omit_defaults=True):
    """The module is there; `symbols` are the public names that it defines."""

    id: int
    symbols: Annotated[tuple[Text, ...], Few] = ()
    notes: Annotated[tuple[Text, ...], Few] = ()
    printed: Text = ""


class LoadFailed(msgspec.Struct, frozen=True, tag="load failed", tag_field="t", omit_defaults=True):
    """The module could not be imported: one code, one sentence, the student's line."""

    id: int
    code: Text
    sentence: Text
    line: int = 0
    source: Text = ""
    notes: Annotated[tuple[Text, ...], Few] = ()


class Ran(msgspec.Struct, frozen=True, tag="ran", tag_field="t", omit_defaults=True):
    """One probe's outcomes; `changed` are the names of arrays that are no longer as they were given.

    None is the outcome of a step that ended normally and is not reported.
    """

    id: int
    probe: int
    outcomes: Annotated[tuple[Outcome | None, ...], msgspec.Meta(max_length=MAX_ITEMS)]
    changed: Annotated[tuple[Text, ...], Few] = ()
    printed: Text = ""


class Refused(msgspec.Struct, frozen=True, tag="refused", tag_field="t"):
    """The worker could not read the request: a fault of ours, never of the student."""

    id: int
    sentence: Text


Response = Loaded | LoadFailed | Ran | Refused
