"""A network as a list of layers, and LeNet for 8x8 digits (lectures B and D)."""

import copy


class NeuralNetwork:
    """Layers in a row with a source of data before them and a loss behind them.

    Args:
        optimizer: every trainable layer gets its own deep copy (lecture C, "Where to save intermediate values?").
        weights_initializer, bias_initializer: handed to every trainable layer's `initialize` (lecture C).

    Attributes:
        layers: list of the layers in the order of the forward pass.
        loss: list of floats, one per training iteration.
        data_layer: has `next()`, which returns a batch (input_tensor, label_tensor); None at first.
        loss_layer: has `forward(prediction_tensor, label_tensor)` and `backward(label_tensor)`; None at first.
        phase: "train" (at first) or "test"; handed on to every layer that has an attribute `phase`.
    """

    def __init__(self, optimizer, weights_initializer, bias_initializer):
        self.optimizer = optimizer
        self.weights_initializer = weights_initializer
        self.bias_initializer = bias_initializer
        self.layers = []
        self.loss = []
        self.data_layer = None
        self.loss_layer = None
        self._phase = "train"

    @property
    def phase(self):
        """The phase, "train" or "test"; setting it hands it to every layer that has one."""
        raise NotImplementedError

    @phase.setter
    def phase(self, phase):
        raise NotImplementedError

    def append_layer(self, layer):
        """Add a layer at the end.

        A trainable one gets a deep copy of the optimizer and is initialized; one with a `phase` gets the present phase.
        """
        raise NotImplementedError

    def forward(self):
        """Take the next batch from the data layer, pass it through all layers and return its loss, a float."""
        raise NotImplementedError

    def backward(self):
        """Pass the loss's gradient for the newest batch through all layers, from the last to the first."""
        raise NotImplementedError

    def train(self, iterations):
        """Run forward and backward `iterations` times in phase "train" and append each loss to `loss`."""
        raise NotImplementedError

    def test(self, input_tensor):
        """Return the last layer's output for `input_tensor`, computed in phase "test"; then restore the phase."""
        raise NotImplementedError


def build_lenet(optimizer, weights_initializer, bias_initializer):
    """Return a small LeNet for 8x8 digits as a NeuralNetwork, built from your own layers (lectures B and D).

    Conv(1, (1, 3, 3), 6) - ReLU - MaxPooling(2, 2) - Conv(1, (6, 3, 3), 16) - ReLU - MaxPooling(2, 2) - Flatten
    - FullyConnected(64, 10) - SoftMax, with CrossEntropyLoss as loss layer and no data layer yet (None).
    Input (b, 1, 8, 8), output (b, 10). Import your files inside this function, so that NeuralNetwork can be used
    before they are finished.
    """
    raise NotImplementedError
