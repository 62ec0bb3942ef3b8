"""Wrong variants of the optimizers."""

from grader.authoring import Misconception

FIRST, LATER, EPSILON = "first step", "later steps", "epsilon"
MANY, NUMBERS, INTEGERS, OBJECTS = "many steps", "plain numbers", "integer arrays", "separate objects"
SMALL = {"rms_prop": (EPSILON,), "adam": (EPSILON,)}
RMS_STEP = "self.learning_rate * gradient / (np.sqrt(self.mean_square) + EPSILON)"
RMS_SQUARE = "self.rho * self.mean_square + (1 - self.rho) * gradient**2"
ADAM_STEP = "self.learning_rate * mean_hat / (np.sqrt(mean_square_hat) + EPSILON)"


def everywhere(exercise):
    """All checks of values: a mistake in the first step spoils them."""
    main = ("steps",) if exercise == "sgd" else (FIRST, LATER, MANY)
    return (*main, *SMALL.get(exercise, ()), NUMBERS, INTEGERS)


def from_the_first_step(exercise, name, sentence, hint, *edits):
    check, *others = everywhere(exercise)
    return Misconception(name, exercise, check, sentence, hint, edits, tuple(others))


def from_the_second_step(exercise, name, sentence, hint, *edits):
    return Misconception(name, exercise, LATER, sentence, hint, edits, everywhere(exercise)[2:])


def late(exercise, name, sentence, hint, *edits):
    """What does not show in the first three steps."""
    return Misconception(name, exercise, MANY, sentence, hint, edits)


def matrix_product(exercise):
    return Misconception(
        name="matrix product",
        exercise=exercise,
        check=FIRST,
        also=(LATER, MANY, EPSILON, INTEGERS, OBJECTS),
        sentence="The gradient is multiplied by itself as a matrix.",
        hint="The little circle in the formula means entry by entry: in NumPy that is * or **2, never @ or dot.",
        edits=(("gradient**2", "np.dot(gradient, gradient)"),),
    )


def rate_on_the_class(exercise, *rates):
    """What the constructor is given, kept where all objects see it."""
    return Misconception(
        name=f"{rates[0].replace('_', ' ')} on the class",
        exercise=exercise,
        check=OBJECTS,
        sentence=f"The class holds `{'` and `'.join(rates)}`: the optimizer that was made last decides for all.",
        hint="What the constructor is given belongs to `self`: two optimizers may have different rates.",
        edits=tuple((f"self.{rate} = {rate}", f"type(self).{rate} = {rate}") for rate in rates),
    )


def any_optimizer(exercise, step, returned):
    """What goes wrong in all of them; `step` is what is subtracted, `returned` the whole last expression."""
    change = returned.removeprefix("weights ")
    return (
        rate_on_the_class(exercise, "learning_rate"),
        from_the_first_step(
            exercise,
            "wrong direction",
            "The weights go up along the gradient, not down.",
            "The gradient points to where the loss grows; count the minus signs in the formulas and in your lines.",
            (f"weights - {step}", f"weights + {step}")
            if step
            else ("- self.learning_rate *", "+ self.learning_rate *"),
        ),
        from_the_first_step(
            exercise,
            "only the step returned",
            "The change of the weights is returned, not the new weights.",
            "What calculate_update returns takes the place of the weights.",
            (f"return {returned}", f"return {returned} - weights"),
        ),
        from_the_first_step(
            exercise,
            "learning rate applied twice",
            "The learning rate is multiplied in twice.",
            "Follow the learning rate through your lines: it may enter the step only once.",
            (f"return {returned}", f"return weights + self.learning_rate * ({returned} - weights)"),
        ),
        from_the_first_step(
            exercise,
            "learning rate ignored",
            "The step does not depend on the learning rate.",
            "Is the learning rate kept in the constructor but never used?",
            (f"return {returned}", f"return weights + ({returned} - weights) / self.learning_rate"),
        ),
        Misconception(
            name="own weights kept",
            exercise=exercise,
            check="steps" if exercise == "sgd" else LATER,
            also=(MANY, NUMBERS, INTEGERS, *SMALL.get(exercise, ())),
            sentence="After the first call the step starts from the weights of the call before, not from those given.",
            hint="An optimizer remembers gradients only; the weights come in anew at every call.",
            edits=(
                (
                    f"return {returned}",
                    f"self.kept = self.__dict__.get('kept', weights) {change}\n        return self.kept",
                ),
            ),
        ),
        Misconception(
            name="weights changed in place",
            exercise=exercise,
            check=OBJECTS,
            sentence="calculate_update writes the new weights into the array that it was given.",
            hint="Operators such as -= and += change an array in place, for everybody who holds it; make a new array.",
            edits=(
                (
                    f"return {returned}",
                    f"new = {returned}\n"
                    "        if weights.ndim and np.shares_memory(weights, weight_tensor):\n"
                    "            weights[...] = new\n"
                    "        return new",
                ),
            ),
        ),
        Misconception(
            name="integer weights stay integers",
            exercise=exercise,
            check=INTEGERS,
            sentence="The result takes over the weights' dtype: for integers everything behind the point is cut off.",
            hint="zeros_like, empty_like and astype(w.dtype) take over the dtype of an integer array.",
            edits=((f"return {returned}", f"return ({returned}).astype(np.asarray(weight_tensor).dtype)"),),
        ),
        Misconception(
            name="number turned into an array",
            exercise=exercise,
            check=NUMBERS,
            sentence="A plain float comes back as an array of shape (1,).",
            hint="NumPy's functions and operators take floats as well as arrays; np.atleast_1d adds an axis.",
            edits=((f"return {returned}", f"return np.atleast_1d({returned})"),),
        ),
    )


def state_mistakes(exercise, attribute, update):
    """What goes wrong with what is remembered; `update` is the new value's expression."""
    symbol = {"sgd_with_momentum": "SgdWithMomentum", "rms_prop": "RmsProp", "adam": "Adam"}[exercise]
    return (
        Misconception(
            name="state on the class",
            exercise=exercise,
            check=FIRST,
            also=(*everywhere(exercise)[1:], OBJECTS),
            sentence="What is remembered belongs to the class, so all optimizers share it, those of other layers too.",
            hint="Set it on self in the constructor; a name assigned in the class body belongs to all objects.",
            edits=(
                (f"        self.{attribute} = 0.0\n", ""),
                (f"self.{attribute} = {update}", f"{symbol}.{attribute} = {update}"),
                (
                    "    def __init__(self, learning_rate",
                    f"    {attribute} = 0.0\n\n    def __init__(self, learning_rate",
                ),
            ),
        ),
        Misconception(
            name="if not v",
            exercise=exercise,
            check=LATER,
            also=(MANY, *SMALL.get(exercise, ()), INTEGERS, OBJECTS),
            sentence="`if not v` asks whether an array is true, which NumPy refuses for more than one entry.",
            hint="To see whether there is anything remembered yet, compare with None.",
            edits=(
                (
                    f"self.{attribute} = {update}",
                    f"if not self.{attribute}:\n"
                    f"            self.{attribute} = np.zeros_like(gradient)\n"
                    f"        self.{attribute} = {update}",
                ),
            ),
        ),
    )


MISCONCEPTIONS = (
    *any_optimizer("sgd", "self.learning_rate * gradient", "weights - self.learning_rate * gradient"),
    from_the_first_step(
        "sgd",
        "gradient averaged",
        "The gradient is divided by the length of its first axis.",
        "A mean over the batch, if there is one, belongs to the loss; the optimizer takes the gradient as it is.",
        ("self.learning_rate * gradient", "self.learning_rate * gradient / (len(gradient) if gradient.ndim else 1)"),
    ),
    from_the_first_step(
        "sgd",
        "sign of the gradient only",
        "Only the sign of the gradient is used.",
        "A large gradient makes a large step.",
        ("self.learning_rate * gradient", "self.learning_rate * np.sign(gradient)"),
    ),
    *any_optimizer("sgd_with_momentum", "", "weights + self.velocity"),
    rate_on_the_class("sgd_with_momentum", "momentum_rate"),
    *state_mistakes(
        "sgd_with_momentum", "velocity", "self.momentum_rate * self.velocity - self.learning_rate * gradient"
    ),
    from_the_second_step(
        "sgd_with_momentum",
        "momentum sign",
        "The old velocity is subtracted: each step brakes the one before.",
        "Momentum keeps going in the old direction.",
        ("self.momentum_rate * self.velocity -", "-self.momentum_rate * self.velocity -"),
    ),
    from_the_second_step(
        "sgd_with_momentum",
        "velocity forgotten",
        "Every step starts from velocity 0: nothing is remembered.",
        "The new velocity must be kept on self for the next call.",
        (
            "self.velocity = self.momentum_rate * self.velocity - self",
            "self.velocity = self.momentum_rate * 0.0 - self",
        ),
    ),
    from_the_first_step(
        "sgd_with_momentum",
        "gradient weighted by 1 - m",
        "The gradient is multiplied by 1 - momentum_rate, as in an average.",
        "That is how Adam averages; here the gradient enters with the learning rate alone.",
        ("- self.learning_rate * gradient", "- (1 - self.momentum_rate) * self.learning_rate * gradient"),
    ),
    from_the_first_step(
        "sgd_with_momentum",
        "rates swapped",
        "Learning rate and momentum rate are swapped.",
        "The constructor takes the learning rate first.",
        ("self.learning_rate = learning_rate", "self.learning_rate = momentum_rate"),
        ("self.momentum_rate = momentum_rate", "self.momentum_rate = learning_rate"),
    ),
    from_the_first_step(
        "sgd_with_momentum",
        "old velocity used",
        "The weights move by the velocity of the call before.",
        "First the velocity is brought up to date, then the weights move by it.",
        ("self.velocity = self.momentum_rate", "old = self.velocity\n        self.velocity = self.momentum_rate"),
        ("return weights + self.velocity", "return weights + old"),
    ),
    from_the_first_step(
        "sgd_with_momentum",
        "Nesterov's look-ahead",
        "The momentum is applied once more on top of the new velocity; that is Nesterov's variant.",
        "The weights move by the new velocity and nothing else.",
        (
            "return weights + self.velocity",
            "return weights + self.momentum_rate * self.velocity - self.learning_rate * gradient",
        ),
    ),
    from_the_second_step(
        "sgd_with_momentum",
        "learning rate on the old velocity",
        "The learning rate multiplies the remembered velocity as well, which holds it already.",
        "Either the velocity holds the learning rate or it is multiplied in at the end, not both.",
        ("self.momentum_rate * self.velocity -", "self.learning_rate * self.momentum_rate * self.velocity -"),
    ),
    late(
        "sgd_with_momentum",
        "velocity cleared now and then",
        "The velocity is set back to 0 in every fourth call.",
        "The velocity is 0 before the first call only; after that each call starts from the one before.",
        ("self.velocity = 0.0", "self.velocity = 0.0\n        self.calls = 0"),
        (
            "        self.velocity = self.momentum_rate",
            "        self.calls += 1\n        self.velocity = self.velocity * (self.calls % 4 > 0)\n"
            "        self.velocity = self.momentum_rate",
        ),
    ),
    *any_optimizer("rms_prop", RMS_STEP, f"weights - {RMS_STEP}"),
    rate_on_the_class("rms_prop", "rho"),
    *state_mistakes("rms_prop", "mean_square", RMS_SQUARE),
    Misconception(
        name="epsilon inside the root",
        exercise="rms_prop",
        check=EPSILON,
        sentence="Epsilon is added under the root, where it counts far too much for small gradients.",
        hint="Take the root first, then add epsilon to it.",
        edits=(("(np.sqrt(self.mean_square) + EPSILON)", "np.sqrt(self.mean_square + EPSILON)"),),
    ),
    Misconception(
        name="epsilon missing",
        exercise="rms_prop",
        check=EPSILON,
        sentence="Nothing keeps the denominator away from 0: a gradient that was always 0 gives 0 / 0.",
        hint="Units that are switched off have gradients of exactly 0, for many steps.",
        edits=(("(np.sqrt(self.mean_square) + EPSILON)", "np.sqrt(self.mean_square)"),),
    ),
    from_the_first_step(
        "rms_prop",
        "rho and 1 - rho swapped",
        "The old mean square is weighted with 1 - rho and the new gradient with rho.",
        "rho says how much of the old value is kept.",
        (RMS_SQUARE, "(1 - self.rho) * self.mean_square + self.rho * gradient**2"),
    ),
    from_the_first_step(
        "rms_prop",
        "no root",
        "The gradient is divided by the mean square itself, without the root.",
        "It is the *root* mean square that has the gradient's unit.",
        ("np.sqrt(self.mean_square)", "self.mean_square"),
    ),
    from_the_first_step(
        "rms_prop",
        "gradient not squared",
        "The mean is taken of the gradient, not of its square.",
        "R, M, S: root of the mean of the squares.",
        ("gradient**2", "np.abs(gradient)"),
    ),
    matrix_product("rms_prop"),
    from_the_first_step(
        "rms_prop",
        "starts with the first square",
        "The mean square starts with the whole square of the first gradient.",
        "r is 0 before the first call, so that the first square enters with the weight 1 - rho, too.",
        ("self.mean_square = 0.0", "self.mean_square = None"),
        (
            RMS_SQUARE,
            f"gradient**2 if self.mean_square is None else {RMS_SQUARE}",
        ),
    ),
    from_the_first_step(
        "rms_prop",
        "squares added up",
        "All squares are added up without forgetting old ones; that is AdaGrad.",
        "The old value is multiplied by rho, the new square by 1 - rho.",
        (RMS_SQUARE, "self.mean_square + gradient**2"),
    ),
    from_the_first_step(
        "rms_prop",
        "1 - rho missing",
        "The new square enters with its full weight.",
        "The two weights of an average add up to 1.",
        (RMS_SQUARE, "self.rho * self.mean_square + gradient**2"),
    ),
    from_the_first_step(
        "rms_prop",
        "bias corrected",
        "The first mean square is corrected for its start at 0, as in Adam.",
        "Plain RMSProp has no bias correction.",
        ("self.mean_square = 0.0", "self.mean_square = 0.0\n        self.calls = 0"),
        (
            f"return weights - {RMS_STEP}",
            "self.calls += 1\n        corrected = self.mean_square / (1 - self.rho**self.calls)\n"
            "        return weights - self.learning_rate * gradient / (np.sqrt(corrected) + EPSILON)",
        ),
    ),
    from_the_first_step(
        "rms_prop",
        "old mean square used",
        "The gradient is divided by the mean square of the call before, which is 0 at first.",
        "First the mean square is brought up to date, then the weights move.",
        (f"self.mean_square = {RMS_SQUARE}", f"old, self.mean_square = self.mean_square, {RMS_SQUARE}"),
        ("np.sqrt(self.mean_square)", "np.sqrt(old)"),
    ),
    from_the_second_step(
        "rms_prop",
        "mean square forgotten",
        "Every step starts from a mean square of 0: nothing is remembered.",
        "The new mean square must be kept on self for the next call.",
        (RMS_SQUARE, "(1 - self.rho) * gradient**2"),
    ),
    from_the_second_step(
        "rms_prop",
        "mean of the gradients squared",
        "The gradients are averaged first and squared afterwards.",
        "Square each gradient, then average the squares: gradients of different sign must not cancel.",
        (RMS_SQUARE, "(np.sqrt(1 - self.rho) * gradient + self.rho * np.sqrt(self.mean_square)) ** 2"),
    ),
    late(
        "rms_prop",
        "mean square cleared now and then",
        "The mean square is set back to 0 in every fourth call.",
        "The mean square is 0 before the first call only; after that each call starts from the one before.",
        ("self.mean_square = 0.0", "self.mean_square = 0.0\n        self.calls = 0"),
        (
            f"self.mean_square = {RMS_SQUARE}",
            "self.calls += 1\n        self.mean_square = self.mean_square * (self.calls % 4 > 0)\n"
            f"        self.mean_square = {RMS_SQUARE}",
        ),
    ),
    *any_optimizer("adam", ADAM_STEP, f"weights - {ADAM_STEP}"),
    rate_on_the_class("adam", "mu", "rho"),
    *state_mistakes("adam", "mean_square", RMS_SQUARE),
    from_the_first_step(
        "adam",
        "no bias correction",
        "Mean and mean square are used without the bias correction.",
        "Both start at 0 and are far too small in the first steps; the formulas with the hats make up for that.",
        ("mean_hat = self.mean / (1 - self.mu**self.calls)", "mean_hat = self.mean"),
        ("mean_square_hat = self.mean_square / (1 - self.rho**self.calls)", "mean_square_hat = self.mean_square"),
    ),
    from_the_first_step(
        "adam",
        "mean not corrected",
        "The mean square is corrected for its start at 0, the mean is not.",
        "Both need a hat.",
        ("mean_hat = self.mean / (1 - self.mu**self.calls)", "mean_hat = self.mean"),
    ),
    from_the_first_step(
        "adam",
        "mean square not corrected",
        "The mean is corrected for its start at 0, the mean square is not.",
        "Both need a hat.",
        ("mean_square_hat = self.mean_square / (1 - self.rho**self.calls)", "mean_square_hat = self.mean_square"),
    ),
    from_the_second_step(
        "adam",
        "exponent never counted",
        "The exponent k is 1 at every call.",
        "k counts the calls: 1 in the first, 2 in the second. Where does your code count?",
        ("self.calls += 1", "self.calls = 1"),
    ),
    late(
        "adam",
        "exponent starts again",
        "After three calls the exponent k starts at 1 again.",
        "k counts all calls of one optimizer, however many there are.",
        ("self.calls += 1", "self.calls = self.calls % 3 + 1"),
    ),
    late(
        "adam",
        "corrected in the first calls only",
        "From the fourth call on, mean and mean square are used without the bias correction.",
        "The correction fades away by itself: mu**k goes to 0 as k grows.",
        (
            f"return weights - {ADAM_STEP}",
            "if self.calls > 3:\n            mean_hat, mean_square_hat = self.mean, self.mean_square\n"
            f"        return weights - {ADAM_STEP}",
        ),
    ),
    Misconception(
        name="counter on the class",
        exercise="adam",
        check=FIRST,
        also=(*everywhere("adam")[1:], OBJECTS),
        sentence="The calls are counted on the class, so the calls of all optimizers are counted together.",
        hint="Every layer has an optimizer of its own, and k counts that one's calls.",
        edits=(
            ("        self.calls = 0\n", ""),
            ("self.calls += 1", "Adam.calls += 1"),
            ("    def __init__(self, learning_rate", "    calls = 0\n\n    def __init__(self, learning_rate"),
        ),
    ),
    from_the_first_step(
        "adam",
        "exponent starts at 0",
        "The exponent is 0 in the first call, so 1 - mu**k is 0 and the step divides by 0.",
        "k is 1 in the first call.",
        ("        self.calls += 1\n", ""),
        (f"return weights - {ADAM_STEP}", f"self.calls += 1\n        return weights - {ADAM_STEP}"),
    ),
    from_the_first_step(
        "adam",
        "exponent starts at 2",
        "The exponent is 2 in the first call.",
        "k starts at 1 and is counted once per call; is it both set to 1 and counted before it is used?",
        ("self.calls = 0", "self.calls = 1"),
    ),
    from_the_second_step(
        "adam",
        "k used as a factor",
        "1 - mu * k is computed where 1 - mu to the power of k is meant.",
        "The lecture warns of it: k is an exponent here, not an index.",
        ("(1 - self.mu**self.calls)", "(1 - self.mu * self.calls)"),
        ("(1 - self.rho**self.calls)", "np.abs(1 - self.rho * self.calls)"),
    ),
    from_the_second_step(
        "adam",
        "corrected values remembered",
        "The corrected mean and mean square are kept for the next call.",
        "What is remembered stays uncorrected; the values with the hats are made anew at every call.",
        (
            f"return weights - {ADAM_STEP}",
            f"self.mean, self.mean_square = mean_hat, mean_square_hat\n        return weights - {ADAM_STEP}",
        ),
    ),
    Misconception(
        name="epsilon inside the root",
        exercise="adam",
        check=EPSILON,
        sentence="Epsilon is added under the root, where it counts far too much for small gradients.",
        hint="Take the root first, then add epsilon to it.",
        edits=(("(np.sqrt(mean_square_hat) + EPSILON)", "np.sqrt(mean_square_hat + EPSILON)"),),
    ),
    Misconception(
        name="epsilon missing",
        exercise="adam",
        check=EPSILON,
        sentence="Nothing keeps the denominator away from 0: a gradient that was always 0 gives 0 / 0.",
        hint="Units that are switched off have gradients of exactly 0, for many steps.",
        edits=(("(np.sqrt(mean_square_hat) + EPSILON)", "np.sqrt(mean_square_hat)"),),
    ),
    Misconception(
        name="epsilon added before the correction",
        exercise="adam",
        check=EPSILON,
        sentence="Epsilon is added to the root before the bias correction, which makes it grow with the correction.",
        hint="The correction is for the mean square alone; epsilon comes last.",
        edits=(
            (
                "(np.sqrt(mean_square_hat) + EPSILON)",
                "((np.sqrt(self.mean_square) + EPSILON) / np.sqrt(1 - self.rho**self.calls))",
            ),
        ),
    ),
    from_the_second_step(
        "adam",
        "mu and rho swapped",
        "mu and rho are swapped.",
        "mu belongs to the mean of the gradients, rho to the mean of their squares; mu comes first in the constructor.",
        ("self.mu = mu", "self.mu = rho"),
        ("self.rho = rho", "self.rho = mu"),
    ),
    matrix_product("adam"),
    from_the_first_step(
        "adam",
        "no root",
        "The mean is divided by the mean square itself, without the root.",
        "Look at the denominator of the last formula.",
        ("np.sqrt(mean_square_hat)", "mean_square_hat"),
    ),
    from_the_first_step(
        "adam",
        "gradient not squared",
        "The second mean is taken of the gradient's size, not of its square.",
        "r is the mean of the squares.",
        ("gradient**2", "np.abs(gradient)"),
    ),
    from_the_first_step(
        "adam",
        "1 - mu missing",
        "The new gradient enters the mean with its full weight.",
        "The two weights of an average add up to 1.",
        ("(1 - self.mu) * gradient", "gradient"),
    ),
    from_the_first_step(
        "adam",
        "1 - rho missing",
        "The new square enters the mean square with its full weight.",
        "The two weights of an average add up to 1.",
        ("(1 - self.rho) * gradient**2", "gradient**2"),
    ),
    from_the_second_step(
        "adam",
        "gradient instead of its mean",
        "The newest gradient is divided by the root, not the mean of the gradients.",
        "The numerator holds the mean with the hat.",
        ("self.learning_rate * mean_hat", "self.learning_rate * gradient"),
    ),
    from_the_second_step(
        "adam",
        "mean forgotten",
        "The mean starts from 0 at every call.",
        "The new mean must be kept on self for the next call.",
        ("self.mean = self.mu * self.mean +", "self.mean = self.mu * 0.0 +"),
    ),
    from_the_second_step(
        "adam",
        "square of the mean",
        "The mean is squared where the gradient should be.",
        "r is a mean of squared gradients; it does not know v.",
        ("(1 - self.rho) * gradient**2", "(1 - self.rho) * (self.mean / (1 - self.mu**self.calls)) ** 2"),
    ),
)
