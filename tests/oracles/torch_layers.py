"""The student's classes once more, on PyTorch's own operations and autograd: an oracle for every case of a bank."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def pair(value):
    return (int(value), int(value)) if np.ndim(value) == 0 else tuple(int(v) for v in value)


class Differentiated:
    """forward by `compute(input, *parameters)`, backward by autograd."""

    names: tuple[str, ...] = ()
    optimizer = None

    def forward(self, input_tensor):
        self.input = torch.tensor(np.asarray(input_tensor, dtype=float), requires_grad=True)
        self.leaves = [torch.tensor(np.asarray(getattr(self, name)), requires_grad=True) for name in self.names]
        self.output = self.compute(self.input, *self.leaves)
        return self.output.detach().numpy().copy()

    def backward(self, error_tensor):
        error = torch.tensor(np.asarray(error_tensor, dtype=float))
        gradients = torch.autograd.grad(self.output, [self.input, *self.leaves], error, retain_graph=True)
        for name, gradient in zip(self.names, gradients[1:], strict=True):
            setattr(self, f"gradient_{name}", gradient.numpy().copy())
        return gradients[0].numpy().copy()


class Conv(Differentiated):
    names = ("weights", "bias")
    trainable = True

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        self.kernel = tuple(int(k) for k in convolution_shape[1:])
        stride = np.atleast_1d(stride_shape)
        self.stride = tuple(int(stride[i if len(stride) > 1 else 0]) for i in range(len(self.kernel)))

    def compute(self, x, weights, bias):
        pads = [side for k in reversed(self.kernel) for side in (-(-(k - 1) // 2), (k - 1) // 2)]
        convolve = F.conv2d if len(self.kernel) == 2 else F.conv1d
        return convolve(F.pad(x, pads), weights, bias, stride=self.stride)


class FullyConnected(Differentiated):
    names = ("weights",)
    trainable = True

    def __init__(self, input_size, output_size):
        pass

    def compute(self, x, weights):
        return F.linear(x, weights[:-1].T, weights[-1])


class MaxPooling(Differentiated):
    def __init__(self, stride_shape, pooling_shape):
        self.stride, self.kernel = pair(stride_shape), pair(pooling_shape)

    def compute(self, x):
        output, indices = F.max_pool2d(x, self.kernel, self.stride, return_indices=True)
        self.indices = indices.numpy()
        return output


class AveragePooling(Differentiated):
    def __init__(self, stride_shape, pooling_shape):
        self.stride, self.kernel = pair(stride_shape), pair(pooling_shape)

    def compute(self, x):
        return F.avg_pool2d(x, self.kernel, self.stride)


class GlobalAveragePooling(Differentiated):
    def compute(self, x):
        return F.adaptive_avg_pool2d(x, 1)[:, :, 0, 0]


class BlurPooling(Differentiated):
    def __init__(self, stride):
        self.stride = pair(stride)

    def compute(self, x):
        kernel = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
        channels = x.shape[1]
        return F.conv2d(x, kernel.expand(channels, 1, 3, 3), stride=self.stride, padding=1, groups=channels)


class BatchNormalization(Differentiated):
    names = ("weights", "bias")
    trainable = True
    phase = "train"

    def __init__(self, channels, momentum=0.8, epsilon=1e-10):
        self.momentum, self.epsilon, self.channels, self.trained = momentum, epsilon, channels, False
        self.moving_mean, self.moving_variance = np.zeros(channels), np.ones(channels)
        self.initialize()

    def initialize(self, *initializers):
        self.weights, self.bias = np.ones(self.channels), np.zeros(self.channels)

    def compute(self, x, weights, bias):
        if self.phase == "test":
            moving = torch.tensor(self.moving_mean), torch.tensor(self.moving_variance)
            return F.batch_norm(x, *moving, weights, bias, False, 0.0, self.epsilon)
        keep, self.trained = self.momentum * self.trained, True
        axes = [axis for axis in range(x.ndim) if axis != 1]
        variance, mean = torch.var_mean(x.detach(), axes, correction=0)
        self.moving_mean = keep * self.moving_mean + (1 - keep) * mean.numpy()
        self.moving_variance = keep * self.moving_variance + (1 - keep) * variance.numpy()
        return F.batch_norm(x, None, None, weights, bias, True, 0.0, self.epsilon)


class InstanceNormalization(Differentiated):
    names = ("weights", "bias")
    trainable = True

    def __init__(self, channels, epsilon=1e-10):
        self.epsilon, self.channels = epsilon, channels
        self.initialize()

    def initialize(self, *initializers):
        self.weights, self.bias = np.ones(self.channels), np.zeros(self.channels)

    def compute(self, x, weights, bias):
        return F.instance_norm(x, weight=weights, bias=bias, eps=self.epsilon)


def horizontal_flip(images):
    return torch.flip(torch.tensor(images).double(), [3]).numpy()


def rescale_nearest(images, size):
    return F.interpolate(torch.tensor(images).double(), pair(size), mode="nearest").numpy()


class Flatten(Differentiated):
    def compute(self, x):
        return torch.flatten(x, 1)


class Sigmoid(Differentiated):
    def compute(self, x):
        return torch.sigmoid(x)


class TanH(Differentiated):
    def compute(self, x):
        return torch.tanh(x)


class ReLU(Differentiated):
    def compute(self, x):
        return F.relu(x)


class LeakyReLU(Differentiated):
    def __init__(self, negative_slope=0.1):
        self.negative_slope = negative_slope

    def compute(self, x):
        return F.leaky_relu(x, self.negative_slope)


class SoftMax(Differentiated):
    def compute(self, x):
        return F.softmax(x, dim=1)


class Loss:
    def forward(self, prediction_tensor, label_tensor):
        self.prediction = torch.tensor(np.asarray(prediction_tensor, dtype=float), requires_grad=True)
        return float(self.compute(self.prediction, torch.tensor(np.asarray(label_tensor, dtype=float))))

    def backward(self, label_tensor):
        value = self.compute(self.prediction, torch.tensor(np.asarray(label_tensor, dtype=float)))
        return torch.autograd.grad(value, self.prediction)[0].numpy()


class CrossEntropyLoss(Loss):
    def compute(self, p, y):
        return -(y * torch.log(p + np.finfo(float).eps)).sum()


class L2Loss(Loss):
    def compute(self, p, y):
        return F.mse_loss(p, y, reduction="sum")


class Optimizer:
    """One torch optimizer for one parameter, fed weights and gradients from outside."""

    optimizer = None

    def calculate_update(self, weight_tensor, gradient_tensor):
        weights = torch.tensor(np.asarray(weight_tensor, dtype=float))
        if self.optimizer is None:
            self.parameter = torch.nn.Parameter(weights.clone())
            self.optimizer = self.make([self.parameter])
        self.parameter.data.copy_(weights)
        self.parameter.grad = torch.tensor(np.asarray(gradient_tensor, dtype=float))
        self.optimizer.step()
        return self.parameter.detach().numpy().copy()


class Sgd(Optimizer):
    def __init__(self, learning_rate):
        self.make = lambda p: torch.optim.SGD(p, lr=float(learning_rate))


class RmsProp(Optimizer):
    def __init__(self, learning_rate, rho):
        self.make = lambda p: torch.optim.RMSprop(p, lr=float(learning_rate), alpha=rho, eps=1e-8)


class Adam(Optimizer):
    def __init__(self, learning_rate, mu, rho):
        self.make = lambda p: torch.optim.Adam(p, lr=float(learning_rate), betas=(mu, rho), eps=1e-8)


class SgdWithMomentum(Optimizer):
    """torch's velocity is without the learning rate: the same as ours while the rate does not change."""

    def __init__(self, learning_rate, momentum_rate):
        self.make = lambda p: torch.optim.SGD(p, lr=float(learning_rate), momentum=momentum_rate)


def correlate1d(signal, kernel, boundary="shrink"):
    x, k = (torch.tensor(np.asarray(array, dtype=float))[None, None] for array in (signal, kernel))
    total = k.shape[2] - 1 if boundary == "pad" else 0
    return F.conv1d(F.pad(x, (total - total // 2, total // 2)), k)[0, 0].numpy()


def cross_correlate2d(image, kernel, padding=0, stride=1):
    x, k = (torch.tensor(np.asarray(array, dtype=float))[None, None] for array in (image, kernel))
    return F.conv2d(x, k, stride=pair(stride), padding=pair(padding))[0, 0].numpy()


def convolve2d(image, kernel, padding=0, stride=1):
    """PyTorch has only cross-correlations; flip is its own."""
    turned = torch.flip(torch.tensor(np.asarray(kernel, dtype=float)), (0, 1)).numpy()
    return cross_correlate2d(image, turned, padding, stride)


def filter_rgb(image, kernel):
    x = torch.tensor(np.asarray(image, dtype=float)).permute(2, 0, 1)[None]
    k = torch.tensor(np.asarray(kernel, dtype=float)).expand(3, 1, -1, -1)
    return F.conv2d(x, k, groups=3)[0].permute(1, 2, 0).numpy()


def filter_volume(image, kernel):
    x, k = (torch.tensor(np.asarray(array, dtype=float)).permute(2, 0, 1)[None] for array in (image, kernel))
    return F.conv2d(x, k)[0, 0].numpy()


def conv_output_size_floor(n, f, stride=1, total_padding=0):
    return F.conv1d(torch.zeros(1, 1, int(n + total_padding)), torch.zeros(1, 1, int(f)), stride=int(stride)).shape[2]


def conv_output_size(n, f, stride=1, padding=0):
    return F.conv1d(torch.zeros(1, 1, int(n)), torch.zeros(1, 1, int(f)), None, int(stride), int(padding)).shape[2]


def same_padding(f):
    """PyTorch pads the other side more."""
    layer = torch.nn.Conv1d(1, 1, int(f), padding="same")
    return tuple(layer._reversed_padding_repeated_twice[::-1])


def receptive_field(layers):
    """How far apart the pixels are on which one output unit has a gradient: all positive weights hide none."""
    size = 1
    for kernel, stride, dilation in reversed(layers):
        size = (size - 1) * stride + (kernel - 1) * dilation + 1
    x = torch.ones(1, 1, size + 10, requires_grad=True)
    y = x
    for kernel, stride, dilation in layers:
        y = F.conv1d(y, torch.ones(1, 1, kernel) / kernel, stride=stride, dilation=dilation)
    y[0, 0, 0].backward()
    places = torch.nonzero(x.grad[0, 0])
    return int(places.max() - places.min()) + 1


def conv_parameters(in_channels, kernel_shape, num_kernels, bias=True):
    layer = torch.nn.Conv2d(int(in_channels), int(num_kernels), pair(kernel_shape), bias=bool(bias))
    return sum(parameters.numel() for parameters in layer.parameters())


def conv_multiplications(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    """Products of ones, added up."""
    x = torch.ones(1, *input_shape)
    x = F.pad(x, [side for p in reversed(pair(padding)) for side in (p, p)], value=1.0)
    return F.conv2d(x, torch.ones(int(num_kernels), input_shape[0], *pair(kernel_shape)), stride=pair(stride)).sum()


def conv_operations(input_shape, kernel_shape, num_kernels, stride=1, padding=0):
    weights = input_shape[0] * int(np.prod(pair(kernel_shape)))
    multiplications = conv_multiplications(input_shape, kernel_shape, num_kernels, stride, padding)
    return 2 * multiplications - multiplications / weights


def dense_matrix_floats(input_shape, output_shape):
    sizes = torch.empty(input_shape, device="meta").numel(), torch.empty(output_shape, device="meta").numel()
    return torch.nn.Linear(*sizes, bias=False, device="meta").weight.numel()


def network_summary(layers, input_shape):
    x, summary = torch.zeros(1, *input_shape), []
    for layer in layers:
        kernel, padding = pair(layer.get("kernel", 1)), pair(layer.get("padding", 0))
        if layer["kind"] == "conv":
            module = torch.nn.Conv2d(
                x.shape[1],
                layer["channels"],
                kernel,
                pair(layer.get("stride", 1)),
                padding,
                groups=layer.get("groups", 1),
                bias=layer.get("bias", True),
            )
        elif layer["kind"] == "pool":  # PyTorch's own padding of pooling stops at half a window
            stride = pair(layer["stride"]) if "stride" in layer else None
            zeros = [side for p in reversed(padding) for side in (p, p)]
            module = torch.nn.Sequential(torch.nn.ZeroPad2d(zeros), torch.nn.MaxPool2d(kernel, stride))
        elif layer["kind"] == "flatten":
            module = torch.nn.Flatten()
        else:
            module = torch.nn.Linear(x.shape[1], layer["units"], bias=layer.get("bias", True))
        x = module(x)
        count = sum(parameters.numel() for parameters in module.parameters())
        summary.append((layer["kind"], tuple(x.shape[1:]), count))
    return summary


class Conv2d(Differentiated):
    names = ("weights", "bias")
    trainable = True

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0, dilation=1, groups=1):
        self.options = pair(stride), pair(padding), pair(dilation), int(groups)

    def compute(self, x, weights, bias):
        return F.conv2d(x, weights, bias, *self.options)


class TransposedConv2d(Differentiated):
    names = ("weights", "bias")
    trainable = True

    def __init__(self, in_channels, out_channels, kernel_shape, stride=1, padding=0):
        self.options = pair(stride), pair(padding)

    def compute(self, x, weights, bias):
        return F.conv_transpose2d(x, weights, bias, *self.options)


class NearestUpsampling(Differentiated):
    mode: dict[str, object] = {"mode": "nearest"}  # noqa: RUF012

    def __init__(self, scale):
        self.scale = tuple(float(side) for side in pair(scale))

    def compute(self, x):
        return F.interpolate(x, scale_factor=self.scale, **self.mode)


class BilinearUpsampling(NearestUpsampling):
    mode: dict[str, object] = {"mode": "bilinear", "align_corners": False}  # noqa: RUF012


class MaxUnpooling(Differentiated):
    def forward(self, input_tensor, indices, output_shape):
        self.indices, self.size = torch.tensor(np.asarray(indices)), pair(output_shape)
        return super().forward(input_tensor)

    def compute(self, x):
        kernel = [side - n + 1 for side, n in zip(self.size, x.shape[2:], strict=True)]
        return F.max_unpool2d(x, self.indices, kernel, stride=1, output_size=self.size)


class MatrixConv(Conv2d):
    def __init__(self, stride_shape, convolution_shape, num_kernels):
        super().__init__(convolution_shape[0], num_kernels, convolution_shape[1:], stride_shape)


def convolution_matrix(kernel, input_shape, stride=1):
    """The Jacobian of torch's convolution of one image."""
    weights, shape = torch.tensor(np.asarray(kernel, dtype=float))[None, None], pair(input_shape)
    image = torch.zeros(shape[0] * shape[1])
    jacobian = torch.autograd.functional.jacobian(
        lambda x: F.conv2d(x.reshape(1, 1, *shape), weights, stride=pair(stride)).ravel(), image
    )
    return jacobian.numpy()


def im2col(input_tensor, kernel_shape, stride_shape):
    x = torch.tensor(np.asarray(input_tensor, dtype=float))
    return F.unfold(x, pair(kernel_shape), stride=pair(stride_shape)).numpy()


def col2im(columns, input_shape, kernel_shape, stride_shape):
    x = torch.tensor(np.asarray(columns, dtype=float))
    return F.fold(x, tuple(input_shape[2:]), pair(kernel_shape), stride=pair(stride_shape)).numpy()
