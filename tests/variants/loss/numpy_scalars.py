import numpy as np


class CrossEntropyLoss:
    def __init__(self):
        self.prediction = None

    def forward(self, prediction_tensor, label_tensor):
        if prediction_tensor.shape != label_tensor.shape:
            raise ValueError(f"{prediction_tensor.shape} and {label_tensor.shape} differ")
        self.prediction = prediction_tensor
        return np.sum(-np.log(prediction_tensor + np.finfo(float).eps) * label_tensor)

    def backward(self, label_tensor):
        return -(label_tensor / (self.prediction + np.finfo(float).eps))


class L2Loss:
    def __init__(self):
        self.prediction = None

    def forward(self, prediction_tensor, label_tensor):
        if prediction_tensor.shape != label_tensor.shape:
            raise ValueError(f"{prediction_tensor.shape} and {label_tensor.shape} differ")
        self.prediction = prediction_tensor
        return np.sum((prediction_tensor - label_tensor) ** 2.0)

    def backward(self, label_tensor):
        return 2.0 * (self.prediction - label_tensor)
