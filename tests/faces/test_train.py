"""`grader train`: learns with the student's own files, draws what it has learned, tells in a sentence what is wrong."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.template import skeleton
from grader.errors import InputError
from grader.faces import cli
from grader.faces.train_drawing import check_file, curve, gallery, means, scaled, svg
from grader.faces.train_recipes import HELD_OUT, digits

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A released folder with correct files, as the current one."""
    (tmp_path / "bundles").mkdir()
    (tmp_path / "course.toml").write_text('title = "Test"\n')
    for path in (ROOT / "reference").glob("*.py"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Called:
    """What `grader train` printed, with its lines put together again, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> None:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.setattr(sys, "argv", ["grader", "train", *arguments])
            patch.setenv("COLUMNS", "400")
            cli.main()
        self.code = ended.value.code
        self.out, self.err = capsys.readouterr()
        assert "Traceback" not in self.out + self.err


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_lenet_learns_the_digits_and_its_filters_are_drawn(student: Path, capsys: pytest.CaptureFixture[str]) -> None:
    called = Called(capsys, "--iterations", "150", "--draw", "learned.svg")
    assert called.code == 0
    assert "filter 6" in called.out and "150 iterations" in called.out
    share = float(called.out.partition("LeNet: ")[2].rpartition("LeNet: ")[2].split(" %")[0])
    assert share > 80
    drawing = ET.parse(student / "learned.svg").getroot()
    assert len(drawing.findall(f"{SVG}polyline")) == 1
    assert len(drawing.findall(f"{SVG}rect")) == 1 + 6 * 9


def test_three_networks_remove_noise(student: Path, capsys: pytest.CaptureFixture[str]) -> None:
    called = Called(capsys, "denoising", "--iterations", "80")
    assert called.code == 0
    losses = {
        name: float(called.out.split(f"{name}: ")[-1].split(" ")[0])
        for name in ("noisy input", "EncoderDecoder", "UNet", "SegNet")
    }
    assert losses["UNet"] < losses["noisy input"] / 2
    assert losses["UNet"] < losses["EncoderDecoder"]


def test_the_same_seed_trains_the_same(student: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends = [Called(capsys, "--iterations", "4", "--seed", seed).out.split("LeNet: ")[-1] for seed in ("3", "3", "4")]
    curves = [Called(capsys, "--iterations", "4", "--seed", seed).out for seed in ("3", "4")]
    assert ends[0] == ends[1]
    assert curves[0] != curves[1]


def faulty(student: Path, fault: str) -> None:
    if fault == "unwritten":
        path = student / "pooling.py"
        path.write_text(skeleton(path.read_text()))
    elif fault == "missing":
        (student / "pooling.py").unlink()
    elif fault == "syntax":
        (student / "loss.py").write_text("class CrossEntropyLoss(\n")
    elif fault == "raises":
        edit(student / "loss.py", "        return -labels", "        1 / 0\n        return -labels")
    elif fault == "ends":
        edit(student / "loss.py", "        return -labels", "        import os; os._exit(3)\n        return -labels")
    elif fault == "nan":
        edit(student / "loss.py", "return float(-np.sum(", "return float(np.nan * np.sum(")
    elif fault == "nothing":
        edit(student / "neural_network.py", "    return network\n", "    return None\n")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("unwritten", "pooling.py is still to be written: line "),
        ("missing", "pooling.py, which is not in this folder (neural_network.py, line "),
        ("syntax", "loss.py, which could not be loaded (line 1 "),
        ("raises", "Your code raises ZeroDivisionError: division by zero (loss.py, line "),
        ("ends", "Your code has ended the training process (exit status 3)."),
        ("nan", "The loss of LeNet is nan at iteration 1"),
        ("nothing", "build_lenet returns nothing"),
    ],
)
def test_what_the_students_code_does_wrong_is_one_sentence(
    student: Path, capsys: pytest.CaptureFixture[str], fault: str, sentence: str
) -> None:
    faulty(student, fault)
    called = Called(capsys, "--iterations", "2")
    assert called.code == 1
    assert sentence in called.out.replace("\n", " ")


def test_a_network_that_fails_leaves_the_others(student: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(student / "segmentation.py", "pooling, size = poolings.pop()", "raise KeyError")
    called = Called(capsys, "denoising", "--iterations", "2")
    assert called.code == 1
    assert "UNet: loss per image" in called.out
    assert "Your code raises KeyError (segmentation.py, line " in called.out


def test_what_the_students_code_prints_is_shown_and_escaped(student: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(
        student / "flatten.py",
        "        return np.asarray",
        "        print('[bold]here\\x1b[31m')\n        return np.asarray",
    )
    called = Called(capsys, "--iterations", "1")
    assert "[bold]here\\x1b[31m" in called.out
    assert "\x1b[31m" not in called.out


def test_a_course_may_call_files_classes_and_attributes_otherwise(
    student: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"Adam": "AdamOptimizer", "data_layer": "data", "train": "fit", "next": "draw", "weights": "w"}
    path = student / "neural_network.py"
    for ours, theirs in {"data_layer": "data", "def train(": "def fit(", ".next()": ".draw()"}.items():
        edit(path, ours, theirs)
    edit(student / "optimizers.py", "class Adam:", "class AdamOptimizer:")
    edit(student / "conv.py", "self.weights", "self.w")
    edit(student / "fully_connected.py", "self.weights", "self.w")
    (student / "Layers").mkdir()
    path.rename(student / "Layers" / "Net.py")
    lines = [f'{ours} = "{theirs}"' for ours, theirs in names.items()]
    toml = 'title = "Test"\n[files]\nneural_network = "Layers/Net.py"\n[names]\n' + "\n".join(lines) + "\n"
    (student / "course.toml").write_text(toml)
    called = Called(capsys, "--iterations", "2")
    assert (called.code, called.err) == (0, ""), called.out


@pytest.mark.parametrize("arguments", [("--draw", "x.gif"), ("--draw", "no/x.svg"), ("lenet",), ("--iterations", "0")])
def test_calls_that_cannot_be_meant_end_with_code_2(
    student: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert Called(capsys, *arguments).code == 2


def test_a_recipes_own_file_that_is_missing_is_named_before_anything_runs(
    student: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (student / "segmentation.py").unlink()
    called = Called(capsys, "denoising")
    assert called.code == 2
    assert called.err == "grader: There is no segmentation.py in this folder: `grader train denoising` needs it.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_shows_what_there_is(student: Path) -> None:
    edit(student / "flatten.py", "        return np.asarray", "        print('running')\n        return np.asarray")
    program = "from grader.faces.cli import main; main()"
    command = [sys.executable, "-c", f"import sys; sys.argv = ['grader', 'train', '--iterations', '99999']; {program}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    for _ in range(20):  # by then some losses have come, too
        assert "running" in process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "LeNet: loss per image" in out and "of 99999 iterations; this is what there is so far." in out
    assert err == ""


def test_a_png_needs_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"Matplotlib, which is not installed: name an \.svg file"):
        check_file(tmp_path / "x.png")


def test_digits_are_scikit_learns() -> None:
    loaded = pytest.importorskip("sklearn.datasets").load_digits()
    known, held_out = digits()
    assert (len(known.images), len(held_out.images)) == (len(loaded.images) - HELD_OUT, HELD_OUT)
    order = np.random.default_rng(0).permutation(len(loaded.images))
    np.testing.assert_array_equal(np.concatenate([held_out.images, known.images])[:, 0], loaded.images[order] / 16)
    np.testing.assert_array_equal(np.concatenate([held_out.numbers, known.numbers]), loaded.target[order])


def test_curves_and_pictures_keep_their_proportions() -> None:
    lines = curve("Net", [4.0, 2.0, 1.0, 0.0]).plain.splitlines()
    bars = [line.partition("│")[2] for line in lines[1:9]]
    assert [sum(bar[n] == "█" for bar in bars) for n in range(4)] == [8, 4, 2, 0]
    assert means([1.0, 3.0, 5.0, 7.0], 2).tolist() == [2.0, 6.0]
    assert gallery([("a", [[0, 1], [2, 4]])], 40).plain.splitlines() == ["a", "  ░░", "▒▒██"]
    assert scaled([[5.0, float("nan")], [5.0, 5.0]]).max() == 1
    assert scaled([[3.0, 3.0]]).tolist() == [[0.0, 0.0]]


def test_the_svg_is_well_formed_whatever_the_names_are() -> None:
    drawing = ET.fromstring(svg({"a < b & c": [2.0, 1.0], "one": [1.0], "none": []}, [("<x>", [[0.0, 1.0]])]))
    assert [text.text for text in drawing.findall(f"{SVG}text")][-1] == "<x>"
    assert len(drawing.findall(f"{SVG}rect")) == 3
