import importlib
from copy import deepcopy
from functools import reduce


class NeuralNetwork:
    """reduce over the layers; the phase is handed on in __setattr__."""

    def __init__(self, optimizer, weights_initializer, bias_initializer):
        self.layers, self.loss = [], []
        self.optimizer = optimizer
        self.initializers = weights_initializer, bias_initializer
        self.data_layer = self.loss_layer = self.labels = None
        self.phase = "train"

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "phase":
            for layer in self.layers:
                self._tell(layer)

    def _tell(self, layer):
        try:
            layer.phase  # noqa: B018
        except AttributeError:
            return
        layer.phase = self.phase

    def append_layer(self, layer):
        self.layers.append(layer)
        self._tell(layer)
        if layer.trainable:
            layer.initialize(*self.initializers)
            layer.optimizer = deepcopy(self.optimizer)

    def predict(self, x):
        return reduce(lambda value, layer: layer.forward(value), self.layers, x)

    def forward(self):
        x, self.labels = self.data_layer.next()
        return self.loss_layer.forward(self.predict(x), self.labels)

    def backward(self):
        return reduce(
            lambda value, layer: layer.backward(value), reversed(self.layers), self.loss_layer.backward(self.labels)
        )

    def train(self, iterations):
        self.phase = "train"
        while iterations > 0:
            self.loss += [float(self.forward())]
            self.backward()
            iterations -= 1

    def test(self, input_tensor):
        before, self.phase = self.phase, "test"
        try:
            return self.predict(input_tensor)
        finally:
            self.phase = before


def build_lenet(optimizer, weights_initializer, bias_initializer):
    def make(module, name, *args):
        return getattr(importlib.import_module(module), name)(*args)

    net = NeuralNetwork(optimizer, weights_initializer, bias_initializer)
    for in_channels, out_channels in ((1, 6), (6, 16)):
        net.append_layer(make("conv", "Conv", (1, 1), [in_channels, 3, 3], out_channels))
        net.append_layer(make("activations", "ReLU"))
        net.append_layer(make("pooling", "MaxPooling", (2, 2), [2, 2]))
    net.append_layer(make("flatten", "Flatten"))
    net.append_layer(make("fully_connected", "FullyConnected", 64, 10))
    net.append_layer(make("activations", "SoftMax"))
    net.loss_layer = make("loss", "CrossEntropyLoss")
    return net
