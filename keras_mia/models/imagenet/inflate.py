"""Networks for images made into networks for volumes.

Carreira and Zisserman (2017), Quo Vadis, Action Recognition? A New Model and the Kinetics Dataset,
arXiv:1705.07750.
"""

from collections.abc import Sequence

import keras

from keras_mia.core.problem import Problem
from keras_mia.layers.network_copies import clone_layers
from keras_mia.models.copying import fused_clone

# Layers for images with a twin for volumes, and which of their settings have a number an axis.
SIZES = {
    "Conv2D": ("kernel_size", "strides", "dilation_rate"),
    "StridedPointwiseConv2D": ("kernel_size", "strides", "dilation_rate"),
    "MaxPooling2D": ("pool_size", "strides"),
    "AveragePooling2D": ("pool_size", "strides"),
    "ZeroPadding2D": ("padding",),
    "Cropping2D": ("cropping",),
    "SpatialDropout2D": (),
    "GlobalAveragePooling2D": (),
    "GlobalMaxPooling2D": (),
}
# Layers that serve any rank.
ANY_RANK = (
    "Activation",
    "Add",
    "Average",
    "BatchNormalization",
    "Concatenate",
    "CustomScaleLayer",
    "Dense",
    "Dropout",
    "ELU",
    "LeakyReLU",
    "Maximum",
    "Multiply",
    "ReLU",
    "Rescaling",
    "Softmax",
    "TakeChannels",
)


def inflate(model: keras.Model, input_shape: Sequence[int | None]) -> keras.Model:
    """A network for images, weights included, as one for volumes.

    The third axis of space is the new one: a slice `[:, :, k]` of a volume is what the network saw
    as an image. A kernel is repeated along it as often as it is wide and divided by that number,
    so a volume of equal slices gives the maps of one slice, except near the new axis' ends where a
    layer pads with zeros. A kernel of 1x7 or 7x1 stays one voxel thick.

    Args:
        model: a flat functional network of layers for images, as `pretrained` gives it.
        input_shape: `(*space, channels)` of the volumes, with three axes of space.

    Returns:
        A model from `(batch, *space, channels)` to what `model` gives, with the same layer names.

    Raises:
        Problem: a layer has no twin for volumes (depthwise, separable and grouped convolutions;
            flattened maps), or the volume is too small for the network.

    Source: Carreira and Zisserman (2017), arXiv:1705.07750.

    Example:
        >>> inputs = keras.Input((32, 32, 1))
        >>> outputs = keras.layers.Conv2D(8, 3, name="conv")(inputs)
        >>> inflate(keras.Model(inputs, outputs), (32, 32, 16, 1)).output_shape
        (None, 30, 30, 14, 8)
    """
    before, after = model.inputs[0].shape, tuple(input_shape)
    if len(before) != 4 or len(after) != 4 or before[-1] != after[-1]:
        raise Problem(
            f"A network for images of shape {before[1:]} cannot be made one for {after}.",
            model.name,
            f"Give (x, y, z, {before[-1]}).",
        )
    inputs = keras.Input(after, name=model.layers[0].name)
    try:
        return clone_layers(
            model, for_volumes, [inputs] if isinstance(model.input, list) else inputs
        )
    except ValueError as error:
        lengths = [length for length in after[:2] if length is not None]
        raise Problem(
            f"A volume of {after[:-1]} is too small for the network: {error}",
            model.name,
            f"Enlarge its third axis: {min(lengths)} voxels fit." if lengths else "Enlarge it.",
        ) from error


def for_volumes(layer):
    """The layer's twin for volumes."""
    kind, config = type(layer).__name__, layer.get_config()
    if kind in ANY_RANK:
        if isinstance(config.get("axis"), int) and config["axis"] > 0:
            config["axis"] += 1
        return fused_clone(layer, config)
    if kind not in SIZES or config.get("groups", 1) != 1:
        raise Problem(
            f"{kind} has no twin for volumes.", layer.name, "Take VGG, ResNet, DenseNet, Inception."
        )
    for setting in SIZES[kind]:
        config[setting] = with_third(config[setting])
    twin = kind.removeprefix("StridedPointwise").replace("2D", "3D")
    return getattr(keras.layers, twin).from_config(config)


def with_third(sizes: Sequence) -> tuple:
    """A size for the new axis: that of the others where these are equal, else none at all.

    Example:
        >>> with_third((3, 3)), with_third((1, 7)), with_third(((1, 1), (1, 1)))
        ((3, 3, 3), (1, 7, 1), ((1, 1), (1, 1), (1, 1)))
    """
    first, second = (tuple(size) if isinstance(size, list) else size for size in sizes)
    nothing = 1 if isinstance(first, int) else (0, 0)
    return first, second, first if first == second else nothing
