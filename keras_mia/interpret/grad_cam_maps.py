"""Where an image speaks for an output, by the gradient at the last layer that still has space."""

import math
import warnings

import keras
import numpy as np

from keras_mia.core.keras_internals import calls_of
from keras_mia.layers.network_copies import clone_layers

SQUASHING = ("Softmax", "Sigmoid")
"""Layers that do nothing but make probabilities of logits."""


def grad_cam(
    model: keras.Model,
    images: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray | None:
    """Grad-CAM maps of what speaks for an output, at the last layer that still has space.

    The gradient is that of the logit: a probability near 1 has hardly any. Networks inside the
    network and mixed precision are dealt with by a flat copy in float32.

    Args:
        model: a functional network with one input and one output `(batch, outputs)`.
        images: `(n, *space, channels)`, as the network takes them, in 2D or 3D.
        weights: `(n, outputs)`, how much each output's logit counts: 1 for the one that is asked
            about and 0 for the others; -1 for what speaks against it; of a coarse class the shares
            of its fine ones.

    Returns:
        `(n, *space)` float32, each map from 0 to 1 (all 0 where nothing speaks for it); None where
        no layer has a map, as in a network without convolutions.

    Raises:
        ValueError: images do not fit the network, or weights do not fit both.

    Source: Selvaraju et al. (2017), Grad-CAM, arXiv:1610.02391; computed by tf-keras-vis.

    Departs from the paper: the last layer with space may be a pooling behind the last convolution.

    Example:
        >>> from keras_mia.models import lenet
        >>> grad_cam(lenet((32, 32, 1), 10), np.random.rand(2, 32, 32, 1), np.eye(10)[[3, 7]]).shape
        (2, 32, 32)
    """
    weights = np.asarray(weights, np.float32)
    if weights.shape != (len(images), model.output.shape[-1]):
        raise ValueError(
            f"Weights {weights.shape} do not fit {len(images)} images and {model.output.shape[-1]} "
            "outputs."
        )
    logit_model = with_logits(model)
    layer = last_map(logit_model)
    if layer is None:
        return None
    import tensorflow as tf
    from tf_keras_vis.gradcam import Gradcam

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # of inputs in a list, which tf-keras-vis makes
        maps = Gradcam(logit_model)(
            lambda outputs: tf.reduce_sum(outputs * weights, axis=-1),
            np.asarray(images, np.float32),
            penultimate_layer=layer,
            seek_penultimate_conv_layer=False,
        )
    return np.asarray(maps, np.float32)


def last_map(model: keras.Model) -> keras.Layer | None:
    """The last layer that gives a map: several positions, and a convolution before or in it.

    Args:
        model: a functional network without networks inside it.

    Returns:
        The layer; None where none has a map.

    Example:
        >>> from keras_mia.models import lenet, mlp
        >>> last_map(lenet((32, 32, 1), 10)).name, last_map(mlp((8, 8, 1), 2))
        ('pool_2', None)
    """
    last, convolved = None, False
    axes = len(model.inputs[0].shape)
    for layer in model.layers:
        convolved = convolved or any(len(weight.shape) == axes for weight in layer.weights)
        shape = getattr(layer.output, "shape", ())
        if (
            convolved
            and len(shape) == axes
            and math.prod(length or 2 for length in shape[1:-1]) > 1
        ):
            last = layer
    return last


def with_logits(model: keras.Model) -> keras.Model:
    """A flat copy in float32 that gives logits where `model` gives probabilities."""
    (last,) = (call.layer for call in calls_of(model) if call.outputs[0] is model.outputs[0])
    if type(last).__name__ in SQUASHING:
        return with_logits(keras.Model(model.inputs, last.input))

    def twin(layer):
        config = layer.get_config()
        if "dtype" in config:
            config["dtype"] = "float32"
        if layer is last and "activation" in config:
            config["activation"] = "linear"
        return type(layer).from_config(config)

    return clone_layers(model, twin)
