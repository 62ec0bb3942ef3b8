"""NumPy all the way: results are NumPy's integers, shapes tuples of them."""

import numpy as np


def _sides(value, least):
    values = np.asarray(value)
    if values.dtype.kind not in "iub" or values.size not in (1, 2) or values.ndim > 1 or np.any(values < least):
        raise ValueError(f"illegal value {value}")
    return np.broadcast_to(values.astype(np.int64), 2)


def _positive(*values, least=1):
    if np.any(np.array(values) < least):
        raise ValueError(f"illegal value in {values}")


def conv_output_size(n, f, stride=1, padding=0):
    _positive(n, f, stride)
    _positive(padding, least=0)
    quotient, rest = np.divmod(n + 2 * padding - f, stride)
    if rest or quotient < 0:
        raise ValueError(f"fractions are illegal: {n}, {f}, {stride}, {padding}")
    return np.int64(quotient + 1)


def conv_output_size_floor(n, f, stride=1, total_padding=0):
    _positive(n, f, stride)
    _positive(total_padding, least=0)
    size = np.floor((n - f + total_padding + stride) / stride).astype(np.int64)
    _positive(size)
    return size


def same_padding(f):
    _positive(f)
    return tuple(np.array([np.ceil((f - 1) / 2), np.floor((f - 1) / 2)]).astype(int))


def conv_parameters(in_channels, kernel_shape, num_kernels, bias=True):
    _positive(in_channels, num_kernels)
    return (np.prod(_sides(kernel_shape, 1)) * in_channels + int(bias)) * num_kernels


def _places(shape, kernel, stride, padding):
    n = np.array(shape, dtype=np.int64)
    size = (n + 2 * _sides(padding, 0) - _sides(kernel, 1)) // _sides(stride, 1) + 1
    _positive(*size)
    return size


def _kernel_work(input_shape, kernel_shape, num_kernels, stride, padding):
    if np.shape(input_shape) != (3,):
        raise ValueError(f"input_shape must be (c, y, x), got {input_shape} with 0 channels")
    _positive(*input_shape, num_kernels)
    weights = np.prod(_sides(kernel_shape, 1)) * input_shape[0]
    return weights, np.prod(_places(input_shape[1:], kernel_shape, stride, padding)) * num_kernels


def conv_multiplications(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    weights, outputs = _kernel_work(input_shape, kernel_shape, num_kernels, stride, padding)
    return weights * outputs


def conv_operations(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    weights, outputs = _kernel_work(input_shape, kernel_shape, num_kernels, stride, padding)
    return weights * outputs + (weights - 1) * outputs


def dense_matrix_floats(input_shape, output_shape):
    _positive(*input_shape, *output_shape)
    return np.prod(input_shape, dtype=np.int64) * np.prod(output_shape, dtype=np.int64)


def receptive_field(layers):
    table = np.array(layers, dtype=np.int64).reshape(-1, 3)
    _positive(*table.ravel())
    kernel, stride, dilation = table.T
    steps = np.cumprod(np.concatenate([[1], stride[:-1]]))[: len(table)]
    return 1 + np.sum((kernel - 1) * dilation * steps)


def network_summary(layers, input_shape):
    shape = tuple(np.int64(side) for side in input_shape)
    rows = []
    for layer in layers:
        settings = {"padding": 0, "groups": 1, "bias": True} | layer
        count = np.int64(0)
        if settings["kind"] in ("conv", "pool"):
            if len(shape) != 3:
                raise ValueError(f"no image: {shape}")
            settings.setdefault("stride", 1 if settings["kind"] == "conv" else settings["kernel"])
            places = _places(shape[1:], settings["kernel"], settings["stride"], settings["padding"])
            channels = settings.get("channels", shape[0])
            if settings["kind"] == "conv":
                if np.any(np.array([shape[0], channels]) % settings["groups"]):
                    raise ValueError(f"groups {settings['groups']}")
                depth = shape[0] // settings["groups"]
                count = conv_parameters(depth, settings["kernel"], channels, settings["bias"])
            shape = (np.int64(channels), *places)
        elif settings["kind"] == "flatten":
            shape = (np.prod(shape),)
        elif settings["kind"] == "dense":
            if len(shape) != 1:
                raise ValueError(f"no vector: {shape}")
            _positive(settings["units"])
            count = (shape[0] + settings["bias"]) * settings["units"]
            shape = (np.int64(settings["units"]),)
        else:
            raise ValueError(f"{settings['kind']} is none of 4 kinds")
        rows.append((settings["kind"], shape, np.int64(count)))
    return tuple(rows)
