"""Copies of functional networks, layer by layer, with all layers in one graph."""

import functools
import re
from collections import Counter
from collections.abc import Callable

import keras
import numpy as np

from keras_mia.core.keras_internals import inner_layers, run_through
from keras_mia.layers.normalization import BatchNormalization


def clone_layers(
    model: keras.Model, twin: Callable[[keras.Layer], keras.Layer], inputs=None
) -> keras.Model:
    """A network of the layers that `twin` makes of those of `model`, with their weights.

    Layers of networks inside the network become layers of the network itself.

    Args:
        model: a functional network.
        twin: a function of a layer that returns the new one.
        inputs: the new input; None: as that of `model`.
    """
    pairs: list[tuple] = []

    @functools.cache
    def clone(layer):
        if functional_graph(layer):
            return layer
        new = twin(layer)
        pairs.append((layer, new))
        return new

    def call(layer, *args, **options):
        graph = functional_graph(layer)
        if graph is None:
            return layer(*args, **options)
        return run_through(graph, args, clone, call)

    new = rebuild(model, clone, call, inputs)
    for old_layer, new_layer in pairs:
        if getattr(old_layer, "weights", None):
            arrays = zip(old_layer.get_weights(), new_layer.weights, strict=True)
            new_layer.set_weights([inflate_kernel(array, weight.shape) for array, weight in arrays])
    return new


def rebuild(model: keras.Model, layer: Callable, call: Callable, inputs=None) -> keras.Model:
    """A network in the same graph of other layers, or of the same ones called in another way.

    Args:
        model: functional or sequential.
        layer: from a layer of the network to the one that takes its place.
        call: from that layer and its arguments to its outputs.
        inputs: the new input; None: as that of `model`.

    Returns:
        The network, not compiled.
    """
    graph = functional_graph(model)
    assert graph is not None, f"{model.name} has no graph"
    if inputs is None:
        inputs = keras.tree.map_structure(
            lambda one: keras.Input(batch_shape=one.shape, dtype=one.dtype, name=one.name),
            graph.input,
        )
    # One that is called twice is one layer in the new network too.
    outputs = run_through(graph, inputs, functools.cache(layer), call)
    return keras.Model(inputs, outputs, name=model.name)


def functional_graph(layer: keras.Layer) -> keras.Model | None:
    """The functional network that a layer is, or that a sequential one amounts to; None: it is
    no network, or has no graph (yet)."""
    if isinstance(layer, keras.Sequential):
        try:
            inputs, outputs = layer.inputs, layer.outputs
        except AttributeError:  # not built yet
            return None
        single = len(outputs) == 1
        return keras.Model(inputs[0], outputs[0] if single else outputs, name=layer.name)
    return layer if isinstance(layer, keras.Function) else None


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


def inflate_kernel(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A kernel repeated along a third axis of space and divided by its length there.

    Anything else stays as it is. Source: Carreira and Zisserman (2017), arXiv:1705.07750.

    Example:
        >>> inflate_kernel(np.ones((3, 3, 1, 8)), (3, 3, 3, 1, 8))[0, 0, :, 0, 0].round(2).tolist()
        [0.33, 0.33, 0.33]
    """
    if array.ndim == len(shape):
        return array
    return np.repeat(array[:, :, None], shape[2], axis=2) / shape[2]


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
