"""Wrong variants of the pooling layers."""

from grader.authoring import Misconception

MISCONCEPTIONS = (
    Misconception(
        name="overlaps overwritten",
        exercise="max_pooling",
        check="input gradient",
        sentence="Where windows overlap, the error of one window overwrites that of another.",
        hint="A position that wins in several windows collects all of their errors.",
        edits=(
            (
                "np.add.at(input_gradient, (b, c, self.indices), np.asarray(error_tensor, dtype=float))",
                "input_gradient[b, c, self.indices] = error_tensor",
            ),
        ),
    ),
    Misconception(
        name="stride and window mixed up",
        exercise="max_pooling",
        check="shapes",
        sentence="Stride and window size are mixed up.",
        hint="The constructor takes the stride first, then the size of the window.",
        edits=(
            ('self.stride_shape = _pair(stride_shape, "stride_shape")', 'self.stride_shape = _pair(pooling_shape, "stride_shape")'),
            ('self.pooling_shape = _pair(pooling_shape, "pooling_shape")', 'self.pooling_shape = _pair(stride_shape, "pooling_shape")'),
        ),
    ),
)
