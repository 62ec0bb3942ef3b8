import numpy as np


class CrossEntropyLoss:
    """Takes logarithms only where a label is not zero."""

    EPS = np.finfo(float).eps

    def forward(self, prediction_tensor, label_tensor):
        if prediction_tensor.shape != label_tensor.shape:
            raise ValueError(f"prediction {prediction_tensor.shape}, labels {label_tensor.shape}")
        self.last = prediction_tensor.copy()
        hot = label_tensor != 0
        return float((label_tensor[hot] * np.log(1 / (self.last[hot] + self.EPS))).sum())

    def backward(self, label_tensor):
        grad = np.zeros(self.last.shape)
        hot = label_tensor != 0
        grad[hot] = -label_tensor[hot] / (self.last[hot] + self.EPS)
        return grad


class L2Loss:
    def forward(self, prediction_tensor, label_tensor):
        if prediction_tensor.shape != label_tensor.shape:
            raise ValueError(f"prediction {prediction_tensor.shape}, labels {label_tensor.shape}")
        self.last = prediction_tensor.copy()
        return float(sum(np.sum((p - y) ** 2) for p, y in zip(self.last, label_tensor, strict=True)))

    def backward(self, label_tensor):
        return np.stack([2.0 * (p - y) for p, y in zip(self.last, label_tensor, strict=True)])
