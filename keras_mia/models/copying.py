"""Networks in one flat graph with fused normalization, and the layers of nested ones."""

import re
from collections import Counter

import keras

from keras_mia.core.keras_internals import inner_layers
from keras_mia.layers.network_copies import clone_layers
from keras_mia.layers.normalization import BatchNormalization


def flatten_network(model: keras.Model) -> keras.Model:
    """A copy of `model` without networks inside the network, and with fused normalization.

    Layers that Keras named by a counter of all layers ever made are counted anew, so that names do
    not depend on what was built before.
    """
    counts: Counter[str] = Counter()

    def twin(layer):
        config = layer.get_config()
        kind = re.sub(r"_\d+$", "", layer.name)
        if kind.replace("_", "") == type(layer).__name__.lower() and "name" in config:
            counts[kind] += 1
            config["name"] = f"{kind}_{counts[kind]}"
        return fused_clone(layer, config)

    return clone_layers(model, twin)


def fused_clone(layer, config: dict):
    """A layer of the same kind; batch normalization is ours, which is faster."""
    kind = BatchNormalization if type(layer) is keras.layers.BatchNormalization else type(layer)
    return kind.from_config(config)


def layers_with_weights(model: keras.Model) -> list[keras.Layer]:
    """All layers with weights, those of networks inside the network too."""
    layers = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            layers += layers_with_weights(layer)
        elif layer.weights:
            layers.append(layer)
    return layers


def every_layer(model: keras.Layer, within: str = "") -> list[tuple[str, keras.Layer]]:
    """All layers, each before the layers inside it, as those of networks, wrappers and blocks.

    Returns:
        Pairs of a path, `network/block/layer`, and a layer; one that is called twice is there
        twice.

    Example:
        >>> trunk = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="dense")])
        >>> trunk.name = "trunk"
        >>> [path for path, _ in every_layer(keras.Sequential([trunk]))]
        ['trunk', 'trunk/dense']
    """
    children = model.layers if isinstance(model, keras.Model) else inner_layers(model)
    layers = []
    for layer in children:
        path = f"{within}{layer.name}"
        layers += [(path, layer), *every_layer(layer, f"{path}/")]
    return layers
