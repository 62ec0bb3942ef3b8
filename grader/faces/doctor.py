"""`grader doctor`: which rung of the isolation ladder this machine reaches, and what would help to climb higher."""

from __future__ import annotations

from grader.errors import InputError
from grader.report import Isolation
from grader.running.isolation import DEEDS, NEEDED, Findings, Layer, examine, remedy
from grader.text import printable

from .tables import print_table
from .terminal import console, say

STANDS_FOR = {
    "namespaces": "no network, no other processes, no files but Python's own (bubblewrap)",
    "landlock": "the kernel refuses files, connections, signals to others",
    "seccomp": "the kernel refuses system calls that NumPy does not need",
    "own user": "a user id that owns nothing",
    "limits": "memory, computing time, output, open files",
    "unreadable": "the judge's memory and environment are closed to submissions",
}
RUNGS = {3: "namespaces, Landlock, seccomp", 2: "Landlock and seccomp", 1: "one kernel layer", 0: "limits only"}


def run() -> int:
    """Print what was found; 0 where other people's code can be graded here, else 1."""
    screen = console()
    found = examine()
    isolation = found.isolation
    say(screen, f"Isolation rung {isolation.rung} of 3: {RUNGS[isolation.rung]}. Each line was tried just now.")
    rows = [(layer.name, "yes" if layer.holds else "no", STANDS_FOR[layer.name]) for layer in found.layers]
    columns = ("layer", "holds", "what it is for")
    print_table(screen, columns, rows, left=columns[:2], wide=columns[2:], styles={"yes": "green", "no": "red"})
    if isolation.open:
        say(screen, f"A submission could still {listed(isolation.open)}.")
    else:
        say(screen, f"All {len(DEEDS)} forbidden deeds that were tried were refused.")
    for layer in missing(found):
        say(screen, f"{layer.name}: {layer.detail}. What helps: {remedy(layer.name, layer.detail)}.")
    if isolation.rung >= NEEDED:
        return 0
    say(screen, f"Grading other people's code needs rung {NEEDED}.")
    return 1


def missing(found: Findings) -> list[Layer]:
    """Layers that do not hold, with details fit for a terminal."""
    return [
        layer._replace(detail=printable(layer.detail, 300).rstrip(".")) for layer in found.layers if not layer.holds
    ]


def listed(parts: tuple[str, ...]) -> str:
    """`a, b and c`."""
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)


def isolation_for_others(allow_weak: bool) -> Isolation:
    """How a class is graded here; InputError where that is too weak and was not allowed."""
    found = examine()
    if found.isolation.rung >= NEEDED or allow_weak:
        return found.isolation
    lacks = missing(found)
    first = (
        f": {lacks[0].name} is missing ({lacks[0].detail}); {remedy(lacks[0].name, lacks[0].detail)}" if lacks else ""
    )
    raise InputError(
        f"This machine reaches isolation rung {found.isolation.rung} of 3, and grading other people's code needs "
        f"{NEEDED}{first}. `grader doctor` tells all; --allow-weak-isolation grades all the same."
    )
