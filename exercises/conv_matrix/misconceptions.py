"""Wrong variants of the convolution as a matrix product."""

from grader.authoring import Misconception

INPUT, WEIGHTS, BIAS = "input gradient", "weights gradient", "bias gradient"
ORDER = "call order and purity"

# Lines of convolution_matrix.
PIXEL = "pixel = (i * s + p) * width + j * t + q"
ENTRY = "matrix[np.arange(len(pixel)), pixel] = kernel[p, q]"
RESULT = "    return matrix\n"
STRIDE = '_pair(input_shape, "input_shape"), _pair(stride, "stride")'
PLACES = "i, j = np.indices((rows, columns)).reshape(2, -1)  # where each output lies"

# Lines of im2col and col2im.
CUT = "windows = np.lib.stride_tricks.sliding_window_view(images, (m, n), axis=(2, 3))[:, :, ::s, ::t]"
COLUMNS = "return windows.transpose(0, 1, 4, 5, 2, 3).reshape(len(images), images.shape[1] * m * n, rows * columns)"
SIDES = '_pair(kernel_shape, "kernel_shape"), _pair(stride_shape, "stride_shape")'
PATCHES = "patches = columns.reshape(batch, channels, m, n, y, x)"
PASTE = "images[:, :, p : p + s * y : s, q : q + t * x : t] += patches[:, :, p, q]"
IMAGES = "    return images\n"

# Lines of MatrixConv.
CORRELATE = "output = self._kernels() @ self._columns + np.reshape(self.bias, (-1, 1))"
RESHAPE = "return output.reshape(len(images), self.num_kernels, *size)"
LAYER_STRIDE = 'self.stride_shape = _pair(stride_shape, "stride_shape")'
KEPT = "self._columns = im2col(images, (m, n), self.stride_shape)"
ERROR = "error = error.reshape(len(error), self.num_kernels, -1)"
BACK = "gradient_columns = self._kernels().T @ error"
FOLD = "input_gradient = col2im(gradient_columns, self._input_shape, kernel_shape, self.stride_shape)"
KERNEL_GRADIENT = "gradient_kernels = (error @ self._columns.transpose(0, 2, 1)).sum(axis=0)"
WEIGHTS_GRADIENT = "self.gradient_weights = gradient_kernels.reshape(self.num_kernels, *self.convolution_shape)"
BIAS_GRADIENT = "self.gradient_bias = error.sum(axis=(0, 2))"
FANS = "weights_initializer.initialize((self.num_kernels, channels, m, n), fan_in, fan_out)"
UPDATE_WEIGHTS = "self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)"
UPDATE_BIAS = "self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)"
COPY_WEIGHTS = "self._weights_optimizer = copy.deepcopy(optimizer)"
COPY_BIAS = "self._bias_optimizer = copy.deepcopy(optimizer)"

ORDER_OF_PAIRS = "Shapes, kernels and strides are all given as (rows, columns)."


def matrix(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "convolution_matrix", check, sentence, hint, edits, also)


def columns(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "im2col", check, sentence, hint, edits, also)


def layer(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "matrix_conv", check, sentence, hint, edits, also)


MATRIX = (
    matrix(
        "kernel flipped",
        "matrix",
        "The kernel is flipped: this is the matrix of a convolution in the mathematical sense.",
        "Which weight does the first pixel of the image meet in the first output?",
        (ENTRY, ENTRY.replace("kernel[p, q]", "kernel[::-1, ::-1][p, q]")),
    ),
    matrix(
        "transposed",
        "shapes",
        "The matrix is transposed: it has a row for every pixel and a column for every output.",
        "C @ image.ravel() has to give the outputs. What is the transposed matrix good for?",
        (RESULT, "    return matrix.T\n"),
        also=("matrix",),
    ),
    matrix(
        "rows of the image next to each other",
        "matrix",
        "The rows of the kernel follow each other without a gap: the next row starts right after the one before.",
        "In the image, how many pixels lie between a pixel and the one below it?",
        (PIXEL, "pixel = (i * s) * width + j * t + p * kernel.shape[1] + q"),
    ),
    matrix(
        "column by column",
        "matrix",
        "The pixels are numbered column by column.",
        "image.ravel() puts the rows of the image one after another. At which place is the pixel in row 1, column 0?",
        (PIXEL, "pixel = (i * s + p) + (j * t + q) * height"),
    ),
    matrix(
        "outputs column by column",
        "matrix",
        "The outputs, that is the rows of the matrix, are in column order.",
        "The rows of the matrix follow the output row by row: first its whole first row.",
        (ENTRY, ENTRY.replace("np.arange(len(pixel))", "j * rows + i")),
    ),
    matrix(
        "height of the image as the length of a row",
        "matrix",
        "The number of rows is taken for the number of columns, which shows where the image is no square.",
        "How long is a row of the image: y or x?",
        (PIXEL, "pixel = ((i * s + p) * height + j * t + q) % (height * width)"),
    ),
    matrix(
        "each row moves on by one",
        "matrix",
        "Every row is the one before, moved on by one pixel: at the end of an image row, the kernel wraps around.",
        "Which pixel is the first one of the output that starts a new row?",
        (PIXEL, "pixel = np.minimum(np.arange(len(i)) * t + p * width + q, height * width - 1)"),
    ),
    matrix(
        "stride ignored between the outputs",
        "matrix",
        "There is one row for every stride-th output, but the rows are those of the first outputs.",
        "With stride 2, the second output starts two pixels further on.",
        (PIXEL, "pixel = (i + p) * width + j + q"),
    ),
    matrix(
        "stride ignored",
        "shapes",
        "The stride is ignored: there is a row for every position.",
        "How many outputs are there with a stride of 2?",
        (STRIDE, STRIDE + "\n    s = t = 1"),
        also=("matrix",),
    ),
    matrix(
        "height and width of the stride mixed up",
        "shapes",
        "The two strides are mixed up: the first belongs to the rows, the second to the columns.",
        ORDER_OF_PAIRS,
        (STRIDE, STRIDE + "[::-1]"),
        also=("matrix",),
    ),
    matrix(
        "height and width of the image mixed up",
        "shapes",
        "The input shape is read as (x, y).",
        ORDER_OF_PAIRS,
        (STRIDE, STRIDE.replace('"input_shape")', '"input_shape")[::-1]')),
        also=("matrix", "illegal arguments"),
    ),
    matrix(
        "kernels that do not fit",
        "illegal arguments",
        "For a kernel larger than the image there is an empty matrix or another error instead of ValueError.",
        "Compare both sides of kernel and image, and raise ValueError with the sizes in its message.",
        (
            "    rows, columns = _output_size((height, width), kernel.shape, (s, t))\n",
            "    if kernel.shape[0] > height or kernel.shape[1] > width:\n"
            "        return np.zeros((0, height * width))\n"
            "    rows, columns = _output_size((height, width), kernel.shape, (s, t))\n",
        ),
    ),
    matrix(
        "empty kernels accepted",
        "illegal arguments",
        "A kernel without rows or columns is accepted.",
        "A kernel has at least one weight: both sides are at least 1.",
        (" or 0 in kernel_shape:", ":"),
    ),
    matrix(
        "matrix of integers",
        "ways to write",
        "For a kernel of integers the matrix holds integers.",
        "Results are float64: say dtype=float where the array is made.",
        ("    kernel = np.asarray(kernel, dtype=float)\n", "    kernel = np.asarray(kernel)\n"),
        (
            "matrix = np.zeros((rows * columns, height * width))",
            "matrix = np.zeros((rows * columns, height * width), kernel.dtype)",
        ),
    ),
    matrix(
        "lists refused",
        "ways to write",
        "Only a tuple is taken for a pair; a list is refused.",
        "Does it matter whether a pair is a tuple or a list? isinstance(..., tuple) says no to lists.",
        (
            "    kernel = np.asarray(kernel, dtype=float)\n",
            "    kernel = np.asarray(kernel, dtype=float)\n"
            "    if isinstance(stride, list):\n        raise TypeError(stride)\n",
        ),
    ),
)

CUTTING = ("columns",)
PASTING = ("images",)
BOTH = ("columns", "images")
USED = ("matrix_conv",)  # it is built on both functions
IM2COL_AND_COL2IM = (
    columns(
        "a row for every position",
        "shapes of columns",
        "The result of im2col is transposed: there is a row for every position and a column for every pixel in it.",
        "(b, c*m*n, positions): what the kernel sees at one position is a column.",
        (COLUMNS, COLUMNS + ".transpose(0, 2, 1)"),
        also=(*CUTTING, *USED),
    ),
    columns(
        "channels last in a column",
        "columns",
        "In a column the channels of one pixel lie next to each other.",
        "First all of channel 0, row by row, then all of channel 1: as weights.reshape(num_kernels, -1) has them.",
        (COLUMNS, COLUMNS.replace("0, 1, 4, 5, 2, 3", "0, 4, 5, 1, 2, 3")),
        also=USED,
    ),
    columns(
        "columns read column by column",
        "columns",
        "In a column the pixels of a window are read from top to bottom first, not row by row.",
        "Row-major order: the first row of the window, then the second.",
        (COLUMNS, COLUMNS.replace("0, 1, 4, 5, 2, 3", "0, 1, 5, 4, 2, 3")),
        also=USED,
    ),
    columns(
        "positions in column order",
        "columns",
        "The positions of the kernel go down first, then to the right.",
        "The positions follow the output row by row.",
        (COLUMNS, COLUMNS.replace("0, 1, 4, 5, 2, 3", "0, 1, 4, 5, 3, 2")),
        also=USED,
    ),
    columns(
        "reshaped without moving axes",
        "columns",
        "The windows are reshaped without moving the axes first, so the numbers of several windows are mixed.",
        "reshape keeps the order in memory. Which axes have to be neighbours before it may join them?",
        (COLUMNS, COLUMNS.replace(".transpose(0, 1, 4, 5, 2, 3)", "")),
        also=USED,
    ),
    columns(
        "window flipped",
        "columns",
        "The windows are flipped.",
        "The first entry of a column is the upper left pixel of the window.",
        (CUT, CUT + "[..., ::-1, ::-1]"),
        also=USED,
    ),
    columns(
        "stride ignored in im2col",
        "shapes of columns",
        "im2col ignores the stride: there is a column for every position.",
        "With stride 2, every second position counts along each axis.",
        (
            "rows, columns = _output_size(images.shape[2:], (m, n), (s, t))",
            "s = t = 1\n    rows, columns = _output_size(images.shape[2:], (m, n), (s, t))",
        ),
        also=(*CUTTING, *USED),
    ),
    columns(
        "height and width of the stride mixed up in im2col",
        "shapes of columns",
        "im2col mixes up the two strides: the first belongs to the rows, the second to the columns.",
        ORDER_OF_PAIRS,
        (
            "rows, columns = _output_size(images.shape[2:], (m, n), (s, t))",
            "s, t = t, s\n    rows, columns = _output_size(images.shape[2:], (m, n), (s, t))",
        ),
        also=(*CUTTING, *USED),
    ),
    columns(
        "overlaps overwritten",
        "images",
        "Where windows overlap, col2im keeps the last entry instead of adding up.",
        "A pixel that several windows have read collects the entries of all of them.",
        (PASTE, PASTE.replace("+=", "=")),
        also=USED,
    ),
    columns(
        "overlaps averaged",
        "images",
        "col2im divides by the number of windows over a pixel: that undoes im2col, but is not its backward pass.",
        "Each window has used the pixel, so the pixel collects the sum of all entries, not their mean.",
        (
            "    images = np.zeros((batch, channels, height, width))\n",
            "    images = np.zeros((batch, channels, height, width))\n    count = np.zeros((height, width))\n",
        ),
        (PASTE, PASTE + "\n        count[p : p + s * y : s, q : q + t * x : t] += 1"),
        (IMAGES, "    return images / np.maximum(count, 1)\n"),
        also=USED,
    ),
    columns(
        "stride ignored in col2im",
        "images",
        "col2im ignores the stride: windows are pasted side by side.",
        "Where did im2col read the second window? Back to there it goes.",
        (PASTE, "images[:, :, p : p + y, q : q + x] += patches[:, :, p, q]"),
        also=USED,
    ),
    columns(
        "channels last in col2im",
        "images",
        "col2im expects the channels of one pixel next to each other in a column.",
        "A column holds all of channel 0, row by row, then all of channel 1.",
        (PATCHES, "patches = columns.reshape(batch, m, n, channels, y, x).transpose(0, 3, 1, 2, 4, 5)"),
        also=USED,
    ),
    columns(
        "columns not moved in col2im",
        "images",
        "col2im reads the columns as if each window came first and its pixels last.",
        "(b, c*m*n, positions): what comes first after the batch, the pixels of a window or the positions?",
        (PATCHES, "patches = columns.reshape(batch, channels, y, x, m, n).transpose(0, 1, 4, 5, 2, 3)"),
        also=USED,
    ),
    columns(
        "window flipped in col2im",
        "images",
        "col2im pastes the windows the wrong way round.",
        "The first entry of a column goes back to the upper left pixel of the window.",
        (PASTE, PASTE.replace("patches[:, :, p, q]", "patches[:, :, m - 1 - p, n - 1 - q]")),
        also=USED,
    ),
    columns(
        "images cut to what was read",
        "shapes of images",
        "The images of col2im end where the last window ends: pixels that no window has read are missing.",
        "The result has the shape `input_shape`; what no window has read is 0.",
        (IMAGES, "    return images[:, :, : (y - 1) * s + m, : (x - 1) * t + n]\n"),
        also=(*PASTING, *USED),
    ),
    columns(
        "kernels that do not fit in im2col",
        "illegal arguments",
        "For a kernel larger than the image there are no columns, or another error instead of ValueError.",
        "Compare both sides of kernel and image, and raise ValueError with the sizes in its message.",
        (
            "    rows, columns = _output_size(images.shape[2:], (m, n), (s, t))\n",
            "    if m > images.shape[2] or n > images.shape[3]:\n"
            "        return np.zeros((len(images), images.shape[1] * m * n, 0))\n"
            "    rows, columns = _output_size(images.shape[2:], (m, n), (s, t))\n",
        ),
    ),
    columns(
        "shape of the columns not checked",
        "illegal arguments (col2im)",
        "col2im accepts columns whose shape does not fit to the other arguments.",
        "How many columns does im2col give for these arguments, and how long are they? Compare, and raise ValueError.",
        (
            PATCHES,
            "patches = np.resize(columns, (batch, channels * m * n, y * x)).reshape(batch, channels, m, n, y, x)",
        ),
        ("    if columns.shape != (batch, channels * m * n, y * x):", "    if columns.ndim != 3:"),
    ),
    columns(
        "columns of integers",
        "ways to write",
        "For images of integers im2col returns integers.",
        "Results are float64: say dtype=float where the array is made.",
        ("images = np.asarray(input_tensor, dtype=float)\n    if", "images = np.asarray(input_tensor)\n    if"),
    ),
    columns(
        "images of integers",
        "ways to write (col2im)",
        "For columns of integers col2im adds in their dtype, and returns it.",
        "Results are float64: say dtype=float where the array is made.",
        ("columns = np.asarray(columns, dtype=float)", "columns = np.asarray(columns)"),
        (
            "images = np.zeros((batch, channels, height, width))",
            "images = np.zeros((batch, channels, height, width), columns.dtype)",
        ),
    ),
    columns(
        "list of the kernel's shape changed",
        "ways to write",
        "The list `kernel_shape` that was passed in is changed: a second call with it fails or gives something else.",
        "append and pop change the caller's list. Make a tuple of your own.",
        (
            "    images = np.asarray(input_tensor, dtype=float)\n    if images.ndim != 4:",
            "    if isinstance(kernel_shape, list):\n        kernel_shape.append(1)\n"
            "        kernel_shape = kernel_shape[:-1]\n"
            "    images = np.asarray(input_tensor, dtype=float)\n    if images.ndim != 4:",
        ),
    ),
    columns(
        "NumPy integers refused in im2col",
        "ways to write",
        "im2col does not know NumPy's integers as numbers.",
        "isinstance(np.int64(3), int) is False. How else can one tell a number from a pair?",
        (
            "    images = np.asarray(input_tensor, dtype=float)\n    if images.ndim != 4:",
            "    if isinstance(kernel_shape, np.integer):\n        kernel_shape[0]\n"
            "    images = np.asarray(input_tensor, dtype=float)\n    if images.ndim != 4:",
        ),
    ),
    columns(
        "lists refused in col2im",
        "ways to write (col2im)",
        "col2im takes only a tuple for a pair; a list is refused.",
        "Does it matter whether a pair is a tuple or a list? isinstance(..., tuple) says no to lists.",
        (
            "    columns = np.asarray(columns, dtype=float)\n",
            "    if isinstance(kernel_shape, list):\n        raise TypeError(kernel_shape)\n"
            "    columns = np.asarray(columns, dtype=float)\n",
        ),
    ),
)

LAYER = (
    layer(
        "kernel flipped",
        "forward",
        "The kernel is flipped: this is a convolution in the mathematical sense, not a cross-correlation.",
        "Which weight does the upper left pixel of a window meet?",
        (
            CORRELATE,
            CORRELATE.replace("self._kernels()", "np.reshape(self.weights[..., ::-1, ::-1], (len(self.weights), -1))"),
        ),
    ),
    layer(
        "no bias",
        "forward",
        "The bias is not added.",
        "Every kernel has a number of its own that is added to all of its outputs.",
        (CORRELATE, CORRELATE.removesuffix(" + np.reshape(self.bias, (-1, 1))")),
    ),
    layer(
        "weights reshaped instead of transposed",
        "forward",
        "The matrix of the kernels is made with reshape(c*m*n, num_kernels), which mixes the kernels.",
        "Row k of the matrix is kernel k. reshape keeps the order in memory; transposing changes it.",
        (CORRELATE, CORRELATE.replace("self._kernels()", "np.reshape(self.weights, (-1, self.num_kernels)).T")),
    ),
    layer(
        "output reshaped with the kernels last",
        "forward",
        "The output is reshaped without minding the order of its axes: values of several kernels are mixed.",
        "Where is the axis of the kernels after your matrix product, and where does it belong?",
        (
            RESHAPE,
            "return output.transpose(0, 2, 1).reshape(len(images), self.num_kernels, *size)",
        ),
    ),
    layer(
        "output with height and width mixed up",
        "shapes",
        "The sides of the output are mixed up.",
        "The positions follow the output row by row: how many rows, and how many columns, are there?",
        (RESHAPE, RESHAPE.replace("*size", "*size[::-1]")),
        also=("forward",),
    ),
    layer(
        "image padded",
        "shapes",
        'The image is padded to the "same" size, as in Conv.',
        "Here the kernel stays inside the image: the output is smaller than the input.",
        (
            "        self._input_shape = images.shape\n",
            "        images = np.pad(images, ((0, 0), (0, 0), (m // 2, (m - 1) // 2), (n // 2, (n - 1) // 2)))\n"
            "        self._input_shape = images.shape\n",
        ),
        (
            FOLD,
            FOLD + "\n        m, n = kernel_shape\n        y, x = self._input_shape[2:]\n"
            "        input_gradient = input_gradient[:, :, m // 2 : y - (m - 1) // 2, n // 2 : x - (n - 1) // 2]",
        ),
        also=("forward", INPUT, WEIGHTS, BIAS, "illegal arguments"),
    ),
    layer(
        "stride ignored",
        "shapes",
        "The stride is ignored: every position is kept.",
        "Along an axis the kernel moves on by the stride.",
        (LAYER_STRIDE, LAYER_STRIDE + "\n        self.stride_shape = (1, 1)"),
        also=("forward", INPUT, WEIGHTS, BIAS),
    ),
    layer(
        "height and width of the stride mixed up",
        "shapes",
        "The two strides are mixed up: the first belongs to the height, the second to the width.",
        ORDER_OF_PAIRS,
        (LAYER_STRIDE, LAYER_STRIDE + "[::-1]"),
        also=("forward", INPUT, WEIGHTS, BIAS),
    ),
    layer(
        "input gradient of the last kernel",
        INPUT,
        "The input gradient holds the error of the last kernel only.",
        "Every kernel has read the input, so the errors of all kernels add up in it.",
        (BACK, "gradient_columns = self._kernels()[-1:].T @ error[:, -1:]"),
    ),
    layer(
        "input gradient averaged",
        INPUT,
        "The input gradient is divided by the batch size.",
        "A mean over the batch belongs to the loss. What each image gets back is its own.",
        (BACK, BACK + " / len(error)"),
    ),
    layer(
        "input gradient without the transpose",
        INPUT,
        "For the input gradient the kernels' matrix is reshaped where it has to be transposed.",
        "The backward pass of a matrix product is the product with the transposed matrix. Is reshape the same?",
        (BACK, "gradient_columns = self._kernels().reshape(-1, self.num_kernels) @ error"),
    ),
    layer(
        "overlaps overwritten",
        INPUT,
        "In the input gradient the error of one window overwrites that of another where they overlap.",
        "A pixel that was read by several windows collects the errors of all of them.",
        (
            FOLD,
            "input_gradient = np.zeros(self._input_shape)\n"
            "        y, x = (np.array(self._input_shape[2:]) - kernel_shape) // self.stride_shape + 1\n"
            "        (m, n), (s, t) = kernel_shape, self.stride_shape\n"
            "        patches = gradient_columns.reshape(*self._input_shape[:2], m, n, y, x)\n"
            "        for row, column in np.ndindex(y, x):\n"
            "            top, left = row * s, column * t\n"
            "            input_gradient[:, :, top : top + m, left : left + n] = patches[..., row, column]",
        ),
    ),
    layer(
        "weight gradient averaged",
        WEIGHTS,
        "The weight gradient is divided by the batch size.",
        "Gradients are summed over the batch; a mean belongs to the loss.",
        (KERNEL_GRADIENT, KERNEL_GRADIENT.replace("sum", "mean")),
    ),
    layer(
        "weight gradient of the last item",
        WEIGHTS,
        "The weight gradient holds the last image of the batch only.",
        "In a loop over the batch, is each result added to the ones before, or put in their place?",
        (KERNEL_GRADIENT, KERNEL_GRADIENT.replace(".sum(axis=0)", "[-1]")),
    ),
    layer(
        "weight gradient reshaped from its transpose",
        WEIGHTS,
        "The weight gradient is computed as columns @ error.T and reshaped without transposing it back.",
        "Which axis of your product belongs to the kernels? In the weights it comes first.",
        (WEIGHTS_GRADIENT, WEIGHTS_GRADIENT.replace("gradient_kernels.reshape", "gradient_kernels.T.reshape")),
    ),
    layer(
        "bias gradient averaged",
        BIAS,
        "The bias gradient is divided by the batch size.",
        "Gradients are summed over the batch; a mean belongs to the loss.",
        (BIAS_GRADIENT, BIAS_GRADIENT + " / len(error)"),
    ),
    layer(
        "bias gradient averaged over positions",
        BIAS,
        "The bias gradient is a mean over the positions of the image, not a sum.",
        "A bias is added at every position, so the errors of all positions add up.",
        (BIAS_GRADIENT, "self.gradient_bias = error.mean(axis=2).sum(axis=0)"),
    ),
    layer(
        "bias gradient of the last item",
        BIAS,
        "The bias gradient holds the last image of the batch only.",
        "In a loop over the batch, is each result added to the ones before, or put in their place?",
        (BIAS_GRADIENT, "self.gradient_bias = error[-1].sum(axis=1)"),
    ),
    layer(
        "fan_in and fan_out swapped",
        "initialize",
        "fan_in and fan_out are swapped.",
        "fan_in counts the inputs of one output, fan_out the outputs that one input reaches.",
        (FANS, FANS.replace("fan_in, fan_out", "fan_out, fan_in")),
    ),
    layer(
        "num_kernels as fan_out",
        "initialize",
        "fan_out is the number of kernels only; the size of the kernel is missing in it.",
        "How many outputs does one input reach?",
        (FANS, FANS.replace("fan_in, fan_out", "fan_in, self.num_kernels")),
    ),
    layer(
        "weights initialized as a matrix",
        "initialize",
        "initialize makes weights of shape (num_kernels, c*m*n).",
        "Outside of the layer the weights are (num_kernels, c, m, n); the matrix is the layer's own business.",
        (FANS, FANS.replace("(self.num_kernels, channels, m, n)", "(self.num_kernels, fan_in)")),
    ),
    layer(
        "normal start weights",
        "initial weights",
        "The first weights are normally distributed, not uniform on [0, 1).",
        "Some of your first weights are negative. Which functions of np.random never give negative numbers?",
        (
            "self.weights = np.random.uniform(0.0, 1.0, (self.num_kernels, *self.convolution_shape))",
            "self.weights = np.random.standard_normal((self.num_kernels, *self.convolution_shape))",
        ),
    ),
    layer(
        "bias starts at 0",
        "initial bias",
        "The first bias is zero, not uniform on [0, 1).",
        "In this course the bias starts like the weights, until `initialize` is called.",
        ("self.bias = np.random.uniform(0.0, 1.0, self.num_kernels)", "self.bias = np.zeros(self.num_kernels)"),
    ),
    layer(
        "not trainable",
        "attributes",
        "`trainable` is False, so a network would not hand this layer an optimizer.",
        "This layer has weights.",
        ("self.trainable = True", "self.trainable = False"),
    ),
    layer(
        "one optimizer shared by weights and bias",
        "optimizer",
        "Weights and bias share one optimizer, so its state is a mixture of both.",
        "An optimizer with momentum remembers one array. How many arrays does this layer train?",
        (COPY_BIAS, "self._bias_optimizer = self._weights_optimizer"),
    ),
    layer(
        "kernels of the first forward",
        "new weights",
        "The weights of the first forward are kept: new weights have no effect any more.",
        "Weights change at every step of the training. When do you read them?",
        (
            CORRELATE,
            'self._first = getattr(self, "_first", self._kernels())\n        '
            + CORRELATE.replace("self._kernels()", "self._first"),
        ),
    ),
    layer(
        "shallow copies of the optimizer",
        "optimizer",
        "The copies of the optimizer are shallow: arrays and dicts inside of them are shared.",
        "copy.copy copies an object, but not what it holds. What does copy.deepcopy do?",
        (COPY_WEIGHTS, COPY_WEIGHTS.replace("deepcopy", "copy")),
        (COPY_BIAS, COPY_BIAS.replace("deepcopy", "copy")),
    ),
    layer(
        "optimizer not copied",
        "optimizer",
        "The optimizer is not copied: all layers that get the same one share its state.",
        "What does `b = a` do with an object, and what does `copy.deepcopy(a)` do?",
        (COPY_WEIGHTS, "self._weights_optimizer = optimizer"),
    ),
    layer(
        "bias never updated",
        "optimizer",
        "The bias is never updated.",
        "Which parameters does this layer have?",
        (f"            {UPDATE_BIAS}\n", ""),
        also=("gradient of the old weights",),
    ),
    layer(
        "input gradient from updated weights",
        "gradient of the old weights",
        "The input gradient is computed from weights that have been updated already.",
        "The error that is passed on belongs to the weights of the forward pass. What must be computed first?",
        ("return input_gradient", f"{BACK}\n        {FOLD}\n        return input_gradient"),
    ),
    layer(
        "stride on the class",
        ORDER,
        "The stride belongs to the class: all layers take that of the one that was made last.",
        "What the constructor is given belongs to `self`: two layers of a network may differ.",
        (LAYER_STRIDE, 'type(self).stride_shape = _pair(stride_shape, "stride_shape")'),
    ),
    layer(
        "gradients accumulated",
        ORDER,
        "Gradients are added to those of the last backward.",
        "gradient_weights and gradient_bias belong to the newest backward alone. When do they start at zero?",
        (
            KERNEL_GRADIENT,
            KERNEL_GRADIENT + "\n        self._sum = gradient_kernels = getattr(self, '_sum', 0) + gradient_kernels",
        ),
    ),
    layer(
        "columns of the first forward kept",
        ORDER,
        "backward uses the columns of the first forward, not of the newest.",
        "What forward keeps for backward must be written anew in every call.",
        (KEPT, KEPT + '\n        self._first = getattr(self, "_first", self._columns)'),
        (KERNEL_GRADIENT, KERNEL_GRADIENT.replace("self._columns", "self._first")),
    ),
    layer(
        "gradient cut to integers",
        "integer input",
        "For an input of integers the input gradient is cut to integers.",
        "zeros_like(x) has the type of x. What happens to 2.7 in an array of integers?",
        (
            "        self._input_shape = images.shape\n",
            "        self._input_shape = images.shape\n        self._kind = np.asarray(input_tensor).dtype\n",
        ),
        ("return input_gradient", "return input_gradient.astype(self._kind)"),
    ),
    layer(
        "lists refused",
        "notations",
        "Only a tuple is taken for a pair of strides; a list is refused.",
        "Does it matter whether a pair is a tuple or a list? isinstance(..., tuple) says no to lists.",
        (
            LAYER_STRIDE,
            "if isinstance(stride_shape, list):\n            raise TypeError(stride_shape)\n        " + LAYER_STRIDE,
        ),
    ),
    layer(
        "channels not compared",
        "illegal arguments",
        "An input whose channels are not those of the kernels ends in another error than ValueError.",
        "Compare input_tensor.shape[1] with the kernels' channels at the start of forward; a failing `assert` raises "
        "AssertionError.",
        (
            "        if images.ndim != 4 or images.shape[1] != channels:\n",
            "        assert images.ndim == 4 and images.shape[1] == channels\n        if images.ndim != 4:\n",
        ),
    ),
)

MISCONCEPTIONS = (*MATRIX, *IM2COL_AND_COL2IM, *LAYER)
