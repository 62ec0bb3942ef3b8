"""Wrong variants of the fully connected layer."""

from grader.authoring import Misconception

EXTENDED = "self._extended_input = np.hstack([input_tensor, ones])"
GRADIENT = "self.gradient_weights = self._extended_input.T @ error_tensor"
INPUT_GRADIENT = "input_gradient = error_tensor @ self.weights[:-1].T"
UPDATE = "self.weights = self.optimizer.calculate_update(self.weights, self.gradient_weights)"
FANS = "fans = self.input_size, self.output_size"


def dense(name, check, sentence, hint, *edits, also=()):
    """A misconception about this topic's one exercise."""
    return Misconception(name, "fully_connected", check, sentence, hint, edits, also)


MISCONCEPTIONS = (
    dense(
        "no bias",
        "forward",
        "The bias, the last row of the weights, is not added.",
        "Which number has to stand in the extra column of the input so that the last row is added as it is?",
        ("ones = np.ones(", "ones = np.zeros("),
        also=("weights gradient",),
    ),
    dense(
        "bias in the first row",
        "forward",
        "The first row of the weights is taken as the bias.",
        "The bias is the last row: where does the column of ones belong, then?",
        ("np.hstack([input_tensor, ones])", "np.hstack([ones, input_tensor])"),
        ("self.weights[:-1].T", "self.weights[1:].T"),
        ("np.vstack([weights, bias])", "np.vstack([bias, weights])"),
        also=("input gradient", "weights gradient", "initialize"),
    ),
    dense(
        "output transposed",
        "shapes",
        "The output is transposed: it has an item of the batch in every column.",
        "The batch comes first: one row for every item.",
        ("return self._extended_input @ self.weights", "return (self._extended_input @ self.weights).T"),
        (
            "error_tensor = np.asarray(error_tensor, dtype=float)",
            "error_tensor = np.asarray(error_tensor, dtype=float).T",
        ),
        also=("forward", "input gradient", "weights gradient"),
    ),
    dense(
        "bias column left in the input gradient",
        "input gradient",
        "The input gradient has one column too many: the one that belongs to the ones added for the bias.",
        "Which shape did the input have? The ones are no input of the layer below.",
        ("self.weights[:-1].T", "self.weights.T"),
    ),
    dense(
        "first column cut from the input gradient",
        "input gradient",
        "The column of the input gradient that belongs to the bias is the last one, but the first one is cut off.",
        "In which column of the extended input do the ones stand?",
        ("self.weights[:-1].T", "self.weights[1:].T"),
    ),
    dense(
        "gradient averaged",
        "weights gradient",
        "The weights gradient is divided by the batch size.",
        "Gradients are summed over the batch; where a mean is wanted, the loss takes care of it.",
        (GRADIENT, f"{GRADIENT} / len(error_tensor)"),
    ),
    dense(
        "input gradient averaged",
        "input gradient",
        "The input gradient is divided by the batch size.",
        "Every item of the batch has its own row here: is there anything to average?",
        (INPUT_GRADIENT, f"{INPUT_GRADIENT} / len(error_tensor)"),
    ),
    dense(
        "bias gradient averaged",
        "weights gradient",
        "The last row of the weights gradient, that of the bias, is a mean over the batch instead of a sum.",
        "The bias is added for every item: what does each of them contribute?",
        (GRADIENT, f"{GRADIENT}\n        self.gradient_weights[-1] = error_tensor.mean(axis=0)"),
    ),
    dense(
        "bias gradient missing",
        "weights gradient",
        "The last row of the weights gradient, that of the bias, is zero.",
        "The bias is learnt as well: how does the loss change with it?",
        (GRADIENT, f"{GRADIENT}\n        self.gradient_weights[-1] = 0.0"),
    ),
    dense(
        "last item only",
        "weights gradient",
        "The weights gradient is that of the last item of the batch instead of the sum over all.",
        "If there is a loop over the batch: does each round add to the gradient, or replace it?",
        (GRADIENT, "self.gradient_weights = np.outer(self._extended_input[-1], error_tensor[-1])"),
    ),
    dense(
        "gradient only with an optimizer",
        "weights gradient",
        "The weights gradient is stored only where an optimizer is set.",
        "The gradient is needed without an optimizer, too: what does backward do, and in which order?",
        (
            f"{GRADIENT}\n        if self.optimizer is not None:\n",
            f"if self.optimizer is not None:\n            {GRADIENT}\n",
        ),
    ),
    dense(
        "input gradient from updated weights",
        "gradient of the old weights",
        "With an optimizer set, the input gradient is computed from weights that are already updated.",
        "Which weights did the forward pass use that this error belongs to?",
        (f"        {INPUT_GRADIENT}\n", ""),
        ("return input_gradient", "return error_tensor @ self.weights[:-1].T"),
    ),
    dense(
        "updated in place",
        "gradient of the old weights",
        "The new weights are written into the array that was assigned from outside.",
        "A slice such as `self.weights[...] =` fills the old array, which belongs to others, too: assign the new one.",
        (UPDATE, UPDATE.replace("self.weights =", "self.weights[...] =")),
    ),
    dense(
        "update thrown away",
        "optimizer",
        "The weights are never updated: calculate_update is not called, or what it returns is not kept.",
        "calculate_update leaves its arguments as they are and returns the new weights.",
        (UPDATE, "self.optimizer.calculate_update(self.weights, self.gradient_weights)"),
        also=("gradient of the old weights",),
    ),
    dense(
        "optimizer shared",
        "optimizer",
        "The layer uses the very optimizer that it is given, so that two layers share one and mix up its state.",
        "An optimizer may remember earlier gradients: whose? Each layer needs a deep copy for itself.",
        ("self._optimizer = copy.deepcopy(optimizer)", "self._optimizer = optimizer"),
    ),
    dense(
        "optimizer copied at every backward",
        "optimizer",
        "The optimizer is copied anew at every backward, so that it forgets what it has seen before.",
        "Copy it once, when it is set: momentum has to live from one call to the next.",
        ("self.optimizer.calculate_update(", "copy.deepcopy(self.optimizer).calculate_update("),
    ),
    dense(
        "updated twice",
        "optimizer",
        "The optimizer is called more than once in every backward.",
        "Weights and bias are one array here: one call updates both.",
        (UPDATE, f"{UPDATE}\n            {UPDATE}"),
    ),
    dense(
        "bias not updated",
        "optimizer",
        "The optimizer updates all rows of the weights but the last one, the bias.",
        "The bias is learnt as well, by the same call.",
        (UPDATE, f"bias = self.weights[-1:]\n            {UPDATE}\n            self.weights[-1:] = bias"),
    ),
    dense(
        "optimizer not removed",
        "gradient of the old weights",
        "After `optimizer = None` the layer still updates its weights with the old optimizer.",
        "What does the setter do when it is given None?",
        ("        self.optimizer = None\n", "        self._optimizer = None\n"),
        (
            "self._optimizer = copy.deepcopy(optimizer)",
            "self._optimizer = copy.deepcopy(optimizer) if optimizer is not None else self._optimizer",
        ),
    ),
    dense(
        "bias row dropped by initialize",
        "initialize",
        "After initialize, the weights have lost the row of the bias.",
        "Two arrays come from two initializers: put them together, so that the shape is the one from before.",
        ("self.weights = np.vstack([weights, bias])", "self.weights = weights"),
    ),
    dense(
        "bias left as it was by initialize",
        "initialize",
        "initialize sets the weights but leaves the bias, the last row, as it was.",
        "What is the second initializer for?",
        ("np.vstack([weights, bias])", "np.vstack([weights, self.weights[-1:]])"),
    ),
    dense(
        "bias from the first initializer",
        "initialize",
        "The first initializer is asked for the bias row, too.",
        "Two initializers are given: the first is for the weights without the bias, the second for the bias alone.",
        (
            "weights_initializer.initialize((self.input_size, self.output_size), *fans)",
            "weights_initializer.initialize((self.input_size + 1, self.output_size), *fans)[:-1]",
        ),
    ),
    dense(
        "first initializer for both",
        "initialize",
        "The first initializer is asked for the weights, and once more for the bias row.",
        "What is the second initializer for?",
        ("bias = bias_initializer", "bias = weights_initializer"),
    ),
    dense(
        "initializers mixed up",
        "initialize",
        "The first initializer is used for the bias and the second one for the weights.",
        "The order is initialize(weights_initializer, bias_initializer).",
        ("weights = weights_initializer", "weights = bias_initializer"),
        ("bias = bias_initializer", "bias = weights_initializer"),
    ),
    dense(
        "fans swapped",
        "initialize",
        "fan_in and fan_out are swapped when the initializer is called.",
        "How many numbers go into one unit, and into how many units does one input go?",
        (FANS, "fans = self.output_size, self.input_size"),
    ),
    dense(
        "fan_in counts the bias",
        "initialize",
        "fan_in is input_size + 1: the bias is counted as an input.",
        "The handout says what fan_in is here; the ones added for the bias do not count.",
        (FANS, "fans = self.input_size + 1, self.output_size"),
    ),
    dense(
        "fan_in of the weights counts the bias",
        "initialize",
        "The first initializer is told a fan_in of input_size + 1: the bias is counted as an input.",
        "The handout says what fan_in is here; the ones added for the bias do not count.",
        (
            "weights_initializer.initialize((self.input_size, self.output_size), *fans)",
            "weights_initializer.initialize((self.input_size, self.output_size), fans[0] + 1, fans[1])",
        ),
    ),
    dense(
        "bias without fans",
        "initialize",
        "The second initializer is asked for the bias row without fans.",
        "Initializers such as He's compute with the fans: the bias row gets the same ones as the weights.",
        (
            "bias_initializer.initialize((1, self.output_size), *fans)",
            "bias_initializer.initialize((1, self.output_size))",
        ),
    ),
    dense(
        "fans of the bias row",
        "initialize",
        "The second initializer is asked with the bias row's own shape as fans, so fan_in is 1.",
        "The handout says which fans the bias row gets.",
        (
            "bias_initializer.initialize((1, self.output_size), *fans)",
            "bias_initializer.initialize((1, self.output_size), 1, self.output_size)",
        ),
    ),
    dense(
        "fans of the bias row swapped",
        "initialize",
        "fan_in and fan_out are swapped when the second initializer is called.",
        "The bias row gets the same fans as the weights, in the same order.",
        (
            "bias_initializer.initialize((1, self.output_size), *fans)",
            "bias_initializer.initialize((1, self.output_size), *fans[::-1])",
        ),
    ),
    dense(
        "sizes on the class",
        "call order and purity",
        "The sizes belong to the class: all layers take those of the one that was made last.",
        "What the constructor is given belongs to `self`: two layers of a network may differ.",
        ("self.input_size = _positive_int", "FullyConnected.input_size = _positive_int"),
        ("self.output_size = _positive_int", "FullyConnected.output_size = _positive_int"),
    ),
    dense(
        "gradients accumulated",
        "call order and purity",
        "The weights gradient is added to that of earlier calls of backward.",
        "Each backward writes the gradient anew.",
        (
            GRADIENT,
            "old = 0.0 if self.gradient_weights is None else self.gradient_weights\n"
            "        self.gradient_weights = old + self._extended_input.T @ error_tensor",
        ),
    ),
    dense(
        "first input kept",
        "call order and purity",
        "backward uses the input of the very first forward, not of the newest.",
        "What forward keeps for backward must be replaced in every call.",
        (EXTENDED, f"{EXTENDED}\n        self._first = getattr(self, '_first', self._extended_input)"),
        (GRADIENT, GRADIENT.replace("_extended_input", "_first")),
        also=("optimizer",),
    ),
    dense(
        "error tensor changed",
        "call order and purity",
        "backward changes the error tensor that it is given.",
        "Operators such as *= write into the array of the caller; make a new one.",
        (
            "error_tensor = np.asarray(error_tensor, dtype=float)",
            "error_tensor = np.asarray(error_tensor, dtype=float)\n        error_tensor /= len(error_tensor)",
        ),
        (INPUT_GRADIENT, f"{INPUT_GRADIENT} * len(error_tensor)"),
        (GRADIENT, f"{GRADIENT} * len(error_tensor)"),
    ),
    dense(
        "start weights normal",
        "start weights",
        "The first weights are normally distributed instead of uniform on [0, 1).",
        "Uniform on [0, 1): which function of NumPy's random module draws that?",
        ("np.random.uniform(0.0, 1.0,", "np.random.normal(0.0, 1.0,"),
    ),
    dense(
        "start weights around zero",
        "start weights",
        "The first weights are uniform on [-1, 1) instead of [0, 1).",
        "They start uniform on [0, 1).",
        ("np.random.uniform(0.0, 1.0,", "np.random.uniform(-1.0, 1.0,"),
    ),
    dense(
        "not trainable",
        "attributes",
        "`trainable` is False, so that a network never trains this layer.",
        "Layers with weights are trainable. Does a base class set it to False?",
        ("self.trainable = True", "self.trainable = False"),
    ),
    dense(
        "output stored like the input",
        "integer input",
        "The output is written into an array of the input's type, which loses everything after the point for integers.",
        "np.zeros_like and np.empty_like copy the type as well.",
        ("input_tensor = np.asarray(input_tensor, dtype=float)", "input_tensor = np.asarray(input_tensor)"),
        (
            "return self._extended_input @ self.weights",
            "output = np.empty_like(input_tensor, shape=(len(input_tensor), self.output_size))\n"
            "        output[...] = self._extended_input @ self.weights\n"
            "        return output",
        ),
    ),
    dense(
        "sizes not checked",
        "illegal arguments",
        "A layer without inputs or outputs is accepted.",
        "Check both sizes in the constructor and raise ValueError naming the one that is not at least 1.",
        ("or value < 1", "or value < 0"),
    ),
    dense(
        "input shape not checked",
        "illegal arguments",
        "An input with more than two axes is accepted.",
        "The layer takes vectors, (b, input_size): compare the input's shape and raise ValueError naming it.",
        ("input_tensor.ndim != 2 or input_tensor.shape[1] != self.input_size", "False"),
        ("np.ones((len(input_tensor), 1))", "np.ones((*input_tensor.shape[:-1], 1))"),
        ("np.hstack([input_tensor, ones])", "np.concatenate([input_tensor, ones], axis=-1)"),
    ),
)
