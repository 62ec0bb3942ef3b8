"""PyTorch's tensors as arrays, and PyTorch itself made ready for workers. Nothing here imports it before it is asked
for: most workers do without."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import repeatable

_mro = type.__dict__["__mro__"].__get__  # a class may have one of its own


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor (a parameter, too)."""
    return any(base.__name__ == "Tensor" and base.__module__ == "torch" for base in _mro(type(value)))


def array(tensor: Any) -> NDArray[Any]:
    """The numbers of a tensor, wherever it is and whether or not a gradient is asked of it."""
    return np.asarray(tensor.detach().cpu().numpy())


def prepare() -> None:
    """One thread, chance that begins anew with every probe, and everything in place that is made at the first use."""
    import torch

    torch.set_num_threads(1)
    with contextlib.suppress(RuntimeError):  # it was set already
        torch.set_num_interop_threads(1)
    repeatable.also_seeded.append(torch.default_generator.manual_seed)
    for dtype in (torch.float32, torch.float64):
        layers = torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten()
        network = torch.nn.Sequential(*layers, torch.nn.Linear(18, 2)).to(dtype)
        network(torch.ones(1, 1, 8, 8, dtype=dtype)).sum().backward()
