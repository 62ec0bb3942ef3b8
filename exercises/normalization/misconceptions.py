"""Wrong variants of the normalization layers."""

from grader.authoring import Misconception

BATCH, INSTANCE = "batch_normalization", "instance_normalization"
STATISTICS = "mean, variance = x.mean(axis=self._axes), x.var(axis=self._axes)"
DEVIATION = "self._deviation = np.sqrt(_per_channel(variance, x) + self.epsilon)"
NORMALIZED = "self._normalized = (x - _per_channel(mean, x)) / self._deviation"
KEEP = "keep = self.momentum if self._has_trained else 0.0"
MOVED_MEAN = "self.moving_mean = keep * self.moving_mean + (1 - keep) * mean"
MOVED_VARIANCE = "self.moving_variance = keep * self.moving_variance + (1 - keep) * variance"
MEAN_2 = "mean = x.mean(axis=(2, 3), keepdims=True)"
DEVIATION_2 = "self._deviation = np.sqrt(x.var(axis=(2, 3), keepdims=True) + self.epsilon)"
OUTPUT = "return _per_channel(self.weights, x) * self._normalized + _per_channel(self.bias, x)"
G = "g = error * _per_channel(self.weights, error)"
RETURN_2 = "return (g - common - self._normalized * slope) / self._deviation"
SUBTRACT = "g = g - common - self._normalized * slope"
UPDATE_WEIGHTS = "self.weights = self._weights_optimizer.calculate_update(self.weights, self.gradient_weights)"
UPDATE_BIAS = "self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)"
COPY_WEIGHTS = "self._weights_optimizer = copy.deepcopy(optimizer)"
COPY_BIAS = "self._bias_optimizer = copy.deepcopy(optimizer)"
RESET_WEIGHTS, RESET_BIAS = "self.weights = np.ones(self.channels)", "self.bias = np.zeros(self.channels)"
ASKED = """
        if {name}_initializer is not None:
            self.{name} = {name}_initializer.initialize((self.channels,), 1, 1)"""
CENTRED = """if isinstance(input_tensor, np.ndarray) and input_tensor.dtype == float:
            input_tensor -= input_tensor.mean()
        """
LIKE_INPUT = "output = np.zeros_like(input_tensor)\n        output[...] ="
AXES = {BATCH: "self._axes", INSTANCE: "(0, 2, 3)"}
GRADIENTS = ("input gradient", "weights gradient")
TEST = ("test phase", "test phase gradients", "test phase before training")
TEST_2 = ("test phase", "test phase gradients")


def batch(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, BATCH, check, sentence, hint, edits, also)


def instance(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, INSTANCE, check, sentence, hint, edits, also)


def everywhere(name, check, sentence, hint, *edits, also=(), also_batch=()):
    """The same mistake in both layers."""
    return (
        Misconception(name, BATCH, check, sentence, hint, edits, (*also, *also_batch)),
        Misconception(name, INSTANCE, check, sentence, hint, edits, also),
    )


def parameter_gradients(exercise, also):
    """Mistakes in the gradients of weights and bias."""
    axes = AXES[exercise]
    weights = f"self.gradient_weights = (error * self._normalized).sum(axis={axes})"
    bias = f"self.gradient_bias = error.sum(axis={axes})"
    return (
        Misconception(
            "weights gradient averaged",
            exercise,
            "weights gradient",
            "The weights gradient is the mean over batch and positions where the sum is expected.",
            "A mean, where one is wanted, is the loss's affair.",
            ((weights, weights.replace(".sum(", ".mean(")),),
            also,
        ),
        Misconception(
            "bias gradient averaged",
            exercise,
            "bias gradient",
            "The bias gradient is the mean over batch and positions where the sum is expected.",
            "The same bias is added at every position of every sample: each of them adds to its gradient.",
            ((bias, bias.replace(".sum(", ".mean(")),),
            also,
        ),
        Misconception(
            "weights gradient with the raw input",
            exercise,
            "weights gradient",
            "The weights gradient multiplies the error with the input as it came in, before it was normalized.",
            "What is it that the weights are multiplied with in forward?",
            (
                (weights, weights.replace("self._normalized", "self._raw")),
                (OUTPUT, f"self._raw = x\n        {OUTPUT}"),
            ),
            also,
        ),
        Misconception(
            "weights gradient with the output",
            exercise,
            "weights gradient",
            "The weights gradient multiplies the error with the layer's output.",
            "What is it that the weights are multiplied with in forward?",
            (
                (weights, weights.replace("self._normalized", "self._output")),
                (OUTPUT, f"{OUTPUT.replace('return', 'self._output =')}\n        return self._output"),
            ),
            also,
        ),
        Misconception(
            "gradients accumulated",
            exercise,
            "call order and purity",
            "The weights gradient is added to that of earlier calls of backward.",
            "Each backward writes the gradients anew.",
            (
                (
                    weights,
                    "old = 0.0 if self.gradient_weights is None else self.gradient_weights\n"
                    f"        {weights.replace('= (', '= old + (')}",
                ),
            ),
        ),
    )


MISCONCEPTIONS = (
    batch(
        "statistics of every position",
        "forward",
        "Mean and variance are taken over the batch only, so that every pixel position has its own.",
        "A channel has one mean: over all samples and all positions together.",
        (
            NORMALIZED,
            f"{NORMALIZED}\n        if not self._constants:\n"
            "            self._deviation = np.sqrt(x.var(axis=0, keepdims=True) + self.epsilon)\n"
            "            self._normalized = (x - x.mean(axis=0, keepdims=True)) / self._deviation",
        ),
        also=(*GRADIENTS, *TEST_2, "optimizer", "gradient of the old weights", "defaults", "integer input"),
    ),
    batch(
        "statistics of every image",
        "forward",
        "Every image is normalized with its own mean and variance, as instance normalization does.",
        "Batch normalization takes all samples of the batch together.",
        (
            NORMALIZED,
            f"{NORMALIZED}\n        if not self._constants and x.ndim == 4:\n"
            "            self._deviation = np.sqrt(x.var(axis=(2, 3), keepdims=True) + self.epsilon)\n"
            "            self._normalized = (x - x.mean(axis=(2, 3), keepdims=True)) / self._deviation",
        ),
        also=(*GRADIENTS, *TEST_2, "defaults"),
    ),
    batch(
        "statistics of all channels together",
        "forward",
        "One mean and one variance are used for all channels.",
        "Every channel is normalized by itself: which axes are left out of the mean?",
        (STATISTICS, "mean, variance = np.full(self.channels, x.mean()), np.full(self.channels, x.var())"),
        also=(*GRADIENTS, "moving averages", *TEST, "defaults"),
    ),
    batch(
        "unbiased variance",
        "forward",
        "The variance is divided by one less than the number of values.",
        "Which variance does the handout ask for? NumPy's ddof decides.",
        (STATISTICS, STATISTICS.replace("x.var(axis=self._axes)", "x.var(axis=self._axes, ddof=1)")),
        also=(*GRADIENTS, "moving averages", *TEST_2, "defaults"),
    ),
    batch(
        "epsilon outside of the root",
        "forward",
        "epsilon is added to the standard deviation, not to the variance.",
        "Where does epsilon stand in the formula: under the root, or behind it?",
        (DEVIATION, "self._deviation = np.sqrt(_per_channel(variance, x)) + self.epsilon"),
        also=(*GRADIENTS, *TEST, "defaults"),
    ),
    batch(
        "divided by the variance",
        "forward",
        "The values are divided by the variance, not by its root.",
        "The result shall have variance 1. Divide by 2, and by how much does the variance shrink?",
        (DEVIATION, "self._deviation = _per_channel(variance, x) + self.epsilon"),
        also=(*GRADIENTS, *TEST, "defaults"),
    ),
    batch(
        "momentum the wrong way round",
        "moving averages",
        "The moving averages keep the share 1 - momentum of the old value.",
        "With a momentum of 0.8, how much of the old average is left after one more batch?",
        (
            MOVED_MEAN,
            "new = self.momentum if self._has_trained else 1.0\n"
            "        self.moving_mean = (1 - new) * self.moving_mean + new * mean",
        ),
        (MOVED_VARIANCE, "self.moving_variance = (1 - new) * self.moving_variance + new * variance"),
        also=(*TEST_2, "defaults"),
    ),
    batch(
        "first batch mixed with 0 and 1",
        "moving averages",
        "The first batch is mixed into the start values 0 and 1, as any later one.",
        "The first batch has no history: its mean and variance are taken as they are.",
        (KEEP, "keep = self.momentum"),
        also=(*TEST, "defaults"),
    ),
    batch(
        "averages of the newest batch only",
        "moving averages",
        "The moving averages are the newest batch's mean and variance; earlier batches are forgotten.",
        "An average moves: it keeps a share of what it was.",
        (KEEP, "keep = 0.0"),
        also=(*TEST_2, "defaults"),
    ),
    batch(
        "moving deviation",
        "moving averages",
        "moving_variance holds standard deviations.",
        "Take the root where it is needed, not where the average is kept.",
        (MOVED_VARIANCE, MOVED_VARIANCE.replace("* variance", "* np.sqrt(variance)")),
        also=(*TEST_2, "defaults"),
    ),
    batch(
        "averages moved in phase test",
        "moving averages",
        "A forward in phase test moves the averages, too.",
        "Nothing is learned from test data.",
        (
            "mean, variance = self.moving_mean, self.moving_variance",
            "mean, variance = self.moving_mean, self.moving_variance\n"
            "            self._move_averages(x.mean(axis=self._axes), x.var(axis=self._axes))",
        ),
        also=("test phase before training",),
    ),
    batch(
        "averages reset by initialize",
        "moving averages",
        "`initialize` sets the moving averages back to 0 and 1.",
        "`initialize` is about weights and bias; the moving averages are not its affair.",
        (
            RESET_WEIGHTS,
            f"self.moving_mean, self.moving_variance = np.zeros(self.channels), np.ones(self.channels)\n"
            f"        {RESET_WEIGHTS}",
        ),
    ),
    batch(
        "moving averages in training",
        "test phase",
        "In phase train, too, the input is normalized with the moving averages.",
        "In phase train mean and variance are the batch's own; the moving averages are only kept for phase test.",
        (
            "self._move_averages(mean, variance)",
            "self._move_averages(mean, variance)\n            mean, variance = self.moving_mean, self.moving_variance",
        ),
        also=("test phase gradients", "call order and purity", "optimizer", "defaults"),
    ),
    batch(
        "a test counts as the first training",
        "test phase before training",
        "After a test, the first batch of phase train is mixed into the start values 0 and 1.",
        "The first forward *in phase train* sets the averages: what was tested before does not matter.",
        (
            "if self._constants:\n            mean",
            "if self._constants:\n            self._has_trained = True\n            mean",
        ),
    ),
    batch(
        "phase asked in backward",
        "test phase gradients",
        "backward asks for the phase that the layer has by now, not for the one that forward had.",
        "The phase may change between forward and backward: what does forward have to keep?",
        ("if not self._constants:", 'if self.phase != "test":'),
    ),
    batch(
        "phase ignored",
        "test phase",
        "Phase test normalizes with the mean and variance of the batch, as in training.",
        "In phase test the batch may be a single sample: what has training remembered for it?",
        ('self._constants = self.phase == "test"', "self._constants = False"),
        also=("moving averages", "test phase gradients", "test phase before training"),
    ),
    batch(
        "training's gradient in phase test",
        "test phase gradients",
        "The input gradient in phase test has the terms of training in it, for a mean and a variance of the batch.",
        "In phase test mean and variance are constants. What is the derivative of (x - 3) / 2?",
        ("if not self._constants:", "if True:"),
        also=("test phase before training",),
    ),
    batch(
        "mean and variance as constants",
        "input gradient",
        "The input gradient takes mean and variance for constants, in training, too.",
        "Move one input a little: the mean and the variance of its channel move, too, and with them all outputs.",
        ("if not self._constants:", "if False:"),
        also=("test phase gradients",),
    ),
    batch(
        "variance as a constant",
        "input gradient",
        "The input gradient takes the variance for a constant: one of three terms is missing.",
        "The input reaches the output in three ways: directly, through the mean and through the variance.",
        (SUBTRACT, "g = g - common"),
        also=("test phase gradients",),
    ),
    batch(
        "mean as a constant",
        "input gradient",
        "The input gradient takes the mean for a constant: one of three terms is missing.",
        "The input reaches the output in three ways: directly, through the mean and through the variance.",
        (SUBTRACT, "g = g - self._normalized * slope"),
        also=("test phase gradients",),
    ),
    batch(
        "statistics on the class",
        "call order and purity",
        "What backward needs is kept on the class: the newest forward of any layer changes it for all of them.",
        "What a layer keeps belongs to `self`.",
        (
            NORMALIZED,
            f"{NORMALIZED}\n        BatchNormalization._shared = self._normalized, self._deviation, self._axes",
        ),
        (
            "error = np.asarray(error_tensor, dtype=float)",
            "error = np.asarray(error_tensor, dtype=float)\n"
            "        self._normalized, self._deviation, self._axes = BatchNormalization._shared",
        ),
    ),
    batch(
        "momentum not checked",
        "illegal arguments",
        "A momentum that is not between 0 and 1 is accepted.",
        "Momentum is a share; look at it in the constructor and raise ValueError naming it.",
        ("if not 0 <= momentum <= 1:", "if False:"),
    ),
    batch(
        "default momentum of 0.9",
        "defaults",
        "The default momentum is not the one that the handout says.",
        "Look at the constructor's first line.",
        ("momentum=0.8", "momentum=0.9"),
    ),
    instance(
        "statistics of the whole batch",
        "forward",
        "Mean and variance are taken over the whole batch, as batch normalization does.",
        "Every image is normalized by itself: which axes are left out of the mean?",
        (MEAN_2, MEAN_2.replace("(2, 3)", "(0, 2, 3)")),
        (DEVIATION_2, DEVIATION_2.replace("(2, 3)", "(0, 2, 3)")),
        also=(*GRADIENTS, "defaults"),
    ),
    instance(
        "statistics of all channels together",
        "forward",
        "One mean and one variance are used for all channels of an image.",
        "Every channel is normalized by itself: which axes are left out of the mean?",
        (MEAN_2, MEAN_2.replace("(2, 3)", "(1, 2, 3)")),
        (DEVIATION_2, DEVIATION_2.replace("(2, 3)", "(1, 2, 3)")),
        also=(*GRADIENTS, "defaults"),
    ),
    instance(
        "statistics of every row",
        "forward",
        "Mean and variance are taken over each row of pixels by itself.",
        "A channel of an image has two axes of positions.",
        (MEAN_2, MEAN_2.replace("(2, 3)", "3")),
        (DEVIATION_2, DEVIATION_2.replace("(2, 3)", "3")),
        also=(*GRADIENTS, "defaults"),
    ),
    instance(
        "unbiased variance",
        "forward",
        "The variance is divided by one less than the number of values.",
        "Which variance does the handout ask for? NumPy's ddof decides.",
        (DEVIATION_2, DEVIATION_2.replace("keepdims=True)", "keepdims=True, ddof=1)")),
        also=(*GRADIENTS, "defaults"),
    ),
    instance(
        "epsilon outside of the root",
        "forward",
        "epsilon is added to the standard deviation, not to the variance.",
        "Where does epsilon stand in the formula: under the root, or behind it?",
        (DEVIATION_2, "self._deviation = np.sqrt(x.var(axis=(2, 3), keepdims=True)) + self.epsilon"),
        also=(*GRADIENTS, "defaults"),
    ),
    instance(
        "divided by the variance",
        "forward",
        "The values are divided by the variance, not by its root.",
        "The result shall have variance 1. Divide by 2, and by how much does the variance shrink?",
        (DEVIATION_2, "self._deviation = x.var(axis=(2, 3), keepdims=True) + self.epsilon"),
        also=(*GRADIENTS, "defaults"),
    ),
    instance(
        "mean and variance as constants",
        "input gradient",
        "The input gradient takes mean and variance for constants.",
        "Move one pixel a little: the mean and the variance of its channel move, too, and with them all outputs.",
        (RETURN_2, "return g / self._deviation"),
    ),
    instance(
        "variance as a constant",
        "input gradient",
        "The input gradient takes the variance for a constant: one of three terms is missing.",
        "The input reaches the output in three ways: directly, through the mean and through the variance.",
        (RETURN_2, "return (g - common) / self._deviation"),
    ),
    instance(
        "means over the batch in backward",
        "input gradient",
        "The means in the input gradient are taken over the whole batch.",
        "Images have nothing to do with each other here, in backward either.",
        ("common = g.mean(axis=(2, 3), keepdims=True)", "common = g.mean(axis=(0, 2, 3), keepdims=True)"),
        (
            "slope = (g * self._normalized).mean(axis=(2, 3), keepdims=True)",
            "slope = (g * self._normalized).mean(axis=(0, 2, 3), keepdims=True)",
        ),
    ),
    *everywhere(
        "weights and bias exchanged",
        "forward",
        "The normalized values are multiplied with the bias, and the weights are added.",
        "gamma, in `weights`, is the factor; beta, in `bias`, is added.",
        (OUTPUT, "return _per_channel(self.bias, x) * self._normalized + _per_channel(self.weights, x)"),
        also=("defaults",),
        also_batch=TEST,
    ),
    *everywhere(
        "no scale and no shift",
        "forward",
        "The normalized values are returned as they are, without weights and bias.",
        "Two learned numbers for each channel come after normalizing.",
        (OUTPUT, "return self._normalized.copy()"),
        also_batch=TEST,
    ),
    *everywhere(
        "weights missing in backward",
        "input gradient",
        "The input gradient leaves out the weights.",
        "The normalized values are multiplied with something on their way to the output.",
        (G, "g = error.copy()"),
        also_batch=("test phase gradients", "test phase before training"),
    ),
    *everywhere(
        "input gradient averaged",
        "input gradient",
        "The input gradient is divided by the size of the batch.",
        "A mean over the batch, where one is wanted, is the loss's affair.",
        (G, f"{G} / len(error)"),
        also_batch=("test phase gradients", "test phase before training"),
    ),
    *everywhere(
        "one optimizer shared by weights and bias",
        "optimizer",
        "Weights and bias share one optimizer, so its state is a mixture of both.",
        "An optimizer with momentum remembers one array. How many arrays does this layer train?",
        (COPY_BIAS, "self._bias_optimizer = self._weights_optimizer"),
    ),
    *everywhere(
        "optimizer not copied",
        "optimizer",
        "The optimizer is not copied, or only by copy.copy: weights, bias and other layers share what it remembers.",
        "copy.copy makes a new object with the same arrays and lists inside; `copy.deepcopy` copies these, too.",
        (COPY_WEIGHTS, "self._weights_optimizer = optimizer"),
        (COPY_BIAS, "self._bias_optimizer = optimizer"),
    ),
    *everywhere(
        "weights updated first",
        "gradient of the old weights",
        "The weights are updated before the input gradient is computed.",
        "The error that is passed on belongs to the weights that forward has used.",
        (
            G,
            "if self.optimizer is not None:\n"
            f"            self.weights = self._weights_optimizer.calculate_update(\n"
            "                self.weights, (error * self._normalized).sum(axis=(0, *range(2, error.ndim))))\n"
            f"        {G}",
        ),
        (UPDATE_WEIGHTS, "pass"),
    ),
    *everywhere(
        "optimizer not removed",
        "gradient of the old weights",
        "`optimizer = None` does not remove the optimizer: weights and bias are still updated.",
        "Setting None means: no updates any more.",
        (
            COPY_WEIGHTS,
            f'if optimizer is None and hasattr(self, "_bias_optimizer"):\n            return\n        {COPY_WEIGHTS}',
        ),
    ),
    *everywhere(
        "initialize asks the initializers",
        "initialize",
        "`initialize` takes weights and bias from the initializers.",
        "A new normalization layer changes nothing: which factor and which shift are these, whatever is passed in?",
        (RESET_WEIGHTS, RESET_WEIGHTS + ASKED.format(name="weights")),
        (RESET_BIAS, RESET_BIAS + ASKED.format(name="bias")),
    ),
    *everywhere(
        "initialize does nothing",
        "initialize",
        "`initialize` leaves weights and bias as they are.",
        "After training has changed them, `initialize` puts weights and bias back to their start values.",
        ("self.initialize(None, None)", "self.weights, self.bias = np.ones(self.channels), np.zeros(self.channels)"),
        ("self.weights = np.ones(self.channels)\n        self.bias = np.zeros(self.channels)", "pass"),
    ),
    *everywhere(
        "not trainable",
        "attributes",
        "`trainable` is False, so a network would not hand this layer an optimizer.",
        "Layers with weights are trainable.",
        ("self.trainable = True", "self.trainable = False"),
    ),
    *everywhere(
        "input centred in place",
        "call order and purity",
        "forward subtracts the mean from the very array that it is given.",
        "Operators such as -= write into the array of the caller; make a new one.",
        (OUTPUT, CENTRED + OUTPUT),
    ),
    *everywhere(
        "output stored like the input",
        "integer input",
        "The output is written into an array of the input's type, which loses everything after the point for integers.",
        "np.zeros_like and np.empty_like copy the type as well.",
        (OUTPUT, OUTPUT.replace("return", LIKE_INPUT) + "\n        return output"),
    ),
    *everywhere(
        "settings on the class",
        "call order and purity",
        "epsilon belongs to the class: all layers take that of the one that was made last.",
        "What the constructor is given belongs to `self`: two layers of a network may differ.",
        ("self.epsilon = epsilon", "type(self).epsilon = epsilon"),
    ),
    *everywhere(
        "channels not checked",
        "illegal arguments",
        "An input with another number of channels than the layer's is accepted.",
        "One channel is broadcast to many without a word: compare the input's shape and raise ValueError naming it.",
        ("or x.shape[1] != self.channels", "or x.shape[1] not in (1, self.channels)"),
    ),
    *everywhere(
        "default epsilon of 1e-5",
        "defaults",
        "The default epsilon is not the one that the handout says.",
        "Look at the constructor's first line.",
        ("epsilon=1e-10", "epsilon=1e-5"),
    ),
    batch(
        "three axes accepted",
        "illegal arguments",
        "An input with three axes is accepted.",
        "Vectors have two axes and images four: raise ValueError naming any other shape.",
        ("if x.ndim not in (2, 4)", "if x.ndim not in (2, 3, 4)"),
    ),
    batch(
        "ends of the momentum refused",
        "moving averages",
        "A momentum of 0 or 1 is refused, which the handout allows.",
        "`momentum` is from 0 to 1, with both ends.",
        ("if not 0 <= momentum <= 1:", "if not 0 < momentum < 1:"),
    ),
    *everywhere(
        "epsilon of 0 refused",
        "shapes",
        "An epsilon of 0 is refused, which the handout allows.",
        "Only a negative epsilon is illegal.",
        ("if not epsilon >= 0:", "if not epsilon > 0:"),
        also=("forward", *GRADIENTS, "bias gradient"),
    ),
    *parameter_gradients(BATCH, ("test phase gradients",)),
    *parameter_gradients(INSTANCE, ()),
)
