"""Losses that compare regions, not voxels one by one.

With t the one-hot truth, y the probabilities and sums over the voxels that count, each is one minus
an index of overlap. The sums run over one image or over the whole batch (`over`), and the cost is
the mean over classes, then over images. `smooth` is added above and below the fraction: a class
that is absent and not predicted then costs 0.
"""

from abc import abstractmethod
from typing import Literal

import keras
from keras import ops

from keras_mia.losses import truth


class Overlap(truth.VoxelLoss):
    """What the losses of overlap share: the sums of `t y`, `t` and `y`, over space and batch.

    A voxel's weight counts in the sums as a share of the mean weight of all that they go over, and
    that mean multiplies the cost.
    """

    def __init__(self, over, background, ignore_label, from_logits, smooth, **options):
        super().__init__(ignore_label, from_logits, **options)
        if over not in ("image", "batch"):
            raise ValueError(f"over is {over!r}; it has to be 'image' or 'batch'.")
        self.over = over
        self.background = background
        self.smooth = smooth

    def costs(self, labels, y_pred, counts, weights):
        of_truth, predicted = truth.regions(labels, y_pred, counts, self.from_logits)
        shares, mean = self._shares(weights, counts)
        index = ops.mean(self.index(of_truth, predicted, counts, shares), axis=-1)
        return ops.broadcast_to((1 - index) * mean, (ops.shape(y_pred)[0],))

    @abstractmethod
    def index(self, of_truth, predicted, counts, shares):
        """The index of overlap, `(batch, classes)` or `(1, classes)`, of what `truth.regions` gives
        and with the shares that multiply a sum's values."""

    def total(self, values, shares):
        """Sums over space, `(batch, classes)`, or over the batch as well, `(1, classes)`.

        Background is dropped from the sums, not from the voxels: that would copy them all.
        """
        values = truth.weighted(values, shares)
        sums = truth.sum_over_space(values, len(values.shape) - 2)
        if self.over == "batch":
            sums = ops.sum(sums, axis=0, keepdims=True)
        return sums if self.background or sums.shape[-1] == 1 else sums[..., 1:]

    def _shares(self, weights, counts):
        """Weights as shares of their mean, of the same shape, and that mean, `(batch or 1,)`."""
        if weights is None:
            return None, 1.0
        if self.over == "image" and all(length == 1 for length in weights.shape[1:]):
            return None, ops.reshape(weights, (-1,))
        axes = tuple(range(0 if self.over == "batch" else 1, len(weights.shape)))
        counted = ops.ones_like(weights) if counts is None else counts
        total = ops.sum(weights * counted, axis=axes, keepdims=True)
        mean = total / ops.maximum(ops.sum(counted, axis=axes, keepdims=True), 1.0)
        return ops.divide_no_nan(weights, mean), ops.reshape(mean, (-1,))

    def get_config(self):
        names = ("over", "background", "smooth")
        return super().get_config() | {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable("keras_mia")
class Dice(Overlap):
    """`1 - 2 sum(t y) / (sum(t) + sum(y))`, or its form for one pixel.

    Args:
        form: "global": of the whole regions. "pixel": `1 - (2 t y + 1) / (t + y + 1)` of each
            voxel, then the mean over the voxels that count.
        squared: whether the sizes are sums of squares, as in V-Net.
        over: "image" or "batch": over what the sums, or the mean of the pixel form, go.
        background: whether class 0 counts (a sigmoid's one channel is the structure and counts).
        ignore_label: voxels with this label count in no sum (sparse annotation, a region).
        from_logits: whether `y_pred` holds logits.
        smooth: added above and below the fraction; None: 1 in the pixel form, 1e-5 in the global.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Source: Milletari et al. (2016), V-Net, arXiv:1606.04797 (squared); Drozdzal et al. (2016), The
    importance of skip connections, arXiv:1608.04117 (not squared).

    Example:
        >>> import numpy as np
        >>> truth, guess = np.array([[0, 1, 1, 0]]), np.array([[[0.0], [1.0], [0.0], [0.0]]])
        >>> print(f"{float(Dice()(truth, guess)):.4f}")  # 1 - 2 / 3
        0.3333
    """

    def __init__(
        self,
        form: Literal["global", "pixel"] = "global",
        squared: bool = False,
        over: Literal["image", "batch"] = "image",
        background: bool = False,
        ignore_label: int | None = None,
        from_logits: bool = False,
        smooth: float | None = None,
        **options,
    ):
        if form not in ("global", "pixel"):
            raise ValueError(f"form is {form!r}; it has to be 'global' or 'pixel'.")
        if smooth is None:
            smooth = 1.0 if form == "pixel" else 1e-5
        options = {"name": "dice"} | options
        super().__init__(over, background, ignore_label, from_logits, smooth, **options)
        self.form = form
        self.squared = squared

    def index(self, of_truth, predicted, counts, shares):
        overlap = of_truth * predicted
        size = of_truth + (predicted**2 if self.squared else predicted)
        if self.form == "global":
            overlap, size = self.total(overlap, shares), self.total(size, shares)
            return (2 * overlap + self.smooth) / (size + self.smooth)
        # Where a voxel does not count, truth and prediction are 0 and so is the cost.
        cost = 1 - (2 * overlap + self.smooth) / (size + self.smooth)
        counted = ops.ones_like(cost) if counts is None else counts[..., None] * ops.ones_like(cost)
        return 1 - self.total(cost, shares) / ops.maximum(self.total(counted, None), 1.0)

    def get_config(self):
        return super().get_config() | {"form": self.form, "squared": self.squared}


@keras.saving.register_keras_serializable("keras_mia")
class Tversky(Overlap):
    """`1 - TP / (TP + alpha FP + beta FN)` with soft counts, the mean over classes.

    Args:
        alpha: the weight of what is predicted and not true (FP).
        beta: the weight of what is true and not predicted (FN). 0.5 and 0.5 are Dice, 1 and 1 are
            Jaccard.
        over, background, ignore_label, from_logits, smooth, **options: as in `Dice`.

    Source: Salehi et al. (2017), Tversky loss function, arXiv:1706.05721.

    Example:
        >>> import numpy as np
        >>> truth, guess = np.array([[0, 1, 1, 0]]), np.array([[[0.0], [1.0], [0.0], [0.0]]])
        >>> print(f"{float(Tversky(alpha=0.3, beta=0.7)(truth, guess)):.4f}")  # 1 - 1 / 1.7
        0.4118
    """

    def __init__(
        self,
        alpha: float = 0.3,
        beta: float = 0.7,
        over: Literal["image", "batch"] = "image",
        background: bool = False,
        ignore_label: int | None = None,
        from_logits: bool = False,
        smooth: float = 1e-5,
        **options,
    ):
        options = {"name": "tversky"} | options
        super().__init__(over, background, ignore_label, from_logits, smooth, **options)
        self.alpha = alpha
        self.beta = beta

    def index(self, of_truth, predicted, counts, shares):
        overlap = self.total(of_truth * predicted, shares)
        false_positives = self.total(predicted, shares) - overlap
        missed = self.total(of_truth, shares) - overlap
        size = overlap + self.alpha * false_positives + self.beta * missed
        return (overlap + self.smooth) / (size + self.smooth)

    def get_config(self):
        return super().get_config() | {"alpha": self.alpha, "beta": self.beta}


@keras.saving.register_keras_serializable("keras_mia")
class Jaccard(Overlap):
    """`1 - sum(t y) / (sum(t) + sum(y) - sum(t y))`, the mean over classes.

    Args:
        over, background, ignore_label, from_logits, smooth, **options: as in `Dice`.

    Source: Rahman and Wang (2016), doi:10.1007/978-3-319-50835-1_22.

    Example:
        >>> import numpy as np
        >>> truth, guess = np.array([[0, 1, 1, 0]]), np.array([[[0.0], [1.0], [0.0], [0.0]]])
        >>> print(f"{float(Jaccard()(truth, guess)):.4f}")
        0.5000
    """

    def __init__(
        self,
        over: Literal["image", "batch"] = "image",
        background: bool = False,
        ignore_label: int | None = None,
        from_logits: bool = False,
        smooth: float = 1e-5,
        **options,
    ):
        options = {"name": "jaccard"} | options
        super().__init__(over, background, ignore_label, from_logits, smooth, **options)

    def index(self, of_truth, predicted, counts, shares):
        overlap = self.total(of_truth * predicted, shares)
        size = self.total(of_truth + predicted, shares)
        return (overlap + self.smooth) / (size - overlap + self.smooth)
