"""On what a network is trained."""

import tensorflow as tf


def strategy() -> tf.distribute.Strategy:
    """The `tf.distribute` strategy for this machine.

    Returns:
        `MirroredStrategy` over two or more GPUs, TensorFlow's default strategy otherwise. A model
        is built within its `scope()`.
    """
    if len(tf.config.list_logical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()
