"""Structural similarity as a loss: what an image looks like, not how far each voxel is off."""

import keras
from keras import ops

from keras_mia.core.structural_similarity import gaussian_weights, similarity_parts
from keras_mia.layers.windows import valid_along
from keras_mia.losses.image_loss import ImageLoss


@keras.saving.register_keras_serializable("keras_mia")
class StructuralSimilarity(ImageLoss):
    """`1 - SSIM` of an image, the mean over its windows and channels; the mean over the batch.

    `y_true` and `y_pred` are images `(batch, *space, channels)` of the same unit. Means, variances
    and covariance are taken under a Gaussian window that lies within the image, as scikit-image's
    `structural_similarity(gaussian_weights=True, use_sample_covariance=False)` does; along an axis
    that is shorter than the window each voxel stands by itself, as in a volume of few thick slices.
    A `sample_weight` is `(batch,)`.

    Args:
        data_range: the difference between the largest and the smallest value that images have, in
            the unit of `y_true`.
        sigma: standard deviation of the window, in voxels.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Raises:
        ValueError: a range or a deviation that is not above 0; when called, if the shapes differ,
            or all axes are shorter than the window.

    Source: Wang et al. (2004), Image quality assessment: from error visibility to structural
        similarity, doi:10.1109/TIP.2003.819861; as a loss: Zhao et al. (2017), doi:10.1109/TCI
        .2016.2644865.

    Departs from the paper: images may have three axes of space.

    Example:
        >>> import numpy as np
        >>> image = np.random.default_rng(0).normal(size=(1, 16, 16, 1)).astype("float32")
        >>> loss = StructuralSimilarity(data_range=4.0)
        >>> abs(float(loss(image, image))) < 1e-6, float(loss(image, image[:, ::-1])) > 0.5
        (True, True)
    """

    def __init__(self, data_range: float, sigma: float = 1.5, **options):
        super().__init__(**{"name": "structural_similarity"} | options)
        if not (data_range > 0 and sigma > 0):
            raise ValueError(f"data_range {data_range} and sigma {sigma} have to be above 0.")
        self.data_range, self.sigma = float(data_range), float(sigma)

    def costs(self, true, predicted):
        maps = [true, predicted, true * true, predicted * predicted, true * predicted]
        weights = gaussian_weights(self.sigma)
        axes = [axis for axis in range(1, true.ndim - 1) if true.shape[axis] >= len(weights)]
        if not axes:
            raise ValueError(
                f"Images of {true.shape[1:-1]} are smaller than the window of {len(weights)}."
            )
        means = ops.concatenate(maps, axis=-1)
        for axis in axes:
            means = valid_along(means, axis, weights)
        brightness, structure = similarity_parts(ops.split(means, 5, axis=-1), self.data_range)
        return 1 - ops.mean(brightness * structure, axis=tuple(range(1, true.ndim)))

    def get_config(self):
        return super().get_config() | {"data_range": self.data_range, "sigma": self.sigma}
