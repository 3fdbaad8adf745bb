"""The training stream of generation."""

import functools
from collections.abc import Callable
from dataclasses import replace

import tensorflow as tf

from keras_mia.data.augment.images import whole_augmenter
from keras_mia.data.augment.settings import Augmentation
from keras_mia.data.pipeline.image_sampler import ImageSampler
from keras_mia.data.pipeline.stream import stream
from keras_mia.data.preprocess.image_cache import ImageArray
from keras_mia.tasks.generation.generation_plan import GenerationPlan


def batches(prepared: ImageArray, plan: GenerationPlan, *, seed: int = 0) -> Callable:
    """The training stream: images as they are, or mirrored where the plan says so.

    Args:
        prepared: training images.
        plan: for the batch size, and whether networks take classes.
        seed: batch number `i` of a seed is always the same.

    Returns:
        A function of `(start, worker, workers)` to a `tf.data.Dataset` of images
        `(batch, *space, channels)` float32, with integer classes `(batch,)` where networks take
        them.
    """
    change = None
    if plan.flip:
        change = whole_augmenter(replace(Augmentation.none(), flip_axes=plan.flip), plan.size)

    def changed(keys, images, targets):
        if change is not None:
            images, targets = change(keys, images, targets)
        if not plan.conditional:
            return (images,)
        return images, tf.argmax(targets, axis=-1, output_type=tf.int32)

    return functools.partial(
        stream, ImageSampler(prepared), plan.batch_size, seed=seed, transform=changed
    )
