"""`grader train`: trains networks made of the student's own files, and draws what they have learned. Nothing is scored.

The student's code runs in a process of its own, which this one stops at Ctrl-C; what has come until then is shown.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from grader.course import Course
from grader.errors import GraderError, InputError
from grader.running.workers import command, environment
from grader.text import printable
from grader.workspace import StudentFolder, open_student_folder

from .own_folder import own_files
from .terminal import console, say
from .train_drawing import Picture, check_file, curve, gallery, write
from .train_messages import Failed, Message, Printed, Score, Step, Task, Tiles
from .train_recipes import ITERATIONS, NEEDS, TITLES


class Training:
    """What is known of a training so far."""

    def __init__(self) -> None:
        self.curves: dict[str, list[float]] = {}
        self.scores: dict[str, float] = {}
        self.tiles: dict[str, tuple[Picture, ...]] = {}
        self.failed: list[str] = []
        self.stopped = False

    def take(self, message: Message) -> None:
        """One more message."""
        if isinstance(message, Step):
            self.curves.setdefault(message.network, []).append(message.loss)
        elif isinstance(message, Score):
            self.scores[message.network] = message.value
        elif isinstance(message, Tiles):
            self.tiles[message.group] = message.tiles
        elif isinstance(message, Failed):
            self.failed.append(message.sentence)

    @property
    def pictures(self) -> list[Picture]:
        """All small pictures, those of one digit or filter together: titles end with its number."""
        every = [tile for group in self.tiles.values() for tile in group]
        return sorted(every, key=lambda tile: tile[0].rpartition(" ")[2])


def run(network: str, iterations: int | None, batch: int, seed: int, draw: Path | None) -> int:
    """Train and draw; 0 where all went well, 1 where the student's code fails, 130 after Ctrl-C."""
    folder = open_student_folder(Path.cwd())
    if draw:
        check_file(draw)
    task = task_for(folder, network, iterations or ITERATIONS[network], batch, seed)
    out = console()
    training = Training()
    try:
        watch(out, task, training)
    except KeyboardInterrupt:
        training.stopped = True
    show(out, task, training)
    if draw and (training.curves or training.tiles):
        write(draw, training.curves, training.pictures)
        say(out, f"The drawing is in {draw}.")
    return 130 if training.stopped else 1 if training.failed else 0


def task_for(folder: StudentFolder, network: str, iterations: int, batch: int, seed: int) -> Task:
    """Everything that the training process needs; InputError names a file that is not there."""
    course, submission = folder.course, own_files(folder.root)
    files = {file.path: file.source.decode("utf-8", "surrogateescape") for file in submission.files}
    imports = []
    for topic, symbols in NEEDS[network]:
        for symbol in symbols:
            imports.append((_module(course, topic, files, network), _names(course).get(symbol, symbol), symbol))
    return Task(network, files, tuple(imports), course.modules.allowed, _names(course), iterations, batch, seed)


def _names(course: Course) -> dict[str, str]:
    """All renames of the course, those of single exercises included."""
    names = dict(course.names)
    for settings in course.exercises.values():
        names.update(settings.names)
    return names


def _module(course: Course, topic: str, files: dict[str, str], network: str) -> str:
    """The dotted name of a topic's file."""
    file = course.files.get(topic, f"{topic}.py")
    if file not in files:
        raise InputError(f"There is no {file} in this folder: `grader train {network}` needs it.")
    return file.removesuffix(".py").replace("/", ".")


def watch(out: Console, task: Task, training: Training) -> None:
    """Show the progress of a training until its process ends."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=out) as progress:
        bars: dict[str, TaskID] = {}
        for message in messages(task):
            training.take(message)
            if isinstance(message, Step):
                name = message.network
                if name not in bars:
                    bars[name] = progress.add_task(name, total=task.iterations, loss="")
                progress.update(bars[name], completed=message.iteration, loss=f"loss {message.loss:.3f}")
            elif isinstance(message, Printed):
                progress.console.print(Text(printable(message.text, 400)))


def messages(task: Task) -> Iterator[Message]:
    """What the training process says; it is killed when nobody wants to hear more."""
    process = subprocess.Popen(
        command("from grader.faces.train_child import main; main()", []),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",  # Ctrl-C is ours to handle
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    assert process.stdin and process.stdout
    decoder = msgspec.json.Decoder(Message)
    try:
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(msgspec.json.encode(task))
        for line in process.stdout:
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise GraderError("The training process has said something that is no message: start anew.") from error
        if process.wait():
            yield Failed(f"Your code has ended the training process (exit status {process.returncode}).")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def show(out: Console, task: Task, training: Training) -> None:
    """Curves, pictures, scores, and what went wrong."""
    for name, losses in training.curves.items():
        out.print(curve(name, losses, max(10, min(60, out.width - 24))))
    if training.pictures:
        out.print(gallery(training.pictures, out.width))
    for name, value in training.scores.items():
        unit = f"{100 * value:.1f} % of the held-out digits are right" if task.network == "digits" else (
            f"{value:.2f} loss per held-out image"
        )  # fmt: skip
        say(out, f"{name}: {unit}.")
    for sentence in training.failed:
        out.print(Text(printable(sentence, 600), style="red"))
    if training.stopped:
        done = sum(map(len, training.curves.values()))
        most = task.iterations * len(TITLES[task.network])
        say(out, f"Stopped after {done} of {most} iterations; this is what there is so far.")
