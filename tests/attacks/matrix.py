"""Prints what each attack obtains on each rung: `python tests/attacks/matrix.py [--controls] [--python] [NAME ...]`.

`-` contained, `o` a known hole, `!` neither. With --controls, the last column says whether the program succeeds where
nothing stops it (`+`), fails there (`?`), or has no such place (blank). --python adds the guard in Python to each rung.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from attack import KINDS, Attack, every  # noqa: E402
from harness import Bench, against_expectation, layers_here, rung_layers  # noqa: E402

RUNGS = range(3, -1, -1)


def sign(bench: Bench, attack: Attack, layers: frozenset[str], notes: list[str]) -> str:
    """One entry of the table; what is unexpected goes to the notes."""
    outcome = bench.run(attack, layers)
    problem = against_expectation(attack, layers, outcome) and bench.unexpected(attack, layers)
    if problem:
        notes.append(f"{problem} (under {', '.join(sorted(layers))})")
    return "!" if problem else "o" if outcome.succeeded else "-"


def control(bench: Bench, attack: Attack, layers: frozenset[str], notes: list[str]) -> str:
    """Whether the program works at all."""
    root = os.geteuid() == 0
    outcome = None if attack.root and not root else bench.control(attack, layers, root)
    if outcome is None:
        return " "
    if outcome.points > 0 if attack.kind == "forging" else outcome.succeeded:
        return "+"
    notes.append(f"{attack.name}: the control fails{f' (needs {attack.needs})' if attack.needs else ''}")
    return "?"


def main() -> None:
    """Everything, rung by rung, then the table."""
    options = {argument for argument in sys.argv[1:] if argument.startswith("--")}
    names = [argument for argument in sys.argv[1:] if argument not in options]
    attacks = [
        one for kind in KINDS for one in every().values() if one.kind == kind and (not names or one.name in names)
    ]
    layers, notes = layers_here(), list[str]()
    more = {"python"} if "--python" in options else set()
    rungs = [rung_layers(number) | more for number in RUNGS if rung_layers(number) <= layers]
    table: dict[str, list[str]] = {attack.name: [] for attack in attacks}
    with Bench.opened() as bench:
        for chosen in rungs:
            for attack in attacks:
                table[attack.name].append(sign(bench, attack, chosen, notes))
        if "--controls" in options:
            for attack in sorted(attacks, key=lambda one: sorted(one.without_what_stops_it(layers, os.geteuid() == 0))):
                table[attack.name].append(control(bench, attack, layers, notes))
    shown = [str(number) for number in RUNGS if rung_layers(number) <= layers]
    for kind in KINDS:
        print(f"\n{kind:36} {' '.join(shown)}" + ("  control" if "--controls" in options else ""))
        for attack in attacks:
            if attack.kind == kind:
                print(f"  {attack.name:34} {' '.join(table[attack.name])}  {attack.what}")
    print(f"\n{len(attacks)} attacks")
    for place, number in enumerate(shown):
        column = [row[place] for row in table.values()]
        counts = f"{column.count('-')} contained, {column.count('o')} known holes, {column.count('!')} unexpected"
        print(f"rung {number}: {counts}")
    if "--controls" in options:
        column = [row[-1] for row in table.values()]
        print(f"controls: {column.count('+')} succeed, {column.count('?')} fail, {column.count(' ')} without one")
    print("\n".join(notes))


if __name__ == "__main__":
    main()
