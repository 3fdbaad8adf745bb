"""Copies of functional networks, layer by layer, with all layers in one graph."""

import functools
from collections.abc import Callable

import keras
import numpy as np

from keras_mia.core.keras_internals import run_through


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
