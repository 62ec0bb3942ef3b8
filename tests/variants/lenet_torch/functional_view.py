"""As in most tutorials: activations from torch.nn.functional, `view`."""

import torch
import torch.nn.functional as F


class LeNet5(torch.nn.Module):
    def __init__(self):
        super(LeNet5, self).__init__()  # noqa: UP008 - as in the listing
        self.conv1 = torch.nn.Conv2d(1, 6, 5, padding=2)
        self.max_pool_1 = torch.nn.MaxPool2d(2)
        self.conv2 = torch.nn.Conv2d(6, 16, 5)
        self.max_pool_2 = torch.nn.MaxPool2d(2)
        self.fc1 = torch.nn.Linear(400, 120)
        self.fc2 = torch.nn.Linear(120, 84)
        self.fc3 = torch.nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.max_pool_1(x)
        x = F.relu(self.conv2(x))
        x = self.max_pool_2(x)
        x = x.view(-1, 16 * 5 * 5)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


if __name__ == "__main__":
    net = LeNet5()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    loss = torch.nn.CrossEntropyLoss()(net(torch.rand(4, 1, 28, 28)), torch.tensor([1, 2, 3, 4]))
    loss.backward()
    optimizer.step()
    print(loss.item())
