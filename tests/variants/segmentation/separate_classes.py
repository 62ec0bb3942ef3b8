import activations
import conv
import conv_variants
import numpy as np
import pooling


class EncoderDecoder:
    def __init__(self, in_channels=1, channels=(8, 16)):
        c1, c2 = channels[0], channels[1]
        self.trainable = True
        self.conv1 = conv.Conv((1, 1), (in_channels, 3, 3), c1)
        self.relu1 = activations.ReLU()
        self.pool1 = pooling.MaxPooling((2, 2), (2, 2))
        self.conv2 = conv.Conv((1, 1), (c1, 3, 3), c2)
        self.relu2 = activations.ReLU()
        self.pool2 = pooling.MaxPooling((2, 2), (2, 2))
        self.conv3 = conv.Conv((1, 1), (c2, 3, 3), c2)
        self.relu3 = activations.ReLU()
        self.up1 = conv_variants.NearestUpsampling((2, 2))
        self.conv4 = conv.Conv((1, 1), (c2, 3, 3), c1)
        self.relu4 = activations.ReLU()
        self.up2 = conv_variants.NearestUpsampling((2, 2))
        self.conv5 = conv.Conv((1, 1), (c1, 3, 3), c1)
        self.relu5 = activations.ReLU()
        self.head = conv.Conv((1, 1), (c1, 1, 1), in_channels)
        self.layers = [
            self.conv1, self.relu1, self.pool1, self.conv2, self.relu2, self.pool2, self.conv3, self.relu3,
            self.up1, self.conv4, self.relu4, self.up2, self.conv5, self.relu5, self.head,
        ]  # fmt: skip
        self._optimizer = None
        self._phase = "train"

    def get_optimizer(self):
        return self._optimizer

    def set_optimizer(self, value):
        self._optimizer = value
        for layer in self.layers:
            if layer.trainable:
                layer.optimizer = value

    optimizer = property(get_optimizer, set_optimizer)

    def get_phase(self):
        return self._phase

    def set_phase(self, value):
        self._phase = value
        for layer in self.layers:
            if hasattr(layer, "phase"):
                layer.phase = value

    phase = property(get_phase, set_phase)

    def initialize(self, w, b):
        for layer in self.layers:
            if layer.trainable:
                layer.initialize(w, b)

    def check(self, x):
        if x.ndim != 4:
            raise ValueError("four axes please")
        if x.shape[2] % 4 != 0:
            raise ValueError("height")
        if x.shape[3] % 4 != 0:
            raise ValueError("width")

    def forward(self, x):
        self.check(x)
        x = self.pool1.forward(self.relu1.forward(self.conv1.forward(x)))
        x = self.pool2.forward(self.relu2.forward(self.conv2.forward(x)))
        x = self.relu3.forward(self.conv3.forward(x))
        x = self.relu4.forward(self.conv4.forward(self.up1.forward(x)))
        x = self.relu5.forward(self.conv5.forward(self.up2.forward(x)))
        return self.head.forward(x)

    def backward(self, e):
        e = self.head.backward(e)
        e = self.up2.backward(self.conv5.backward(self.relu5.backward(e)))
        e = self.up1.backward(self.conv4.backward(self.relu4.backward(e)))
        e = self.conv3.backward(self.relu3.backward(e))
        e = self.conv2.backward(self.relu2.backward(self.pool2.backward(e)))
        return self.conv1.backward(self.relu1.backward(self.pool1.backward(e)))


class UNet:
    def __init__(self, in_channels=1, channels=(8, 16)):
        c1, c2 = channels
        self.trainable = True
        self.conv1 = conv.Conv(1, (in_channels, 3, 3), c1)
        self.relu1 = activations.ReLU()
        self.pool1 = pooling.MaxPooling(2, 2)
        self.conv2 = conv.Conv(1, (c1, 3, 3), c2)
        self.relu2 = activations.ReLU()
        self.pool2 = pooling.MaxPooling(2, 2)
        self.conv3 = conv.Conv(1, (c2, 3, 3), c2)
        self.relu3 = activations.ReLU()
        self.up1 = conv_variants.NearestUpsampling(2)
        self.conv4 = conv.Conv(1, (c2 + c2, 3, 3), c1)
        self.relu4 = activations.ReLU()
        self.up2 = conv_variants.NearestUpsampling(2)
        self.conv5 = conv.Conv(1, (c1 + c1, 3, 3), c1)
        self.relu5 = activations.ReLU()
        self.head = conv.Conv(1, (c1, 1, 1), in_channels)
        self.layers = [
            self.conv1, self.relu1, self.pool1, self.conv2, self.relu2, self.pool2, self.conv3, self.relu3,
            self.up1, self.conv4, self.relu4, self.up2, self.conv5, self.relu5, self.head,
        ]  # fmt: skip
        self._optimizer = None
        self._phase = "train"

    get_optimizer, set_optimizer = EncoderDecoder.get_optimizer, EncoderDecoder.set_optimizer
    get_phase, set_phase = EncoderDecoder.get_phase, EncoderDecoder.set_phase
    optimizer = property(get_optimizer, set_optimizer)
    phase = property(get_phase, set_phase)
    initialize, check = EncoderDecoder.initialize, EncoderDecoder.check

    def forward(self, x):
        self.check(x)
        skip1 = self.relu1.forward(self.conv1.forward(x))
        skip2 = self.relu2.forward(self.conv2.forward(self.pool1.forward(skip1)))
        x = self.relu3.forward(self.conv3.forward(self.pool2.forward(skip2)))
        x = np.concatenate((skip2, self.up1.forward(x)), 1)
        x = self.relu4.forward(self.conv4.forward(x))
        x = np.concatenate((skip1, self.up2.forward(x)), 1)
        return self.head.forward(self.relu5.forward(self.conv5.forward(x)))

    def backward(self, e):
        e = self.conv5.backward(self.relu5.backward(self.head.backward(e)))
        n = e.shape[1] // 2
        e1, e = e[:, :n], e[:, n:]
        e = self.conv4.backward(self.relu4.backward(self.up2.backward(e)))
        n = e.shape[1] // 2
        e2, e = e[:, :n], e[:, n:]
        e = self.pool2.backward(self.conv3.backward(self.relu3.backward(self.up1.backward(e))))
        e = self.pool1.backward(self.conv2.backward(self.relu2.backward(e + e2)))
        return self.conv1.backward(self.relu1.backward(e + e1))


class SegNet:
    def __init__(self, in_channels=1, channels=(8, 16)):
        c1, c2 = channels
        self.trainable = True
        self.pool1, self.pool2 = pooling.MaxPooling(2, 2), pooling.MaxPooling(2, 2)
        self.unpool1, self.unpool2 = conv_variants.MaxUnpooling(), conv_variants.MaxUnpooling()
        self.layers = [
            conv.Conv(1, (in_channels, 3, 3), c1), activations.ReLU(), self.pool1,
            conv.Conv(1, (c1, 3, 3), c2), activations.ReLU(), self.pool2,
            conv.Conv(1, (c2, 3, 3), c2), activations.ReLU(),
            self.unpool1, conv.Conv(1, (c2, 3, 3), c1), activations.ReLU(),
            self.unpool2, conv.Conv(1, (c1, 3, 3), c1), activations.ReLU(),
            conv.Conv(1, (c1, 1, 1), in_channels),
        ]  # fmt: skip
        self._optimizer = None
        self._phase = "train"

    get_optimizer, set_optimizer = EncoderDecoder.get_optimizer, EncoderDecoder.set_optimizer
    get_phase, set_phase = EncoderDecoder.get_phase, EncoderDecoder.set_phase
    optimizer = property(get_optimizer, set_optimizer)
    phase = property(get_phase, set_phase)
    initialize, check = EncoderDecoder.initialize, EncoderDecoder.check

    def forward(self, x):
        self.check(x)
        height, width = x.shape[2:]
        for layer in self.layers:
            if layer is self.unpool1:
                x = layer.forward(x, self.pool2.indices, (height // 2, width // 2))
            elif layer is self.unpool2:
                x = layer.forward(x, self.pool1.indices, (height, width))
            else:
                x = layer.forward(x)
        return x

    def backward(self, e):
        for layer in self.layers[::-1]:
            e = layer.backward(e)
        return e
