"""Whether output is to be words only: by `--plain`, by the environment, or because the terminal is dumb."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

META = "grader.plain"  # in click's context, for one call of the command
VARIABLE = "GRADER_PLAIN"  # in the environment, for good
TEXT = "Words only, for screen readers: no colours, no boxes, nothing that moves."


def option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option `--plain` of a command."""
    return click.option("--plain", is_flag=True, expose_value=False, callback=_keep, help=TEXT)(command)


def _keep(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.meta[META] = True


def is_wanted() -> bool:
    """Whether the running command is to print words only."""
    context = click.get_current_context(silent=True)
    asked = context is not None and context.meta.get(META)
    return bool(asked or os.environ.get(VARIABLE) or os.environ.get("TERM") == "dumb")
