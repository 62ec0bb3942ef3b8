"""Networks from image to image: encoder-decoder, U-Net and SegNet from your own layers (lecture B).

All three see an image (b, c, y, x) on three scales. The encoder halves both sides twice, so that the middle of the
network sees much of the image at once; the decoder doubles them twice, so that there is a number for every pixel again.
They differ in how the decoder learns where things were: not at all, from the encoder's maps (U-Net), or from the
positions of the encoder's maxima (SegNet).
"""

import numpy as np
from activations import ReLU
from conv import Conv
from conv_variants import MaxUnpooling, NearestUpsampling
from pooling import MaxPooling


class EncoderDecoder:
    """An encoder and a decoder without any connection but the chain ("vanilla" in lecture B).

    Conv(1, (in_channels, 3, 3), c1), ReLU, MaxPooling(2, 2)      (b, c1, y/2, x/2)
    Conv(1, (c1, 3, 3), c2), ReLU, MaxPooling(2, 2)               (b, c2, y/4, x/4)
    Conv(1, (c2, 3, 3), c2), ReLU                                 (b, c2, y/4, x/4)
    NearestUpsampling(2), Conv(1, (c2, 3, 3), c1), ReLU           (b, c1, y/2, x/2)
    NearestUpsampling(2), Conv(1, (c1, 3, 3), c1), ReLU           (b, c1, y, x)
    Conv(1, (c1, 1, 1), in_channels)                              (b, in_channels, y, x)

    Args:
        in_channels: channels of the images, which the output has as well.
        channels: pair (c1, c2), the channels of the maps in the first and in the second half of the encoder.

    Attributes:
        trainable: True.
        layers: list of the 15 layers in the order above, each an object of its own.
        optimizer: None at first; setting it hands it to every trainable layer in `layers`, setting None removes it.
        phase: "train" at first; setting it hands it to every layer in `layers` that has one.

    Raises:
        ValueError: (in `forward`) the input is not (b, c, y, x) with sides that are multiples of 4.
    """

    trainable = True

    def __init__(self, in_channels=1, channels=(8, 16)):
        # BEGIN SOLUTION
        first, second = channels
        self.layers = [
            Conv(1, (in_channels, 3, 3), first),
            ReLU(),
            MaxPooling(2, 2),
            Conv(1, (first, 3, 3), second),
            ReLU(),
            MaxPooling(2, 2),
            Conv(1, (second, 3, 3), second),
            ReLU(),
            NearestUpsampling(2),
            Conv(1, (second, 3, 3), first),
            ReLU(),
            NearestUpsampling(2),
            Conv(1, (first, 3, 3), first),
            ReLU(),
            Conv(1, (first, 1, 1), in_channels),
        ]
        self.optimizer = None
        self.phase = "train"
        # END SOLUTION

    @property
    def optimizer(self):
        """None, or the optimizer; setting it hands it to every trainable layer, which makes its own copies."""
        # BEGIN SOLUTION
        return self._optimizer
        # END SOLUTION

    @optimizer.setter
    def optimizer(self, optimizer):
        # BEGIN SOLUTION
        self._optimizer = optimizer
        for layer in self.layers:
            if layer.trainable:
                layer.optimizer = optimizer
        # END SOLUTION

    @property
    def phase(self):
        """The phase, "train" or "test"; setting it hands it to every layer that has one."""
        # BEGIN SOLUTION
        return self._phase
        # END SOLUTION

    @phase.setter
    def phase(self, phase):
        # BEGIN SOLUTION
        self._phase = phase
        for layer in self.layers:
            if hasattr(layer, "phase"):
                layer.phase = phase
        # END SOLUTION

    def initialize(self, weights_initializer, bias_initializer):
        """Initialize every trainable layer with these two."""
        # BEGIN SOLUTION
        for layer in self.layers:
            if layer.trainable:
                layer.initialize(weights_initializer, bias_initializer)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the output image, (b, in_channels, y, x) to (b, in_channels, y, x)."""
        # BEGIN SOLUTION
        return self._forward_through(self.layers, _checked(input_tensor))
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input; the layers store gradients and update their parameters."""
        # BEGIN SOLUTION
        return self._backward_through(self.layers, error_tensor)
        # END SOLUTION

    # BEGIN SOLUTION
    @staticmethod
    def _forward_through(layers, tensor):
        """Return what some of the layers, one after the other, make of a tensor."""
        for layer in layers:
            tensor = layer.forward(tensor)
        return tensor

    @staticmethod
    def _backward_through(layers, error):
        """Return the error before some of the layers, from the error after them."""
        for layer in reversed(layers):
            error = layer.backward(error)
        return error

    # END SOLUTION


class UNet(EncoderDecoder):
    """An encoder-decoder whose decoder also reads the encoder's maps: (b, c, y, x) to (b, c, y, x) (lecture B).

    After each upsampling, the encoder's map of that size, as it was before its pooling, is put in front of the enlarged
    one along the channels: first the skipped map, then the upsampled one. The convolutions that follow have twice the
    input channels, Conv(1, (2*c2, 3, 3), c1) and Conv(1, (2*c1, 3, 3), c1); all other layers are the encoder-decoder's.

    Arguments, attributes and errors: as EncoderDecoder.
    """

    def __init__(self, in_channels=1, channels=(8, 16)):
        # BEGIN SOLUTION
        super().__init__(in_channels, channels)
        first, second = channels
        self.layers[9] = Conv(1, (2 * second, 3, 3), first)
        self.layers[12] = Conv(1, (2 * first, 3, 3), first)
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the output image, (b, in_channels, y, x) to (b, in_channels, y, x)."""
        # BEGIN SOLUTION
        large = self._forward_through(self.layers[:2], _checked(input_tensor))
        middle = self._forward_through(self.layers[2:5], large)
        upsampled = self._forward_through(self.layers[5:9], middle)
        upsampled = self._forward_through(self.layers[9:12], np.concatenate([middle, upsampled], axis=1))
        return self._forward_through(self.layers[12:], np.concatenate([large, upsampled], axis=1))
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput: a skipped map has gone two ways, and its errors are added where they meet again."""
        # BEGIN SOLUTION
        error = self._backward_through(self.layers[12:], error_tensor)
        large_error, error = np.split(error, 2, axis=1)
        error = self._backward_through(self.layers[9:12], error)
        middle_error, error = np.split(error, 2, axis=1)
        error = middle_error + self._backward_through(self.layers[5:9], error)
        error = large_error + self._backward_through(self.layers[2:5], error)
        return self._backward_through(self.layers[:2], error)
        # END SOLUTION


class SegNet(EncoderDecoder):
    """An encoder-decoder that puts values back to where the maxima were: (b, c, y, x) to (b, c, y, x) (lecture B).

    MaxUnpooling stands in the place of both NearestUpsampling layers. Each uses the `indices` that the encoder's
    MaxPooling of the same size has found in this forward, the last pooling first. No weights are needed for that, and
    no maps are kept: only positions.

    Arguments, attributes and errors: as EncoderDecoder.
    """

    def __init__(self, in_channels=1, channels=(8, 16)):
        # BEGIN SOLUTION
        super().__init__(in_channels, channels)
        self.layers[8] = MaxUnpooling()
        self.layers[11] = MaxUnpooling()
        # END SOLUTION

    def forward(self, input_tensor):
        """Return the output image, (b, in_channels, y, x) to (b, in_channels, y, x)."""
        # BEGIN SOLUTION
        tensor = _checked(input_tensor)
        poolings = []
        for layer in self.layers:
            if isinstance(layer, MaxPooling):
                poolings.append((layer, tensor.shape[2:]))
            if isinstance(layer, MaxUnpooling):
                pooling, size = poolings.pop()
                tensor = layer.forward(tensor, pooling.indices, size)
            else:
                tensor = layer.forward(tensor)
        return tensor
        # END SOLUTION

    def backward(self, error_tensor):
        """Return dL/dinput; the positions are constants, so the error passes the layers in reverse as ever."""
        # BEGIN SOLUTION
        return self._backward_through(self.layers, error_tensor)
        # END SOLUTION


# BEGIN SOLUTION
def _checked(input_tensor):
    """Return the input as a float array after checking that it can be halved twice."""
    images = np.asarray(input_tensor, dtype=float)
    if images.ndim != 4 or images.shape[2] % 4 or images.shape[3] % 4:
        raise ValueError(f"input must have shape (b, c, y, x) with y and x multiples of 4, got {images.shape}")
    return images


# END SOLUTION
