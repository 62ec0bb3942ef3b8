"""Asks again where a result that error tensors are shaped like is no array: a forgotten return costs the forward pass.

The worker refuses to draw such a tensor; here it becomes an array of the expected shape, and all steps that follow are
judged on their own. No expected value travels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from grader.running.probes import Probe, Trace, as_array
from grader.worker.normals import normals
from grader.worker.probe import Data, Items, Like, NotReached, Returned

from .script import error_tensors

if TYPE_CHECKING:
    from grader.bundle import FrozenPlan, FrozenProbe


def completed(plan: FrozenPlan, traces: Sequence[Trace], run: Callable[[Sequence[Probe]], list[Trace]]) -> list[Trace]:
    """The traces of a plan, those with such a result run again."""
    asked = {number: probe for number, one in enumerate(plan.probes) if (probe := _given(one, traces[number]))}
    again = run(list(asked.values())) if asked else []
    known = dict(enumerate(traces))
    known.update((number, trace) for number, trace in zip(asked, again, strict=False) if not trace.death)
    return list(known.values())


def tensor_shape(frozen: FrozenProbe, trace: Trace, like: Like) -> tuple[int, ...] | None:
    """The shape of an error tensor: that of the result or, where it is no array, of what is expected."""
    made = as_array(trace.values[like.step])
    return _expected_shape(frozen, like) if made is None else made.shape


def _given(frozen: FrozenProbe, trace: Trace) -> Probe | None:
    """The probe with its error tensors as arrays, where one of them has no shape else."""
    if trace.death or NotReached not in map(type, trace.outcomes):
        return None
    likes = error_tensors(frozen.probe)
    names: dict[Like, str] = {}
    arrays = {}
    for like, name in likes.items():
        returned = isinstance(trace.outcomes[like.step], Returned) and frozen.probe.steps[like.step].report
        shape = _expected_shape(frozen, like)
        if returned and shape is not None and as_array(trace.values[like.step]) is None:
            names[like] = name if name not in frozen.probe.arrays else f"{name} of {like.step}"
            arrays[names[like]] = normals(shape, like.seed)
    if not names:
        return None
    steps = tuple(_swapped(step, names) for step in frozen.probe.steps)
    return msgspec.structs.replace(frozen.probe, steps=steps).with_arrays(**arrays)


def _expected_shape(frozen: FrozenProbe, like: Like) -> tuple[int, ...] | None:
    labels = [label for label, step in frozen.probe.labels.items() if step == like.step]
    arrays = [frozen.expected[label].array for label in labels if label in frozen.expected]
    return next((array.shape for array in arrays if array is not None), None)


def _swapped(step: Any, names: dict[Like, str]) -> Any:
    """The step with named arrays in the place of error tensors."""
    changed: dict[str, Any] = {}
    if hasattr(step, "arguments"):
        changed["arguments"] = tuple(_value(value, names) for value in step.arguments)
        changed["keywords"] = {key: _value(value, names) for key, value in step.keywords.items()}
    if hasattr(step, "value"):
        changed["value"] = _value(step.value, names)
    return msgspec.structs.replace(step, **changed) if changed else step


def _value(value: Any, names: dict[Like, str]) -> Any:
    if isinstance(value, Items):
        return msgspec.structs.replace(value, items=tuple(_value(item, names) for item in value.items))
    return Data(names[value]) if isinstance(value, Like) and value in names else value
