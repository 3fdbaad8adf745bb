"""Keras' own normalization layers, with TensorFlow's fused kernel underneath.

Same arguments, weights and results as the layers of Keras that they derive from; only `call`
differs. On TensorFlow, Keras computes moments and scaling as separate operations, which take half
of a training step on a CPU; the fused kernel reads each tensor once, in bfloat16 too, with float32
statistics. What the kernel does not do (another axis, float64, a smaller epsilon) is computed by
the formula, since second-order gradients through Keras' own layers are wrong on TensorFlow, see
`fused`. A mask, moments that replicas share, and any other backend go Keras' own way, which is
right there; so does `renorm`, whose second order is not.
"""

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    from keras_mia.layers import fused
else:
    fused = None  # type: ignore[assignment]


@keras.saving.register_keras_serializable("keras_mia")
class BatchNormalization(keras.layers.BatchNormalization):
    """Normalizes each channel over the batch and space; takes the arguments of Keras' own.

    With `synchronized=True` the replicas of a strategy share their moments.

    Example:
        >>> import numpy as np
        >>> layer = BatchNormalization()
        >>> layer(np.ones((2, 8, 8, 4), "float32"), training=True).shape
        TensorShape([2, 8, 8, 4])

    Source: Ioffe and Szegedy (2015), arXiv:1502.03167.
    """

    def call(self, inputs, training=None, mask=None):
        fuses, learns = can_fuse(self, inputs), training and self.trainable
        if self._falls_to_keras(mask) or not (fuses or learns):
            return super().call(inputs, training=training, mask=mask)
        if fuses:
            gamma, beta = scale_and_offset(self, inputs.shape[-1])
            if not learns:
                mean, variance = self.moving_mean.value, self.moving_variance.value
                return fused.frozen_norm(inputs, gamma, beta, mean, variance, self.epsilon)
            outputs, mean, variance = fused.batch_norm(inputs, gamma, beta, self.epsilon)
        else:
            outputs, mean, variance = fused.plain_batch_norm(
                inputs, self.gamma, self.beta, self.epsilon, self.axis
            )
        for moving, current in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + current * (1.0 - self.momentum))
        return tf.cast(outputs, self.compute_dtype)

    def _falls_to_keras(self, mask) -> bool:
        if fused is None or mask is not None or self.renorm:
            return True
        return self.synchronized and tf.distribute.get_strategy().num_replicas_in_sync > 1


@keras.saving.register_keras_serializable("keras_mia")
class GroupNormalization(keras.layers.GroupNormalization):
    """Normalizes groups of channels of each image over space; takes the arguments of Keras' own.

    Example:
        >>> import numpy as np
        >>> GroupNormalization(groups=2)(np.ones((2, 8, 8, 8, 4), "float32")).shape
        TensorShape([2, 8, 8, 8, 4])

    Source: Wu and He (2018), arXiv:1803.08494.
    """

    def call(self, inputs):
        if fused is None:
            return super().call(inputs)
        if can_fuse(self, inputs):
            outputs = self._fused(inputs)
        else:
            outputs = fused.plain_group_norm(
                inputs, self.gamma, self.beta, self.epsilon, self.groups, self.axis
            )
        return tf.cast(outputs, self.compute_dtype)

    def _fused(self, inputs):
        channels = inputs.shape[-1]
        gamma, beta = scale_and_offset(self, channels)
        if self.groups == channels:
            return fused.instance_norm(inputs, gamma, beta, self.epsilon)
        return fused.group_norm(inputs, gamma, beta, self.epsilon, self.groups)


@keras.saving.register_keras_serializable("keras_mia")
class InstanceNormalization(GroupNormalization):
    """Normalizes each channel of each image over space.

    Args:
        epsilon: added to the variance.
        **options: those of `keras.layers.GroupNormalization` but `groups`.

    Example:
        >>> import numpy as np
        >>> InstanceNormalization()(np.ones((2, 8, 8, 4), "float32")).shape
        TensorShape([2, 8, 8, 4])

    Source: Ulyanov et al. (2016), arXiv:1607.08022.
    """

    def __init__(self, epsilon: float = 1e-3, **options):
        if "groups" in options:
            raise TypeError("InstanceNormalization has one group a channel: `groups` is not taken.")
        super().__init__(groups=-1, epsilon=epsilon, **options)

    def get_config(self) -> dict:
        return {key: value for key, value in super().get_config().items() if key != "groups"}


def can_fuse(layer, inputs) -> bool:
    """Whether the kernel gives what the formula would."""
    return (
        fused is not None
        and layer.axis in (-1, len(inputs.shape) - 1)
        and layer.epsilon >= fused.LEAST_EPSILON
        and inputs.dtype in fused.DTYPES
    )


def scale_and_offset(layer, channels: int):
    """The layer's weights in float32, or ones and zeros where it has none."""
    gamma = tf.ones(channels) if layer.gamma is None else tf.cast(layer.gamma, "float32")
    beta = tf.zeros(channels) if layer.beta is None else tf.cast(layer.beta, "float32")
    return gamma, beta
