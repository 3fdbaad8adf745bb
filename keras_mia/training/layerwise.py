"""Pretraining layer by layer: how deep networks were made to learn before rectified units."""

import keras
import numpy as np
import tensorflow as tf

from keras_mia.core.problem import Problem
from keras_mia.models.copying import layers_with_weights


def pretrain_layers(
    model: keras.Model,
    dataset,
    *,
    epochs: int = 10,
    batch_size: int = 32,
    learning_rate: float = 1e-2,
) -> list[float]:
    """Trains each hidden dense layer as the encoder of an autoencoder, the first one first.

    Each layer, with the activation behind it, learns to make from what the layers before it give a
    code from which a linear decoder makes the same again, centred and scaled; the decoder is thrown
    away. It needs no targets. Fine-tuning, `model.fit`, comes afterwards.

    Args:
        model: a functional network with dense layers one behind the other, as `mlp` has them; it is
            changed in place. The last dense layer is left as it is.
        dataset: images `(n, *space, channels)`, or a finite `tf.data.Dataset` of batches of images,
            or of images and targets; what each layer takes of them is held in memory.
        epochs: of each layer, of a hundred steps or more; codes collapse where there are too few.
        batch_size: of each layer's training.
        learning_rate: of Adam.

    Returns:
        The mean squared error of each layer's autoencoder at its end, as a share of the variance of
        what it takes: 1 is no better than the mean.

    Raises:
        Problem: the network has no hidden dense layer, or some are in a network inside it.

    Source: Hinton and Salakhutdinov (2006), doi:10.1126/science.1127647; Bengio et al. (2006),
    Greedy Layer-Wise Training of Deep Networks,
    https://papers.nips.cc/paper/2006/hash/5da713a690c067105aeb2fae32403405-Abstract.html.

    Departs from the paper: autoencoders by themselves, not Boltzmann machines that initialize one,
    decoders with weights of their own, and what they are to make is scaled.

    Example:
        >>> from keras_mia.models import mlp
        >>> model = mlp((4, 4, 1), 2, units=(8, 8), nonlinearity="sigmoid")
        >>> len(pretrain_layers(model, np.random.rand(64, 4, 4, 1), epochs=1))
        2
    """
    nested = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    if any(
        isinstance(layer, keras.layers.Dense)
        for one in nested
        for layer in layers_with_weights(one)
    ):
        raise Problem(
            "Dense layers of a network inside the network cannot be pretrained one by one.",
            f"{model.name}, {nested[0].name}",
            "Build it with all layers in one network, as mlp does.",
        )
    hidden = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)][:-1]
    if not hidden:
        raise Problem(
            "The network has no hidden dense layer to pretrain.", model.name, "Give one, as mlp."
        )
    images = _images(dataset)
    errors = []
    for layer in hidden:
        below = keras.Model(model.inputs, layer.input)
        inputs = below.predict(images, batch_size=batch_size, verbose=0)
        inputs = np.asarray(inputs, np.float32)
        encoder = keras.Model(layer.input, _activated(model, layer))
        decoded = keras.layers.Dense(inputs.shape[-1], dtype="float32")(encoder.output)
        autoencoder = keras.Model(encoder.input, decoded)
        autoencoder.compile(keras.optimizers.Adam(learning_rate), loss="mse", jit_compile=False)
        # Of variance 1: codes of codes would become ever smaller otherwise, and so would gradients.
        spread = float(np.sqrt(inputs.var(axis=0).mean()))
        target = (inputs - inputs.mean(axis=0)) / max(spread, 1e-6)
        history = autoencoder.fit(inputs, target, epochs=epochs, batch_size=batch_size, verbose=0)
        errors.append(float(history.history["loss"][-1]))
    return errors


def _images(dataset) -> np.ndarray:
    if not isinstance(dataset, tf.data.Dataset):
        return np.asarray(dataset)
    parts = (batch[0] if isinstance(batch, tuple) else batch for batch in dataset)
    return np.concatenate([np.asarray(part) for part in parts])


def _activated(model: keras.Model, layer: keras.Layer):
    """What a layer gives, with the activation behind it where that is a layer of its own."""
    kinds = (keras.layers.Activation, keras.layers.ReLU, keras.layers.LeakyReLU)
    for after in model.layers:
        if isinstance(after, kinds) and after.input is layer.output:
            return after.output
    return layer.output
