"""The training stream of pairs of patches."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from keras_mia.data.augment.degradations import Noise, value_range
from keras_mia.data.augment.settings import Augmentation
from keras_mia.data.pipeline.patch_sampler import Redraw
from keras_mia.data.preprocess.case_cache import CaseArrays
from keras_mia.tasks import patches
from keras_mia.tasks.translation.translation_plan import OF_EACH, SHARED, TranslationPlan

VOXELS = 1_000_000
"""Of which the range of a target is found."""


def augmentation(plan: TranslationPlan) -> Augmentation:
    """The random changes that images and targets bear.

    Both are moved alike. Intensities of images are changed where targets have a scale of their own,
    so that the network does not depend on that of the training images. Where values
    are corrected nothing interpolates, which would do away with what is to be undone.

    Args:
        plan: of rotations, flips and spacing.

    Returns:
        How much of each change, and how often.
    """
    usual, none = patches.augmentation(plan), Augmentation.none()
    kept = {"flip_axes": usual.flip_axes, "spacing": usual.spacing}
    if plan.target_normalization != SHARED:
        kept |= {"rotation_deg": usual.rotation_deg, "scale": usual.scale}
    if plan.target_normalization in OF_EACH:
        kept |= {name: getattr(usual, name) for name in ("brightness", "contrast", "gamma", "bias")}
    return replace(none, **kept)


def batches(stored: Sequence[CaseArrays], plan: TranslationPlan, *, seed: int = 0) -> Callable:
    """The training stream.

    Args:
        stored: prepared training cases.
        plan: for patches and the batch size.
        seed: batch number `i` of a seed is always the same.

    Returns:
        A function of `(start, worker, workers)` to a `tf.data.Dataset` of images
        `(batch, *patch, channels)` and targets `(batch, *patch, target channels)`, float32; those
        of unpaired training are of other places.
    """
    settings = augmentation(plan)
    sources = plan.of_kind(stored, 0)
    targets_of = plan.of_kind(stored, 1) if plan.unpaired else None
    options = {"settings": settings, "redraw": fresh_noise(plan), "targets_of": targets_of}
    return patches.batches(sources, plan, seed=seed, **options)


def fresh_noise(plan: TranslationPlan) -> Redraw | None:
    """Gives patches noise that no other one has, where Gaussian noise is what is to be undone; None
    where images stay as they were prepared.

    Args:
        plan: of the noise.

    Returns:
        A function from a case, the patches of its image and its target, and a generator.
    """
    noise = plan.degrading
    if not isinstance(noise, Noise) or noise.kind != "gaussian":
        return None
    deviations: dict[str, np.ndarray] = {}

    def redraw(
        case: CaseArrays, image: np.ndarray, target: np.ndarray, generator: np.random.Generator
    ) -> np.ndarray:
        if case.name not in deviations:
            values = case.target.reshape(-1, case.target.shape[-1])
            sample = values[:: max(1, len(values) // VOXELS)]
            deviations[case.name] = np.float32(noise.level) * value_range(sample)
        drawn = generator.standard_normal(target.shape, np.float32)
        # Outside of the image both are 0.
        noisy = target + deviations[case.name].astype(np.float32) * drawn
        middle, others = np.split(image, [target.shape[-1]], axis=-1)
        return np.concatenate([np.where(middle == target, middle, noisy), others], axis=-1)

    return redraw
