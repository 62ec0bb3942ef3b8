import copy


class NeuralNetwork:
    def __init__(self, optimizer, weights_initializer, bias_initializer):
        self.opt = optimizer
        self.w_init = weights_initializer
        self.b_init = bias_initializer
        self.loss = list()  # noqa: C408
        self.layers = list()  # noqa: C408
        self.data_layer = None
        self.loss_layer = None
        self.__phase = "train"

    def get_phase(self):
        return self.__phase

    def set_phase(self, phase):
        self.__phase = phase
        for layer in self.layers:
            if "phase" in dir(layer):
                setattr(layer, "phase", phase)  # noqa: B010

    phase = property(get_phase, set_phase)

    def append_layer(self, layer):
        if layer.trainable is True:
            layer.optimizer = copy.deepcopy(self.opt)
            layer.initialize(self.w_init, self.b_init)
        self.layers.append(layer)
        self.set_phase(self.__phase)

    def _run(self, tensor, layers):
        if not layers:
            return tensor
        return self._run(layers[0].forward(tensor), layers[1:])

    def _back(self, error, layers):
        if not layers:
            return error
        return self._back(layers[-1].backward(error), layers[:-1])

    def forward(self):
        inputs, labels = self.data_layer.next()
        self.current_labels = labels
        result = self._run(inputs, self.layers)
        return self.loss_layer.forward(result, labels)

    def backward(self):
        return self._back(self.loss_layer.backward(self.current_labels), self.layers)

    def train(self, iterations):
        self.set_phase("train")
        for _i in range(iterations):
            self.loss.append(float(self.forward()))
            self.backward()

    def test(self, input_tensor):
        remember = self.get_phase()
        self.set_phase("test")
        output = self._run(input_tensor, self.layers)
        self.set_phase(remember)
        return output


def build_lenet(optimizer, weights_initializer, bias_initializer):
    from activations import ReLU, SoftMax
    from conv import Conv
    from flatten import Flatten
    from fully_connected import FullyConnected
    from loss import CrossEntropyLoss
    from pooling import MaxPooling

    network = NeuralNetwork(optimizer, weights_initializer, bias_initializer)
    network.data_layer = None
    network.loss_layer = CrossEntropyLoss()
    network.append_layer(Conv((1,), (1, 3, 3), 6))
    network.append_layer(ReLU())
    network.append_layer(MaxPooling((2, 2), (2, 2)))
    network.append_layer(Conv((1,), (6, 3, 3), 16))
    network.append_layer(ReLU())
    network.append_layer(MaxPooling((2, 2), (2, 2)))
    network.append_layer(Flatten())
    network.append_layer(FullyConnected(16 * 2 * 2, 10))
    network.append_layer(SoftMax())
    return network
