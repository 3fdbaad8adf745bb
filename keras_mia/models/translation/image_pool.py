"""Images that were made before, for a discriminator that is not to forget them.

Shrivastava et al. (2017), arXiv:1612.07828, section 2.3.
"""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("keras_mia")
class ImagePool(keras.Layer):
    """Holds images, and gives some of them for half of those that it is given.

    Until it is full it keeps what it is given, and gives that back. Then each image is, by chance,
    given back, or kept in place of a stored one that is given for it.

    Args:
        size: how many images it holds, a batch at least.
        **options: those of `keras.Layer`.

    Source: Shrivastava et al. (2017), arXiv:1612.07828, section 2.3; 50 images in CycleGAN.

    Example:
        >>> pool = ImagePool(4)
        >>> pool(tf.ones((2, 8, 8, 1)), seed=(0, 0)).shape
        TensorShape([2, 8, 8, 1])
    """

    def __init__(self, size: int, **options):
        super().__init__(**{"dtype": "float32"} | options)
        if size < 1:
            raise ValueError(f"A pool holds one image or more, not {size}.")
        self.size = size

    def build(self, input_shape):
        if None in input_shape[1:]:
            raise ValueError(f"Images of a pool have one size, not {tuple(input_shape[1:])}.")
        options = {"trainable": False, "initializer": "zeros"}
        shape = (self.size, *input_shape[1:])
        self.images = self.add_weight(shape=shape, dtype="float32", name="images", **options)
        self.count = self.add_weight(shape=(), dtype="int32", name="count", **options)
        self.built = True

    def call(self, images, seed):
        """Images for the discriminator.

        Args:
            images: `(batch, *space, channels)`, just made.
            seed: two whole numbers, from which follows which are exchanged.

        Raises:
            ValueError: the batch is larger than the pool.
        """
        message = f"A pool of {self.size} images is smaller than a batch."
        if (images.shape[0] or 0) > self.size:
            raise ValueError(message)
        batch, held = tf.shape(images)[0], self.count.value
        fits = tf.debugging.assert_less_equal(batch, self.size, message)
        with tf.control_dependencies([fits] if fits is not None else []):
            slots = held + tf.range(batch)
        free = slots < self.size
        # Each place once, so that the same pool follows in whatever order they are written.
        indices = tf.argsort(tf.random.stateless_uniform((self.size,), seed))[:batch]
        coins = tf.random.stateless_uniform((batch,), tf.stack(seed) + tf.constant([0, 1])) < 0.5
        indices = tf.where(free, slots, indices)
        stored = tf.gather(self.images.value, indices)
        exchanged, kept = coins & ~free, coins | free
        wide = (-1, *[1] * (len(images.shape) - 1))
        given = tf.where(tf.reshape(exchanged, wide), tf.cast(stored, images.dtype), images)
        now = tf.where(tf.reshape(kept, wide), tf.cast(images, stored.dtype), stored)
        self.images.value.scatter_update(tf.IndexedSlices(now, indices))
        self.count.assign(tf.minimum(self.size, held + batch))
        return given

    def get_config(self) -> dict:
        return super().get_config() | {"size": self.size}
