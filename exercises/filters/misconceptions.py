"""Wrong variants of the filters, as edits of reference/filters.py."""

from grader.authoring import Misconception


def about(exercise):
    """Makes misconceptions of one exercise."""

    def make(name, check, sentence, hint, *edits, also=()):
        return Misconception(name, exercise, check, sentence, hint, edits, also)

    return make


BYTES = "Products of bytes are computed as bytes: after 255 they start again at 0."
FLOATS = "Turn both arrays into floats first, as np.asarray(kernel, dtype=float) does."

# ---------------------------------------------------------------------------------------------------------- one axis

SIDES = "(math.ceil((kernel.size - 1) / 2), (kernel.size - 1) // 2)"
SUM = "return windows @ kernel"
SIGNAL = 'signal, kernel = _array(signal, 1, "signal"), _array(kernel, 1, "kernel")'
signal = about("correlate1d")

CORRELATE1D = (
    signal(
        "kernel turned round",
        "values",
        "The kernel is turned round before it slides, as np.convolve does.",
        "Correlation multiplies the first number of the kernel with the first of the window.",
        (SUM, "return windows @ kernel[::-1]"),
    ),
    signal(
        "result in reverse",
        "values",
        "The result is what is expected, but from the end to the beginning.",
        "The first output belongs to the first place of the kernel, at the left.",
        (SUM, "return (windows @ kernel)[::-1]"),
    ),
    signal(
        "more zeros behind",
        "values",
        'With "pad" and an even kernel, the additional zero is put behind the signal instead of before it.',
        "k - 1 is odd then: which side gets the rounded up half? See `same_padding`.",
        (SIDES, "((kernel.size - 1) // 2, math.ceil((kernel.size - 1) / 2))"),
    ),
    signal(
        "edge repeated",
        "values",
        'With "pad", the first and the last value are repeated instead of zeros.',
        "The handout pads with zeros.",
        (SIDES + ")", SIDES + ', mode="edge")'),
    ),
    signal(
        "mean instead of sum",
        "values",
        "The products are averaged instead of added up.",
        "A box filter already holds its 1/3. What happens to it?",
        (SUM, "return windows @ kernel / kernel.size"),
    ),
    signal(
        "last place forgotten",
        "shapes",
        "The output is one too short: the last place of the kernel is missing.",
        "How many places does a kernel of 3 have in a signal of 3?",
        (SUM, "return (windows @ kernel)[:-1]"),
        also=("values",),
    ),
    signal(
        "full correlation",
        "shapes",
        "Places where the kernel hangs over the ends are kept as well.",
        'With "shrink" the kernel lies wholly inside; with "pad" the output is as long as the signal.',
        (
            '    if boundary == "pad":\n        signal = np.pad(signal, ' + SIDES + ")\n",
            "    signal = np.pad(signal, kernel.size - 1)\n",
        ),
        also=("values", "illegal arguments"),
    ),
    signal(
        "half a kernel on both sides",
        "shapes",
        'With "pad", both sides get k/2 zeros rounded down, one too many in all for even kernels.',
        "Both together must be k - 1, so that the output is as long as the signal.",
        (SIDES, "kernel.size // 2"),
        also=("values",),
    ),
    signal(
        "shrink is always padded",
        "shapes",
        "The output is as long as the signal, whatever `boundary` says.",
        'With "shrink", the places where the kernel hangs over the ends are left out.',
        ('    if boundary == "pad":\n        signal', "    if True:\n        signal"),
        also=("values", "illegal arguments"),
    ),
    signal(
        "pad unless told otherwise",
        "shapes",
        "Where `boundary` is left out, the signal is padded.",
        "What is the default of `boundary`?",
        ('boundary="shrink"):', 'boundary="pad"):'),
        also=("values", "illegal arguments"),
    ),
    signal(
        "cut to integers",
        "integer images",
        "For a signal of integers the results are cut to integers.",
        "An array made with the signal's dtype holds no fractions.",
        (SIGNAL, "whole = np.asarray(signal).dtype\n    " + SIGNAL),
        (SUM, "return (windows @ kernel).astype(whole)"),
    ),
    signal(
        "bytes multiplied with bytes",
        "integer images",
        BYTES,
        FLOATS,
        (SIGNAL, "given = signal, kernel\n    " + SIGNAL + "\n    signal, kernel = map(np.asarray, given)"),
    ),
    signal(
        "kernel turned in place",
        "purity",
        "The kernel that was passed in is turned round.",
        "kernel[:] = ... writes into the caller's array. Make a new one.",
        (SUM, "kernel[:] = kernel[::-1].copy()\n    return windows @ kernel[::-1]"),
    ),
    signal(
        "unknown boundary accepted",
        "illegal arguments",
        "Any word is accepted as `boundary`.",
        "A boundary that is misspelt should not go unnoticed.",
        ('if boundary not in ("shrink", "pad"):', "if False:"),
    ),
    signal(
        "too long a kernel accepted",
        "illegal arguments",
        "A kernel longer than the signal gives an empty result, or that of exchanged arguments.",
        "The handout says what to raise where the kernel has no place.",
        (
            "    if kernel.size > signal.size:",
            "    if kernel.size > signal.size:\n        return np.zeros(0)\n    if False:",
        ),
    ),
)

# ---------------------------------------------------------------------------------------------------------- two axes

PAD = "padded = np.pad(image, ((rows, rows), (columns, columns)))"
SLIDE = 'return np.einsum("yxmn,mn->yx", _windows(padded, kernel.shape)[::step_down, ::step_right], kernel)'
ARRAYS = 'image, kernel = _array(image, 2, "image"), _array(kernel, 2, "kernel")'
PADDING = 'rows, columns = _pair(padding, 0, "padding")'
STRIDE = 'step_down, step_right = _pair(stride, 1, "stride")'
image = about("cross_correlate2d")

CROSS_CORRELATE2D = (
    image(
        "kernel turned round",
        "values",
        "The kernel is turned by 180 degrees: that is the convolution.",
        "Here the kernel's first number meets the window's first number. Compare with 19 25 / 37 43.",
        (SLIDE, SLIDE.replace("kernel)", "kernel[::-1, ::-1])")),
        also=("convolve2d",),
    ),
    image(
        "kernel mirrored",
        "values",
        "The kernel's columns are in reverse.",
        "Here the kernel's first number meets the window's first number, in rows and columns.",
        (SLIDE, SLIDE.replace("kernel)", "kernel[:, ::-1])")),
        also=("convolve2d",),
    ),
    image(
        "mean instead of sum",
        "values",
        "The products are averaged instead of added up.",
        "0*0 + 1*1 + 3*2 + 4*3 is 19; nothing is divided.",
        (SLIDE, SLIDE + " / kernel.size"),
        also=("convolve2d",),
    ),
    image(
        "edge repeated",
        "values",
        "The padding repeats the values at the border instead of adding zeros.",
        "A ring of zeros: see 0 3 8 4 in the handout.",
        ("(columns, columns)))", '(columns, columns)), mode="edge")'),
        also=("convolve2d",),
    ),
    image(
        "border mirrored",
        "values",
        "The padding mirrors the image instead of adding zeros.",
        "A ring of zeros: see 0 3 8 4 in the handout.",
        ("(columns, columns)))", '(columns, columns)), mode="symmetric")'),
        also=("convolve2d",),
    ),
    image(
        "padding ignored",
        "shapes",
        "The padding takes no part.",
        "First zeros are put around the image, then the kernel slides.",
        (PAD, "padded = image"),
        also=("values", "purity", "integer images", "convolve2d"),
    ),
    image(
        "padding on one side",
        "shapes",
        "The zeros are put above and to the left only.",
        "`padding` is what each of the two sides gets.",
        (PAD, "padded = np.pad(image, ((rows, 0), (columns, 0)))"),
        also=("values", "purity", "integer images", "convolve2d"),
    ),
    image(
        "padding halved",
        "shapes",
        "`padding` is taken as the sum of both sides.",
        "`padding` is what each of the two sides gets.",
        (PAD, "padded = np.pad(image, (((rows + 1) // 2, rows // 2), ((columns + 1) // 2, columns // 2)))"),
        also=("values", "purity", "integer images", "convolve2d"),
    ),
    image(
        "paddings exchanged",
        "shapes",
        "A pair of paddings is taken as (columns, rows).",
        "Pairs are (rows, columns), as in the array's shape.",
        (PADDING, PADDING.replace("rows, columns", "columns, rows")),
        also=("values", "purity", "integer images", "convolve2d"),
    ),
    image(
        "stride ignored",
        "shapes",
        "The stride takes no part.",
        "With stride 2 only every second place counts, from the first on.",
        (SLIDE, SLIDE.replace("[::step_down, ::step_right]", "")),
        also=("values", "convolve2d"),
    ),
    image(
        "strides exchanged",
        "shapes",
        "A pair of strides is taken as (columns, rows).",
        "Pairs are (rows, columns), as in the array's shape.",
        (STRIDE, STRIDE.replace("step_down, step_right", "step_right, step_down")),
        also=("values", "convolve2d"),
    ),
    image(
        "one stride for both axes",
        "shapes",
        "The first stride counts for both axes.",
        "Rows and columns each have their own stride.",
        (SLIDE, SLIDE.replace("step_right", "step_down")),
        also=("values", "convolve2d"),
    ),
    image(
        "last place forgotten",
        "shapes",
        "The last row and column of places are missing: y - m instead of y - m + 1.",
        "How many places does a kernel of 3 have in an image of 3?",
        (SLIDE, SLIDE.replace("kernel.shape)[", "kernel.shape)[:-1, :-1][")),
        also=("values", "convolve2d"),
    ),
    image(
        "bytes overflow",
        "integer images",
        "The numbers are computed in the image's own dtype: bytes overflow, and fractions are cut.",
        "Turn image and kernel into floats first.",
        (ARRAYS, "whole = np.asarray(image).dtype\n    " + ARRAYS),
        (SLIDE, SLIDE.replace("return np", "output = np") + "\n    return output.astype(whole)"),
        also=("convolve2d",),
    ),
    image(
        "bytes multiplied with bytes",
        "integer images",
        BYTES,
        FLOATS,
        (ARRAYS, "given = image, kernel\n    " + ARRAYS + "\n    image, kernel = map(np.asarray, given)"),
    ),
    image(
        "kernel read as it lies in memory",
        "purity",
        "The kernel is read in the order in which it lies in memory, which is another one for views such as `a.T`.",
        "Count in rows and columns, not in places in memory.",
        (ARRAYS, ARRAYS + '\n    kernel = kernel.ravel(order="K").reshape(kernel.shape)'),
        also=("convolve2d",),
    ),
    image(
        "empty kernels accepted",
        "illegal arguments",
        "Kernels without any entry are accepted.",
        "What would the sum over no numbers say? Raise ValueError.",
        ("if array.ndim != axes or not array.size:", "if array.ndim != axes:"),
        also=("correlate1d", "convolve2d", "filter_rgb", "filter_volume"),
    ),
    image(
        "kernel changed",
        "purity",
        "The kernel that was passed in is changed.",
        "Writing into an argument changes the caller's array. Make a new one.",
        (SLIDE, SLIDE.replace("return ", "output = ") + "\n    kernel /= 2\n    return output"),
        also=("convolve2d",),
    ),
    image(
        "one number only",
        "notation",
        "Padding and stride are understood as numbers and tuples, but not as lists or NumPy's integers.",
        "Ask whether something is a single number in a way that NumPy's integers pass, too, such as np.ndim(...) == 0.",
        (
            PADDING,
            "for given in (padding, stride):\n        if type(given) not in (int, tuple):\n"
            '            raise TypeError(f"got {given!r}")\n    ' + PADDING,
        ),
        also=("convolve2d",),
    ),
    image(
        "strides not checked",
        "illegal arguments",
        "Negative strides and paddings, or three of them, are accepted.",
        "Check the numbers before you compute: which make no sense, and how many may there be?",
        (
            PADDING,
            "rows, columns = (padding, padding) if np.ndim(padding) == 0 else padding[:2]\n"
            "    rows, columns = max(int(rows), 0), max(int(columns), 0)",
        ),
        (
            STRIDE,
            "step_down, step_right = (stride, stride) if np.ndim(stride) == 0 else stride[:2]\n"
            "    step_down, step_right = max(1, abs(int(step_down))), max(1, abs(int(step_right)))",
        ),
        also=("convolve2d",),
    ),
)

# ------------------------------------------------------------------------------------------------------ convolution

TURNED = 'turned = _array(kernel, 2, "kernel")[::-1, ::-1]'
CALL = "return cross_correlate2d(image, turned, padding, stride)"
TURN = "Write the kernel 1 2 / 3 4 on paper and turn the paper upside down: which number stands first?"
turned = about("convolve2d")

CONVOLVE2D = (
    turned(
        "kernel not turned",
        "values",
        "The kernel is not turned: that is the cross-correlation.",
        TURN,
        (TURNED, TURNED.replace("[::-1, ::-1]", "")),
    ),
    turned(
        "turned upside down only",
        "values",
        "Only the order of the kernel's rows is reversed.",
        TURN,
        (TURNED, TURNED.replace("[::-1, ::-1]", "[::-1]")),
    ),
    turned(
        "mirrored only",
        "values",
        "Only the order of the kernel's columns is reversed.",
        TURN,
        (TURNED, TURNED.replace("[::-1, ::-1]", "[:, ::-1]")),
    ),
    turned(
        "transposed",
        "values",
        "The kernel is transposed instead of turned: rows become columns.",
        TURN,
        (TURNED, TURNED.replace("[::-1, ::-1]", ".T")),
        also=("shapes", "purity", "integer images", "illegal arguments"),
    ),
    turned(
        "quarter turn",
        "values",
        "The kernel is turned by 90 degrees.",
        "180 degrees are two quarter turns.",
        (TURNED, f"turned = np.rot90({TURNED.removeprefix('turned = ').removesuffix('[::-1, ::-1]')})"),
        also=("shapes", "purity", "integer images", "illegal arguments"),
    ),
    turned(
        "image turned as well",
        "values",
        "The result is turned by 180 degrees, too.",
        "Turn the kernel only. The first output belongs to the image's first corner.",
        (CALL, CALL + "[::-1, ::-1]"),
    ),
    turned(
        "image turned instead of the kernel",
        "values",
        "The image is turned instead of the kernel, and the result turned back: strides begin at the wrong end then.",
        "Turn the kernel only. The first output belongs to the image's first corner, whatever the stride is.",
        (CALL, "return cross_correlate2d(np.asarray(image)[::-1, ::-1], kernel, padding, stride)[::-1, ::-1]"),
    ),
    turned(
        "padding and stride exchanged",
        "shapes",
        "Padding and stride are passed on in the wrong order.",
        "Look at the order of the arguments in both functions.",
        (CALL, CALL.replace("padding, stride)", "stride, padding)")),
        also=("values", "purity", "integer images"),
    ),
    turned(
        "padding and stride not passed on",
        "shapes",
        "Padding and stride take no part.",
        "cross_correlate2d must be told both.",
        (CALL, CALL.replace(", padding, stride)", ")")),
        also=("values", "illegal arguments", "integer images", "purity"),
    ),
    turned(
        "stride not passed on",
        "shapes",
        "The stride takes no part.",
        "cross_correlate2d must be told both padding and stride.",
        (CALL, CALL.replace(", stride)", ")")),
        also=("values", "illegal arguments"),
    ),
    turned(
        "full convolution",
        "shapes",
        "Places where the kernel hangs over the border are kept, as scipy.signal.convolve2d does.",
        "Without padding the kernel lies wholly inside the image.",
        (
            CALL,
            "rows, columns = (side - 1 for side in turned.shape)\n    "
            "return cross_correlate2d(np.pad(image, ((rows, rows), (columns, columns))), turned, padding, stride)",
        ),
        also=("values", "illegal arguments"),
    ),
    turned(
        "kernel turned in place",
        "purity",
        "The kernel that was passed in is turned, so that a second call turns it back.",
        "kernel[:] = ... writes into the caller's array. A name for the turned kernel is enough.",
        (
            TURNED,
            TURNED
            + "\n    if isinstance(kernel, np.ndarray):\n        kernel[:] = turned.copy()\n        turned = kernel",
        ),
    ),
)

# -------------------------------------------------------------------------------------------------- images with depth

RGB = 'return np.einsum("yxcmn,mn->yxc", _windows(image, kernel.shape), kernel)'
RGB_ARRAYS = 'image, kernel = _array(image, 3, "image"), _array(kernel, 2, "kernel")'
rgb = about("filter_rgb")

FILTER_RGB = (
    rgb(
        "channels added up",
        "shapes",
        "The three channels are added up to one.",
        "Each colour is an image of its own here: the result is (y', x', 3).",
        (RGB, RGB.replace("->yxc", "->yx")),
        also=("values",),
    ),
    rgb(
        "channels first",
        "shapes",
        "The channels come first in the result.",
        "The result is (y', x', 3), like the image.",
        (RGB, RGB.replace("->yxc", "->cyx")),
        also=("values",),
    ),
    rgb(
        "same size",
        "shapes",
        "The result has the size of the image: it was padded.",
        "No padding: y' = y - m + 1.",
        (
            RGB,
            "m, n = kernel.shape\n"
            "    image = np.pad(image, ((m // 2, (m - 1) // 2), (n // 2, (n - 1) // 2), (0, 0)))\n    " + RGB,
        ),
        also=("values", "illegal arguments"),
    ),
    rgb(
        "clipped to 0 ... 255",
        "values",
        "Results below 0 and above 255 are clipped.",
        "The handout wants the numbers as they are.",
        (RGB, "return np.clip(" + RGB.removeprefix("return ") + ", 0, 255)"),
    ),
    rgb(
        "rounded",
        "values",
        "The results are rounded to whole numbers.",
        "The handout wants the numbers as they are.",
        (RGB, "return np.rint(" + RGB.removeprefix("return ") + ")"),
    ),
    rgb(
        "turned into bytes",
        "values",
        "The results are turned into bytes: below 0 and above 255 they start again from the other end.",
        "The handout wants float64 results.",
        (RGB, "return (" + RGB.removeprefix("return ") + ").astype(np.int64).astype(np.uint8)"),
    ),
    rgb(
        "kernel turned round",
        "values",
        "The kernel is turned by 180 degrees.",
        "filter_rgb cross-correlates: nothing is turned.",
        (RGB, RGB.replace("kernel.shape), kernel)", "kernel.shape), kernel[::-1, ::-1])")),
    ),
    rgb(
        "red for all channels",
        "values",
        "All three channels of the result are the first one.",
        "Each channel is made of its own numbers.",
        (RGB, RGB.replace("_windows(image,", "_windows(image[:, :, :1].repeat(3, axis=2),")),
    ),
    rgb(
        "colours in reverse",
        "values",
        "The channels come back in the order blue, green, red.",
        "Channel 0 of the result is made of channel 0 of the image.",
        (RGB, RGB + "[:, :, ::-1]"),
    ),
    rgb(
        "fractions cut for integers",
        "integer images",
        "For an image of integers the results are cut to integers.",
        "An array made like the image (np.zeros_like, or with its dtype) holds no fractions.",
        (RGB_ARRAYS, "whole = np.asarray(image).dtype\n    " + RGB_ARRAYS),
        (RGB, "return (" + RGB.removeprefix("return ") + ").astype(whole)"),
    ),
    rgb(
        "bytes multiplied with bytes",
        "integer images",
        BYTES,
        FLOATS,
        (RGB_ARRAYS, "given = image, kernel\n    " + RGB_ARRAYS + "\n    image, kernel = map(np.asarray, given)"),
    ),
    rgb(
        "colours moved on by one",
        "values",
        "The channels come back in the order blue, red, green.",
        "Channel 0 of the result is made of channel 0 of the image.",
        (RGB, RGB + "[:, :, [2, 0, 1]]"),
    ),
    rgb(
        "image changed",
        "purity",
        "The result is written into the image that was passed in.",
        "Make a new array for the result.",
        (
            RGB,
            "output = "
            + RGB.removeprefix("return ")
            + "\n    image[: len(output), : output.shape[1]] = output\n    return output",
        ),
    ),
    rgb(
        "any number of channels",
        "illegal arguments",
        "Images with other numbers of channels than three are accepted.",
        "R, G and B are three: which axis of the shape tells?",
        ("if image.shape[2] != 3:", "if False:"),
    ),
)

VOLUME = 'return np.einsum("yxcmn,mnc->yx", _windows(image, kernel.shape[:2]), kernel)'
VOLUME_ARRAYS = 'image, kernel = _array(image, 3, "image"), _array(kernel, 3, "kernel")'
DEPTHS = "if image.shape[2] != kernel.shape[2]:"
volume = about("filter_volume")

FILTER_VOLUME = (
    volume(
        "channels kept apart",
        "shapes",
        "The channels are filtered one by one, but not added up.",
        "The kernel moves in two directions only. What comes out at each place is one number.",
        (VOLUME, VOLUME.replace("->yx", "->yxc")),
        also=("values",),
    ),
    volume(
        "depth axis kept",
        "shapes",
        "The result is (y', x', 1).",
        "There is nothing left of the depth: the result is (y', x').",
        (VOLUME, VOLUME + "[:, :, np.newaxis]"),
        also=("values",),
    ),
    volume(
        "first slice for all",
        "values",
        "The kernel's first slice is used for all channels.",
        "The kernel has a slice of its own for each channel.",
        (VOLUME, VOLUME.replace("mnc->yx", "mn->yx").replace(", kernel)", ", kernel[:, :, 0])")),
    ),
    volume(
        "mean over the channels",
        "values",
        "The channels are averaged instead of added up.",
        "19 + 37 is 56 in the handout's example; nothing is divided.",
        (VOLUME, VOLUME + " / image.shape[2]"),
    ),
    volume(
        "channels summed before filtering",
        "values",
        "Image and kernel are each added up over the depth first.",
        "(a + b)(c + d) is not ac + bd: filter each channel, then add.",
        (VOLUME, 'return np.einsum("yxmn,mn->yx", _windows(image.sum(2), kernel.shape[:2]), kernel.sum(2))'),
    ),
    volume(
        "last channel only",
        "values",
        "Only the last channel arrives: each one overwrites the one before.",
        "Add up the channels: is there a = that should be a +=?",
        (
            VOLUME,
            VOLUME.replace("_windows(image,", "_windows(image[:, :, -1:],").replace(
                ", kernel)", ", kernel[:, :, -1:])"
            ),
        ),
    ),
    volume(
        "kernel turned round",
        "values",
        "The kernel is turned by 180 degrees.",
        "filter_volume cross-correlates: nothing is turned.",
        (VOLUME, VOLUME.replace(", kernel)", ", kernel[::-1, ::-1])")),
    ),
    volume(
        "depth in reverse",
        "values",
        "The kernel's slices are taken in reverse order, as in a convolution along the depth.",
        "Slice 0 of the kernel belongs to channel 0 of the image.",
        (VOLUME, VOLUME.replace(", kernel)", ", kernel[:, :, ::-1])")),
    ),
    volume(
        "fractions cut for integers",
        "integer images",
        "For an image of integers the results are cut to integers.",
        "An array made like the image (np.zeros_like, or with its dtype) holds no fractions.",
        (VOLUME_ARRAYS, "whole = np.asarray(image).dtype\n    " + VOLUME_ARRAYS),
        (VOLUME, "return (" + VOLUME.removeprefix("return ") + ").astype(whole)"),
    ),
    volume(
        "bytes multiplied with bytes",
        "integer images",
        BYTES,
        FLOATS,
        (VOLUME_ARRAYS, "given = image, kernel\n    " + VOLUME_ARRAYS + "\n    image, kernel = map(np.asarray, given)"),
    ),
    volume(
        "depths not compared",
        "illegal arguments",
        "A kernel with another depth than the image is accepted; slices or channels too many are left out.",
        "The depths must match; NumPy stretches a depth of 1 without complaint.",
        (
            DEPTHS,
            "depth = min(image.shape[2], kernel.shape[2])\n"
            "    image, kernel = image[..., :depth], kernel[..., :depth]\n    " + DEPTHS,
        ),
    ),
)

# ------------------------------------------------------------------------------------------------------------ kernels

EDGE = '"edge_detection": np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),'
BOX = '"box_mean": np.ones((3, 3)) / 9,'
SHARP = '"sharpen": np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),'
GAUSS = "np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16"
VERTICAL = "np.array([[1.0, 0, -1], [1, 0, -1], [1, 0, -1]])"
HORIZONTAL = "np.array([[1.0, 1, 1], [0, 0, 0], [-1, -1, -1]])"
SOBEL = "np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])"
SCHARR = "np.array([[3.0, 0, -3], [10, 0, -10], [3, 0, -3]])"
kernel = about("kernels")

KERNELS = (
    kernel(
        "edges exchanged",
        "values",
        "`vertical_edge` and `horizontal_edge` are exchanged.",
        "A vertical edge has different numbers to its left and right: which kernel compares these?",
        (VERTICAL, "V"),
        (HORIZONTAL, VERTICAL),
        ("V,", HORIZONTAL + ","),
    ),
    kernel(
        "blur not divided",
        "values",
        "`gaussian_blur` is not divided by 16.",
        "A blur must not make the image brighter: what do its numbers add up to?",
        (GAUSS, GAUSS.replace(" / 16", " / 1")),
    ),
    kernel(
        "box not divided",
        "values",
        "`box_mean` is not divided by 9.",
        "A mean of equal numbers is that number.",
        (BOX, BOX.replace(" / 9", "")),
    ),
    kernel(
        "a digit lost in the blur",
        "values",
        "The last row of `gaussian_blur` holds 0.0125 where it must be 0.125.",
        "The kernel is symmetric, and its numbers add up to 1.",
        (GAUSS, "np.array([[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.0125, 0.0625]])"),
    ),
    kernel(
        "edge detection with 4",
        "values",
        "The middle of `edge_detection` is not 8.",
        "On an even surface the result must be 0: what do the numbers add up to?",
        (EDGE, '"edge_detection": np.array([[-1.0, -1, -1], [-1, 4, -1], [-1, -1, -1]]),'),
    ),
    kernel(
        "sharpen with 4",
        "values",
        "The middle of `sharpen` is 4, so that even surfaces become black.",
        "An even surface must stay as it is: what do the numbers add up to?",
        (SHARP, SHARP.replace("5", "4")),
    ),
    kernel(
        "sobel and scharr transposed",
        "values",
        "`sobel` and `scharr` are transposed: they find horizontal edges.",
        "As printed in the handout, their columns have different signs, not their rows.",
        (SOBEL, SOBEL + ".T"),
        (SCHARR, SCHARR + ".T"),
    ),
    kernel(
        "kernels turned round",
        "values",
        "The edge kernels are turned by 180 degrees, as a convolution would need them.",
        "The dict is for cross_correlate2d, which turns nothing.",
        *((name, "-" + name) for name in (VERTICAL, HORIZONTAL, SOBEL, SCHARR)),
    ),
    kernel(
        "kernels of integers",
        "float64",
        "Kernels without fractions are arrays of integers.",
        "Write 1.0 instead of 1 in one place, or say dtype=float.",
        *((name, name + ".astype(int)") for name in (VERTICAL, HORIZONTAL, SOBEL, SCHARR)),
    ),
)

MISCONCEPTIONS = (
    *(*CORRELATE1D, *CROSS_CORRELATE2D, *CONVOLVE2D),
    *(*FILTER_RGB, *FILTER_VOLUME, *KERNELS),
)
