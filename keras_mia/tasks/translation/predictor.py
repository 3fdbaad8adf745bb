"""From an image to the image that is made of it."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_mia.data.augment.degradations import Undersampling
from keras_mia.data.image import Image
from keras_mia.data.io.pictures.channels import planned_channels
from keras_mia.data.preprocess.prepare import prepare
from keras_mia.layers.data_consistency import DataConsistency
from keras_mia.tasks.patches.ensemble import Member, members_of
from keras_mia.tasks.translation.identity import identity
from keras_mia.tasks.translation.translation_plan import SEED, TranslationPlan

ALIKE = (
    *("channels", "image_rank", "target_channels", "target_normalization"),
    *("degradation", "degradation_options"),
)


class Predictor:
    """Makes images of images, with its windows compiled once.

    Args:
        models: one, or several whose outputs are averaged.
        plan: the plan that they were trained with, or a plan a model.
        mirror: whether mirrored images are predicted too and averaged.

    Raises:
        Problem: the plans differ in what they are for.
    """

    def __init__(
        self,
        models: keras.Model | Sequence[keras.Model],
        plan: TranslationPlan | Sequence[TranslationPlan],
        *,
        mirror: bool = True,
    ):
        self._members = members_of(models, plan, mirror=mirror, alike=ALIKE)
        self.plan = self._members[0].plan

    def __call__(self, image: Image, where: object = None) -> np.ndarray:
        """The image that is made of `image`, on its own grid.

        Args:
            image: as read.
            where: the file or case, for messages.

        Returns:
            `(*space, target channels)` float32 in the values of the targets. Where these have a
            scale of their own each, in that of the training targets.

        Raises:
            Problem: the plan is not for such an image.
        """
        total: np.ndarray | None = None
        for member in self._members:
            part = member.share * _predicted(member, image, where)
            total = part if total is None else total + part
        assert total is not None
        degrading = self.plan.degrading
        if isinstance(degrading, Undersampling):
            return consistent(total, planned_channels(image, self.plan).array, degrading)
        return total


def _predicted(member: Member[TranslationPlan], image: Image, where: object) -> np.ndarray:
    plan = member.plan
    prepared = prepare(image, plan, where)
    scale, grid = plan.typical_scale or prepared.scale, prepared.grid
    blocks = member.window.blocks(prepared.array)
    if not plan.residual or grid.cut == grid.space:
        values = ((row, scale.undo(block)) for row, block in blocks)
        return grid.restore_image(values, plan.target_channels, plan.outside)
    # What is added is resampled, and not the image, whose detail stays.
    source = prepared.array[..., : plan.channels]
    changes = (
        (row, scale.undo(block) - scale.undo(source[row : row + len(block)]))
        for row, block in blocks
    )
    made = grid.restore_image(changes, plan.target_channels, plan.outside)
    inside = grid.crop(made)
    inside += grid.crop(identity(image, plan))
    return made


def consistent(
    prediction: np.ndarray, measured: np.ndarray, undersampling: Undersampling
) -> np.ndarray:
    """The prediction with the lines of k-space that were measured as they were measured.

    Args:
        prediction: `(*space, channels)`.
        measured: the image of the measured lines alone, of the same shape.
        undersampling: says which they are.

    Returns:
        `(*space, channels)` float32.
    """
    size = measured.shape[undersampling.axis]
    lines = undersampling.lines(size, np.random.default_rng([SEED]))
    layer = DataConsistency(lines.tolist(), undersampling.axis)
    images = [np.asarray(one, np.float32)[None] for one in (prediction, measured)]
    return np.asarray(layer(images))[0]
