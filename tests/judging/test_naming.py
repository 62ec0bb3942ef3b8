"""What people read speaks of a course's own classes, methods and attributes; English words stay English."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import Course, ExerciseSettings
from grader.judging.wording import translated
from grader.known_names import known, notes, table
from grader.naming import Naming
from grader.report import CheckResult, Evidence, Finding, Shown
from grader.workspace import read_bundles

ROOT = Path(__file__).resolve().parents[2]
NAMES = {
    "Conv": "ConvLayer",
    "Flatten": "FlattenLayer",
    "MaxPooling": "MaxPool",
    "build_lenet": "makeNet",
    "forward": "fwd",
    "test": "predict",
    "weights": "W",
    "loss": "history",
    "optimizer": "optim",
    "gradient_bias": "db",
    "calculate_update": "step",
    "learning_rate": "lr",
}
naming = Naming(NAMES, {"build_lenet"})


@pytest.fixture(scope="module")
def bundles():
    return {bundle.exercise: bundle for bundle in read_bundles(ROOT / "student_template" / "bundles")}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("`conv.gradient_bias` does not exist.", "`conv.db` does not exist."),
        ("Once the forward pass is right, forward stays.", "Once the forward pass is right, forward stays."),
        ("`forward` is still to be written.", "`fwd` is still to be written."),
        ("The weights are wrong after a test.", "The weights are wrong after a test."),
        ("Assign what calculate_update returns.", "Assign what step returns."),
        ("`sgd.calculate_update(weights, gradient_1)` raises", "`sgd.step(weights, gradient_1)` raises"),
        ("updated after `optimizer = None`", "updated after `optim = None`"),
        ("`conv = Conv(optimizer, weights)`", "`conv = ConvLayer(optimizer, weights)`"),
        ("the type of `loss`", "the type of `history`"),
        ("see `loss.py` and `np.test`", "see `loss.py` and `np.test`"),
        ('in phase `"test"`', 'in phase `"test"`'),
        ("MaxPooling keeps the largest.", "MaxPool keeps the largest."),
        ("Flatten the image.", "Flatten the image."),
        ("`unforward`, forward_pass, `forwards`", "`unforward`, forward_pass, `forwards`"),
    ],
)
def test_identifiers_of_a_sentence_are_renamed_and_english_is_not(ours: str, theirs: str) -> None:
    assert naming.text(ours) == theirs


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("conv = Conv(1, (2, 3), 4)", "conv = ConvLayer(1, (2, 3), 4)"),
        ("conv.weights = weights", "conv.W = weights"),
        ("loss = network.forward()", "loss = network.fwd()"),
        ("network = build_lenet(optimizer, initializer)", "network = makeNet(optimizer, initializer)"),
        ("w = network.layers[0].weights", "w = network.layers[0].W"),
    ],
)
def test_in_code_names_that_stand_alone_are_variables(ours: str, theirs: str) -> None:
    assert naming.line(ours) == theirs


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("assigns `calculate_update(weights, gradient_bias)`", "assigns `step(W, db)`"),
        ("`Sgd(learning_rate)` keeps `learning_rate`", "`Sgd(learning_rate)` keeps `lr`"),
        ("    out[k] = x + weights[k]", "    out[k] = x + W[k]"),
        ("`.forward(shape of the weights)`", "`.fwd(shape of the weights)`"),
        ("Conv(1) - Flatten\n- MaxPooling(2)", "ConvLayer(1) - FlattenLayer\n- MaxPool(2)"),
        ("| Conv (3) | forward 1 |", "| ConvLayer (3) | forward 1 |"),
        ("```\ny = conv.forward(x)\n```\nforward", "```\ny = conv.fwd(x)\n```\nforward"),
    ],
)
def test_handouts_are_renamed_in_code_and_formulas(ours: str, theirs: str) -> None:
    assert naming.markdown(ours) == theirs


def test_a_finding_is_translated_whole_but_for_codes_names_of_inputs_and_the_students_line() -> None:
    evidence = Evidence(
        (("weights", Shown("", (1,), "float64", (1.0,))),),
        ("conv.weights = weights",),
        Shown("[Conv, Flatten]"),
        Shown("[Flatten]"),
        source="weights = self.weights",
    )
    finding = Finding("not updated", "`weights` stay.", "Call calculate_update.", evidence=evidence)
    changed = Finding("argument changed", "The array `weights` that was passed in is changed.", "See `forward`.")
    (result,) = translated([CheckResult("forward", "fail", 0, 1, findings=(finding, changed))], naming)
    first, second = result.findings
    assert (result.name, first.code, first.sentence, first.hint) == (
        "forward",
        "not updated",
        "`W` stay.",
        "Call step.",
    )
    assert first.evidence is not None and first.evidence.got and first.evidence.expected
    assert first.evidence.inputs == evidence.inputs and first.evidence.source == evidence.source
    assert first.evidence.code == ("conv.W = weights",)
    assert first.evidence.got.text == "[ConvLayer, FlattenLayer]" and first.evidence.expected.text == "[FlattenLayer]"
    assert (second.sentence, second.hint) == (changed.sentence, "See `fwd`.")


def test_a_rename_that_nothing_uses_gets_one_note_with_the_nearest_name(bundles) -> None:
    course = Course(
        "t",
        names={"gradient_wieghts": "grad_w"},
        exercises={"conv": ExerciseSettings(names={"Convolution": "ConvLayer", "indices": "where"})},
    )
    first, second, third = notes(course, list(bundles.values()))
    assert first == "[names] renames `gradient_wieghts`, which no exercise uses: did you mean `gradient_weights`?"
    assert "[exercises.conv] names renames `Convolution`" in second and second.endswith("did you mean `Conv`?")
    assert "`indices`, which this exercise does not use" in third


def test_every_name_that_an_exercise_or_a_stand_in_uses_can_be_renamed_without_a_note(bundles) -> None:
    everything = {name: f"{name}_" for bundle in bundles.values() for name in known(bundle).all}
    assert {"phase", "weights", "trainable", "learning_rate", "next", "Conv", "indices", "loss"} <= everything.keys()
    assert notes(Course("t", names=everything), list(bundles.values())) == []


def test_names_of_exercises_that_are_not_asked_for_are_no_mistakes(bundles) -> None:
    course = Course("t", include=("flatten",), names={"indices": "where"})
    assert notes(course, [bundles["flatten"]], lambda: list(bundles.values())) == []
    assert len(notes(course, [bundles["flatten"]])) == 1


def test_the_course_file_lists_every_name_that_can_be_renamed(bundles) -> None:
    text = (ROOT / "exercises" / "course.toml").read_text()
    assert table(list(bundles.values())) in text, f"put this into it:\n{table(list(bundles.values()))}"
