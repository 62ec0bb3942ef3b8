"""The README of a released folder: the topics in teaching order, and how to work."""

from __future__ import annotations

from collections.abc import Sequence

from grader.bundle import Bundle
from grader.keeping.tables import number
from grader.notebooks.making import FOLDER

from .exercise import Topic
from .layout import Layout, Sources
from .links import earlier, linked, title


def readme(layout: Layout, sources: Sources, topics: Sequence[Topic]) -> str:
    """What a student reads first; `topics` are those of the release in teaching order."""
    course, bundles = layout.course, layout.asked
    titles = {topic.name: title(topic.handout, topic.name) for topic in topics}
    rows = "\n".join(_row(place, topic, titles, layout, sources) for place, topic in enumerate(topics, start=1))
    total = number(sum(course.points_of(bundle) for bundle in bundles))
    first = bundles[0]
    file = first.topic if layout.file_of(first) == first.file else layout.file_of(first)
    return f"""# {course.title}

Your task is to complete the Python files in this folder, topic by topic. Each topic has a handout that says what to do.
Go through them in this order, or in another one: *builds on* names the handouts that you should know before.

| | topic | file | exercises and points | points | builds on | needs your |
|---|---|---|---|---|---|---|
{rows}
| | **all** | | | **{total}** | | |

*Needs your* names files that are used together with this one when it is checked: a mistake there shows here, too. In
all other exercises, what you did in earlier ones does not matter.

## How to work

1. Install the checker once: `python -m pip install cnn-grader` (Python 3.11 or newer).
2. Read the handout of a topic, open its file, replace `raise NotImplementedError`.
3. Check your work in this folder: `grader check {first.exercise}` for one exercise, `grader check {file}` for a
   file, `grader check` for everything. Plain `pytest` runs the same checks as tests, for editors.

Every file is there as a notebook, too, in `{FOLDER}/`: work in the one or the other. Of the two, the one in which more
is written is graded. Start Jupyter in this folder: notebooks show the figures of the handouts.

On GitHub and GitLab the checks run at each push; remarks stand beside your lines, or in the pipeline's tests.

For everything that is wrong you get a sentence, a hint, and the smallest case in which it shows, with numbers to
reproduce.

The checks here use visible cases. Your points are given with other, hidden cases of the same kind: write code that is
right in general. NumPy is all you need; {", ".join(course.modules.allowed)} may be imported.
{_packages(topics)}"""


def _row(place: int, topic: Topic, titles: dict[str, str], layout: Layout, sources: Sources) -> str:
    mine = [bundle for bundle in layout.asked if bundle.topic == topic.name]
    files = list(dict.fromkeys(layout.file_of(bundle) for bundle in mine))
    exercises = ", ".join(_exercise(bundle, layout, with_file=len(files) > 1) for bundle in mine)
    cells = (
        place,
        f"[{titles[topic.name]}](handouts/{topic.name}.md)",
        ", ".join(f"`{file}`" for file in files),
        exercises,
        number(sum(layout.course.points_of(bundle) for bundle in mine)),
        linked(earlier(topic.handout), titles),
        _needs(mine, layout, sources),
    )
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"


def _exercise(bundle: Bundle, layout: Layout, with_file: bool) -> str:
    place = f" in `{layout.file_of(bundle)}`" if with_file else ""
    name = layout.course.settings(bundle.exercise).title or bundle.title
    return f"{name}{place} {number(layout.course.points_of(bundle))}"


def _needs(bundles: Sequence[Bundle], layout: Layout, sources: Sources) -> str:
    """The student's other files that a topic's exercises need; whose they are, if not everybody's."""
    users: dict[tuple[str, ...], list[Bundle]] = {}
    for bundle in bundles:
        users.setdefault(tuple(layout.needs(bundle, sources[bundle.file][1])), []).append(bundle)
    texts = []
    for files, mine in users.items():
        names = ", ".join(layout.course.settings(b.exercise).title or b.title for b in mine)
        whose = f" for {names}" if len(users) > 1 else ""
        texts += [", ".join(f"`{file}`" for file in files) + whose] if files else []
    return "; ".join(texts)


def _packages(topics: Sequence[Topic]) -> str:
    """What some topics need besides."""
    needed = [f"`{topic.file}` needs {', '.join(topic.requires)}" for topic in topics if topic.requires]
    return f"{'; '.join(needed)}: left out, and in no total, where that is not installed.\n" if needed else ""
