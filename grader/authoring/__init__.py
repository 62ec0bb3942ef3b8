"""What a spec imports: the values that an exercise is declared with."""

from __future__ import annotations

from grader.judging.checks import (
    Bounds,
    Check,
    Distribution,
    Gradient,
    LayerUpdates,
    Raises,
    Relations,
    Same,
    Shapes,
    UpdateSteps,
    Values,
)

from . import inputs
from .exercise import Example, Exercise, Misconception, Plan
from .layer import Layer, layer_plans
from .layer_checks import call_order, gradient, integer_input, optimizer_checks
from .script import Handle, Script

__all__ = [
    "Bounds",
    "Check",
    "Distribution",
    "Example",
    "Exercise",
    "Gradient",
    "Handle",
    "Layer",
    "LayerUpdates",
    "Misconception",
    "Plan",
    "Raises",
    "Relations",
    "Same",
    "Script",
    "Shapes",
    "UpdateSteps",
    "Values",
    "call_order",
    "gradient",
    "inputs",
    "integer_input",
    "layer_plans",
    "optimizer_checks",
]
