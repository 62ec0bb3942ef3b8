"""Packages that students' machines had and the grading machine has not: plots, debuggers, other libraries.

Two answers, from generous to strict: a module that only shows something is `Silent`; everything else is a
`Placeholder`, which may be imported, named and subclassed but not used.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

# fmt: off
_SHOWING = {  # what is skipped -> modules that only show something
    "plots are": [
        "matplotlib", "pylab", "mpl_toolkits", "seaborn", "plotly", "bokeh", "altair", "tkinter", "turtle",
        "graphviz",
    ],
    "debugging stops are": [
        "pdb", "ipdb", "pudb", "web_pdb", "debugpy", "pydevd", "pydevd_pycharm", "ptvsd", "snoop", "pysnooper",
    ],
    "progress bars are": ["tqdm", "progressbar", "alive_progress", "rich"],
    "its calls are": [
        "IPython", "ipywidgets", "google.colab", "wandb", "tensorboard", "tensorboardX", "visdom", "mlflow",
        "comet_ml", "tabulate", "prettytable", "termcolor", "colorama", "icecream", "memory_profiler",
        "line_profiler", "pyinstrument",
    ],
}
# Packages whose names are never a prefix of the student's own files: `torch.nn.functional` is not `functional.py`.
FOREIGN = frozenset([
    "torch", "torchvision", "torchaudio", "torchsummary", "tensorflow", "keras", "jax", "jaxlib", "flax", "optax",
    "mxnet", "caffe", "theano", "chainer", "cntk", "lasagne", "autograd", "cupy", "numba", "cython", "pandas",
    "polars", "sklearn", "skimage", "scipy", "numpy", "statsmodels", "cv2", "PIL", "imageio", "h5py", "requests",
    "nose", "pytest", "hypothesis", "joblib", "dask", "sympy", "networkx", "nltk", "gensim", "transformers",
    "timm", "einops", "jaxtyping", "typing_extensions", "torchmetrics", "pytorch_lightning", "lightning",
    "yaml", "attr", "pydantic", "psutil", "setuptools", "pkg_resources", "mock", "six", "future", "past", "gym",
    "gymnasium", "scikitplot", "xgboost", "lightgbm", "onnx", "google",
])
# fmt: on
SILENT = {module: what for what, modules in _SHOWING.items() for module in modules}
_ECHO = {"termcolor", "icecream"}  # colored("text") and ic(value) return what they are given
_UNPACK = __import__("opcode").opmap["UNPACK_SEQUENCE"]


class Silent:
    """A plot, a debugger, a progress bar: every use is legal, does nothing and gives another such object."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # so that a student's subclass can be made
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(self)() if isinstance(self, _Bar | _Echo) else Silent()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if len(arguments) == 1 and not options and isinstance(arguments[0], types.FunctionType | type):
            return arguments[0]  # used as a decorator
        return Silent()

    def __iter__(self) -> Iterator[Any]:
        """As many as `fig, ax = plt.subplots()` unpacks; none in a loop, which would have nothing to draw on."""
        frame = sys._getframe(1)
        code, at = frame.f_code.co_code, frame.f_lasti
        return iter([Silent() for _ in range(code[at + 1])] if code[at] == _UNPACK else [])

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (Silent,)

    def __deepcopy__(self, memo: Any) -> Silent:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __str__(self) -> str:
        return ""

    def __getitem__(self, key: object) -> Silent:
        return Silent()


def _ignore(self: Silent, *arguments: Any) -> Any:
    """Arithmetic: text stays text (`Fore.RED + "loss"`), everything else is swallowed."""
    return arguments[0] if arguments and isinstance(arguments[0], str) else self


_OPERATORS = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
]  # fmt: skip
for _names, _method in (
    ([f"__{side}{name}__" for name in _OPERATORS for side in ("", "r")], _ignore),
    (["__neg__", "__pos__", "__abs__", "__enter__", "__next__"], _ignore),
    (["__setitem__", "__delitem__"], lambda self, *arguments: None),
    (["__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__contains__"], lambda self, *arguments: False),
    (["__len__", "__int__", "__index__"], lambda self: 0),
    (["__float__"], lambda self: 0.0),
    (["__format__"], lambda self, form: ""),
):
    for _name in _names:
        setattr(Silent, _name, _method)


class _Bar(Silent):
    """tqdm and its like: called with something to iterate over, it iterates over that."""

    def __init__(self, items: Any = (), counts: bool = False) -> None:
        self._items, self._counts = items, counts

    def __getattr__(self, name: str) -> Any:
        return _Bar(counts=name in ("trange", "tnrange")) if name[:2] != "__" else super().__getattr__(name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if self._counts:
            return _Bar(range(*arguments[:3]))
        items = arguments[0] if arguments else options.get("iterable", options.get("sequence", ()))
        return _Bar(items) if hasattr(type(items), "__iter__") and not isinstance(items, str) else _Bar()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


class _Echo(Silent):
    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return arguments[0] if arguments else Silent()


class _Pylab(Silent):
    """Plots, and all of NumPy beside them."""

    def __getattr__(self, name: str) -> Any:
        return vars(np)[name] if name in vars(np) and name[:1] != "_" else super().__getattr__(name)


def silent_module(name: str) -> Any:
    """What `import name` gives where the module only shows something."""
    if name == "pylab":
        return _Pylab()
    kind = _Bar if SILENT.get(name) == "progress bars are" else _Echo if name in _ECHO else Silent
    return kind()


class NotAvailable(ImportError):
    """The student's code uses something that is not there."""


class Placeholder:
    """A module, class or function that is not there: it can be imported, named and subclassed; its use is an error.

    As a base class it becomes an empty class, since students' layers derive from a base class that they do not hand in.
    """

    def __init__(self, name: str, sentence: str) -> None:
        base = type(name.rpartition(".")[2], (), {"__init__": _nothing, "__doc__": sentence, "__module__": "absent"})
        # In the instance's own dict, so that `BaseLayer.__init__(self)` does nothing to the placeholder.
        vars(self).update(__name__=name, __init__=_nothing, _sentence=sentence, _base=base)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        child = Placeholder(f"{vars(self).get('__name__')}.{name}", vars(self).get("_sentence", ""))
        return vars(self).setdefault(name, child)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (self._base,)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._base)

    def __subclasscheck__(self, other: type) -> bool:
        return issubclass(other, self._base)

    def __getitem__(self, key: object) -> Placeholder:  # annotations: Tensor["b c"], Tensor | None
        return self

    def __or__(self, other: object) -> Placeholder:
        return self

    __ror__ = __or__

    def __bool__(self) -> bool:  # `if torch:` asks whether the import worked
        return True

    def __deepcopy__(self, memo: Any) -> Placeholder:
        return self


def _nothing(*arguments: Any, **options: Any) -> None:
    return None


def _refuse(self: Placeholder, *arguments: Any, **options: Any) -> Any:
    raise NotAvailable(self._sentence)


_REFUSED = [
    "call",
    "iter",
    "len",
    "contains",
    "enter",
    "float",
    "int",
    "index",
    "array",
    "neg",
    "lt",
    "le",
    "gt",
    "ge",
    "setitem",
]  # fmt: skip
for _name in _REFUSED + [side + name for name in _OPERATORS if name != "or" for side in ("", "r")]:
    setattr(Placeholder, f"__{_name}__", _refuse)
