"""Loss functions: one number for a whole batch, and its gradient with respect to the prediction."""

import numpy as np

EPSILON = np.finfo(float).eps  # keeps the logarithm and the division finite


class CrossEntropyLoss:
    """L = -sum y * log(p + eps) over all entries of the batch: a sum, not a mean.

    p are predicted probabilities (of SoftMax, say), y the true ones, mostly one-hot; both (b, n) or (b, c, y, x).

    Raises:
        ValueError: prediction and labels have different shapes.
    """

    def forward(self, prediction_tensor, label_tensor):
        """Return the loss as a float."""
        # BEGIN SOLUTION
        self._prediction, labels = _same_shape(prediction_tensor, label_tensor)
        return float(-np.sum(labels * np.log(self._prediction + EPSILON)))
        # END SOLUTION

    def backward(self, label_tensor):
        """Return dL/dp = -y / (p + eps), shaped like the prediction of the newest forward."""
        # BEGIN SOLUTION
        prediction, labels = _same_shape(self._prediction, label_tensor)
        return -labels / (prediction + EPSILON)
        # END SOLUTION


class L2Loss:
    """L = sum (p - y)^2 over all entries of the batch: a sum, not a mean; p and y have the same, any, shape.

    Raises:
        ValueError: prediction and labels have different shapes.
    """

    def forward(self, prediction_tensor, label_tensor):
        """Return the loss as a float."""
        # BEGIN SOLUTION
        self._prediction, labels = _same_shape(prediction_tensor, label_tensor)
        return float(np.sum((self._prediction - labels) ** 2))
        # END SOLUTION

    def backward(self, label_tensor):
        """Return dL/dp = 2 (p - y), shaped like the prediction of the newest forward."""
        # BEGIN SOLUTION
        prediction, labels = _same_shape(self._prediction, label_tensor)
        return 2.0 * (prediction - labels)
        # END SOLUTION


# BEGIN SOLUTION
def _same_shape(prediction_tensor, label_tensor):
    """Return both as float arrays after checking that their shapes are equal."""
    prediction = np.asarray(prediction_tensor, dtype=float)
    labels = np.asarray(label_tensor, dtype=float)
    if prediction.shape != labels.shape:
        raise ValueError(f"labels must have the prediction's shape {prediction.shape}, got {labels.shape}")
    return prediction, labels


# END SOLUTION
