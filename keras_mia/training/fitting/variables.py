"""Variables that Keras makes when they are first used, made before that."""

from typing import Any

import keras
import tensorflow as tf

from keras_mia.layers.network_copies import functional_graph


def overrides_train_step(model: keras.Model) -> bool:
    """Whether a model trains by a `train_step` of its own."""
    return type(model).train_step is not keras.Model.train_step


def build_variables(model: keras.Model, batch: Any) -> None:
    """All variables exist before a step is traced: a strategy cannot create them inside it.

    A model that is no functional network and has a `train_step` of its own makes its variables
    itself, where it is made or compiled.

    Args:
        model: compiled.
        batch: `tf.TensorSpec` in the structure of a batch, as the model's `train_step` takes it.
    """
    if overrides_train_step(model) and not _takes(model, batch):
        return
    zeros = tf.nest.map_structure(lambda one: tf.zeros((1, *one.shape[1:]), one.dtype), batch)
    x, y, _ = keras.utils.unpack_x_y_sample_weight(zeros)
    outputs = model(x)
    if isinstance(y, dict):
        # Keras keeps the mean of each output's loss, made when first met. What the network gives is
        # a truth that each loss takes; zeros are none.
        model.compute_loss(x, outputs, outputs)
    if y is not None:
        model.compute_metrics(x, y, outputs, None)
    model.reset_metrics()


def _takes(model: keras.Model, batch: Any) -> bool:
    """Whether the first part of a batch is what a functional network takes."""
    graph = functional_graph(model)
    if graph is None:
        return False
    x, *_ = keras.utils.unpack_x_y_sample_weight(batch)
    shapes = [[tuple(one.shape[1:]) for one in tf.nest.flatten(of)] for of in (x, graph.input)]
    return shapes[0] == shapes[1]
