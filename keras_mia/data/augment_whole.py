"""Random changes of whole images, which have an answer and no label map: all of a batch at once."""

from collections.abc import Callable

import tensorflow as tf

from keras_mia.data.augment import draw
from keras_mia.data.augment_intensity import recolor
from keras_mia.data.augment_spatial import move
from keras_mia.data.augmentation import Augmentation


def whole_augmenter(
    settings: Augmentation, size: tuple[int, ...], *, mixup: float = 0.0, findings: bool = False
) -> Callable:
    """The `transform` of a stream of whole images.

    Args:
        settings: what may happen to an image.
        size: of the images.
        mixup: the parameter of the beta distribution by which neighbours are mixed; 0: none are.
        findings: whether an answer below 0 is one that is not known.

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
        return mixed(keys, images, answers, mixup, findings) if mixup else (images, answers)

    return transform


def mixed(keys, images, answers, strength: float, findings: bool):
    """Images with a share of their neighbour, the first with the second, the third with the fourth,
    and their answers with the same shares.

    Pairs and shares follow from the examples alone, so that workers who each make an even part of
    a batch mix as one who makes all of it.
    """

    def share_of(key):
        own = tf.random.experimental.stateless_fold_in(key, 5)
        gammas = tf.random.stateless_gamma([2], own, alpha=strength) + 1e-6
        return gammas[0] / tf.reduce_sum(gammas)

    share = tf.map_fn(share_of, keys, fn_output_signature=tf.float32)
    count = tf.shape(keys)[0]
    neighbour = tf.minimum(tf.bitwise.bitwise_xor(tf.range(count), 1), count - 1)

    def mix(x, other):
        weight = tf.reshape(share, [-1] + [1] * (len(x.shape) - 1))
        return x * weight + other * (1 - weight)

    others = tf.gather(answers, neighbour)
    told = mix(answers, others)
    if findings:
        told = tf.where((answers < 0) | (others < 0), -1.0, told)
    return mix(images, tf.gather(images, neighbour)), told
