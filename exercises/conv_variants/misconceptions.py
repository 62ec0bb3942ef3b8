"""Wrong variants of the convolution's relatives.

The first variant that gives a student's numbers is the one that is named, so mistakes in one gradient alone come before
those that change it along with the output.
"""

from grader.authoring import Misconception

INPUT, WEIGHTS, BIAS = "input gradient", "weights gradient", "bias gradient"
EVERYWHERE = ("dilation", "groups")
OPTIMIZED = ("optimizer", "gradient of the old weights")
ORDER = "call order and purity"

# Lines that both convolutions have.
STRIDE = 'self.stride = _pair(stride, "stride")'
PADDING = 'self.padding = _pair(padding, "padding", least=0)'
KERNEL_SHAPE = 'self.kernel_shape = _pair(kernel_shape, "kernel_shape")'
BIAS_GRADIENT = "self.gradient_bias = error.sum(axis=(0, 2, 3))"
ADD_BIAS = " + np.reshape(self.bias, (-1, 1, 1))"
UPDATE_WEIGHTS = "self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)"
UPDATE_BIAS = "self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)"
COPY_WEIGHTS = "self._weights_optimizer = copy.deepcopy(optimizer)"
COPY_BIAS = "self._bias_optimizer = copy.deepcopy(optimizer)"
ERROR = "error = np.asarray(error_tensor, dtype=float)"
RETURN = "return input_gradient"
WINDOWS = "def _windows(images, kernel_shape, stride, dilation=(1, 1)):"
OVERWRITING = (
    WINDOWS,
    """def _paste_over(patches, shape, stride, dilation=(1, 1)):
    images = np.zeros(shape)
    rows, columns, m, n = patches.shape[2:]
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride[0], column * stride[1]
            bottom, right = top + dilation[0] * (m - 1) + 1, left + dilation[1] * (n - 1) + 1
            images[:, :, top : bottom : dilation[0], left : right : dilation[1]] = patches[:, :, row, column]
    return images


"""
    + WINDOWS,
)

TAPS_OVERWRITING = (
    WINDOWS,
    """def _paste_taps(patches, shape, stride, dilation=(1, 1)):
    images = np.zeros(shape)
    rows, columns, m, n = patches.shape[2:]
    for p in range(m):
        for q in range(n):
            top, left = p * dilation[0], q * dilation[1]
            bottom, right = top + rows * stride[0], left + columns * stride[1]
            images[:, :, top : bottom : stride[0], left : right : stride[1]] = patches[..., p, q]
    return images


"""
    + WINDOWS,
)

# Lines of Conv2d.
CORRELATION = 'np.einsum("bgcyxmn,gkcmn->bgkyx", self._windows, self._kernels())'
PADDED = "padded = np.pad(images, ((0, 0), (0, 0), (top, top), (left, left)))"
CUT = "windows = _windows(padded, self.kernel_shape, self.stride, self.dilation)"
BLOCKS = "self._windows = windows.reshape(batch, self.groups, -1, *windows.shape[2:])"
DILATION = 'self.dilation = _pair(dilation, "dilation")'
PATCHES = 'patches = np.einsum("bgkyx,gkcmn->bgcyxmn", blocks, self._kernels())'
UNBLOCKED = "patches = patches.reshape(len(error), self.in_channels, *patches.shape[3:])"
PASTE = "padded = _paste(patches, self._padded_shape, self.stride, self.dilation)"
CROP = "input_gradient = _crop(padded, self.padding)"
WEIGHTS_GRADIENT = 'gradient_weights = np.einsum("bgkyx,bgcyxmn->gkcmn", blocks, self._windows)'
FANS = "self.weights = weights_initializer.initialize(self._weights_shape(), fan_in, fan_out)"
GROUPS_DIVIDE = "if self.in_channels % self.groups or self.out_channels % self.groups:"

# Lines of TransposedConv2d.
PASTED = 'patches = np.einsum("bcyx,ckmn->bkyxmn", images, self.weights)'
FULL = "full = _paste(patches, (len(images), self.out_channels, *full_size), self.stride)"
OUTPUT = "return _crop(full, self.padding) + np.reshape(self.bias, (-1, 1, 1))"
FULL_ERROR = "full = np.pad(error, ((0, 0), (0, 0), (top, top), (left, left)))"
ERROR_WINDOWS = "windows = _windows(full, self.kernel_shape, self.stride)"
READ_BACK = 'input_gradient = np.einsum("bkyxmn,ckmn->bcyx", windows, self.weights)'
PASTED_WEIGHTS = 'self.gradient_weights = np.einsum("bcyx,bkyxmn->ckmn", self._input, windows)'
PASTED_FANS = "initialize((self.in_channels, self.out_channels, m, n), fan_in, fan_out)"
NOTHING_LEFT = "if any(size <= 2 * cut for size, cut in zip(full_size, self.padding, strict=True)):"


def both(name, check, sentence, hint, *edits, also=(), first=()):
    """The same misconception of both convolutions; `also` for both, `first` for Conv2d only."""
    return (
        Misconception(name, "conv2d", check, sentence, hint, edits, (*first, *also)),
        Misconception(name, "transposed_conv2d", check, sentence, hint, edits, also),
    )


def conv(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "conv2d", check, sentence, hint, edits, also)


def transposed(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "transposed_conv2d", check, sentence, hint, edits, also)


CONV2D_FORWARD = (
    conv(
        "kernel flipped",
        "forward",
        "The kernel is flipped: this is a convolution in the mathematical sense, not a cross-correlation.",
        "Which weight does the upper left pixel of a window meet? `convolve` flips, `correlate` does not.",
        (CORRELATION, CORRELATION.replace("self._kernels()", "self._kernels()[..., ::-1, ::-1]")),
        also=EVERYWHERE,
    ),
    conv(
        "no bias",
        "forward",
        "The bias is not added.",
        "Every kernel has a number of its own that is added to all of its outputs.",
        (ADD_BIAS, ""),
        also=EVERYWHERE,
    ),
    conv(
        "only the last channel",
        "forward",
        "Only the last channel that a kernel sees counts: the sum over the channels is missing.",
        "In a loop over the channels, is each result added to the ones before, or put in their place?",
        (
            CORRELATION,
            CORRELATION.replace("self._windows", "self._windows[:, :, -1:]").replace(
                "self._kernels()", "self._kernels()[:, :, -1:]"
            ),
        ),
        also=EVERYWHERE,
    ),
    conv(
        "border repeated",
        "forward",
        "The image is padded with copies of its border, not with zeros.",
        "What stands beyond the border of the image counts as 0.",
        (PADDED, PADDED.replace("(left, left)))", "(left, left)), mode='edge')")),
        also=(WEIGHTS, *EVERYWHERE),
    ),
)

CONV2D_FORWARD += (
    conv(
        "all padding above and on the left",
        "forward",
        "All zeros are put above and on the left, twice as many, and none below and on the right.",
        "A padding of 1 means one row above and one row below, one column on the left and one on the right.",
        (PADDED, PADDED.replace("(top, top), (left, left)", "(2 * top, 0), (2 * left, 0)")),
        also=(WEIGHTS, *EVERYWHERE),
    ),
)

CONV2D_GRADIENTS = (
    conv(
        "input gradient without the flip",
        INPUT,
        "In the input gradient the kernel is the wrong way round: the error is correlated with it, not convolved.",
        "In forward, an output reads the pixel below it through the kernel's last row. Through which row does its "
        "error come back?",
        (PATCHES, PATCHES.replace("self._kernels()", "self._kernels()[..., ::-1, ::-1]")),
        also=EVERYWHERE,
    ),
    conv(
        "overlaps overwritten",
        INPUT,
        "Where windows overlap, the error of one window overwrites that of another.",
        "A pixel that was read by several windows collects the errors of all of them.",
        OVERWRITING,
        (PASTE, PASTE.replace("_paste(", "_paste_over(")),
        also=EVERYWHERE,
    ),
    conv(
        "errors of the weights overwritten",
        INPUT,
        "What comes back through one weight of the kernel overwrites what has come back through another.",
        "A pixel was read through several weights: what comes back through them adds up. Is there `=` for `+=`?",
        TAPS_OVERWRITING,
        (PASTE, PASTE.replace("_paste(", "_paste_taps(")),
        also=EVERYWHERE,
    ),
    conv(
        "stride ignored in the input gradient",
        INPUT,
        "The input gradient ignores the stride: errors of neighbouring outputs are put side by side.",
        "Outputs are a stride apart in the image. Where does the error of the second output belong?",
        (PASTE, PASTE.replace("self.stride", "(1, 1)")),
        also=EVERYWHERE,
    ),
    conv(
        "padding left in the input gradient",
        INPUT,
        "The input gradient still has the padding around it.",
        "What backward returns has the shape of the input that forward was given.",
        (CROP, "input_gradient = padded"),
        also=(*EVERYWHERE, ORDER),
    ),
    conv(
        "input gradient of the last kernel",
        INPUT,
        "The input gradient holds the error of the last kernel only.",
        "Every kernel has read the input, so the errors of all kernels add up in it.",
        (PATCHES, PATCHES.replace("blocks, self._kernels()", "blocks[:, :, -1:], self._kernels()[:, -1:]")),
        also=EVERYWHERE,
    ),
    conv(
        "input gradient averaged",
        INPUT,
        "The input gradient is divided by the batch size.",
        "A mean over the batch belongs to the loss. What each image gets back is its own.",
        (CROP, CROP + " / len(error)"),
        also=EVERYWHERE,
    ),
    conv(
        "stride ignored in the weight gradient",
        WEIGHTS,
        "The weight gradient ignores the stride: errors are matched with windows that lie side by side.",
        "Outputs are a stride apart in the image. Which pixels did the second output see?",
        (
            BLOCKS,
            "near = _windows(padded, self.kernel_shape, (1, 1), self.dilation)\n"
            "        near = near[:, :, : windows.shape[2], : windows.shape[3]]\n"
            "        self._near = near.reshape(batch, self.groups, -1, *near.shape[2:])\n        " + BLOCKS,
        ),
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT.replace("self._windows", "self._near")),
        also=EVERYWHERE,
    ),
    conv(
        "weight gradient flipped",
        WEIGHTS,
        "The weight gradient is flipped: image and error are convolved where they have to be correlated.",
        "Which pixels does the first weight of the kernel meet in forward?",
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT + "[..., ::-1, ::-1]"),
        also=EVERYWHERE,
    ),
    conv(
        "weight gradient averaged",
        WEIGHTS,
        "The weight gradient is divided by the batch size.",
        "Gradients are summed over the batch; a mean belongs to the loss.",
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT + " / len(error)"),
        also=EVERYWHERE,
    ),
    conv(
        "weight gradient of the last item",
        WEIGHTS,
        "The weight gradient holds the last image of the batch only.",
        "In a loop over the batch, is each result added to the ones before, or put in their place?",
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT.replace("blocks, self._windows", "blocks[-1:], self._windows[-1:]")),
        also=EVERYWHERE,
    ),
)

BIAS_GRADIENTS = (
    *both(
        "bias gradient averaged",
        BIAS,
        "The bias gradient is divided by the batch size.",
        "Gradients are summed over the batch; a mean belongs to the loss.",
        (BIAS_GRADIENT, BIAS_GRADIENT + " / len(error)"),
        first=EVERYWHERE,
    ),
    *both(
        "bias gradient of the last item",
        BIAS,
        "The bias gradient holds the last image of the batch only.",
        "In a loop over the batch, is each result added to the ones before, or put in their place?",
        (BIAS_GRADIENT, BIAS_GRADIENT.replace("error.sum", "error[-1:].sum")),
        first=EVERYWHERE,
    ),
    *both(
        "bias gradient averaged over positions",
        BIAS,
        "The bias gradient is a mean over the positions of the image, not a sum.",
        "A bias is added at every position, so the errors of all positions add up.",
        (BIAS_GRADIENT, "self.gradient_bias = error.mean(axis=(2, 3)).sum(axis=0)"),
        first=EVERYWHERE,
    ),
)

SIZES = ("shapes", "forward", INPUT, WEIGHTS, BIAS, *OPTIMIZED)
CONV2D_SIZES = (
    conv(
        "padding ignored",
        "shapes",
        "The padding is ignored.",
        "`padding` says how many rows of zeros are put above and also below the image, before the kernel slides.",
        (PADDING, PADDING + "\n        self.padding = (0, 0)"),
        also=(*SIZES, *EVERYWHERE, "notations"),
    ),
    conv(
        "padding on one side only",
        "shapes",
        "Zeros are put above and on the left only.",
        "A padding of 1 means one row above and one row below, one column on the left and one on the right.",
        (PADDED, PADDED.replace("(top, top), (left, left)", "(top, 0), (left, 0)")),
        (CROP, "input_gradient = padded[:, :, self.padding[0] :, self.padding[1] :]"),
        also=(*SIZES, *EVERYWHERE),
    ),
    conv(
        "padding divided between the sides",
        "shapes",
        "The padding is taken as the number of zeros on both sides together.",
        "A padding of 1 means one row above and one row below.",
        (
            PADDED,
            PADDED.replace("(top, top), (left, left)", "(top - top // 2, top // 2), (left - left // 2, left // 2)"),
        ),
        (
            CROP,
            "(top, left), (y, x) = self.padding, padded.shape[2:]\n"
            "        input_gradient = padded[:, :, top - top // 2 : y - top // 2, left - left // 2 : x - left // 2]",
        ),
        also=(*SIZES, *EVERYWHERE),
    ),
    conv(
        "height and width of the padding mixed up",
        "shapes",
        "The two paddings are mixed up: the first belongs to the rows, the second to the columns.",
        "The axes of an image are (batch, channel, height, width), and pairs are given in the same order.",
        (PADDING, PADDING + "[::-1]"),
        also=(*SIZES, *EVERYWHERE),
    ),
    conv(
        "stride ignored",
        "shapes",
        "The stride is ignored: every position is kept.",
        "Along an axis the kernel moves on by the stride.",
        (STRIDE, STRIDE + "\n        self.stride = (1, 1)"),
        also=(*SIZES, *EVERYWHERE),
    ),
    conv(
        "height and width of the stride mixed up",
        "shapes",
        "The two strides are mixed up: the first belongs to the height, the second to the width.",
        "The axes of an image are (batch, channel, height, width), and pairs are given in the same order.",
        (STRIDE, STRIDE + "[::-1]"),
        also=(*SIZES, *EVERYWHERE),
    ),
    conv(
        "output size rounded up",
        "shapes",
        "The output size is rounded up: a last window that hangs over the border is filled with zeros.",
        "A window that does not fit into the padded image as a whole is left out.",
        (
            PADDED,
            "reach = [d * (k - 1) + 1 for d, k in zip(self.dilation, self.kernel_shape)]\n"
            "        rests = [-(n + 2 * p - r) % s for n, p, r, s in\n"
            "                 zip(images.shape[2:], self.padding, reach, self.stride)]\n"
            "        padded = np.pad(images, ((0, 0), (0, 0), (top, top + rests[0]), (left, left + rests[1])))\n"
            "        self._size = images.shape[2:]",
        ),
        (
            CROP,
            "top, left = self.padding\n"
            "        input_gradient = padded[:, :, top : top + self._size[0], left : left + self._size[1]]",
        ),
        also=(*SIZES, *EVERYWHERE),
    ),
)

CONV2D_DILATION = (
    conv(
        "dilation ignored",
        "dilation",
        "The dilation is ignored.",
        "With dilation 2 the kernel's weights meet every second pixel. How far does such a kernel reach?",
        (DILATION, DILATION + "\n        self.dilation = (1, 1)"),
        also=("groups", "illegal arguments"),
    ),
    conv(
        "height and width of the dilation mixed up",
        "dilation",
        "The two dilations are mixed up: the first belongs to the rows of the kernel, the second to its columns.",
        "The axes of an image are (batch, channel, height, width), and pairs are given in the same order.",
        (DILATION, DILATION + "[::-1]"),
        also=("groups",),
    ),
    conv(
        "dilation counts the gaps",
        "dilation",
        "A dilation of 2 leaves two pixels out between two weights, not one.",
        "Dilation 1 is a kernel without gaps. How many pixels are left out with dilation 2?",
        (DILATION, DILATION + "\n        self.dilation = tuple(d if d == 1 else d + 1 for d in self.dilation)"),
        also=("groups",),
    ),
    conv(
        "dilation ignored in the input gradient",
        "dilation",
        "The input gradient ignores the dilation: errors come back to pixels that lie side by side.",
        "Which pixels has an output read? Its error goes back to the same ones.",
        (PASTE, PASTE.replace("self.stride, self.dilation", "self.stride")),
        also=("groups",),
    ),
    conv(
        "dilation ignored in the weight gradient",
        "dilation",
        "The weight gradient ignores the dilation: a weight is matched with pixels that it has not met.",
        "Which pixels has the second weight of the kernel met in forward?",
        (
            BLOCKS,
            "near = _windows(padded, self.kernel_shape, self.stride)\n"
            "        near = near[:, :, : windows.shape[2], : windows.shape[3]]\n"
            "        self._near = near.reshape(batch, self.groups, -1, *near.shape[2:])\n        " + BLOCKS,
        ),
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT.replace("self._windows", "self._near")),
        also=("groups",),
    ),
)

INTERLEAVED = "self._windows = windows.reshape(batch, -1, self.groups, *windows.shape[2:]).swapaxes(1, 2)"
CONV2D_GROUPS = (
    conv(
        "groups take every other channel",
        "groups",
        "A group takes every second (third ...) channel of the input instead of channels that follow each other.",
        "With 4 channels and 2 groups, the first group has channels 0 and 1, the second 2 and 3.",
        (BLOCKS, INTERLEAVED),
        (
            UNBLOCKED,
            "patches = patches.swapaxes(1, 2).reshape(len(error), self.in_channels, *patches.shape[3:])",
        ),
    ),
    conv(
        "kernels of the groups interleaved",
        "groups",
        "The kernels are dealt out to the groups in turn, instead of the first half (third ...) to the first group.",
        "With 4 kernels and 2 groups, kernels 0 and 1 belong to the first group, 2 and 3 to the second.",
        (
            "blocks = error.reshape(len(error), self.groups, -1, *error.shape[2:])",
            "blocks = error.reshape(len(error), -1, self.groups, *error.shape[2:]).swapaxes(1, 2)",
        ),
        (CORRELATION, CORRELATION + ".swapaxes(1, 2)"),
        (
            "return np.reshape(self.weights, (self.groups, -1, *self._weights_shape()[1:]))",
            "return np.reshape(self.weights, (-1, self.groups, *self._weights_shape()[1:])).swapaxes(0, 1)",
        ),
        (
            "self.gradient_weights = gradient_weights.reshape(",
            "self.gradient_weights = gradient_weights.swapaxes(0, 1).reshape(",
        ),
    ),
    conv(
        "every group sees the first channels",
        "groups",
        "Every group is given the channels of the first group.",
        "Each group has channels of its own. Where do those of the second group start?",
        (BLOCKS, BLOCKS + "\n        self._windows = np.repeat(self._windows[:, :1], self.groups, axis=1)"),
    ),
    conv(
        "input gradient of the first group repeated",
        "groups",
        "All groups get back the input gradient of the first one.",
        "The channels of a group get back the errors of that group's kernels, and no others.",
        (PATCHES, PATCHES + "\n        patches = np.repeat(patches[:, :1], self.groups, axis=1)"),
    ),
    conv(
        "groups share the weight gradient",
        "groups",
        "The weight gradients of all groups are added up, and every group gets the sum.",
        "A kernel has seen the channels of its own group only.",
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT + "\n        gradient_weights[:] = gradient_weights.sum(axis=0)"),
    ),
)

TRANSPOSED_FORWARD = (
    transposed(
        "kernel flipped",
        "forward",
        "The kernel is pasted the wrong way round.",
        "The upper left weight of the kernel lands at the upper left of its patch.",
        (PASTED, PASTED.replace("self.weights", "self.weights[..., ::-1, ::-1]")),
    ),
    transposed(
        "overlaps overwritten",
        "forward",
        "Where pasted kernels overlap, the later one overwrites the earlier one.",
        "Overlaps are added, as in lecture B's example.",
        OVERWRITING,
        (FULL, FULL.replace("_paste(", "_paste_over(")),
    ),
    transposed(
        "products with the weights overwritten",
        "forward",
        "Where pasted kernels overlap, what one weight of the kernel pastes overwrites what another one has pasted.",
        "Overlaps are added, as in lecture B's example. Is there `=` for `+=`?",
        TAPS_OVERWRITING,
        (FULL, FULL.replace("_paste(", "_paste_taps(")),
    ),
    transposed(
        "no bias",
        "forward",
        "The bias is not added.",
        "Every output channel has a number of its own that is added to all of its pixels.",
        (ADD_BIAS, ""),
    ),
    transposed(
        "bias pasted with every kernel",
        "forward",
        "The bias is pasted with every kernel, so it counts several times where kernels overlap, and not in the gaps.",
        "First paste all kernels, then add the bias once to every pixel of the output.",
        (PASTED, PASTED + "\n        patches = patches + np.reshape(self.bias, (-1, 1, 1, 1, 1))"),
        (ADD_BIAS, ""),
    ),
    transposed(
        "only the last channel",
        "forward",
        "Only the last channel of the input is pasted: the sum over the channels is missing.",
        "In a loop over the channels, is each result added to the ones before, or put in their place?",
        (PASTED, PASTED.replace("images, self.weights", "images[:, -1:], self.weights[-1:]")),
    ),
    transposed(
        "padding cut from the end only",
        "forward",
        "Padding is cut off below and on the right only, twice as much.",
        "A padding of 1 cuts one row above and one below, one column on the left and one on the right.",
        (
            OUTPUT,
            "(p, q), (y, x) = self.padding, full.shape[2:]\n"
            "        return full[:, :, : y - 2 * p, : x - 2 * q] + np.reshape(self.bias, (-1, 1, 1))",
        ),
    ),
    transposed(
        "padding cut from the beginning only",
        "forward",
        "Padding is cut off above and on the left only, twice as much.",
        "A padding of 1 cuts one row above and one below, one column on the left and one on the right.",
        (
            OUTPUT,
            "(p, q) = self.padding\n        return full[:, :, 2 * p :, 2 * q :] + np.reshape(self.bias, (-1, 1, 1))",
        ),
    ),
)

TRANSPOSED_GRADIENTS = (
    transposed(
        "stride ignored in the input gradient",
        INPUT,
        "The input gradient ignores the stride: neighbouring pixels read errors that lie side by side.",
        "Where was the kernel of the second pixel pasted? There its gradient comes from.",
        (
            READ_BACK,
            "near = _windows(full, self.kernel_shape, (1, 1))[:, :, : windows.shape[2], : windows.shape[3]]\n        "
            + READ_BACK.replace("windows", "near"),
        ),
    ),
    transposed(
        "kernel flipped in the input gradient",
        INPUT,
        "In the input gradient the kernel is the wrong way round.",
        "The error under the upper left weight of a pasted kernel comes back through that very weight.",
        (READ_BACK, READ_BACK.replace("self.weights", "self.weights[..., ::-1, ::-1]")),
    ),
    transposed(
        "padding forgotten in the input gradient",
        INPUT,
        "The input gradient forgets what the padding has cut off: it reads errors from the wrong places.",
        "Before pixels read the errors, the rows and columns that were cut off have to be there again. What is the "
        "error of what was cut off?",
        (
            READ_BACK,
            "shifted = np.zeros_like(full)\n"
            "        shifted[:, :, : error.shape[2], : error.shape[3]] = error\n        "
            + READ_BACK.replace("windows", "_windows(shifted, self.kernel_shape, self.stride)"),
        ),
    ),
    transposed(
        "input gradient averaged",
        INPUT,
        "The input gradient is divided by the batch size.",
        "A mean over the batch belongs to the loss. What each image gets back is its own.",
        (READ_BACK, READ_BACK + " / len(error)"),
    ),
    transposed(
        "weight gradient averaged",
        WEIGHTS,
        "The weight gradient is divided by the batch size.",
        "Gradients are summed over the batch; a mean belongs to the loss.",
        (PASTED_WEIGHTS, PASTED_WEIGHTS + " / len(error)"),
    ),
    transposed(
        "weight gradient flipped",
        WEIGHTS,
        "The weight gradient is flipped.",
        "Which errors lie where the first weight of the kernel was pasted?",
        (PASTED_WEIGHTS, PASTED_WEIGHTS + "[..., ::-1, ::-1]"),
    ),
    transposed(
        "stride ignored in the weight gradient",
        WEIGHTS,
        "The weight gradient ignores the stride: pixels are matched with errors that lie side by side.",
        "Where was the kernel of the second pixel pasted? The errors there belong to it.",
        (
            PASTED_WEIGHTS,
            "near = _windows(full, self.kernel_shape, (1, 1))[:, :, : windows.shape[2], : windows.shape[3]]\n        "
            + PASTED_WEIGHTS.replace("windows", "near"),
        ),
    ),
    transposed(
        "weight gradient of the last item",
        WEIGHTS,
        "The weight gradient holds the last image of the batch only.",
        "In a loop over the batch, is each result added to the ones before, or put in their place?",
        (PASTED_WEIGHTS, PASTED_WEIGHTS.replace("self._input, windows", "self._input[-1:], windows[-1:]")),
    ),
)

TRANSPOSED_SIZES = (
    transposed(
        "padding ignored",
        "shapes",
        "The padding is ignored: nothing is cut off.",
        "Here padding makes the output smaller: it is what a convolution would have put around this output.",
        (PADDING, PADDING + "\n        self.padding = (0, 0)"),
        also=(*SIZES, "illegal arguments"),
    ),
    transposed(
        "padding added instead of cut off",
        "shapes",
        "The padding is put around the output instead of being cut off.",
        "Here padding makes the output smaller: (n - 1) * stride - 2 * padding + kernel.",
        (
            OUTPUT,
            "(p, q) = self.padding\n"
            "        return np.pad(full, ((0, 0), (0, 0), (p, p), (q, q))) + np.reshape(self.bias, (-1, 1, 1))",
        ),
        (
            FULL_ERROR,
            "full = error[:, :, top : error.shape[2] - top, left : error.shape[3] - left]",
        ),
        also=(*SIZES,),
    ),
    transposed(
        "padding before pasting",
        "shapes",
        "The input is padded with zeros before the kernels are pasted, and nothing is cut off.",
        "Here padding is cut off from the output: (n - 1) * stride - 2 * padding + kernel.",
        (
            "full_size = [(n - 1) * s + k for n, s, k in sides]",
            "full_size = [(n - 1) * s + k + 2 * p * s for (n, s, k), p in zip(sides, self.padding)]\n"
            "        (p, q) = self.padding\n"
            "        images = np.pad(images, ((0, 0), (0, 0), (p, p), (q, q)))",
        ),
        (OUTPUT, OUTPUT.replace("_crop(full, self.padding)", "full")),
        (FULL_ERROR, "full = error"),
        (READ_BACK, READ_BACK + "\n        input_gradient = _crop(input_gradient, self.padding)"),
        also=(*SIZES, "illegal arguments"),
    ),
    transposed(
        "output of stride times the input",
        "shapes",
        "The output has stride times the sides of the input; what the kernels paste beyond that is lost.",
        "The last kernel is pasted as a whole: (n - 1) * stride - 2 * padding + kernel.",
        (
            OUTPUT,
            "size = [n * s for n, s in zip(images.shape[2:], self.stride)]\n"
            "        room = np.zeros((*full.shape[:2], *np.maximum(size, full.shape[2:])))\n"
            "        room[:, :, : full.shape[2], : full.shape[3]] = full\n"
            "        return room[:, :, : size[0], : size[1]] + np.reshape(self.bias, (-1, 1, 1))",
        ),
        (
            FULL_ERROR,
            "sides = zip(self._input.shape[2:], self.stride, self.kernel_shape)\n"
            "        size = [(n - 1) * s + k for n, s, k in sides]\n"
            "        full = np.zeros((*error.shape[:2], *np.maximum(size, error.shape[2:])))\n"
            "        full[:, :, : error.shape[2], : error.shape[3]] = error\n"
            "        full = full[:, :, : size[0], : size[1]]",
        ),
        also=SIZES,
    ),
    transposed(
        "stride ignored",
        "shapes",
        "The stride is ignored: kernels are pasted one pixel apart.",
        "With stride 2, the kernel of the next pixel is pasted two pixels further on.",
        (STRIDE, STRIDE + "\n        self.stride = (1, 1)"),
        also=(*SIZES,),
    ),
    transposed(
        "height and width of the stride mixed up",
        "shapes",
        "The two strides are mixed up: the first belongs to the height, the second to the width.",
        "The axes of an image are (batch, channel, height, width), and pairs are given in the same order.",
        (STRIDE, STRIDE + "[::-1]"),
        also=(*SIZES,),
    ),
    transposed(
        "one step too far",
        "shapes",
        "Kernels are pasted stride + 1 pixels apart: as many zeros as the stride stand between two pixels.",
        "With stride 1, kernels are pasted at neighbouring pixels. How many zeros stand between two pixels, then?",
        (STRIDE, 'self.stride = tuple(s + 1 for s in _pair(stride, "stride"))'),
        also=(*SIZES, "illegal arguments"),
    ),
)

INITIALIZE = (
    *(
        Misconception(
            "fan_in and fan_out swapped",
            exercise,
            "initialize",
            "fan_in and fan_out are swapped.",
            "fan_in grows with the channels that come in, fan_out with those that go out.",
            ((line, line.replace("fan_in, fan_out", "fan_out, fan_in")),),
        )
        for exercise, line in (("conv2d", FANS), ("transposed_conv2d", PASTED_FANS))
    ),
    conv(
        "groups ignored in the fans",
        "initialize",
        "The fans count all channels, not those of one group.",
        "How many numbers does one output read if there are groups?",
        ("fan_in = self.in_channels // self.groups * m * n", "fan_in = self.in_channels * m * n"),
        ("fan_out = self.out_channels // self.groups * m * n", "fan_out = self.out_channels * m * n"),
    ),
    conv(
        "groups ignored in fan_out",
        "initialize",
        "fan_out counts the kernels of all groups, not those of one.",
        "Which outputs does one input reach if there are groups?",
        ("fan_out = self.out_channels // self.groups * m * n", "fan_out = self.out_channels * m * n"),
    ),
    conv(
        "fans without the kernel size",
        "initialize",
        "The fans are numbers of channels only; the size of the kernel is missing in them.",
        "How many numbers does one output read?",
        ("fan_in = self.in_channels // self.groups * m * n", "fan_in = self.in_channels // self.groups"),
        ("fan_out = self.out_channels // self.groups * m * n", "fan_out = self.out_channels // self.groups"),
    ),
    transposed(
        "weights as in Conv2d",
        "initialize",
        "initialize makes weights of shape (out, in, m, n), as for Conv2d.",
        "The weights of the transposed convolution have the input channels first.",
        (
            PASTED_FANS,
            PASTED_FANS.replace("self.in_channels, self.out_channels", "self.out_channels, self.in_channels"),
        ),
    ),
    *both(
        "bias not initialized",
        "initialize",
        "initialize does not give the bias a new value.",
        "There are two initializers, one for the weights and one for the bias.",
        ("self.bias = bias_initializer.initialize((self.out_channels,), fan_in, fan_out)", "self.bias = 0 * self.bias"),
    ),
    *both(
        "not trainable",
        "attributes",
        "`trainable` is False, so a network would not hand this layer an optimizer.",
        "This layer has weights.",
        ("self.trainable = True", "self.trainable = False"),
    ),
)

OPTIMIZER = (
    *both(
        "one optimizer shared by weights and bias",
        "optimizer",
        "Weights and bias share one optimizer, so its state is a mixture of both.",
        "An optimizer with momentum remembers one array. How many arrays does this layer train?",
        (COPY_BIAS, "self._bias_optimizer = self._weights_optimizer"),
    ),
    *both(
        "optimizer not copied",
        "optimizer",
        "The optimizer is not copied: all layers that get the same one share its state.",
        "What does `b = a` do with an object, and what does `copy.deepcopy(a)` do?",
        (COPY_WEIGHTS, "self._weights_optimizer = optimizer"),
    ),
    *both(
        "shallow copies of the optimizer",
        "optimizer",
        "Weights and bias, or two layers, share what the optimizer remembers: it is not copied, or only by copy.copy.",
        "copy.copy makes a new object with the same arrays and lists inside; `copy.deepcopy` copies these, too.",
        (COPY_WEIGHTS, COPY_WEIGHTS.replace("deepcopy", "copy")),
        (COPY_BIAS, COPY_BIAS.replace("deepcopy", "copy")),
    ),
    *both(
        "bias never updated",
        "optimizer",
        "The bias is never updated.",
        "Which parameters does this layer have?",
        (f"            {UPDATE_BIAS}\n", ""),
        also=("gradient of the old weights",),
    ),
    *both(
        "result of the update thrown away",
        "optimizer",
        "Weights and bias are never updated: calculate_update is not called, or what it returns is thrown away.",
        "An optimizer does not change arrays; it returns new ones, which backward has to assign.",
        (UPDATE_WEIGHTS, UPDATE_WEIGHTS.removeprefix("self.weights = ")),
        (UPDATE_BIAS, UPDATE_BIAS.removeprefix("self.bias = ")),
        also=("gradient of the old weights",),
    ),
    *(
        Misconception(
            "input gradient from updated weights",
            exercise,
            "gradient of the old weights",
            "The input gradient is computed from weights that have been updated already.",
            "The error that is passed on belongs to the weights of the forward pass. What must be computed first?",
            ((RETURN, f"{again}\n        return input_gradient"),),
        )
        for exercise, again in (
            ("conv2d", "\n        ".join((PATCHES, UNBLOCKED, PASTE, CROP))),
            ("transposed_conv2d", READ_BACK),
        )
    ),
)

STATE = (
    *both(
        "stride on the class",
        ORDER,
        "The stride belongs to the class: all layers take that of the one that was made last.",
        "What the constructor is given belongs to `self`: two layers of a network may differ.",
        (STRIDE, 'type(self).stride = _pair(stride, "stride")'),
    ),
    conv(
        "gradients accumulated",
        ORDER,
        "Gradients are added to those of the last backward.",
        "gradient_weights and gradient_bias belong to the newest backward alone. When do they start at zero?",
        (
            WEIGHTS_GRADIENT,
            WEIGHTS_GRADIENT + "\n        self._sum = gradient_weights = getattr(self, '_sum', 0) + gradient_weights",
        ),
        (
            BIAS_GRADIENT,
            "self.gradient_bias = (0 if self.gradient_bias is None else self.gradient_bias) + "
            "error.sum(axis=(0, 2, 3))",
        ),
    ),
    transposed(
        "gradients accumulated",
        ORDER,
        "Gradients are added to those of the last backward.",
        "gradient_weights and gradient_bias belong to the newest backward alone. When do they start at zero?",
        (
            PASTED_WEIGHTS,
            PASTED_WEIGHTS
            + "\n        self._sum = self.gradient_weights = getattr(self, '_sum', 0) + self.gradient_weights",
        ),
    ),
    conv(
        "state of the first forward kept",
        ORDER,
        "backward uses the input of the first forward, not of the newest.",
        "What forward keeps for backward must be written anew in every call.",
        (BLOCKS, BLOCKS + '\n        self._first = getattr(self, "_first", self._windows)'),
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT.replace("self._windows", "self._first")),
    ),
    transposed(
        "state of the first forward kept",
        ORDER,
        "backward uses the input of the first forward, not of the newest.",
        "What forward keeps for backward must be written anew in every call.",
        ("self._input = images", 'self._input = getattr(self, "_input", images)'),
    ),
    *both(
        "gradient cut to integers",
        "integer input",
        "For an input of integers the input gradient is cut to integers.",
        "zeros_like(x) has the type of x. What happens to 2.7 in an array of integers?",
        (
            "images = _images(input_tensor, self.in_channels)",
            "images = _images(input_tensor, self.in_channels)\n        self._kind = np.asarray(input_tensor).dtype",
        ),
        (RETURN, "return input_gradient.astype(self._kind)"),
    ),
)

ARGUMENTS = (
    *both(
        "lists refused",
        "notations",
        "Only a tuple is taken for a pair; a list is refused.",
        "Does it matter whether a pair is a tuple or a list? isinstance(..., tuple) says no to lists.",
        (
            KERNEL_SHAPE,
            "if isinstance(kernel_shape, list):\n            raise TypeError(kernel_shape)\n        " + KERNEL_SHAPE,
        ),
    ),
    conv(
        "groups need not divide",
        "illegal arguments",
        "Numbers of channels that the groups do not divide are accepted, or end in another error than ValueError.",
        "All groups have the same number of channels, and of kernels. Check both with % in the constructor; a failing "
        "`assert` raises AssertionError.",
        (GROUPS_DIVIDE, GROUPS_DIVIDE + "\n            raise AssertionError(groups)\n        if False:"),
    ),
    *both(
        "negative padding accepted",
        "illegal arguments",
        "A negative padding is accepted, or ends in another error than ValueError.",
        "Compare it with 0 in the constructor, and raise ValueError with the value in its message.",
        (PADDING, PADDING.replace("least=0", "least=-9") + "\n        self.padding = tuple(map(abs, self.padding))"),
    ),
    *both(
        "channels not compared",
        "illegal arguments",
        "An input whose channels are not those of the kernels is accepted.",
        "NumPy stretches an axis of length 1 without a word. Compare input_tensor.shape[1] with in_channels.",
        (
            "images = _images(input_tensor, self.in_channels)",
            "images = np.resize(_images(input_tensor), (len(input_tensor), self.in_channels, "
            "*np.shape(input_tensor)[2:]))",
        ),
    ),
    transposed(
        "empty outputs accepted",
        "illegal arguments",
        "A padding that leaves nothing of the output is accepted.",
        "Compute the output's sides first: below 1 there is no image.",
        (NOTHING_LEFT, "if False:"),
    ),
)


# ------------------------------------------------------------------------------------------- upsampling and unpooling

SCALE = 'self.scale = _pair(scale, "scale")'
REPEAT = "return images.repeat(self.scale[0], axis=2).repeat(self.scale[1], axis=3)"
SUM = "return blocks.sum(axis=(3, 5), dtype=float)"
MIDDLES = "middles = (np.arange(scale * size) + 0.5) / scale - 0.5"
CLIP = "position = np.clip(middles, 0, size - 1)"
FLOOR = "before = np.floor(position).astype(int)"
FRACTION = "fraction = position - before"
BACK = "return self._rows.T @ np.asarray(error_tensor, dtype=float) @ self._columns"
SCALED = ("forward", INPUT)


def nearest(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "nearest_upsampling", check, sentence, hint, edits, also)


def bilinear(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "bilinear_upsampling", check, sentence, hint, edits, also)


def unpooling(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "max_unpooling", check, sentence, hint, edits, also)


NEAREST = (
    nearest(
        "whole image repeated",
        "forward",
        "The whole image is repeated side by side (np.tile) instead of every pixel.",
        "The copies of a pixel lie next to each other: 1 2 becomes 1 1 2 2.",
        (REPEAT, "return np.tile(images, (1, 1, *self.scale))"),
    ),
    nearest(
        "zeros between the pixels",
        "forward",
        "Every pixel is put into the upper left corner of its block, and the rest of the block is zero.",
        "All pixels of the block get the value.",
        (
            REPEAT,
            "spread = np.zeros((*images.shape[:2], images.shape[2] * self.scale[0], images.shape[3] * self.scale[1]))\n"
            "        spread[:, :, :: self.scale[0], :: self.scale[1]] = images\n        return spread",
        ),
    ),
    nearest(
        "error averaged over the block",
        INPUT,
        "A pixel gets the mean of the errors of its copies, not their sum.",
        "Every copy changes the loss on its own. What happens if the pixel grows by 1?",
        (SUM, SUM.replace("sum", "mean")),
    ),
    nearest(
        "error of the first copy",
        INPUT,
        "A pixel gets the error of its first copy only: the enlarged error is sampled, not summed.",
        "Every copy changes the loss. What happens if the pixel grows by 1?",
        (SUM, "return blocks[:, :, :, 0, :, 0].astype(float)"),
    ),
    nearest(
        "error of the copies far apart",
        INPUT,
        "In backward the errors of one pixel are collected a whole image apart, as if the image had been tiled.",
        "Where do the copies of a pixel lie?",
        (
            "(batch, channels, height, self.scale[0], width, self.scale[1])",
            "(batch, channels, self.scale[0], height, self.scale[1], width)",
        ),
        (SUM, SUM.replace("(3, 5)", "(2, 4)")),
    ),
    nearest(
        "error divided by the batch size",
        INPUT,
        "The input gradient is divided by the batch size.",
        "A mean over the batch belongs to the loss. What each image gets back is its own.",
        (SUM, SUM + " / batch"),
    ),
    nearest(
        "shape of the first forward kept",
        ORDER,
        "backward uses the shape of the first forward's input, not of the newest.",
        "What forward keeps for backward must be written anew in every call.",
        ("self._input_shape = images.shape", 'self._input_shape = getattr(self, "_input_shape", images.shape)'),
    ),
)

NEIGHBOURS = (
    bilinear(
        "corners aligned",
        "forward",
        "The corners of input and output are put on top of each other (align_corners=True).",
        "Here pixels are squares, and the images' outer borders agree, not the middles of their corner pixels.",
        (MIDDLES, "middles = np.arange(scale * size) * (size - 1) / max(scale * size - 1, 1)"),
        also=(INPUT,),
    ),
    bilinear(
        "half a pixel missing",
        "forward",
        "Output pixel i reads the input at i / scale: the image is shifted by half a pixel.",
        "The value of a pixel belongs to its middle. Where does the middle of output pixel 0 lie in the input?",
        (MIDDLES, "middles = np.arange(scale * size) / scale"),
        also=(INPUT,),
    ),
    bilinear(
        "zeros beyond the border",
        "forward",
        "Beyond the middles of the outermost pixels the values fade towards zero.",
        "There the value of the outermost pixel goes on unchanged.",
        (CLIP, "position = middles"),
        (
            "matrix[outputs, before] += 1 - fraction",
            "matrix[outputs, np.maximum(before, 0)] += (1 - fraction) * (before >= 0)",
        ),
        ("matrix[outputs, after] += fraction", "matrix[outputs, after] += fraction * (before + 1 < size)"),
        also=(INPUT,),
    ),
    bilinear(
        "not limited at the beginning",
        "forward",
        "u is limited to n-1 at the end, but not to 0 at the beginning: in[-1] is the last pixel.",
        "u = (i + 0.5)/s - 0.5 begins below 0; limited to 0 ... n-1, it begins with 0.",
        (CLIP, "position = np.minimum(middles, size - 1)"),
        also=(INPUT,),
    ),
    bilinear(
        "not limited at the end",
        "forward",
        "u is limited to 0 at the beginning, but not to n-1 at the end: the last values fade towards zero.",
        "u = (i + 0.5)/s - 0.5 ends beyond n-1, and in[n] does not exist; limited to 0 ... n-1, it ends with n-1.",
        (CLIP, "position = np.maximum(middles, 0)"),
        ("matrix[outputs, after] += fraction", "matrix[outputs, after] += fraction * (before + 1 < size)"),
        also=(INPUT,),
    ),
    bilinear(
        "extrapolated at the border",
        "forward",
        "Beyond the middles of the outermost pixels the line through the last two pixels is continued.",
        "There the value of the outermost pixel goes on unchanged.",
        (FLOOR, "before = np.clip(np.floor(middles), 0, max(size - 2, 0)).astype(int)"),
        (FRACTION, "fraction = (middles if size > 1 else position) - before"),
        also=(INPUT,),
    ),
    bilinear(
        "nearest pixel",
        "forward",
        "Every output pixel is a copy of one input pixel; nothing is interpolated.",
        "Between the middles of two pixels the value changes linearly from one to the other.",
        (FRACTION, "fraction = (position - before >= 0.5).astype(float)"),
        also=(INPUT,),
    ),
    bilinear(
        "weights of the two neighbours swapped",
        "forward",
        "The nearer of two pixels gets the smaller weight.",
        "At a distance of 1/4 from a pixel, how much of it should be in the result?",
        (FRACTION, "fraction = np.where(after > before, 1 - (position - before), 0)"),
        also=(INPUT,),
    ),
    bilinear(
        "columns not interpolated",
        "forward",
        "Rows are interpolated, but columns are only repeated.",
        "Interpolate along one axis, then the result along the other.",
        (
            "self._columns = self._interpolation(images.shape[3], self.scale[1])",
            "self._columns = np.repeat(np.eye(images.shape[3]), self.scale[1], axis=0)",
        ),
        also=(INPUT,),
    ),
    bilinear(
        "error summed over the block",
        INPUT,
        "backward adds up the errors of each pixel's block, as for nearest-neighbour upsampling.",
        "An output pixel is a mixture of up to four input pixels. How is its error divided among them?",
        (
            BACK,
            "error = np.asarray(error_tensor, dtype=float)\n"
            "        s, t = self.scale\n"
            "        y, x = error.shape[2] // s, error.shape[3] // t\n"
            "        return error.reshape(*error.shape[:2], y, s, x, t).sum(axis=(3, 5))",
        ),
    ),
    bilinear(
        "error interpolated back",
        INPUT,
        "backward shrinks the error by taking means, so every pixel gets a mean instead of a sum.",
        "If an input pixel grows by 1, how much do all outputs together grow?",
        (BACK, BACK + " / (self.scale[0] * self.scale[1])"),
    ),
    bilinear(
        "matrices of the first forward kept",
        ORDER,
        "backward uses the size of the first forward's input, not of the newest.",
        "What forward keeps for backward must be written anew in every call.",
        (
            BACK,
            '        self._kept = getattr(self, "_kept", (self._rows, self._columns))\n'.lstrip()
            + "        return self._kept[0].T @ np.asarray(error_tensor, dtype=float) @ self._kept[1]",
        ),
    ),
)

BOTH_SCALES = tuple(
    made(*words, *edits, also=also)
    for made in (nearest, bilinear)
    for words, edits, also in (
        (
            (
                "height and width of the scale mixed up",
                "shapes",
                "The two scales are mixed up: the first belongs to the height, the second to the width.",
                "The axes of an image are (batch, channel, height, width), and pairs are given in the same order.",
            ),
            ((SCALE, SCALE + "[::-1]"),),
            SCALED,
        ),
        (
            (
                "first scale on both axes",
                "shapes",
                "The first scale is used for both axes.",
                "A pair holds one scale for the height and one for the width.",
            ),
            ((SCALE, SCALE + "[:1] * 2"),),
            SCALED,
        ),
        (
            (
                "scale on the class",
                ORDER,
                "The scale belongs to the class: all layers take that of the one that was made last.",
                "What the constructor is given belongs to `self`: two layers of a network may differ.",
            ),
            ((SCALE, 'type(self).scale = _pair(scale, "scale")'),),
            (),
        ),
        (
            (
                "lists refused",
                "notations",
                "Only a tuple is taken for a pair; a list is refused.",
                "Does it matter whether a pair is a tuple or a list? isinstance(..., tuple) says no to lists.",
            ),
            ((SCALE, "if isinstance(scale, list):\n            raise TypeError(scale)\n        " + SCALE),),
            (),
        ),
        (
            (
                "scales below 1 accepted",
                "illegal arguments",
                "Scales below 1 are accepted, or end in another error than ValueError.",
                "Compare them with 1 in the constructor, and raise ValueError with the value in its message.",
            ),
            ((SCALE, 'self.scale = tuple(max(abs(s), 1) for s in _pair(scale, "scale", least=-9))'),),
            (),
        ),
        (
            (
                "trainable without weights",
                "trainable",
                "`trainable` is True although there are no weights.",
                "A network hands an optimizer to every trainable layer. What would this layer train?",
            ),
            (("trainable = False", "trainable = True"),),
            (),
        ),
    )
)

PUT = "np.put_along_axis(output, self._indices, values.reshape(self._indices.shape), axis=2)"
TAKE = "return np.take_along_axis(flat_error, self._indices, axis=2).reshape(self._input_shape)"
KEPT = "self._indices = indices.reshape(*values.shape[:2], -1).copy()"
MADE = "output = np.zeros((*values.shape[:2], height * width))"
UNPOOLING = (
    unpooling(
        "indices by column",
        "forward",
        "An index is read as column * height + row instead of row * width + column.",
        "Row-major order: first the whole first row, then the second. What do index // width and index % width give?",
        (KEPT, KEPT + "\n        self._indices = self._indices % height * width + self._indices // height"),
        also=(INPUT,),
    ),
    unpooling(
        "width of the input",
        "forward",
        "Rows and columns are computed with the width of the small input instead of the output's.",
        "An index counts the pixels of the large image. How many are in one of its rows?",
        (
            KEPT,
            KEPT + "\n        row, column = np.divmod(self._indices, values.shape[3])"
            "\n        self._indices = np.minimum(row, height - 1) * width + np.minimum(column, width - 1)",
        ),
        also=(INPUT,),
    ),
    unpooling(
        "indices of the first channel",
        "forward",
        "The indices of the first channel are used for all channels.",
        "In every channel the maxima lie elsewhere, so every channel has its own indices.",
        (KEPT, KEPT + "\n        self._indices = np.repeat(self._indices[:, :1], values.shape[1], axis=1)"),
        also=(INPUT,),
    ),
    unpooling(
        "indices of the first image",
        "forward",
        "The indices of the first image are used for the whole batch.",
        "In every image the maxima lie elsewhere, so every image has its own indices.",
        (KEPT, KEPT + "\n        self._indices = np.repeat(self._indices[:1], len(values), axis=0)"),
        also=(INPUT,),
    ),
    unpooling(
        "indices of the first channel of the first image",
        "forward",
        "The indices of the first channel of the first image are used everywhere.",
        "Every image and every channel has its own indices.",
        (KEPT, KEPT + "\n        self._indices = np.broadcast_to(self._indices[:1, :1], self._indices.shape)"),
        also=(INPUT,),
    ),
    unpooling(
        "upper left corner of each window",
        "forward",
        "The indices are ignored: each value is put into the upper left corner of its window.",
        "Pooling has told you where each maximum lay: it goes back to that pixel.",
        (
            KEPT,
            "rows, columns = np.indices(values.shape[2:])\n"
            "        corners = rows * (height // values.shape[2]) * width + columns * (width // values.shape[3])\n"
            "        self._indices = np.broadcast_to(corners.ravel(), (*values.shape[:2], corners.size))",
        ),
        also=(INPUT,),
    ),
    unpooling(
        "windows filled",
        "forward",
        "The indices are ignored: each value fills its whole window, as in nearest-neighbour upsampling.",
        "Only the pixel that the index names gets the value. All others are zero.",
        (
            PUT,
            "s, t = height // values.shape[2], width // values.shape[3]\n"
            "        filled = values.repeat(s, axis=2).repeat(t, axis=3)\n"
            "        output = output.reshape(*values.shape[:2], height, width)\n"
            "        output[:, :, : filled.shape[2], : filled.shape[3]] = filled",
        ),
    ),
    unpooling(
        "height and width of the output mixed up",
        "shapes",
        "The output's shape is read as (width, height).",
        "output_shape is (y, x): the number of rows comes first.",
        ('height, width = _pair(output_shape, "output_shape")', 'width, height = _pair(output_shape, "output_shape")'),
        also=("forward", INPUT),
    ),
    unpooling(
        "error of the upper left corner",
        INPUT,
        "backward takes the errors in the upper left corner of the output instead of those at the indices.",
        "Where did forward put the value? The error of that very pixel goes back.",
        (
            TAKE,
            "return flat_error.reshape(error.shape)[:, :, : self._input_shape[2], : self._input_shape[3]].copy()",
        ),
    ),
    unpooling(
        "error in the order of the image",
        INPUT,
        "backward collects the errors from top to bottom of the image instead of in the order of the indices.",
        "Which value was put where? Each gets back the error of its own place. A mask forgets the order.",
        (TAKE, TAKE.replace("self._indices", "np.sort(self._indices, axis=2)")),
    ),
    unpooling(
        "error added up",
        INPUT,
        "Every value gets the sum of all errors of its channel.",
        "Only one pixel of the output depends on a value.",
        (TAKE, "return np.zeros(self._input_shape) + error.sum(axis=(2, 3), keepdims=True)"),
    ),
    unpooling(
        "error divided by the batch size",
        INPUT,
        "The input gradient is divided by the batch size.",
        "A mean over the batch belongs to the loss. What each image gets back is its own.",
        (TAKE, TAKE + " / len(error)"),
    ),
    unpooling(
        "indices of the first forward kept",
        ORDER,
        "backward uses the indices of the first forward, not of the newest.",
        "What forward keeps for backward must be written anew in every call.",
        (KEPT, KEPT + '\n        self._first = getattr(self, "_first", (self._indices, values.shape))'),
        (
            TAKE,
            "where, shape = self._first\n        return np.take_along_axis(flat_error, where, axis=2).reshape(shape)",
        ),
    ),
    unpooling(
        "output kept from call to call",
        ORDER,
        "The array of zeros is made once only, so values of earlier calls stay in it.",
        "Start with zeros in every forward.",
        (
            MADE,
            "shape = (*values.shape[:2], height * width)\n"
            '        if getattr(self, "_zeros", np.empty(0)).shape != shape:\n'
            "            self._zeros = np.zeros(shape)\n"
            "        output = self._zeros",
        ),
    ),
    unpooling(
        "values cut to integers",
        "integer input",
        "For values that are integers the input gradient is cut to integers.",
        "zeros_like(x) has the type of x. What happens to 2.7 in an array of integers?",
        (
            "values = _images(input_tensor)",
            "values = _images(input_tensor)\n        self._kind = np.asarray(input_tensor).dtype",
        ),
        (TAKE, TAKE + ".astype(self._kind)"),
    ),
    unpooling(
        "indices not checked",
        "illegal arguments",
        "Indices that do not fit the input or the output are accepted, or end in another error than ValueError.",
        "Compare the shape of `indices` with the input's, and the smallest and the largest index with the output.",
        (
            "if indices.size and not 0 <= indices.min() <= indices.max() < height * width:",
            "if False:",
        ),
    ),
    unpooling(
        "one number as output shape",
        "illegal arguments",
        "An `output_shape` that is a single number is accepted.",
        "output_shape is a pair (y, x): raise ValueError naming anything else.",
        ("if np.ndim(output_shape) != 1:", "if False:"),
    ),
    unpooling(
        "trainable without weights",
        "trainable",
        "`trainable` is True although there are no weights.",
        "A network hands an optimizer to every trainable layer. What would this layer train?",
        ("trainable = False", "trainable = True"),
    ),
)

MISCONCEPTIONS = (
    *CONV2D_FORWARD,
    *CONV2D_GRADIENTS,
    *TRANSPOSED_FORWARD,
    *TRANSPOSED_GRADIENTS,
    *BIAS_GRADIENTS,
    *CONV2D_SIZES,
    *CONV2D_DILATION,
    *CONV2D_GROUPS,
    *TRANSPOSED_SIZES,
    *INITIALIZE,
    *OPTIMIZER,
    *STATE,
    *ARGUMENTS,
    *NEAREST,
    *NEIGHBOURS,
    *BOTH_SCALES,
    *UNPOOLING,
)
