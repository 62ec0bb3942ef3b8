import copy
import math

import numpy as np


class Conv:
    """Plain Python loops, no vectorisation at all."""

    def __init__(self, stride_shape, convolution_shape, num_kernels):
        self.trainable = True
        shape = [int(v) if v == int(v) else 0 for v in convolution_shape]
        if len(shape) not in (2, 3) or min(shape) < 1:
            raise ValueError("bad convolution_shape " + str(convolution_shape))
        if num_kernels != int(num_kernels) or num_kernels < 1:
            raise ValueError("bad num_kernels " + str(num_kernels))
        self.one_d = len(shape) == 2
        try:
            stride = list(stride_shape)
        except TypeError:
            stride = [stride_shape]
        for s in stride:
            if s != int(s) or s < 1:
                raise ValueError("bad stride " + str(stride_shape))
        if self.one_d:
            if len(stride) != 1:
                raise ValueError("1-D kernels need one stride, got " + str(stride_shape))
            self.sy, self.sx = 1, int(stride[0])
            self.c, self.ky, self.kx = shape[0], 1, shape[1]
        else:
            if len(stride) == 1:
                stride = stride * 2
            if len(stride) != 2:
                raise ValueError("need one or two strides, got " + str(stride_shape))
            self.sy, self.sx = int(stride[0]), int(stride[1])
            self.c, self.ky, self.kx = shape
        self.k = int(num_kernels)
        self.weights = np.random.rand(self.k, *shape)
        self.bias = np.random.rand(self.k)
        self.gradient_weights = None
        self.gradient_bias = None
        self._opt_w = None
        self._opt_b = None

    @property
    def optimizer(self):
        return self._opt_w

    @optimizer.setter
    def optimizer(self, opt):
        self._opt_w = copy.deepcopy(opt)
        self._opt_b = copy.deepcopy(opt)

    def initialize(self, weights_initializer, bias_initializer):
        fan_in = self.c * self.ky * self.kx
        fan_out = self.k * self.ky * self.kx
        self.weights = weights_initializer.initialize(self.weights.shape, fan_in, fan_out)
        self.bias = bias_initializer.initialize((self.k,), fan_in, fan_out)

    def forward(self, input_tensor):
        x = np.array(input_tensor, dtype=np.float64)
        if self.one_d:
            if x.ndim != 3:
                raise ValueError("expected (b, c, x), got " + str(x.shape))
            x = x.reshape(x.shape[0], x.shape[1], 1, x.shape[2])
        if x.ndim != 4 or x.shape[1] != self.c:
            raise ValueError("expected " + str(self.c) + " channels of images, got " + str(x.shape))
        self.x = x
        b, _, h, w = x.shape
        top, left = math.ceil((self.ky - 1) / 2), math.ceil((self.kx - 1) / 2)
        weights = np.reshape(self.weights, (self.k, self.c, self.ky, self.kx)).tolist()
        values = x.tolist()
        result = []
        for n in range(b):
            maps = []
            for k in range(self.k):
                rows = []
                for i in range(0, h, self.sy):
                    row = []
                    for j in range(0, w, self.sx):
                        total = 0.0
                        for c in range(self.c):
                            for p in range(self.ky):
                                for q in range(self.kx):
                                    yy, xx = i - top + p, j - left + q
                                    if 0 <= yy < h and 0 <= xx < w:
                                        total += values[n][c][yy][xx] * weights[k][c][p][q]
                        row.append(total + float(self.bias[k]))
                    rows.append(row)
                maps.append(rows)
            result.append(maps)
        out = np.array(result)
        return out[:, :, 0, :] if self.one_d else out

    def backward(self, error_tensor):
        b, _, h, w = self.x.shape
        err = np.array(error_tensor, dtype=np.float64)
        err = err.reshape(b, self.k, -(-h // self.sy), -(-w // self.sx))
        top, left = math.ceil((self.ky - 1) / 2), math.ceil((self.kx - 1) / 2)
        weights = np.reshape(self.weights, (self.k, self.c, self.ky, self.kx))
        gw = np.zeros((self.k, self.c, self.ky, self.kx))
        gb = np.zeros(self.k)
        gx = np.zeros(self.x.shape)
        for n in range(b):
            for k in range(self.k):
                for oi in range(err.shape[2]):
                    for oj in range(err.shape[3]):
                        e = err[n, k, oi, oj]
                        gb[k] += e
                        for c in range(self.c):
                            for p in range(self.ky):
                                for q in range(self.kx):
                                    yy = oi * self.sy - top + p
                                    xx = oj * self.sx - left + q
                                    if 0 <= yy < h and 0 <= xx < w:
                                        gw[k, c, p, q] += e * self.x[n, c, yy, xx]
                                        gx[n, c, yy, xx] += e * weights[k, c, p, q]
        self.gradient_weights = gw.reshape(np.shape(self.weights))
        self.gradient_bias = gb
        if self._opt_w is not None:
            self.weights = self._opt_w.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._opt_b.calculate_update(self.bias, self.gradient_bias)
        return gx[:, :, 0, :] if self.one_d else gx
