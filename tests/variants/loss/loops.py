import math

import numpy as np

EPS = np.finfo(float).eps


def same(p, y):
    if np.shape(p) != np.shape(y):
        raise ValueError(f"shapes {np.shape(p)} and {np.shape(y)}")


class CrossEntropyLoss:
    def forward(self, prediction_tensor, label_tensor):
        same(prediction_tensor, label_tensor)
        self.cache = prediction_tensor
        loss = 0.0
        for index in np.ndindex(*prediction_tensor.shape):
            if label_tensor[index] != 0:
                loss -= float(label_tensor[index]) * math.log(prediction_tensor[index] + EPS)
        return loss

    def backward(self, label_tensor):
        result = np.zeros(self.cache.shape)
        for index in np.ndindex(*self.cache.shape):
            result[index] = -label_tensor[index] / (self.cache[index] + EPS)
        return result


class L2Loss:
    def forward(self, prediction_tensor, label_tensor):
        same(prediction_tensor, label_tensor)
        self.cache = prediction_tensor
        loss = 0.0
        for p, y in zip(prediction_tensor.flat, label_tensor.flat, strict=True):
            loss += (float(p) - float(y)) ** 2
        return loss

    def backward(self, label_tensor):
        result = np.zeros(self.cache.shape)
        for index in np.ndindex(*self.cache.shape):
            result[index] = 2 * (self.cache[index] - label_tensor[index])
        return result
