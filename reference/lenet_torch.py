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
        # BEGIN SOLUTION
        self.conv1 = torch.nn.Conv2d(in_channels=1, out_channels=6, kernel_size=5, stride=1, padding=2, bias=True)
        self.max_pool_1 = torch.nn.MaxPool2d(kernel_size=2)
        self.conv2 = torch.nn.Conv2d(in_channels=6, out_channels=16, kernel_size=5, stride=1, padding=0, bias=True)
        self.max_pool_2 = torch.nn.MaxPool2d(kernel_size=2)
        self.fc1 = torch.nn.Linear(16 * 5 * 5, 120)
        self.fc2 = torch.nn.Linear(120, 84)
        self.fc3 = torch.nn.Linear(84, 10)
        # END SOLUTION

    def forward(self, images):
        """The logits, a tensor of shape (b, 10), of images of shape (b, 1, 28, 28)."""
        # BEGIN SOLUTION
        features = self.max_pool_1(torch.relu(self.conv1(images)))
        features = self.max_pool_2(torch.relu(self.conv2(features)))
        flat = torch.flatten(features, start_dim=1)
        hidden = torch.relu(self.fc1(flat))
        hidden = torch.relu(self.fc2(hidden))
        return self.fc3(hidden)
        # END SOLUTION
