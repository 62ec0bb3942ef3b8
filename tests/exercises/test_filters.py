"""The filters topic keeps its promises: the lectures' numbers, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
LOOPS = (ROOT / "tests/variants/filters/loops.py").read_text()
SHIFTED = (ROOT / "tests/variants/filters/shifted_sums.py").read_text()


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_filters", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ours():
    return load(ROOT / "reference/filters.py")


@pytest.fixture(scope="module")
def topic():
    return read_topic(ROOT / "exercises/filters")


@pytest.fixture(scope="module")
def exam(workers, topic):
    return load(ROOT / "tests/exam/exam.py").Exam(topic, workers, b"test", whole=False)


def lost_by(exam, source):
    """The checks that lose points, by exercise."""
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def replaced(source, old, new):
    assert source.count(old) == 1
    return source.replace(old, new)


def test_the_handout_gives_every_check_with_its_points(topic):
    told, columns = {}, []
    for line in topic.handout.partition("## What is graded")[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| |"):
            columns = cells[1:]
        elif line.startswith("| "):
            told |= {
                (c, cells[0].split(":")[0]): points for c, points in zip(columns, cells[1:], strict=True) if points
            }
    expected = {}
    for exercise in topic.exercises:
        expected |= {(exercise.name, check.name): f"{check.points:g}" for check in exercise.checks}
        expected[exercise.name, "**points**"] = f"**{sum(check.points for check in exercise.checks):g}**"
    assert told == expected


def test_the_reference_gives_the_numbers_of_the_lectures(ours):
    signal, box = [4, 3, 2, -5, 3, 5, 2, 5, 5, 6], [1 / 3] * 3
    inside = [3, 0, 0, 1, 10 / 3, 4, 4, 16 / 3]
    np.testing.assert_allclose(ours.correlate1d(signal, box), inside, atol=1e-12)
    np.testing.assert_allclose(ours.correlate1d(signal, box, "pad"), [7 / 3, *inside, 11 / 3], atol=1e-12)
    image, kernel = np.arange(9).reshape(3, 3), [[0, 1], [2, 3]]
    assert ours.cross_correlate2d(image, kernel).tolist() == [[19, 25], [37, 43]]
    ring = [[0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0]]
    assert ours.cross_correlate2d(image, kernel, 1).tolist() == ring
    assert ours.cross_correlate2d(image, kernel, 1, (3, 2)).tolist() == [[0, 8], [6, 8]]
    volume, slices = np.dstack([image, image + 1]), np.dstack([kernel, [[1, 2], [3, 4]]])
    assert ours.filter_volume(volume, slices).tolist() == [[56, 72], [104, 120]]
    grey = np.array(
        [
            [206, 205, 247, 245, 244],
            [244, 161, 137, 244, 254],
            [192, 154, 75, 200, 249],
            [90, 109, 96, 143, 223],
            [67, 69, 107, 196, 236],
        ]
    )
    blurred = np.rint(ours.cross_correlate2d(grey, ours.KERNELS["gaussian_blur"]))
    assert blurred.tolist() == [[178, 175, 216], [141, 133, 183], [106, 117, 167]]


def test_the_handouts_own_numbers_are_right(ours):
    assert ours.correlate1d([1, 2, 3, 4], [1, 10]).tolist() == [21, 32, 43]
    assert ours.correlate1d([1, 2, 3, 4], [1, 10], "pad").tolist() == [10, 21, 32, 43]
    assert ours.convolve2d(np.arange(9).reshape(3, 3), [[0, 1], [2, 3]]).tolist() == [[5, 11], [23, 29]]
    dot = ours.convolve2d(np.pad([[1.0]], 1), [[1, 2], [3, 4]])
    assert dot.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("source", "old", "new", "where"),
    [
        (LOOPS, "before, places = k // 2, n", "before, places = (k - 1) // 2, n", ("correlate1d", "values")),
        (LOOPS, "if 0 <= place < n:", "if place < n:", ("correlate1d", "values")),
        (LOOPS, "i * down + u - top, j * right + v - left", "i * down + u - left, j * right + v - top",
         ("cross_correlate2d", "values")),
        (LOOPS, "if 0 <= y < height and 0 <= x < width:", "if y < height and x < width:", ("cross_correlate2d",
         "values")),
        (LOOPS, "output = np.zeros((rows, columns))",
         "output = np.zeros((rows, columns), dtype=np.asarray(image).dtype)",
         ("cross_correlate2d", "integer images")),
        (LOOPS, "total += float(image[y][x]) * float(kernel[u][v])",
         "total += float(image[y][x]) * float(kernel[v][u])",
         ("cross_correlate2d", "values")),
        (LOOPS, "turned[m - 1 - u, n - 1 - v] = kernel[u][v]", "turned[u, n - 1 - v] = kernel[u][v]",
         ("convolve2d", "values")),
        (SHIFTED, "return shifted(image, kernel[:, :, None])",
         "return np.maximum(shifted(image, kernel[:, :, None]), 0)",
         ("filter_rgb", "values")),
        (SHIFTED, "return shifted(image, kernel).sum(axis=-1)", "return shifted(image, kernel).max(axis=-1)",
         ("filter_volume", "values")),
        (SHIFTED, "return shifted(image, kernel).sum(axis=-1)", "return shifted(image, kernel).sum(axis=0)",
         ("filter_volume", "shapes")),
        (SHIFTED, "np.array([[1.0], [2], [1]]) * EDGE", "np.array([[1.0], [2], [1]]) * -EDGE", ("kernels", "values")),
    ],
)  # fmt: skip
def test_mistakes_on_no_list_lose_points(exam, source, old, new, where):
    assert where in lost_by(exam, replaced(source, old, new))


def test_an_image_written_into_is_noticed(exam):
    source = replaced(
        LOOPS, "    image = np.asarray(image)\n", "    image = np.asarray(image)\n    image[0, 0, 0] = 7\n"
    )
    assert ("filter_rgb", "purity") in lost_by(exam, source)


def test_lists_of_lists_as_kernels_are_told_to_be_no_arrays(exam):
    source = LOOPS + "\nKERNELS = {name: kernel.tolist() for name, kernel in KERNELS.items()}\n"
    lost = list(exam.lost(exam.grade(source)))
    assert [(exercise, check) for exercise, check, _ in lost] == [("kernels", "values"), ("kernels", "float64")]


@pytest.mark.parametrize(
    "result", ["0.0 * np.asarray(image)", "np.asarray(image)", "np.zeros((2, 2))", "2.0 * np.asarray(image)", "None"]
)
def test_functions_that_compute_nothing_earn_at_most_a_tenth(exam, result):
    names = [symbol for exercise in exam.topic.exercises for symbol in exercise.symbols if symbol != "KERNELS"]
    source = "import numpy as np\nKERNELS = {}\n" + "".join(
        f"def {name}(image, *further, **keywords):\n    return {result}\n" for name in names
    )
    for graded in exam.grade(source).values():
        assert graded.points <= 0.1 * graded.max_points, graded.exercise
