"""The topic keeps its promises: the handout's numbers and points, which file blocks what, how denoising ends."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.template import skeleton
from grader.authoring.topics import read_topic
from grader.course import Course
from grader.judging.asked import asked
from grader.judging.judge import Judge
from grader.report import Isolation
from grader.running.submission import SourceFile, Submission

ROOT = Path(__file__).resolve().parents[2]
FILES = {path.name: path.read_text() for path in (ROOT / "reference").glob("*.py")}
SOURCE = FILES["segmentation.py"]
NAMES = ("EncoderDecoder", "UNet", "SegNet")
IMAGE = np.array([[[[3.0, 1, 2, 5], [6, 4, 7, 9], [3, 2, 1, 4], [1, 8, 2, 3]]]])


def load(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}_for_segmentation", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference():
    """A function from a file's stem to the reference module; the files import each other."""
    stems = {Path(name).stem for name in FILES}
    hidden = {name: sys.modules.pop(name) for name in stems & set(sys.modules)}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "reference"))
        yield importlib.import_module
    for name in stems:
        sys.modules.pop(name, None)
    sys.modules.update(hidden)


@pytest.fixture(scope="module")
def exam(workers):
    return load(ROOT / "tests/exam/exam.py").Exam(
        read_topic(ROOT / "exercises/segmentation"), workers, b"test", whole=False
    )


def graded(exam, files):
    """Results by exercise, for these files instead of the reference's."""
    course = Course(title="test")
    handed_in = tuple(SourceFile(path, text.encode()) for path, text in sorted(files.items()))
    judge = Judge(course, asked(course, exam.bundles), exam.launcher, Isolation(0))
    return {result.exercise: result for result in judge.results(Submission("one", handed_in, ()))}


def lost_by(exam, *edits):
    """The checks that lose points, by exercise, with these edits of the reference."""
    source = SOURCE
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}


def test_the_handout_gives_every_check_with_its_points():
    topic = read_topic(ROOT / "exercises/segmentation")
    text = topic.handout.partition("## What is graded")[2]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines() if line[:2] == "| "]
    points = {name.split(":")[0]: number for name, number in rows}
    for exercise in topic.exercises:
        for check in exercise.checks:
            assert points[check.name] == f"{check.points:g}", (exercise.name, check.name)
        assert points["**each**"] == f"**{sum(check.points for check in exercise.checks):g}**"


def passing_on(network):
    """Every convolution adds up its input channels."""
    for layer in network.layers:
        if layer.trainable:
            weights = np.zeros(layer.weights.shape)
            weights[:, :, weights.shape[2] // 2, weights.shape[3] // 2] = 1
            layer.weights, layer.bias = weights, np.zeros(len(layer.bias))
    return network


def test_the_reference_gives_the_numbers_of_the_handout(reference):
    module = reference("segmentation")
    plain, unet, segnet = (passing_on(getattr(module, name)(1, (1, 1))) for name in NAMES)
    at_nine = IMAGE == 9
    assert (plain.forward(IMAGE) == 9).all()
    expected = [[18, 16, 20, 23], [21, 19, 25, 27], [20, 19, 14, 17], [18, 25, 15, 16]]
    assert (unet.forward(IMAGE) == expected).all()
    assert (segnet.forward(IMAGE) == 9 * at_nine).all()
    ones = np.ones(IMAGE.shape)
    assert (plain.backward(ones) == 16 * at_nine).all()
    assert (segnet.backward(ones) == at_nine).all()
    gradient = np.ones(IMAGE.shape)
    for row, column in ((1, 0), (1, 3), (3, 1), (2, 3)):
        gradient[0, 0, row, column] += 4
    assert (unet.backward(ones) == gradient + 16 * at_nine).all()


def test_unet_denoises_below_half_of_the_noise_and_below_the_plain_network(reference):
    from grader.faces.train_recipes import NOISE, Batches, digits

    module, he, constant = reference("segmentation"), reference("initializers").He, reference("initializers").Constant
    known, held_out = digits()
    clean = held_out.images[:100]
    noisy = clean + NOISE * np.random.default_rng(1).standard_normal(clean.shape)
    ends = {}
    for name in NAMES:
        np.random.seed(0)
        source, network, loss = Batches(known, 16, 0), getattr(module, name)(), reference("loss").L2Loss()
        network.initialize(he(), constant(0.0))
        network.optimizer = reference("optimizers").Adam(0.01, 0.9, 0.999)
        for _ in range(60):
            images, _ = source.next()
            loss.forward(network.forward(images + NOISE * source.rng.standard_normal(images.shape)), images)
            network.backward(loss.backward(images))
        ends[name] = np.sum((network.forward(noisy) - clean) ** 2)
    assert ends["UNet"] < np.sum((noisy - clean) ** 2) / 2
    assert ends["UNet"] < ends["EncoderDecoder"]


@pytest.mark.parametrize("name", ["conv.py", "conv_variants.py", "pooling.py"])
def test_a_file_that_is_missing_or_to_be_written_is_named(exam, name):
    others = {path: text for path, text in FILES.items() if path != name}
    said = {"was not handed in": others, "is still to be written": {**FILES, name: skeleton(FILES[name])}}
    for why, files in said.items():
        for result in graded(exam, files).values():
            if result.verdict != "pass":
                findings = [finding.sentence for check in result.checks for finding in check.findings]
                assert any(sentence.startswith(f"{name} {why}") for sentence in findings), findings
            assert result.points < 5 or (name, result.exercise) == ("conv_variants.py", "none")


def test_a_wrong_convolution_costs_nothing_of_what_containers_do(exam):
    wrong = FILES["conv.py"].replace(
        '"bcyxmn,kcmn->bkyx", self._windows, _as', '"bcyxmn,kcmn->bkyx", -self._windows, _as'
    )
    assert wrong != FILES["conv.py"]
    for result in graded(exam, {**FILES, "conv.py": wrong}).values():
        kept = {check.name for check in result.checks if check.verdict == "pass"}
        assert kept >= {"layers", "parameter shapes", "default arguments", "initialize", "optimizer", "phase", "shapes"}
        assert "forward" not in kept


INITIALIZE = "layer.initialize(weights_initializer, bias_initializer)"
CONTAINER = {
    "phase": ('        self.phase = "train"\n', "        self.phase = None\n"),
    "initialize": (INITIALIZE, "layer.initialize(*2 * [weights_initializer])"),
    "layers": ("    trainable = True\n", "    trainable = False\n"),
    "illegal sizes": ("images.ndim != 4 or images.shape[2] % 4 or ", "images.ndim != 4 or "),
}


@pytest.mark.parametrize("lost", CONTAINER)
def test_faults_of_the_container_cost_their_own_check_in_all_three(exam, lost):
    gone = lost_by(exam, CONTAINER[lost])
    refuses_anyway = {"unet"} if lost == "illegal sizes" else set()  # maps of two sizes cannot be put together
    assert gone == {(exercise, lost) for exercise in {"encoder_decoder", "unet", "segnet"} - refuses_anyway}


@pytest.mark.parametrize(
    ("edits", "lost"),
    [
        ([("error = large_error + self._backward_through(self.layers[2:5], error)",
           "error = self._backward_through(self.layers[2:5], error + 0) - large_error")],
         {("unet", "input gradient"), ("unet", "weight gradients"), ("unet", "training losses")}),
        ([("concatenate([large, upsampled], axis=1)", "concatenate([large, np.maximum(upsampled, 0.1)], axis=1)")],
         {("unet", "forward"), ("unet", "weight gradients"), ("unet", "training losses")}),
        ([("pooling, size = poolings.pop()", "pooling, size = poolings.pop()\n                tensor = tensor / 2")],
         {("segnet", "forward"), ("segnet", "weight gradients"), ("segnet", "training losses")}),
        ([("        return self._backward_through(self.layers, error_tensor)\n        # END SOLUTION\n\n    # BEGIN",
           "        result = self._backward_through(self.layers, error_tensor)\n"
           "        self.layers[0].gradient_weights = self.layers[0].gradient_weights / len(error_tensor)\n"
           "        return result\n        # END SOLUTION\n\n    # BEGIN")],
         {("encoder_decoder", "weight gradients")}),
        ([("return self._forward_through(self.layers, _checked(input_tensor))",
           "return np.maximum(self._forward_through(self.layers, _checked(input_tensor)), -2)")],
         {("encoder_decoder", "forward")}),
    ],
    ids=["skip subtracted", "upsampled map clipped", "halved before unpooling", "gradient averaged", "clipped"],
)  # fmt: skip
def test_faults_on_no_list_lose_points(exam, edits, lost):
    assert lost_by(exam, *edits) >= lost


def test_layers_in_the_class_body_are_found(exam):
    old = "        first, second = channels\n        self.layers = ["
    source = SOURCE.replace(old, "        first, second = channels\n        EncoderDecoder.layers = [")
    gone = {(exercise, check) for exercise, check, _ in exam.lost(exam.grade(source))}
    assert ("encoder_decoder", "call order and purity") in gone


def test_a_convolution_of_seven_loops_is_affordable(exam):
    files = {**FILES, "conv.py": (ROOT / "tests/variants/conv/seven_loops.py").read_text()}
    assert {result.verdict for result in graded(exam, files).values()} == {"pass"}


def test_one_object_at_two_places_is_found_where_it_stands(exam):
    end = '        self.optimizer = None\n        self.phase = "train"\n'
    shared = "        self.layers[11] = self.layers[8]\n"
    gone = exam.lost_in_visible_cases((end, shared + end))
    assert {("encoder_decoder", "layers"), ("unet", "layers")} <= gone
    assert ("segnet", "layers") not in gone  # it puts two other objects there
