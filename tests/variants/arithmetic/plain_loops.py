"""Everything is counted by walking over places, weights and layers, as one would by hand."""


def check(condition, what):
    if not condition:
        raise ValueError(f"illegal: {what!r} 0")


def two(value):
    try:
        first, second = value
    except TypeError:
        first = second = value
    return int(first), int(second)


def starts(n, f, stride, before, after):
    """Where a filter can start in the padded axis."""
    found, place = [], -before
    while place + f <= n + after:
        found.append(place)
        place += stride
    return found


def conv_output_size(n, f, stride=1, padding=0):
    check(n >= 1 and f >= 1 and stride >= 1 and padding >= 0, (n, f, stride, padding))
    found = starts(n, f, stride, padding, padding)
    check(found and found[-1] + f == n + padding, (n, f, stride, padding))
    return len(found)


def conv_output_size_floor(n, f, stride=1, total_padding=0):
    check(n >= 1 and f >= 1 and stride >= 1 and total_padding >= 0, (n, f, stride, total_padding))
    count = len(starts(n, f, stride, 0, total_padding))
    check(count, (n, f))
    return count


def same_padding(f):
    check(f >= 1, f)
    before = after = 0
    while before + after < f - 1:
        if before <= after:
            before += 1
        else:
            after += 1
    return [before, after]


def conv_parameters(in_channels, kernel_shape, num_kernels, bias=True):
    height, width = two(kernel_shape)
    check(min(in_channels, height, width, num_kernels) >= 1, (in_channels, kernel_shape, num_kernels))
    count = 0
    for _ in range(num_kernels):
        for _ in range(in_channels):
            count += height * width
        if bias:
            count += 1
    return count


def walk(input_shape, kernel_shape, num_kernels, stride, padding):
    """Every output value has the number of its products."""
    check(len(input_shape) == 3 and min(input_shape) >= 1 and num_kernels >= 1, input_shape)
    kernel, strides, paddings = two(kernel_shape), two(stride), two(padding)
    check(min(kernel) >= 1 and min(strides) >= 1 and min(paddings) >= 0, (kernel, strides, paddings))
    rows, columns = (
        starts(n, f, s, p, p) for n, f, s, p in zip(input_shape[1:], kernel, strides, paddings, strict=True)
    )
    check(rows and columns, kernel)
    products = 0
    for _ in range(input_shape[0]):
        for _ in range(kernel[0]):
            products += kernel[1]
    return len(rows) * len(columns) * num_kernels, products


def conv_multiplications(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    places, products = walk(input_shape, kernel_shape, num_kernels, stride, padding)
    return places * products


def conv_operations(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    places, products = walk(input_shape, kernel_shape, num_kernels, stride, padding)
    return places * products + places * (products - 1)


def dense_matrix_floats(input_shape, output_shape):
    count = 1
    for side in list(input_shape) + list(output_shape):
        check(side >= 1, side)
        count *= side
    return count


def receptive_field(layers):
    """From the output back to the input: a window of r units behind a layer is one of (r - 1) s + 1 + (k - 1) d."""
    field = 1
    for kernel, stride, dilation in reversed(layers):
        check(min(kernel, stride, dilation) >= 1, (kernel, stride, dilation))
        field = (field - 1) * stride + (kernel - 1) * dilation + 1
    return field


def network_summary(layers, input_shape):
    summary = []
    shape = list(input_shape)
    for layer in layers:
        kind = layer["kind"]
        count = 0
        bias = layer.get("bias", True)
        if kind in ("conv", "pool"):
            check(len(shape) == 3, shape)
            kernel = two(layer["kernel"])
            stride = two(layer["stride"]) if "stride" in layer else ((1, 1) if kind == "conv" else kernel)
            padding = two(layer["padding"]) if "padding" in layer else (0, 0)
            check(min(kernel) >= 1 and min(stride) >= 1 and min(padding) >= 0, layer)
            sides = []
            for axis in (0, 1):
                found = starts(shape[1 + axis], kernel[axis], stride[axis], padding[axis], padding[axis])
                check(found, layer)
                sides.append(len(found))
            if kind == "conv":
                groups = layer.get("groups", 1)
                check(layer["channels"] >= 1 and shape[0] % groups == 0 and layer["channels"] % groups == 0, layer)
                for _ in range(layer["channels"]):
                    count += shape[0] // groups * kernel[0] * kernel[1]
                    if bias:
                        count += 1
                shape = [layer["channels"], *sides]
            else:
                shape = [shape[0], *sides]
        elif kind == "flatten":
            size = 1
            for side in shape:
                size *= side
            shape = [size]
        elif kind == "dense":
            check(len(shape) == 1 and layer["units"] >= 1, shape)
            count = shape[0] * layer["units"] + (layer["units"] if bias else 0)
            shape = [layer["units"]]
        else:
            check(False, kind)
        summary.append([kind, list(shape), count])
    return summary
