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
        raise NotImplementedError

    @property
    def optimizer(self):
        """None, or the optimizer; setting it hands it to every trainable layer, which makes its own copies."""
        raise NotImplementedError

    @optimizer.setter
    def optimizer(self, optimizer):
        raise NotImplementedError

    @property
    def phase(self):
        """The phase, "train" or "test"; setting it hands it to every layer that has one."""
        raise NotImplementedError

    @phase.setter
    def phase(self, phase):
        raise NotImplementedError

    def initialize(self, weights_initializer, bias_initializer):
        """Initialize every trainable layer with these two."""
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the output image, (b, in_channels, y, x) to (b, in_channels, y, x)."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput, shaped like the newest input; the layers store gradients and update their parameters."""
        raise NotImplementedError


class UNet(EncoderDecoder):
    """An encoder-decoder whose decoder also reads the encoder's maps: (b, c, y, x) to (b, c, y, x) (lecture B).

    After each upsampling, the encoder's map of that size, as it was before its pooling, is put in front of the enlarged
    one along the channels: first the skipped map, then the upsampled one. The convolutions that follow have twice the
    input channels, Conv(1, (2*c2, 3, 3), c1) and Conv(1, (2*c1, 3, 3), c1); all other layers are the encoder-decoder's.

    Arguments, attributes and errors: as EncoderDecoder.
    """

    def __init__(self, in_channels=1, channels=(8, 16)):
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the output image, (b, in_channels, y, x) to (b, in_channels, y, x)."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput: a skipped map has gone two ways, and its errors are added where they meet again."""
        raise NotImplementedError


class SegNet(EncoderDecoder):
    """An encoder-decoder that puts values back to where the maxima were: (b, c, y, x) to (b, c, y, x) (lecture B).

    MaxUnpooling stands in the place of both NearestUpsampling layers. Each uses the `indices` that the encoder's
    MaxPooling of the same size has found in this forward, the last pooling first. No weights are needed for that, and
    no maps are kept: only positions.

    Arguments, attributes and errors: as EncoderDecoder.
    """

    def __init__(self, in_channels=1, channels=(8, 16)):
        raise NotImplementedError

    def forward(self, input_tensor):
        """Return the output image, (b, in_channels, y, x) to (b, in_channels, y, x)."""
        raise NotImplementedError

    def backward(self, error_tensor):
        """Return dL/dinput; the positions are constants, so the error passes the layers in reverse as ever."""
        raise NotImplementedError
