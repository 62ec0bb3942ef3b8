"""The layers hold the parameters; the arithmetic is written out: unfolded windows and products of matrices."""

import torch
import torch.nn as nn


def convolved(x, layer, padding):
    _, _, h, w = x.shape
    k = layer.kernel_size[0]
    columns = nn.functional.unfold(x, k, padding=padding)
    out = layer.weight.flatten(1) @ columns + layer.bias[:, None]
    return out.unflatten(2, (h + 2 * padding - k + 1, w + 2 * padding - k + 1))


def pooled(x):
    b, c, h, w = x.shape
    return x.reshape(b, c, h // 2, 2, w // 2, 2).amax(dim=5).amax(dim=3)


def positive(x):
    return torch.where(x > 0, x, torch.zeros_like(x))


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.max_pool_1 = nn.Conv2d(1, 6, 5, padding=2), nn.MaxPool2d(2)
        self.conv2, self.max_pool_2 = nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = pooled(positive(convolved(x, self.conv1, 2)))
        x = pooled(positive(convolved(x, self.conv2, 0)))
        x = x.flatten(1)
        x = positive(x @ self.fc1.weight.T + self.fc1.bias)
        x = positive(torch.addmm(self.fc2.bias, x, self.fc2.weight.t()))
        return torch.einsum("bi,oi->bo", x, self.fc3.weight) + self.fc3.bias
