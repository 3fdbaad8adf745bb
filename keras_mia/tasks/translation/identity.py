"""An image as it is, in the values that a translator writes."""

import numpy as np

from keras_mia.data.image import Image
from keras_mia.data.io.pictures.channels import planned_channels
from keras_mia.data.preprocess.normalize import Scale
from keras_mia.data.preprocess.prepare import way_of
from keras_mia.tasks.translation.translation_plan import TranslationPlan


def identity(image: Image, plan: TranslationPlan) -> np.ndarray:
    """The image itself; where targets have a scale of their own, in the usual one.

    Args:
        image: as the network is given it.
        plan: of the run.

    Returns:
        `(*space, target channels)` float32: the mean of the channels, where they are not as many.
    """
    image = planned_channels(image, plan)
    array = np.asarray(image.array, np.float32)
    if array.shape[-1] != plan.target_channels:
        array = np.repeat(array.mean(-1, keepdims=True), plan.target_channels, axis=-1)
    if plan.typical_scale is None:
        return array
    _, _, scale = way_of(image, plan)
    if len(scale.mean) != plan.target_channels:
        mean, std = float(array.mean()), max(float(array.std()), 1e-8)
        scale = Scale((mean,) * plan.target_channels, (std,) * plan.target_channels)
    return plan.typical_scale.undo(scale.apply(array))
