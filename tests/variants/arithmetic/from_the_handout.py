"""Written line by line after the handout, with nothing else at hand; every function checks for itself."""


def conv_output_size(n, f, stride=1, padding=0):
    if n < 1 or f < 1 or stride < 1 or padding < 0:
        raise ValueError(f"n={n} f={f} stride={stride} padding={padding}")
    if n + 2 * padding < f:
        raise ValueError(f"filter {f} does not fit into {n}")
    result = (n + 2 * padding - f) / stride + 1
    if result != int(result):
        raise ValueError(f"{result} is a fraction")
    return int(result)


def conv_output_size_floor(n, f, stride=1, total_padding=0):
    if n < 1 or f < 1 or stride < 1 or total_padding < 0:
        raise ValueError(f"n={n} f={f} stride={stride} total_padding={total_padding}")
    result = (n - f + total_padding + stride) // stride
    if result < 1:
        raise ValueError(f"output size {result}")
    return result


def same_padding(f):
    if f < 1:
        raise ValueError(f"f={f}")
    total = f - 1
    after = total // 2
    return (total - after, after)


def as_pair(value, smallest):
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"not a pair: {value}")
        a, b = value
    else:
        a = b = value
    if a < smallest or b < smallest:
        raise ValueError(f"too small: {value}")
    return (a, b)


def conv_parameters(in_channels, kernel_shape, num_kernels, bias=True):
    if in_channels < 1 or num_kernels < 1:
        raise ValueError(f"{in_channels} channels, {num_kernels} kernels")
    m, n = as_pair(kernel_shape, 1)
    one = in_channels * m * n
    if bias:
        one = one + 1
    return one * num_kernels


def out_shape(shape, channels, kernel, stride, padding):
    if len(shape) != 3 or min(shape) < 1:
        raise ValueError(f"not an image: {shape}")
    (m, n), (s, t), (p, q) = as_pair(kernel, 1), as_pair(stride, 1), as_pair(padding, 0)
    height = conv_output_size_floor(shape[1], m, s, 2 * p)
    width = conv_output_size_floor(shape[2], n, t, 2 * q)
    return (channels, height, width)


def conv_multiplications(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    if num_kernels < 1:
        raise ValueError(f"{num_kernels} kernels")
    k, height, width = out_shape(input_shape, num_kernels, kernel_shape, stride, padding)
    return conv_parameters(input_shape[0], kernel_shape, k, bias=False) * height * width


def conv_operations(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    multiplications = conv_multiplications(input_shape, kernel_shape, num_kernels, stride, padding)
    k, height, width = out_shape(input_shape, num_kernels, kernel_shape, stride, padding)
    return 2 * multiplications - k * height * width


def dense_matrix_floats(input_shape, output_shape):
    total = 1
    for shape in (input_shape, output_shape):
        for side in shape:
            if side < 1:
                raise ValueError(f"axis of {side}")
            total *= side
    return total


def receptive_field(layers):
    seen = step = 1
    for layer in layers:
        kernel, stride, dilation = layer
        if kernel < 1 or stride < 1 or dilation < 1:
            raise ValueError(f"layer {layer}")
        seen += (kernel - 1) * dilation * step
        step *= stride
    return seen


def network_summary(layers, input_shape):
    result = []
    shape = tuple(input_shape)
    for layer in layers:
        kind = layer["kind"]
        if kind == "conv":
            groups, channels = layer.get("groups", 1), layer["channels"]
            if groups < 1 or channels < 1 or len(shape) != 3 or shape[0] % groups or channels % groups:
                raise ValueError(f"conv with {groups} groups, {channels} channels on {shape}")
            parameters = conv_parameters(shape[0] // groups, layer["kernel"], channels, layer.get("bias", True))
            shape = out_shape(shape, channels, layer["kernel"], layer.get("stride", 1), layer.get("padding", 0))
        elif kind == "pool":
            parameters = 0
            stride = layer.get("stride", layer["kernel"])
            shape = out_shape(shape, shape[0], layer["kernel"], stride, layer.get("padding", 0))
        elif kind == "flatten":
            parameters = 0
            shape = (dense_matrix_floats(shape, ()),)
        elif kind == "dense":
            if len(shape) != 1 or layer["units"] < 1:
                raise ValueError(f"dense with {layer['units']} units on {shape}")
            parameters = shape[0] * layer["units"]
            if layer.get("bias", True):
                parameters += layer["units"]
            shape = (layer["units"],)
        else:
            raise ValueError(f"unknown kind {kind} (none of 4)")
        result.append((kind, shape, parameters))
    return result
