"""Workers that have PyTorch: what they may do, what they cost, and that the others go without it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from grader.packages import absent
from grader.running.isolation import examine
from grader.running.probes import Batch, Probe, Trace
from grader.running.session import Session, Source
from grader.running.workers import Launcher, launcher
from grader.worker.limits import Limits
from grader.worker.normals import normals
from grader.worker.probe import Call, Data, Like, Make, Opaque, Raised, Result, StandIn, Use

pytestmark = [  # `make oracle` installs it
    pytest.mark.oracle,
    pytest.mark.skipif(bool(absent(["torch"])), reason="PyTorch is not installed"),
]
PYTORCH = Make(StandIn("pytorch", 0))
X = np.arange(6.0).reshape(2, 3)


@pytest.fixture(scope="module")
def confined() -> Iterator[Launcher]:
    """The highest rung of this machine."""
    started = launcher((), layers=examine().chosen)
    yield started
    started.close()


def run(started: Launcher, text: str, *steps: object, limits: Limits | None = None, **arrays: np.ndarray) -> Trace:
    """The trace of one probe on a file, in a worker that has PyTorch."""
    source = Source({"own.py": text.encode()}, "own.py", {}, ("numpy", "torch"))
    with Session(started.having(("torch",)), source, limits or Limits()) as session:
        (trace,) = session.run(Batch([Probe(steps or (Use("f", report=True),), arrays, {}, 1)]))
        assert session.problem is None, session.problem
    return trace


def test_a_tensor_comes_back_as_an_array_of_its_dtype(confined: Launcher) -> None:
    text = (
        "import torch\n"
        "def f():\n"
        "    x = torch.ones(2, 3, requires_grad=True)\n"
        "    numbers = [x, x.double().T, torch.nn.Parameter(x[0].detach()), torch.tensor(3), x > 0]\n"
        "    return [*numbers, x.shape, torch.nn.ReLU()]"
    )
    values = run(confined, text).values[0]
    assert [value.dtype.name for value in values[:5]] == ["float32", "float64", "float32", "int64", "bool"]
    assert [value.shape for value in values[:5]] == [(2, 3), (3, 2), (3,), (), (2, 3)]
    assert values[5] == (2, 3) and values[6] == Opaque("ReLU")


def test_a_gradient_goes_back_along_normals_of_the_tensors_shape(confined: Launcher) -> None:
    text = "def double(x):\n    return 2 * x"
    steps = (
        PYTORCH,
        Call(0, "tensor", (Data("x"), "float64", True)),
        Use("double", (Result(1),), report=True),
        Call(0, "backward", (Result(2), Like(2, 5))),
        Call(0, "gradient", (Result(1),), report=True),
    )
    trace = run(confined, text, *steps, x=X)
    np.testing.assert_array_equal(trace.values[2], 2 * X)
    np.testing.assert_array_equal(trace.values[4], 2 * normals((2, 3), 5))
    assert trace.changed == ()


def test_a_change_of_a_tensor_is_a_change_of_the_array_that_was_given(confined: Launcher) -> None:
    steps = (PYTORCH, Call(0, "tensor", (Data("x"),)), Use("clear", (Result(1),)))
    assert run(confined, "def clear(x):\n    x.zero_()", *steps, x=X).changed == ("x",)


def test_chance_without_a_seed_is_the_same_in_every_worker(confined: Launcher) -> None:
    text = "import torch\nnoise = torch.rand(3)\ndef f():\n    return torch.rand(3), torch.nn.Linear(3, 3).weight"
    first, second = (run(confined, text).values[0] for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_files_threads_and_programs_are_refused_here_too(confined: Launcher) -> None:
    deeds = {
        "torch.save(torch.ones(1), '/tmp/x.pt')": "Error",
        "torch.load('/etc/passwd')": "Error",
        "torch.from_file('/etc/passwd', size=4, dtype=torch.uint8)": "Error",
        "__import__('threading').Thread(target=print).start()": "RuntimeError",
        "__import__('os').system('true')": "PermissionError",
    }
    for deed, error in deeds.items():
        outcome = run(confined, f"import torch\ndef f():\n    return str({deed})").outcomes[0]
        assert isinstance(outcome, Raised) and outcome.type.endswith(error), (deed, outcome)


def test_more_than_one_thread_cannot_be_had_and_does_no_harm(confined: Launcher) -> None:
    text = (
        "import torch\n"
        "def f():\n"
        "    x = torch.ones(500, 500, requires_grad=True)\n"
        "    (x @ x).sum().backward()\n"
        "    return torch.get_num_threads(), x.grad[0, 0]"
    )
    assert run(confined, text).values[0][0] == 1


def test_the_memory_limit_counts_what_the_submission_takes_and_not_pytorch(confined: Launcher) -> None:
    text = "import torch\ndef f(mega):\n    return torch.zeros(mega << 20, dtype=torch.uint8).numel()"
    limits = Limits(memory_bytes=256 << 20)
    assert run(confined, text, Use("f", (100,), report=True), limits=limits).values[0] == 100 << 20
    refused = run(confined, text, Use("f", (400,), report=True), limits=limits).outcomes[0]
    assert isinstance(refused, Raised) and refused.type == "RuntimeError"


def test_a_plain_subprocess_gives_the_same(plain_workers: Launcher) -> None:
    text = "import torch\ndef f():\n    return torch.arange(3.0).relu()"
    np.testing.assert_array_equal(run(plain_workers, text).values[0], [0, 1, 2])


def test_workers_of_other_exercises_do_not_have_it(workers: Launcher) -> None:
    text = b"import sys\ndef f():\n    return 'torch' in sys.modules"
    workers.having(("torch",))
    with Session(workers, Source({"own.py": text}, "own.py", {}, ("numpy",)), Limits()) as session:
        (trace,) = session.run(Batch([Probe((Use("f", report=True),), {}, {}, 1)]))
    assert trace.values[0] is False


def test_the_judge_does_not_import_it() -> None:
    code = "import sys, grader.judging.judge, grader.worker.execute, grader.faces.check; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}, check=True)
    assert done.stdout.strip() == "False"
