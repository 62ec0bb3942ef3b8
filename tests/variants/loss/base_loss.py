from abc import ABC, abstractmethod

import numpy as np


class Loss(ABC):
    trainable = False
    eps = float(np.finfo(float).eps)

    def forward(self, prediction_tensor, label_tensor):
        self.prediction_tensor = np.asarray(prediction_tensor, dtype=np.float64)
        self._check(label_tensor)
        per_sample = self.terms(np.asarray(label_tensor, dtype=np.float64)).reshape(len(prediction_tensor), -1).sum(1)
        return per_sample.sum().item()

    def backward(self, label_tensor):
        self._check(label_tensor)
        return self.slope(np.asarray(label_tensor, dtype=np.float64))

    def _check(self, label_tensor):
        if self.prediction_tensor.shape != np.shape(label_tensor):
            raise ValueError(f"expected labels {self.prediction_tensor.shape}, got {np.shape(label_tensor)}")

    @abstractmethod
    def terms(self, y): ...

    @abstractmethod
    def slope(self, y): ...


class CrossEntropyLoss(Loss):
    def terms(self, y):
        return y * -np.log(self.prediction_tensor + self.eps)

    def slope(self, y):
        return -y * (self.prediction_tensor + self.eps) ** -1


class L2Loss(Loss):
    def terms(self, y):
        return np.square(self.prediction_tensor - y)

    def slope(self, y):
        return 2 * self.prediction_tensor - 2 * y
