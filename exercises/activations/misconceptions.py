"""Wrong variants of the activation functions."""

from grader.authoring import Misconception

PURITY = "call order and purity"
FLOATS = "input_tensor = np.asarray(input_tensor, dtype=float)"
KEEP_INPUT = (FLOATS, f"{FLOATS}\n        self._input = input_tensor")
ANEW = "Work on a copy, or use operators that make a new array (a * b instead of a *= b)."


def untrainable(exercise, name):
    """A layer that claims to have weights."""
    return Misconception(
        name,
        exercise,
        "trainable",
        "`trainable` is True, but there is nothing to train: the layer has no weights.",
        "A network asks `trainable` to find the layers that have weights.",
        (("trainable = False", "trainable = True"),),
    )


def error_ignored(exercise, name, old, new):
    """Only the derivative."""
    return Misconception(
        name,
        exercise,
        "input gradient",
        "backward returns the derivative alone, without the error tensor.",
        "The chain rule: what comes from above is multiplied by the derivative.",
        ((old, new),),
    )


def about(exercise):
    """Makes misconceptions of one exercise."""

    def make(name, check, sentence, hint, *edits, also=()):
        return Misconception(name, exercise, check, sentence, hint, edits, also)

    return make


SIGMOID = about("sigmoid")
SIGMOID_BACK = "return np.asarray(error_tensor, dtype=float) * self._output * (1.0 - self._output)"
SIGMOID_FORWARD = "self._output = np.where(input_tensor >= 0, 1.0, small) / (1.0 + small)"

TANH = about("tanh")
TANH_FORWARD = "self._output = np.tanh(np.asarray(input_tensor, dtype=float))"
TANH_BACK = "return np.asarray(error_tensor, dtype=float) * (1.0 - self._output**2)"

RELU = about("relu")
RELU_FORWARD = "return np.where(self._positive, input_tensor, 0.0)"
RELU_BACK = "return np.where(self._positive, np.asarray(error_tensor, dtype=float), 0.0)"

LEAKY = about("leaky_relu")
LEAKY_SLOPE = "self._slope = np.where(input_tensor > 0, 1.0, self.negative_slope)"
LEAKY_FORWARD = "return self._slope * input_tensor"
LEAKY_BACK = "return self._slope * np.asarray(error_tensor, dtype=float)"

SOFTMAX = about("softmax")
SHIFT = "shifted = input_tensor - input_tensor.max(axis=1, keepdims=True)"
SUM = "exponentials.sum(axis=1, keepdims=True)"
SOFTMAX_FORWARD = f"self._output = exponentials / {SUM}"
SOFTMAX_BACK = "return self._output * (error_tensor - weighted_sum)"
WEIGHTED = "weighted_sum = (error_tensor * self._output).sum(axis=1, keepdims=True)"

MISCONCEPTIONS = (
    SIGMOID(
        "sign of the exponent",
        "forward",
        "The exponent has the wrong sign: large inputs give 0 and small ones give 1.",
        "What should come out for a very large x? Put it into your formula by hand.",
        (SIGMOID_FORWARD, SIGMOID_FORWARD.replace(">=", "<")),
        also=("large inputs",),
    ),
    SIGMOID(
        "derivative of the input",
        "input gradient",
        "The derivative is computed as x * (1 - x) from the input x instead of from the output.",
        "In sigma(x) (1 - sigma(x)) the function's value stands twice, never x itself.",
        KEEP_INPUT,
        (SIGMOID_BACK, SIGMOID_BACK.replace("_output", "_input")),
    ),
    SIGMOID(
        "sigmoid of the output",
        "input gradient",
        "backward applies the sigmoid to the output, so that it is applied twice.",
        "forward has computed sigma(x) already: is it the output or the input that you kept?",
        (
            SIGMOID_BACK,
            "twice = 1.0 / (1.0 + np.exp(-self._output))\n"
            "        return np.asarray(error_tensor, dtype=float) * twice * (1.0 - twice)",
        ),
    ),
    SIGMOID(
        "factor forgotten",
        "input gradient",
        "The derivative is 1 - sigma(x): a factor is missing.",
        "Derive 1 / (1 + exp(-x)) once more, or compare with a small difference of two outputs.",
        (SIGMOID_BACK, SIGMOID_BACK.replace("* self._output * (", "* (")),
    ),
    SIGMOID(
        "derivative of tanh",
        "input gradient",
        "The derivative is 1 - y^2, which belongs to tanh.",
        "Each activation has a derivative of its own.",
        (SIGMOID_BACK, SIGMOID_BACK.replace("* self._output * (1.0 - self._output)", "* (1.0 - self._output**2)")),
    ),
    error_ignored("sigmoid", "error ignored", "np.asarray(error_tensor, dtype=float) * self._output", "self._output"),
    SIGMOID(
        "overflow",
        "large inputs",
        "For large inputs the exponential overflows, and what comes back is not a number.",
        "inf / inf is nan: which of the two forms, with exp(x) or with exp(-x), is safe for which sign of x?",
        (SIGMOID_FORWARD, "self._output = np.exp(input_tensor) / (1.0 + np.exp(input_tensor))"),
        also=("large input gradient",),
    ),
    SIGMOID(
        "input clipped",
        "large inputs",
        "Large inputs are cut off so early that the result is not the sigmoid any more.",
        "If you clip, then only where exp overflows: float64 reaches about exp(709).",
        (SIGMOID_FORWARD, f"small = np.exp(-np.clip(np.abs(input_tensor), 0, 10))\n        {SIGMOID_FORWARD}"),
    ),
    SIGMOID(
        "derivative overflows",
        "large input gradient",
        "backward computes exp(-x) / (1 + exp(-x))^2, which is not a number for very negative x.",
        "Write the derivative with the output instead: that never overflows.",
        KEEP_INPUT,
        (
            SIGMOID_BACK,
            "power = np.exp(-self._input)\n"
            "        return np.asarray(error_tensor, dtype=float) * power / (1.0 + power) ** 2",
        ),
    ),
    SIGMOID(
        "first output kept",
        PURITY,
        "backward uses the output of the very first forward, not of the newest.",
        "What forward keeps for backward must be replaced in every call.",
        (SIGMOID_FORWARD, f"{SIGMOID_FORWARD}\n        self._first = getattr(self, '_first', self._output)"),
        (SIGMOID_BACK, SIGMOID_BACK.replace("_output", "_first")),
    ),
    SIGMOID(
        "output changed by backward",
        PURITY,
        "backward writes the derivative into the stored output, which the caller of forward still holds.",
        ANEW,
        (
            SIGMOID_BACK,
            "self._output *= 1.0 - self._output\n        return np.asarray(error_tensor, dtype=float) * self._output",
        ),
    ),
    SIGMOID(
        "output stored like the input",
        "integer input",
        "The output is written into an array of the input's type, which turns every sigmoid of an integer into 0.",
        "np.zeros_like and np.empty_like copy the type as well.",
        (FLOATS, "input_tensor = np.asarray(input_tensor)"),
        (SIGMOID_FORWARD, f"{SIGMOID_FORWARD}\n        self._output = self._output.astype(input_tensor.dtype)"),
    ),
    untrainable("sigmoid", "trainable"),
    TANH(
        "exponent not doubled",
        "forward",
        "The function is (1 - exp(-x)) / (1 + exp(-x)), which is tanh of x / 2.",
        "Put x = ln 2 in by hand: tanh(ln 2) is 3/5.",
        (TANH_FORWARD, TANH_FORWARD.replace("dtype=float)", "dtype=float) / 2")),
        also=("input gradient",),
    ),
    TANH(
        "derivative of the input",
        "input gradient",
        "The derivative is computed as 1 - x^2 from the input x instead of from the output.",
        "In 1 - tanh(x)^2 the function's value is squared, not x itself.",
        (TANH_FORWARD, f"self._input = np.asarray(input_tensor, dtype=float)\n        {TANH_FORWARD}"),
        (TANH_BACK, TANH_BACK.replace("_output", "_input")),
    ),
    TANH(
        "tanh of the output",
        "input gradient",
        "backward applies tanh to the output, so that it is applied twice.",
        "forward has computed tanh(x) already: is it the output or the input that you kept?",
        (TANH_BACK, TANH_BACK.replace("self._output**2", "np.tanh(self._output) ** 2")),
    ),
    TANH(
        "square forgotten",
        "input gradient",
        "The derivative is 1 - tanh(x): the square is missing.",
        "What is the slope of tanh at a very negative x, and what does your formula say?",
        (TANH_BACK, TANH_BACK.replace("**2", "")),
    ),
    TANH(
        "derivative of sigmoid",
        "input gradient",
        "The derivative is y * (1 - y), which belongs to the sigmoid.",
        "Each activation has a derivative of its own.",
        (TANH_BACK, TANH_BACK.replace("(1.0 - self._output**2)", "self._output * (1.0 - self._output)")),
    ),
    TANH(
        "sign of the derivative",
        "input gradient",
        "The derivative has the wrong sign: y^2 - 1 instead of 1 - y^2.",
        "tanh rises everywhere: which sign must its derivative have?",
        (TANH_BACK, TANH_BACK.replace("1.0 - self._output**2", "self._output**2 - 1.0")),
    ),
    error_ignored("tanh", "error ignored", "np.asarray(error_tensor, dtype=float) * (1", "(1"),
    TANH(
        "error tensor changed",
        PURITY,
        "backward multiplies the error tensor in place, so that the layer above finds its own array changed.",
        ANEW,
        (TANH_BACK, "error_tensor *= 1.0 - self._output**2\n        return error_tensor"),
    ),
    TANH(
        "first output kept",
        PURITY,
        "backward uses the output of the very first forward, not of the newest.",
        "What forward keeps for backward must be replaced in every call.",
        (TANH_FORWARD, f"{TANH_FORWARD}\n        self._first = getattr(self, '_first', self._output)"),
        (TANH_BACK, TANH_BACK.replace("_output", "_first")),
    ),
    TANH(
        "output stored like the input",
        "integer input",
        "The output is written into an array of the input's type, which turns every tanh of an integer into 0.",
        "np.zeros_like and np.empty_like copy the type as well.",
        (TANH_FORWARD, f"{TANH_FORWARD}\n        self._output = self._output.astype(np.asarray(input_tensor).dtype)"),
    ),
    untrainable("tanh", "trainable"),
    RELU(
        "negative side kept",
        "forward",
        "Negative inputs are kept and positive ones are set to 0.",
        "max(0, x): what comes out for x = 3, and what for x = -3?",
        ("input_tensor > 0", "input_tensor < 0"),
        also=("input gradient",),
    ),
    RELU(
        "absolute value",
        "forward",
        "Negative inputs come out positive: that is the absolute value.",
        "max(0, x) is 0 for every negative x.",
        (RELU_FORWARD, "return np.abs(input_tensor)"),
    ),
    RELU(
        "error passed on everywhere",
        "input gradient",
        "backward returns the error unchanged, also where the input was negative.",
        "Where the output is 0 whatever the input does, how large is the derivative?",
        (RELU_BACK, "return np.array(error_tensor, dtype=float)"),
    ),
    RELU(
        "error clipped",
        "input gradient",
        "backward sets negative errors to 0, instead of the errors where the input was negative.",
        "The derivative depends on the input of forward, not on the sign of the error.",
        (RELU_BACK, "return np.maximum(0.0, np.asarray(error_tensor, dtype=float))"),
    ),
    RELU(
        "derivative 1 at zero",
        "input gradient",
        "Where the input is exactly 0, the error is passed on.",
        "The derivative at 0 is 0 by convention: > or >= ?",
        ("self._positive = input_tensor > 0", "self._positive = input_tensor >= 0"),
    ),
    RELU(
        "derivative 1/2 at zero",
        "input gradient",
        "Where the input is exactly 0, half of the error is passed on.",
        "The derivative at 0 is 0 by convention.",
        KEEP_INPUT,
        (RELU_BACK, "return np.heaviside(self._input, 0.5) * np.asarray(error_tensor, dtype=float)"),
    ),
    error_ignored("relu", "error ignored", RELU_BACK, "return np.where(self._positive, 1.0, 0.0)"),
    RELU(
        "output times error",
        "input gradient",
        "backward multiplies the error by the output instead of by the derivative.",
        "The derivative of ReLU is a switch: which two values can it have?",
        KEEP_INPUT,
        (RELU_BACK, "return np.maximum(0.0, self._input) * np.asarray(error_tensor, dtype=float)"),
    ),
    RELU(
        "input changed",
        PURITY,
        "forward sets the negative entries of the array that it is given to 0.",
        f"{ANEW} The array may be needed elsewhere, as in a residual block.",
        (RELU_FORWARD, "input_tensor[input_tensor <= 0] = 0.0\n        return input_tensor"),
    ),
    RELU(
        "error tensor changed",
        PURITY,
        "backward sets entries of the error tensor that it is given to 0.",
        ANEW,
        (RELU_BACK, "error_tensor[~self._positive] = 0.0\n        return error_tensor"),
    ),
    RELU(
        "first mask kept",
        PURITY,
        "backward uses the input of the very first forward, not of the newest.",
        "What forward keeps for backward must be replaced in every call.",
        (
            "self._positive = input_tensor > 0",
            "self._positive = input_tensor > 0\n        self._first = getattr(self, '_first', self._positive)",
        ),
        (RELU_BACK, RELU_BACK.replace("_positive", "_first")),
    ),
    RELU(
        "output stored like the error",
        "integer input",
        "backward writes the errors into an array of the input's type, which cuts off everything after the point.",
        "np.zeros_like and np.empty_like copy the type as well.",
        (FLOATS, "input_tensor = np.asarray(input_tensor)\n        self._type = input_tensor.dtype"),
        (RELU_BACK, f"{RELU_BACK}.astype(self._type)"),
    ),
    untrainable("relu", "trainable"),
    LEAKY(
        "slope on the wrong side",
        "forward",
        "The slope is applied to positive inputs instead of negative ones.",
        "Positive inputs pass unchanged; the leak is on the other side.",
        ("input_tensor > 0", "input_tensor < 0"),
        also=("input gradient",),
    ),
    LEAKY(
        "slope has the wrong sign",
        "forward",
        "Negative inputs come out positive: the slope is used with a minus.",
        "With the slope 0.1, an input of -2 gives -0.2.",
        (LEAKY_SLOPE, LEAKY_SLOPE.replace("self.neg", "-self.neg")),
        also=("input gradient",),
    ),
    LEAKY(
        "slope ignored",
        "forward",
        "The slope is always 0.1, whatever the constructor is given.",
        "Keep the constructor's argument and use it.",
        (LEAKY_SLOPE, LEAKY_SLOPE.replace("self.negative_slope", "0.1")),
        also=("input gradient",),
    ),
    LEAKY(
        "slope ignored in backward",
        "input gradient",
        "In backward the slope is always 0.1, whatever the constructor is given.",
        "Keep the constructor's argument and use it in both directions.",
        (LEAKY_BACK, LEAKY_BACK.replace("self._slope", "np.where(self._slope == 1.0, 1.0, 0.1)")),
    ),
    LEAKY(
        "default slope 0.01",
        "forward",
        "Without an argument the slope is 0.01, as in PyTorch; here it is 0.1.",
        "Look at the constructor in the handout.",
        ("negative_slope=0.1", "negative_slope=0.01"),
        also=("input gradient",),
    ),
    LEAKY(
        "no leak",
        "forward",
        "Negative inputs give 0: that is ReLU without a leak.",
        "What is the output for x = -2 and a slope of 0.1?",
        (LEAKY_SLOPE, LEAKY_SLOPE.replace("self.negative_slope", "0.0")),
        also=("input gradient",),
    ),
    LEAKY(
        "no leak in backward",
        "input gradient",
        "Where the input was negative, backward returns 0: that is the derivative of ReLU.",
        "Negative inputs do change the output here: by how much?",
        (LEAKY_BACK, "return np.where(self._slope == 1.0, np.asarray(error_tensor, dtype=float), 0.0)"),
    ),
    LEAKY(
        "slope of the error",
        "input gradient",
        "backward multiplies negative errors by the slope, instead of the errors where the input was negative.",
        "The derivative depends on the input of forward, not on the sign of the error.",
        (
            LEAKY_BACK,
            "error_tensor = np.asarray(error_tensor, dtype=float)\n"
            "        return np.where(error_tensor > 0, 1.0, self.negative_slope) * error_tensor",
        ),
    ),
    error_ignored("leaky_relu", "error ignored", LEAKY_BACK, "return self._slope"),
    LEAKY(
        "minus where negative",
        "input gradient",
        "Where the input was negative, backward returns the error with a minus.",
        "The function rises on both sides of 0: which sign has its derivative there?",
        (LEAKY_BACK, LEAKY_BACK.replace("self._slope", "np.where(self._slope == 1.0, 1.0, -self._slope)")),
    ),
    LEAKY(
        "slope on the class",
        PURITY,
        "The slope belongs to the class: all layers take that of the one that was made last.",
        "What the constructor is given belongs to `self`: two layers of a network may differ.",
        ("self.negative_slope = negative_slope", "LeakyReLU.negative_slope = negative_slope"),
    ),
    LEAKY(
        "input changed",
        PURITY,
        "forward multiplies the negative entries of the array that it is given.",
        ANEW,
        (LEAKY_FORWARD, "input_tensor *= self._slope\n        return input_tensor"),
    ),
    LEAKY(
        "error tensor changed",
        PURITY,
        "backward multiplies entries of the error tensor that it is given.",
        ANEW,
        (LEAKY_BACK, "error_tensor *= self._slope\n        return error_tensor"),
    ),
    LEAKY(
        "output stored like the input",
        "integer input",
        "The output is written into an array of the input's type, which cuts off everything after the point.",
        "np.zeros_like, np.empty_like and copy keep the type as well.",
        (FLOATS, "input_tensor = np.asarray(input_tensor)"),
        (LEAKY_FORWARD, f"{LEAKY_FORWARD[:7]}({LEAKY_FORWARD[7:]}).astype(input_tensor.dtype)"),
    ),
    untrainable("leaky_relu", "trainable"),
    SOFTMAX(
        "last axis",
        "forward",
        "The probabilities add up to 1 along the last axis, which is right for vectors only.",
        "The classes are on axis 1: of (b, c, y, x), every pixel has its own probabilities.",
        (SHIFT, SHIFT.replace("axis=1", "axis=-1")),
        (SOFTMAX_FORWARD, SOFTMAX_FORWARD.replace("axis=1", "axis=-1")),
        (WEIGHTED, WEIGHTED.replace("axis=1", "axis=-1")),
        also=("input gradient", "large inputs"),
    ),
    SOFTMAX(
        "over the batch",
        "forward",
        "The probabilities add up to 1 over the batch instead of over the classes.",
        "Axis 0 is the batch; items of a batch have nothing to do with each other.",
        (SHIFT, SHIFT.replace("axis=1", "axis=0")),
        (SOFTMAX_FORWARD, SOFTMAX_FORWARD.replace("axis=1", "axis=0")),
        (WEIGHTED, WEIGHTED.replace("axis=1", "axis=0")),
        also=("input gradient", "large inputs"),
    ),
    SOFTMAX(
        "over everything",
        "forward",
        "All numbers of the output together add up to 1, not those of each item.",
        "A sum without an axis runs over the whole batch.",
        (SOFTMAX_FORWARD, SOFTMAX_FORWARD.replace("axis=1, keepdims=True", "")),
        also=("input gradient", "large inputs"),
    ),
    SOFTMAX(
        "not normalised",
        "forward",
        "The exponentials are not divided by their sum.",
        "Probabilities add up to 1: what do yours add up to?",
        (SOFTMAX_FORWARD, "self._output = exponentials"),
        also=("input gradient", "large inputs"),
    ),
    SOFTMAX(
        "diagonal only",
        "input gradient",
        "backward uses y * (1 - y) only: the diagonal of the Jacobian.",
        "Every output depends on every input of its item, because all share one sum: what is dy_k / dx_j for k != j?",
        (SOFTMAX_BACK, "return error_tensor * self._output * (1.0 - self._output)"),
    ),
    SOFTMAX(
        "sign of the sum",
        "input gradient",
        "The sum over the classes is added where it has to be subtracted.",
        "Which sign has dy_k / dx_j for k != j: what happens to one probability when another class scores higher?",
        (SOFTMAX_BACK, SOFTMAX_BACK.replace("-", "+")),
    ),
    SOFTMAX(
        "sum not weighted",
        "input gradient",
        "The plain sum of the errors is subtracted, without the probabilities as weights.",
        "In the formula each error of the sum is multiplied by its own y_j.",
        (WEIGHTED, WEIGHTED.replace("(error_tensor * self._output)", "error_tensor")),
    ),
    SOFTMAX(
        "sum over the batch",
        "input gradient",
        "The sum in backward runs over the batch instead of over the classes.",
        "Axis 0 is the batch; items of a batch have nothing to do with each other.",
        (WEIGHTED, WEIGHTED.replace("axis=1", "axis=0")),
    ),
    SOFTMAX(
        "sum over everything",
        "input gradient",
        "The sum in backward runs over the whole batch instead of over the classes of each item.",
        "A sum without an axis runs over everything.",
        (WEIGHTED, WEIGHTED.replace("axis=1, keepdims=True", "")),
    ),
    SOFTMAX(
        "factor forgotten",
        "input gradient",
        "backward returns the error minus the sum, without the factor y_k in front.",
        "Compare with the formula: everything is multiplied by y_k.",
        (SOFTMAX_BACK, "return error_tensor - weighted_sum"),
    ),
    SOFTMAX(
        "passed on",
        "input gradient",
        "backward returns the error as it is, as if softmax and cross-entropy were one layer.",
        "The gradient p - y belongs to both together; here the loss has its own backward.",
        (SOFTMAX_BACK, "return error_tensor.copy()"),
    ),
    SOFTMAX(
        "no shift",
        "large inputs",
        "The largest input is not subtracted before the exponential, which overflows for large inputs.",
        "Adding the same number to all inputs changes nothing: which one makes all exponents at most 0?",
        (SHIFT, "shifted = input_tensor"),
        also=("large input gradient",),
    ),
    SOFTMAX(
        "one shift for all",
        "large inputs",
        "The largest input of the whole batch is subtracted from every item, so that other items underflow to 0 / 0.",
        "Each item (and pixel) needs its own maximum.",
        (SHIFT, "shifted = input_tensor - input_tensor.max()"),
        also=("large input gradient",),
    ),
    SOFTMAX(
        "smallest subtracted",
        "large inputs",
        "The smallest input is subtracted instead of the largest, so that the exponential still overflows.",
        "exp overflows for large numbers: which shift makes all exponents at most 0?",
        (SHIFT, SHIFT.replace("max", "min")),
        also=("large input gradient",),
    ),
    SOFTMAX(
        "no shift in backward",
        "large input gradient",
        "backward computes the probabilities once more, without the shift, and overflows for large inputs.",
        "forward has the probabilities already: keep them.",
        KEEP_INPUT,
        (
            WEIGHTED,
            "exponentials = np.exp(self._input)\n"
            "        self._output = exponentials / exponentials.sum(axis=1, keepdims=True)\n"
            f"        {WEIGHTED}",
        ),
    ),
    SOFTMAX(
        "input changed",
        PURITY,
        "forward subtracts the maximum from the array that it is given.",
        ANEW,
        (
            SHIFT,
            "input_tensor -= input_tensor.max(axis=1, keepdims=True)\n        shifted = input_tensor",
        ),
    ),
    SOFTMAX(
        "first output kept",
        PURITY,
        "backward uses the output of the very first forward, not of the newest.",
        "What forward keeps for backward must be replaced in every call.",
        (SOFTMAX_FORWARD, f"{SOFTMAX_FORWARD}\n        self._first = getattr(self, '_first', self._output)"),
        (WEIGHTED, WEIGHTED.replace("_output", "_first")),
        (SOFTMAX_BACK, SOFTMAX_BACK.replace("_output", "_first")),
    ),
    SOFTMAX(
        "output stored like the input",
        "integer input",
        "The output is written into an array of the input's type, which turns probabilities of integers into 0.",
        "np.zeros_like and np.empty_like copy the type as well.",
        (FLOATS, "input_tensor = np.asarray(input_tensor)"),
        (SOFTMAX_FORWARD, f"{SOFTMAX_FORWARD}\n        self._output = self._output.astype(input_tensor.dtype)"),
    ),
    untrainable("softmax", "trainable"),
    SOFTMAX(
        "one axis accepted",
        "illegal arguments",
        "An input with one axis is taken for a single item.",
        "The batch comes first: without an axis 1, raise ValueError naming the shape.",
        (
            'raise ValueError(f"input must have shape (b, n) or (b, c, y, x), got {input_tensor.shape}")',
            "input_tensor = input_tensor[None]",
        ),
    ),
)
