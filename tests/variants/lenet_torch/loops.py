"""Layers are made and used in loops over their names."""

from itertools import pairwise

import torch

CONVOLUTIONS = {"conv1": (1, 6, 2), "conv2": (6, 16, 0)}
SIZES = [16 * 5 * 5, 120, 84, 10]


class LeNet5(torch.nn.Module):
    def __init__(self):
        torch.nn.Module.__init__(self)
        for number, (name, (before, after, padding)) in enumerate(CONVOLUTIONS.items(), start=1):
            self.add_module(name, torch.nn.Conv2d(before, after, kernel_size=5, padding=padding))
            setattr(self, f"max_pool_{number}", torch.nn.MaxPool2d(2))
        for number, (before, after) in enumerate(pairwise(SIZES), start=1):
            setattr(self, f"fc{number}", torch.nn.Linear(before, after))

    def forward(self, x):
        for number in (1, 2):
            x = getattr(self, f"max_pool_{number}")(getattr(self, f"conv{number}")(x).relu())
        x = torch.stack([image.flatten() for image in x])
        for number in (1, 2, 3):
            x = getattr(self, f"fc{number}")(x)
            if number < 3:
                x = x.relu()
        return x
