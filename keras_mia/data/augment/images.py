"""Random changes of whole images with a target each, and no label map: a batch at once."""

from collections.abc import Callable

import tensorflow as tf

from keras_mia.data.augment.examples import draw_batch
from keras_mia.data.augment.intensity import apply_if, noise, recolor
from keras_mia.data.augment.settings import Augmentation
from keras_mia.data.augment.spatial import MOVES, is_moved, resample


def whole_augmenter(
    settings: Augmentation,
    size: tuple[int, ...],
    *,
    mixup: float = 0.0,
    may_be_unknown: bool = False,
) -> Callable:
    """The `transform` of a stream of whole images.

    Args:
        settings: what may happen to an image.
        size: of the images.
        mixup: the parameter of the beta distribution by which neighbours are mixed; 0: none are.
        may_be_unknown: whether a target below 0 is one that is not known.

    Returns:
        A function of keys int32 `(batch, 2)`, images `(batch, *size, channels)` and targets
        `(batch, outputs)`, to images and targets.

    Source: mixup: Zhang et al. (2017), arXiv:1710.09412.
    """

    @tf.autograph.experimental.do_not_convert  # there is nothing to convert, which takes seconds
    def transform(keys, images, targets):
        drawn = draw_batch(keys, len(size), settings)
        images = move_images(images, drawn, size)
        if settings.recolors:
            # TensorFlow cannot draw noise within a condition that holds for no image of a batch.
            silent = {"noise": tf.zeros([])}
            images = tf.vectorized_map(
                lambda each: recolor(each[0], each[1] | silent), (images, drawn)
            )
        if settings.noise.probability > 0:
            noises = images, drawn["noise"], drawn["noise_key"]
            images = tf.map_fn(
                lambda each: apply_if(each[1] > 0, lambda x: noise(x, *each[1:]), each[0]),
                noises,
                fn_output_signature=tf.TensorSpec(images.shape[1:], images.dtype),
            )
        return (
            mix_examples(keys, images, targets, mixup, may_be_unknown)
            if mixup
            else (images, targets)
        )

    return transform


def move_images(images: tf.Tensor, drawn: dict, size: tuple[int, ...]) -> tf.Tensor:
    """Each image as it was drawn to be turned, bent and flipped.

    Args:
        images: `(batch, *size, channels)`.
        drawn: the changes of the examples, as `draw_batch` gives them.
        size: voxels an axis.

    Returns:
        Images of the same shape.
    """
    moves = {name: drawn[name] for name in MOVES}

    def where(condition, one, other):
        return tf.where(tf.reshape(condition, [-1] + [1] * (len(size) + 1)), one, other)

    changed = tf.vectorized_map(is_moved, moves)
    images = where(changed, _resampled(images, moves, size), images)
    for axis in range(len(size)):
        images = where(drawn["flip"][:, axis], tf.reverse(images, [axis + 1]), images)
    return images


@tf.function(jit_compile=True, autograph=False)
def _resampled(images: tf.Tensor, moves: dict, size: tuple[int, ...]) -> tf.Tensor:
    return tf.vectorized_map(
        lambda each: resample(each[0], None, each[1], size)[0], (images, moves)
    )


def mix_examples(keys, images, targets, strength: float, may_be_unknown: bool):
    """Images with a share of their neighbour, the first with the second, the third with the fourth,
    and their targets with the same shares.

    Pairs and shares follow from the examples alone, so that workers who each make an even part of
    a batch mix as one who makes all of it.

    Args:
        keys: int32 `(batch, 2)`.
        images: `(batch, *space, channels)`.
        targets: float32 `(batch, n)`.
        strength: `alpha` of the Beta distribution that shares come from.
        may_be_unknown: whether a target below 0 stands for one that is not known, and stays so.

    Returns:
        Images and targets of the same shapes.
    """

    def share_of(key):
        gamma_key = tf.random.experimental.stateless_fold_in(key, 5)
        gammas = tf.random.stateless_gamma([2], gamma_key, alpha=strength) + 1e-6
        return gammas[0] / tf.reduce_sum(gammas)

    share = tf.map_fn(share_of, keys, fn_output_signature=tf.float32)
    count = tf.shape(keys)[0]
    neighbour = tf.minimum(tf.bitwise.bitwise_xor(tf.range(count), 1), count - 1)

    def mix(x, other):
        weight = tf.reshape(share, [-1] + [1] * (len(x.shape) - 1))
        return x * weight + other * (1 - weight)

    neighbours = tf.gather(targets, neighbour)
    mixed_targets = mix(targets, neighbours)
    if may_be_unknown:
        mixed_targets = tf.where((targets < 0) | (neighbours < 0), -1.0, mixed_targets)
    return mix(images, tf.gather(images, neighbour)), mixed_targets
