"""Networks that know photographs already, to go on with medical images."""

import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import keras

from keras_mia.core.problem import Problem
from keras_mia.models.classification.head import head
from keras_mia.models.copying import flatten_network
from keras_mia.models.imagenet.inflate import inflate
from keras_mia.models.imagenet.networks import scaled, without_top
from keras_mia.models.imagenet.saved import fill, saved_layers
from keras_mia.models.imagenet.table import NETWORKS, find

COPIES = 4
"""How often weights are made at most: by Keras, to be read from a file, in one flat graph, and for
volumes."""


def pretrained(
    name: str,
    input_shape: Sequence[int | None],
    classes: int,
    *,
    weights: str | Path | None = "imagenet",
    gray: str = "repeat",
    dropout: float = 0.0,
    activation: str | None = "softmax",
    **options,
) -> keras.Model:
    """A network of `keras.applications` with a new last layer, in one flat graph.

    All its layers lie in the model itself, none in a model inside it, so that each can be frozen,
    drawn and explained by its name. The scaling of the pixels is part of it.

    Args:
        name: the network, in any case: "VGG16", "resnet50", "EfficientNetV2S", ...; a wrong one
            raises a `Problem` that lists all.
        input_shape: `(*space, channels)` of values from 0 to 255; channels are 1 (gray) or 3 (RGB).
            For volumes the network is inflated, see `inflate`.
        classes: values in the output; 1 goes with `activation="sigmoid"`.
        weights: "imagenet", which Keras downloads once; a file (an `.h5` of Keras applications with
            or without its last layers, a `.keras`, a `.weights.h5`); or None for random ones.
        gray: what becomes of one gray channel. "repeat": it is taken for red, green and blue;
            "sum": the kernels of the first layer are summed over color, which gives the same and
            costs a third of the first layer, or two thirds where colors are scaled differently.
        dropout: share of the features that are dropped in training before the last layer.
        activation: "softmax", "sigmoid", or None for logits.
        **options: the network's own: `alpha` of the MobileNets, `depth_multiplier` of MobileNet,
            `minimalistic` of MobileNetV3.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        Problem: there is no such network, its weights cannot be had or do not fit, or the image is
            too small for it.
        TypeError: the network has no such option.

    Source: Keras applications, https://keras.io/api/applications.

    Example:
        >>> model = pretrained("MobileNetV2", (96, 96, 1), 2, weights=None, alpha=0.35)
        >>> model.get_layer("head").output.shape
        (None, 2)
    """
    name = find(name)
    network = NETWORKS[name]
    for option in options:
        if option not in network.options:
            raise TypeError(f"{name} has no option {option!r}; it has {list(network.options)}.")
    check(name, input_shape, gray)
    make = partial(without_top, name, **options)

    plane = tuple(input_shape[:2])
    inputs = keras.Input((*plane, input_shape[-1]), name="image")
    x = scaled(inputs, network.scaling, gray)
    try:
        with warnings.catch_warnings():
            # Two channels are a gray one and ones, see `Scaling.of_gray`.
            warnings.filterwarnings("ignore", "This model usually expects 1 or 3 input channels")
            body = make(input_tensor=x, input_shape=(*plane, x.shape[-1]), weights=None)
        if weights is not None:
            rgb = partial(make, input_shape=(network.size, network.size, 3))
            fill(body, saved_layers(weights, rgb), weights, network.scaling)
    except ValueError as error:
        raise Problem(
            f"Keras refuses: {error}", name, "Enlarge the image, or change the options."
        ) from error
    model = keras.Model(inputs, head(body.output, classes, activation, dropout), name=name.lower())
    model = flatten_network(model)
    return model if len(input_shape) == 3 else inflate(model, input_shape)


def check(name: str, input_shape: Sequence[int | None], gray: str) -> None:
    """Raises where the image is none of the kinds that networks of photographs can take."""
    if gray not in ("repeat", "sum"):
        raise ValueError(f"gray is one of ('repeat', 'sum'), not {gray!r}.")
    if len(input_shape) not in (3, 4) or input_shape[-1] not in (1, 3):
        raise Problem(
            f"{name} takes images or volumes of 1 or 3 channels, not {tuple(input_shape)}.",
            "input_shape",
            "Give (rows, columns, channels) or (x, y, z, channels).",
        )
    plane, least = input_shape[:2], NETWORKS[name].least
    if any(length is not None and length < least for length in plane):
        raise Problem(
            f"The sides of an image are at least {least} for this network, not"
            f" {' x '.join(map(str, plane))}.",
            name,
            f"Enlarge the image (--size {least}), or take another network.",
        )
