"""The simplest condition on a case that separates failing from passing ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

from grader.report import Plain

FEWEST, ENOUGH = 3, 20  # with fewer cases something separates them by chance
FEWEST_FOR_TWO = 8  # and a pair of conditions sooner than one
Case = dict[str, Plain]
Condition = tuple[str, Callable[[dict[str, Any]], bool]]


def separates(failing: Sequence[Case], passing: Sequence[Case]) -> str:
    """ "the kernel height is even", true of all failing and no passing cases, or "" where nothing so simple is.

    Two conditions at most: "the kernel height is even and the stride height is greater than 1".
    """
    if min(len(failing), len(passing)) < FEWEST or len(failing) + len(passing) < ENOUGH:
        return ""
    bad, good = [_flat(case) for case in failing], [_flat(case) for case in passing]
    needed = []
    for text, holds in _conditions(bad + good):
        try:
            if all(holds(case) for case in bad):
                left = {number for number, case in enumerate(good) if holds(case)}
                if not left:
                    return text
                needed.append((text, left))
        except (KeyError, TypeError):
            continue
    if min(len(failing), len(passing)) < FEWEST_FOR_TWO:
        return ""
    plain = [(text, left) for text, left in needed if text.endswith((" even", " odd", " greater than 1"))]
    return next((f"{a} and {b}" for (a, first), (b, second) in combinations(plain, 2) if not first & second), "")


def _flat(case: Case) -> dict[str, Any]:
    """Names with spaces; nested lists as text."""
    return {
        key.replace("_", " "): str(value) if isinstance(value, list | dict) else value for key, value in case.items()
    }


def _conditions(cases: Sequence[dict[str, Any]]) -> Iterator[Condition]:
    """From simple to less simple."""
    names = list(cases[0])
    numbers = [n for n in names if all(_is_number(case.get(n)) for case in cases)]
    for name in names:
        for value in sorted({case.get(name) for case in cases if name not in numbers}, key=str):
            yield f"the {name} is {value}", lambda case, n=name, v=value: case[n] == v  # type: ignore[misc]
    for name in numbers:
        yield f"the {name} is even", lambda case, n=name: case[n] % 2 == 0  # type: ignore[misc]
        yield f"the {name} is odd", lambda case, n=name: case[n] % 2 == 1  # type: ignore[misc]
        for bound in sorted({case[name] for case in cases}):
            yield f"the {name} is {bound}", lambda case, n=name, b=bound: case[n] == b  # type: ignore[misc]
            yield f"the {name} is greater than {bound}", lambda case, n=name, b=bound: case[n] > b  # type: ignore[misc]
            yield f"the {name} is less than {bound}", lambda case, n=name, b=bound: case[n] < b  # type: ignore[misc]
    # Only what can be meant: kernel height with stride height or kernel width, but never batch with width.
    pairs = [(a, b) for i, a in enumerate(numbers) for b in numbers[i + 1 :] if set(a.split()) & set(b.split())]
    for a, b in pairs:
        yield f"the {a} differs from the {b}", lambda case, a=a, b=b: case[a] != case[b]  # type: ignore[misc]
        yield f"the {a} is greater than the {b}", lambda case, a=a, b=b: case[a] > case[b]  # type: ignore[misc]
        yield f"the {a} is less than the {b}", lambda case, a=a, b=b: case[a] < case[b]  # type: ignore[misc]
        yield f"the {a} is not a multiple of the {b}", lambda case, a=a, b=b: bool(case[b] and case[a] % case[b])  # type: ignore[misc]
    for a, b in pairs:
        yield f"the {a} or the {b} is even", lambda case, a=a, b=b: case[a] % 2 == 0 or case[b] % 2 == 0  # type: ignore[misc]
        yield f"the {a} or the {b} is greater than 1", lambda case, a=a, b=b: case[a] > 1 or case[b] > 1  # type: ignore[misc]
    for a, b in pairs:
        c, d = a.replace("height", "width"), b.replace("height", "width")
        if c != a and d != b and c in numbers and d in numbers:  # on either axis: the kernel is larger than the image
            for word, sign in (("greater", 1), ("less", -1)):
                text = f"the {a} is {word} than the {b} or the {c} is {word} than the {d}"
                yield text, lambda case, n=(a, b, c, d), s=sign: _either(s, *(case[name] for name in n))  # type: ignore[misc]


def _either(sign: int, a: Any, b: Any, c: Any, d: Any) -> bool:
    """Whether a > b or c > d; the other way round where the sign is -1."""
    return bool(sign * a > sign * b or sign * c > sign * d)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
