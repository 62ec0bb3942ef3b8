"""Freezing: the same secret gives the same bundle anywhere, and what is frozen can be trusted or is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import tiny as course
from hypothesis import strategies as st
from tiny import EXERCISES, MISCONCEPTIONS, REFERENCE, SECRET, TOPIC, Tiny, mutated, reference_in, topic_of

from grader import bundle as files
from grader.authoring import Distribution, Example, Gradient, Misconception, Plan, Relations, Same, Values
from grader.authoring.exercise import Topic
from grader.authoring.freeze import Freezer
from grader.authoring.variants import variant
from grader.bundle import SUFFIX, decode, encode
from grader.errors import BundleError, CourseError
from grader.worker.wire import frame
from grader.workspace import read_bundles, write_bundles

HARVESTED = """
import sys
sys.path[:0] = [{tests!r}, {folder!r}]
import constants  # Hypothesis mixes the constants of local modules into what it draws
from pathlib import Path
from grader.running.workers import launcher
from tiny import Tiny
started = launcher()
print(Tiny(Path({folder!r}) / "reference", started).bundle({exercise!r}).digest)
started.close()
"""


@pytest.mark.parametrize("exercise", ["scale", "peak"])
def test_the_same_secret_gives_the_same_digest_in_another_process_whatever_is_imported(
    tiny: Tiny, tmp_path: Path, exercise: str
) -> None:
    numbers = ", ".join(map(str, (*range(100, 160), 2**31, 4, 5)))
    (tmp_path / "constants.py").write_text(f"A = [{numbers}, 1.5, 'text']\n")
    code = HARVESTED.format(tests=str(Path(__file__).parents[1]), folder=str(tmp_path), exercise=exercise)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == tiny.bundle(exercise).digest


def test_another_secret_gives_other_hidden_cases_and_public_ones_need_none(tiny: Tiny) -> None:
    other = tiny.freeze("scale", secret=b"another secret, as long as it must be")
    first = tiny.bundle("scale")
    assert encode(other) != encode(first)
    mine, theirs = ({msgspec.json.encode(c.values) for c in b.cases} for b in (first, other))
    assert mine != theirs
    inputs = [p.probe.arrays["input_tensor"].tobytes() for b in (first, other) for p in b.plans[0].probes if p.case > 3]
    assert len(set(inputs)) == len(inputs)
    public = [tiny.freeze("scale", "public", secret) for secret in (SECRET, b"another")]
    assert encode(public[0]) == encode(public[1])


def test_cases_lie_from_small_to_large_with_examples_first(tiny: Tiny) -> None:
    probes = tiny.bundle("scale").plans[0].probes
    cases = tiny.bundle("scale").cases
    assert [cases[p.case].name for p in probes[:2]] == ["two numbers", ""]
    assert probes[0].probe.arrays["input_tensor"].tolist() == [[[[3, -1]]]]
    sizes = [sum(a.size for a in p.probe.arrays.values()) for p in probes[1:]]
    assert sizes == sorted(sizes)
    assert len(sizes) > 20


def test_a_public_bundle_holds_no_hidden_case_input_or_value(tiny: Tiny) -> None:
    hidden, public = tiny.bundle("scale"), tiny.freeze("scale", "public")
    assert all(case.visible for case in public.cases)
    assert len(encode(public)) < 100_000
    data = zlib.decompress(encode(public)[: -files.CHECKSUM])
    for plan in hidden.plans:
        for frozen in plan.probes:
            if hidden.cases[frozen.case].visible:
                continue
            for array in frozen.probe.arrays.values():
                assert array.dtype.kind != "f" or array.tobytes() not in data
            for expected in frozen.expected.values():
                if expected.array is not None and expected.array.size > 1 and np.any(expected.array):
                    assert expected.array.tobytes() not in data
    assert SECRET not in data
    for misconception in TOPIC.misconceptions:
        for _, code in misconception.edits:
            assert not code or code.strip().encode() not in data


def test_a_bundle_is_read_as_it_was_written(tiny: Tiny, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "scale.bundle"
    files.write(tiny.bundle("scale"), path)
    again = files.read(path)
    assert encode(again) == path.read_bytes()
    assert [p.name for p in path.parent.iterdir()] == ["scale.bundle"]
    with pytest.raises(ValueError, match="read-only"):
        again.plans[0].probes[1].probe.arrays["input_tensor"][...] = 0


def sealed(framed: bytes) -> bytes:
    """A frame as the file of somebody who knows the format."""
    packed = zlib.compress(framed)
    return packed + hashlib.sha256(packed).digest()


def refused(data: bytes) -> str:
    with pytest.raises(BundleError) as caught:
        decode(data, "x.bundle")
    text = str(caught.value)
    assert "x.bundle" in text
    assert "grader freeze" in text
    assert "\n" not in text
    return text


def test_a_bundle_of_which_any_byte_was_changed_is_refused(tiny: Tiny) -> None:
    data = encode(tiny.bundle("doubling"))
    rng = np.random.default_rng(1)
    for at in {0, 5, len(data) - 1, *rng.integers(0, len(data), 150).tolist()}:
        changed = bytearray(data)
        changed[at] ^= 1 << int(rng.integers(8))
        refused(bytes(changed))


def test_a_bundle_that_is_cut_short_extended_or_something_else_is_refused(tiny: Tiny) -> None:
    data = encode(tiny.bundle("doubling"))
    for other in (b"", b"x", data[:10], data[: len(data) // 2], data[:-1], data + b"x", data + data, b"\x89PNG" * 100):
        refused(other)


def test_an_unknown_schema_is_told_as_such(tiny: Tiny) -> None:
    newer = msgspec.structs.replace(tiny.bundle("doubling"), schema=99)
    assert "schema 99" in refused(encode(newer))


def test_a_foreign_message_with_a_right_checksum_is_refused() -> None:
    for message in ({"schema": 1}, {"schema": "one"}, [1, 2], {"no": 1}):
        refused(sealed(frame(message)))


def test_inputs_that_do_not_belong_to_the_digest_are_refused(tiny: Tiny) -> None:
    bundle = tiny.bundle("doubling")
    packer = files.Packer()
    header = msgspec.msgpack.encode(msgspec.structs.replace(bundle, digest="0" * 64), enc_hook=files._packing(packer))
    assert "digest" in refused(sealed(frame(msgspec.Raw(header), packer.payload())))


def test_a_missing_or_unreadable_bundle_is_told_in_one_sentence(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="holds no bundles"):
        read_bundles(tmp_path)
    write_bundles([tiny.bundle("doubling"), tiny.bundle("noise")], tmp_path)
    assert [b.exercise for b in read_bundles(tmp_path)] == ["doubling", "noise"]
    (tmp_path / f"noise{SUFFIX}").unlink()
    with pytest.raises(BundleError, match=r"noise\.bundle is missing"):
        read_bundles(tmp_path)
    (tmp_path / f"noise{SUFFIX}").mkdir()
    with pytest.raises(BundleError, match="cannot be read"):
        read_bundles(tmp_path)


def test_bundles_of_exercises_that_are_gone_are_taken_away(tiny: Tiny, tmp_path: Path) -> None:
    write_bundles([tiny.bundle("doubling"), tiny.bundle("noise")], tmp_path)
    write_bundles([tiny.bundle("noise")], tmp_path)
    assert [b.exercise for b in read_bundles(tmp_path)] == ["noise"]


def test_rebuilding_from_stored_cases_keeps_the_digest_and_follows_the_reference(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tiny.bundle("scale")

    def never(*args: Any) -> Any:
        raise AssertionError("nothing is drawn")

    monkeypatch.setattr("grader.authoring.drafts.draw", never)
    rebuilt = Freezer(TOPIC, EXERCISES["scale"], tiny.reference, "hidden", b"").rebuild(old)
    assert decode(encode(rebuilt), "again").digest == old.digest
    assert "hypothesis" in rebuilt.versions["drawn"]
    text = mutated(
        (" + self.bias[:, None, None]", " + 2 * self.bias[:, None, None]"),
        ("self.gradient_bias = error_tensor.sum(", "self.gradient_bias = 2 * error_tensor.sum("),
    )
    other = reference_in(tmp_path, tiny.launcher, text)
    topic = topic_of(EXERCISES["scale"])
    changed = decode(encode(Freezer(topic, EXERCISES["scale"], other, "hidden", b"").rebuild(old)), "changed")
    assert changed.digest == old.digest
    first = [b.plans[0].probes[5].expected["output"].array for b in (old, changed)]
    assert first[0] is not None
    assert first[1] is not None
    assert not np.allclose(first[0], first[1])


# What an author may get wrong.


def freeze(tiny: Tiny, exercise: Any, tmp_path: Path, text: str = REFERENCE, misconceptions: Any = ()) -> Any:
    topic = topic_of(exercise, misconceptions=misconceptions)
    return Freezer(topic, exercise, reference_in(tmp_path, tiny.launcher, text), "hidden", SECRET).freeze()


def named(name: str) -> Misconception:
    return next(m for m in MISCONCEPTIONS if m.name == name)


def complaint(tiny: Tiny, exercise: Any, tmp_path: Path, text: str = REFERENCE, misconceptions: Any = ()) -> str:
    with pytest.raises(CourseError) as caught:
        freeze(tiny, exercise, tmp_path, text, misconceptions)
    return str(caught.value)


def test_a_misconception_that_equals_the_reference_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    same = dataclasses.replace(named("bias forgotten"), edits=((" + self.bias[", " + 1.0 * self.bias["),))
    text = complaint(tiny, EXERCISES["scale"], tmp_path, misconceptions=[same])
    assert "'bias forgotten' equals the reference" in text


def test_a_misconception_that_equals_another_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    first = named("bias forgotten")
    twin = dataclasses.replace(first, name="twin", edits=((" + self.bias[", " + 0 * self.bias["),))
    text = complaint(tiny, EXERCISES["scale"], tmp_path, misconceptions=[first, twin])
    assert "'twin' equals misconception 'bias forgotten'" in text


@pytest.mark.parametrize(("old", "count"), [("no such text", 0), ("self", 28)])
def test_an_edit_must_hit_exactly_once(tiny: Tiny, tmp_path: Path, old: str, count: int) -> None:
    bad = dataclasses.replace(named("bias forgotten"), edits=((old, "x"),))
    text = complaint(tiny, EXERCISES["scale"], tmp_path, misconceptions=[bad])
    assert repr(old) in text
    assert "expected once" in text


def test_an_edit_is_looked_for_in_the_exercises_own_class_first() -> None:
    edited = dataclasses.replace(named("bias forgotten"), edits=(("return input_gradient", "return 0"),))
    text = variant(REFERENCE, edited, EXERCISES["scale"])
    assert text.count("return 0") == 1


def test_a_misconception_that_is_no_python_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    bad = dataclasses.replace(named("bias forgotten"), edits=((" + self.bias[:, None, None]", " + ("),))
    text = complaint(tiny, EXERCISES["scale"], tmp_path, misconceptions=[bad])
    assert text.startswith("misconception 'bias forgotten', with its edits in the reference: ") and "tiny.py" in text


BROKEN = {
    "wrong gradient": (("= error_tensor * self.weights[:", "= 1.01 * error_tensor * self.weights[:"), "kink"),
    "state": (("self.gradient_bias = ", "self.gradient_bias = getattr(self, 'gradient_bias', 0) + "), "check"),
    "raises": (("return input_gradient", "raise KeyError('no')"), "raises KeyError"),
    "not finite": ((" + self.bias[:, None, None]", " + np.inf"), "not finite"),
    "no class": (("class Scale:", "class Skale:"), "NameError"),
    "syntax": (("class Scale:", "class Scale"), "line"),
    "exits": (("return input_gradient", "import os; os._exit(3)"), "gave no"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_reference_that_does_not_pass_its_own_checks_is_refused(tiny: Tiny, tmp_path: Path, name: str) -> None:
    edit, word = BROKEN[name]
    assert word in complaint(tiny, EXERCISES["scale"], tmp_path, mutated(edit))


def test_a_bank_in_which_the_reference_is_not_finite_is_drawn_again(tiny: Tiny, tmp_path: Path) -> None:
    """It depends on the secret: an instructor whose secret gives such a case could not do anything about it."""
    first = tiny.bundle("peak")
    drawn = first.plans[0].probes[-1].probe.arrays["input_tensor"].tolist()
    text = mutated(("return windows.max(axis=2)", f"return windows.max(axis=2) / (x.tolist() != {drawn})"))
    reference = reference_in(tmp_path / "reference", tiny.launcher, text)
    again = Freezer(course.TOPIC, EXERCISES["peak"], reference, "hidden", SECRET).freeze()
    assert (first.attempt, again.attempt) == (0, 1)


def test_numbers_in_a_list_must_be_finite_too(tiny: Tiny, tmp_path: Path) -> None:
    edit = ("return windows.max(axis=2)", "return [[1.0, float('inf')], 'text']")
    assert "not finite" in complaint(tiny, EXERCISES["peak"], tmp_path, mutated(edit))


def test_a_missing_reference_is_refused(tiny: Tiny) -> None:
    topic = Topic("other", (EXERCISES["scale"],), (), "# Other", "digest")
    with pytest.raises(CourseError, match=r"other\.py is missing"):
        Freezer(topic, EXERCISES["scale"], tiny.reference, "hidden", SECRET).freeze()


def with_plan(script: Any, **options: Any) -> Any:
    values = Values(name="value", points=2, plan="main", label="result")
    return dataclasses.replace(EXERCISES["doubling"], plans={"main": Plan(script, **options)}, checks=(values,))


def double(s: Any, case: Any) -> None:
    s.use("double", s.array("number", np.ones(case.rows)), label="result")


def twice(s: Any, case: Any) -> None:
    double(s, case)
    s.use("double", 1.0, label="result")


def two_arrays(s: Any, case: Any) -> None:
    s.array("number", np.ones(2))
    double(s, case)


def strange(s: Any, case: Any) -> None:
    s.use("double", object(), label="result")


CASES = (course.NumberCase(1, False), course.NumberCase(2, False))
SPECS = {
    "two labels": (lambda: with_plan(twice, cases=CASES), "two steps labelled 'result'"),
    "two arrays": (lambda: with_plan(two_arrays, cases=CASES), "two arrays named 'number'"),
    "no data": (lambda: with_plan(strange, cases=CASES), "cannot pass a object"),
    "no case": (lambda: with_plan(double, cases=CASES, when=lambda case: False), "has no case"),
    "unused array": (
        lambda: dataclasses.replace(with_plan(double, cases=CASES), examples=(Example("e", CASES[0], {"x": [1]}),)),
        "an example gives ['x']",
    ),
    "upper case": (lambda: dataclasses.replace(EXERCISES["scale"], name="Scale"), "lower-case"),
    "no symbols": (lambda: dataclasses.replace(EXERCISES["scale"], symbols=()), "symbols"),
    "no checks": (lambda: dataclasses.replace(EXERCISES["scale"], checks=()), "at least one check"),
    "same name": (
        lambda: dataclasses.replace(EXERCISES["scale"], checks=EXERCISES["scale"].checks[:1] * 2),
        "same name",
    ),
    "unknown plan": (
        lambda: dataclasses.replace(EXERCISES["scale"], checks=(Values(name="v", points=1, plan="mian"),)),
        "plan is 'mian', expected one of",
    ),
    "negative points": (
        lambda: dataclasses.replace(EXERCISES["scale"], checks=(Values(name="v", points=-1, plan="main"),)),
        "points is -1",
    ),
    "unknown after": (
        lambda: dataclasses.replace(EXERCISES["scale"], checks=(Values(name="v", points=1, plan="main", after="w"),)),
        "after is 'w'",
    ),
    "points in words": (
        lambda: dataclasses.replace(EXERCISES["scale"], checks=(Values(name="v", points="one", plan="main"),)),  # type: ignore[arg-type]
        "check 'v': points: expected `float`, got `str`",
    ),
    "also without a comma": (
        lambda: dataclasses.replace(EXERCISES["scale"], checks=(Values(name="v", points=1, plan="main", also="w"),)),  # type: ignore[arg-type]
        "check 'v': also: expected `array`, got `str`",
    ),
    "no check": (lambda: dataclasses.replace(EXERCISES["scale"], checks=("forward",)), "expected a check such as"),
    "symbols without a comma": (lambda: dataclasses.replace(EXERCISES["scale"], symbols="Scale"), "symbols is 'Scale'"),
    "no plan": (lambda: dataclasses.replace(EXERCISES["doubling"], plans={"main": double}), "expected Plan(script)"),
    "edits without a comma": (
        lambda: dataclasses.replace(MISCONCEPTIONS[0], edits=("old", "new")),
        "edits is ('old', 'new'), expected a tuple of pairs",
    ),
    "no strategy": (
        lambda: dataclasses.replace(EXERCISES["scale"], cases=[1]),
        "cases is a list, expected a Hypothesis",
    ),
    "lists in cases": (
        lambda: dataclasses.replace(EXERCISES["scale"], cases=st.just(course.ScaleCase([1], 1, 1, 1))),
        "a case is ScaleCase(batch=[1]",
    ),
    "unknown forward": (
        lambda: with_checks(Gradient(name="g", points=1, plan="main", wrt="number", forward="v")),
        "forward is 'v', expected one of ['g']",
    ),
    "unknown label": (
        lambda: with_checks(Values(name="v", points=1, plan="main", label="reslut")),
        "no script of plan 'main' has the label 'reslut', expected one of ['result']",
    ),
    "unknown further label": (
        lambda: with_checks(Values(name="v", points=1, plan="main", label="result", also=("more",))),
        "has the label 'more'",
    ),
    "unknown label of a pair": (
        lambda: with_checks(Relations(name="r", points=1, plan="main", same=(Same("result", "again", "c", "s"),))),
        "has the label 'again'",
    ),
    "unknown output": (
        lambda: with_checks(Gradient(name="g", points=1, plan="main", label="result", wrt="number")),
        "has the label 'output'",
    ),
    "unknown array": (
        lambda: with_checks(Gradient(name="g", points=1, plan="main", label="result", output="result", wrt="x")),
        "wrt is 'x', expected an array of its scripts, ['number']",
    ),
    "no facts": (
        lambda: with_checks(Distribution(name="d", points=1, plan="main", label="result")),
        "the script's facts are {}, expected a family of",
    ),
    "raising by mistake": (
        lambda: with_plan(double_large, cases=CASES),
        "the reference raises ValueError in place of 'result', for arrays of shapes {'number': (1,)}",
    ),
    "example's plan": (
        lambda: dataclasses.replace(EXERCISES["scale"], examples=(Example("e", CASES[0], {}, ("mian",)),)),
        "there is no plan 'mian'",
    ),
}


def with_checks(*checks: Any) -> Any:
    return dataclasses.replace(with_plan(double, cases=CASES), checks=checks)


def double_large(s: Any, case: Any) -> None:
    s.use("double", s.array("number", np.full(case.rows, 1e9)), label="result")


@pytest.mark.parametrize("name", SPECS)
def test_a_malformed_spec_is_refused_with_what_was_got(tiny: Tiny, tmp_path: Path, name: str) -> None:
    make, word = SPECS[name]
    with pytest.raises(CourseError) as caught:
        freeze(tiny, make(), tmp_path)
    assert word in str(caught.value)
