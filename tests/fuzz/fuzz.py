"""Fuzzes the way from a worker's bytes to a report: real answers, mutated, are refused as protocol errors or judged.

    python tests/fuzz/fuzz.py [--frames N] [--seed N] [--start N]
    python tests/fuzz/fuzz.py --atheris [FOLDER] [libFuzzer's options]    (coverage-guided; needs `atheris`)

Frame number n depends on seed and n alone: `--start n --frames 1` shows one again.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from mutate import mutated

from grader.bundle import Bundle, FrozenPlan, FrozenProbe, read
from grader.course import Course
from grader.errors import GraderError, ProtocolError
from grader.judging import compare as compare_module
from grader.judging import explain, fingerprints
from grader.judging.asked import Asked, asked
from grader.judging.compare import Targets, compare
from grader.judging.context import Context, Policy
from grader.judging.evidence import evidence, shown
from grader.judging.scoring import scored
from grader.running import probes, session
from grader.running.probes import Batch, Probe, Trace, unreached
from grader.running.session import Session, Source
from grader.running.workers import Deadline, Frame, Launcher, Replies, Worker, launcher
from grader.worker import wire
from grader.worker.limits import Limits
from grader.worker.probe import Call, Data, Get, Loaded, New, Read, Use
from grader.worker.wire import MAGIC, PREFIX, FrameReader, WireError

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1 << 20  # bytes of a reply
SHOWN, JUDGED = 8, 40  # one in so many accepted answers is shown as evidence, is judged by all checks of its exercise
PROGRESS = 100_000
STAGES = ("framed", "decoded", "accepted", "judged")

ODD = '''"""Returns what exercises do not: every kind of reply is among the seeds."""
import numpy as np
def things(x):
    print("printed"); x[0] = 9
    return (1, 2.5, True, None, "text", object(), {"a": x, 3: [x.astype(">f4"), x > 0, np.float16(2), 1j * x, ()]})
class Thing:
    items = [[[[x]]] for x in range(40)]
    def fail(self): raise KeyError("no \\u00fc")
'''
ODD_PROBE = Probe(
    (
        Use("things", (Data("x"),), report=True),
        New("Thing"),
        Call(1, "fail", report=True),
        Get(1, "items", report=True),
        Call(2, "more", report=True),
        Read("Thing", report=True),
    ),
    {"x": np.arange(6.0)},
    {"things": 0, "items": 3, "fail": 2, "more": 4},
    1,
)


class Seed(NamedTuple):
    """A real answer and its question; of an import there is no probe."""

    header: bytes
    payload: bytes
    id: int
    number: int = 0
    probe: Probe | None = None
    exercise: Asked | None = None
    traces: Sequence[Trace] = ()

    @property
    def frame(self) -> bytes:
        """The bytes as they came."""
        return PREFIX.pack(MAGIC, len(self.header), len(self.payload)) + self.header + self.payload


class Recorder:
    """A launcher whose workers' answers are kept."""

    kind, layers = "recorder", frozenset()

    def __init__(self, started: Launcher) -> None:
        self.started = started
        self.frames: list[Frame] = []

    def start(self, limits: Limits) -> Worker:
        """A worker that is overheard."""
        worker = self.started.start(limits)
        receive = worker.receive

        def overheard(deadline: Deadline) -> Frame:
            self.frames.append(receive(deadline))
            return self.frames[-1]

        worker.receive = overheard  # type: ignore[method-assign]
        return worker

    def close(self) -> None:
        """The other one's owner closes it."""


def record(started: Launcher, files: Mapping[str, bytes], bundle: Bundle | None = None) -> list[Seed]:
    """The answers of one exercise's reference; of the odd file without a bundle."""
    recorder = Recorder(started)
    exercise = asked(Course(title="fuzz"), [bundle])[0] if bundle else None
    batch, main = (exercise.batch, bundle.file) if exercise and bundle else (Batch([ODD_PROBE]), "odd.py")
    with Session(recorder, Source(files, main, {}, ("numpy",)), Limits(reply_bytes=LIMIT)) as running:  # type: ignore[arg-type]
        traces = running.run(batch)
    assert not any(trace.death for trace in traces[:1] if bundle), traces[0].detail
    seeds = []
    for header, payload in recorder.frames:
        response = session._response(header, payload)[0]
        number = getattr(response, "probe", None)
        question = () if number is None else (number, batch.probes[number], exercise, traces)
        seeds.append(Seed(header, bytes(payload), response.id, *question))
    return seeds


def odd_seeds(started: Launcher) -> list[Seed]:
    """Answers of files that return odd things, or cannot be imported."""
    sources = (ODD, "x = (", "1 / 0\ndef things(x): return x\n", "import os.nothing\n")
    return [seed for text in sources for seed in record(started, {"odd.py": text.encode()})]


class Target:
    """What is fuzzed. `stages` counts how far answers came, `errors` those that were refused."""

    def __init__(self, seeds: Sequence[Seed]) -> None:
        self.seeds = seeds
        self.stages: Counter[str] = Counter(dict.fromkeys(STAGES, 0))
        self.errors = 0
        self.slowest = 0.0

    def frame(self, seed: int, number: int) -> None:
        """One mutated answer, on which everything depends on two numbers."""
        rng = random.Random(f"{seed}/{number}")
        chosen = rng.choice(self.seeds)
        begin = time.perf_counter()
        self.answer(chosen, mutated(rng, chosen.header, chosen.payload), rng.randrange(SHOWN * JUDGED))
        self.slowest = max(self.slowest, time.perf_counter() - begin)

    def answer(self, seed: Seed, data: bytes, lot: int) -> None:
        """Bytes in the place of a seed's: refused, or judged, how thoroughly is left to chance."""
        replies = Replies(LIMIT)
        replies.feed(data)
        try:
            reply = replies.take()
            if reply is None:
                return
            self.stages["framed"] += 1
            response = session._response(*reply)
            self.stages["decoded"] += 1
            if seed.probe is None:
                said = session._expect(response, seed.id)
                self.stages["accepted"] += isinstance(said, Loaded)
                return
            trace = session._trace(reply, seed.id, seed.number, seed.probe, LIMIT)
        except ProtocolError:
            self.errors += 1
            return
        except GraderError as error:  # the worker says that it could not read the request
            assert "could not read our request" in str(error)
            self.errors += 1
            return
        self.stages["accepted"] += 1
        with np.errstate(all="ignore"):
            look(seed, trace, lot)
            if seed.exercise and lot % JUDGED == 0:
                self.stages["judged"] += 1
                judge(seed.exercise, seed, trace)


def look(seed: Seed, trace: Trace, lot: int) -> None:
    """What the judge does with one trace, and is cheap: for one label, for all of them one time in a few."""
    assert seed.probe is not None
    plan, frozen = _place(seed)
    labels, closely = list(seed.probe.labels.items()), lot % SHOWN == 0
    for label, step in labels if closely else labels[lot % len(labels) :][:1]:
        shown(trace.values[step])
        if label in frozen.expected:
            compare(Targets(msgspec.structs.replace(plan, probes=(frozen,)), label), [trace])
        fingerprints.fingerprint(trace, step, plan.random)
        if closely:
            msgspec.json.encode(evidence(frozen, trace, label))


def _place(seed: Seed) -> tuple[FrozenPlan, FrozenProbe]:
    """Where the bundle has a seed's probe; a plan of its own without a bundle."""
    if seed.exercise is None:
        assert seed.probe is not None
        frozen = FrozenProbe(0, seed.probe, {})
        return FrozenPlan("odd", (frozen,), {}), frozen
    places = ((plan, frozen) for plan in seed.exercise.bundle.plans for frozen in plan.probes)
    return next(place for place in places if place[1].probe is seed.probe)


def judge(exercise: Asked, seed: Seed, trace: Trace) -> None:
    """Points and findings as if all other probes had gone well; further probes have no answers."""
    traces = list(seed.traces)
    traces[next(number for number, probe in enumerate(exercise.bank.probes) if probe is seed.probe)] = trace
    context = Context(exercise.bank, traces, Policy(), lambda probes: [unreached(p, "crash", "gone") for p in probes])
    result = scored(exercise, [check.judge(context) for check in exercise.bundle.checks], (), 0.0)
    msgspec.json.decode(msgspec.json.encode(result), type=type(result))


def course_seeds(started: Launcher) -> list[Seed]:
    """Answers of all references to the public bundles, and odd ones."""
    files = {path.name: path.read_bytes() for path in sorted((ROOT / "reference").glob("*.py"))}
    bundles = [read(path) for path in sorted((ROOT / "student_template" / "bundles").glob("*.bundle"))]
    return odd_seeds(started) + [seed for bundle in bundles for seed in record(started, files, bundle)]


def peak() -> int:
    """Largest memory of this process so far, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def with_atheris(target: Target, arguments: Sequence[str]) -> None:
    """Let libFuzzer choose by coverage: its input is the number of a seed and a frame; our mutations are among its."""
    import atheris

    folder = Path(next((a for a in arguments if not a.startswith("-")), ROOT / ".grader" / "fuzz"))
    folder.mkdir(parents=True, exist_ok=True)
    for number in random.Random(0).sample(range(len(target.seeds)), min(len(target.seeds), 200)):
        seed = target.seeds[number]
        (folder / f"seed-{number}").write_bytes(number.to_bytes(2, "big") + seed.frame)

    def one(data: bytes) -> None:
        target.answer(target.seeds[int.from_bytes(data[:2], "big") % len(target.seeds)], data[2:], sum(data[-8:]))

    def mutate(data: bytes, limit: int, number: int) -> bytes:
        rng = random.Random(number)
        try:
            header, payload = next(FrameReader(LIMIT, LIMIT).feed(data[2:]))
            return data[:2] + mutated(rng, header, bytes(payload))[: limit - 2]
        except (WireError, StopIteration, msgspec.MsgspecError, ValueError, TypeError, RecursionError):  # no message
            return bytes(atheris.Mutate(data, limit))

    for module in (wire, probes, session, explain, compare_module, fingerprints):
        for function in [*vars(module).values(), *vars(probes.Unpacker).values()]:
            if getattr(function, "__module__", "") == module.__name__ and hasattr(function, "__code__"):
                atheris.instrument_func(function)
    options = [a for a in arguments if a.startswith("-")]
    atheris.Setup([sys.argv[0], *options, str(folder)], one, custom_mutator=mutate)
    atheris.Fuzz()


def main(arguments: Sequence[str]) -> int:
    """Fuzz and print what came of it; an exception other than a protocol error ends it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="number of the first frame")
    parser.add_argument("--atheris", action="store_true")
    options, rest = parser.parse_known_args(arguments)
    started = launcher(("scipy.signal",))
    try:
        target = Target(course_seeds(started))
    finally:
        started.close()
    before = peak()
    print(f"{len(target.seeds)} answers to mutate, {before} MB", flush=True)
    if options.atheris:
        with_atheris(target, rest)
    begin = time.perf_counter()
    for number in range(options.start, options.start + options.frames):
        try:
            target.frame(options.seed, number)
        except Exception:
            print(f"frame {number} of seed {options.seed}:", file=sys.stderr)
            raise
        if number % PROGRESS == 0:
            print(f"frame {number}, {target.errors} protocol errors, peak {peak()} MB", flush=True)
    seconds = time.perf_counter() - begin
    reached = ", ".join(f"{stage} {target.stages[stage]}" for stage in STAGES)
    print(f"{options.frames} frames, {options.frames / seconds:.0f}/s; {target.errors} protocol errors; {reached}")
    print(
        f"0 other exceptions; slowest {target.slowest:.3f} s; peak {peak()} MB, {peak() - before} MB more than before"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
