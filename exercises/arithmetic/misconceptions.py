"""Wrong variants of the arithmetic, as edits of reference/arithmetic.py."""

from grader.authoring import Misconception


def about(exercise):
    """Makes misconceptions of one exercise."""

    def make(name, check, sentence, hint, *edits, also=()):
        return Misconception(name, exercise, check, sentence, hint, edits, also)

    return make


# ------------------------------------------------------------------------------------------------------ output sizes

EXACT = "return room // stride + 1"
ROOM = "room = n + 2 * padding - f"
NO_FRACTION = """    if room % stride:
        raise ValueError(f"({n} + 2*{padding} - {f}) / {stride} is no whole number")
"""
FLOOR = "size = (n - f + total_padding + stride) // stride"
SAME = "return math.ceil((f - 1) / 2), (f - 1) // 2"
BUILT_ON_FLOOR = ("convolution_costs", "network_summary")
size = about("output_sizes")

OUTPUT_SIZES = (
    size(
        "one place forgotten",
        "conv_output_size",
        "The quotient is right, but the 1 for the first place is missing.",
        "A filter as large as the input fits exactly once: what does your formula say for n = f?",
        (EXACT, "return room // stride"),
    ),
    size(
        "padding on one side",
        "conv_output_size",
        "conv_output_size counts the padding once, but zeros are added on both sides.",
        "`padding` is what each side gets. By how much does the axis grow?",
        (ROOM, "room = n + padding - f"),
        also=("fractions are illegal",),
    ),
    size(
        "padding ignored",
        "conv_output_size",
        "conv_output_size takes no notice of the padding.",
        "Zeros on both sides make the axis longer before the filter slides over it.",
        (ROOM, "room = n - f"),
        also=("fractions are illegal",),
    ),
    size(
        "stride ignored",
        "conv_output_size",
        "conv_output_size takes no notice of the stride.",
        "With stride 2 the filter skips every second place. How many are left?",
        (EXACT, "return room + 1"),
    ),
    size(
        "one added before dividing",
        "conv_output_size",
        "The 1 is added before the division by the stride instead of after it.",
        "Which part of the formula is divided? The first place is there whatever the stride is.",
        (EXACT, "return (room + 1) // stride"),
    ),
    size(
        "fractions rounded down",
        "fractions are illegal",
        "Where the quotient is no whole number, conv_output_size rounds it down.",
        "In conv_output_size a rest means that the stride is illegal; only conv_output_size_floor rounds down.",
        (NO_FRACTION, ""),
    ),
    size(
        "fractions rounded up",
        "fractions are illegal",
        "Where the quotient is no whole number, conv_output_size rounds it up.",
        "In conv_output_size a rest means that the stride is illegal.",
        (NO_FRACTION, ""),
        (EXACT, "return -(-room // stride) + 1"),
    ),
    size(
        "fractions returned",
        "fractions are illegal",
        "conv_output_size returns fractions such as 2.33 instead of refusing them.",
        "There is no third of a place. How can you tell a whole number from a fraction?",
        (NO_FRACTION, ""),
        (EXACT, "return room / stride + 1"),
        also=("ints",),
    ),
    size(
        "total padding doubled",
        "conv_output_size_floor",
        "conv_output_size_floor counts its padding twice, but total_padding already is that of both sides together.",
        "Compare the meaning of the last argument of the two functions.",
        (FLOOR, "size = (n - f + 2 * total_padding + stride) // stride"),
        also=("illegal arguments", *BUILT_ON_FLOOR),
    ),
    size(
        "total padding ignored",
        "conv_output_size_floor",
        "conv_output_size_floor takes no notice of the padding.",
        "Zeros make the axis longer before the filter slides over it.",
        (FLOOR, "size = (n - f + stride) // stride"),
        also=BUILT_ON_FLOOR,
    ),
    size(
        "size rounded up",
        "conv_output_size_floor",
        "conv_output_size_floor rounds up, as if the filter could hang over the end.",
        "A place that is not wholly inside does not count.",
        (FLOOR, "size = -(-(n - f + total_padding + stride) // stride)"),
        also=("illegal arguments", *BUILT_ON_FLOOR),
    ),
    size(
        "size rounded to the nearest",
        "conv_output_size_floor",
        "conv_output_size_floor rounds to the nearest whole number.",
        "round(2.67) is 3. What is floor(2.67)?",
        (FLOOR, "size = round((n - f + total_padding + stride) / stride)"),
        also=BUILT_ON_FLOOR,
    ),
    size(
        "stride not added",
        "conv_output_size_floor",
        "conv_output_size_floor leaves out the stride that is added before the division.",
        "A filter as large as the input fits exactly once: what does your formula say for n = f?",
        (FLOOR, "size = (n - f + total_padding) // stride"),
        ("if size < 1:", "if size < 0:"),
        also=BUILT_ON_FLOOR,
    ),
    size(
        "size cut towards 0",
        "illegal arguments",
        "conv_output_size_floor cuts negative fractions to 0: a filter that does not fit gives 1.",
        "int(-0.5) is 0, but floor(-0.5) is -1. What does your function say for n = 6, f = 7, stride = 2?",
        (FLOOR, "size = int((n - f + total_padding) / stride) + 1"),
        also=BUILT_ON_FLOOR,
    ),
    size(
        "fractions refused everywhere",
        "conv_output_size_floor",
        "conv_output_size_floor raises an error where something is left over, instead of rounding down.",
        "There are two functions because lectures differ: which of them takes fractions as illegal?",
        (
            FLOOR,
            'if (n - f + total_padding) % stride:\n        raise ValueError(f"{n} is illegal")\n    ' + FLOOR,
        ),
        also=BUILT_ON_FLOOR,
    ),
    size(
        "more zeros behind",
        "same_padding",
        "For even filters same_padding puts the additional zero behind instead of in front.",
        "f - 1 is odd then: which side gets the rounded up half? The order is (before, after).",
        (SAME, "return (f - 1) // 2, math.ceil((f - 1) / 2)"),
    ),
    size(
        "same padding for odd filters only",
        "same_padding",
        "Both sides get (f - 1)/2 rounded down, which is one too few in all for an even filter.",
        "Both together must be f - 1. Try f = 2.",
        (SAME, "return (f - 1) // 2, (f - 1) // 2"),
    ),
    size(
        "half a filter on both sides",
        "same_padding",
        "Both sides get f/2 rounded down, which is one too many in all for an even filter.",
        "Both together must be f - 1. Try f = 2.",
        (SAME, "return f // 2, f // 2"),
    ),
    size(
        "all the padding on both sides",
        "same_padding",
        "Both sides get f - 1 zeros, but f - 1 is what they get together.",
        "With f = 3, how many zeros does each side need so that the size stays?",
        (SAME, "return f - 1, f - 1"),
    ),
    size(
        "same padding in halves",
        "same_padding",
        "same_padding returns halves of pixels for even filters.",
        "Half a pixel cannot be added: one side is rounded up, the other one down.",
        (SAME, "return (f - 1) / 2, (f - 1) / 2"),
        also=("ints",),
    ),
    size(
        "size is a float",
        "ints",
        "conv_output_size returns a float such as 5.0.",
        "`/` gives a float even where nothing is left over. Which operator divides whole numbers?",
        (EXACT, "return room / stride + 1"),
    ),
    size(
        "rounded down to a float",
        "ints",
        "conv_output_size_floor returns a float such as 3.0.",
        "np.floor gives a float. Which operator divides and rounds down in one?",
        (FLOOR, "size = np.floor((n - f + total_padding + stride) / stride)"),
        also=BUILT_ON_FLOOR,
    ),
    size(
        "padding is made of floats",
        "ints",
        "same_padding returns floats such as 1.0.",
        "np.ceil and np.floor give floats.",
        (SAME, "return float(np.ceil((f - 1) / 2)), float(np.floor((f - 1) / 2))"),
    ),
    size(
        "too large a filter accepted",
        "illegal arguments",
        "conv_output_size returns 0 or a negative size where the filter is larger than the padded input.",
        "(5 - 7)/2 is a whole number, but a filter of 7 has no place in 5 pixels.",
        ("if room < 0:", "if False:"),
    ),
    size(
        "size 0 accepted",
        "illegal arguments",
        "conv_output_size_floor returns 0 or a negative size where the filter is larger than the padded input.",
        "An output without pixels is no output: the handout says what to raise below 1.",
        ("if size < 1:", "if False:"),
        also=("network_summary", "convolution_costs"),
    ),
    size(
        "small numbers not checked",
        "illegal arguments",
        "A stride of 0, a negative padding and the like are not refused by conv_output_size with a ValueError.",
        "Check every argument before you compute: which numbers make no sense?",
        ("    _at_least(1, n=n, f=f, stride=stride)\n    _at_least(0, padding=padding)\n", ""),
    ),
)

# ----------------------------------------------------------------------------------------------------------- costs

PARAMETERS = "return (weights + bool(bias)) * num_kernels"
WEIGHTS = "weights = in_channels * m * n"
KERNEL = 'm, n = _pair(kernel_shape, 1, "kernel_shape")'
MULTIPLICATIONS = "return outputs * weights"
OPERATIONS = "return outputs * (2 * weights - 1)"
DENSE = "return math.prod(input_shape) * math.prod(output_shape)"
BOTH = "outputs, weights = _outputs_and_weights(input_shape, kernel_shape, num_kernels, stride, padding)"
cost = about("convolution_costs")

CONVOLUTION_COSTS = (
    cost(
        "biases forgotten",
        "conv_parameters",
        "The biases are not counted as parameters.",
        "Every kernel has one number more than its weights, unless `bias` says otherwise.",
        (PARAMETERS, "return weights * num_kernels"),
        also=("network_summary",),
    ),
    cost(
        "one bias for the whole layer",
        "conv_parameters",
        "Only one bias is counted for the whole layer.",
        "How many biases do ten kernels have? Compare with 76 and 760.",
        (PARAMETERS, "return weights * num_kernels + bool(bias)"),
        also=("network_summary",),
    ),
    cost(
        "bias argument ignored",
        "conv_parameters",
        "The biases are counted even where `bias` is False.",
        "Count them only where `bias` is true.",
        (PARAMETERS, "return (weights + 1) * num_kernels"),
        also=("network_summary",),
    ),
    cost(
        "a bias for each channel",
        "conv_parameters",
        "A bias is counted for each input channel of each kernel.",
        "A kernel gives one number at a place, after adding up all channels: how many biases can that need?",
        (PARAMETERS, "return (weights + bool(bias) * in_channels) * num_kernels"),
        also=("network_summary",),
    ),
    cost(
        "depth of the kernel forgotten",
        "conv_parameters",
        "The kernels are counted as flat: the input channels are missing in conv_parameters.",
        "A kernel extends through the full depth of its input.",
        (WEIGHTS, "weights = m * n"),
        also=("network_summary",),
    ),
    cost(
        "kernel height for both sides",
        "conv_parameters",
        "conv_parameters takes every kernel as square: it squares the height.",
        "Kernels may be (2, 1). Use both numbers.",
        (WEIGHTS, "weights = in_channels * m * m"),
        also=("network_summary",),
    ),
    cost(
        "kernels forgotten in multiplications",
        "conv_multiplications",
        "conv_multiplications counts one kernel only.",
        "Every kernel slides over the whole image.",
        (MULTIPLICATIONS, "return outputs * weights // num_kernels"),
        also=("notation",),
    ),
    cost(
        "depth forgotten in multiplications",
        "conv_multiplications",
        "conv_multiplications leaves out the input channels.",
        "At each place every weight of the kernel is multiplied, those of all channels.",
        (MULTIPLICATIONS, "return outputs * weights // input_shape[0]"),
        also=("notation",),
    ),
    cost(
        "weights instead of places",
        "conv_multiplications",
        "conv_multiplications returns the number of weights: it does not count the places of the kernels.",
        "Each weight is used once at each place: how many places are there?",
        (MULTIPLICATIONS, "return weights * num_kernels"),
        also=("notation",),
    ),
    cost(
        "places of the input",
        "conv_multiplications",
        "conv_multiplications counts a place for each pixel of the input.",
        "Without padding a kernel has fewer places than the image has pixels. Use the output's size.",
        (MULTIPLICATIONS, "return num_kernels * input_shape[1] * input_shape[2] * weights"),
        also=("notation",),
    ),
    cost(
        "stride ignored in multiplications",
        "conv_multiplications",
        "conv_multiplications takes no notice of the stride.",
        "With stride 2 there are about half as many places on each axis.",
        (BOTH + "\n    " + MULTIPLICATIONS, BOTH.replace("stride,", "1,") + "\n    " + MULTIPLICATIONS),
        also=("notation", "illegal arguments"),
    ),
    cost(
        "padding ignored in multiplications",
        "conv_multiplications",
        "conv_multiplications takes no notice of the padding.",
        "Zeros around the image give the kernel more places; products with zeros count like any other.",
        (BOTH + "\n    " + MULTIPLICATIONS, BOTH.replace("padding)", "0)") + "\n    " + MULTIPLICATIONS),
        also=("notation", "illegal arguments"),
    ),
    cost(
        "bias multiplied",
        "conv_multiplications",
        "conv_multiplications counts a multiplication for the bias.",
        "A bias is added, and multiplied with nothing.",
        (MULTIPLICATIONS, "return outputs * (weights + 1)"),
        also=("notation",),
    ),
    cost(
        "additions forgotten",
        "conv_operations",
        "conv_operations counts the multiplications only.",
        "The products must be added up as well: how many additions do three numbers need?",
        (OPERATIONS, "return outputs * weights"),
    ),
    cost(
        "an addition too many",
        "conv_operations",
        "conv_operations counts as many additions as multiplications.",
        "How many additions does the sum of two numbers need? A bias is not counted.",
        (OPERATIONS, "return outputs * 2 * weights"),
    ),
    cost(
        "channels not added up",
        "conv_operations",
        "The additions within each channel are counted, but not those between the channels.",
        "All products of a kernel become one number, over all channels.",
        (OPERATIONS, "return outputs * (2 * weights - input_shape[0])"),
    ),
    cost(
        "additions without multiplications",
        "conv_operations",
        "conv_operations counts the additions only.",
        "Multiplications and additions together: with a 2x1 kernel these are 2 + 1 at each place.",
        (OPERATIONS, "return outputs * (weights - 1)"),
    ),
    cost(
        "inputs plus outputs",
        "dense_matrix_floats",
        "The numbers of inputs and of outputs are added instead of multiplied.",
        "Every output has a weight for every input.",
        (DENSE, "return math.prod(input_shape) + math.prod(output_shape)"),
    ),
    cost(
        "dense matrix with biases",
        "dense_matrix_floats",
        "Biases are counted, but only the matrix is asked for.",
        "A matrix has as many entries as rows times columns.",
        (DENSE, "return (math.prod(input_shape) + 1) * math.prod(output_shape)"),
    ),
    cost(
        "dense matrix of one channel",
        "dense_matrix_floats",
        "The channels are left out: only the last two axes of each shape are multiplied.",
        "All axes count, the channels, too, and a shape may have any number of axes.",
        (DENSE, "return math.prod(input_shape[-2:]) * math.prod(output_shape[-2:])"),
    ),
    cost(
        "lists not understood",
        "notation",
        "Kernel, stride and padding are understood as numbers and tuples, but not as lists or NumPy's integers.",
        "Ask whether something is a single number in a way that NumPy's integers pass, too, such as np.ndim(...) == 0.",
        (
            MULTIPLICATIONS,
            "for given in (kernel_shape, stride, padding):\n"
            "        if type(given) not in (int, tuple):\n"
            '            raise TypeError(f"got {given!r}")\n    ' + MULTIPLICATIONS,
        ),
    ),
    cost(
        "parameters as a float",
        "ints",
        "conv_parameters returns a float.",
        "Counts are ints: is a float among what you multiply, such as the 1.0 of a bias?",
        (PARAMETERS, "return (weights + float(bool(bias))) * num_kernels"),
        also=("network_summary",),
    ),
    cost(
        "kernel not checked",
        "illegal arguments",
        "conv_parameters accepts numbers below 1, or kernels with three sides.",
        "Check every argument before you compute: which numbers make no sense?",
        ("    _at_least(1, in_channels=in_channels, num_kernels=num_kernels)\n", ""),
        (KERNEL, "m, n = (kernel_shape, kernel_shape) if np.ndim(kernel_shape) == 0 else kernel_shape[:2]"),
    ),
)

# -------------------------------------------------------------------------------------------------- receptive fields

START = "field, step = 1, 1 "
GROW = "field += (kernel - 1) * dilation * step"
STEP = "step *= stride"
field = about("receptive_field")

RECEPTIVE_FIELD = (
    field(
        "whole kernel added",
        "values",
        "Every layer adds its whole kernel instead of one pixel less.",
        "One pixel of each kernel lies on what was seen before. A layer of 1x1 must change nothing.",
        (GROW, "field += kernel * dilation * step"),
    ),
    field(
        "started at 0",
        "values",
        "The field is one too small: it starts at 0.",
        "Without any layer, a unit sees itself.",
        (START, "field, step = 0, 1 "),
    ),
    field(
        "strides ignored",
        "values",
        "The strides take no part.",
        "Behind a layer of stride 2, neighbouring units look at places two pixels apart.",
        (STEP, "pass"),
    ),
    field(
        "own stride too early",
        "values",
        "A layer's own stride already counts for its own kernel.",
        "A stride moves the windows of its layer apart, but makes none of them larger. Whom does it concern?",
        (GROW, STEP + "\n        " + GROW),
        ("        step *= stride\n    return field", "    return field"),
    ),
    field(
        "strides added",
        "values",
        "The strides of the layers before are added up instead of multiplied.",
        "Two layers of stride 3, one after the other: how far apart do neighbouring units look?",
        (STEP, "step += stride - 1"),
    ),
    field(
        "last stride only",
        "values",
        "Only the stride of the layer directly before counts.",
        "Two layers of stride 3, one after the other: how far apart do neighbouring units look?",
        (STEP, "step = stride"),
    ),
    field(
        "dilation ignored",
        "values",
        "The dilation takes no part.",
        "A kernel of 3 with dilation 2 reaches over 5 pixels.",
        (GROW, "field += (kernel - 1) * step"),
    ),
    field(
        "dilation times kernel",
        "values",
        "A dilated kernel is taken to reach over kernel * dilation pixels.",
        "With dilation 2 a kernel of 3 is a.b.c: how many pixels are that?",
        (GROW, "field += (kernel * dilation - 1) * step"),
    ),
    field(
        "dilation kept for later layers",
        "values",
        "A dilation widens the later layers as well, as if it were a stride.",
        "A dilation leaves gaps within a kernel, but every place of the output is still there.",
        (STEP, "step *= stride * dilation"),
    ),
    field(
        "layers in reverse",
        "values",
        "The layers are taken from the output to the input, with the rule for the other direction.",
        "The strides that count for a layer are those of the layers between the input and it.",
        ("in layers:", "in layers[::-1]:"),
    ),
    field(
        "layers used up",
        "same list twice",
        "A second call with the same list gives something else: the caller's list is changed.",
        "pop takes a layer out of the caller's list. A for loop does not.",
        (
            "for kernel, stride, dilation in layers:",
            "while layers:\n        kernel, stride, dilation = layers.pop(0)",
        ),
    ),
    field(
        "layers not checked",
        "illegal arguments",
        "Kernels, strides and dilations below 1 are accepted.",
        "What would a stride of 0 be? Check each number of each layer.",
        ("        _at_least(1, kernel=kernel, stride=stride, dilation=dilation)\n", ""),
    ),
)

# ---------------------------------------------------------------------------------------------------------- networks

CONV_SHAPE = "shape = (int(channels), *_image_size(shape, layer, stride=1))"
CONV_COUNT = 'parameters = conv_parameters(shape[0] // groups, layer["kernel"], channels, bias)'
POOL_SHAPE = 'shape = (shape[0], *_image_size(shape, layer, stride=layer["kernel"]))'
FLAT = "shape = (math.prod(shape),)"
DENSE_COUNT = 'parameters = (shape[0] + bias) * layer["units"]'
DENSE_SHAPE = 'shape = (int(layer["units"]),)'
APPEND = "summary.append((kind, shape, parameters))"
BIAS = 'bool(layer.get("bias", True))'
AXES = "return tuple(conv_output_size_floor(n, f, s, 2 * p) for n, f, s, p in axes)"
ALL = ("table",)
SHAPES = ("parameters", *ALL)
network = about("network_summary")

NETWORK_SUMMARY = (
    network(
        "pooling with stride 1",
        "output shapes",
        "A pooling layer that names no stride is given stride 1.",
        "Pooling windows do not overlap unless somebody says so: which stride is that?",
        (POOL_SHAPE, POOL_SHAPE.replace('stride=layer["kernel"]', "stride=1")),
        also=SHAPES,
    ),
    network(
        "pooling with stride 2",
        "output shapes",
        "A pooling layer that names no stride is given stride 2, whatever its kernel is.",
        "2 is right for windows of 2. What is it for windows of 3?",
        (POOL_SHAPE, POOL_SHAPE.replace('stride=layer["kernel"]', "stride=2")),
        also=(*SHAPES, "same list twice"),
    ),
    network(
        "height of the kernel as stride of pools",
        "output shapes",
        "A pooling layer that names no stride takes the height of its kernel as the stride of both axes.",
        "The stride is then the kernel, rows and columns each.",
        (POOL_SHAPE, POOL_SHAPE.replace('layer["kernel"])', '_pair(layer["kernel"], 1, "kernel")[0])')),
        also=(*SHAPES, "same list twice"),
    ),
    network(
        "padding of pools ignored",
        "output shapes",
        "The padding of pooling layers takes no part.",
        "Pooling layers may have `padding`, too.",
        (POOL_SHAPE, POOL_SHAPE.replace("(shape, layer,", '(shape, {**layer, "padding": 0},')),
        also=(*SHAPES, "same list twice"),
    ),
    network(
        "pools rounded up",
        "output shapes",
        "Sizes behind pooling layers are rounded up where something is left over.",
        "A window that is not wholly inside does not count.",
        (
            POOL_SHAPE,
            'sizes = layer["kernel"], layer.get("stride", layer["kernel"]), layer.get("padding", 0)\n'
            '            axes = zip(shape[1:], *(_pair(size, 0, "size") for size in sizes))\n'
            "            shape = (shape[0], *(-(-(n + 2 * p - f) // s) + 1 for n, f, s, p in axes))",
        ),
        also=(*SHAPES, "same list twice", "illegal arguments"),
    ),
    network(
        "padding counted once",
        "output shapes",
        "The padding is counted once, but both sides get it.",
        "With padding 1 there is a ring of zeros around the image. By how much do height and width grow?",
        (AXES, AXES.replace("2 * p)", "p)")),
        also=(*SHAPES, "same list twice", "convolution_costs"),
    ),
    network(
        "rounded up",
        "output shapes",
        "Sizes are rounded up where something is left over.",
        "A window that is not wholly inside does not count.",
        (AXES, "return tuple(-(-(n - f + 2 * p) // s) + 1 for n, f, s, p in axes)"),
        also=(*SHAPES, "same list twice", "illegal arguments", "convolution_costs"),
    ),
    network(
        "height for both sides",
        "output shapes",
        "The width is computed from the height of the image.",
        "Rows and columns each have their own size, kernel, stride and padding.",
        ("axes = zip(shape[1:], kernel,", "axes = zip((shape[1], shape[1]), kernel,"),
        also=(*SHAPES, "same list twice", "convolution_costs"),
    ),
    network(
        "channels of the input kept",
        "output shapes",
        "A conv layer's output has as many channels as its input.",
        "Every kernel gives one channel of the output.",
        (CONV_SHAPE, CONV_SHAPE.replace("int(channels)", "shape[0]")),
        also=(*SHAPES, "same list twice"),
    ),
    network(
        "channels last",
        "output shapes",
        "Shapes of images are given as (y, x, c).",
        "In this course the channels come first: (c, y, x).",
        (
            APPEND,
            "summary.append((kind, shape if len(shape) == 1 else (*shape[1:], shape[0]), parameters))",
        ),
        also=ALL,
    ),
    network(
        "one channel flattened",
        "output shapes",
        "Flatten counts the pixels of a single channel.",
        "All numbers of all channels end up in the vector.",
        (FLAT, "shape = (math.prod(shape[-2:]),)"),
        also=SHAPES,
    ),
    network(
        "flatten for images only",
        "output shapes",
        "A flatten on a vector, where nothing is left to flatten, ends in an error.",
        "A vector (n,) stays as it is. How many axes does your flatten look at?",
        (FLAT, "channels, rows, columns = shape\n            shape = (channels * rows * columns,)"),
        also=(*SHAPES, "same list twice"),
    ),
    network(
        "shapes as arrays",
        "output shapes",
        "The shapes are arrays of NumPy, not tuples.",
        "tuple(...) makes a tuple of ints: (10, 7, 6), not array([10, 7, 6]).",
        (APPEND, "summary.append((kind, np.array(shape), parameters))"),
        also=(*ALL, "same list twice"),
    ),
    network(
        "vectors as bare numbers",
        "output shapes",
        "The shape of a vector is given as a number instead of a tuple with one entry.",
        "(5) is the number 5; a tuple of one entry is written (5,).",
        (APPEND, "summary.append((kind, shape if len(shape) > 1 else shape[0], parameters))"),
        also=ALL,
    ),
    network(
        "input shapes listed",
        "output shapes",
        "Each layer is listed with the shape of its input instead of its output.",
        "The first entry must already show what the first layer makes of the image.",
        ("        parameters = 0\n", "        parameters, given = 0, shape\n"),
        (APPEND, "summary.append((kind, given, parameters))"),
        also=ALL,
    ),
    network(
        "groups ignored",
        "parameters",
        "The groups take no part in the number of parameters.",
        "With two groups each kernel sees only half of the input channels.",
        (CONV_COUNT, CONV_COUNT.replace("shape[0] // groups", "shape[0]")),
        also=ALL,
    ),
    network(
        "biases divided by the groups",
        "parameters",
        "All parameters are divided by the number of groups, the biases, too.",
        "Every channel of the output still has its bias, whatever group it is in.",
        (CONV_COUNT, CONV_COUNT.replace("shape[0] // groups", "shape[0]") + " // groups"),
        also=ALL,
    ),
    network(
        "groups on both channels",
        "parameters",
        "The kernels are divided by the groups as well as their depth.",
        "There are as many kernels as channels in the output. What does a group take from each of them?",
        (CONV_COUNT, CONV_COUNT.replace("channels, bias", "channels // groups, bias")),
        also=ALL,
    ),
    network(
        "bias of conv ignored",
        "parameters",
        "conv layers are counted with biases even where `bias` is False.",
        "A layer's dict may hold `bias`; where it does not, it is True.",
        (CONV_COUNT, CONV_COUNT.replace("channels, bias", "channels")),
        also=ALL,
    ),
    network(
        "bias of dense ignored",
        "parameters",
        "dense layers are counted with biases even where `bias` is False.",
        "A layer's dict may hold `bias`; where it does not, it is True.",
        (DENSE_COUNT, DENSE_COUNT.replace("+ bias", "+ 1")),
        also=ALL,
    ),
    network(
        "no bias unless asked for",
        "parameters",
        "Layers that do not mention `bias` are counted without.",
        "What is the default of `bias`?",
        (BIAS, BIAS.replace("True", "False")),
        also=ALL,
    ),
    network(
        "dense without biases",
        "parameters",
        "The biases of dense layers are not counted.",
        "Every unit has a number of its own besides its weights.",
        (DENSE_COUNT, DENSE_COUNT.replace("(shape[0] + bias)", "shape[0]")),
        also=ALL,
    ),
    network(
        "one bias for a dense layer",
        "parameters",
        "A dense layer is counted with a single bias.",
        "Every unit has a bias. Compare with lecture D's 48,120 for 400 to 120.",
        (DENSE_COUNT, 'parameters = shape[0] * layer["units"] + bias'),
        also=ALL,
    ),
    network(
        "depth of the first input",
        "parameters",
        "Every conv layer is counted with the channels of the network's input.",
        "A layer's kernels are as deep as the output of the layer before.",
        (CONV_COUNT, CONV_COUNT.replace("shape[0] // groups", "-(-input_shape[0] // groups)")),
        also=ALL,
    ),
    network(
        "pooling with parameters",
        "parameters",
        "Pooling layers are counted with weights.",
        "What would a pooling layer learn?",
        (POOL_SHAPE, 'parameters = math.prod(_pair(layer["kernel"], 1, "kernel"))\n            ' + POOL_SHAPE),
        also=ALL,
    ),
    network(
        "flatten left out",
        "output shapes",
        "Layers without parameters that only reshape are left out of the list.",
        "One entry for each layer, flatten included.",
        (FLAT, FLAT + "\n            continue"),
        also=SHAPES,
    ),
    network(
        "parameters before shapes",
        "output shapes",
        "The entries are (kind, parameters, output_shape).",
        "The order is (kind, output_shape, parameters).",
        (APPEND, "summary.append((kind, parameters, shape))"),
        also=SHAPES,
    ),
    network(
        "kinds left out",
        "table",
        "The entries do not begin with the layer's kind.",
        "Each entry is (kind, output_shape, parameters), the kind as in the layer's dict.",
        (APPEND, "summary.append((kind.upper(), shape, parameters))"),
    ),
    network(
        "parameters are floats",
        "table",
        "The numbers of parameters of dense layers are floats.",
        "Counts are ints.",
        (DENSE_COUNT, 'parameters = (shape[0] + float(bias)) * layer["units"]'),
    ),
    network(
        "dicts used up",
        "same list twice",
        "Keys are taken out of the caller's dicts: a second call with the same list does not find them.",
        "pop changes the dict. Read with `layer[key]` or `layer.get(key, default)`.",
        ('bias = layer["kind"], bool(layer.get("bias", True))', 'bias = layer["kind"], bool(layer.pop("bias", True))'),
    ),
    network(
        "defaults written into the dicts",
        "same list twice",
        "Missing keys are written into the caller's dicts: setdefault changes them.",
        "`layer.get(key, default)` gives the default and leaves the dict alone.",
        (
            'bias = layer["kind"], bool(layer.get("bias", True))',
            'bias = layer["kind"], bool(layer.setdefault("bias", True))',
        ),
    ),
    network(
        "list used up",
        "same list twice",
        "The caller's list is changed: a second call finds other layers in it, or none.",
        "pop takes a layer out of the list. A for loop does not.",
        ("    for layer in layers:\n", "    while layers:\n        layer = layers.pop(0)\n"),
    ),
    network(
        "dense on an image",
        "illegal arguments",
        "A dense layer straight after an image is accepted.",
        "A dense layer takes vectors. Who turns an image into one?",
        ("            if len(shape) != 1:\n", "            if False:\n"),
    ),
    network(
        "dense flattens by itself",
        "illegal arguments",
        "A dense layer straight after an image flattens it silently.",
        "Flattening is a layer of its own; the handout says what to do where it is missing.",
        ("            if len(shape) != 1:\n", "            shape = (math.prod(shape),)\n            if False:\n"),
    ),
    network(
        "groups that do not divide",
        "illegal arguments",
        "Groups that do not divide the channels are accepted.",
        "Can 4 channels be split into 3 equal groups? Look at the channels of input and output.",
        ("if shape[0] % groups or channels % groups:", "if False:"),
    ),
    network(
        "unknown kinds skipped",
        "illegal arguments",
        "Layers of an unknown kind are passed over.",
        "A kind that is misspelt should not go unnoticed.",
        (
            'raise ValueError(f"kind must be conv, pool, flatten or dense, got {kind!r}")',
            "pass",
        ),
    ),
)

MISCONCEPTIONS = (*OUTPUT_SIZES, *CONVOLUTION_COSTS, *RECEPTIVE_FIELD, *NETWORK_SUMMARY)
