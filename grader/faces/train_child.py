"""The process in which a student's own code trains a network: reads one task, writes messages until it is done."""

from __future__ import annotations

import math
import os
import sys
import traceback
from collections.abc import Callable, Collection
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np

from grader.text import whole
from grader.worker.absent import NotAvailable
from grader.worker.loader import LoadError, describe, load, student_lines

from .train_messages import Failed, Message, Printed, Task
from .train_recipes import RECIPES, Stop

MAIN = "training.py"  # a file of ours among the student's: imports what a recipe needs
LONGEST = 400


class Lines:
    """Takes the place of standard output: every printed line becomes a message."""

    encoding = "utf-8"

    def __init__(self, send: Callable[[Message], None]) -> None:
        self.send, self.rest = send, ""

    def write(self, text: str) -> int:
        """Send what is complete."""
        *lines, self.rest = (self.rest + str(text)).split("\n")
        for line in lines:
            self.send(Printed(line[:LONGEST]))
        self.rest = self.rest[:LONGEST]
        return len(text)

    def flush(self) -> None:
        """An unfinished line waits for its end."""

    def isatty(self) -> bool:
        """Never a terminal."""
        return False


def main() -> None:
    """Serve the one task on standard input; ends when it is done, or when nobody listens any more."""
    channel = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)

    def send(message: Message) -> None:
        os.write(channel, msgspec.json.encode(message) + b"\n")

    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    sys.stdout = sys.stderr = Lines(send)
    try:
        run(task, send)
    except BrokenPipeError:
        os._exit(1)
    os.close(channel)
    os._exit(0)  # threads that the student's code has started do not matter


def run(task: Task, send: Callable[[Message], None]) -> None:
    """Load the student's files and train; what they do wrong becomes one sentence."""
    files = {path: text.encode("utf-8", "surrogateescape") for path, text in task.files.items()}
    files[MAIN] = "".join(
        f"from {module} import {theirs} as {ours}\n" for module, theirs, ours in task.imports
    ).encode()
    np.random.seed(task.seed)
    np.seterr(all="ignore")  # a loss that is not finite is told in a sentence of ours
    try:
        loaded = load(files, MAIN, allowed=task.allowed)
    except LoadError as error:
        send(Failed(whole(error.sentence.replace(f"{MAIN}, ", ""))))
        return
    own = SimpleNamespace(**{ours: loaded.namespace.get(ours) for _, _, ours in task.imports})

    def safely(part: Callable[[], None]) -> None:
        try:
            part()
        except BrokenPipeError:
            raise
        except Stop as error:
            send(Failed(str(error)))
        except BaseException as error:  # whatever a student raises
            send(Failed(told(error, files)))

    def step(network: str, iteration: int, loss: Any) -> float:
        value = float(loss)
        if not math.isfinite(value):
            raise Stop(
                f"The loss of {network} is {value} at iteration {iteration}, so training stops there: look for a "
                "gradient that is too large or a logarithm of 0."
            )
        return value

    RECIPES[task.network](own, task, send, safely, step)


def told(error: BaseException, files: Collection[str]) -> str:
    """What went wrong, with the student's own line."""
    kind, message = describe(error)
    lines = [line for line in student_lines(error, files) if line[0] != MAIN]
    where = f" ({lines[-1][0]}, line {lines[-1][1]}: {lines[-1][2].strip()})" if lines else _ours(error)
    if isinstance(error, NotAvailable):
        return whole(f"your code {message}{where}").replace("was not handed in", "is not in this folder")
    if isinstance(error, NotImplementedError) and lines:
        return f"{lines[-1][0]} is still to be written: line {lines[-1][1]} raises NotImplementedError."
    return whole(f"your code raises {kind}{': ' + message if message else ''}{where}")


def _of_recipe(frame: traceback.FrameSummary) -> bool:
    return "train_recipes" in frame.filename and not frame.name.startswith("__")


def _ours(error: BaseException) -> str:
    """The line of the recipe that was running: it has used something of the student's that is not as it should be."""
    frames = traceback.extract_tb(error.__traceback__)
    line = next((frame.line for frame in reversed(frames) if _of_recipe(frame)), "")
    return f" (at `{line}`)" if line else ""
