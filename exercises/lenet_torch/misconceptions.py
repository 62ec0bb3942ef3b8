"""Wrong variants of LeNet-5 in PyTorch."""

from grader.authoring import Misconception

CONV_1 = "in_channels=1, out_channels=6, kernel_size=5, stride=1, padding=2, bias=True"
CONV_2 = "in_channels=6, out_channels=16, kernel_size=5, stride=1, padding=0, bias=True"
FC_1 = "torch.nn.Linear(16 * 5 * 5, 120)"
FC_2 = "torch.nn.Linear(120, 84)"
FC_3 = "torch.nn.Linear(84, 10)"
BLOCK_1 = "self.max_pool_1(torch.relu(self.conv1(images)))"
BLOCK_2 = "self.max_pool_2(torch.relu(self.conv2(features)))"
FLAT = "torch.flatten(features, start_dim=1)"
HIDDEN_1 = "torch.relu(self.fc1(flat))"
HIDDEN_2 = "torch.relu(self.fc2(hidden))"
LOGITS = "return self.fc3(hidden)"
START = "features = self.max_pool_1"
VALUES = ("input gradient", "parameter gradients", "single precision")
SIZES = ("number of parameters", "forward", *VALUES)


def lenet(name, check, sentence, hint, *edits, also=VALUES):
    return Misconception(name, "lenet_torch", check, sentence, hint, edits, also)


MISCONCEPTIONS = (
    lenet(
        "no padding",
        "fully connected layers",
        "conv1 has no padding, and fc1 is made smaller to fit.",
        "LeNet-5 was made for images of 32 x 32. What brings 28 x 28 to that size?",
        (CONV_1, CONV_1.replace("padding=2", "padding=0")),
        (FC_1, "torch.nn.Linear(16 * 4 * 4, 120)"),
        also=SIZES,
    ),
    lenet(
        "padding in both convolutions",
        "fully connected layers",
        "conv2 has a padding of 2 as well, and fc1 is made larger to fit.",
        "Only one of the two convolutions keeps the size of the image.",
        (CONV_2, CONV_2.replace("padding=0", "padding=2")),
        (FC_1, "torch.nn.Linear(16 * 7 * 7, 120)"),
        also=SIZES,
    ),
    lenet(
        "sizes of the hidden layers swapped",
        "fully connected layers",
        "The hidden layers have 84 and 120 units, not 120 and 84.",
        "Read the sizes of fc1, fc2 and fc3 once more, in their order.",
        (FC_1, "torch.nn.Linear(16 * 5 * 5, 84)"),
        (FC_2, "torch.nn.Linear(84, 120)"),
        (FC_3, "torch.nn.Linear(120, 10)"),
        also=SIZES,
    ),
    lenet(
        "kernels of 3 x 3",
        "convolutions",
        "The kernels are 3 x 3, not 5 x 5, and the padding is chosen so that the sizes still fit.",
        "How large are the kernels in the listing?",
        (CONV_1, CONV_1.replace("size=5", "size=3").replace("padding=2", "padding=1")),
        (CONV_2, CONV_2.replace("size=5, stride=1, padding=0", "size=3, stride=1, padding=0")),
        (FC_1, "torch.nn.Linear(16 * 6 * 6, 120)"),
        also=("fully connected layers", *SIZES),
    ),
    lenet(
        "convolutions without bias",
        "convolutions",
        "The convolutions have no bias.",
        "Each kernel has one number besides its weights. Is it switched off?",
        (CONV_1, CONV_1.replace("True", "False")),
        (CONV_2, CONV_2.replace("True", "False")),
        also=SIZES,
    ),
    lenet(
        "fully connected layers without bias",
        "fully connected layers",
        "The fully connected layers have no bias.",
        "Each unit has one number besides its weights. Is it switched off?",
        (FC_1, FC_1.replace("120", "120, bias=False")),
        (FC_2, FC_2.replace("84", "84, bias=False")),
        (FC_3, FC_3.replace("10", "10, bias=False")),
        also=SIZES,
    ),
    lenet(
        "average pooling",
        "poolings",
        "The averages of the windows are taken, not the largest values.",
        "The LeNet of 1998 took averages; which class does the listing take?",
        ("self.max_pool_1 = torch.nn.MaxPool2d", "self.max_pool_1 = torch.nn.AvgPool2d"),
        ("self.max_pool_2 = torch.nn.MaxPool2d", "self.max_pool_2 = torch.nn.AvgPool2d"),
        also=("forward", *VALUES),
    ),
    lenet(
        "a layer more",
        "number of parameters",
        "The network has one more layer with parameters, which forward does not use.",
        "Add up the parameters of the five layers, and print those that your network has.",
        (FC_3, f"{FC_3}\n        self.fc4 = torch.nn.Linear(10, 10)"),
        also=(),
    ),
    lenet(
        "no relu after the convolutions",
        "forward",
        "There is no ReLU after conv1 and conv2.",
        "Max pooling is no replacement for it: the largest of four negative numbers is negative.",
        (BLOCK_1, "self.max_pool_1(self.conv1(images))"),
        (BLOCK_2, "self.max_pool_2(self.conv2(features))"),
    ),
    lenet(
        "no relu after conv2",
        "forward",
        "There is no ReLU after conv2.",
        "Four layers are followed by a ReLU: which?",
        (BLOCK_2, "self.max_pool_2(self.conv2(features))"),
    ),
    lenet(
        "no relu after fc2",
        "forward",
        "There is no ReLU after fc2, so that fc2 and fc3 together are a single linear layer.",
        "Four layers are followed by a ReLU: which?",
        (HIDDEN_2, "self.fc2(hidden)"),
    ),
    lenet(
        "no relu after the fully connected layers",
        "forward",
        "There is no ReLU after fc1 and fc2, so that the three layers are a single linear one.",
        "What does a linear layer of a linear layer compute?",
        (HIDDEN_1, "self.fc1(flat)"),
        (HIDDEN_2, "self.fc2(hidden)"),
    ),
    lenet(
        "relu after fc3",
        "forward",
        "The logits go through a ReLU.",
        "What would a loss learn about a class whose logit is negative?",
        (LOGITS, "return torch.relu(self.fc3(hidden))"),
    ),
    lenet(
        "softmax at the end",
        "forward",
        "The output is the softmax of the logits.",
        "torch.nn.CrossEntropyLoss does that itself: it wants the logits.",
        (LOGITS, "return torch.softmax(self.fc3(hidden), dim=1)"),
    ),
    lenet(
        "log softmax at the end",
        "forward",
        "The output is the logarithm of the softmax.",
        "torch.nn.CrossEntropyLoss does that itself: it wants the logits.",
        (LOGITS, "return torch.log_softmax(self.fc3(hidden), dim=1)"),
    ),
    lenet(
        "tanh instead of relu",
        "forward",
        "The activations are tanh, not ReLU.",
        "That is what LeCun took in 1998. What does the handout ask for?",
        (BLOCK_1, BLOCK_1.replace("relu", "tanh")),
        (BLOCK_2, BLOCK_2.replace("relu", "tanh")),
        (HIDDEN_1, HIDDEN_1.replace("relu", "tanh")),
        (HIDDEN_2, HIDDEN_2.replace("relu", "tanh")),
    ),
    lenet(
        "sigmoid instead of relu",
        "forward",
        "The activations are sigmoids, not ReLU.",
        "Which activation does the handout ask for?",
        (BLOCK_1, BLOCK_1.replace("relu", "sigmoid")),
        (BLOCK_2, BLOCK_2.replace("relu", "sigmoid")),
        (HIDDEN_1, HIDDEN_1.replace("relu", "sigmoid")),
        (HIDDEN_2, HIDDEN_2.replace("relu", "sigmoid")),
    ),
    lenet(
        "channels last when flattened",
        "forward",
        "The channels are moved to the end before the features become a vector.",
        "Flatten (b, c, y, x) as it is: first the whole channel 0, then channel 1.",
        (FLAT, "torch.flatten(features.permute(0, 2, 3, 1), start_dim=1)"),
    ),
    lenet(
        "rows and columns swapped when flattened",
        "forward",
        "Rows and columns of the features are swapped before they become a vector.",
        "Flatten (b, c, y, x) as it is: the last axis runs fastest.",
        (FLAT, "torch.flatten(features.transpose(2, 3), start_dim=1)"),
    ),
    lenet(
        "samples mixed when flattened",
        "forward",
        "The rows of the flattened features do not hold one image each.",
        "reshape moves nothing: it only cuts the numbers, as they lie, into rows of another length.",
        (FLAT, "features.reshape(400, -1).T"),
    ),
    lenet(
        "images detached",
        "input gradient",
        "forward works on a copy of the images that does not remember where it came from.",
        "`detach`, `.data`, `torch.tensor(x)` and NumPy all cut the way back.",
        (START, "images = images.detach()\n        features = self.max_pool_1"),
        also=(),
    ),
    lenet(
        "features detached",
        "input gradient",
        "The features are detached before the fully connected layers, so that the convolutions learn nothing.",
        "`detach`, `.data`, `torch.tensor(x)` and NumPy all cut the way back.",
        (FLAT, "torch.flatten(features.detach(), start_dim=1)"),
        also=("parameter gradients",),
    ),
    lenet(
        "no gradients at all",
        "input gradient",
        "forward computes under torch.no_grad, so that nothing can be sent back.",
        "`torch.no_grad` is for whoever uses a trained network, not for the network.",
        ("def forward", "@torch.no_grad()\n    def forward"),
        also=("parameter gradients",),
    ),
    lenet(
        "first batch size kept",
        "call order and purity",
        "The size of the first batch is kept for ever.",
        "The last batch of a data set is often smaller. Which size does each batch have?",
        (FLAT, "features.reshape(self.__dict__.setdefault('rows', len(features)), -1)[:, :400]"),
        also=(),
    ),
    lenet(
        "dropout",
        "forward",
        "Some hidden units are dropped at random.",
        "LeNet-5 has no dropout, and nothing else that is random.",
        (LOGITS, "return self.fc3(torch.nn.functional.dropout(hidden, 0.5, self.training))"),
        also=(*VALUES, "call order and purity"),
    ),
    lenet(
        "weights in single precision",
        "single precision",
        "The images are made double precision in forward, whatever the parameters are.",
        "Who uses the network says which dtype it has; nothing in forward should name one.",
        (START, "images = images.double()\n        features = self.max_pool_1"),
        also=(),
    ),
)
