"""Wrong variants of the convolution layer.

The first variant that gives a student's numbers is the one that is named, so mistakes in one gradient alone come before
those that change it along with the output.
"""

from grader.authoring import Misconception

SIGNALS = ("1-D signals",)
INPUT, WEIGHTS, BIAS = "input gradient", "weights gradient", "bias gradient"
ALL_VALUES = ("forward", INPUT, WEIGHTS, BIAS, *SIGNALS)

# Lines of the reference that several variants change.
CORRELATION = 'np.einsum("bcyxmn,kcmn->bkyx", self._windows, _as_images(self.weights), optimize=True)'
WEIGHTS_GRADIENT = 'gradient_weights = np.einsum("bkyx,bcyxmn->kcmn", error, self._windows, optimize=True)'
BIAS_GRADIENT = "self.gradient_bias = error.sum(axis=(0, 2, 3))"
PADDING = "return kernel_size // 2, (kernel_size - 1) // 2"
WINDOWS = "return np.lib.stride_tricks.sliding_window_view(padded, (m, n), axis=(2, 3))[:, :, ::s, ::t]"
PADDED = "padded = np.pad(images, ((0, 0), (0, 0), _padding(m), _padding(n)))"
KEEP_WINDOWS = "self._windows = self._cut_windows(_as_images(input_tensor))"
PASTE = "padded[:, :, p : p + height : s, q : q + width : t] += patches[..., p, q]"
PASTED = 'patches = np.einsum("bkyx,kcmn->bcyxmn", error, kernels, optimize=True)'
CROP = "top, left = _padding(m)[0], _padding(n)[0]"
ROOM = "padded = np.zeros((batch, channels, height + m - 1, width + n - 1))"
STRIDES = "return (kernel, self.stride_shape) if len(kernel) == 2 else ((1, *kernel), (1, *self.stride_shape))"
UPDATE_WEIGHTS = "self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)"
UPDATE_BIAS = "self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)"
COPY_WEIGHTS = "self._weights_optimizer = copy.deepcopy(optimizer)"
COPY_BIAS = "self._bias_optimizer = copy.deepcopy(optimizer)"
FANS = "self.weights = weights_initializer.initialize((self.num_kernels, *self.convolution_shape), fan_in, fan_out)"
ONE_STRIDE = "return strides if len(strides) == axes else strides * axes"
WRONG_STRIDES = "    if len(strides) not in (1, axes):\n        raise ValueError("

# The error pasted into windows whose number is not the input's size divided by the stride.
PASTE_ALL = (
    (PASTE, "padded[:, :, p : p + s * error.shape[2] : s, q : q + t * error.shape[3] : t] += patches[..., p, q]"),
    (ROOM, "padded = np.zeros((batch, channels, height + m + s, width + n + t))"),
)


AS_STRIDED = """sides = (*padded.shape[1:], 1)
        b, c, y, x = (8 * int(np.prod(sides[axis:])) for axis in range(4))  # bytes from one to the next on each axis
        shape = (*padded.shape[:2], padded.shape[2] - m + 1, padded.shape[3] - n + 1, m, n)
        windows = np.lib.stride_tricks.as_strided(padded, shape, (b, c, y, x, y, x))
        return windows[:, :, ::s, ::t]"""


def conv(name, check, sentence, hint, *edits, also=()):
    """A misconception of the one exercise of this topic."""
    return Misconception(name, "conv", check, sentence, hint, edits, also)


FORWARD = (
    conv(
        "kernel flipped",
        "forward",
        "The kernel is flipped: this is a convolution in the mathematical sense, not a cross-correlation.",
        "Which weight does the upper left pixel of a window meet? `convolve` flips, `correlate` does not.",
        (CORRELATION, CORRELATION.replace("_as_images(self.weights)", "_as_images(self.weights)[:, :, ::-1, ::-1]")),
        also=SIGNALS,
    ),
    conv(
        "channel order reversed",
        "forward",
        "The channels of the kernel are taken in reverse order: the first weights meet the last channel of the image.",
        "What does a convolution in three dimensions flip that one in two dimensions does not?",
        (CORRELATION, CORRELATION.replace("_as_images(self.weights)", "_as_images(self.weights)[:, ::-1]")),
        also=SIGNALS,
    ),
    conv(
        "all axes flipped",
        "forward",
        "The kernel is flipped along height, width and channels.",
        "A three-dimensional convolution flips every axis. Which function leaves them all as they are?",
        (CORRELATION, CORRELATION.replace("_as_images(self.weights)", "_as_images(self.weights)[:, ::-1, ::-1, ::-1]")),
        also=SIGNALS,
    ),
    conv(
        "no bias",
        "forward",
        "The bias is not added.",
        "Every kernel has a number of its own that is added to all of its outputs.",
        ("        output += np.reshape(self.bias, (-1, 1, 1))\n", ""),
        also=SIGNALS,
    ),
    conv(
        "bias once per channel",
        "forward",
        "The bias is added once for every input channel instead of once.",
        "First sum over the channels, then add the bias.",
        (
            "output += np.reshape(self.bias, (-1, 1, 1))",
            "output += input_tensor.shape[1] * np.reshape(self.bias, (-1, 1, 1))",
        ),
        also=SIGNALS,
    ),
    conv(
        "only the last channel",
        "forward",
        "Only the last channel of the input is seen: the sum over the channels is missing.",
        "In a loop over the channels, is each result added to the ones before, or put in their place?",
        (
            CORRELATION,
            CORRELATION.replace("self._windows,", "self._windows[:, -1:],").replace(
                "(self.weights)", "(self.weights)[:, -1:]"
            ),
        ),
        also=SIGNALS,
    ),
)

INPUT_GRADIENT = (
    conv(
        "input gradient shifted for even kernels",
        INPUT,
        "For even kernels the input gradient is shifted by one: the padding is cut off on the wrong side.",
        "How many rows of zeros stood above the image in forward? As many have to be cut off there.",
        (CROP, "top, left = _padding(m)[1], _padding(n)[1]"),
        also=SIGNALS,
    ),
    conv(
        "input gradient without the flip",
        INPUT,
        "The input gradient correlates the error with the kernel where it has to be convolved, so the kernel is the "
        "wrong way round (or it is turned in forward already).",
        "In forward, an output reads the pixel below it through the kernel's last row. Through which row does its "
        "error come back?",
        (PASTE, PASTE.replace("[..., p, q]", "[..., m - 1 - p, n - 1 - q]")),
        also=SIGNALS,
    ),
    conv(
        "stride ignored in the input gradient",
        INPUT,
        "The input gradient ignores the stride: errors of neighbouring outputs are put side by side.",
        "Outputs are a stride apart in the image. Where does the error of the second output belong?",
        (PASTE, "padded[:, :, p : p + error.shape[2], q : q + error.shape[3]] += patches[..., p, q]"),
        also=SIGNALS,
    ),
    conv(
        "overlaps overwritten",
        INPUT,
        "Where windows overlap, the error of one window overwrites that of another.",
        "A pixel that was read by several windows collects the errors of all of them.",
        (PASTE, PASTE.replace("+=", "=")),
        also=SIGNALS,
    ),
    conv(
        "input gradient of the last kernel",
        INPUT,
        "The input gradient holds the error of the last kernel only.",
        "Every kernel has read the input, so the errors of all kernels add up in it.",
        (PASTED, PASTED.replace("error, kernels", "error[:, -1:], kernels[-1:]")),
        also=SIGNALS,
    ),
    conv(
        "input gradient averaged",
        INPUT,
        "The input gradient is divided by the batch size.",
        "A mean over the batch belongs to the loss. What each image gets back is its own.",
        (
            "return padded[:, :, top : top + height, left : left + width]",
            "return padded[:, :, top : top + height, left : left + width] / batch",
        ),
        also=SIGNALS,
    ),
    conv(
        "channels reversed in the input gradient",
        INPUT,
        "The input gradient has its channels in reverse order.",
        "What does a convolution in three dimensions flip that one in two dimensions does not?",
        ("kernels = _as_images(self.weights)", "kernels = _as_images(self.weights)[:, ::-1]"),
        also=SIGNALS,
    ),
    conv(
        "kernel order reversed in the input gradient",
        INPUT,
        "In the input gradient the error of the first kernel meets the weights of the last one.",
        "What does a convolution in three dimensions flip along the axis of the kernels?",
        ("kernels = _as_images(self.weights)", "kernels = _as_images(self.weights)[::-1]"),
        also=SIGNALS,
    ),
)

WEIGHTS_GRADIENTS = (
    conv(
        "weight gradient padded on the other side",
        WEIGHTS,
        "For even kernels the weight gradient takes its image padded on the other side than in forward.",
        "Use the very same padded image as in forward.",
        ("def _cut_windows(self, images):", "def _cut_windows(self, images, side=1):"),
        (
            "np.pad(images, ((0, 0), (0, 0), _padding(m), _padding(n)))",
            "np.pad(images, ((0, 0), (0, 0), _padding(m)[::side], _padding(n)[::side]))",
        ),
        (KEEP_WINDOWS, KEEP_WINDOWS + "\n        self._other = self._cut_windows(_as_images(input_tensor), -1)"),
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT.replace("_windows", "_other")),
        also=SIGNALS,
    ),
    conv(
        "stride ignored in the weight gradient",
        WEIGHTS,
        "The weight gradient ignores the stride: errors are matched with windows that lie side by side.",
        "Outputs are a stride apart in the image. Which pixels did the second output see?",
        (
            WINDOWS,
            WINDOWS.replace("return ", "self._all = ").replace("[:, :, ::s, ::t]", "")
            + "\n        return self._all[:, :, ::s, ::t]",
        ),
        (
            WEIGHTS_GRADIENT,
            WEIGHTS_GRADIENT.replace("self._windows", "self._all[:, :, : error.shape[2], : error.shape[3]]"),
        ),
        also=SIGNALS,
    ),
    conv(
        "weight gradient flipped",
        WEIGHTS,
        "The weight gradient is flipped: image and error are convolved where they have to be correlated.",
        "Which pixels does the first weight of the kernel meet in forward?",
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT + "[:, :, ::-1, ::-1]"),
        also=SIGNALS,
    ),
    conv(
        "weight gradient averaged",
        WEIGHTS,
        "The weight gradient is divided by the batch size.",
        "Gradients are summed over the batch; a mean belongs to the loss.",
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT + " / len(error)"),
        also=SIGNALS,
    ),
    conv(
        "weight gradient of the last item",
        WEIGHTS,
        "The weight gradient holds the last image of the batch only.",
        "In a loop over the batch, is each result added to the ones before, or put in their place?",
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT.replace("error, self._windows", "error[-1:], self._windows[-1:]")),
        also=SIGNALS,
    ),
)

BIAS_GRADIENTS = (
    conv(
        "bias gradient averaged",
        BIAS,
        "The bias gradient is divided by the batch size.",
        "Gradients are summed over the batch; a mean belongs to the loss.",
        (BIAS_GRADIENT, BIAS_GRADIENT + " / len(error)"),
        also=SIGNALS,
    ),
    conv(
        "bias gradient of the last item",
        BIAS,
        "The bias gradient holds the last image of the batch only.",
        "In a loop over the batch, is each result added to the ones before, or put in their place?",
        (BIAS_GRADIENT, BIAS_GRADIENT.replace("error.sum", "error[-1:].sum")),
        also=SIGNALS,
    ),
    conv(
        "bias gradient averaged over positions",
        BIAS,
        "The bias gradient is a mean over the positions of the image, not a sum.",
        "A bias is added at every position, so the errors of all positions add up.",
        (BIAS_GRADIENT, "self.gradient_bias = error.mean(axis=(2, 3)).sum(axis=0)"),
        also=SIGNALS,
    ),
    conv(
        "bias gradient over wrong axes",
        BIAS,
        "The bias gradient is summed over the wrong axes: it has one number for each image, not for each kernel.",
        "The bias has one number for each kernel, that is for each channel of the error.",
        (BIAS_GRADIENT, "self.gradient_bias = error.sum(axis=(1, 2, 3))"),
        also=(*SIGNALS, "optimizer", "gradient of the old weights"),
    ),
)

SIZES = (
    conv(
        "border repeated",
        "forward",
        "The image is padded with copies of its border, not with zeros.",
        "What stands beyond the border of the image counts as 0.",
        (PADDED, PADDED.replace("_padding(n)))", "_padding(n)), mode='edge')")),
        also=(WEIGHTS, *SIGNALS),
    ),
    conv(
        "padding depends on the stride",
        "forward",
        "The padding depends on the stride: just enough zeros for the last window, shared between both sides.",
        "Pad as if the stride were 1, then keep every stride-th output, the first one included.",
        (
            PADDED,
            "ends = [\n"
            "            max((-(-size // stride) - 1) * stride + kernel - size, 0)\n"
            "            for size, kernel, stride in ((images.shape[2], m, s), (images.shape[3], n, t))\n"
            "        ]\n"
            "        padded = np.pad(images, ((0, 0), (0, 0), *((end - end // 2, end // 2) for end in ends)))",
        ),
        also=(WEIGHTS, *SIGNALS),
    ),
    conv(
        "padding on the other side",
        "forward",
        "Even kernels are padded on the other side: the larger half of the zeros has to come first.",
        "A kernel of size 2 gets one zero before the image and none after it. See the rule in the handout.",
        (PADDING, "return (kernel_size - 1) // 2, kernel_size // 2"),
        also=(INPUT, WEIGHTS, *SIGNALS),
    ),
    conv(
        "no padding",
        "shapes",
        "The image is not padded, so the output shrinks.",
        "With stride 1 the output is as large as the input, whatever the kernel.",
        (PADDING, "return 0, 0"),
        *PASTE_ALL,
        also=ALL_VALUES,
    ),
    conv(
        "same padding on both sides",
        "shapes",
        "Even kernels get k/2 zeros on both sides, one too many: with stride 1 the output is larger than the input.",
        "k - 1 zeros are needed in all. How are they divided where k - 1 is odd?",
        (PADDING, "return kernel_size // 2, kernel_size // 2"),
        *PASTE_ALL,
        also=ALL_VALUES,
    ),
    conv(
        "padding rounded down",
        "shapes",
        "Even kernels get (k-1)//2 zeros on both sides, one too few: with stride 1 the output shrinks.",
        "k - 1 zeros are needed in all. How are they divided where k - 1 is odd?",
        (PADDING, "return (kernel_size - 1) // 2, (kernel_size - 1) // 2"),
        *PASTE_ALL,
        also=ALL_VALUES,
    ),
    conv(
        "output size rounded down",
        "shapes",
        "The output size is rounded down: where the stride does not divide the image size, the last output is missing.",
        "The positions 0, s, 2s ... in the image are kept. How many are there for size 5 and stride 2?",
        (
            WINDOWS,
            "windows = "
            + WINDOWS.removeprefix("return ")
            + "\n        return windows[:, :, : images.shape[2] // s, : images.shape[3] // t]",
        ),
        *PASTE_ALL,
        also=ALL_VALUES,
    ),
    conv(
        "height and width of the stride mixed up",
        "shapes",
        "The two strides are mixed up: the first belongs to the height, the second to the width.",
        "The axes of an image are (batch, channel, height, width), and a stride is given in the same order.",
        (STRIDES, STRIDES.replace("(kernel, self.stride_shape) if", "(kernel, self.stride_shape[::-1]) if")),
        also=ALL_VALUES[:-1],
    ),
    conv(
        "first stride on both axes",
        "shapes",
        "The first stride is used for both axes.",
        "A pair holds one stride for the height and one for the width.",
        (STRIDES, STRIDES.replace("(kernel, self.stride_shape) if", "(kernel, self.stride_shape[:1] * 2) if")),
        also=ALL_VALUES[:-1],
    ),
    conv(
        "stride ignored",
        "shapes",
        "The stride is ignored: every position is kept.",
        "Of the positions along an axis keep the first and then every stride-th one.",
        (STRIDES, "return (kernel, (1, 1)) if len(kernel) == 2 else ((1, *kernel), (1, 1))"),
        also=ALL_VALUES,
    ),
)

ONE_DIMENSION = (
    conv(
        "correct only for 2-D",
        "1-D signals",
        "Only images work: forward expects a height and a width of every input.",
        "A signal (b, c, x) is an image of height 1, and its kernel (c, m) too.",
        (
            "        self._check_input(input_tensor)\n",
            "        self._check_input(input_tensor)\n        batch, channels, height, width = input_tensor.shape\n",
        ),
    ),
    conv(
        "signals returned as images",
        "1-D signals",
        "Results for signals have an axis of length 1 too many.",
        "If a signal is treated as an image of height 1, that axis has to go again in the end.",
        ("return images if len(self._input_shape) == 4 else images[:, :, 0, :]", "return images"),
    ),
)

INITIALIZE = (
    conv(
        "fan_in and fan_out swapped",
        "initialize",
        "fan_in and fan_out are swapped.",
        "fan_in counts the inputs of one output, fan_out the outputs that one input reaches.",
        (FANS, FANS.replace("fan_in, fan_out", "fan_out, fan_in")),
    ),
    conv(
        "fans without the kernel size",
        "initialize",
        "The fans are numbers of channels only; the size of the kernel is missing in them.",
        "How many numbers does one output read?",
        (FANS, FANS.replace("fan_in, fan_out", "self.convolution_shape[0], self.num_kernels")),
    ),
    conv(
        "num_kernels as fan_out",
        "initialize",
        "fan_out is the number of kernels only; the size of the kernel is missing in it.",
        "How many outputs does one input reach?",
        (FANS, FANS.replace("fan_in, fan_out", "fan_in, self.num_kernels")),
    ),
    conv(
        "bias not initialized",
        "initialize",
        "initialize does not give the bias a new value.",
        "There are two initializers, one for the weights and one for the bias.",
        (
            "        self.bias = bias_initializer.initialize((self.num_kernels,), fan_in, fan_out)\n",
            "        self.bias = np.zeros(self.num_kernels)\n",
        ),
    ),
    conv(
        "weights initializer for the bias",
        "initialize",
        "The bias is initialized by the initializer that is meant for the weights.",
        "There are two initializers, one for the weights and one for the bias.",
        ("self.bias = bias_initializer", "self.bias = weights_initializer"),
    ),
    conv(
        "normal start weights",
        "initial weights",
        "The first weights are normally distributed, not uniform on [0, 1).",
        "Some of your first weights are negative. Which functions of np.random never give negative numbers?",
        (
            "self.weights = np.random.uniform(0.0, 1.0, (self.num_kernels, *self.convolution_shape))",
            "self.weights = np.random.standard_normal((self.num_kernels, *self.convolution_shape))",
        ),
    ),
    conv(
        "seeded in the constructor",
        "initial weights",
        "The random generator gets the same seed in every constructor, so all layers of one shape start the same.",
        "Set a seed once, outside of the class, if at all.",
        ("        self.trainable = True\n", "        self.trainable = True\n        np.random.seed(1)\n"),
    ),
    conv(
        "bias starts at 0",
        "initial bias",
        "The first bias is zero, not uniform on [0, 1).",
        "In this course the bias starts like the weights, until `initialize` is called.",
        ("self.bias = np.random.uniform(0.0, 1.0, self.num_kernels)", "self.bias = np.zeros(self.num_kernels)"),
    ),
    conv(
        "not trainable",
        "trainable",
        "`trainable` is False, so a network would not hand this layer an optimizer.",
        "This layer has weights.",
        ("self.trainable = True", "self.trainable = False"),
    ),
)

OPTIMIZER = (
    conv(
        "kernels of the first forward",
        "new weights",
        "The weights of the first forward are kept: new weights have no effect any more.",
        "Weights change at every step of the training. When do you read them?",
        (
            KEEP_WINDOWS,
            KEEP_WINDOWS + '\n        self._kernels = getattr(self, "_kernels", _as_images(np.array(self.weights)))',
        ),
        (CORRELATION, CORRELATION.replace("_as_images(self.weights)", "self._kernels")),
    ),
    conv(
        "updated in place",
        "gradient of the old weights",
        "The new weights and bias are written into the arrays that were assigned from outside.",
        "Slices such as `self.weights[...] =` fill the old array, which belongs to others, too: assign the new one.",
        (UPDATE_WEIGHTS, UPDATE_WEIGHTS.replace("self.weights =", "self.weights[...] =")),
        (UPDATE_BIAS, UPDATE_BIAS.replace("self.bias =", "self.bias[...] =")),
    ),
    conv(
        "one optimizer shared by weights and bias",
        "optimizer",
        "Weights and bias share one optimizer, so its state is a mixture of both.",
        "An optimizer with momentum remembers one array. How many arrays does this layer train?",
        (COPY_BIAS, "self._bias_optimizer = self._weights_optimizer"),
    ),
    conv(
        "optimizer not copied",
        "optimizer",
        "The optimizer is not copied: all layers that get the same one share its state.",
        "What does `b = a` do with an object, and what does `copy.deepcopy(a)` do?",
        (COPY_WEIGHTS, "self._weights_optimizer = optimizer"),
    ),
    conv(
        "optimizer copied anew at every backward",
        "optimizer",
        "A fresh copy of the optimizer is used at every backward, so it never remembers anything.",
        "Copy when the optimizer is set, not when it is used.",
        (UPDATE_WEIGHTS, UPDATE_WEIGHTS.replace("self._weights_optimizer.", "copy.deepcopy(self._weights_optimizer).")),
        (UPDATE_BIAS, UPDATE_BIAS.replace("self._bias_optimizer.", "copy.deepcopy(self._bias_optimizer).")),
    ),
    conv(
        "bias never updated",
        "optimizer",
        "The bias is never updated.",
        "Which parameters does this layer have?",
        (f"            {UPDATE_BIAS}\n", ""),
        also=("gradient of the old weights",),
    ),
    conv(
        "result of the update thrown away",
        "optimizer",
        "Weights and bias are never updated: calculate_update is not called, or what it returns is thrown away.",
        "An optimizer does not change arrays; it returns new ones, which backward has to assign.",
        (UPDATE_WEIGHTS, UPDATE_WEIGHTS.removeprefix("self.weights = ")),
        (UPDATE_BIAS, UPDATE_BIAS.removeprefix("self.bias = ")),
        also=("gradient of the old weights",),
    ),
    conv(
        "weights updated twice",
        "optimizer",
        "The weights are updated twice in one backward.",
        "One backward is one step of the optimizer.",
        (UPDATE_WEIGHTS, UPDATE_WEIGHTS + "\n            " + UPDATE_WEIGHTS),
    ),
    conv(
        "input gradient from updated weights",
        "gradient of the old weights",
        "The input gradient is computed from weights that have been updated already.",
        "The error that is passed on belongs to the weights of the forward pass. What must be computed first?",
        ("        input_gradient = self._like_input(self._input_gradient(error))\n", ""),
        ("return input_gradient", "return self._like_input(self._input_gradient(error))"),
    ),
    conv(
        "optimizer not removed",
        "gradient of the old weights",
        "`optimizer = None` does not remove the optimizer: weights and bias are still updated.",
        "What does the layer hold after None was assigned?",
        (
            COPY_WEIGHTS,
            'if optimizer is None and hasattr(self, "_bias_optimizer"):\n            return\n        ' + COPY_WEIGHTS,
        ),
    ),
)

STATE = (
    conv(
        "stride on the class",
        "call order and purity",
        "The stride belongs to the class: all layers take that of the one that was made last.",
        "What the constructor is given belongs to `self`: two layers of a network may differ.",
        ("self.stride_shape = _strides", "Conv.stride_shape = _strides"),
    ),
    conv(
        "sizes on the class",
        "call order and purity",
        "The kernels' sizes and number belong to the class: all layers take those of the one that was made last.",
        "What the constructor is given belongs to `self`: two layers of a network may differ.",
        ("self.convolution_shape = _positive_ints", "Conv.convolution_shape = _positive_ints"),
        ("self.num_kernels = _positive_int(", "Conv.num_kernels = _positive_int("),
    ),
    conv(
        "strides of another array",
        "call order and purity",
        "as_strided is given strides computed from the shape, which are wrong for an array that was transposed.",
        "How an array lies in memory is for NumPy to know: take `padded.strides`, or sliding_window_view.",
        (WINDOWS, AS_STRIDED),
    ),
    conv(
        "gradients accumulated",
        "call order and purity",
        "Gradients are added to those of the last backward.",
        "gradient_weights and gradient_bias belong to the newest backward alone. When do they start at zero?",
        (
            WEIGHTS_GRADIENT,
            WEIGHTS_GRADIENT
            + "\n        self._weights_sum = gradient_weights = getattr(self, '_weights_sum', 0) + gradient_weights",
        ),
        (
            BIAS_GRADIENT,
            BIAS_GRADIENT.replace(
                "self.gradient_bias =", "self._bias_sum = self.gradient_bias = getattr(self, '_bias_sum', 0) +"
            ),
        ),
    ),
    conv(
        "state of the first forward kept",
        "call order and purity",
        "backward uses the input of the first forward, not of the newest.",
        "What forward keeps for backward must be written anew in every call.",
        (KEEP_WINDOWS, KEEP_WINDOWS + '\n        self._first = getattr(self, "_first", self._windows)'),
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT.replace("_windows", "_first")),
    ),
    conv(
        "shape of the first forward kept",
        "call order and purity",
        "The input gradient has the shape of the first forward's input, not of the newest.",
        "What forward keeps for backward must be written anew in every call.",
        (
            "self._input_shape = input_tensor.shape",
            'self._input_shape = getattr(self, "_input_shape", input_tensor.shape)',
        ),
    ),
    conv(
        "kernels left flipped",
        "call order and purity",
        "backward flips the weights for its own use and leaves them flipped.",
        "Give the flipped kernels a name of their own.",
        (
            "return input_gradient",
            "self.weights = self.weights[..., ::-1]\n        return input_gradient",
        ),
        also=("optimizer", "gradient of the old weights"),
    ),
    conv(
        "zeros_like of an integer input",
        "integer input",
        "For an input of integers the output is cut to integers.",
        "zeros_like(x) has the type of x. What happens to 2.7 in an array of integers?",
        (
            "input_tensor = np.asarray(input_tensor, dtype=float)",
            "kind = np.asarray(input_tensor).dtype\n        input_tensor = np.asarray(input_tensor, dtype=float)",
        ),
        ("return self._like_input(output)", "return self._like_input(output.astype(kind))"),
    ),
    conv(
        "gradient cut to integers",
        "integer input",
        "For an input of integers the input gradient is cut to integers.",
        "zeros_like(x) has the type of x. What happens to 2.7 in an array of integers?",
        (
            "input_tensor = np.asarray(input_tensor, dtype=float)",
            "self._kind = np.asarray(input_tensor).dtype\n        input_tensor = np.asarray(input_tensor, dtype=float)",
        ),
        ("return input_gradient", "return input_gradient.astype(self._kind)"),
    ),
)

ARGUMENTS = (
    conv(
        "1-tuple for the height only",
        "notations",
        "A stride given as (s,) is used for the height only.",
        "A single stride holds for all axes, whether it is written as s, (s,) or [s].",
        (
            ONE_STRIDE,
            "return strides if len(strides) == axes else strides + (strides if np.ndim(stride_shape) == 0 else (1,))",
        ),
    ),
    conv(
        "lists refused",
        "notations",
        "Only a tuple is taken for a pair of strides; a list is refused.",
        "Does it matter whether a pair is a tuple or a list? isinstance(..., tuple) says no to lists.",
        (
            WRONG_STRIDES,
            "    if isinstance(stride_shape, list):\n        raise TypeError(stride_shape)\n" + WRONG_STRIDES,
        ),
    ),
    conv(
        "second stride of a signal ignored",
        "illegal arguments",
        "Strides that do not fit the number of axes are accepted.",
        "A signal has one axis. What can a second stride mean?",
        (WRONG_STRIDES, "    if len(strides) > axes:\n        strides = strides[:axes]\n" + WRONG_STRIDES),
    ),
    conv(
        "numbers below 1 accepted",
        "illegal arguments",
        "Strides, kernel sizes or numbers of kernels below 1 are accepted, or end in another error than ValueError.",
        "Compare them with 1 in the constructor, and raise ValueError with the value in its message.",
        (" or value < 1:", ":"),
    ),
    conv(
        "channels not compared",
        "illegal arguments",
        "An input whose channels are not those of the kernels is accepted.",
        "NumPy stretches an axis of length 1 without a word. Compare input_tensor.shape[1] with the kernels' channels.",
        (" or input_tensor.shape[1] != channels:", " or input_tensor.shape[1] < channels:"),
        (CORRELATION, CORRELATION.replace("self._windows,", "self._windows[:, : self.convolution_shape[0]],")),
    ),
)

MISCONCEPTIONS = (
    *FORWARD,
    *INPUT_GRADIENT,
    *WEIGHTS_GRADIENTS,
    *BIAS_GRADIENTS,
    *SIZES,
    *ONE_DIMENSION,
    *INITIALIZE,
    *OPTIMIZER,
    *STATE,
    *ARGUMENTS,
)
