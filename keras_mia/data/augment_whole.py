"""Random changes of whole images, which have an answer and no label map: all of a batch at once."""

from collections.abc import Callable

import tensorflow as tf

from keras_mia.data.augment import draw
from keras_mia.data.augment_intensity import recolor
from keras_mia.data.augment_spatial import move
from keras_mia.data.augmentation import Augmentation


def whole_augmenter(
    settings: Augmentation, size: tuple[int, ...], *, mixup: float = 0.0
) -> Callable:
    """The `transform` of a stream of whole images.

    Args:
        settings: what may happen to an image.
        size: of the images.
        mixup: the parameter of the beta distribution by which pairs are mixed; 0: none are.

    Returns:
        A function of keys int32 `(batch, 2)`, images `(batch, *size, channels)` and answers
        `(batch, outputs)`, to images and answers.

    Source: mixup: Zhang et al. (2017), arXiv:1710.09412.
    """

    def one(example):
        key, image = example
        drawn = draw(key, len(size), settings)
        image, _ = move(image, None, drawn, size)
        # TensorFlow cannot draw within a condition that holds for no image of a batch.
        grain = drawn["noise"] * tf.random.stateless_normal(image.shape, drawn["noise_key"])
        return recolor(image, drawn | {"noise": tf.zeros([])}) + grain

    def transform(keys, images, answers):
        images = tf.vectorized_map(one, (keys, images))
        return mixed(keys, images, answers, mixup) if mixup else (images, answers)

    return transform


def mixed(keys, images, answers, strength: float):
    """Each image with a share of its neighbour in the batch, and its answer with the same share."""
    key = tf.random.experimental.stateless_fold_in(keys[0], 5)
    shape = [tf.shape(keys)[0], 2]
    gammas = tf.random.stateless_gamma(shape, key, alpha=strength) + 1e-6
    share = gammas[:, 0] / tf.reduce_sum(gammas, 1)

    def mix(x):
        weight = tf.reshape(share, [-1] + [1] * (len(x.shape) - 1))
        return x * weight + tf.roll(x, 1, axis=0) * (1 - weight)

    return mix(images), mix(answers)
