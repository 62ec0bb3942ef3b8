import copy
from contextlib import contextmanager


class Container:
    def __init__(self):
        self.layers = []
        self.current_phase = "train"

    def forward_through(self, tensor):
        for layer in self.layers:
            tensor = layer.forward(tensor)
        return tensor

    def backward_through(self, error):
        position = len(self.layers)
        while position:
            position -= 1
            error = self.layers[position].backward(error)
        return error

    @property
    def phase(self):
        return self.current_phase

    @phase.setter
    def phase(self, phase):
        self.current_phase = phase
        for layer in (x for x in self.layers if hasattr(x, "phase")):
            layer.phase = phase

    @contextmanager
    def temporarily(self, phase):
        before = self.phase
        self.phase = phase
        yield self
        self.phase = before


class NeuralNetwork(Container):
    def __init__(self, optimizer, weights_initializer, bias_initializer):
        super().__init__()
        self._optimizer = optimizer
        self._weights_initializer = weights_initializer
        self._bias_initializer = bias_initializer
        self.loss = []
        self.data_layer = None
        self.loss_layer = None
        self.batch = None

    def append_layer(self, layer):
        if getattr(layer, "trainable", False):
            layer.initialize(self._weights_initializer, self._bias_initializer)
            layer.optimizer = copy.deepcopy(self._optimizer)
        self.layers.append(layer)
        self.phase = self.current_phase

    def forward(self):
        self.batch = self.data_layer.next()
        prediction = self.forward_through(self.batch[0])
        return self.loss_layer.forward(prediction, self.batch[1])

    def backward(self):
        self.backward_through(self.loss_layer.backward(self.batch[1]))

    def train(self, iterations):
        self.phase = "train"
        for _ in range(iterations):
            value = self.forward()
            self.backward()
            self.loss.append(float(value))

    def test(self, input_tensor):
        with self.temporarily("test"):
            return self.forward_through(input_tensor)


def build_lenet(optimizer, weights_initializer, bias_initializer):
    import activations
    import conv
    import flatten
    import fully_connected
    import loss
    import pooling

    class LeNet(NeuralNetwork):
        def __init__(self):
            super().__init__(optimizer, weights_initializer, bias_initializer)
            self.append_layer(conv.Conv(1, (1, 3, 3), 6))
            self.append_layer(activations.ReLU())
            self.append_layer(pooling.MaxPooling(2, 2))
            self.append_layer(conv.Conv(1, (6, 3, 3), 16))
            self.append_layer(activations.ReLU())
            self.append_layer(pooling.MaxPooling(2, 2))
            self.append_layer(flatten.Flatten())
            self.append_layer(fully_connected.FullyConnected(64, 10))
            self.append_layer(activations.SoftMax())
            self.loss_layer = loss.CrossEntropyLoss()

    return LeNet()
