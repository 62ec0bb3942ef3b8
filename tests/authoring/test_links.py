"""What handouts point to is released with them, in the words of the course."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.authoring.links import earlier, figures, renamed, taken_out, title
from grader.authoring.release import write_release
from grader.authoring.topics import read_topics
from grader.errors import CourseError
from grader.naming import Naming
from grader.workspace import open_workspace, read_bundles

ROOT = Path(__file__).resolve().parents[2]
NAMING = Naming({"im2col": "unfold", "conv": "layer"}, {"im2col"})
HANDOUT = """# Matrices

Builds on [Convolution](../conv/handout.md) and
[Filters](../filters/handout.md#kernels).

Write `im2col`, see [Pooling](../pooling/handout.md).

![im2col of an image](figures/im2col.svg)
"""


def test_links_are_those_of_the_released_folder_and_no_name_in_them_is_renamed() -> None:
    links = taken_out(HANDOUT, "matrix", {"conv", "filters"})
    text = links.back_in(NAMING.markdown(links.text))
    assert "[Convolution](conv.md) and\n[Filters](filters.md#kernels)." in text
    assert "](figures/matrix/im2col.svg)" in text
    assert "`unfold`, see Pooling." in text, "what is not released is no link"


def test_code_that_looks_like_a_link_is_code() -> None:
    code = "`layers[0](im2col)`"
    links = taken_out(code, "matrix", {"conv"})
    assert links.back_in(NAMING.markdown(links.text)) == "`layers[0](unfold)`"


def test_earlier_topics_are_those_that_the_handout_builds_on() -> None:
    assert earlier(HANDOUT) == ("conv", "filters")
    assert earlier("# First\n\nSee [Pooling](../pooling/handout.md).\n") == ()
    assert title(HANDOUT, "matrix") == "Matrices"


def test_the_texts_of_a_drawing_are_renamed_and_nothing_else_of_it() -> None:
    drawing = (
        b'<svg class="im2col"><title>im2col, conv</title><text class="im2col" x="1">im2col(image) &lt; 2</text></svg>'
    )
    words = (
        b'<svg class="im2col"><title>im2col, conv</title><text class="im2col" x="1">unfold(image) &lt; 2</text></svg>'
    )
    assert renamed(drawing, NAMING) == words
    assert renamed(drawing, Naming({})) == drawing


def test_figures_go_beside_the_handouts_and_one_that_there_is_not_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "matrix"
    (folder / "figures").mkdir(parents=True)
    (folder / "figures" / "im2col.svg").write_bytes(b"<text>im2col</text>")
    (folder / "figures" / "unused.svg").write_bytes(b"")
    assert figures(folder, HANDOUT, NAMING) == {"figures/matrix/im2col.svg": b"<text>unfold</text>"}
    with pytest.raises(CourseError, match=r"handout\.md shows figures/no\.svg, and there is no such file"):
        figures(folder, HANDOUT.replace("im2col.svg", "no.svg"), NAMING)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The core of the course, under other names."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "course.toml").write_text(
        f'title = "Core"\nsource = "{ROOT / "exercises"}"\nexclude = ["loss"]\n[names]\nSgdWithMomentum = "Heavy"\n'
    )
    bundles = read_bundles(ROOT / "student_template" / "bundles")
    write_release(open_workspace(folder / "course.toml"), bundles, folder / "released")
    return folder / "released"


def test_every_link_of_a_release_leads_to_a_released_file(released: Path) -> None:
    targets = {
        (page.parent / target).resolve()
        for page in [*released.glob("handouts/*.md"), released / "README.md"]
        for target in re.findall(r"\]\(([\w./]+)(?:#\w*)?\)", page.read_text())
    }
    assert released / "handouts/figures/pooling/max_routes.svg" in targets
    assert [str(target) for target in targets if not target.is_file()] == []
    assert "Heavy(0.03, 0.8)" in (released / "handouts/figures/optimizers/paths.svg").read_text()


def test_the_readme_is_the_path_through_the_course(released: Path) -> None:
    text = (released / "README.md").read_text()
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\| \d.*\|$", text, re.M)]
    order = [topic.name for topic in read_topics(ROOT / "exercises")]
    shown = [re.findall(r"handouts/(\w+)\.md", row[1])[0] for row in rows]
    assert shown == [name for name in order if name in shown] and len(shown) >= 8
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    by_topic = dict(zip(shown, rows, strict=True))
    assert by_topic["pooling"][1:5] == [
        "[Pooling](handouts/pooling.md)",
        "`pooling.py`",
        "Max pooling 10, Average pooling 10, Global average pooling 4, Blur pooling 6",
        "30",
    ]
    assert "[Fully connected layer](handouts/fully_connected.md)" in by_topic["conv"][5]
    assert "loss.md" not in text, "what is not released is not linked"
    needs = by_topic["neural_network"][6]
    assert "`conv.py`" in needs and needs.endswith(" for LeNet for digits") and by_topic["conv"][6] == ""
    total = sum(float(row[4]) for row in rows)
    assert f"| **{total:g}** |" in text


def test_topics_build_on_earlier_ones_only() -> None:
    topics = read_topics(ROOT / "exercises")
    place = {topic.name: n for n, topic in enumerate(topics)}
    for topic in topics:
        assert all(place[name] < place[topic.name] for name in earlier(topic.handout)), topic.name
