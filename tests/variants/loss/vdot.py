import numpy as np


class CrossEntropyLoss:
    def forward(self, prediction_tensor, label_tensor):
        np.broadcast_shapes(np.shape(prediction_tensor), np.shape(label_tensor))
        if np.shape(prediction_tensor) != np.shape(label_tensor):
            raise ValueError(f"labels {np.shape(label_tensor)} do not match {np.shape(prediction_tensor)}")
        self.q = np.add(prediction_tensor, np.finfo("float64").eps)
        return -np.vdot(label_tensor, np.log(self.q))

    def backward(self, label_tensor):
        return np.true_divide(-1.0 * np.asarray(label_tensor), self.q)


class L2Loss:
    def forward(self, prediction_tensor, label_tensor):
        if np.shape(prediction_tensor) != np.shape(label_tensor):
            raise ValueError(f"labels {np.shape(label_tensor)} do not match {np.shape(prediction_tensor)}")
        self.prediction = np.array(prediction_tensor, dtype=float, order="F")
        residual = np.subtract(self.prediction, label_tensor).ravel()
        return residual @ residual

    def backward(self, label_tensor):
        return np.subtract(self.prediction, label_tensor) * 2
