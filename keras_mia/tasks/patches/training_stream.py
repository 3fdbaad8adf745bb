"""The training stream of patches."""

import functools
from collections.abc import Callable, Sequence

from keras_mia.data.augment.examples import augmenter
from keras_mia.data.augment.settings import Augmentation, Chance, source_space
from keras_mia.data.pipeline.patch_sampler import PatchSampler, Redraw
from keras_mia.data.pipeline.sampler import Sampler
from keras_mia.data.pipeline.stream import stream
from keras_mia.data.pipeline.unpaired_sampler import UnpairedSampler
from keras_mia.data.preprocess.case_cache import CaseArrays
from keras_mia.data.preprocess.patch_plan import PatchPlan


def augmentation(plan: PatchPlan) -> Augmentation:
    """The random changes that a plan's data can bear.

    Args:
        plan: of rotations, flips and spacing.

    Returns:
        How much of each change, and how often.
    """
    angles = plan.rotation_deg
    spacing = plan.spacing_mm
    if plan.slice_axis is not None and spacing is not None:
        spacing = tuple(length for axis, length in enumerate(spacing) if axis != plan.slice_axis)
    return Augmentation(
        rotation_deg=Chance(tuple(-angle for angle in angles), angles, 0.5),
        flip_axes=plan.flip,
        spacing=spacing,
    )


def batches(
    stored: Sequence[CaseArrays],
    plan: PatchPlan,
    *,
    seed: int = 0,
    settings: Augmentation | None = None,
    redraw: Redraw | None = None,
    targets_of: Sequence[CaseArrays] | None = None,
) -> Callable:
    """The training stream.

    Args:
        stored: prepared training cases.
        plan: for patches and the batch size.
        seed: batch number `i` of a seed is always the same.
        settings: what may happen to an example; None: as the plan's data can bear.
        redraw: gives the image of a patch anew, as `PatchSampler` has it.
        targets_of: cases whose targets are drawn anywhere; None: image and target of an example
            are of one place.

    Returns:
        A function of `(start, worker, workers)` to a `tf.data.Dataset` of images
        `(batch, *patch, channels)` float32 and targets: label maps `(batch, *patch)`, or images.
    """
    settings = settings or augmentation(plan)
    window = source_space(plan.patch, settings)
    options = (window, plan.patch, plan.foreground_share, redraw)
    first = PatchSampler(stored, *options)
    sampler: Sampler = first
    if targets_of is not None:
        sampler = UnpairedSampler(first, PatchSampler(targets_of, *options))
    transform = augmenter(settings, plan.patch, first.kind)
    return functools.partial(stream, sampler, plan.batch_size, seed=seed, transform=transform)
