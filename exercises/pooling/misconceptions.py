"""Wrong variants of the pooling layers."""

from grader.authoring import Misconception

STRIDE = 'self.stride_shape = _pair(stride_shape, "stride_shape")'
WINDOW = 'self.pooling_shape = _pair(pooling_shape, "pooling_shape")'
WINDOWS = "_windows(images, self.pooling_shape, self.stride_shape)"
SHAPE_KEPT = "self._input_shape = images.shape"
IMAGES = "images = _images(input_tensor)"


def trainable(exercise):
    return Misconception(
        name="trainable without weights",
        exercise=exercise,
        check="trainable",
        sentence="The layer says that it is trainable, but it has no weights.",
        hint="A network gives an optimizer to every trainable layer. What would this one update?",
        edits=(("    trainable = False\n", "    trainable = True\n"),),
    )


def first_shape(exercise, name="_input_shape", value="images.shape"):
    return Misconception(
        name="first input shape kept",
        exercise=exercise,
        check="call order and purity",
        sentence="The input shape of the first forward is kept, so backward fails once an input has another size.",
        hint="The last batch of a data set is often smaller. When is the shape stored?",
        edits=((f"self.{name} = {value}", f'self.{name} = getattr(self, "{name}", {value})'),),
    )


def only_tuples(exercise):
    return Misconception(
        name="only tuples are pairs",
        exercise=exercise,
        check="notation",
        sentence="A list of two numbers is not understood as a pair.",
        hint="Ask whether the argument is one number, not whether it is a tuple.",
        edits=(("(value, value) if np.ndim(value) == 0 else tuple(value)", "value if type(value) is tuple else (value,) * 2"),),
    )


def negative(exercise):
    return Misconception(
        name="negative numbers accepted",
        exercise=exercise,
        check="illegal arguments",
        sentence="A stride or window size below 1 is accepted.",
        hint="Look at the numbers in the constructor, before they are used for slicing.",
        edits=((" and v >= 1 for v in values", " and v != 0 for v in values"),),
    )


def integer_output(exercise, old):
    return Misconception(
        name="result in the input's dtype",
        exercise=exercise,
        check="integer input",
        sentence="For an input of integers the means are cut to integers.",
        hint="Which dtype has the array that you write the results to?",
        edits=((f"return {old}", f"return {old}.astype(np.asarray(input_tensor).dtype)"),),
    )


def window_misconceptions(exercise, consequences):
    """What goes wrong with windows in max and average pooling alike."""
    return (
        Misconception(
            name="stride and window mixed up",
            exercise=exercise,
            check="shapes",
            sentence="Stride and window size are mixed up.",
            hint="The constructor takes the stride first, then the size of the window.",
            edits=((STRIDE, STRIDE.replace("_pair(stride", "_pair(pooling")), (WINDOW, WINDOW.replace("_pair(pooling", "_pair(stride"))),
            also=consequences,
        ),
        Misconception(
            name="stride's axes mixed up",
            exercise=exercise,
            check="shapes",
            sentence="The stride's two numbers are mixed up: the first is used along the columns.",
            hint="A pair is (rows, columns); images are (b, c, y, x), so rows are axis 2.",
            edits=((STRIDE, STRIDE + "[::-1]"),),
            also=consequences,
        ),
        Misconception(
            name="window's axes mixed up",
            exercise=exercise,
            check="shapes",
            sentence="Height and width of the window are mixed up.",
            hint="A pair is (rows, columns); images are (b, c, y, x), so rows are axis 2.",
            edits=((WINDOW, WINDOW + "[::-1]"),),
            also=consequences,
        ),
        Misconception(
            name="square windows only",
            exercise=exercise,
            check="shapes",
            sentence="The window's first number is used for both of its sides.",
            hint="A window of 2x3 has two rows and three columns. Where does your code use the second number?",
            edits=((WINDOW, WINDOW + "[:1] * 2"),),
            also=consequences,
        ),
        Misconception(
            name="windows never overlap",
            exercise=exercise,
            check="shapes",
            sentence="Windows are always laid side by side: the window's size is used as the stride.",
            hint="The stride says how far apart the windows begin, whatever their size.",
            edits=((STRIDE, STRIDE.replace("_pair(stride", "_pair(pooling")),),
            also=consequences,
        ),
        Misconception(
            name="stride ignored",
            exercise=exercise,
            check="shapes",
            sentence="The windows begin at every pixel: the stride is not used.",
            hint="Where does the second window begin when the stride is 2?",
            edits=((f"{WINDOWS}", "_windows(images, self.pooling_shape, (1, 1))"), (STRIDE, f"{STRIDE}, _pair(stride_shape, '')\n        self.stride_shape = 1, 1")),
            also=consequences,
        ),
        Misconception(
            name="positions of the first shape",
            exercise=exercise,
            check="shapes",
            sentence="",
            hint="",
            edits=(),
        ),
    )
