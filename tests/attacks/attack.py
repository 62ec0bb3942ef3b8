"""One attack as a value, and the decorators that make it of a function."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

KINDS = ("reading", "forging", "harming", "escaping", "poisoning")
LAYERS = ("limits", "unreadable", "python", "landlock", "seccomp", "own user", "namespaces")
PRELUDE = (Path(__file__).parent / "programs" / "prelude.py").read_text(encoding="utf-8")
SMALL = {"cpu_seconds": 0.5, "wall_seconds": 3.0, "memory_bytes": 300 << 20, "reply_bytes": 16 << 20, "deaths": 1}
ENTRIES = {
    "call": """
_done = []
def double(number):
    if not _done:
        _done.append(1)
        try:
            attack()
        except BaseException as error:
            print("refused:", type(error).__name__, error)
    return number * 0 - 1.0
""",
    "import": """
def double(number):
    return number * 0 - 1.0
try:
    attack()
except Exception as error:
    print("refused:", type(error).__name__, error)
""",
    "answer": """
def double(number):
    return attack(number)
""",
}


@dataclass(frozen=True)
class Attack:
    """A student's file that attacks, and what is expected of it.

    stopped_by: clauses such as "landlock" or "limits+own user"; each is enough. control: how it is shown that the
    program works at all: "layers" (it succeeds under everything but what stops it), "weak" (it succeeds against a
    grader that runs it in its own process), "loose" (with larger limits), "knowing" (with the right answers in the
    place of its guess, which then count), or "none: " and why.
    """

    name: str
    kind: str
    what: str
    body: str
    entry: str = "call"
    stopped_by: tuple[str, ...] = ()
    control: str = "layers"
    limits: dict[str, float] = field(default_factory=dict)
    loose: dict[str, float] = field(default_factory=dict)
    then: str = ""  # what the next submission looks for
    root: bool = False  # an ordinary user is refused by any kernel
    needs: str = ""  # what the machine must have

    def source(self, world: object, knowing: bool = False) -> str:
        """The file that is handed in."""
        guess = "2.0 * number" if knowing else "number * 0 + 7.0"
        body = self.body.replace("GUESS", f"({guess})").replace("KNOWING", str(knowing))
        return assemble(body, self.entry, world)

    def next_source(self, world: object) -> str:
        """The file that is handed in next by an accomplice."""
        return assemble(self.then, "call", world)

    def clauses(self, root: bool) -> list[frozenset[str]]:
        """What is enough. Root is stopped by no unreadable memory and no count of processes; others need no user."""
        parts = [frozenset(clause.split("+")) for clause in self.stopped_by]
        if root:
            return [clause for clause in parts if clause != {"unreadable"}]
        return [clause - {"own user"} for clause in parts if clause != {"own user"}]

    def stopped(self, layers: frozenset[str], root: bool) -> bool:
        """Whether these layers should be enough."""
        if not self.stopped_by or (self.root and not root):
            return True
        return any(clause <= layers for clause in self.clauses(root))

    def without_what_stops_it(self, layers: frozenset[str], root: bool) -> frozenset[str]:
        """The layers without the first of each clause."""
        order = ("own user", *LAYERS)
        left = layers - {next(name for name in order if name in clause) for clause in self.clauses(root)}
        # A user of its own may not even read Python where that lies in a closed home: only with Landlock may it pass.
        return left if "landlock" in left else left - {"own user"}


def assemble(body: str, entry: str, world: object) -> str:
    """The prelude with its world, the attack and the function that the exercise asks for."""
    prelude = PRELUDE.replace("\nWORLD = {}\n", f"\nWORLD = {world!r}\n")
    return "\n".join([prelude, body, ENTRIES[entry]])


def text_of(function: Callable[..., Any], name: str) -> str:
    """A function's text without decorators and docstring lines of ours, under another name."""
    source = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    lines = source.splitlines()[node.lineno - 1 :]
    return "\n".join(lines).replace(f"def {function.__name__}(", f"def {name}(", 1)


ALL: dict[str, Attack] = {}


def register(name: str, kind: str, what: str, body: str, **options: Any) -> Attack:
    """One more attack."""
    assert name not in ALL, f"two attacks are called {name}"
    assert kind in KINDS
    made = Attack(name, kind, what, body, **options)
    assert {part for clause in made.stopped_by for part in clause.split("+")} <= set(LAYERS)
    ALL[name] = made
    return made


def attack(kind: str, *stopped_by: str, helper: str = "", **options: Any) -> Callable[[Callable[..., Any]], Attack]:
    """Registers a function as an attack; its name and docstring are the attack's. `helper`: text before it."""

    def decorate(function: Callable[..., Any]) -> Attack:
        name = function.__name__.replace("_", " ")
        what = (inspect.getdoc(function) or "").splitlines()[0]
        return register(name, kind, what, helper + text_of(function, "attack"), stopped_by=stopped_by, **options)

    return decorate


def followed(first: Attack) -> Callable[[Callable[..., Any]], Attack]:
    """The program of the accomplice whose work is graded next."""

    def register(function: Callable[..., Any]) -> Attack:
        ALL[first.name] = replace(ALL[first.name], then=text_of(function, "attack"))
        return ALL[first.name]

    return register


def every() -> dict[str, Attack]:
    """All attacks, by name."""
    from programs import escaping, forging, harming, poisoning, reading  # noqa: F401

    return ALL
