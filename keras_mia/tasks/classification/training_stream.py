"""The training stream of whole images."""

import functools
from collections.abc import Callable

from keras_mia.data.augment.images import whole_augmenter
from keras_mia.data.augment.settings import NEVER, Augmentation, Chance
from keras_mia.data.pipeline.image_sampler import ImageSampler
from keras_mia.data.pipeline.stream import stream
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.kinds.table import kind_of


def augmentation(plan: ClassificationPlan) -> Augmentation:
    """The random changes that a plan's images can bear.

    Args:
        plan: for angles in degrees, axes to mirror, the range of intensities, and whether the
            target may be a size, which scaling would change.

    Returns:
        Ranges and probabilities of each change.
    """
    angles = plan.rotation_deg
    measured = plan.spacing_mm is not None and plan.target.may_be_a_size
    unit = max(one.std for one in plan.intensities) if plan.normalization == "pixels" else 1.0
    if plan.normalization == "pixels" and not plan.bytes:
        unit *= 255 / max(one.high - one.low for one in plan.intensities)
    return Augmentation(
        rotation_deg=Chance(tuple(-angle for angle in angles), angles, 0.5),
        scale=NEVER if measured else Chance(0.9, 1.1, 0.5),  # it may be a volume
        shift=Chance(-0.08, 0.08, 0.5),
        flip_axes=plan.flip,
        elastic=NEVER,
        bias=NEVER,
        noise=Chance(0.0, 0.3 * unit, 0.15),
        spacing=tuple(
            plan.voxel_spacing[axis] for axis in plan.network_view.axes if plan.voxel_spacing
        )
        or None,
    )


def batches(
    prepared: ImageArray,
    plan: ClassificationPlan,
    *,
    seed: int = 0,
    settings: Augmentation | None = None,
) -> Callable:
    """The training stream.

    Args:
        prepared: training images.
        plan: for the batch size and the sampling.
        seed: batch number `i` of a seed is always the same.
        settings: what may happen to an image; None: as the plan's images can bear.

    Returns:
        A function of `(start, worker, workers)` to a `tf.data.Dataset` of images
        `(batch, *space, channels)`, as the plan's view has them, and targets
        `(batch, outputs)`, both float32; of several targets a dictionary of them.
    """
    settings = settings or augmentation(plan)
    if plan.target.is_spatial:  # a box would have to move along
        settings = settings.still()
    kind = kind_of(plan)
    change = whole_augmenter(
        settings, plan.network_view.shape[:-1], mixup=plan.mixup, may_be_unknown=kind.may_be_unknown
    )

    def changed(keys, images, targets):
        images, targets = change(keys, images, targets)
        return images, kind.to_heads(targets)

    return functools.partial(
        stream,
        ImageSampler(prepared, plan.sampling),
        plan.batch_size,
        seed=seed,
        transform=changed,
    )
