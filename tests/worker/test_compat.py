import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader.worker.absent import NotAvailable, Placeholder, silent_module

sys.path.insert(0, str(Path(__file__).parent))
from loading import run

OLD = (
    "int",
    "float",
    "bool",
    "object",
    "str",
    "long",
    "float_",
    "complex_",
    "Inf",
    "infty",
    "NaN",
    "NINF",
    "PINF",
    "unicode_",
    "string_",
    "round_",
    "mat",
)
CALLS = {
    "product([2, 3])": 6,
    "cumproduct([2, 3])[-1]": 6,
    "alltrue([True, False])": False,
    "sometrue([True, False])": True,
    "row_stack(([1], [2])).sum()": 3,
    "in1d([[1, 2]], [2]).tolist()": [False, True],
    "trapz([0, 2])": 1.0,
    "msort(np.array([[2], [1]])).tolist()": [[1], [2]],
    "asfarray([1]).dtype == np.float64": True,
    "asscalar(np.array([3]))": 3,
    "round_(2.6)": 3.0,
}


def test_removed_numpy_names_are_back_without_a_warning_and_present_ones_are_left_alone():
    program = "import numpy as np\nfrom grader.worker.compat import restore_numpy_aliases as r\n"
    program += "before = dict(vars(np))\nr(); r()\n"
    program += "assert all(vars(np)[name] is value for name, value in before.items())\n"
    program += (
        "".join(f"np.{name}\n" for name in OLD)
        + "import scipy.signal, scipy.stats\nassert np.zeros(2, np.int).sum() == 0"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, env=environment, timeout=60)


@pytest.mark.parametrize("call, expected", CALLS.items())
def test_removed_functions_do_what_they_did(call, expected):
    assert (
        run("import numpy as np\n", value=f"(lambda v: getattr(v, 'item', lambda: v)())(np.{call})").value == expected
    )


def test_a_used_alias_is_noted_once_with_line_and_present_name():
    source = "import numpy as xp\nfrom numpy import object\na = xp.float(3)\nb = xp.float(4)\nc = xp.inf\n"
    assert run(source).notes == [
        "line 2 uses np.object, which NumPy has removed: write object",
        "line 3 uses np.float, which NumPy has removed: write float",
    ]


def test_names_of_another_module_are_no_aliases():
    assert run("class np:\n    int = int\nx = np.int(3)\n", value="x").notes == []


SILENT_CODE = """import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
from matplotlib import pyplot as p2, cm
from mpl_toolkits.mplot3d import Axes3D
fig, (a, b) = plt.subplots(1, 2, figsize=(3, 4))
line, = a.plot([1], [2])
a.imshow(1, cmap=cm.gray)
b[0, 1].set_title('x' + str(a) + f'{a:3}')
plt.rcParams['figure.figsize'] = (1, 2)
for axis in b.flat:
    axis.off()
with plt.style.context('ggplot'):
    plt.show()
while plt.fignum_exists(1):
    pass
low = a.get_ylim()[0] * 2 - 1
class Watcher(plt.Figure):
    def __init__(self):
        super().__init__()
        self.add_axes()
Watcher()
"""


def test_plots_are_silent_and_noted_once():
    loaded = run(SILENT_CODE)
    assert loaded.error is None
    assert [note for note in loaded.notes if "matplotlib" in note] == [
        "line 1 imports matplotlib, which is not there while grading: plots are skipped"
    ]


def test_debuggers_do_not_stop():
    source = "import pdb, ipdb\npdb.set_trace()\nipdb.set_trace()\nbreakpoint()\nfrom IPython import embed\nembed()\n"
    assert (
        run(source + "get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(1)\nx = 1\n", value="x").value == 1
    )


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("list(tqdm(range(3), desc='epoch'))", [0, 1, 2]),
        ("list(tqdm(iterable=[1]))", [1]),
        ("list(trange(2))", [0, 1]),
        ("len(tqdm([1, 2]))", 2),
        ("[i for i, x in enumerate(tqdm('a' for _ in range(2)))]", [0, 1]),
        ("[tqdm.write('x'), 1][1]", 1),
        ("[tqdm([1]).set_description('loss'), 1][1]", 1),
        ("list(progressbar.ProgressBar(max_value=3)([1, 2]))", [1, 2]),
        ("colored('text', 'red')", "text"),
        ("ic(5) + 1", 6),
    ],
)
def test_progress_bars_iterate_and_echoes_return(expression, expected):
    source = (
        "from tqdm import tqdm, trange\nimport progressbar\nfrom termcolor import colored\nfrom icecream import ic\n"
    )
    assert run(source, value=expression).value == expected


def test_decorators_of_silent_modules_keep_the_function():
    assert run("from memory_profiler import profile\n@profile\ndef f():\n    return 2\n", value="f()").value == 2


@pytest.fixture
def torch():
    return Placeholder("torch", "uses `torch`, which is not available")


def test_a_placeholder_may_be_named_and_subclassed(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.nn.Module.__init__(self, 1)

    assert isinstance(Net(), torch.nn.Module) and issubclass(Net, torch.nn.Module)
    assert not isinstance(np.ones(2), torch.Tensor) and torch
    assert (torch.Tensor["b c"] | None) is torch.Tensor and torch.nn is torch.nn
    assert Net.__mro__[1:] == (torch.nn.Module._base, object)


@pytest.mark.parametrize(
    "use",
    [
        lambda torch: torch(),
        lambda torch: torch.zeros(3),
        lambda torch: torch.pi * 2,
        lambda torch: 2 - torch.pi,
        lambda torch: np.ones(2) * torch.pi,
        lambda torch: np.asarray(torch.pi),
        lambda torch: list(torch.data),
        lambda torch: float(torch.pi),
        lambda torch: len(torch.data),
        lambda torch: torch.no_grad().__enter__(),
    ],
)
def test_a_placeholder_may_not_be_used(torch, use):
    with pytest.raises(NotAvailable, match="uses `torch`"):
        use(torch)


def test_stand_ins_have_no_other_dunders():
    for thing in (silent_module("matplotlib"), Placeholder("x", "y")):
        assert not hasattr(thing, "__array_interface__") and not hasattr(thing, "__wrapped__")
