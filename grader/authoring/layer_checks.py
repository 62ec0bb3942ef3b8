"""The checks of `Layer`'s scripts: updates, call order, integers, gradients. Points are the author's."""

from __future__ import annotations

from grader.judging.checks import Check, Gradient, LayerUpdates, Relations, Same
from grader.judging.checks.layer_updates import Update
from grader.text import be

from .layer import ASSIGNED, FURTHER, SETTINGS


def _updates(parameters: tuple[str, ...]) -> tuple[Update, ...]:
    """All updates of `Layer.optimizing`, in the order in which they happen."""
    found = []
    for name in parameters:
        before = name
        for call in (1, 2, 3):
            after = f"{name} after update {call}"
            found.append(Update(name, before, f"{name} gradient {call}", after, call))
            before = after
        after = f"{name} after update of the second layer"
        found.append(Update(name, f"{name}_twin", f"{name} gradient of the second layer", after, 1))
    order = {"1": 0, "of the second layer": 1, "2": 2, "3": 3}
    return tuple(sorted(found, key=lambda update: order[update.after.split(" update ")[1]]))


def call_order(points: float, after: str, parameters: tuple[str, ...] = (), settings: bool = False) -> Relations:
    """The check for `Layer.calls`: nothing depends on what was called before, and no argument is changed.

    settings: the constructor takes arguments (`Layer.another`), which belong to one object.
    """
    gradients = ["input gradient", *(f"{name} gradient" for name in parameters)]
    pairs = [
        *(
            Same(
                label,
                f"{label} afterwards",
                "input changed",
                "The layer changes the input tensor that it is given.",
                "Work on a copy, or write the result into a new array.",
            )
            for label in ("input", "another input")
        ),
        Same(
            "error",
            "error afterwards",
            "error changed",
            "backward changes the error tensor that it is given.",
            "Work on a copy, or write the result into a new array.",
        ),
        Same(
            "output",
            "output again",
            "forward twice",
            "A second forward with the same input gives another result.",
            "Does forward change the input, the weights or something that it keeps?",
        ),
    ]
    for label in gradients:
        pairs.append(
            Same(
                label,
                f"{label} again",
                "backward twice",
                f"A second backward with the same error gives another {label}.",
                "Gradients are written anew at every call, never added to the old ones.",
            )
        )
    for label in gradients:
        pairs.append(
            Same(
                f"{label} alone",
                label,
                "shared state",
                f"The {label} changes when another layer of the same class is used in between.",
                "What a layer keeps belongs to `self`, not to the class, a default argument or a global variable.",
            )
        )
    for what in FURTHER:
        pairs.append(
            Same(
                f"output of {what}",
                f"output of {what} after",
                "stale forward",
                "forward depends on the inputs of earlier calls.",
                "Everything that forward keeps must be written anew at each call.",
            )
        )
        for label in gradients:
            pairs.append(
                Same(
                    f"{label} of {what}",
                    f"{label} of {what} after",
                    "stale backward",
                    f"The {label} belongs to an earlier forward, not to the newest.",
                    "Everything that forward keeps for backward must be written anew at each call.",
                )
            )
    for label in ("output", *gradients):
        pairs.append(
            Same(
                f"{label} of a copy",
                f"{label} of a view",
                "memory order",
                f"The {label} for a view, such as x.T, is not that for a copy with the same numbers.",
                "Arrays need not lie in memory row by row: strides are `x.strides`, whatever the shape is.",
                rtol=1e-5,
            )
        )
    for label, method in (("output", "forward"), ("input gradient", "backward")):
        pairs.append(
            Same(
                label,
                f"{label} kept",
                f"{label} overwritten",
                f"A later call changes the array that {method} has returned before.",
                "Make a new array in every call; do not fill and return one that is kept in `self`.",
            )
        )
    for label in ("output", *gradients) if settings else ():
        pairs.append(
            Same(
                label,
                f"{label}{SETTINGS}",
                "shared settings",
                f"The {label} changes when another layer of the same class is made with other arguments.",
                "What the constructor is given belongs to `self`, not to the class or a global variable.",
            )
        )
    return Relations(name="call order and purity", points=points, plan="calls", after=after, same=tuple(pairs))


def optimizer_checks(points: float, after: str, parameters: tuple[str, ...]) -> tuple[Check, ...]:
    """The checks for `Layer.optimizing`: the updates, and that the returned gradient is that of the old weights."""
    old = Same(
        "input gradient without optimizer",
        "input gradient 1",
        "gradient from updated weights",
        "With an optimizer set, the input gradient is computed from weights that are already updated.",
        "Compute the error that is passed on before the weights change.",
    )
    removed = tuple(
        Same(
            f"{name} after update 3",
            f"{name} without optimizer",
            "optimizer not removed",
            f"The {be(name)} still updated after `optimizer = None`.",
            "Setting None removes the optimizer.",
        )
        for name in parameters
    )
    outside = tuple(
        Same(
            f"{name}{ASSIGNED}",
            f"{name}{ASSIGNED} afterwards",
            "updated in place",
            f"backward writes the new {name} into the array that was assigned from outside.",
            f"Assign what calculate_update returns to `self.{name}`; do not fill the old array with it.",
        )
        for name in parameters
    )
    first = LayerUpdates(name="optimizer", points=points, plan="optimizing", after=after, updates=_updates(parameters))
    used = tuple(
        Same(
            f"{name} after update 1",
            f"{name} after update 2",
            "not updated",
            f"The {be(name)} not updated by backward although an optimizer is set.",
            "Assign what calculate_update returns.",
        )
        for name in parameters
    )
    second = Relations(
        name="gradient of the old weights",
        points=points / 2,
        plan="optimizing",
        after=after,
        same=(old, *removed, *outside),
        differ=used,
        unchanged=False,
    )
    return first, second


def gradient(wrt: str, points: float, after: str = "forward", linear: bool = False, name: str = "") -> Gradient:
    """The gradient check of `Layer.main` for "input" or a parameter."""
    return Gradient(
        name=name or f"{wrt} gradient",
        points=points,
        plan="main",
        label=f"{wrt} gradient",
        wrt="input_tensor" if wrt == "input" else wrt,
        linear=linear,
        forward=after,
    )


def integer_input(points: float, after: str, parameters: tuple[str, ...] = ()) -> Relations:
    """The check for `Layer.integers`: integers give what the same floats give, be that right or wrong."""
    labels = ("output", "input gradient", *(f"{name} gradient" for name in parameters))
    pairs = tuple(
        Same(
            f"{label} for floats",
            label,
            f"integer {label}",
            f"The {label} for an input of integers is not that for the same numbers as floats.",
            "An array made like the input (np.zeros_like, or with its dtype) cannot hold the fractions.",
        )
        for label in labels
    )
    return Relations(name="integer input", points=points, plan="integers", after=after, same=pairs, unchanged=False)
