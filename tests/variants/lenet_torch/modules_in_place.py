"""Everything is a module, the activations work in place, and a container holds the layers before they have names."""

from torch import nn


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        relu = nn.ReLU(inplace=True)
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, (5, 5), padding=(2, 2)),
            relu,
            nn.MaxPool2d((2, 2), stride=(2, 2)),
            nn.Conv2d(6, 16, (5, 5), (1, 1)),
            relu,
            nn.MaxPool2d((2, 2)),
            nn.Flatten(),
        )
        self.conv1, self.max_pool_1 = self.features[0], self.features[2]
        self.conv2, self.max_pool_2 = self.features[3], self.features[5]
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)
        self.classifier = nn.Sequential(self.fc1, nn.ReLU(inplace=True), self.fc2, nn.ReLU(inplace=True), self.fc3)

    def forward(self, x):
        return self.classifier(self.features(x))
