"""The kinds of checks. Each is a frozen value that is stored in a bundle and judges a submission's traces."""

from __future__ import annotations

from .bounds import Bounds
from .distribution import Distribution
from .epsilon import UpdateSteps
from .gradient import Gradient
from .layer_updates import LayerUpdates
from .relations import Relations, Same
from .values import Raises, Shapes, Values

Check = Values | Shapes | Raises | Bounds | Gradient | Relations | LayerUpdates | Distribution | UpdateSteps

__all__ = [
    "Bounds",
    "Check",
    "Distribution",
    "Gradient",
    "LayerUpdates",
    "Raises",
    "Relations",
    "Same",
    "Shapes",
    "UpdateSteps",
    "Values",
]
