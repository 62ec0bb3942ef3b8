import copy


class NeuralNetwork:
    def __init__(self, optimizer, weights_initializer, bias_initializer):
        self.optimizer = optimizer
        self.loss = []
        self.layers = []
        self.data_layer = None
        self.loss_layer = None
        self.weights_initializer = weights_initializer
        self.bias_initializer = bias_initializer
        self.label_tensor = None
        self._phase = "train"

    @property
    def phase(self):
        return self._phase

    @phase.setter
    def phase(self, value):
        self._phase = value
        for layer in self.layers:
            if hasattr(layer, "phase"):
                layer.phase = value

    def forward(self):
        tensor, self.label_tensor = self.data_layer.next()
        for layer in self.layers:
            tensor = layer.forward(tensor)
        return self.loss_layer.forward(tensor, self.label_tensor)

    def backward(self):
        error = self.loss_layer.backward(self.label_tensor)
        for layer in self.layers[::-1]:
            error = layer.backward(error)

    def append_layer(self, layer):
        if layer.trainable:
            layer.optimizer = copy.deepcopy(self.optimizer)
            layer.initialize(self.weights_initializer, self.bias_initializer)
        if hasattr(layer, "phase"):
            layer.phase = self.phase
        self.layers.append(layer)

    def train(self, iterations):
        self.phase = "train"
        for _ in range(iterations):
            loss = self.forward()
            self.loss.append(loss)
            self.backward()

    def test(self, input_tensor):
        old = self.phase
        self.phase = "test"
        for layer in self.layers:
            input_tensor = layer.forward(input_tensor)
        self.phase = old
        return input_tensor


def build_lenet(optimizer, weights_initializer, bias_initializer):
    from activations import ReLU, SoftMax
    from conv import Conv
    from flatten import Flatten
    from fully_connected import FullyConnected
    from loss import CrossEntropyLoss
    from pooling import MaxPooling

    net = NeuralNetwork(optimizer, weights_initializer, bias_initializer)
    net.loss_layer = CrossEntropyLoss()
    layers = [
        Conv(1, (1, 3, 3), 6),
        ReLU(),
        MaxPooling(2, 2),
        Conv(1, (6, 3, 3), 16),
        ReLU(),
        MaxPooling(2, 2),
        Flatten(),
        FullyConnected(64, 10),
        SoftMax(),
    ]
    for layer in layers:
        net.append_layer(layer)
    return net
