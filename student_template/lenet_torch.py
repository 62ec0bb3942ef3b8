"""LeNet-5 as a module of PyTorch (lecture D, "LeNet in Pytorch")."""

import torch


class LeNet5(torch.nn.Module):
    """Two convolutions and three fully connected layers that tell ten digits apart (LeCun et al., 1998).

    conv1 - ReLU - max_pool_1 - conv2 - ReLU - max_pool_2 - flatten - fc1 - ReLU - fc2 - ReLU - fc3

    Attributes:
        conv1: torch.nn.Conv2d, 1 to 6 channels, 5 x 5 kernels, padding 2.
        max_pool_1: torch.nn.MaxPool2d, 2 x 2.
        conv2: torch.nn.Conv2d, 6 to 16 channels, 5 x 5 kernels, no padding.
        max_pool_2: torch.nn.MaxPool2d, 2 x 2.
        fc1, fc2, fc3: torch.nn.Linear, 400 to 120, 120 to 84, 84 to 10.
    """

    def __init__(self):
        super().__init__()
        raise NotImplementedError

    def forward(self, images):
        """The logits, a tensor of shape (b, 10), of images of shape (b, 1, 28, 28)."""
        raise NotImplementedError
