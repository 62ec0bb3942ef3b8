import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from loading import run

BASE = "class BaseLayer:\n    def __init__(self):\n        self.trainable = False\n"
CONV = (
    "import numpy as np\n{}\nclass Conv(BaseLayer):\n    def __init__(self, n=1):\n"
    "        super().__init__()\n        self.trainable = True\n"
)
FAU = {
    "src_to_implement/Layers/__init__.py": '__all__ = ["Base", "Conv", "Pooling", "Initializers"]\n',
    "src_to_implement/Layers/Base.py": BASE,
    "src_to_implement/Layers/Conv.py": CONV.format("from Layers.Base import BaseLayer"),
    "src_to_implement/Layers/Pooling.py": "from .Base import BaseLayer\nclass Pooling(BaseLayer):\n    pass\n",
    "src_to_implement/Layers/Initializers.py": "class UniformRandom:\n    pass\n",
    "src_to_implement/Optimization/Optimizers.py": "class Sgd:\n    pass\n",
    "src_to_implement/Optimization/Loss.py": "class CrossEntropyLoss:\n    pass\n",
    "src_to_implement/NeuralNetwork.py": "from Optimization.Optimizers import Sgd\nclass NeuralNetwork:\n    pass\n",
}
MAIN = "src_to_implement/Layers/Conv.py"


@pytest.mark.parametrize(
    "statement",
    [
        "from Layers.Base import BaseLayer",
        "from src_to_implement.Layers.Base import BaseLayer",
        "from exercise2_material.src_to_implement.Layers.Base import BaseLayer",
        "from exercise2_material.src_to_implement.Layers import Base\nBaseLayer = Base.BaseLayer",
        "from .Base import BaseLayer",
        "from .Base import *",
        "from . import Base\nBaseLayer = Base.BaseLayer",
        "from ..Layers.Base import BaseLayer",
        "from .. import Layers\nBaseLayer = Layers.Base.BaseLayer",
        "import Layers.Base as b\nBaseLayer = b.BaseLayer",
        "import src.Layers.Base\nBaseLayer = src.Layers.Base.BaseLayer",
        "import Layers\nBaseLayer = Layers.Base.BaseLayer",
        "from Layers import *\nBaseLayer = Base.BaseLayer",
        "from Base import BaseLayer",
        "from base import BaseLayer",
        "from layers.base import BaseLayer",
        "import importlib\nBaseLayer = importlib.import_module('Layers.Base').BaseLayer",
        "from importlib import import_module\nBaseLayer = import_module('.Base', 'Layers').BaseLayer",
        "BaseLayer = __import__('Layers.Base').Base.BaseLayer",
        "def late():\n    from Layers.Base import BaseLayer\n    return BaseLayer\nBaseLayer = late()",
        "try:\n    from Layers.Base import BaseLayer\nexcept ImportError:\n    from Base import BaseLayer",
    ],
)
@pytest.mark.parametrize("layout", ["clone", "layers only", "flat"])
def test_every_way_to_name_a_file_finds_it(statement, layout):
    files = {**FAU, MAIN: CONV.format(statement)}
    main = MAIN
    if layout == "layers only":
        files = {path.removeprefix("src_to_implement/"): text for path, text in files.items() if "/Layers/" in path}
        main = "Layers/Conv.py"
    if layout == "flat":
        files = {"Base.py": BASE, "Conv.py": files[MAIN]}
        main = "Conv.py"
        if "from .. import" in statement:
            pytest.skip("there is no folder to name")
    value = "(Conv().trainable, BaseLayer().trainable, BaseLayer is __import__('Base').BaseLayer)"
    loaded = run(files, main, value)
    assert loaded.error is None and loaded.value == [True, False, True]
    noted = [note for note in loaded.notes if "`Layers`, which is not in" not in note]
    assert bool(noted) == ("base" in statement.split("import")[0] or "layers" in statement.split("import")[0])


def test_a_file_is_one_module_however_it_is_imported():
    files = {
        **FAU,
        "src_to_implement/NeuralNetwork.py": "import Layers\nfrom Layers import *\n"
        "from src.Layers.Base import BaseLayer as A\n"
        "from Layers.Base import BaseLayer as B\nfrom Layers.Pooling import Pooling as P\n"
        "import importlib\nC = importlib.import_module('a.b.Layers.Base').BaseLayer\n",
    }
    value = "A is B is C is Base.BaseLayer and issubclass(P, A) and Layers.Conv.Conv is Conv.Conv"
    assert run(files, "src_to_implement/NeuralNetwork.py", value).value is True


def test_the_nearest_of_two_files_is_meant():
    files = {
        "ex1/Layers/Base.py": "x = 1\n",
        "ex2/Layers/Base.py": "x = 2\n",
        "ex2/Layers/Conv.py": "from Layers.Base import x\n",
        "ex1/net.py": "from Base import x\n",
    }
    assert run(files, "ex2/Layers/Conv.py", "x").value == 2
    assert run(files, "ex1/net.py", "x").value == 1


def test_the_longest_trailing_path_wins():
    files = {
        "Base.py": "x = 1\n",
        "Layers/Base.py": "x = 2\n",
        "conv.py": "from src.Layers.Base import x\nfrom Base import x as y\n",
    }
    assert run(files, value="(x, y)").value == [2, 1]


@pytest.mark.parametrize("name", ["random", "copy", "math", "numpy", "scipy"])
def test_python_and_numpy_win_over_files_of_their_name_unless_a_package_is_named(name):
    files = {
        f"Layers/{name}.py": "mine = True\n",
        "Layers/conv.py": f"import {name}\nfrom .{name} import mine as a\nfrom Layers.{name} import mine as b\n"
        f"from . import {name} as c\n",
    }
    assert run(files, "Layers/conv.py", f"(hasattr({name}, 'mine'), a, b, c.mine)").value == [False, True, True, True]


def test_a_students_file_is_meant_where_pythons_module_lacks_the_name():
    files = {
        "statistics.py": "def spread(): return 4\n",
        "conv.py": "from statistics import spread\nimport statistics\n",
    }
    assert run(files, value="(spread(), hasattr(statistics, 'median'))").value == [4, True]


def test_the_prefix_of_a_known_package_is_not_stripped():
    files = {
        "functional.py": "relu = 1\n",
        "layers.py": "",
        "conv.py": "import torch.nn.functional as F\nfrom keras.layers import Conv2D\n",
    }
    loaded = run(files, value="F.relu(1)")
    assert loaded.value.startswith("NotAvailable: uses `torch`") and len(loaded.notes) == 2


def test_circular_imports_see_what_is_there_so_far():
    files = {"a.py": "import b\nx = 1\nfrom b import y\n", "b.py": "import a\ny = 2\ndef late(): return a.x\n"}
    loaded = run(files, "a.py", "(y, b.late(), b.a.x)")
    assert loaded.value == [2, 1, 1] and loaded.notes == []


def test_a_circular_from_import_is_an_import_error_that_costs_only_its_own_file():
    files = {"a.py": "from b import y\nx = 1\n", "b.py": "y = 2\nfrom a import x\nz = 3\n"}
    loaded = run(files, "a.py", "(x, y)")
    assert (
        loaded.value == [1, 2]
        and "circular import" in loaded.notes[0]
        and "b.py could not be loaded" in loaded.notes[0]
    )


@pytest.mark.parametrize(
    "broken", ["class BaseLayer(:\n", "1 / 0\n", "import sys; sys.exit()\n", "input()\n", "print 1\n"]
)
def test_a_broken_file_costs_no_points_of_another(broken):
    files = {**FAU, "src_to_implement/Layers/Base.py": broken}
    loaded = run(files, MAIN, "Conv().trainable")
    assert loaded.error is None and loaded.value is True
    assert "src_to_implement/Layers/Base.py could not be loaded: line 1" in loaded.notes[0]


def test_what_a_broken_file_defined_before_it_failed_is_kept():
    files = {"base.py": BASE + "raise ValueError\nlater = 1\n", "conv.py": "from base import BaseLayer, later\n"}
    loaded = run(files, value="BaseLayer().trainable")
    assert loaded.value is False and any("imports later from base.py" in note for note in loaded.notes)


@pytest.mark.parametrize(
    "statement",
    [
        "from Layers.Base import BaseLayer",
        "from .Base import BaseLayer",
        "from Layers.Base import *",
        "import Layers.Base as b\nBaseLayer = b.BaseLayer",
        "from Layers import Base\nBaseLayer = Base.BaseLayer",
        "from src.Layers import Base as b\nBaseLayer = b.BaseLayer",
    ],
)
def test_a_base_class_that_was_not_handed_in_is_an_empty_class(statement):
    old_style = CONV.replace("super().__init__()", "BaseLayer.__init__(self)")
    for source in (CONV, old_style):
        loaded = run(source.format(statement), "Conv.py", "(Conv().trainable, isinstance(Conv(), BaseLayer))")
        assert loaded.value == [True, True] and len(loaded.notes) == 1
        assert "line 2" in loaded.notes[0] and "was not handed in" in loaded.notes[0]


def test_a_missing_file_is_named_and_its_use_is_an_error():
    loaded = run("from Layers.Initializers import UniformRandom\n", "Conv.py", "UniformRandom()")
    assert loaded.notes == [
        "line 1 imports UniformRandom from `Layers.Initializers`, but Initializers.py was not handed in; "
        "UniformRandom was replaced by an empty class"
    ]
    assert loaded.value == "NotAvailable: uses `UniformRandom` of Initializers.py, which was not handed in"


def test_a_misspelt_file_is_suggested():
    files = {"Layers/Initializers.py": "", "conv.py": "from Layers.Initialisers import He\n"}
    assert "(is Layers/Initializers.py meant?)" in run(files).notes[0]


def test_a_name_that_a_file_lacks_is_told_and_costs_nothing_until_used():
    files = {
        "base.py": "class Base:\n    pass\n",
        "conv.py": "from base import Base, Layer\nclass Conv(Layer):\n    pass\n",
    }
    loaded = run(files, value="(Base.__name__, Conv.__name__)")
    assert loaded.value == ["Base", "Conv"]
    assert loaded.notes == [
        "line 1 imports Layer from base.py, which does not define it; Layer was replaced by an empty class"
    ]


def test_a_package_that_is_not_allowed_is_told_by_name_and_line():
    source = (
        "import numpy as np\nimport torch\nimport torch.nn as nn\nfrom torch import Tensor\n"
        "def f(x: Tensor):\n    return nn.relu(x)\n"
    )
    loaded = run(source, value="f(1)")
    told = "`torch`, which is not available in this course (allowed: numpy, scipy)"
    assert loaded.notes == [f"line 2 imports {told}"] and loaded.value == f"NotAvailable: uses {told}"


def test_using_a_package_that_is_not_allowed_while_loading_is_an_import_error():
    error = run("import torch\nx = torch.zeros(3)\n").error
    assert (error["code"], error["line"]) == ("import", 2) and "line 2 uses `torch`" in error["sentence"]


def test_an_installed_package_is_not_imported_unless_allowed():
    source = "import pytest\nimport msgspec\n"
    assert "NotAvailable" in run(source, value="pytest.raises(ValueError)").value
    assert run(source, value="msgspec.json.encode(1)").value.startswith("NotAvailable")
    assert run("import msgspec", value="msgspec.json.encode(1).decode()", allowed=("msgspec",)).value == "1"


def test_an_allowed_package_that_is_not_installed_is_told():
    loaded = run("import notinstalled\n", value="notinstalled.f()", allowed=("notinstalled",))
    assert "not installed on this machine" in loaded.notes[0] and loaded.value.startswith("NotAvailable")


@pytest.mark.parametrize("caught", ["ImportError", "ModuleNotFoundError", "Exception", "(ImportError, ValueError)", ""])
def test_a_students_own_try_around_an_import_gets_its_error(caught):
    loaded = run(f"try:\n    import cupy as np\nexcept {caught}:\n    import numpy as np\n", value="np.__name__")
    assert loaded.value == "numpy" and loaded.notes == []


def test_libraries_import_as_ever_below_a_students_call():
    files = {
        "random.py": "",
        "conv.py": "from scipy import signal\nimport numpy as np\nimport time\nfrom unittest import mock\n",
    }
    value = "float(signal.convolve(np.ones(3), np.ones(2)).sum()) + (time.strptime('1', '%d').tm_mday)"
    assert run(files, value=value).value == 7.0


def test_the_disk_is_never_read_for_a_students_file(tmp_path, monkeypatch):
    (tmp_path / "secretfile.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "which is not in the submission" in run("import secretfile\n", value="secretfile.x").notes[0]


def test_tests_beside_the_solution_load_too():
    tests = (
        "import unittest\nfrom Layers import *\nfrom Optimization import *\nimport NeuralNetwork\n"
        "class T(unittest.TestCase):\n    def test(self):\n        return Loss.CrossEntropyLoss()\n"
        "if __name__ == '__main__':\n    unittest.main()\n"
    )
    files = {**FAU, "src_to_implement/NeuralNetworkTests.py": tests}
    value = "[c.__name__ for c in (Loss.CrossEntropyLoss, NeuralNetwork.Sgd, Pooling.Pooling)]"
    assert run(files, "src_to_implement/NeuralNetworkTests.py", value).value == ["CrossEntropyLoss", "Sgd", "Pooling"]


def test_a_package_that_gathers_its_files_hands_out_the_others():
    files = {
        "Layers/__init__.py": "from .Conv import Conv\nfrom .Base import BaseLayer\n",
        "Layers/Base.py": BASE,
        "Layers/Conv.py": CONV.format("from Layers import BaseLayer"),
    }
    loaded = run(files, "Layers/Conv.py", "BaseLayer().trainable")
    assert loaded.value is False and loaded.notes == []


def test_a_star_from_plots_gives_numpy_where_numpy_has_the_name():
    assert run("from pylab import *\nx = zeros(3)\nplot(x)\n", value="len(x)").value == 3


def test_a_star_from_a_missing_package_gives_the_names_that_are_used():
    loaded = run("from torch.nn import *\nclass Conv(Module):\n    pass\n", value="(Conv() and 1, Linear)[0]")
    assert loaded.error is None and loaded.value.startswith("NameError")
