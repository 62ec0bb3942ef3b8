"""Wrong variants of the residual block."""

from grader.authoring import Misconception

ADD = "total = residual + x"
POSITIVE = "self._positive = total > 0"
OUTPUT = "return np.where(self._positive, total, 0.0)"
MASK = "shortcut = np.where(self._positive, error_tensor, 0.0)"
SUM = "return through_layers + shortcut"
HAND_OUT = "layer.optimizer = copy.deepcopy(optimizer)"
STEP = "through_layers = layer.backward(through_layers)"
INITIALIZE = "layer.initialize(weights_initializer, bias_initializer)"
LIKE_INPUT = """output = np.zeros_like(input_tensor)
        output[...] = np.maximum(total, 0.0)
        return output"""
CHILDREN = ("gradients of the layers", "optimizers")


def block(name, check, sentence, hint, *edits, also=()):
    return Misconception(name, "residual_block", check, sentence, hint, edits, also)


MISCONCEPTIONS = (
    block(
        "no shortcut in forward",
        "forward",
        "The output is relu(F(x)): the input is not added.",
        "A block whose layers all give 0 shall hand a positive input on as it is.",
        (ADD, "total = residual.copy()"),
        also=("input gradient", *CHILDREN, "phases"),
    ),
    block(
        "relu before the sum",
        "forward",
        "The ReLU is applied to F(x) alone, and the input is added after it.",
        "The formula is relu(F(x) + x): what stands in the brackets?",
        (POSITIVE, "self._positive = residual > 0"),
        (OUTPUT, "return np.where(self._positive, residual, 0.0) + x"),
        also=("input gradient", *CHILDREN, "phases"),
    ),
    block(
        "no relu",
        "forward",
        "The output is F(x) + x, without the ReLU.",
        "No output of the block is negative.",
        (POSITIVE, "self._positive = np.ones(total.shape, dtype=bool)"),
        also=("input gradient", *CHILDREN, "phases"),
    ),
    block(
        "relu of the input on the shortcut",
        "forward",
        "relu(x) is added to F(x), not x itself.",
        "Nothing is done to the input on its way along the shortcut.",
        (ADD, "total = residual + np.maximum(x, 0.0)"),
        also=("input gradient", *CHILDREN, "phases"),
    ),
    block(
        "shortcut around every layer",
        "forward",
        "Every layer gets a shortcut of its own.",
        "There is one shortcut, from the first layer's input to the last layer's output.",
        (
            "residual = layer.forward(residual)",
            "residual = layer.forward(residual) + (0 if residual is x else residual)",
        ),
        also=("input gradient", *CHILDREN, "phases"),
    ),
    block(
        "no shortcut in backward",
        "input gradient",
        "The error goes back through the layers only, not along the shortcut.",
        "The input reaches the output in two ways. What follows for its gradient?",
        (SUM, "return through_layers"),
    ),
    block(
        "shortcut only in backward",
        "input gradient",
        "The error goes back along the shortcut only: what comes through the layers is left out.",
        "The input reaches the output in two ways. What follows for its gradient?",
        (SUM, "return shortcut.copy()"),
    ),
    block(
        "relu forgotten in backward",
        "input gradient",
        "The error is not stopped where the ReLU has made the output 0.",
        "On its way back the error passes the ReLU first.",
        (MASK, "shortcut = np.array(error_tensor, dtype=float)"),
        also=CHILDREN,
    ),
    block(
        "layers get the error before the relu",
        "input gradient",
        "The layers get E, not G: only the shortcut's error is stopped where the ReLU has made the output 0.",
        "On its way back the error passes the ReLU first, and reaches both ways behind it.",
        ("through_layers = shortcut\n", "through_layers = np.array(error_tensor, dtype=float)\n"),
        also=CHILDREN,
    ),
    block(
        "layers without weights left out in backward",
        "input gradient",
        "backward leaves out the layers that are not trainable.",
        "A ReLU or a pooling layer has nothing to learn, but it changes the error that passes it.",
        (STEP, f"if layer.trainable:\n                {STEP}"),
        also=CHILDREN,
    ),
    block(
        "shortcut past the relu",
        "input gradient",
        "Along the shortcut the error goes back unchanged, although the ReLU stands behind the sum.",
        "Where does the shortcut end: before the ReLU, or behind it?",
        (SUM, "return through_layers + error_tensor"),
    ),
    block(
        "relu of the input in backward",
        "input gradient",
        "The error is stopped where the block's input is negative.",
        "The ReLU has seen the sum, F(x) + x: where was that positive?",
        (POSITIVE, "self._positive, self._mask = total > 0, x > 0"),
        (MASK, MASK.replace("_positive", "_mask")),
        also=CHILDREN,
    ),
    block(
        "relu of the layers' output in backward",
        "input gradient",
        "The error is stopped where F(x) is negative.",
        "The ReLU has seen the sum, F(x) + x: where was that positive?",
        (POSITIVE, "self._positive, self._mask = total > 0, residual > 0"),
        (MASK, MASK.replace("_positive", "_mask")),
        also=CHILDREN,
    ),
    block(
        "layers not reversed",
        "input gradient",
        "backward goes through the layers from the first to the last.",
        "The error comes from the end.",
        ("for layer in reversed(self.layers):", "for layer in self.layers:"),
        also=CHILDREN,
    ),
    block(
        "error added in every layer",
        "input gradient",
        "The error of the shortcut is added after every layer's backward.",
        "The shortcut ends at the first layer's input, and nowhere else.",
        (STEP, f"{STEP} + shortcut"),
        (SUM, "return through_layers.copy()"),
        also=CHILDREN,
    ),
    block(
        "open at zero",
        "input gradient",
        "The error passes where F(x) + x is exactly 0.",
        "The handout says what the ReLU's derivative at 0 is.",
        (POSITIVE, "self._positive = total >= 0"),
    ),
    block(
        "layers copied",
        "gradients of the layers",
        "The block works with copies: the layers that it was given learn nothing.",
        "Whoever made the layers wants to look at them after training: keep these very objects.",
        ("self.layers = list(layers)", "self.layers = copy.deepcopy(list(layers))"),
        also=("initialize", "optimizers"),
    ),
    block(
        "initializers mixed up",
        "initialize",
        "The first initializer is handed on as the second, and the second as the first.",
        "The order is initialize(weights_initializer, bias_initializer), inside as outside.",
        (INITIALIZE, "layer.initialize(bias_initializer, weights_initializer)"),
    ),
    block(
        "only the first layer initialized",
        "initialize",
        "Only the first trainable layer is initialized.",
        "Is there a return or a break in the loop?",
        (INITIALIZE, f"{INITIALIZE}\n                break"),
    ),
    block(
        "every layer initialized",
        "initialize",
        "`initialize` is called on layers without weights, too, and those have no such method.",
        "Layers tell whether they have something to initialize: `trainable`.",
        (f"if layer.trainable:\n                {INITIALIZE}", f"if True:\n                {INITIALIZE}"),
    ),
    block(
        "initialize does nothing",
        "initialize",
        "`initialize` leaves the layers as they are.",
        "The network sees one layer only: the block. Who initializes the layers inside?",
        (INITIALIZE, "pass"),
    ),
    block(
        "one optimizer for all layers",
        "optimizers",
        "All layers share one optimizer.",
        "An optimizer with momentum remembers one array. How many arrays are trained here?",
        (HAND_OUT, "layer.optimizer = optimizer"),
    ),
    block(
        "backward of the layers twice",
        "optimizers",
        "backward calls the backward of each layer twice, so that its weights are updated twice.",
        "Every call of a layer's backward is one step of its optimizer: keep what the first call returns.",
        (STEP, f"layer.backward(through_layers)\n            {STEP}"),
    ),
    block(
        "optimizer for every layer",
        "optimizers",
        "Layers that are not trainable are given an optimizer, too.",
        "Layers tell whether they have something to train: `trainable`.",
        (f"if layer.trainable:\n                {HAND_OUT}", f"if True:\n                {HAND_OUT}"),
    ),
    block(
        "optimizer not handed on",
        "optimizers",
        "The block keeps the optimizer for itself: its layers do not learn.",
        "The block has no weights of its own; the layers inside have.",
        (HAND_OUT, "pass"),
    ),
    block(
        "optimizer not removed",
        "optimizers",
        "`optimizer = None` does not reach the layers: they are still updated.",
        "None is handed on like any other optimizer.",
        (HAND_OUT, f"if optimizer is not None:\n                    {HAND_OUT}"),
    ),
    block(
        "phase not handed on",
        "phases",
        "The layers inside do not hear of the phase.",
        "A batch normalization inside the block has to know when it is tested.",
        ("layer.phase = phase", "pass"),
    ),
    block(
        "phase for every layer",
        "phases",
        "`phase` is assigned to layers that have no such attribute, too.",
        'Ask a layer before: hasattr(layer, "phase").',
        ('if hasattr(layer, "phase"):', "if True:"),
    ),
    block(
        "phase handed on once",
        "phases",
        "Only a change to phase test reaches the layers, not the way back.",
        "Whatever is set is handed on.",
        ("layer.phase = phase", 'layer.phase = "test" if phase == "test" else layer.phase'),
    ),
    block(
        "always trainable",
        "trainable",
        "`trainable` is True even where no layer is.",
        "A network hands an optimizer to what is trainable: is there anything to train in a block of ReLUs?",
        ("self.trainable = any(layer.trainable for layer in self.layers)", "self.trainable = True"),
    ),
    block(
        "never trainable",
        "trainable",
        "`trainable` is False, so a network would never train the layers inside.",
        "Ask the layers.",
        ("self.trainable = any(layer.trainable for layer in self.layers)", "self.trainable = False"),
    ),
    block(
        "trainable if all are",
        "trainable",
        "`trainable` is True only where every layer is.",
        "One trainable layer is enough.",
        ("any(layer.trainable", "all(layer.trainable"),
    ),
    block(
        "shapes not compared",
        "illegal shapes",
        "Where F(x) has another shape than x, they are added all the same if NumPy can broadcast them.",
        "A column and a matrix can be added without an error. Compare the shapes and raise ValueError.",
        ("if residual.shape != x.shape:", "if False:"),
    ),
    block(
        "batch sizes not compared",
        "illegal shapes",
        "Where F(x) has another number of items than x, they are added all the same if NumPy can broadcast them.",
        "Compare the shapes as a whole, the batch included.",
        ("if residual.shape != x.shape:", "if residual.shape[1:] != x.shape[1:]:"),
    ),
    block(
        "output of the last layer changed",
        "call order and purity",
        "forward adds x to the very array that the last layer has returned.",
        "`+=` writes into an array, here the last layer's. It may keep it for its backward: make a new one.",
        (ADD, "total = residual\n        total += x"),
    ),
    block(
        "error from the first layer changed",
        "call order and purity",
        "backward adds G to the very array that the first layer's backward has returned.",
        "`+=` writes into an array, here the first layer's: make a new one.",
        (SUM, "through_layers += shortcut\n        return through_layers"),
    ),
    block(
        "error tensor changed",
        "call order and purity",
        "backward sets entries of the error tensor that it is given to 0.",
        "Writing into an argument changes the array of the caller; make a new one.",
        (MASK, f"error_tensor[~self._positive] = 0.0\n        {MASK}"),
    ),
    block(
        "input changed",
        "call order and purity",
        "forward adds F(x) to the very array that it is given.",
        "Operators such as += write into the array of the caller; make a new one.",
        (ADD, "total = x\n        total += residual"),
    ),
    block(
        "layers on the class",
        "call order and purity",
        "The layers belong to the class: all blocks use those of the one that was made last.",
        "What the constructor is given belongs to `self`: two blocks of a network have different layers.",
        ("self.layers = list(layers)", "ResidualBlock.layers = list(layers)"),
    ),
    block(
        "mask on the class",
        "call order and purity",
        "Where the ReLU was open is kept on the class: the newest forward of any block changes it for all.",
        "What forward keeps for backward belongs to `self`.",
        (POSITIVE, "ResidualBlock._positive = total > 0"),
    ),
    block(
        "output stored like the input",
        "integer input",
        "The output is written into an array of the input's type, which loses everything after the point for integers.",
        "np.zeros_like and np.empty_like copy the type as well.",
        (OUTPUT, LIKE_INPUT),
    ),
)
