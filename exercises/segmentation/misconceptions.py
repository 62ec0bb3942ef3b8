"""What students get wrong in networks from image to image, as edits of the reference."""

from grader.authoring import Misconception

LOSSES = "training losses"
VALUES = ("input gradient", "weight gradients", LOSSES)
BACKWARD = ("weight gradients", LOSSES)
STRUCTURE = ("forward", *VALUES)
NETWORKS = ("unet", "segnet")  # they take what is shared from EncoderDecoder, so it is wrong in them as well

LAST_RELU = "            Conv(1, (first, 3, 3), first),\n            ReLU(),\n"
HEAD = "            Conv(1, (first, 1, 1), in_channels),\n        ]"
SECOND_UP = "            NearestUpsampling(2),\n            Conv(1, (first, 3, 3), first),\n            ReLU(),\n"
FIRST_UP = "            NearestUpsampling(2),\n            Conv(1, (second, 3, 3), first),\n            ReLU(),\n"
MIDDLE = "            Conv(1, (second, 3, 3), second),\n            ReLU(),\n"
END = '        self.optimizer = None\n        self.phase = "train"\n'
HAND_OPTIMIZER = "            if layer.trainable:\n                layer.optimizer = optimizer"
HAND_PHASE = (
    '        for layer in self.layers:\n            if hasattr(layer, "phase"):\n                layer.phase = phase'
)
INITIALIZE = "                layer.initialize(weights_initializer, bias_initializer)"
SHARED = (
    "        shared = ReLU()\n        self.layers = [shared if isinstance(one, ReLU) else one for one in self.layers]\n"
)
AVERAGED = (
    "        self.layers = [AveragePooling(2, 2) if isinstance(one, MaxPooling) else one for one in self.layers]\n"
)

ENCODER_DECODER = (
    Misconception(
        name="ReLU at the end",
        exercise="encoder_decoder",
        check="layers",
        sentence="The 1x1 convolution at the end is followed by ReLU, so the output is never negative.",
        hint="The last layer is linear: which layers does the handout list after it?",
        edits=((HEAD, HEAD.replace(",\n        ]", ",\n            ReLU(),\n        ]")),),
        also=(*STRUCTURE, *NETWORKS),
    ),
    Misconception(
        name="no ReLU in the middle",
        exercise="encoder_decoder",
        check="layers",
        sentence="The convolution at the lowest resolution has no ReLU behind it.",
        hint="Every 3x3 convolution is followed by a ReLU.",
        edits=((MIDDLE, MIDDLE.replace("            ReLU(),\n", "")),),
        also=("call order and purity", "parameter shapes", "default arguments", *STRUCTURE, "initialize", *NETWORKS),
    ),
    Misconception(
        name="no ReLU before the last convolution",
        exercise="encoder_decoder",
        check="layers",
        sentence="The last 3x3 convolution has no ReLU behind it.",
        hint="Every 3x3 convolution is followed by a ReLU.",
        edits=((LAST_RELU, LAST_RELU.replace("            ReLU(),\n", "")),),
        also=("call order and purity", "parameter shapes", "default arguments", *STRUCTURE, "initialize", *NETWORKS),
    ),
    Misconception(
        name="nothing in the middle",
        exercise="encoder_decoder",
        check="layers",
        sentence="The convolution at the lowest resolution, between encoder and decoder, is missing.",
        hint="Count the 3x3 convolutions: there are five.",
        edits=((MIDDLE, ""),),
        also=(
            "shapes",
            "illegal sizes",
            "call order and purity",
            "parameter shapes",
            "default arguments",
            *STRUCTURE,
            "initialize",
            *NETWORKS,
        ),
    ),
    Misconception(
        name="convolution before upsampling",
        exercise="encoder_decoder",
        check="layers",
        sentence="The decoder convolves first and enlarges then.",
        hint="In the decoder, upsampling comes before its convolution.",
        edits=(
            (
                SECOND_UP,
                "            Conv(1, (first, 3, 3), first),\n            ReLU(),\n            NearestUpsampling(2),\n",
            ),
        ),
        also=("call order and purity", "parameter shapes", "default arguments", *STRUCTURE, "initialize", *NETWORKS),
    ),
    Misconception(
        name="average pooling",
        exercise="encoder_decoder",
        check="layers",
        sentence="The encoder takes averages of windows instead of maxima.",
        hint="Compare the list of layers with the handout.",
        edits=(
            ("import MaxPooling\n", "import AveragePooling, MaxPooling\n"),
            (
                END,
                END + AVERAGED,
            ),
        ),
        also=(*STRUCTURE, *NETWORKS),
    ),
    Misconception(
        name="bilinear upsampling",
        exercise="encoder_decoder",
        check="layers",
        sentence="The decoder enlarges by interpolation instead of repeating pixels.",
        hint="Compare the list of layers with the handout.",
        edits=(
            (
                "import MaxUnpooling, NearestUpsampling\n",
                "import BilinearUpsampling, MaxUnpooling, NearestUpsampling\n",
            ),
            (
                SECOND_UP,
                SECOND_UP.replace("Nearest", "Bilinear"),
            ),
            (
                FIRST_UP,
                FIRST_UP.replace("Nearest", "Bilinear"),
            ),
        ),
        also=(*STRUCTURE, *NETWORKS),
    ),
    Misconception(
        name="3x3 convolution at the end",
        exercise="encoder_decoder",
        check="parameter shapes",
        sentence="The last convolution has kernels of 3x3; it must have 1x1.",
        hint="The last layer only mixes the channels of each pixel.",
        edits=((HEAD, HEAD.replace("1, 1)", "3, 3)")),),
        also=("call order and purity", "default arguments", *STRUCTURE, "initialize", *NETWORKS),
    ),
    Misconception(
        name="one channel at the end",
        exercise="encoder_decoder",
        check="parameter shapes",
        sentence="The output always has one channel; it must have as many as the input.",
        hint="What is recovered is an image like the input: how many channels has that one?",
        edits=((HEAD, HEAD.replace("in_channels", "1")),),
        also=(
            "shapes",
            "forward",
            "input gradient",
            "weight gradients",
            "initialize",
            "call order and purity",
            *NETWORKS,
        ),
    ),
    Misconception(
        name="channels fixed",
        exercise="encoder_decoder",
        check="parameter shapes",
        sentence="The network always has 8 and 16 channels, whatever `channels` says.",
        hint="8 and 16 are only what holds where the argument is not given.",
        edits=(
            (
                "        first, second = channels\n        self.layers = [",
                "        first, second = 8, 16\n        self.layers = [",
            ),
        ),
        also=(
            "shapes",
            "forward",
            "input gradient",
            "weight gradients",
            "illegal sizes",
            "call order and purity",
            "training losses",
            "initialize",
            *NETWORKS,
        ),
    ),
    Misconception(
        name="one ReLU for all places",
        exercise="encoder_decoder",
        check="layers",
        sentence="One ReLU object stands at several places of the list.",
        hint="A layer keeps what its backward needs: make a new object for every place.",
        edits=((END, END + SHARED),),
        also=("call order and purity", *VALUES, *NETWORKS),
    ),
    Misconception(
        name="one upsampling layer for both places",
        exercise="encoder_decoder",
        check="layers",
        sentence="One NearestUpsampling object stands at both places of the list.",
        hint="A layer keeps what its backward needs: make a new object for every place.",
        edits=((END, "        self.layers[11] = self.layers[8]\n" + END),),
        also=("call order and purity", *VALUES, *NETWORKS),
    ),
    Misconception(
        name="other default channels",
        exercise="encoder_decoder",
        check="default arguments",
        sentence="Without arguments, the network has 16 and 32 channels; it must have 8 and 16.",
        hint="Compare the default values of the constructor's arguments with the handout.",
        edits=(("channels=(8, 16)", "channels=(16, 32)"),),
    ),
    Misconception(
        name="weights updated twice",
        exercise="encoder_decoder",
        check=LOSSES,
        sentence="The network updates weights that its layers have updated already.",
        hint="A layer with an optimizer changes its weights in its own backward.",
        edits=(
            (
                "        return self._backward_through(self.layers, error_tensor)",
                "        input_gradient = self._backward_through(self.layers, error_tensor)\n"
                "        for layer in self.layers:\n"
                "            if layer.trainable and self.optimizer is not None:\n"
                "                layer.weights = (\n"
                "                    self.optimizer.calculate_update(layer.weights, layer.gradient_weights))\n"
                "        return input_gradient",
            ),
        ),
    ),
    Misconception(
        name="optimizer not handed on",
        exercise="encoder_decoder",
        check="optimizer",
        sentence="What is in `layers` gets no optimizer: the network keeps it, or gives it to an earlier list.",
        hint="Weights change in the backward of the layers: go through `self.layers` when the optimizer is set.",
        edits=((HAND_OPTIMIZER, "            pass"),),
        also=(LOSSES, *NETWORKS),
    ),
    Misconception(
        name="optimizer for the last layer only",
        exercise="encoder_decoder",
        check="optimizer",
        sentence="Only the last of the layers gets the optimizer.",
        hint="Is the assignment inside of the loop over the layers?",
        edits=(
            (HAND_OPTIMIZER, "            pass\n        if layer.trainable:\n            layer.optimizer = optimizer"),
        ),
        also=(LOSSES, *NETWORKS),
    ),
    Misconception(
        name="optimizer not removed",
        exercise="encoder_decoder",
        check="optimizer",
        sentence="Setting the optimizer to None leaves the layers' optimizers as they are.",
        hint="None goes to the layers as well.",
        edits=(
            (HAND_OPTIMIZER, HAND_OPTIMIZER.replace("layer.trainable", "layer.trainable and optimizer is not None")),
        ),
        also=NETWORKS,
    ),
    Misconception(
        name="initializers swapped",
        exercise="encoder_decoder",
        check="initialize",
        sentence="The layers get the initializer of the bias for their weights, and the other one for the bias.",
        hint="A layer's initialize takes the initializer of the weights first.",
        edits=(
            (
                INITIALIZE,
                INITIALIZE.replace("weights_initializer, bias_initializer", "bias_initializer, weights_initializer"),
            ),
        ),
        also=NETWORKS,
    ),
    Misconception(
        name="last layer not initialized",
        exercise="encoder_decoder",
        check="initialize",
        sentence="The last layer keeps the weights that its constructor has given it.",
        hint="Does the loop reach the last layer?",
        edits=(
            (
                "        for layer in self.layers:\n            if layer.trainable:\n                layer.init",
                "        for layer in self.layers[:-1]:\n            if layer.trainable:\n                layer.init",
            ),
        ),
        also=NETWORKS,
    ),
    Misconception(
        name="phase not handed on",
        exercise="encoder_decoder",
        check="phase",
        sentence="What is in `layers` is not told the phase: the network keeps it, or tells an earlier list.",
        hint="Dropout or batch normalization would have to know: go through `self.layers` when the phase is set.",
        edits=((HAND_PHASE, ""),),
        also=NETWORKS,
    ),
    Misconception(
        name="phase only for trainable layers",
        exercise="encoder_decoder",
        check="phase",
        sentence="Only trainable layers are told the phase.",
        hint="Dropout has a phase and no weights: ask for the attribute itself.",
        edits=(
            (HAND_PHASE, HAND_PHASE.replace('hasattr(layer, "phase")', 'layer.trainable and hasattr(layer, "phase")')),
        ),
        also=NETWORKS,
    ),
    Misconception(
        name="sizes not checked",
        exercise="encoder_decoder",
        check="illegal sizes",
        sentence="Images whose sides are no multiples of 4 are accepted.",
        hint="Two halvings that round down lose rows and columns, which nothing brings back.",
        edits=((" or images.shape[2] % 4 or images.shape[3] % 4", ""),),
        also=NETWORKS,
    ),
    Misconception(
        name="only even sizes asked for",
        exercise="encoder_decoder",
        check="illegal sizes",
        sentence="Images whose sides are multiples of 2 but not of 4 are accepted.",
        hint="The sides are halved twice.",
        edits=((" or images.shape[2] % 4 or images.shape[3] % 4", " or images.shape[2] % 2 or images.shape[3] % 2"),),
        also=NETWORKS,
    ),
    Misconception(
        name="only the height checked",
        exercise="encoder_decoder",
        check="illegal sizes",
        sentence="Images whose width is no multiple of 4 are accepted.",
        hint="Both sides are halved twice.",
        edits=((" or images.shape[3] % 4", ""),),
        also=NETWORKS,
    ),
)

LARGE_IN = "np.concatenate([large, upsampled], axis=1)"
MIDDLE_IN = "np.concatenate([middle, upsampled], axis=1)"
LARGE_SPLIT = "large_error, error = np.split(error, 2, axis=1)"
MIDDLE_SPLIT = "middle_error, error = np.split(error, 2, axis=1)"

UNET = (
    Misconception(
        name="upsampled map in front",
        exercise="unet",
        check="forward",
        sentence="The upsampled map stands in front of the skipped one.",
        hint="In which order are they put together along the channels?",
        edits=(
            (LARGE_IN, "np.concatenate([upsampled, large], axis=1)"),
            (MIDDLE_IN, "np.concatenate([upsampled, middle], axis=1)"),
            (LARGE_SPLIT, "error, large_error = np.split(error, 2, axis=1)"),
            (MIDDLE_SPLIT, "error, middle_error = np.split(error, 2, axis=1)"),
        ),
        also=VALUES,
    ),
    Misconception(
        name="skipped before ReLU",
        exercise="unet",
        check="forward",
        sentence="The skipped maps are what the encoder's convolutions return, before their ReLU.",
        hint="Which map goes into the encoder's pooling? That one is skipped.",
        edits=(
            (
                "large = self._forward_through(self.layers[:2], _checked(input_tensor))",
                "large = self.layers[0].forward(_checked(input_tensor))",
            ),
            (
                "middle = self._forward_through(self.layers[2:5], large)",
                "middle = self._forward_through(self.layers[1:4], large)",
            ),
            (
                "upsampled = self._forward_through(self.layers[5:9], middle)",
                "upsampled = self._forward_through(self.layers[4:9], middle)",
            ),
            ("self._backward_through(self.layers[5:9], error)", "self._backward_through(self.layers[4:9], error)"),
            ("self._backward_through(self.layers[2:5], error)", "self._backward_through(self.layers[1:4], error)"),
            ("return self._backward_through(self.layers[:2], error)", "return self.layers[0].backward(error)"),
        ),
        also=VALUES,
    ),
    Misconception(
        name="skipped maps added",
        exercise="unet",
        check="parameter shapes",
        sentence="The skipped map is added to the upsampled one, as in a residual block, and not put beside it.",
        hint="U-Net keeps both maps, so that the next convolution has twice the channels.",
        edits=(
            ("Conv(1, (2 * second, 3, 3), first)", "Conv(1, (second, 3, 3), first)"),
            ("Conv(1, (2 * first, 3, 3), first)", "Conv(1, (first, 3, 3), first)"),
            (LARGE_IN, "large + upsampled"),
            (MIDDLE_IN, "middle + upsampled"),
            (LARGE_SPLIT, "large_error = error"),
            (MIDDLE_SPLIT, "middle_error = error"),
        ),
        also=("shapes", "illegal sizes", "call order and purity", "default arguments", *STRUCTURE, "initialize"),
    ),
    Misconception(
        name="no skip at full size",
        exercise="unet",
        check="parameter shapes",
        sentence="Only the smaller of the two maps is skipped to the decoder.",
        hint="There is a skip connection for every pooling layer.",
        edits=(
            ("Conv(1, (2 * first, 3, 3), first)", "Conv(1, (first, 3, 3), first)"),
            (LARGE_IN, "upsampled"),
            (LARGE_SPLIT, "large_error = 0.0"),
        ),
        also=("shapes", "illegal sizes", "call order and purity", "default arguments", *STRUCTURE, "initialize"),
    ),
    Misconception(
        name="error of the skip lost",
        exercise="unet",
        check="input gradient",
        sentence="backward sends the error down through the decoder only: what the skip connections bring is lost.",
        hint="A map that is used twice gets an error from both uses.",
        edits=(("error = middle_error + ", "error = "), ("error = large_error + ", "error = ")),
        also=BACKWARD,
    ),
    Misconception(
        name="error of the deeper path lost",
        exercise="unet",
        check="input gradient",
        sentence="backward takes the error of the skip connections only: what comes through the deeper layers is lost.",
        hint="A map that is used twice gets an error from both uses.",
        edits=(
            (
                "error = middle_error + self._backward_through(self.layers[5:9], error)",
                "self._backward_through(self.layers[5:9], error)\n        error = middle_error",
            ),
            (
                "error = large_error + self._backward_through(self.layers[2:5], error)",
                "self._backward_through(self.layers[2:5], error)\n        error = large_error",
            ),
        ),
        also=BACKWARD,
    ),
    Misconception(
        name="halves of the error swapped",
        exercise="unet",
        check="input gradient",
        sentence="backward takes the first half of the channels for the upsampled map, the second for the skipped one.",
        hint="The error is cut where forward has put the maps together, in the same order.",
        edits=(
            (LARGE_SPLIT, "error, large_error = np.split(error, 2, axis=1)"),
            (MIDDLE_SPLIT, "error, middle_error = np.split(error, 2, axis=1)"),
        ),
        also=BACKWARD,
    ),
    Misconception(
        name="errors averaged",
        exercise="unet",
        check="input gradient",
        sentence="backward takes the mean of the two errors that meet at a skipped map; they must be added.",
        hint="Two paths from the same number: what does the chain rule say about their derivatives?",
        edits=(
            ("error = middle_error + ", "error = 0.5 * middle_error + 0.5 * "),
            ("error = large_error + ", "error = 0.5 * large_error + 0.5 * "),
        ),
        also=BACKWARD,
    ),
    Misconception(
        name="skip around the ReLU in backward",
        exercise="unet",
        check="input gradient",
        sentence="backward adds the error of a skipped map after it has passed the ReLU that made this map.",
        hint="Go through forward from the end: what lies between the skipped map and the convolution?",
        edits=(
            (
                "error = large_error + self._backward_through(self.layers[2:5], error)\n"
                "        return self._backward_through(self.layers[:2], error)",
                "error = self._backward_through(self.layers[1:5], error) + large_error\n"
                "        return self.layers[0].backward(error)",
            ),
        ),
        also=BACKWARD,
    ),
)

UNPOOLED = "tensor = layer.forward(tensor, pooling.indices, size)"
POOLING_FOUND = "pooling, size = poolings.pop()"

SEGNET = (
    Misconception(
        name="upsampling instead of unpooling",
        exercise="segnet",
        check="layers",
        sentence="The decoder repeats pixels as the plain encoder-decoder does: the maxima's positions are not used.",
        hint="SegNet puts every value to where the encoder's maximum was.",
        edits=(("        self.layers[8] = MaxUnpooling()\n        self.layers[11] = MaxUnpooling()\n", ""),),
        also=STRUCTURE,
    ),
    Misconception(
        name="unpooling only once",
        exercise="segnet",
        check="layers",
        sentence="Only the first enlargement uses positions; the second repeats pixels.",
        hint="There is a MaxUnpooling for every MaxPooling.",
        edits=(("        self.layers[11] = MaxUnpooling()\n", ""),),
        also=STRUCTURE,
    ),
    Misconception(
        name="height and width swapped",
        exercise="segnet",
        check="shapes",
        sentence="MaxUnpooling is told (width, height) instead of (height, width).",
        hint="The size is a pair (y, x): what is the order of an image's axes?",
        edits=((UNPOOLED, "tensor = layer.forward(tensor, pooling.indices, size[::-1])"),),
        also=("forward", "input gradient", "weight gradients", "illegal sizes", "call order and purity"),
    ),
    Misconception(
        name="values to the corners of the windows",
        exercise="segnet",
        check="forward",
        sentence="The decoder puts every value into the upper left corner of its window, not to where the maximum was.",
        hint="The positions are in `indices` of the encoder's pooling layer of the same size.",
        edits=(
            (
                UNPOOLED,
                "rows, columns = 2 * np.arange(size[0] // 2)[:, np.newaxis], 2 * np.arange(size[1] // 2)\n"
                "                corners = np.broadcast_to(rows * size[1] + columns, tensor.shape)\n"
                "                tensor = layer.forward(tensor, corners, size)",
            ),
        ),
        also=VALUES,
    ),
    Misconception(
        name="positions of the first forward",
        exercise="segnet",
        check="call order and purity",
        sentence="The decoder uses the positions that the very first forward has found.",
        hint="Other images have their maxima at other places: take the positions anew in every forward.",
        edits=(
            (
                "        poolings = []\n        for layer in self.layers:\n",
                "        poolings = []\n        kept = self.__dict__.setdefault('kept', {})\n"
                "        for layer in self.layers:\n",
            ),
            (
                UNPOOLED,
                "indices = kept.setdefault((id(layer), tensor.shape), pooling.indices)\n"
                "                tensor = layer.forward(tensor, indices, size)",
            ),
        ),
        also=(LOSSES,),
    ),
    Misconception(
        name="one unpooling layer for both places",
        exercise="segnet",
        check="layers",
        sentence="One MaxUnpooling object stands at both places of the list.",
        hint="A layer keeps what its backward needs: make a new object for every place.",
        edits=(("        self.layers[11] = MaxUnpooling()\n", "        self.layers[11] = self.layers[8]\n"),),
        also=("call order and purity", *VALUES),
    ),
    Misconception(
        name="repeated and masked",
        exercise="segnet",
        check="input gradient",
        sentence="backward sends the error of a whole window to the value in it, as for repeated pixels.",
        hint="Only the pixel to which the value was put has depended on it.",
        edits=(
            (
                "        return self._backward_through(self.layers, error_tensor)\n        # END SOLUTION\n\n\n# BEGIN",
                "        error = error_tensor\n        for layer in reversed(self.layers):\n"
                "            if isinstance(layer, MaxUnpooling):\n"
                "                b, c, y, x = error.shape\n"
                "                error = error.reshape(b, c, y // 2, 2, x // 2, 2).sum(axis=(3, 5))\n"
                "            else:\n                error = layer.backward(error)\n        return error\n"
                "        # END SOLUTION\n\n\n# BEGIN",
            ),
        ),
        also=BACKWARD,
    ),
)

MISCONCEPTIONS = (*ENCODER_DECODER, *UNET, *SEGNET)
