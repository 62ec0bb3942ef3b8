"""Programs that attack the grader: none gets points, and each obtains what its rung is known to let pass, no more."""

from __future__ import annotations

import os

import pytest
from attack import ALL, KINDS, LAYERS, Attack, every
from harness import Bench, layers_here, rung_layers

every()
ROOT = os.geteuid() == 0
RUNG_2 = {"existence", "link target"}  # that a file is there, its size, and where a link points
RUNG_1 = {  # with Landlock, but no filter of system calls
    *RUNG_2,
    *("udp", "native udp", "unix socket", "descriptor by socket", "netlink", "machine socket", "user namespace"),
    *("all namespaces", "chroot", "io uring", "key kept", "user fault", "performance counters", "foreign calls"),
    *("x32 calls", "personality", "changes seen", "attributes", "many small memory files"),
    *("system v memory", "message queue", "memory for the next"),
}
NOT_OF_ROOT = {  # whose workers have a user of their own
    *("slows others", "pins others", "schedules others", "disk priority of others", "limits of another worker"),
    *("changes rights", "changes times", "changes attributes", "system v shared memory", "keyring"),
    *("zygote by its socket", "limits of the judge"),
}
NEVER_ALONE = {"own user", "unreadable"} if ROOT else {"own user"}  # root reads all memory
SHORT = (
    *("reference", "in native code", "memory by readv", "another worker", "frames"),
    *("equal to everything", "patched numpy", "exit code at import", "forged frames", "refusal"),
    *("daemon", "memory", "memory file", "sleeper", "kills the zygote", "udp", "new file", "user namespace"),
    *("patched module", "file for the next"),
)


@pytest.fixture(scope="session")
def layers() -> frozenset[str]:
    """All layers that hold here."""
    return layers_here()


def of(kind: str) -> list[Attack]:
    return [attack for attack in ALL.values() if attack.kind == kind]


def rung(number: int, layers: frozenset[str]) -> frozenset[str]:
    chosen = rung_layers(number)
    if not chosen <= layers:
        pytest.skip(f"not here: {', '.join(sorted(chosen - layers))}")
    return chosen


def problems(found: list[str]) -> list[str]:
    return [problem for problem in found if problem]


def test_there_are_many_attacks_of_every_kind_and_each_says_how_it_is_known_to_work() -> None:
    assert len(ALL) >= 80
    assert {attack.kind for attack in ALL.values()} == set(KINDS)
    for attack in ALL.values():
        assert attack.what, attack.name
        assert attack.control in ("layers", "weak", "loose", "knowing") or attack.control.startswith("none: ")
        assert attack.control != "layers" or attack.clauses(ROOT), f"{attack.name}: what stops it?"


def test_the_known_holes_of_the_upper_rungs_are_these() -> None:
    def holes(number: int) -> set[str]:
        return {attack.name for attack in ALL.values() if not attack.stopped(rung_layers(number), ROOT)}

    assert holes(3) == set()
    assert holes(2) == RUNG_2
    assert holes(1) == (RUNG_1 if ROOT else RUNG_1 | NOT_OF_ROOT)
    assert holes(0) > holes(1)


def test_a_short_selection_is_contained_on_the_highest_rung(bench: Bench, layers: frozenset[str]) -> None:
    best = max((number for number in range(4) if rung_layers(number) <= layers), default=None)
    if best is None:
        pytest.skip("no rung holds here")
    assert not problems([bench.unexpected(ALL[name], rung_layers(best)) for name in SHORT])


@pytest.mark.attack
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(3, -1, -1))
def test_each_rung_lets_pass_what_it_is_known_for_and_no_attack_gets_points(
    bench: Bench, layers: frozenset[str], number: int, kind: str
) -> None:
    chosen = rung(number, layers)
    assert not problems([bench.unexpected(attack, chosen) for attack in of(kind)])


@pytest.mark.attack
@pytest.mark.parametrize("kind", KINDS)
def test_each_attack_succeeds_where_nothing_stops_it(bench: Bench, layers: frozenset[str], kind: str) -> None:
    failed = []
    for attack in sorted(of(kind), key=lambda one: sorted(one.without_what_stops_it(layers, ROOT))):
        if attack.root and not ROOT:
            continue
        outcome = bench.control(attack, layers, ROOT)
        worked = outcome is None or (outcome.points > 0 if kind == "forging" else outcome.succeeded)
        if not worked and not attack.needs:
            failed.append(f"{attack.name}: {outcome.text[:200] if outcome else ''}")
    assert not failed


@pytest.mark.attack
@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer not in NEVER_ALONE])
def test_each_layer_alone_stops_what_it_is_said_to_stop(bench: Bench, layers: frozenset[str], layer: str) -> None:
    if layer not in layers:
        pytest.skip(f"{layer} does not hold here")
    alone = frozenset({layer})
    meant = [attack for attack in ALL.values() if attack.control == "layers" and alone in attack.clauses(ROOT)]
    assert meant
    assert not problems([bench.unexpected(attack, alone) for attack in meant])


@pytest.mark.attack
@pytest.mark.parametrize("number", [3, 0])
def test_the_guard_in_python_makes_nothing_worse(bench: Bench, layers: frozenset[str], number: int) -> None:
    chosen = rung(number, layers) | {"python"}
    assert not problems([bench.unexpected(attack, chosen) for attack in ALL.values()])
