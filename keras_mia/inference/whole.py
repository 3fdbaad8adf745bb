"""A network's outputs for whole images."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def predict_function(
    model: keras.Model,
) -> Callable[[np.ndarray], np.ndarray | dict[str, np.ndarray]]:
    """A compiled function from images to the outputs of a network, on one device.

    `Model.predict_on_batch` of a model that was built for several devices runs on all of them, and
    returns each output as often as there are devices.

    Args:
        model: from `(batch, *space, channels)` to one output, or to several by their names.

    Returns:
        A function from `(n, *space, channels)` to float arrays `(n, ...)`, by their names where the
        network gives several.

    Example:
        >>> from keras_mia.models import mlp
        >>> predict_function(mlp((4, 4, 1), 3))(np.zeros((2, 4, 4, 1))).shape
        (2, 3)
    """
    shape = (None, *model.input_shape[1:])
    call = tf.function(
        lambda images: model(images, training=False), input_signature=[tf.TensorSpec(shape)]
    )

    def predict(images):
        return tf.nest.map_structure(lambda one: one.numpy(), call(np.asarray(images, np.float32)))

    return predict
