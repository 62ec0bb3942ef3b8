"""Pooling before the activation, which is the same for the largest value; sizes are asked of the tensors."""

import torch
from torch import Tensor, nn


class LeNet5(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc3 = nn.Linear(in_features=84, out_features=10)
        self.fc2 = nn.Linear(in_features=120, out_features=84)
        self.fc1 = nn.Linear(in_features=400, out_features=120)
        self.conv2 = nn.Conv2d(in_channels=6, out_channels=16, kernel_size=5, padding="valid")
        self.conv1 = nn.Conv2d(in_channels=1, out_channels=6, kernel_size=5, padding="same")
        self.max_pool_1 = self.max_pool_2 = nn.MaxPool2d(kernel_size=2, stride=2)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -0.1, 0.1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.max_pool_1(self.conv1(x)).clamp(min=0)
        x = self.max_pool_2(self.conv2(x)).clamp(min=0)
        batch, channels, height, width = x.size()
        x = x.reshape(batch, channels * height * width)
        x = torch.clamp_min(self.fc1(x), 0)
        x = torch.clamp_min(self.fc2(x), 0)
        return self.fc3(x)
