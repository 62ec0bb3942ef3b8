"""Wrong variants of the pooling layers, as edits of reference/pooling.py."""

from grader.authoring import Misconception

STRIDE = 'self.stride_shape = _pair(stride_shape, "stride_shape")'
WINDOW = 'self.pooling_shape = _pair(pooling_shape, "pooling_shape")'
WINDOWS = "_windows(images, self.pooling_shape, self.stride_shape)"
INPUT_SHAPE = "self._input_shape = images.shape"

# max pooling
INDICES = "self.indices = winner_row * images.shape[3] + winner_column"
WINNER = "winner = flat_windows.argmax(axis=4)"
MAXIMA = "return flat_windows.max(axis=4)"
ADD = "np.add.at(input_gradient, (b, c, self.indices), np.asarray(error_tensor, dtype=float))"
ERROR = "np.asarray(error_tensor, dtype=float)"
MAX_RETURN = "return input_gradient.reshape(self._input_shape)"
EVERY_WINDOW = """
        for b, c, i, j in np.ndindex(*self.indices.shape):
            rows, columns = (slice(s * i, s * i + k) for s, k, i in zip(self.stride_shape, self.pooling_shape, (i, j)))
            window, error = self._images[b, c, rows, columns], error_tensor[b, c, i, j]
            input_gradient.reshape(self._input_shape)[b, c, rows, columns] += """
KEEP_IMAGES = (INPUT_SHAPE, INPUT_SHAPE + "\n        self._images = images")

# average pooling
MEANS = f"return {WINDOWS}.mean(axis=(4, 5))"
SPREAD = "return _spread(error_tensor, shares, self._input_shape, self.stride_shape)"
SHARES = "shares = np.full((m, n), 1.0 / (m * n))"
OVERWRITE = """gradient = np.zeros({shape})
        for b, c, i, j in np.ndindex(*np.shape(error_tensor)):
            y, x = i * {stride}[0], j * {stride}[1]
            gradient[b, c, y : y + {rows}, x : x + {columns}] = error_tensor[b, c, i, j] * {kernel}
        return gradient"""

# blur pooling
PADDED = "np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))"
BLURRED = 'np.einsum("bcyxmn,mn->bcyx", _windows(padded, BLUR_KERNEL.shape, self.stride), BLUR_KERNEL)'
BLUR_BACK = "_spread(error_tensor, BLUR_KERNEL, self._padded_shape, self.stride)"
BLURRED_ONES = BLURRED.replace("padded", PADDED.replace("images", "np.ones_like(images)"))
LOAD = "images = _images(input_tensor)"
SUBSAMPLED = """
        self._own_shape = images.shape
        images = images[:, :, :: self.stride[0], :: self.stride[1]]"""
UPSAMPLED = f"""gradient = np.zeros(self._own_shape)
        small = {BLUR_BACK.replace("self.stride", "(1, 1)")}
        gradient[:, :, :: self.stride[0], :: self.stride[1]] = small[:, :, 1:-1, 1:-1]
        return gradient"""

# pads the end of both axes so far that the last, partial window counts, too
PARTIAL = """
        more = [-(n - k) % s for n, k, s in zip(images.shape[2:], self.pooling_shape, self.stride_shape)]
        more = [p if p < k <= n else 0 for p, k, n in zip(more, self.pooling_shape, images.shape[2:])]
        images = np.pad(images, ((0, 0), (0, 0), (0, more[0]), (0, more[1])), constant_values={filler})"""
# pads both ends by half a window
SAME = """self._own_shape = images.shape
        images = np.pad(images, ((0, 0), (0, 0), *((k // 2, (k - 1) // 2) for k in self.pooling_shape)))
        """
CROP = (
    "[:, :, self.pooling_shape[0] // 2 :, self.pooling_shape[1] // 2 :]"
    "[:, :, : self._own_shape[2], : self._own_shape[3]]"
)


def of_any_layer(exercise, cutting, shape=(INPUT_SHAPE, "_input_shape"), cut="values"):
    """What goes wrong in each of the four layers. `cutting` puts results into an array of the input's dtype."""
    assignment, attribute = shape
    kept = assignment.replace("= ", f'= getattr(self, "{attribute}", None) or ')
    return (
        Misconception(
            name="first input shape kept",
            exercise=exercise,
            check="call order and purity",
            sentence="The shape of the first input is kept, so backward goes wrong once an input has another shape.",
            hint="The last batch of a data set is often smaller. When do you store the shape?",
            edits=((assignment, kept),),
        ),
        Misconception(
            name="cut to integers",
            exercise=exercise,
            check="integer input",
            sentence=f"For an input of integers, the {cut} are cut to integers.",
            hint="np.zeros_like(input) has the dtype of the input. Which dtype does your result need?",
            edits=cutting,
        ),
        Misconception(
            name="trainable without weights",
            exercise=exercise,
            check="trainable",
            sentence="The layer says that it is trainable, but it has no weights.",
            hint="A network gives an optimizer to every trainable layer. What would this one update?",
            edits=(("    trainable = False\n", "    trainable = True\n"),),
        ),
    )


def of_any_arguments(exercise, stride="stride_shape"):
    """What goes wrong with stride and window as arguments."""
    settings = ("self.stride =",) if exercise == "blur_pooling" else ("self.stride_shape =", "self.pooling_shape =")
    return (
        Misconception(
            name="settings on the class",
            exercise=exercise,
            check="call order and purity",
            sentence="The arguments are kept on the class: all layers take those of the one that was made last.",
            hint="What the constructor is given belongs to `self`: two layers of a network may differ.",
            edits=tuple((setting, setting.replace("self", "type(self)")) for setting in settings),
        ),
        Misconception(
            name="lists not understood",
            exercise=exercise,
            check="notation",
            sentence="A tuple is understood as a pair, a list of two numbers is not.",
            hint="Ask whether the argument is one number, rather than whether it is a tuple.",
            edits=((f"_pair({stride},", f"_pair((None, None) if isinstance({stride}, list) else {stride},"),),
        ),
        Misconception(
            name="not checked for less than 1",
            exercise=exercise,
            check="illegal arguments",
            sentence="A stride of less than 1 is accepted.",
            hint="Look at the numbers at once, in the constructor, and raise ValueError.",
            edits=((f"= _pair({stride},", f"= tuple({stride}) if np.min({stride}) < 1 else _pair({stride},"),),
        ),
    )


def of_windows(exercise, also):
    """What goes wrong with the windows of max and average pooling alike. `also`: the checks that follow from them."""
    return (
        Misconception(
            name="stride and window mixed up",
            exercise=exercise,
            check="shapes",
            sentence="Stride and window size are mixed up.",
            hint="The constructor takes the stride first, then the size of the window.",
            edits=(
                (STRIDE, STRIDE.replace("_pair(stride", "_pair(pooling")),
                (WINDOW, WINDOW.replace("_pair(pooling", "_pair(stride")),
            ),
            also=also,
        ),
        Misconception(
            name="stride rows and columns mixed up",
            exercise=exercise,
            check="shapes",
            sentence="The two numbers of the stride are mixed up: the first one is used along the columns.",
            hint="A pair is (rows, columns), and images are (b, c, y, x): which axis counts the rows?",
            edits=((STRIDE, STRIDE + "[::-1]"),),
            also=also,
        ),
        Misconception(
            name="window height and width mixed up",
            exercise=exercise,
            check="shapes",
            sentence="Height and width of the window are mixed up.",
            hint="A pair is (rows, columns), and images are (b, c, y, x): which axis counts the rows?",
            edits=((WINDOW, WINDOW + "[::-1]"),),
            also=also,
        ),
        Misconception(
            name="square windows only",
            exercise=exercise,
            check="shapes",
            sentence="The first number of the window's size is used for both of its sides.",
            hint="A window of (2, 3) has two rows and three columns. Where do you use the second number?",
            edits=((WINDOW, WINDOW + "[:1] * 2"),),
            also=also,
        ),
        Misconception(
            name="windows side by side",
            exercise=exercise,
            check="shapes",
            sentence="The windows always lie side by side: their size is used in the place of the stride.",
            hint="The stride alone says how far apart two windows begin, whatever their size.",
            edits=((STRIDE, STRIDE + '\n        self.stride_shape = _pair(pooling_shape, "pooling_shape")'),),
            also=also,
        ),
        Misconception(
            name="stride ignored",
            exercise=exercise,
            check="shapes",
            sentence="A window begins at every pixel: the stride is not used.",
            hint="With a stride of 2, at which pixel does the second window begin?",
            edits=((STRIDE, STRIDE + "\n        self.stride_shape = (1, 1)"),),
            also=also,
        ),
        Misconception(
            name="too large windows cut",
            exercise=exercise,
            check="illegal arguments",
            sentence="A window larger than the image is silently cut to the image's size.",
            hint="No window fits then: raise ValueError and say which sizes do not fit.",
            edits=(
                (
                    WINDOWS,
                    WINDOWS.replace("self.pooling_shape", "tuple(map(min, self.pooling_shape, images.shape[2:]))"),
                ),
            ),
        ),
        *of_any_arguments(exercise),
    )


AFTER_MAXIMA = ("forward", "input gradient", "indices")
AFTER_MEANS = ("forward", "input gradient")

MAX_POOLING = (
    Misconception(
        name="rounded up",
        exercise="max_pooling",
        check="shapes",
        sentence="The output's size is rounded up: a window that sticks out of the image counts as well.",
        hint="Only windows that lie inside the image count. How many of size 2, two apart, fit into five pixels?",
        edits=(
            (INPUT_SHAPE, INPUT_SHAPE + PARTIAL.format(filler="-np.inf")),
            (INDICES, INDICES.replace("images.shape", "self._input_shape")),
        ),
        also=AFTER_MAXIMA,
    ),
    Misconception(
        name="padded with zeros",
        exercise="max_pooling",
        check="shapes",
        sentence="The image is padded with zeros before pooling, as in a convolution.",
        hint="Pooling here has no padding: every window lies inside the image.",
        edits=((INPUT_SHAPE, SAME + INPUT_SHAPE), (MAX_RETURN, MAX_RETURN + CROP)),
        also=(*AFTER_MAXIMA, "illegal arguments"),
    ),
    *of_windows("max_pooling", AFTER_MAXIMA),
    Misconception(
        name="maximum starts at 0",
        exercise="max_pooling",
        check="forward",
        sentence="Where all values of a window are negative, the output is 0.",
        hint="With which number does your search for the largest one start?",
        edits=((MAXIMA, "return np.maximum(flat_windows.max(axis=4), 0)"),),
    ),
    Misconception(
        name="largest absolute value",
        exercise="max_pooling",
        check="forward",
        sentence="The value that is farthest from 0 wins, so that -3 beats 2.",
        hint="The maximum knows signs: 2 is larger than -3.",
        edits=(
            (WINNER, "winner = np.abs(flat_windows).argmax(axis=4)"),
            (MAXIMA, "return np.take_along_axis(flat_windows, winner[..., np.newaxis], axis=4)[..., 0]"),
        ),
        also=("input gradient", "indices"),
    ),
    Misconception(
        name="overlaps overwritten",
        exercise="max_pooling",
        check="input gradient",
        sentence="Where windows overlap, the error of one window overwrites that of another.",
        hint="A position that wins in several windows collects the errors of all of them.",
        edits=((ADD, f"input_gradient[b, c, self.indices] = {ERROR}"),),
    ),
    Misconception(
        name="all ties win",
        exercise="max_pooling",
        check="input gradient",
        sentence="Where the maximum stands several times in a window, each of these places gets the whole error.",
        hint="Only one of several equal maxima wins. Which one does the handout name?",
        edits=(KEEP_IMAGES, (ADD, EVERY_WINDOW.lstrip() + "error * (window == window.max())")),
    ),
    Misconception(
        name="ties share",
        exercise="max_pooling",
        check="input gradient",
        sentence="Where the maximum stands several times in a window, the error is divided among these places.",
        hint="The winner takes it all, even among equals. Which of them does the handout name?",
        edits=(
            KEEP_IMAGES,
            (ADD, EVERY_WINDOW.lstrip() + "error * (window == window.max()) / (window == window.max()).sum()"),
        ),
    ),
    Misconception(
        name="last tie wins",
        exercise="max_pooling",
        check="input gradient",
        sentence="Where the maximum stands several times in a window, the last of these places wins.",
        hint="The first in row-major order wins. Do you compare with > or with >=?",
        edits=((WINNER, "winner = m * n - 1 - flat_windows[..., ::-1].argmax(axis=4)"),),
        also=("indices",),
    ),
    Misconception(
        name="ties column by column",
        exercise="max_pooling",
        check="input gradient",
        sentence="Among equal maxima, the first one going down the columns wins instead of the first along the rows.",
        hint="Row-major order reads a window like a page: a whole row first. Which of your loops is the inner one?",
        edits=(
            (
                WINNER,
                "by_columns = windows.swapaxes(4, 5).reshape(flat_windows.shape).argmax(axis=4)\n        "
                "winner = by_columns % m * n + by_columns // m",
            ),
        ),
        also=("indices",),
    ),
    Misconception(
        name="maxima looked up by value",
        exercise="max_pooling",
        check="input gradient",
        sentence="The maximum's place is looked up by its value in the whole image, not in its window.",
        hint="The same value may stand elsewhere in the image. Find the place while you look at the window.",
        edits=(
            (
                INDICES,
                "whole = images.reshape(batch, channels, 1, 1, -1)\n        "
                "self.indices = (whole == flat_windows.max(axis=4)[..., np.newaxis]).argmax(axis=4)",
            ),
        ),
        also=("indices",),
    ),
    Misconception(
        name="place divided by the window's height",
        exercise="max_pooling",
        check="input gradient",
        sentence="The row and column of a maximum are computed with the height of the window instead of its width.",
        hint="In a window two high and three wide, which row and column is place number 4, counted from 0?",
        edits=(("winner // n", "winner // m"), ("winner % n", "winner % m")),
        also=("indices", "call order and purity", "integer input"),  # places outside of the image raise IndexError
    ),
    Misconception(
        name="stride missing in the places",
        exercise="max_pooling",
        check="input gradient",
        sentence="The places of the maxima are computed as if a window began at every pixel.",
        hint="Window number i begins at i times the stride.",
        edits=(
            ("self.stride_shape[0] * np.arange(rows)", "np.arange(rows)"),
            ("self.stride_shape[1] * np.arange(columns)", "np.arange(columns)"),
        ),
        also=("indices",),
    ),
    Misconception(
        name="places of the first image for all",
        exercise="max_pooling",
        check="input gradient",
        sentence="The maxima of the batch's first image are used for all images.",
        hint="Every image and every channel has its own maxima.",
        edits=((ADD, ADD.replace("self.indices", "self.indices[:1]")),),
    ),
    Misconception(
        name="error spread over the window",
        exercise="max_pooling",
        check="input gradient",
        sentence="The error is spread evenly over the window, as in average pooling.",
        hint="If you change a value that is not the maximum a little, what happens to the output?",
        edits=(KEEP_IMAGES, (ADD, EVERY_WINDOW.lstrip() + "error / window.size")),
    ),
    Misconception(
        name="averaged over the batch",
        exercise="max_pooling",
        check="input gradient",
        sentence="The gradient is divided by the batch size.",
        hint="Every image has its own error. A mean over the batch belongs to the loss.",
        edits=((ADD, ADD.replace(ERROR, f"{ERROR} / batch")),),
    ),
    Misconception(
        name="places counted in the window",
        exercise="max_pooling",
        check="indices",
        sentence="`indices` counts the places inside of each window.",
        hint="`indices` says where the maximum lies in its channel: row * width + column of the image.",
        edits=(
            (INDICES, INDICES.replace("self.indices", "self._places") + "\n        self.indices = winner"),
            (ADD, ADD.replace("self.indices", "self._places")),
        ),
    ),
    Misconception(
        name="places counted over the batch",
        exercise="max_pooling",
        check="indices",
        sentence="`indices` counts on from channel to channel and from image to image.",
        hint="The count starts with 0 in every channel.",
        edits=(
            (
                INDICES,
                INDICES.replace("self.indices", "self._places") + "\n        "
                "self.indices = self._places + np.arange(batch * channels).reshape(batch, channels, 1, 1)"
                " * images[0, 0].size",
            ),
            (ADD, ADD.replace("self.indices", "self._places")),
        ),
    ),
    Misconception(
        name="places counted down the columns",
        exercise="max_pooling",
        check="indices",
        sentence="`indices` counts down the columns: column * height + row.",
        hint="Row-major means along the rows: how many pixels lie before row 1, column 0?",
        edits=(
            (
                INDICES,
                INDICES.replace("self.indices", "self._places")
                + "\n        self.indices = winner_column * images.shape[2] + winner_row",
            ),
            (ADD, ADD.replace("self.indices", "self._places")),
        ),
    ),
    Misconception(
        name="strides of another array",
        exercise="max_pooling",
        check="call order and purity",
        sentence="as_strided is given strides computed from the shape, wrong for an array that was transposed.",
        hint="How an array lies in memory is for NumPy to know: take `images.strides`, or sliding_window_view.",
        edits=(
            (
                "windows = _windows(images, self.pooling_shape, self.stride_shape)",
                "windows = _windows(images, self.pooling_shape, self.stride_shape)\n"
                "        sides = (*images.shape[1:], 1)\n"
                "        b, c, y, x = (8 * int(np.prod(sides[axis:])) for axis in range(4))\n"
                "        strides = (b, c, self.stride_shape[0] * y, self.stride_shape[1] * x, y, x)\n"
                "        windows = np.lib.stride_tricks.as_strided(images, windows.shape, strides)",
            ),
        ),
    ),
    Misconception(
        name="places of an earlier forward kept",
        exercise="max_pooling",
        check="call order and purity",
        sentence="The places of the maxima are those of the first forward, also after another input.",
        hint="backward belongs to the newest forward: write the places anew in each one.",
        edits=((INDICES, "if self.indices is None:\n            " + INDICES),),
    ),
    Misconception(
        name="places shared by all layers",
        exercise="max_pooling",
        check="call order and purity",
        sentence="The places of the maxima belong to the class: a forward of one layer changes those of all others.",
        hint="What one layer remembers belongs to its own `self`.",
        edits=(
            ("self.indices = None", "type(self).indices = None"),
            (INDICES, INDICES.replace("self.indices", "type(self).indices")),
        ),
    ),
    *of_any_layer(
        "max_pooling",
        (
            (INPUT_SHAPE, INPUT_SHAPE + "\n        self._dtype = np.asarray(input_tensor).dtype"),
            (MAX_RETURN, MAX_RETURN + ".astype(self._dtype)"),
        ),
        cut="gradients",
    ),
)

AVERAGE_POOLING = (
    Misconception(
        name="rounded up",
        exercise="average_pooling",
        check="shapes",
        sentence="The output's size is rounded up: a window that sticks out of the image counts as well.",
        hint="Only windows that lie inside the image count. How many of size 2, two apart, fit into five pixels?",
        edits=(
            (
                INPUT_SHAPE,
                INPUT_SHAPE + PARTIAL.format(filler="np.nan") + "\n        self._padded_shape = images.shape",
            ),
            (MEANS, f"return np.nanmean({WINDOWS}, axis=(4, 5))"),
            (SPREAD, SPREAD.replace("_input", "_padded") + "[:, :, : self._input_shape[2], : self._input_shape[3]]"),
        ),
        also=AFTER_MEANS,
    ),
    Misconception(
        name="padded with zeros",
        exercise="average_pooling",
        check="shapes",
        sentence="The image is padded with zeros before pooling, as in a convolution.",
        hint="Pooling here has no padding: every window lies inside the image.",
        edits=((INPUT_SHAPE, SAME + INPUT_SHAPE), (SPREAD, SPREAD + CROP)),
        also=(*AFTER_MEANS, "illegal arguments"),
    ),
    *of_windows("average_pooling", AFTER_MEANS),
    Misconception(
        name="sum instead of mean",
        exercise="average_pooling",
        check="forward",
        sentence="The output is the sum of each window, not its mean.",
        hint="A window of four equal pixels must give that pixel's value.",
        edits=((MEANS, MEANS.replace("mean", "sum")),),
    ),
    Misconception(
        name="divided by the window's height",
        exercise="average_pooling",
        check="forward",
        sentence="The sum of a window is divided by its height only, in backward as well.",
        hint="How many values does a window of (2, 3) have? len(window) counts its rows.",
        edits=(
            (MEANS, MEANS.replace(".mean(axis=(4, 5))", ".sum(axis=(4, 5)) / self.pooling_shape[0]")),
            (SHARES, SHARES.replace("m * n)", "m)")),
        ),
        also=("input gradient",),
    ),
    Misconception(
        name="divided by the stride",
        exercise="average_pooling",
        check="forward",
        sentence="The sum of a window is divided by the product of the strides, in backward as well.",
        hint="A mean divides by the number of values that were added. How many does one window hold?",
        edits=(
            (MEANS, MEANS.replace(".mean(axis=(4, 5))", ".sum(axis=(4, 5)) / np.prod(self.stride_shape)")),
            (SHARES, SHARES.replace("(m * n)", "np.prod(self.stride_shape)")),
        ),
        also=("input gradient",),
    ),
    Misconception(
        name="zeros not counted",
        exercise="average_pooling",
        check="forward",
        sentence="The sum of a window is divided by the number of its positive values.",
        hint="Every value of a window counts, whatever its sign and also where it is 0.",
        edits=(
            (
                MEANS,
                f"windows = {WINDOWS}\n        "
                "return windows.sum(axis=(4, 5)) / np.maximum((windows > 0).sum(axis=(4, 5)), 1)",
            ),
        ),
    ),
    Misconception(
        name="maximum instead of mean",
        exercise="average_pooling",
        check="forward",
        sentence="The output is the largest value of each window.",
        hint="That is max pooling. Here every value of a window counts.",
        edits=((MEANS, MEANS.replace("mean", "max")),),
    ),
    Misconception(
        name="gradient not divided",
        exercise="average_pooling",
        check="input gradient",
        sentence="Every value of a window gets the window's whole error instead of its share.",
        hint="If one of four values grows by 1, by how much does their mean grow?",
        edits=((SHARES, SHARES.replace("1.0 / (m * n)", "1.0")),),
    ),
    Misconception(
        name="gradient divided by the stride",
        exercise="average_pooling",
        check="input gradient",
        sentence="In backward, the error is divided by the product of the strides instead of the window's size.",
        hint="Each value counts in the mean with the same share. Where does that share come from?",
        edits=((SHARES, SHARES.replace("(m * n)", "np.prod(self.stride_shape)")),),
    ),
    Misconception(
        name="gradient divided by the window's height",
        exercise="average_pooling",
        check="input gradient",
        sentence="In backward, the error is divided by the window's height only.",
        hint="How many values does a window of (2, 3) have?",
        edits=((SHARES, SHARES.replace("(m * n)", "m")),),
    ),
    Misconception(
        name="gradient to one value only",
        exercise="average_pooling",
        check="input gradient",
        sentence="Only the first value of each window gets a gradient.",
        hint="Which values of a window change its mean?",
        edits=((SHARES, SHARES + "\n        shares.flat[1:] = 0"),),
    ),
    Misconception(
        name="overlaps overwritten",
        exercise="average_pooling",
        check="input gradient",
        sentence="Where windows overlap, the error of one window overwrites that of another.",
        hint="A pixel that lies in several windows collects a share of each of their errors.",
        edits=(
            (
                SPREAD,
                OVERWRITE.format(
                    shape="self._input_shape", stride="self.stride_shape", rows="m", columns="n", kernel="shares"
                ),
            ),
        ),
    ),
    Misconception(
        name="averaged over the batch",
        exercise="average_pooling",
        check="input gradient",
        sentence="The gradient is divided by the batch size.",
        hint="Every image has its own error. A mean over the batch belongs to the loss.",
        edits=((SHARES, SHARES.replace("(m * n)", "(m * n * len(error_tensor))")),),
    ),
    *of_any_layer("average_pooling", ((MEANS, MEANS + ".astype(np.asarray(input_tensor).dtype)"),), cut="means"),
)

MEAN = "return images.mean(axis=(2, 3))"
SHARE = "share = np.asarray(error_tensor, dtype=float) / (height * width)"
SHARED = "return share[:, :, np.newaxis, np.newaxis] * np.ones((height, width))"

GLOBAL_AVERAGE_POOLING = (
    Misconception(
        name="axes kept",
        exercise="global_average_pooling",
        check="shapes",
        sentence="The output is (b, c, 1, 1) instead of (b, c).",
        hint="The layer takes the place of flattening: the next one expects one row for each image.",
        edits=(
            (MEAN, "return images.mean(axis=(2, 3), keepdims=True)"),
            (SHARED, SHARED.replace("[:, :, np.newaxis, np.newaxis]", "")),
        ),
        also=("forward",),
    ),
    Misconception(
        name="averaged over the batch",
        exercise="global_average_pooling",
        check="shapes",
        sentence="The mean is taken over all images of the batch at once.",
        hint="Every image keeps a value of its own for each channel.",
        edits=(
            (MEAN, "return images.mean(axis=(0, 2, 3))"),
            (SHARED, "return share[:, np.newaxis, np.newaxis] / self._input_shape[0] * np.ones(self._input_shape)"),
        ),
        also=("forward", "input gradient"),
    ),
    Misconception(
        name="averaged over the channels",
        exercise="global_average_pooling",
        check="shapes",
        sentence="The mean is taken over the channels, so that an image remains.",
        hint="Axis 1 are the channels. Which axes are the rows and columns?",
        edits=(
            (MEAN, "return images.mean(axis=1)"),
            (SHARED, "return error_tensor[:, np.newaxis] / self._input_shape[1] * np.ones(self._input_shape)"),
        ),
        also=("forward", "input gradient"),
    ),
    Misconception(
        name="averaged over one axis",
        exercise="global_average_pooling",
        check="shapes",
        sentence="The mean is taken over the columns only, so that one value for each row remains.",
        hint="Which axes of (b, c, y, x) must disappear?",
        edits=(
            (MEAN, "return images.mean(axis=3)"),
            (SHARED, "return error_tensor[..., np.newaxis] / width * np.ones(self._input_shape)"),
        ),
        also=("forward", "input gradient"),
    ),
    Misconception(
        name="sum instead of mean",
        exercise="global_average_pooling",
        check="forward",
        sentence="The output is the sum of each channel, not its mean.",
        hint="A channel of equal pixels must give that pixel's value.",
        edits=((MEAN, MEAN.replace("mean", "sum")),),
    ),
    Misconception(
        name="divided by the channels, too",
        exercise="global_average_pooling",
        check="forward",
        sentence="The sum of a channel is divided by the number of values of all channels.",
        hint="How many values were added for one output?",
        edits=((MEAN, "return images.sum(axis=(2, 3)) / images[0].size"),),
    ),
    Misconception(
        name="maximum instead of mean",
        exercise="global_average_pooling",
        check="forward",
        sentence="The output is the largest value of each channel.",
        hint="That is global max pooling. Here every pixel counts.",
        edits=((MEAN, MEAN.replace("mean", "max")),),
    ),
    Misconception(
        name="gradient not divided",
        exercise="global_average_pooling",
        check="input gradient",
        sentence="Every pixel gets the whole error of its channel instead of its share.",
        hint="If one pixel of a hundred grows by 1, by how much does their mean grow?",
        edits=((SHARE, SHARE.replace(" / (height * width)", "")),),
    ),
    Misconception(
        name="square images only",
        exercise="global_average_pooling",
        check="input gradient",
        sentence="In backward, the error is divided by the height twice instead of by height and width.",
        hint="Try an image that is not a square.",
        edits=((SHARE, SHARE.replace("height * width", "height * height")),),
    ),
    Misconception(
        name="gradient divided by the channels, too",
        exercise="global_average_pooling",
        check="input gradient",
        sentence="In backward, the error is divided by the number of values of all channels.",
        hint="One output is the mean of one channel. How many pixels share its error?",
        edits=((SHARE, SHARE.replace("height * width", "np.prod(self._input_shape[1:])")),),
    ),
    Misconception(
        name="gradient averaged over the batch",
        exercise="global_average_pooling",
        check="input gradient",
        sentence="The gradient is divided by the batch size as well.",
        hint="Every image has its own error. A mean over the batch belongs to the loss.",
        edits=((SHARE, SHARE.replace("height * width", "height * width * len(error_tensor)")),),
    ),
    Misconception(
        name="any number of axes accepted",
        exercise="global_average_pooling",
        check="illegal arguments",
        sentence="Inputs that are no batch of images are averaged as well.",
        hint="The input must have the four axes (b, c, y, x). Raise ValueError where it has not.",
        edits=(
            ("images = _images(input_tensor)", "images = np.asarray(input_tensor, dtype=float)"),
            (MEAN, "return images.mean(axis=tuple(range(images.ndim))[2:])"),
        ),
    ),
    *of_any_layer("global_average_pooling", ((MEAN, MEAN + ".astype(np.asarray(input_tensor).dtype)"),), cut="means"),
)

BLUR_POOLING = (
    Misconception(
        name="no padding",
        exercise="blur_pooling",
        check="shapes",
        sentence="The image is not padded, so that the output is smaller than it should be.",
        hint="A ring of zeros around the image lets a window lie around every pixel.",
        edits=((PADDED, "images"), ("[:, :, 1:-1, 1:-1]", "")),
        also=("forward", "input gradient"),
    ),
    Misconception(
        name="stride ignored",
        exercise="blur_pooling",
        check="shapes",
        sentence="The image is blurred, but not made smaller: the stride is not used.",
        hint="After blurring, only every stride-th row and column is kept.",
        edits=(
            (
                'self.stride = _pair(stride, "stride")',
                'self.stride = _pair(stride, "stride")\n        self.stride = (1, 1)',
            ),
        ),
        also=("forward", "input gradient"),
    ),
    Misconception(
        name="stride rows and columns mixed up",
        exercise="blur_pooling",
        check="shapes",
        sentence="The two numbers of the stride are mixed up: the first one is used along the columns.",
        hint="A pair is (rows, columns), and images are (b, c, y, x): which axis counts the rows?",
        edits=(('self.stride = _pair(stride, "stride")', 'self.stride = _pair(stride, "stride")[::-1]'),),
        also=("forward", "input gradient"),
    ),
    Misconception(
        name="rounded down",
        exercise="blur_pooling",
        check="shapes",
        sentence="The output's size is rounded down: the last row or column that should be kept is lost.",
        hint="Of five pixels, the pixels 0, 2 and 4 are kept with a stride of 2.",
        edits=(
            (
                BLURRED,
                BLURRED
                + "[:, :, : max(images.shape[2] // self.stride[0], 1), : max(images.shape[3] // self.stride[1], 1)]",
            ),
        ),
        also=("forward", "input gradient"),
    ),
    Misconception(
        name="last of each stride kept",
        exercise="blur_pooling",
        check="shapes",
        sentence="Subsampling does not start with the first pixel, but with the last of each stride.",
        hint="Every stride-th value, starting with number 0: with a stride of 2 these are 0, 2, 4 ...",
        edits=(
            (
                BLURRED,
                BLURRED.replace("self.stride", "(1, 1)")
                + "[:, :, min(self.stride[0], images.shape[2]) - 1 :: self.stride[0],"
                " min(self.stride[1], images.shape[3]) - 1 :: self.stride[1]]",
            ),
        ),
        also=("forward", "input gradient"),
    ),
    Misconception(
        name="not divided by 16",
        exercise="blur_pooling",
        check="forward",
        sentence="The weights 1 2 1 / 2 4 2 / 1 2 1 are used without dividing by their sum.",
        hint="Blurring must keep the brightness: the weights add up to 1.",
        edits=(("[1, 2, 1]]) / 16", "[1, 2, 1]]) / 1"),),
        also=("input gradient",),
    ),
    Misconception(
        name="divided by 9",
        exercise="blur_pooling",
        check="forward",
        sentence="The weights are divided by 9, the number of pixels, instead of by their sum.",
        hint="Blurring must keep the brightness. What do the weights 1 2 1 / 2 4 2 / 1 2 1 add up to?",
        edits=(("[1, 2, 1]]) / 16", "[1, 2, 1]]) / 9"),),
        also=("input gradient",),
    ),
    Misconception(
        name="plain mean",
        exercise="blur_pooling",
        check="forward",
        sentence="All nine pixels count alike: that is a box filter.",
        hint="The pixel in the middle counts most, see the handout's weights.",
        edits=(("np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16", "np.ones((3, 3)) / 9"),),
        also=("input gradient",),
    ),
    Misconception(
        name="border repeated",
        exercise="blur_pooling",
        check="forward",
        sentence="The image's border is repeated where the padding should be zeros.",
        hint="What stands in the ring around the image? See the handout.",
        edits=((PADDED, PADDED[:-1] + ', mode="edge")'),),
    ),
    Misconception(
        name="border brightened",
        exercise="blur_pooling",
        check="forward",
        sentence="At the border, the weights are scaled so that those inside of the image add up to 1.",
        hint="The padding's zeros count like any other pixels.",
        edits=((f"return {BLURRED}", f"weights = {BLURRED_ONES}\n        return {BLURRED} / weights"),),
    ),
    Misconception(
        name="subsampled before blurring",
        exercise="blur_pooling",
        check="forward",
        sentence="The image is made smaller first and blurred afterwards.",
        hint="Blurring takes out the fine structures that would do harm when pixels are left out. Which comes first?",
        edits=(
            (LOAD, LOAD + SUBSAMPLED),
            (BLURRED, BLURRED.replace("self.stride", "(1, 1)")),
            (f"return {BLUR_BACK}[:, :, 1:-1, 1:-1]", UPSAMPLED),
        ),
        also=("input gradient",),
    ),
    Misconception(
        name="channels mixed",
        exercise="blur_pooling",
        check="forward",
        sentence="Every output channel is the mean of all blurred channels.",
        hint="Each channel is blurred for itself; they never mix.",
        edits=(
            (
                f"return {BLURRED}",
                f"blurred = {BLURRED}\n        return blurred.mean(axis=1, keepdims=True) * np.ones_like(blurred)",
            ),
        ),
    ),
    Misconception(
        name="gradient not blurred",
        exercise="blur_pooling",
        check="input gradient",
        sentence="The errors go to the pixels that were kept only, not to the neighbours that were blurred into them.",
        hint="Every output was made of nine pixels. With which weights?",
        edits=((BLUR_BACK, BLUR_BACK.replace("BLUR_KERNEL", "np.eye(9)[4].reshape(3, 3)")),),
    ),
    Misconception(
        name="stride ignored in the gradient",
        exercise="blur_pooling",
        check="input gradient",
        sentence="In backward, the errors are put side by side as if nothing had been left out.",
        hint="Output number i was made around pixel i times the stride.",
        edits=((BLUR_BACK, BLUR_BACK.replace("self.stride", "(1, 1)")),),
    ),
    Misconception(
        name="gradient not divided by 16",
        exercise="blur_pooling",
        check="input gradient",
        sentence="The gradient uses the weights 1 2 1 / 2 4 2 / 1 2 1 without dividing by 16.",
        hint="A pixel gets the error times the weight with which it entered the output.",
        edits=((BLUR_BACK, BLUR_BACK.replace("BLUR_KERNEL", "16 * BLUR_KERNEL")),),
    ),
    Misconception(
        name="padding left in the gradient",
        exercise="blur_pooling",
        check="input gradient",
        sentence="The gradient still has the ring of padding around it.",
        hint="The gradient has the shape of the input: the padding was not part of it.",
        edits=(("[:, :, 1:-1, 1:-1]", ""),),
    ),
    Misconception(
        name="overlaps overwritten",
        exercise="blur_pooling",
        check="input gradient",
        sentence="Where windows overlap, the error of one window overwrites that of another.",
        hint="A pixel that lies in several windows collects something from each of them.",
        edits=(
            (
                f"return {BLUR_BACK}[:, :, 1:-1, 1:-1]",
                OVERWRITE.format(
                    shape="self._padded_shape", stride="self.stride", rows="3", columns="3", kernel="BLUR_KERNEL"
                )
                + "[:, :, 1:-1, 1:-1]",
            ),
        ),
    ),
    Misconception(
        name="averaged over the batch",
        exercise="blur_pooling",
        check="input gradient",
        sentence="The gradient is divided by the batch size.",
        hint="Every image has its own error. A mean over the batch belongs to the loss.",
        edits=((BLUR_BACK, BLUR_BACK.replace("error_tensor", "np.asarray(error_tensor) / len(error_tensor)")),),
    ),
    *of_any_arguments("blur_pooling", "stride"),
    *of_any_layer(
        "blur_pooling",
        ((BLURRED, BLURRED + ".astype(np.asarray(input_tensor).dtype)"),),
        ("self._padded_shape = padded.shape", "_padded_shape"),
    ),
)

MISCONCEPTIONS = (*MAX_POOLING, *AVERAGE_POOLING, *GLOBAL_AVERAGE_POOLING, *BLUR_POOLING)
