"""Wrong variants of the initializers."""

from grader.authoring import Misconception

CONSTANT = "np.full(weights_shape, self.value, dtype=float)"
UNIFORM = "np.random.uniform(0.0, 1.0, weights_shape)"
NORMAL = "np.random.normal(0.0, sigma, weights_shape)"
XAVIER_SIGMA = "np.sqrt(2.0 / (fan_in + fan_out))"
HE_SIGMA = "np.sqrt(2.0 / fan_in)"
ALL = ("distribution", "new numbers", "float64")


def shape_mistakes(exercise, draw, main, also):
    """What any initializer can do wrong with the shape; `draw` is the reference's expression."""
    ignored = "float(self.value)" if exercise == "constant_initializer" else draw.replace(", weights_shape", "")
    return (
        Misconception(
            name="shape ignored",
            exercise=exercise,
            check="shapes",
            also=also,
            sentence="A single number is returned, not an array of the shape that is asked for.",
            hint="Every entry of weights_shape is the length of one axis; NumPy's functions take the whole tuple.",
            edits=((f"return {draw}", f"return {ignored}"),),
        ),
        Misconception(
            name="only two entries of the shape used",
            exercise=exercise,
            check="shapes",
            also=also,
            sentence="Only the first two entries of weights_shape are used.",
            hint="A bias has one axis, a convolution's weights have three or four: use the shape as a whole.",
            edits=((draw, draw.replace("weights_shape", "(weights_shape[0], weights_shape[1])")),),
        ),
        Misconception(
            name="fans used as the shape",
            exercise=exercise,
            check="shapes",
            also=also[:1],
            sentence="The array has the shape (fan_in, fan_out), whatever weights_shape says.",
            hint="The fans only say how spread out the numbers are; how many there are is weights_shape's business.",
            edits=((draw, draw.replace("weights_shape", "(fan_in, fan_out)")),),
        ),
    )


def seeded(exercise):
    return Misconception(
        name="seeded at every call",
        exercise=exercise,
        check="new numbers",
        sentence="The generator gets the same seed at every call, so all arrays of one shape hold the same numbers.",
        hint="Layers with equal weights learn the same thing; set a seed once, outside of the class, if at all.",
        edits=(("        # BEGIN SOLUTION\n", "        # BEGIN SOLUTION\n        np.random.seed(42)\n"),),
    )


def single_precision(exercise, draw):
    return Misconception(
        name="float32 array",
        exercise=exercise,
        check="float64",
        sentence="The array is turned into single precision (float32).",
        hint="All arrays of this course are float64, which is what NumPy gives unless told otherwise.",
        edits=((draw, f"{draw}.astype(np.float32)"),),
    )


def wrong_draws(exercise, name, sentence, hint, *edits, check="distribution", also=()):
    return Misconception(name, exercise, check, sentence, hint, edits, also)


MISCONCEPTIONS = (
    *shape_mistakes("constant_initializer", CONSTANT, "values", ("values", "new array", "float64")),
    Misconception(
        name="default is 1",
        exercise="constant_initializer",
        check="values",
        sentence="Without an argument the value is 1, not 0.1.",
        hint="Look at the default value in the signature of the constructor.",
        edits=(("value=0.1", "value=1.0"),),
    ),
    Misconception(
        name="value ignored",
        exercise="constant_initializer",
        check="values",
        sentence="Every array is filled with 0.1, whatever value the constructor was given.",
        hint="Keep the value in the constructor and use it in initialize.",
        edits=((CONSTANT, "np.full(weights_shape, 0.1, dtype=float)"),),
    ),
    Misconception(
        name="0 taken for nothing",
        exercise="constant_initializer",
        check="values",
        sentence="A value of 0 is replaced by the default of 0.1.",
        hint="0 counts as false in Python: `value or 0.1` and `if value` treat it like a missing value.",
        edits=(("self.value = value", "self.value = value or 0.1"),),
    ),
    Misconception(
        name="ones instead of the value",
        exercise="constant_initializer",
        check="values",
        sentence="Every array is filled with 1, whatever value the constructor was given.",
        hint="np.ones alone knows nothing of the value.",
        edits=((CONSTANT, "np.ones(weights_shape)"),),
    ),
    Misconception(
        name="scaled by the fans",
        exercise="constant_initializer",
        check="values",
        sentence="The value is divided by fan_in.",
        hint="A constant initializer takes the fans only so that it can be called like the others.",
        edits=((CONSTANT, "np.full(weights_shape, self.value / fan_in, dtype=float)"),),
    ),
    Misconception(
        name="one array for all calls",
        exercise="constant_initializer",
        check="new array",
        sentence="The array is made once and returned again at every call with this shape, so several layers share it.",
        hint="What one layer writes into its weights must not show up in those of another.",
        edits=(
            ("self.value = value", "self.value = value\n        self.made = {}"),
            (f"return {CONSTANT}", f"return self.made.setdefault(weights_shape, {CONSTANT})"),
        ),
    ),
    Misconception(
        name="value on the class",
        exercise="constant_initializer",
        check="new array",
        sentence="The value belongs to the class: all objects take that of the one that was made last.",
        hint="What the constructor is given belongs to `self`.",
        edits=(("self.value = value", "Constant.value = value"),),
    ),
    Misconception(
        name="read-only view",
        exercise="constant_initializer",
        check="new array",
        sentence="The array is a view that shows one number many times; nothing can be written into it.",
        hint="np.broadcast_to makes no new array.",
        edits=((CONSTANT, "np.broadcast_to(np.float64(self.value), weights_shape)"),),
    ),
    Misconception(
        name="integer array",
        exercise="constant_initializer",
        check="float64",
        sentence="A whole number such as Constant(1) gives an array of integers, in which later updates are cut off.",
        hint="np.full takes over the type of the number; say which dtype the array must have.",
        edits=((", dtype=float", ""),),
    ),
    Misconception(
        name="float32 array",
        exercise="constant_initializer",
        check="float64",
        sentence="The array is made in single precision (float32).",
        hint="All arrays of this course are float64, which is what NumPy gives unless told otherwise.",
        edits=((", dtype=float", ", dtype=np.float32"),),
    ),
    *shape_mistakes("uniform_initializer", UNIFORM, "distribution", ALL),
    wrong_draws(
        "uniform_initializer",
        "normal instead of uniform",
        "The numbers come from a standard normal distribution.",
        "The N at the end of np.random.randn stands for normal; numbers on [0, 1) come from another function.",
        (UNIFORM, "np.random.normal(0.0, 1.0, weights_shape)"),
    ),
    wrong_draws(
        "uniform_initializer",
        "from -1 to 1",
        "The numbers lie between -1 and 1.",
        "The interval starts at 0.",
        (UNIFORM, "np.random.uniform(-1.0, 1.0, weights_shape)"),
    ),
    wrong_draws(
        "uniform_initializer",
        "centred at 0",
        "The numbers lie between -0.5 and 0.5.",
        "The interval starts at 0 and ends before 1; nothing is subtracted.",
        (UNIFORM, "np.random.uniform(-0.5, 0.5, weights_shape)"),
    ),
    wrong_draws(
        "uniform_initializer",
        "whole numbers",
        "Only the numbers 0 and 1 are drawn.",
        "randint draws integers; the entries are real numbers from the whole interval.",
        (UNIFORM, "np.random.randint(0, 2, weights_shape).astype(float)"),
        also=("shapes", "new numbers"),  # where two or three numbers happen to be equal
    ),
    wrong_draws(
        "uniform_initializer",
        "scaled by the fans",
        "The numbers are divided by the square root of fan_in.",
        "The simple uniform initializer does not use the fans.",
        (UNIFORM, f"{UNIFORM} / np.sqrt(fan_in)"),
    ),
    wrong_draws(
        "uniform_initializer",
        "one number everywhere",
        "One number is drawn and written into all entries.",
        "Every entry needs a number of its own, or all units of a layer compute the same.",
        (UNIFORM, "np.full(weights_shape, np.random.uniform(0.0, 1.0))"),
        check="shapes",
        also=("distribution",),
    ),
    seeded("uniform_initializer"),
    single_precision("uniform_initializer", UNIFORM),
    *shape_mistakes("xavier_initializer", NORMAL, "distribution", ALL),
    wrong_draws(
        "xavier_initializer",
        "variance used as standard deviation",
        "2 / (fan_in + fan_out) itself is used as the standard deviation: the root is missing.",
        "NumPy's scale is the standard deviation sigma, and the formula for sigma has a root.",
        (XAVIER_SIGMA, "2.0 / (fan_in + fan_out)"),
    ),
    wrong_draws(
        "xavier_initializer",
        "only fan_in used",
        "The standard deviation is computed from fan_in alone; that is He's formula.",
        "Xavier balances the forward and the backward pass, so both fans count.",
        (XAVIER_SIGMA, "np.sqrt(2.0 / fan_in)"),
    ),
    wrong_draws(
        "xavier_initializer",
        "only fan_out used",
        "The standard deviation is computed from fan_out alone.",
        "Xavier balances the forward and the backward pass, so both fans count.",
        (XAVIER_SIGMA, "np.sqrt(2.0 / fan_out)"),
    ),
    wrong_draws(
        "xavier_initializer",
        "one over fan_in",
        "The standard deviation is sqrt(1 / fan_in); that is another formula with a similar name.",
        "The lecture's version has a 2 above and the sum of both fans below.",
        (XAVIER_SIGMA, "np.sqrt(1.0 / fan_in)"),
    ),
    wrong_draws(
        "xavier_initializer",
        "1 instead of 2",
        "The standard deviation is sqrt(1 / (fan_in + fan_out)): the 2 is missing.",
        "Compare the numerator with the formula.",
        (XAVIER_SIGMA, "np.sqrt(1.0 / (fan_in + fan_out))"),
    ),
    wrong_draws(
        "xavier_initializer",
        "fans multiplied",
        "The fans are multiplied where they must be added.",
        "Compare the denominator with the formula.",
        (XAVIER_SIGMA, "np.sqrt(2.0 / (fan_in * fan_out))"),
    ),
    wrong_draws(
        "xavier_initializer",
        "root of 2 only",
        "The root is taken of the 2 only, not of the whole fraction.",
        "Mind the brackets: the root goes over the whole fraction.",
        (XAVIER_SIGMA, "np.sqrt(2.0) / (fan_in + fan_out)"),
    ),
    wrong_draws(
        "xavier_initializer",
        "uniform instead of normal",
        "Mean and standard deviation are right, but the numbers are drawn from a uniform distribution.",
        "There is a uniform version of Xavier's initializer; this course uses the Gaussian one.",
        (NORMAL, "np.random.uniform(-np.sqrt(3) * sigma, np.sqrt(3) * sigma, weights_shape)"),
    ),
    wrong_draws(
        "xavier_initializer",
        "uniform within sigma",
        "The numbers are drawn uniformly between -sigma and sigma.",
        "sigma is the standard deviation of a Gaussian, not the end of an interval.",
        (NORMAL, "np.random.uniform(-sigma, sigma, weights_shape)"),
    ),
    wrong_draws(
        "xavier_initializer",
        "only positive numbers",
        "Uniform numbers on [0, 1) are multiplied by sigma, so that no weight is negative.",
        "np.random.rand is uniform; a Gaussian with mean 0 comes from another function.",
        (NORMAL, "np.random.uniform(0.0, 1.0, weights_shape) * sigma"),
    ),
    wrong_draws(
        "xavier_initializer",
        "sigma not used",
        "The numbers have standard deviation 1, whatever the fans are.",
        "Is sigma computed but not passed on?",
        (NORMAL, "np.random.normal(0.0, 1.0, weights_shape)"),
    ),
    seeded("xavier_initializer"),
    single_precision("xavier_initializer", NORMAL),
    *shape_mistakes("he_initializer", NORMAL, "distribution", ALL),
    wrong_draws(
        "he_initializer",
        "variance used as standard deviation",
        "2 / fan_in itself is used as the standard deviation: the root is missing.",
        "NumPy's scale is the standard deviation sigma, and the formula for sigma has a root.",
        (HE_SIGMA, "2.0 / fan_in"),
    ),
    wrong_draws(
        "he_initializer",
        "fans swapped",
        "The standard deviation is computed from fan_out where fan_in belongs.",
        "He looks at the size of the previous layer: which of the fans is that?",
        (HE_SIGMA, "np.sqrt(2.0 / fan_out)"),
    ),
    wrong_draws(
        "he_initializer",
        "Xavier's formula",
        "The standard deviation is computed from both fans; that is Xavier's formula.",
        "For ReLU only the number of inputs counts.",
        (HE_SIGMA, "np.sqrt(2.0 / (fan_in + fan_out))"),
    ),
    wrong_draws(
        "he_initializer",
        "1 instead of 2",
        "The standard deviation is sqrt(1 / fan_in): the 2 is missing.",
        "ReLU sets half of its inputs to 0; the 2 makes up for that.",
        (HE_SIGMA, "np.sqrt(1.0 / fan_in)"),
    ),
    wrong_draws(
        "he_initializer",
        "root of 2 only",
        "The root is taken of the 2 only, not of the whole fraction.",
        "Mind the brackets: the root goes over the whole fraction.",
        (HE_SIGMA, "np.sqrt(2.0) / fan_in"),
    ),
    wrong_draws(
        "he_initializer",
        "multiplied by fan_in",
        "The standard deviation grows with fan_in instead of shrinking.",
        "The more inputs are added up, the smaller each weight must be.",
        (HE_SIGMA, "np.sqrt(2.0 * fan_in)"),
    ),
    wrong_draws(
        "he_initializer",
        "uniform instead of normal",
        "Mean and standard deviation are right, but the numbers are drawn from a uniform distribution.",
        "There is a uniform version of He's initializer; this course uses the Gaussian one.",
        (NORMAL, "np.random.uniform(-np.sqrt(3) * sigma, np.sqrt(3) * sigma, weights_shape)"),
    ),
    wrong_draws(
        "he_initializer",
        "uniform within sigma",
        "The numbers are drawn uniformly between -sigma and sigma.",
        "sigma is the standard deviation of a Gaussian, not the end of an interval.",
        (NORMAL, "np.random.uniform(-sigma, sigma, weights_shape)"),
    ),
    wrong_draws(
        "he_initializer",
        "only positive numbers",
        "Uniform numbers on [0, 1) are multiplied by sigma, so that no weight is negative.",
        "np.random.rand is uniform; a Gaussian with mean 0 comes from another function.",
        (NORMAL, "np.random.uniform(0.0, 1.0, weights_shape) * sigma"),
    ),
    wrong_draws(
        "he_initializer",
        "sigma not used",
        "The numbers have standard deviation 1, whatever the fans are.",
        "Is sigma computed but not passed on?",
        (NORMAL, "np.random.normal(0.0, 1.0, weights_shape)"),
    ),
    wrong_draws(
        "he_initializer",
        "absolute values",
        "All numbers are positive: the absolute value of the draws is returned.",
        "The Gaussian has mean 0, half of the weights are negative.",
        (NORMAL, f"np.abs({NORMAL})"),
    ),
    seeded("he_initializer"),
    single_precision("he_initializer", NORMAL),
)
