"""The arithmetic topic keeps its promises: the lectures' numbers, and who loses which points."""

import importlib.util
import sys
from pathlib import Path

import pytest

from grader.authoring.topics import read_topic

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "tests/variants/arithmetic/from_the_handout.py").read_text()


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_arithmetic", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ours():
    return load(ROOT / "reference/arithmetic.py")


@pytest.fixture(scope="module")
def topic():
    return read_topic(ROOT / "exercises/arithmetic")


@pytest.fixture(scope="module")
def exam(workers, topic):
    return load(ROOT / "tests/exam/exam.py").Exam(topic, workers, b"test")


def lost_by(exam, source):
    """The checks that lose points, by exercise, and the first sentence."""
    return {(exercise, check): why for exercise, check, why in exam.lost(exam.grade(source))}


def replaced(old, new):
    assert SOURCE.count(old) == 1
    return SOURCE.replace(old, new)


def test_the_handout_gives_every_check_with_its_points(topic):
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in topic.handout.partition("## What is graded")[2].splitlines()
        if line.startswith("| ") and not line.startswith("| |")
    ]
    told = [(name.split(":")[0], points) for name, points in rows]
    expected = []
    for exercise in topic.exercises:
        expected.append((f"**{exercise.name}**", f"**{sum(check.points for check in exercise.checks):g}**"))
        expected += [(check.name, f"{check.points:g}") for check in exercise.checks]
    assert told == expected


def test_the_reference_gives_the_numbers_of_the_lectures(ours):
    assert [ours.conv_output_size(7, 3, stride) for stride in (1, 2)] == [5, 3]
    with pytest.raises(ValueError, match="no whole number"):
        ours.conv_output_size(7, 3, 3)
    assert ours.conv_output_size(32, 5, 1, 2) == 32
    assert ours.conv_parameters(3, 5, 1) == 76 and ours.conv_parameters(3, 5, 10) == 760
    assert ours.conv_parameters(3, 3, 10) == 280
    assert ours.conv_parameters(3, 3, 1, bias=False) == 27 and ours.conv_parameters(3, 3, 96, bias=False) == 2592
    assert ours.conv_multiplications((3, 224, 224), 3, 64) == 64 * 3 * 3 * 3 * 222 * 222
    assert ours.conv_parameters(3, 3, 64) == (3 * 3 * 3 + 1) * 64
    assert ours.conv_operations((1, 320, 280), (2, 1), 1) == 267_960
    assert ours.dense_matrix_floats((320, 280), (319, 280)) == 319 * 280 * 320 * 280 > 8e9
    assert ours.receptive_field([(5, 1, 1)] * 7) == 32 - 4 + 1
    assert [ours.receptive_field([(3, 1, 1)] * 2), ours.receptive_field([(3, 1, 2)])] == [5, 5]


def test_the_visible_networks_have_the_parameters_of_the_lectures(ours, topic):
    examples = next(e for e in topic.exercises if e.name == "network_summary").examples
    totals, last = {}, {}
    for example in examples:
        summary = ours.network_summary([dict(layer) for layer in example.case.layers], example.case.input_shape)
        totals[example.name.split(":")[0]] = sum(count for _, _, count in summary)
        last[example.name.split(":")[0]] = [shape for _, shape, _ in summary]
    assert totals["LeNet-5 as in lecture D"] == 61_706
    assert totals["AlexNet with its two groups"] == 60_965_224
    assert totals["AlexNet without groups"] == 62_378_344
    assert totals["VGG-16"] == 138_357_544
    assert last["lecture E"] == [(10, 37, 37), (20, 17, 17), (40, 7, 7), (1960,)]


def test_hidden_networks_are_no_table_of_known_ones(exam):
    bundle = next(bundle for bundle in exam.bundles if bundle.exercise == "network_summary")
    main = next(plan for plan in bundle.plans if plan.name == "main")
    hidden = {repr(bundle.cases[frozen.case].values) for frozen in main.probes if not bundle.cases[frozen.case].visible}
    assert len(hidden) >= 60


def test_a_count_that_is_off_by_one_in_a_billion_is_wrong(exam):
    source = replaced("            total *= side\n    return total", "            total *= side\n    return total + 1")
    assert ("convolution_costs", "dense_matrix_floats") in lost_by(exam, source)


def test_floats_cost_the_ints_only(exam):
    lost = lost_by(exam, replaced("    return int(result)\n", "    return float(result)\n"))
    assert set(lost) == {("output_sizes", "ints")}
    assert lost["output_sizes", "ints"].startswith("size is a float:")


def test_two_functions_that_return_floats_get_a_sentence_that_says_so(exam):
    source = replaced("    return int(result)\n", "    return float(result)\n").replace(
        "    return (total - after, after)", "    return (float(total - after), float(after))"
    )
    lost = lost_by(exam, source)
    assert set(lost) == {("output_sizes", "ints")}
    assert "0.0" in lost["output_sizes", "ints"]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("if n + 2 * padding < f:", "if n < f:", ("output_sizes", "conv_output_size")),
        ("return (total - after, after)", "return (after, after + total % 2)", ("output_sizes", "same_padding")),
        ("return (total - after, after)", "return total", ("output_sizes", "same_padding")),
        ("one = in_channels * m * n\n", "one = in_channels * m * n + 1 - 1 // n\n", ("convolution_costs",
         "conv_parameters")),
        ("        one = one + 1\n", "        one = one + num_kernels\n", ("convolution_costs", "conv_parameters")),
        ("width = conv_output_size_floor(shape[2], n, t,", "width = conv_output_size_floor(shape[2], n, s,",
         ("convolution_costs", "conv_multiplications")),
        ("width = conv_output_size_floor(shape[2], n, t, 2 * q)",
         "width = conv_output_size_floor(shape[2], n, t, 2 * p)",
         ("network_summary", "output shapes")),
        ("return 2 * multiplications - k * height * width", "return 2 * multiplications - height * width",
         ("convolution_costs", "conv_operations")),
        ("        step *= stride\n", "        step *= max(stride, dilation)\n", ("receptive_field", "values")),
        ("        step *= stride\n", "        step *= kernel if stride > 1 else 1\n", ("receptive_field", "values")),
        ("groups, channels = layer.get(\"groups\", 1), layer[\"channels\"]",
         "groups, channels = 1, layer[\"channels\"]",
         ("network_summary", "parameters")),
        ("            parameters = shape[0] * layer[\"units\"]\n",
         "            parameters = shape[0] * layer[\"units\"] + 1\n",
         ("network_summary", "parameters")),
        ("        kind = layer[\"kind\"]\n", "        kind, _ = layer[\"kind\"], layer.setdefault(\"padding\", 0)\n",
         ("network_summary", "same list twice")),
    ],
)  # fmt: skip
def test_mistakes_on_no_list_lose_points(exam, old, new, where):
    assert where in lost_by(exam, replaced(old, new))


def test_a_table_of_the_lectures_networks_earns_next_to_nothing(exam, topic):
    examples = next(e for e in topic.exercises if e.name == "network_summary").examples
    reference = load(ROOT / "reference/arithmetic.py")
    known = {
        repr(([dict(layer) for layer in e.case.layers], e.case.input_shape)): reference.network_summary(
            [dict(layer) for layer in e.case.layers], e.case.input_shape
        )
        for e in examples
    }
    results = exam.grade(f"def network_summary(layers, shape):\n    return {known!r}[repr((layers, shape))]\n")
    assert results["network_summary"].points == 0


@pytest.mark.parametrize("result", ["0", "1", "None", "(1, 1)", "[]", "arguments[0]"])
def test_functions_that_compute_nothing_earn_at_most_a_tenth(exam, result):
    names = [symbol for exercise in exam.topic.exercises for symbol in exercise.symbols]
    source = "".join(f"def {name}(*arguments, **keywords):\n    return {result}\n" for name in names)
    for graded in exam.grade(source).values():
        assert graded.points <= 0.1 * graded.max_points, graded.exercise
