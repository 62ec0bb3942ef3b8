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
        raise NotImplementedError

    def backward(self, label_tensor):
        """Return dL/dp = -y / (p + eps), shaped like the prediction of the newest forward."""
        raise NotImplementedError


class L2Loss:
    """L = sum (p - y)^2 over all entries of the batch: a sum, not a mean; p and y have the same, any, shape.

    Raises:
        ValueError: prediction and labels have different shapes.
    """

    def forward(self, prediction_tensor, label_tensor):
        """Return the loss as a float."""
        raise NotImplementedError

    def backward(self, label_tensor):
        """Return dL/dp = 2 (p - y), shaped like the prediction of the newest forward."""
        raise NotImplementedError
