"""Weights out of files: those that Keras publishes, and those of one's own runs."""

import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.models.copying import layers_with_weights
from keras_mia.models.imagenet.table import Scaling

# The arrays of one layer after the other, each with the layer's name.
Saved = list[tuple[str, list[np.ndarray]]]
FORMATS = "an .h5 of Keras applications, a .keras or a .weights.h5"


def saved_layers(weights: str | Path, network: Callable[..., keras.Model]) -> Saved:
    """What `weights` holds, in the order of the network's layers.

    Args:
        weights: "imagenet", or a file.
        network: makes the network, for "imagenet" with its weights.

    Raises:
        Problem: the weights are not to be had.
    """
    if weights == "imagenet":
        return arrays_of(downloaded(network))
    path = Path(weights)
    if not path.is_file():
        raise Problem("There is no such file of weights.", path, f"Give {FORMATS}.")
    try:
        if path.suffix == ".keras":
            return arrays_of(keras.saving.load_model(path, compile=False))
        if path.name.endswith(".weights.h5"):
            return arrays_of(restored(network(weights=None), path))
        with h5py.File(path) as file:
            return published(file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error).strip().splitlines()
        raise Problem(
            f"The weights cannot be read: {reason[0] if reason else type(error).__name__}",
            path,
            f"Check that the file is whole and of this network. It is {FORMATS}.",
        ) from error


def downloaded(network: Callable[..., keras.Model]) -> keras.Model:
    """The network with the weights that Keras downloads, or has downloaded before."""
    try:
        return network(weights="imagenet")
    except ValueError:
        raise
    except Exception as error:  # Keras raises no narrower class.
        url = re.search(r"https?://\S+?\.h5", str(error))
        if url is None:
            raise
        file = url[0].rsplit("/", 1)[1]
        folder = os.path.join(os.environ.get("KERAS_HOME", "~/.keras"), "models")
        raise Problem(
            f"The ImageNet weights could not be downloaded: {error}",
            url[0],
            f"Fetch {file} where there is a network, and either put it into {folder} or "
            f'give it as weights="PATH/{file}" (--weights PATH/{file}).',
        ) from error


def restored(model: keras.Model, path: Path) -> keras.Model:
    """The model with the weights that Keras saved of it, or of one that begins with it."""
    with warnings.catch_warnings():
        # Keras says of the lists in which a model keeps its layers that they hold no weights.
        warnings.filterwarnings("ignore", "Skipping nested container")
        model.load_weights(path)
    return model


def arrays_of(model: keras.Model) -> Saved:
    """A network's own weights."""
    return [(layer.name, layer.get_weights()) for layer in layers_with_weights(model)]


def published(file: h5py.File) -> Saved:
    """Weights in the layout of Keras applications, of a whole saved model too.

    A network inside the network has all its weights at one place, the trainable ones first; their
    names tell which layer each belongs to.
    """
    group = file.get("model_weights", file)
    layers: dict[tuple[str, str], list[np.ndarray]] = {}
    for name in names(group, "layer_names"):
        for weight in names(group[name], "weight_names"):
            layer = weight.rpartition("/")[0]
            layers.setdefault((name, layer), []).append(np.array(group[name][weight]))
    return [(layer or name, arrays) for (name, layer), arrays in layers.items()]


def names(group: h5py.Group, kind: str) -> list[str]:
    """A list of names; a long one is stored in numbered parts."""
    parts = [group.attrs[kind]] if kind in group.attrs else []
    while f"{kind}{len(parts)}" in group.attrs:
        parts.append(group.attrs[f"{kind}{len(parts)}"])
    if not parts:
        raise KeyError(f"it has no {kind}")
    return [n.decode() if isinstance(n, bytes) else n for part in parts for n in part]


def fill(network: keras.Model, saved: Saved, where: object, scaling: Scaling) -> None:
    """Gives the network's layers the saved weights; those of layers behind its last are left.

    Args:
        network: to be filled.
        saved: as `saved_layers` gives it.
        where: the weights are from, for messages.
        scaling: of the colors, by which kernels for RGB become those of a network for gray images.

    Raises:
        Problem: a layer does not fit.
    """
    layers = layers_with_weights(network)
    remedy = "Give weights of the same network; its options (alpha, ...) have to be the same too."
    if len(saved) < len(layers):
        raise Problem(
            f"The file has weights of {len(saved)} layers, {network.name} needs {len(layers)}.",
            where,
            remedy,
        )
    for i, (layer, (name, arrays)) in enumerate(zip(layers, saved, strict=False)):
        needed = [tuple(weight.shape) for weight in layer.weights]
        if i == 0 and needed[0][-2] < 3 and arrays[0].ndim == 4 and arrays[0].shape[-2] == 3:
            arrays = [scaling.for_gray(arrays[0]), *arrays[1:]]
        shapes = [array.shape for array in arrays]
        if shapes != needed:
            raise Problem(
                f"Layer {layer.name} needs weights of {needed}, the file has {shapes} ({name}).",
                where,
                remedy,
            )
        layer.set_weights(arrays)
