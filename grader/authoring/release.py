"""What students get: skeletons, handouts, figures, public cases, a course file, a README. Nothing hidden, no solution.

Everything is in the names and files of the course, so that what students read is what `grader check` looks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.bundle import Bundle
from grader.course import FILE_NAME, Course
from grader.errors import CourseError, InputError
from grader.keeping.tables import number
from grader.known_names import known
from grader.naming import Naming
from grader.notebooks.making import notebooks
from grader.workspace import Workspace, write_bundles

from . import ci
from .exercise import Topic
from .layout import Layout, Sources
from .links import figures as shown_figures
from .links import taken_out
from .readme import readme
from .template import BEGIN, END, skeleton, solution_lines
from .topics import read_topics


class Material(NamedTuple):
    """What a release is made of."""

    layout: Layout
    sources: Sources
    topics: list[Topic]
    skeletons: dict[str, str]  # by file of the course
    handouts: dict[str, str]  # by topic
    figures: dict[str, bytes]  # by path


def material(workspace: Workspace, bundles: Sequence[Bundle]) -> Material:
    """All that students are given, in the names and files of the course; `bundles` are the public ones."""
    asked = [b for b in bundles if workspace.course.asks_for(b.exercise, b.topic)]
    if not asked:
        raise CourseError(f"{workspace.file}: include and exclude leave no exercise to release.")
    if any(bundle.kind != "public" for bundle in asked):
        raise AssertionError("only public bundles are released")
    layout = Layout(workspace.course, bundles)
    sources = _sources(workspace, asked)
    names = {bundle.topic for bundle in asked}
    topics = [topic for topic in read_topics(workspace.source) if topic.name in names]
    handouts = {topic.name: handout(topic, layout, sources) for topic in topics}
    return Material(layout, sources, topics, layout.files(sources), handouts, _figures(workspace, topics, layout))


def write_release(workspace: Workspace, bundles: Sequence[Bundle], folder: Path) -> list[Path]:
    """Write everything into an empty, or an earlier released, folder; any other is refused."""
    layout, sources, topics, skeletons, handouts, figures = material(workspace, bundles)
    _check_folder(folder)
    texts = {
        **skeletons,
        **{f"handouts/{name}.md": text for name, text in handouts.items()},
        **notebooks(layout, skeletons, handouts),
        FILE_NAME: course_text(workspace.course, layout.asked),
        "README.md": readme(layout, sources, topics),
        ".gitignore": "__pycache__/\n.venv/\n.cache/\n.ipynb_checkpoints/\n.pytest_cache/\nreport.xml\n",
        **ci.FILES,
    }
    contents = {**figures, **{name: text.encode() for name, text in texts.items()}}
    return write_contents(contents, layout.asked, folder)


def write_contents(contents: Mapping[str, bytes], bundles: Sequence[Bundle], folder: Path) -> list[Path]:
    """Write files and public bundles; the paths of all."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    write_bundles(bundles, folder / "bundles")
    return [folder / name for name in contents] + sorted((folder / "bundles").iterdir())


def _check_folder(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE_NAME).is_file():
        raise InputError(
            f"{folder} is not empty and no released folder: name a new one, so that nothing is overwritten."
        )


def _sources(workspace: Workspace, bundles: Sequence[Bundle]) -> Sources:
    """The skeleton and the whole reference of each topic's file."""
    texts = {}
    for file in {bundle.file for bundle in bundles}:
        path = workspace.reference / file
        source = path.read_text(encoding="utf-8")
        if not solution_lines(source):
            raise CourseError(
                f"{path} marks no solution, so all of it would be released: put {BEGIN} and {END} into it."
            )
        texts[file] = skeleton(source, str(path)), source
    return texts


def _figures(workspace: Workspace, topics: Sequence[Topic], layout: Layout) -> dict[str, bytes]:
    """The figures that the handouts show, beside them."""
    found = {}
    for topic in topics:
        mine = [bundle for bundle in layout.asked if bundle.topic == topic.name]
        shown = shown_figures(workspace.source / topic.name, topic.handout, layout.naming(mine))
        found.update({f"handouts/{name}": content for name, content in shown.items()})
    return found


def handout(topic: Topic, layout: Layout, sources: Sources) -> str:
    """A topic's handout in the names and files of the course, with a word about what differs from it."""
    mine = [bundle for bundle in layout.asked if bundle.topic == topic.name]
    naming, differing = _common_names(mine, layout)
    needed = {file for bundle in mine for file in layout.needs(bundle, sources[bundle.file][1])}
    links = taken_out(topic.handout, topic.name, {bundle.topic for bundle in layout.asked})
    text = links.back_in(_with_files(naming.markdown(links.text), layout, topic.file, needed))
    remarks = [*differing, *_left_out(topic, mine, layout.course)]
    if not remarks:
        return text
    title, _, rest = text.partition("\n")
    return f"{title}\n\nIn this course:\n\n" + "".join(f"- {remark}\n" for remark in remarks) + rest


def _common_names(bundles: Sequence[Bundle], layout: Layout) -> tuple[Naming, list[str]]:
    """The names that hold in all exercises of a handout, and a remark for each that holds in some only."""
    uses = {bundle.exercise: known(bundle).all for bundle in bundles}
    keys = {key: None for bundle in bundles for key in layout.names[bundle.exercise]}
    common, remarks = {}, []
    for key in keys:
        called = {b.exercise: layout.names[b.exercise].get(key, key) for b in bundles if key in uses[b.exercise]}
        names = {*called.values()} or {layout.naming(bundles).names.get(key, key)}
        if len(names) == 1:
            common[key] = names.pop()
        else:
            differing = ", ".join(f"`{name}` in {exercise}" for exercise, name in called.items() if name != key)
            remarks.append(f"`{key}` is called {differing}.")
    return Naming(common, layout.symbols), remarks


def _left_out(topic: Topic, bundles: Sequence[Bundle], course: Course) -> list[str]:
    """Exercises and checks of the handout that the course does not have, and points that are other than in it."""
    asked = {bundle.exercise for bundle in bundles}
    others = [symbol for exercise in topic.exercises if exercise.name not in asked for symbol in exercise.symbols]
    remarks = [f"Not asked for: {', '.join(f'`{symbol}`' for symbol in others)}."] if others else []
    for bundle in bundles:
        without, points = course.settings(bundle.exercise).without, course.points_of(bundle)
        if without:
            names = ", ".join(f'"{name}"' for name in without)
            remarks.append(f"{bundle.exercise} is graded without {names} and has {number(points)} points.")
        elif points != bundle.max_points:
            remarks.append(f"{bundle.exercise} has {number(points)} points, in the same proportions as below.")
    return remarks


def _with_files(text: str, layout: Layout, own: str, needed: set[str]) -> str:
    """A handout with the course's files in the place of the topics'; a list names each once.

    Of another topic's files those that are `needed` are meant, where there are such.
    """
    places: dict[str, dict[str, None]] = {}
    for bundle in layout.asked:
        places.setdefault(bundle.file, {})[layout.file_of(bundle)] = None
    moved = {file: list(found) for file, found in places.items() if list(found) != [file]}
    for file, found in moved.items():
        meant = found if file == own else [place for place in found if place in needed] or found
        text = text.replace(f"`{file}`", ", ".join(f"`{place}`" for place in meant))
    again = r"(`[^`\s]+\.py`)(?:(?:,\s+|\s+and\s+|,\s+and\s+)\1)+"
    return re.sub(again, r"\1", text) if moved else text


def course_text(course: Course, bundles: Sequence[Bundle]) -> str:
    """The released course file: what students' checks need, resolved, and no more."""
    used = frozenset[str]().union(*(known(bundle).all for bundle in bundles))
    names = {key: name for key, name in course.names.items() if key in used}
    lines = [f"title = {_toml(course.title)}"]
    if names:
        lines += ["", "[names]", *(f"{key} = {_toml(value)}" for key, value in names.items())]
    if course.limits:
        lines += ["", "[limits]", *(f"{key} = {value:g}" for key, value in course.limits.items())]
    lines += ["", "[modules]", f"allowed = [{', '.join(map(_toml, course.modules.allowed))}]"]
    for bundle in bundles:
        settings = course.settings(bundle.exercise)
        lines += ["", f"[exercises.{bundle.exercise}]", f"points = {float(course.points_of(bundle)):g}"]
        lines += [f"title = {_toml(settings.title)}"] if settings.title else []
        file = course.file_of(bundle.exercise, bundle.topic, bundle.file)
        lines += [f"file = {_toml(file)}"] if file != bundle.file else []
        lines += [f"without = [{', '.join(map(_toml, settings.without))}]"] if settings.without else []
        lines += _table("names", {key: _toml(name) for key, name in settings.names.items() if key in known(bundle).all})
        lines += _table("limits", {key: f"{value:g}" for key, value in settings.limits.items()})
    return "\n".join(lines) + "\n"


def _table(key: str, pairs: dict[str, str]) -> list[str]:
    return [f"{key} = {{ {', '.join(f'{name} = {value}' for name, value in pairs.items())} }}"] if pairs else []


def _toml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
