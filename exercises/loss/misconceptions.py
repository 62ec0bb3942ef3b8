"""Wrong variants of the losses."""

from grader.authoring import Misconception

PURITY = "call order and purity"
BOTH = "self._prediction, labels = _same_shape(prediction_tensor, label_tensor)"
FLOAT_LABELS = "labels = np.asarray(label_tensor, dtype=float)"
ANEW = "Work on a copy, or use operators that make a new array (a + b instead of a += b)."


def about(exercise):
    """Makes misconceptions of one exercise."""

    def make(name, check, sentence, hint, *edits, also=()):
        return Misconception(name, exercise, check, sentence, hint, edits, also)

    return make


def first_kept(make, returned):
    return make(
        "first prediction kept",
        PURITY,
        "backward uses the prediction of the very first forward, not of the newest.",
        "What forward keeps for backward must be replaced in every call.",
        (BOTH, f"{BOTH}\n        self._first = getattr(self, '_first', self._prediction)"),
        (
            returned,
            f"prediction = self._first\n        {returned}",
        ),
    )


def label_ignored(make, returned):
    return make(
        "label of backward ignored",
        PURITY,
        "backward uses the labels that forward was given, not its own argument.",
        "backward is given the labels again: is its argument used at all?",
        (BOTH, f"{BOTH}\n        self._labels = labels"),
        (returned, f"labels = self._labels\n        {returned}"),
    )


def shapes_unchecked(make, other):
    return make(
        "shapes not checked",
        "illegal arguments",
        "Prediction and labels of different shapes are accepted and broadcast to something that nobody meant.",
        "(3, 3) - (3,) is no error for NumPy. Compare the shapes first, and raise ValueError naming both.",
        ("if prediction.shape != labels.shape:", "if prediction.shape[-1] != labels.shape[-1] != 1:"),
        also=(other,),
    )


def integer_gradient(make, returned):
    return make(
        "gradient stored like the labels",
        "integer labels",
        "The gradient is written into an array of the labels' type, which cuts off everything after the point.",
        "np.zeros_like and np.empty_like copy the type as well.",
        (
            returned,
            f"gradient = np.zeros_like(label_tensor)\n        gradient[...] = {returned[7:]}\n        return gradient",
        ),
    )


ENTROPY = about("cross_entropy_loss")
LOG = "return float(-np.sum(labels * np.log(self._prediction + EPSILON)))"
ENTROPY_BACK = "return -labels / (prediction + EPSILON)"

L2 = about("l2_loss")
SQUARE = "return float(np.sum((self._prediction - labels) ** 2))"
L2_BACK = "return 2.0 * (prediction - labels)"

MISCONCEPTIONS = (
    ENTROPY(
        "averaged over the batch",
        "forward",
        "The loss is divided by the batch size.",
        "The loss of a batch is a sum here, not a mean.",
        (LOG, f"{LOG} / len(labels)"),
    ),
    ENTROPY(
        "averaged over everything",
        "forward",
        "The loss is the mean over all entries.",
        "The loss of a batch is a sum over its classes and items, not a mean.",
        (LOG, LOG.replace("sum", "mean")),
        also=("probability 0",),
    ),
    ENTROPY(
        "loss and gradient averaged",
        "forward",
        "Loss and gradient are both divided by the batch size.",
        "The loss of a batch is a sum here, and so is what its gradient belongs to.",
        (LOG, f"{LOG} / len(labels)"),
        (ENTROPY_BACK, f"{ENTROPY_BACK} / len(labels)"),
        also=("gradient",),
    ),
    ENTROPY(
        "sign of the loss",
        "forward",
        "The loss has the wrong sign: it is negative.",
        "The logarithm of a probability is never positive. What should be small, where the prediction is good?",
        (LOG, LOG.replace("-np", "np")),
        also=("probability 0",),
    ),
    ENTROPY(
        "array of one number",
        "forward",
        "The loss is an array that holds one number instead of the number itself.",
        "A sum without keepdims, and without brackets around it, is a number.",
        (LOG, f"return np.array([{LOG[7:]}])"),
        also=("probability 0",),
    ),
    ENTROPY(
        "one loss per item",
        "forward",
        "One loss for every item of the batch is returned instead of their sum.",
        "forward returns a single number.",
        (LOG, "return -np.sum(labels * np.log(self._prediction + EPSILON), axis=1)"),
        also=("probability 0",),
    ),
    ENTROPY(
        "arguments swapped",
        "forward",
        "Prediction and labels are swapped: the logarithm is taken of the labels.",
        "forward is called with the prediction first, and then the labels.",
        (LOG, "return float(-np.sum(self._prediction * np.log(labels + EPSILON)))"),
    ),
    ENTROPY(
        "logarithm to the base 2",
        "forward",
        "The logarithm has the base 2; the natural one is meant.",
        "np.log is the natural logarithm.",
        (LOG, LOG.replace("np.log(", "np.log2(")),
    ),
    ENTROPY(
        "binary cross-entropy",
        "forward",
        "The classes with label 0 add -log(1 - p): that is the binary cross-entropy.",
        "In -sum(y log p) a class with label 0 adds nothing.",
        (
            LOG,
            "wrong = (1.0 - labels) * np.log(np.maximum(1.0 - self._prediction, EPSILON))\n"
            "        return float(-np.sum(labels * np.log(self._prediction + EPSILON) + wrong))",
        ),
    ),
    ENTROPY(
        "labels not used as weights",
        "forward",
        "Only the most probable label of each item is used, as if labels were always 0 or 1.",
        "Labels may be probabilities, too: each one is the weight of its logarithm.",
        (LOG, LOG.replace("labels *", "(labels == labels.max(axis=1, keepdims=True)) *")),
    ),
    ENTROPY(
        "labels of 1 only",
        "forward",
        "Only labels that are exactly 1 are used.",
        "Labels may be probabilities, too: each one is the weight of its logarithm.",
        (LOG, LOG.replace("labels *", "(labels == 1) *")),
    ),
    ENTROPY(
        "epsilon too large",
        "forward",
        "The number added to the prediction is so large (1e-7) that it changes the loss.",
        "Use np.finfo(float).eps, about 2e-16: it matters only next to 0.",
        (LOG, LOG.replace("EPSILON", "1e-7")),
        also=("probability 0",),
    ),
    ENTROPY(
        "no epsilon",
        "probability 0",
        "Nothing is added inside of the logarithm, so that a probability of 0 gives no finite loss.",
        "log(0) is minus infinity, and 0 times that is no number: the formula in the handout avoids it.",
        (LOG, LOG.replace(" + EPSILON", "")),
    ),
    ENTROPY(
        "no epsilon in backward",
        "gradient at probability 0",
        "Nothing is added to the denominator, so that a probability of 0 gives no finite gradient.",
        "The derivative of log(p + eps) has an eps, too.",
        (ENTROPY_BACK, ENTROPY_BACK.replace("(prediction + EPSILON)", "prediction")),
    ),
    ENTROPY(
        "gradient without 1/p",
        "gradient",
        "The gradient is -y: the derivative of the logarithm, 1/p, is missing.",
        "What is the derivative of log(p)?",
        (ENTROPY_BACK, "return -labels"),
    ),
    ENTROPY(
        "gradient of softmax included",
        "gradient",
        "The gradient is p - y, which belongs to softmax and cross-entropy together.",
        "SoftMax has a backward of its own: here only the derivative with respect to p is wanted.",
        (ENTROPY_BACK, "return prediction - labels"),
    ),
    ENTROPY(
        "sign of the gradient",
        "gradient",
        "The gradient has the wrong sign.",
        "The loss falls when the probability of the true class rises.",
        (ENTROPY_BACK, ENTROPY_BACK.replace("-labels", "labels")),
    ),
    ENTROPY(
        "gradient averaged",
        "gradient",
        "The gradient is divided by the batch size.",
        "The loss is a sum over the batch: is there anything to divide by?",
        (ENTROPY_BACK, f"{ENTROPY_BACK} / len(labels)"),
    ),
    ENTROPY(
        "gradient 1/p everywhere",
        "gradient",
        "The gradient is -1/p for all classes, without the labels.",
        "How does the loss depend on the probability of a class whose label is 0?",
        (ENTROPY_BACK, "return -1.0 / (prediction + EPSILON)"),
    ),
    ENTROPY(
        "prediction changed",
        PURITY,
        "forward writes the logarithms into the array that it is given.",
        ANEW,
        (
            LOG,
            "self._prediction = prediction_tensor.copy()\n"
            "        np.log(prediction_tensor + EPSILON, out=prediction_tensor)\n"
            "        return float(-np.sum(labels * prediction_tensor))",
        ),
    ),
    first_kept(ENTROPY, ENTROPY_BACK),
    label_ignored(ENTROPY, ENTROPY_BACK),
    integer_gradient(ENTROPY, ENTROPY_BACK),
    shapes_unchecked(ENTROPY, "l2_loss"),
    L2(
        "averaged over the batch",
        "forward",
        "The loss is divided by the batch size.",
        "The loss of a batch is a sum here, not a mean.",
        (SQUARE, f"{SQUARE} / len(labels)"),
    ),
    L2(
        "averaged over everything",
        "forward",
        "The loss is the mean over all entries.",
        "The loss of a batch is a sum over all entries, not a mean.",
        (SQUARE, SQUARE.replace("sum", "mean")),
    ),
    L2(
        "loss and gradient averaged",
        "forward",
        "Loss and gradient are both means over all entries.",
        "The loss of a batch is a sum here, and so is what its gradient belongs to.",
        (SQUARE, SQUARE.replace("sum", "mean")),
        (L2_BACK, f"{L2_BACK} / labels.size"),
        also=("gradient",),
    ),
    L2(
        "halved",
        "forward",
        "Loss and gradient are half as large: 1/2 (p - y)^2 and p - y.",
        "Some books put a 1/2 in front; the formula here has none.",
        (SQUARE, SQUARE.replace("np.sum", "0.5 * np.sum")),
        (L2_BACK, "return prediction - labels"),
        also=("gradient",),
    ),
    L2(
        "root taken",
        "forward",
        "The root of the sum is returned.",
        "The loss is the sum of the squares itself.",
        (
            SQUARE,
            SQUARE.replace("np.sum((self._prediction - labels) ** 2)", "np.linalg.norm(self._prediction - labels)"),
        ),
    ),
    L2(
        "absolute differences",
        "forward",
        "The absolute differences are added: that is the L1 loss.",
        "Each difference is squared.",
        (SQUARE, SQUARE.replace("(self._prediction - labels) ** 2", "np.abs(self._prediction - labels)")),
    ),
    L2(
        "differences added before squaring",
        "forward",
        "The differences of an item are added before they are squared, so that they cancel.",
        "Square each difference, then add.",
        (SQUARE, "return float(np.sum(np.sum(self._prediction - labels, axis=1) ** 2))"),
    ),
    L2(
        "array of one number",
        "forward",
        "The loss is an array that holds one number instead of the number itself.",
        "A sum without keepdims, and without brackets around it, is a number.",
        (SQUARE, f"return np.array([{SQUARE[7:]}])"),
    ),
    L2(
        "one loss per item",
        "forward",
        "One loss for every item of the batch is returned instead of their sum.",
        "forward returns a single number.",
        (SQUARE, "return np.sum((self._prediction - labels) ** 2, axis=1)"),
    ),
    L2(
        "factor forgotten",
        "gradient",
        "The gradient is p - y: the factor 2 is missing.",
        "What is the derivative of a square?",
        (L2_BACK, "return prediction - labels"),
    ),
    L2(
        "sign of the gradient",
        "gradient",
        "The gradient has the wrong sign: 2 (y - p).",
        "If the prediction is larger than the label, does the loss rise or fall when it grows further?",
        (L2_BACK, "return 2.0 * (labels - prediction)"),
    ),
    L2(
        "gradient averaged",
        "gradient",
        "The gradient is divided by the batch size.",
        "The loss is a sum over the batch: is there anything to divide by?",
        (L2_BACK, f"{L2_BACK} / len(labels)"),
    ),
    L2(
        "prediction changed",
        PURITY,
        "forward subtracts the labels from the array that it is given.",
        ANEW,
        (
            SQUARE,
            "self._prediction = prediction_tensor.copy()\n"
            "        prediction_tensor -= labels\n"
            "        return float(np.sum(prediction_tensor**2))",
        ),
    ),
    first_kept(L2, L2_BACK),
    label_ignored(L2, L2_BACK),
    integer_gradient(L2, L2_BACK),
    shapes_unchecked(L2, "cross_entropy_loss"),
)
