"""Wrong variants of Flatten, as edits of reference/flatten.py."""

from grader.authoring import Misconception

KEEP = "self._input_shape = input_tensor.shape"
ROWS = "input_tensor.reshape(len(input_tensor), -1)"
BACK = "np.asarray(error_tensor, dtype=float).reshape(self._input_shape)"
SMALL = "np.moveaxis(input_tensor, 1, -1)"


def flatten(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "flatten", check, sentence, hint, edits, also)


MISCONCEPTIONS = (
    flatten(
        "batch flattened away",
        "shapes",
        "All samples of the batch end up in one single row.",
        "Every sample keeps a row of its own: the first axis stays as it is.",
        (ROWS, "input_tensor.ravel()"),
        also=("forward", "any number of axes"),
    ),
    flatten(
        "one row for the batch",
        "shapes",
        "The whole batch becomes one row of shape (1, n).",
        "Every sample keeps a row of its own: the first axis stays as it is.",
        (ROWS, "input_tensor.reshape(1, -1)"),
        also=("forward", "any number of axes"),
    ),
    flatten(
        "samples in columns",
        "shapes",
        "The output is (n, b): every sample is a column instead of a row.",
        "The batch is the first axis of every array in this course.",
        (ROWS, ROWS + ".T"),
        (BACK, "np.asarray(error_tensor, dtype=float).T.reshape(self._input_shape)"),
        also=("forward", "input gradient", "any number of axes"),
    ),
    flatten(
        "channels left apart",
        "shapes",
        "Only the pixels of each channel are flattened: the output is (b, c, y*x).",
        "Everything but the batch becomes one axis, the channels, too.",
        (ROWS, "input_tensor.reshape(*input_tensor.shape[:2], -1)"),
        also=("forward", "any number of axes"),
    ),
    flatten(
        "batch of one squeezed",
        "shapes",
        "With a single sample in the batch, the output has one axis instead of two.",
        "A batch of one sample is still a batch: its output is (1, n). Do you use squeeze?",
        (ROWS, ROWS + ".squeeze()"),
        also=("forward", "any number of axes"),
    ),
    flatten(
        "column-major",
        "forward",
        "Each sample is written in column-major order: its first axis runs fastest.",
        "Row-major order: the last axis runs fastest, as in the handout's example.",
        (ROWS, 'input_tensor.reshape(len(input_tensor), -1, order="F")'),
        (BACK, BACK.replace("_shape)", '_shape, order="F")')),
        also=("input gradient", "any number of axes"),
    ),
    flatten(
        "channels last",
        "forward",
        "The channels are moved to the end first, so that they run fastest.",
        "Row-major order of (c, y, x): first the whole channel 0, then channel 1.",
        (ROWS, ROWS.replace("input_tensor.reshape", f"{SMALL}.reshape")),
        (
            BACK,
            "np.moveaxis(np.reshape(error_tensor, (len(error_tensor), *self._input_shape[2:], self._input_shape[1])),"
            " -1, 1).astype(float)",
        ),
        also=("input gradient", "any number of axes"),
    ),
    flatten(
        "samples mixed",
        "forward",
        "The rows do not hold one sample each: values of different samples are mixed.",
        "reshape does not move axes. Row i must hold exactly the values of sample i.",
        (ROWS, "np.moveaxis(input_tensor, 0, -1).reshape(len(input_tensor), -1)"),
        (BACK, "np.moveaxis(np.reshape(error_tensor, (*self._input_shape[1:], -1)), -1, 0).astype(float)"),
        also=("input gradient", "any number of axes"),
    ),
    flatten(
        "error passed on flat",
        "input gradient",
        "backward returns the error as it came, as (b, n).",
        "The layer before expects the shape of its own output, which was your input.",
        (BACK, "np.asarray(error_tensor, dtype=float)"),
        also=("any number of axes",),
    ),
    flatten(
        "error column-major",
        "input gradient",
        "backward fills the input's shape in column-major order, although forward reads it in row-major order.",
        "backward undoes exactly what forward did. Which axis runs fastest?",
        (BACK, BACK.replace("_shape)", '_shape, order="F")')),
        also=("any number of axes",),
    ),
    flatten(
        "averaged over the batch",
        "input gradient",
        "The gradient is divided by the batch size.",
        "Flatten only moves values about. A mean over the batch belongs to the loss.",
        (BACK, BACK + " / len(error_tensor)"),
        also=("any number of axes",),
    ),
    flatten(
        "only four axes",
        "any number of axes",
        "Only inputs with exactly four axes can be flattened.",
        "You need the size of the first axis only; the product of the others can be had without naming them.",
        (KEEP, KEEP + "\n        b, c, y, x = input_tensor.shape"),
    ),
    flatten(
        "last three axes only",
        "any number of axes",
        "Only the last three axes are flattened, whatever the number of axes.",
        "With six axes, five of them become one. Which one is left?",
        (ROWS, "input_tensor.reshape(*input_tensor.shape[:-3], -1)"),
    ),
    flatten(
        "first shape kept",
        "call order and purity",
        "The shape of the first input is kept for ever, so backward goes wrong once an input has another shape.",
        "The last batch of a data set is often smaller. When do you store the shape?",
        (KEEP, 'self._input_shape = getattr(self, "_input_shape", input_tensor.shape)'),
    ),
    flatten(
        "first sample shape kept",
        "call order and purity",
        "The shape of the first samples is kept for ever; only the batch size may change.",
        "Images of another size may follow. When do you store the shape?",
        (
            KEEP,
            'self._sample = getattr(self, "_sample", input_tensor.shape[1:])\n        '
            "self._input_shape = (-1, *self._sample)",
        ),
    ),
    flatten(
        "shape shared by all layers",
        "call order and purity",
        "The input's shape belongs to the class: a forward of one layer changes that of all others.",
        "What one layer remembers belongs to its own `self`.",
        (KEEP, KEEP.replace("self.", "type(self).")),
    ),
    flatten(
        "order of memory",
        "call order and purity",
        "The numbers are taken as they lie in memory, which is another order for an array that was transposed.",
        "What does reshape do without the argument `order`?",
        (
            "return input_tensor.reshape(len(input_tensor), -1)",
            "return input_tensor.reshape(len(input_tensor), -1, order='A')",
        ),
    ),
    flatten(
        "cut to integers",
        "integer input",
        "For an input of integers, the gradient is cut to integers.",
        "The dtype of the input has nothing to do with that of the error. Just reshape the error.",
        (KEEP, "self._dtype = np.asarray(input_tensor).dtype\n        " + KEEP),
        ("input_tensor = np.asarray(input_tensor, dtype=float)", "input_tensor = np.asarray(input_tensor)"),
        (BACK, BACK + ".astype(self._dtype)"),
    ),
    flatten(
        "trainable without weights",
        "trainable",
        "The layer says that it is trainable, but it has no weights.",
        "A network gives an optimizer to every trainable layer. What would this one update?",
        ("    trainable = False\n", "    trainable = True\n"),
    ),
)
