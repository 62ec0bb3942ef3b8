"""The command `grader`. Exit codes: 0 all is well, 1 something is wrong with the work, 2 with the call or its input,
3 the grader itself failed and a rerun is needed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import grader
from grader.errors import GraderError, InputError, StoreError
from grader.text import printable

from .plain_option import option as plain_option


def _names(kind: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """What a shell completes: names of a kind that `completion` knows."""

    def found(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        from .completion import complete

        return complete(kind, context, incomplete)

    return found


COURSE = click.option(
    "--course", type=click.Path(path_type=Path, dir_okay=False), help="Course file (default: exercises/course.toml)."
)


def _only(metavar: str, kind: str, text: str) -> Callable[[Any], Any]:
    """The option --only, whose names a shell completes."""
    return click.option("--only", multiple=True, metavar=metavar, shell_complete=_names(kind), help=text)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@plain_option
@click.version_option(grader.__version__, prog_name="grader")
def cli() -> None:
    """Autograder and exercises for courses on convolutional networks in NumPy."""


@cli.command()
@click.argument("exercises", nargs=-1, metavar="[EXERCISE ...]", shell_complete=_names("own"))
@click.option(
    "--format",
    "shown",
    multiple=True,
    metavar="FORMAT[=FILE]",
    shell_complete=_names("format"),
    help="text (default), github, classroom, json, junit or markdown; with =FILE into a file (repeatable).",
)
@click.option("--watch", is_flag=True, help="Check what changes, each time that a file is saved, until Ctrl-C.")
@plain_option
def check(exercises: tuple[str, ...], shown: tuple[str, ...], watch: bool) -> None:
    """Check your own work in this folder; EXERCISE is the name of an exercise or of a file."""
    if watch:
        from .watch import run as run_watch

        if shown:
            raise InputError("--watch prints text: give --format without --watch.")
        sys.exit(run_watch(exercises, Path.cwd()))
    from .check import run

    sys.exit(run(exercises, Path.cwd(), shown))


@cli.command()
@click.argument("network", type=click.Choice(["digits", "denoising"]), default="digits")
@click.option("--iterations", type=click.IntRange(1, 100_000), help="Steps (default: digits 400, denoising 200).")
@click.option("--batch", type=click.IntRange(1, 500), default=16, show_default=True, help="Images in a step.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Another start.")
@click.option("--draw", type=click.Path(path_type=Path, dir_okay=False), help="Draw into this .svg or .png file too.")
def train(**options: Any) -> None:
    """Train networks made of your own files: LeNet on handwritten digits, or three that remove noise from them."""
    from .train import run

    sys.exit(run(**options))


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@COURSE
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("results"), show_default=True)
@click.option("--jobs", type=click.IntRange(1, 256), help="Judges at the same time (default: one per core).")
@_only("EXERCISE", "exercise", "Grade only this exercise or topic (repeatable).")
@click.option("--fresh", is_flag=True, help="Grade again what is already stored.")
@click.option("--verbose", is_flag=True, help="List every submission, also in a large class.")
@click.option("--allow-weak-isolation", is_flag=True, help="Grade also where this machine cannot confine submissions.")
@click.option(
    "--gradebook", default="", metavar="URL", help="Write into nbgrader's gradebook, too (sqlite:///FILE ...)."
)
@click.option("--assignment", default="", metavar="NAME", help="What nbgrader calls the assignment.")
@plain_option
def grade(**options: Any) -> None:
    """Grade a class: PATHS are folders, archives or files of submissions."""
    from .grade import run

    sys.exit(run(**options))


@cli.command()
@COURSE
@click.option(
    "--from-cases", is_flag=True, help="Keep the stored cases and inputs; run reference and misconceptions anew."
)
@_only("EXERCISE", "exercise", "Freeze only this exercise or topic (repeatable).")
def freeze(**options: Any) -> None:
    """Make the hidden bundles of a course from its specs and references."""
    from .freeze import run

    sys.exit(run(**options))


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@COURSE
@click.option("--nbgrader", is_flag=True, help="FOLDER is a course of nbgrader: make its source/ and release/.")
@click.option("--assignment", default="", metavar="NAME", help="What nbgrader calls it (default: the course's title).")
@click.option("--fresh", is_flag=True, help="Draw the visible cases anew, also where the stored ones still fit.")
def release(**options: Any) -> None:
    """Write into FOLDER what a student repository starts from."""
    from .release import run

    sys.exit(run(**options))


@cli.command()
@click.argument("report", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--full", is_flag=True, help="Show hidden cases and their numbers too: for instructors.")
@plain_option
def show(**options: Any) -> None:
    """Print REPORT, a file of reports/, as its student would read it."""
    from .show import run

    sys.exit(run(**options))


@cli.command()
@plain_option
def doctor() -> None:
    """Tell how well this machine can confine submissions, and what would help."""
    from .doctor import run

    sys.exit(run())


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@COURSE
@click.option("--size", type=click.IntRange(1, 10_000), default=40, show_default=True)
@click.option("--styles", type=click.Path(path_type=Path, file_okay=False), help="Folder of other correct solutions.")
@_only("TOPIC", "topic", "Hand in only the file of this topic (repeatable).")
def demo(**options: Any) -> None:
    """Write a made-up class into FOLDER: right, wrong, unfinished, broken and hostile submissions."""
    from .demo import run

    sys.exit(run(**options))


@cli.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC ...]", shell_complete=_names("topic"))
@COURSE
@click.option(
    "--variants",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("tests/variants"),
    show_default=True,
    help="Folder of other correct solutions, by topic.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write all of it as Markdown.")
@plain_option
def audit(**options: Any) -> None:
    """Tell what each exercise is worth, which check catches which misconception, and what grading costs."""
    from .audit import run

    sys.exit(run(**options))


@cli.command()
@click.argument("submission", required=False, shell_complete=_names("submission"))
@click.argument("exercise", required=False, shell_complete=_names("graded"))
@click.option("--points", type=float, help="The points that it gets; without EXERCISE, the whole.")
@click.option("--reason", default="", help="Why; its student reads it.")
@click.option("--remove", is_flag=True, help="Take back what was set.")
@click.option("--submitted", metavar="TIME", help="When it was handed in, for the late policy; '' forgets it.")
@click.option(
    "--submitted-from",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file with the columns submission and submitted.",
)
@click.option("--results", type=click.Path(path_type=Path, file_okay=False), default=Path("results"), show_default=True)
@COURSE
def override(**options: Any) -> None:
    """Set points by hand, for a SUBMISSION or its EXERCISE, and times of handing in; a regrade keeps them.

    Without arguments: list what is set.
    """
    from .override import run

    sys.exit(run(**options))


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script with which SHELL completes names of exercises, formats and submissions with Tab.

    bash and zsh: put eval "$(grader completion bash)" (or zsh) into ~/.bashrc or ~/.zshrc.
    fish: grader completion fish > ~/.config/fish/completions/grader.fish
    """
    from .completion import script

    click.echo(script(shell, cli))


@cli.group()
def export() -> None:
    """Scores for gradebooks, and an autograder for Gradescope."""


def _gradebook(name: str, text: str) -> None:
    @export.command(name, help=text)
    @click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
    @click.option(
        "--results", type=click.Path(path_type=Path, file_okay=False), default=Path("results"), show_default=True
    )
    @click.option("--roster", type=click.Path(path_type=Path, dir_okay=False), help="CSV file that says who is who.")
    @click.option("--title", help="Name of the assignment (default: the course's title).")
    def command(**options: Any) -> None:
        from .export import run

        sys.exit(run(format=name, **options))


_gradebook("canvas", "A file for Canvas; the roster is best its gradebook's export.")
_gradebook("moodle", "A file for Moodle; the roster is best the assignment's grading worksheet.")
_gradebook("csv", "A table of everybody, each exercise and the total.")
_gradebook("json", "The same for programs.")


@export.command("gradescope-image")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@COURSE
@click.option(
    "--visibility",
    type=click.Choice(["visible", "after_published", "after_due_date", "hidden"]),
    default="visible",
    show_default=True,
    help="When students see checks and points; what of them follows the course's feedback.",
)
@click.option("--allow-weak-isolation", is_flag=True, help="Grade also where Gradescope cannot confine submissions.")
def gradescope_image(**options: Any) -> None:
    """Write an autograder for Gradescope into FOLDER: upload its autograder.zip there."""
    from .gradescope_image import run

    sys.exit(run(**options))


def main() -> None:
    """Entry point: our own errors become one sentence on standard error."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        print("grader: stopped; the same command begins anew.", file=sys.stderr)
        sys.exit(130)
    except (InputError, StoreError) as error:
        print(f"grader: {printable(str(error), 1000)}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        where = f"{error.filename} cannot be read or written" if error.filename else "the system refuses"
        print(f"grader: {printable(f'{where} ({error.strerror or error}).', 1000)}", file=sys.stderr)
        sys.exit(2)
    except GraderError as error:
        print(f"grader: {printable(str(error), 1000)}", file=sys.stderr)
        sys.exit(3)


if __name__ == "__main__":
    main()
