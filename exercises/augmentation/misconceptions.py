"""Wrong variants of the augmentations."""

from grader.authoring import Misconception

FLIP = "return _images(images)[:, :, :, ::-1]"
CORNER = "top, left = (images.shape[2] - rows) // 2, (images.shape[3] - columns) // 2"
CENTER = "return images[:, :, top : top + rows, left : left + columns]"
TOP = "top = rng.integers(0, height - rows + 1, size=batch)"
LEFT = "left = rng.integers(0, width - columns + 1, size=batch)"
PICK = "return windows[np.arange(batch), :, top, left]"
ROWS = "source_rows = np.arange(rows) * images.shape[2] // rows"
COLUMNS = "source_columns = np.arange(columns) * images.shape[3] // columns"
ROUNDED = (
    "source_{0} = np.rint(np.arange({0}) * images.shape[{1}] / {0}).astype(int)\n"
    "    source_{0} = np.minimum(source_{0}, images.shape[{1}] - 1)"
)
WIDER = "covering = rows, rows * width // height"
HIGHER = "covering = columns * height // width, columns"
RESIZED = "return center_crop(rescale_nearest(images, covering), (rows, columns))"
FACTORS = "factors = rng.uniform(1 - strength, 1 + strength, size=(*images.shape[:2], 1, 1))"
CLIPPED = "return np.clip(factors * images, 0.0, 1.0)"


def in_function(exercise):
    """A maker of one function's misconceptions."""

    def make(name, check, sentence, hint, *edits, also=()):
        return Misconception(name, exercise, check, sentence, hint, edits, also)

    return make


flip, center, rescale = (in_function(name) for name in ("horizontal_flip", "center_crop", "rescale_nearest"))
resize, crop, jitter = (in_function(name) for name in ("resize_and_crop", "random_crop", "color_jitter"))
DTYPE = "Results are float64, even for images of whole numbers."
COPY = "Operators such as *= write into the array of the caller; make a new one."

MISCONCEPTIONS = (
    flip(
        "flipped upside down",
        "values",
        "The images are mirrored top to bottom.",
        "Horizontal means that left and right change places: which axis is x?",
        (FLIP, "return _images(images)[:, :, ::-1]"),
    ),
    flip(
        "rotated by 180 degrees",
        "values",
        "The images are mirrored in both directions.",
        "The first row stays the first one.",
        (FLIP, "return _images(images)[:, :, ::-1, ::-1]"),
    ),
    flip(
        "channels flipped",
        "values",
        "The channels change places, not left and right; np.fliplr does this to arrays with four axes.",
        "Axis 1 is left and right in a matrix only; here it is the channels.",
        (FLIP, "return np.fliplr(_images(images))"),
    ),
    flip(
        "everything flipped",
        "values",
        "All axes are reversed: batch, channels, rows and columns.",
        "np.flip wants to be told which axis.",
        (FLIP, "return np.flip(_images(images))"),
    ),
    flip(
        "integers flipped",
        "float64",
        "Images of whole numbers stay whole numbers.",
        DTYPE,
        (FLIP, "_images(images)\n    return images[:, :, :, ::-1]"),
    ),
    flip(
        "single precision kept",
        "float64",
        "Images in single precision stay float32.",
        "Results are float64, whatever the images hold.",
        (
            FLIP,
            "images = np.asarray(images)\n    kind = images.dtype if images.dtype == np.float32 else float\n"
            "    return _images(images)[:, :, :, ::-1].astype(kind)",
        ),
    ),
    flip(
        "flipped in place",
        "purity",
        "The flipped images are written into the array that is given.",
        COPY,
        (
            FLIP,
            "_images(images)\n    images[:] = images[:, :, :, ::-1].copy()\n    return np.array(images, dtype=float)",
        ),
    ),
    flip(
        "any number of axes",
        "illegal arguments",
        "Arrays that are no batch of images are accepted.",
        "How many axes has (b, c, y, x)? Raise ValueError for any other number.",
        (FLIP, "return np.asarray(images, dtype=float)[..., ::-1]"),
    ),
    center(
        "offset rounded up",
        "values",
        "Where the middle lies between two pixels, the crop begins one pixel too late.",
        "The handout says how the offset is rounded.",
        (CORNER, "top, left = (images.shape[2] - rows + 1) // 2, (images.shape[3] - columns + 1) // 2"),
        also=("resize_and_crop",),
    ),
    center(
        "halves rounded one by one",
        "values",
        "The offset is n // 2 - s // 2, which is one too large where n is even and s is odd.",
        "Subtract first, halve afterwards.",
        (CORNER, "top, left = images.shape[2] // 2 - rows // 2, images.shape[3] // 2 - columns // 2"),
        also=("resize_and_crop",),
    ),
    center(
        "offset rounded to even",
        "values",
        "The offset is rounded by `round`, which takes 0.5 to 0 and 1.5 to 2.",
        "The handout says how the offset is rounded.",
        (CORNER, "top, left = round((images.shape[2] - rows) / 2), round((images.shape[3] - columns) / 2)"),
        also=("resize_and_crop",),
    ),
    center(
        "cropped from the corner",
        "values",
        "The upper left corner is cut out, not the middle.",
        "How many pixels are left over, and how many of them come before the crop?",
        (CORNER, "top, left = 0, 0"),
        also=("resize_and_crop",),
    ),
    center(
        "rows and columns exchanged",
        "shapes",
        "The first number of `size` is taken for the columns.",
        "A size is (rows, columns), like the axes (y, x).",
        ("rows, columns = _size_within(images, size)", "columns, rows = _size_within(images, size)"),
        also=("values", "resize_and_crop"),
    ),
    center(
        "size not checked",
        "illegal arguments",
        "A size that is larger than the images is accepted.",
        "Slices that reach too far are cut without a word: compare with the images and raise ValueError.",
        ("rows, columns = _size_within(images, size)", "rows, columns = _pair(size)"),
    ),
    rescale(
        "rounded to the nearest",
        "values",
        "i * n / s is rounded, not rounded down.",
        "The handout's formula is floor(i * n / s).",
        (ROWS, ROUNDED.format("rows", 2)),
        (COLUMNS, ROUNDED.format("columns", 3)),
        also=("resize_and_crop",),
    ),
    rescale(
        "rounded quotient",
        "values",
        "n / s is divided first: it is rounded, and i times it falls below a whole number at times.",
        "Multiply i * n first, then divide with //. Compare for n = 30, s = 22.",
        (ROWS, "source_rows = (np.arange(rows) * (images.shape[2] / rows)).astype(int)"),
        (COLUMNS, "source_columns = (np.arange(columns) * (images.shape[3] / columns)).astype(int)"),
    ),
    rescale(
        "pixel centres",
        "values",
        "The centre of each new pixel is looked up, (i + 0.5) * n / s.",
        "A sensible formula, but not the handout's: there, pixel 0 always reads pixel 0.",
        (ROWS, "source_rows = (2 * np.arange(rows) + 1) * images.shape[2] // (2 * rows)"),
        (COLUMNS, "source_columns = (2 * np.arange(columns) + 1) * images.shape[3] // (2 * columns)"),
        also=("resize_and_crop",),
    ),
    rescale(
        "corners aligned",
        "values",
        "The last new pixel reads the last old one, and those in between are spread evenly from end to end.",
        "The handout's formula is floor(i * n / s): what does it give for the last i?",
        (ROWS, "source_rows = np.linspace(0, images.shape[2] - 1, rows).astype(int)"),
        (COLUMNS, "source_columns = np.linspace(0, images.shape[3] - 1, columns).astype(int)"),
        also=("resize_and_crop",),
    ),
    rescale(
        "whole steps only",
        "values",
        "Every (n // s)-th pixel is read: the step between pixels is rounded.",
        "Round the position, not the step: 7 pixels from 10 are not 7 neighbours.",
        (ROWS, "source_rows = np.arange(rows) * max(images.shape[2] // rows, 1) % images.shape[2]"),
        (COLUMNS, "source_columns = np.arange(columns) * max(images.shape[3] // columns, 1) % images.shape[3]"),
        also=("resize_and_crop",),
    ),
    rescale(
        "rows and columns exchanged",
        "shapes",
        "The first number of `size` is taken for the columns.",
        "A size is (rows, columns), like the axes (y, x).",
        ("rows, columns = _pair(size)", "columns, rows = _pair(size)"),
        also=("values", "resize_and_crop"),
    ),
    rescale(
        "integers rescaled",
        "float64",
        "Images of whole numbers stay whole numbers.",
        DTYPE,
        ("images = _images(images)", "_images(images)"),
    ),
    rescale(
        "size not checked",
        "illegal arguments",
        "A size below 1 is accepted.",
        "An image without pixels is no image: raise ValueError naming the size.",
        (
            "rows, columns = _pair(size)",
            "rows, columns = (max(int(s), 1) for s in (size if isinstance(size, (tuple, list)) else (size, size)))",
        ),
    ),
    resize(
        "image stretched",
        "values",
        "The image is stretched to the size, so that circles become ellipses.",
        "One factor for both sides; what is too long is cut off afterwards.",
        (RESIZED, "return rescale_nearest(images, (rows, columns))"),
    ),
    resize(
        "cropped without rescaling",
        "values",
        "The middle is cut out of the image as it is, where it is large enough.",
        "The crop shall show as much of the image as possible: rescale first.",
        (
            RESIZED,
            "images = rescale_nearest(images, covering) if height < rows or width < columns else images\n"
            "    return center_crop(images, (rows, columns))",
        ),
    ),
    resize(
        "cropped first",
        "values",
        "The middle is cut out first and rescaled afterwards.",
        "Which order does the handout give? They differ by a pixel here and there.",
        (
            RESIZED,
            "part = (height, max(1, height * columns // rows)) if rows * width >= columns * height\\\n"
            "        else (max(1, width * rows // columns), width)\n"
            "    return rescale_nearest(center_crop(images, part), (rows, columns))",
        ),
    ),
    resize(
        "cropped from the corner",
        "values",
        "The upper left corner of the rescaled image is cut out, not its middle.",
        "You have a function for the middle.",
        (RESIZED, "return rescale_nearest(images, covering)[:, :, :rows, :columns]"),
    ),
    resize(
        "shorter side decides",
        "values",
        "The shorter side of the image decides, whatever the size is.",
        "For a size that is no square compare the factors: rows / y and columns / x. The larger one counts.",
        ("if rows * width >= columns * height:", "if height <= width:"),
        also=("shapes", "float64", "purity"),
    ),
    resize(
        "longer side rounded up",
        "values",
        "The side that does not fit exactly is rounded up.",
        "The handout says how its new length is rounded.",
        (WIDER, "covering = rows, -(-rows * width // height)"),
        (HIGHER, "covering = -(-columns * height // width), columns"),
    ),
    resize(
        "longer side kept",
        "values",
        "Only the shorter side is rescaled; the longer one keeps its length where that is enough.",
        "One factor for both sides.",
        (WIDER, "covering = rows, max(width, columns)"),
        (HIGHER, "covering = max(height, rows), columns"),
    ),
    crop(
        "one position for the whole batch",
        "positions",
        "All images of a batch are cropped at the same position.",
        "How many random numbers do b images need?",
        (TOP, "top = np.full(batch, rng.integers(0, height - rows + 1))"),
        (LEFT, "left = np.full(batch, rng.integers(0, width - columns + 1))"),
        also=("only the generator",),
    ),
    crop(
        "one row for the whole batch",
        "positions",
        "All images of a batch are cropped at the same row.",
        "How many random numbers do b images need for their rows, and how many for their columns?",
        (TOP, "top = np.full(batch, rng.integers(0, height - rows + 1))"),
    ),
    crop(
        "images overwritten",
        "only the generator",
        "The images that are given are changed.",
        COPY,
        (
            PICK,
            "result = windows[np.arange(batch), :, top, left].copy()\n    images[:, :, 0, 0] = 0\n    return result",
        ),
        also=("crops", "positions"),
    ),
    crop(
        "last position never drawn",
        "positions",
        "The last legal row and column are never drawn.",
        "A crop of 3 in 5 pixels can begin at 0, 1 and 2. Does your generator's range include its end?",
        (TOP, "top = rng.integers(0, max(height - rows, 1), size=batch)"),
        (LEFT, "left = rng.integers(0, max(width - columns, 1), size=batch)"),
    ),
    crop(
        "first position never drawn",
        "positions",
        "Position 0 is never drawn where there are others.",
        "A crop of 3 in 5 pixels can begin at 0, 1 and 2.",
        (TOP, "top = rng.integers(min(1, height - rows), height - rows + 1, size=batch)"),
        (LEFT, "left = rng.integers(min(1, width - columns), width - columns + 1, size=batch)"),
    ),
    crop(
        "one number for both axes",
        "positions",
        "Row and column of a position are the same number, as far as that is legal.",
        "All legal positions are equally likely, also those far away from the diagonal.",
        (LEFT, "left = np.minimum(top, width - columns)"),
    ),
    crop(
        "ends half as likely",
        "positions",
        "A position is a rounded fraction: the first and the last one come half as often as the others.",
        "Which fractions are rounded to 0, and which to 1? Draw whole numbers.",
        (TOP, "top = np.rint(rng.random(batch) * (height - rows)).astype(int)"),
        (LEFT, "left = np.rint(rng.random(batch) * (width - columns)).astype(int)"),
    ),
    crop(
        "drawn too far and pushed back",
        "positions",
        "Positions that lie too far out are pushed back to the last legal one, which comes too often.",
        "Draw from the legal positions only.",
        (TOP, "top = np.minimum(rng.integers(0, height, size=batch), height - rows)"),
        (LEFT, "left = np.minimum(rng.integers(0, width, size=batch), width - columns)"),
    ),
    crop(
        "always the middle",
        "positions",
        "The crop always lies in the middle.",
        "Where is `rng` used?",
        (TOP, "top = np.full(batch, (height - rows) // 2)"),
        (LEFT, "left = np.full(batch, (width - columns) // 2)"),
        also=("only the generator",),
    ),
    crop(
        "every channel at another position",
        "crops",
        "The channels of one image are cropped at different positions.",
        "Red, green and blue of a pixel belong together.",
        (
            PICK,
            "channels = images.shape[1]\n"
            "    top = rng.integers(0, height - rows + 1, size=(batch, channels))\n"
            "    left = rng.integers(0, width - columns + 1, size=(batch, channels))\n"
            "    return windows[np.arange(batch)[:, np.newaxis], np.arange(channels), top, left]",
        ),
    ),
    crop(
        "random pixels",
        "crops",
        "Rows and columns are drawn one by one: the result is no rectangle of neighbouring pixels.",
        "Draw where the rectangle begins; the rest follows.",
        (
            PICK,
            "return np.stack([image[:, np.sort(rng.choice(height, rows, replace=False))[:, np.newaxis],\n"
            "                           np.sort(rng.choice(width, columns, replace=False))] for image in images])",
        ),
        also=("positions",),
    ),
    crop(
        "rows and columns exchanged",
        "shapes",
        "The first number of `size` is taken for the columns.",
        "A size is (rows, columns), like the axes (y, x).",
        ("rows, columns = _size_within(images, size)", "columns, rows = _size_within(images, size)"),
        also=("crops", "positions", "only the generator", "float64"),
    ),
    crop(
        "global generator",
        "only the generator",
        "NumPy's global generator is used, not the one that is passed in.",
        "`rng` is an argument so that a run can be repeated: draw from it.",
        (TOP, TOP.replace("rng.integers", "np.random.randint")),
        (LEFT, LEFT.replace("rng.integers", "np.random.randint")),
    ),
    crop(
        "new generator without a seed",
        "only the generator",
        "The function makes a generator of its own.",
        "`rng` is an argument so that a run can be repeated: draw from it.",
        (TOP, f"rng = np.random.default_rng()\n    {TOP}"),
    ),
    crop(
        "generator with a fixed seed",
        "only the generator",
        "The function makes a generator with a fixed seed, so every call crops at the same positions.",
        "`rng` is passed in so that the caller decides about the seed: draw from it.",
        (TOP, f"rng = np.random.default_rng(42)\n    {TOP}"),
    ),
    crop(
        "size not checked",
        "illegal arguments",
        "A size that is larger than the images is accepted.",
        "Compare with the images and raise ValueError naming the size.",
        ("rows, columns = _size_within(images, size)", "rows, columns = np.minimum(_pair(size), images.shape[2:])"),
    ),
    jitter(
        "only darker",
        "factors",
        "The factors lie between 1 - strength and 1: no image gets brighter.",
        "The interval is as wide above 1 as below.",
        (FACTORS, FACTORS.replace("1 + strength", "1")),
    ),
    jitter(
        "normal factors",
        "factors",
        "The factors are normally distributed, with strength as their standard deviation.",
        "Every factor in the interval is equally likely, and none outside of it is possible.",
        (FACTORS, FACTORS.replace("rng.uniform(1 - strength, 1 + strength", "rng.normal(1, strength")),
        also=("one factor per channel",),
    ),
    jitter(
        "half of the strength",
        "factors",
        "The factors differ from 1 by strength / 2 at most.",
        "From where to where does the interval go for a strength of 0.5?",
        (FACTORS, FACTORS.replace("1 - strength, 1 + strength", "1 - strength / 2, 1 + strength / 2")),
    ),
    jitter(
        "factors around zero",
        "factors",
        "The factors lie between -strength and strength: one is not added.",
        "A factor of 1 leaves an image as it is, so 1 is the middle.",
        (FACTORS, FACTORS.replace("1 - strength, 1 + strength", "-strength, strength")),
        also=("clipping",),
    ),
    jitter(
        "one factor for the whole batch",
        "factors",
        "All images and channels are multiplied by the same number.",
        "How many random numbers do b images with c channels need?",
        (FACTORS, FACTORS.replace("(*images.shape[:2], 1, 1)", "(1, 1, 1, 1)")),
    ),
    jitter(
        "one factor for each image",
        "factors",
        "All channels of an image are multiplied by the same number, so that its colours stay the same.",
        "Colour changes when red, green and blue get factors of their own.",
        (FACTORS, FACTORS.replace("(*images.shape[:2], 1, 1)", "(len(images), 1, 1, 1)")),
    ),
    jitter(
        "one factor for each channel",
        "factors",
        "All images of the batch get the same factors.",
        "How many random numbers do b images with c channels need?",
        (FACTORS, FACTORS.replace("(*images.shape[:2], 1, 1)", "(1, images.shape[1], 1, 1)")),
    ),
    jitter(
        "a factor for each pixel",
        "one factor per channel",
        "Every pixel gets a factor of its own: that is noise.",
        "One number for each channel of each image: which shape has the array of factors?",
        (FACTORS, FACTORS.replace("(*images.shape[:2], 1, 1)", "images.shape")),
        also=("clipping",),
    ),
    jitter(
        "added instead of multiplied",
        "factors",
        "A random number is added to all pixels of a channel, not multiplied.",
        "Black stays black when it gets brighter.",
        (CLIPPED, "return np.clip(images + factors - 1, 0.0, 1.0)"),
        also=("one factor per channel", "clipping"),
    ),
    jitter(
        "wrapped round",
        "clipping",
        "Values above 1 start again at 0, as % does.",
        "What is above 1 becomes 1.",
        (CLIPPED, "return factors * images % 1.0"),
    ),
    jitter(
        "clipped below 1",
        "clipping",
        "Values are cut off below 1, such as at 0.999.",
        "1 is a legal value: what is above becomes 1, and nothing else changes.",
        (CLIPPED, CLIPPED.replace("1.0)", "0.999)")),
    ),
    jitter(
        "not clipped",
        "clipping",
        "Values above 1 are returned.",
        "An image has values from 0 to 1, after the jitter as well.",
        (CLIPPED, "return factors * images"),
    ),
    jitter(
        "scaled instead of clipped",
        "factors",
        "Where a value exceeds 1, the whole batch is divided by the largest value.",
        "Clipping changes only what is above 1.",
        (CLIPPED, "return factors * images / max(1.0, (factors * images).max())"),
    ),
    jitter(
        "global generator",
        "only the generator",
        "NumPy's global generator is used, not the one that is passed in.",
        "`rng` is an argument so that a run can be repeated: draw from it.",
        (FACTORS, FACTORS.replace("rng.uniform", "np.random.uniform")),
    ),
    jitter(
        "generator with a fixed seed",
        "only the generator",
        "The function makes a generator with a fixed seed, so every call draws the same factors.",
        "`rng` is passed in so that the caller decides about the seed: draw from it.",
        (FACTORS, f"rng = np.random.default_rng(42)\n    {FACTORS}"),
    ),
    jitter(
        "images changed",
        "only the generator",
        "The factors are multiplied into the very array that is given.",
        COPY,
        (CLIPPED, "images *= factors\n    return np.clip(images, 0.0, 1.0)"),
        also=("one factor per channel", "clipping"),
    ),
    jitter(
        "strength not checked",
        "illegal arguments",
        "A strength that is not between 0 and 1 is accepted.",
        "With a strength of 1.5, what would the smallest factor be? Raise ValueError naming it.",
        ("if not 0 <= strength <= 1:", "if False:"),
    ),
)
