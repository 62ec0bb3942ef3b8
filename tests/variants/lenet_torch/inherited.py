"""A base class makes the layers of a list and runs them in the order in which they were made."""

from collections import OrderedDict
from typing import ClassVar

import torch
from torch.nn import Conv2d, Flatten, Linear, MaxPool2d, Module, ReLU


class Chain(Module):
    order: ClassVar[list] = []

    def __init__(self):
        super().__init__()
        layers = OrderedDict((name, make()) for name, make in self.order)
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        for layer in self.children():
            value = layer(value)
        return value


class LeNet5(Chain):
    order: ClassVar[list] = [
        ("conv1", lambda: Conv2d(1, 6, 5, padding=2)),
        ("relu_1", ReLU),
        ("max_pool_1", lambda: MaxPool2d(2)),
        ("conv2", lambda: Conv2d(6, 16, 5)),
        ("relu_2", ReLU),
        ("max_pool_2", lambda: MaxPool2d(2)),
        ("flatten", Flatten),
        ("fc1", lambda: Linear(400, 120)),
        ("relu_3", ReLU),
        ("fc2", lambda: Linear(120, 84)),
        ("relu_4", ReLU),
        ("fc3", lambda: Linear(84, 10)),
    ]
