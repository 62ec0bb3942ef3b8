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
