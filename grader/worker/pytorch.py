"""What a script does with PyTorch besides calling a student's module: tensors in, gradients out."""

from __future__ import annotations

import functools
import zlib
from typing import Any

import numpy as np

from .standins import Base
from .tensors import is_tensor


class PyTorch(Base):
    """Everything but the module itself: its methods make tensors, set parameters, and read what is in a module.

    `name` is a path such as "conv1.weight". ValueError says what is not there or is no tensor and no module.
    """

    def tensor(self, array: Any, dtype: str = "float64", requires_grad: bool = False) -> Any:
        """A tensor of the array; one of the same dtype shares its memory, so that a change of it shows."""
        import torch

        return torch.from_numpy(array).to(getattr(torch, dtype)).requires_grad_(requires_grad)

    def fill(self, module: Any, seed: int, dtype: str = "float64") -> Any:
        """The module in this dtype, with parameters in its layers that depend on seed, name and shape alone."""
        import torch

        if not isinstance(module, torch.nn.Module):
            raise ValueError(f"{type(module).__name__} is no torch.nn.Module")
        module.to(getattr(torch, dtype))
        for layer, child in module.named_children():
            for name, parameter in child.named_parameters(recurse=False):
                rng = np.random.default_rng([seed, zlib.crc32(f"{layer}.{name}".encode())])
                numbers = rng.standard_normal(tuple(parameter.shape)) * (2 / (10 + parameter[0].numel())) ** 0.5
                parameter.data = torch.from_numpy(np.asarray(numbers)).to(parameter.dtype)
        return module

    def backward(self, output: Any, error: Any) -> None:
        """Send an array of the output's shape back through everything that the output was made of."""
        import torch

        if not is_tensor(output):
            raise ValueError(f"the output is no tensor, but an object of type {type(output).__name__}")
        output.backward(torch.from_numpy(np.array(error)).to(output.dtype))

    def gradient(self, owner: Any, name: str = "") -> Any:
        """The gradient that a tensor, or a parameter of a module, has; None where none came there."""
        return _at(owner, name).grad

    def summed_gradient(self, module: Any, name: str) -> Any:
        """The gradient of a parameter; of a matrix or kernel, its sum over the outputs, since all of it is too much."""
        found = self.gradient(module, name)
        return found if found is None or found.ndim < 2 else found.sum(0)

    def shape(self, module: Any, name: str) -> Any:
        """The shape of a parameter, None where the layer has none of that name, or a text where there is no layer."""
        try:
            found = _at(module, name)
        except ValueError as error:
            return str(error)
        return None if found is None else tuple(found.shape)

    def kind(self, module: Any, name: str) -> str:
        """The class of a layer, or a text where there is none."""
        try:
            return type(_at(module, name)).__name__
        except ValueError as error:
            return str(error)

    def count(self, module: Any) -> int:
        """How many numbers all parameters of a module hold together."""
        return sum(parameter.numel() for parameter in module.parameters())

    def testing(self, module: Any) -> Any:
        """The module in its testing mode."""
        return module.eval()


def _at(owner: Any, name: str) -> Any:
    try:
        return functools.reduce(getattr, name.split("."), owner) if name else owner
    except AttributeError:
        raise ValueError(f"there is no {name}") from None
