"""Of what is installed beside Python, a worker may read what its course allows: the rest can only be listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.running.places import packages
from grader.worker.reach import Reach, reach


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A folder as /usr/lib is one, with Python and some packages in it."""
    for path in (
        "libm.so",
        "python3.11/json/decoder.py",
        "python3.11/os.py",
        "python3.11/site-packages/numpy/core.py",
        "python3.11/site-packages/numpy.libs/blas.so",
        "python3.11/site-packages/numpy-2.1.dist-info/METADATA",
        "python3.11/site-packages/numpydoc/secrets.py",
        "python3.11/site-packages/torch/nn.py",
        "python3/dist-packages/torch/nn.py",
        "gcc/file",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return tmp_path


def test_packages_that_are_not_named_are_out_of_reach(python: Path) -> None:
    found = reach([str(python)], ["numpy", "scipy"])
    installed = python / "python3.11/site-packages"
    assert {Path(path) for path in found.readable} == {
        python / "libm.so",
        python / "gcc",
        python / "python3.11/json",
        python / "python3.11/os.py",
        *(installed / name for name in ("numpy", "numpy.libs", "numpy-2.1.dist-info")),
    }
    assert {Path(path) for path in found.listed} >= {python, python / "python3.11", installed}


def test_a_folder_of_packages_by_itself_is_as_one_inside_another(python: Path) -> None:
    installed = str(python / "python3.11/site-packages")
    alone = reach([installed], ["torch"])
    assert alone == Reach([f"{installed}/torch"], [installed])
    together = reach([str(python), installed], ["torch"])
    assert set(alone.readable) <= set(together.readable)
    assert not any("numpy" in path for path in together.readable)


def test_without_names_everything_may_be_read(python: Path) -> None:
    assert reach([str(python)], []) == Reach([str(python)], [])


def test_folders_that_are_not_there_cost_nothing(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    assert reach([gone], ["numpy"]) == Reach([gone], [])


def test_names_are_known_to_suffice_for_numpy_and_scipy_alone() -> None:
    assert packages(["numpy", "scipy.signal"]) == ("numpy", "scipy")
    assert packages(["numpy"]) == ("numpy",)
    assert packages(["numpy", "matplotlib"]) == ()
