import numpy as np


class CrossEntropyLoss:
    def forward(self, prediction_tensor, label_tensor):
        self.p = np.array(prediction_tensor, dtype=float)
        y = np.array(label_tensor, dtype=float)
        if self.p.shape != y.shape:
            raise ValueError("label_tensor of shape %s for %s" % (y.shape, self.p.shape))  # noqa: UP031
        return -np.array(np.tensordot(y, np.log(self.p + np.finfo(np.float64).eps), axes=y.ndim))

    def backward(self, label_tensor):
        return np.negative(np.divide(label_tensor, self.p + np.finfo(np.float64).eps))


class L2Loss:
    def forward(self, prediction_tensor, label_tensor):
        y = np.array(label_tensor, dtype=float)
        if np.shape(prediction_tensor) != y.shape:
            raise ValueError("label_tensor of shape %s for %s" % (y.shape, np.shape(prediction_tensor)))  # noqa: UP031
        self.p = np.array(prediction_tensor, dtype=float)
        return np.array(np.linalg.norm((self.p - y).ravel()) ** 2)

    def backward(self, label_tensor):
        difference = self.p - label_tensor
        return difference + difference
