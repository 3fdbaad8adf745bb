"""What the layers of a network give of an image, in a copy of it that stays as it is."""

import base64
import io
from collections.abc import Sequence

import keras
import numpy as np

from keras_mia.core.keras_internals import Call, calls_of
from keras_mia.layers.network_copies import clone_layers, functional_graph

OUTPUTS = "outputs"
"""In place of layers: the maps that the network itself gives."""
USUAL_SIZE = 64
"""Where a network leaves the size of images open."""
HALVED = 1.5
"""From which ratio of sides on a layer counts as one that halves: 13 become 7."""
ACTIVATIONS = (*(keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, keras.layers.ELU),)
SCALES = (1, 2, 4, 8)
"""Voxels of the blocks of which noise is made."""
IMAGES = 4


def feature_network(network: keras.Model, layers: Sequence[str] | str | None) -> keras.Model:
    """A copy of the part of a network that leads to some of its layers, in float32, frozen.

    Args:
        network: functional or sequential, from images `(batch, *space, channels)`.
        layers: their names, or kinds such as "MaxPooling2D"; "outputs": the network's own; None:
            the last activation before each halving, and the last one of all.

    Returns:
        A functional network from images to a list of maps.

    Raises:
        ValueError: the network takes no images, there is no such layer, or it gives no maps.
    """
    graph = functional_graph(network)
    if graph is None or len(graph.inputs) != 1 or len(graph.inputs[0].shape) < 3:
        raise ValueError(
            f"{getattr(network, 'name', network)} is no functional or sequential network of images."
        )
    *space, channels = graph.inputs[0].shape[1:]
    image = keras.Input((*(size or USUAL_SIZE for size in space), channels), dtype="float32")
    copy = clone_layers(graph, _twins(), image)
    maps = copy.outputs if layers == OUTPUTS else _chosen(copy, layers)
    flat = [one.shape for one in maps if len(one.shape) != len(image.shape)]
    if flat:
        raise ValueError(f"Features are maps; a layer of {copy.name} gives {flat[0]}.")
    made = keras.Model(copy.inputs[0], list(maps), name=f"{copy.name}_features")
    made.trainable = False
    return made


def _twins():
    """A function from a layer to its copy in float32, with a name that no other one has."""
    names = set()

    def twin(layer):
        if not isinstance(layer, keras.Layer):
            return layer
        config = layer.get_config()
        name = config.get("name", layer.name)
        number = 1
        while config.get("name") in names:
            number += 1
            config["name"] = f"{name}_{number}"
        names.add(config.get("name", name))
        return type(layer).from_config(config | ({"dtype": "float32"} if "dtype" in config else {}))

    return twin


def _chosen(network: keras.Model, layers: Sequence[str] | str | None) -> list:
    """The maps of a flat network that are compared."""
    calls = calls_of(network)
    if layers is None:
        return _activations(calls, len(network.inputs[0].shape))
    names = [layers] if isinstance(layers, str) else list(layers)
    present = [{one.layer.name, type(one.layer).__name__} for one in calls]
    missing = [name for name in names if not any(name in each for each in present)]
    if missing or not names:
        raise ValueError(
            f"{network.name} has no layer {', '.join(missing) or 'without a name'}; it has"
            f" {', '.join(one.layer.name for one in calls)}."
        )
    pairs = zip(calls, present, strict=True)
    return [tensor for one, each in pairs if each & set(names) for tensor in one.outputs]


def _activations(calls: Sequence[Call], axes: int) -> list:
    """The last activation at each size, sizes counted by how often they were halved."""
    levels: dict[int, int] = {}
    last: dict[int, keras.KerasTensor] = {}
    for call in calls:
        (output, *_), sources = call.outputs, [one for one in call.inputs if _is_map(one, axes)]
        if not _is_map(output, axes):
            continue
        level = max((levels.get(id(one), 0) for one in sources), default=0)
        level += any(one.shape[1] / output.shape[1] >= HALVED for one in sources)
        levels[id(output)] = level
        if _is_activation(call.layer):
            last[level] = output
    if not last:
        raise ValueError("The network has no activation that gives maps: name layers.")
    return [last[level] for level in sorted(last)]


def _is_map(tensor, axes: int) -> bool:
    """Whether it has axes of space, and not one voxel alone."""
    return len(tensor.shape) == axes and any(size != 1 for size in tensor.shape[1:-1])


def _is_activation(layer: keras.Operation) -> bool:
    function = getattr(layer, "activation", None)
    if function is not None:
        return function is not keras.activations.linear
    name = type(layer).__name__.lower()
    is_function = not isinstance(layer, keras.Layer) and hasattr(keras.activations, name)
    return is_function or isinstance(layer, ACTIVATIONS)


def noise(shape: Sequence[int], values: tuple[float, float]) -> np.ndarray:
    """Images of no content, coarse and fine, always the same.

    Args:
        shape: `(*space, channels)`.
        values: from the lowest to the highest, about: two standard deviations about the mean.

    Returns:
        `(4, *shape)` float32.

    Example:
        >>> round(float(noise((8, 8, 1), (-2.0, 2.0)).std()), 1)
        1.0
    """
    random, (*space, channels) = np.random.default_rng(0), shape
    total = np.zeros((IMAGES, *shape))
    for scale in SCALES:
        coarse = random.normal(size=(IMAGES, *(-(-size // scale) for size in space), channels))
        for axis, size in enumerate(space, start=1):
            coarse = coarse.repeat(scale, axis).take(range(size), axis)
        total += coarse
    low, high = values
    return ((low + high) / 2 + (high - low) / 4 * total / total.std()).astype(np.float32)


def packed(network: keras.Model) -> str:
    """The weights of a network as text.

    Args:
        network: any.
    """
    with io.BytesIO() as file:
        np.savez(file, *network.get_weights())
        return base64.b64encode(file.getvalue()).decode()


def unpacked(text: str) -> list[np.ndarray]:
    """The weights that `packed` made a text of.

    Args:
        text: of them.
    """
    with io.BytesIO(base64.b64decode(text)) as file, np.load(file, allow_pickle=False) as arrays:
        return [arrays[f"arr_{number}"] for number in range(len(arrays.files))]
