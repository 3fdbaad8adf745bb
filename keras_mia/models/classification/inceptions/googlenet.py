"""GoogLeNet.

Szegedy et al. (2014), Going Deeper with Convolutions, arXiv:1409.4842.
"""

from collections.abc import Sequence

import keras

from keras_mia.layers import nd
from keras_mia.layers.nd import space_and_channels
from keras_mia.models.classification.head import head
from keras_mia.models.classification.inceptions.branches import (
    Stage,
    Style,
    check_repeats,
    repeated,
    stage,
    unit,
)
from keras_mia.models.classification.input_checks import check_choice, check_sizes
from keras_mia.models.output_activation import output_activation

# Table 1: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection.
TABLE_1 = (
    ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
)
STEM: Stage = (
    (("conv_half", 7, 64), ("max_half", 3), ("conv", 1, 64), ("conv", 3, 192), ("max_half", 3)),
)
POOL: Stage = ((("max_half", 3),),)
# Modules of the second grid that auxiliary classifiers listen to: (4a) and (4d).
AUXILIARY_AFTER = (1, 4)
# An auxiliary classifier pools windows of 5 voxels of a grid of a 16th of the image.
LEAST_SIZE = 65


def reduced(one: int, reduce_3: int, three: int, reduce_5: int, five: int, pooled: int) -> Stage:
    """The module of figure 2b: convolutions of size 1 before the large kernels."""
    return (
        (("conv", 1, one),),
        (("conv", 1, reduce_3), ("conv", 3, three)),
        (("conv", 1, reduce_5), ("conv", 5, five)),
        (("max", 3), ("conv", 1, pooled)),
    )


def naive(one: int, reduce_3: int, three: int, reduce_5: int, five: int, pooled: int) -> Stage:
    """The module of figure 2a: nothing is reduced or projected."""
    return ((("conv", 1, one),), (("conv", 3, three),), (("conv", 5, five),), (("max", 3),))


MODULES = {"reduced": reduced, "naive": naive}


def googlenet(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    module: str = "reduced",
    repeats: Sequence[int] = (2, 5, 2),
    width: float = 1.0,
    norm: str | None = "batch",
    dropout: float = 0.4,
    auxiliary: bool = False,
    activation: str | None = "softmax",
    name: str = "googlenet",
) -> keras.Model:
    """Nine modules, each of which looks with kernels of 1, 3 and 5 at once.

    Args:
        input_shape: `(*space, channels)` with one, two or three axes of space. A side may be None;
            with auxiliary classifiers each has at least 65 voxels.
        classes: values in the output; 1 goes with `activation="sigmoid"`.
        module: "reduced": fewer feature maps go into the large kernels (figure 2b); "naive": all
            do (figure 2a), which costs far more.
        repeats: number of modules of each of the three grids.
        width: factor of all numbers of feature maps.
        norm: "batch", "instance", "group" or None, after each convolution.
        dropout: share of the features that are dropped in training before the last layer.
        auxiliary: also give the outputs of two classifiers that listen to the first and the fourth
            module of the second grid, so that gradients reach these: a list of three outputs, the
            network's own first, to be trained by `compile(loss=[...], loss_weights=[1, 0.3, 0.3])`.
            `without_auxiliary` takes them off again.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`, or to a list of
        such with `auxiliary`.

    Raises:
        ValueError: a side is too short, or an option has an unknown value.

    Source: Szegedy et al. (2014), arXiv:1409.4842.

    Departs from the paper: convolutions are normalized by default, and there is no local response
    normalization. `norm=None` has the paper's 6,998,552 parameters (224 x 224 x 3, 1000 classes).

    Example:
        >>> model = googlenet((64, 64, 1), 2, width=0.25)
        >>> model.output_shape
        (None, 2)
    """
    input_shape = space_and_channels(input_shape)
    check_choice("module", module, tuple(MODULES))
    check_repeats(repeats)
    if auxiliary:
        check_auxiliary(input_shape[:-1], repeats)
    style = Style(norm, width)

    inputs = keras.Input(input_shape, name="image")
    x = stage(inputs, STEM, style, "stem")
    auxiliaries: list = []
    for i, (rows, number) in enumerate(zip(TABLE_1, repeats, strict=True), start=1):
        if i > 1:
            x = stage(x, POOL, style, f"grid_{i}_pool")
        for j, row in enumerate(repeated(rows, number), start=1):
            x = stage(x, MODULES[module](*row), style, f"grid_{i}_module_{j}")
            if auxiliary and i == 2 and j in AUXILIARY_AFTER:
                head_name = f"auxiliary_{len(auxiliaries) + 1}"
                auxiliaries.append(auxiliary_head(x, classes, activation, style, head_name))
    output = head(x, classes, activation, dropout)
    return keras.Model(inputs, [output, *auxiliaries] if auxiliary else output, name=name)


def auxiliary_head(x, classes: int, activation: str | None, style: Style, name: str):
    """The classifier that listens halfway, as page 6 of the paper lists it."""
    activation = output_activation(classes, activation)
    x = nd.average_pool(x, 5, strides=3, name=f"{name}_mean")
    x = unit(x, 128, 1, style, name)
    x = keras.layers.Flatten(name=f"{name}_flatten")(x)
    width = style.filters(1024)
    x = keras.layers.Dense(width, activation="relu", name=f"{name}_dense")(x)
    x = keras.layers.Dropout(0.7, name=f"{name}_dropout")(x)
    return keras.layers.Dense(classes, activation=activation, dtype="float32", name=name)(x)


def check_auxiliary(space: Sequence[int | None], repeats: Sequence[int]) -> None:
    """Raises a ValueError where auxiliary classifiers have nothing to listen to."""
    if repeats[1] < max(AUXILIARY_AFTER):
        raise ValueError(f"auxiliary=True needs repeats[1] of {max(AUXILIARY_AFTER)} or more.")
    check_sizes(space, LEAST_SIZE, flattened=True, instead=", or auxiliary=False")


def without_auxiliary(model: keras.Model) -> keras.Model:
    """The network as it is used once trained: the first output alone, with the same weights.

    Args:
        model: a network with further outputs, as `googlenet(auxiliary=True)` gives it.

    Returns:
        A model of the first output, which shares its layers with `model`.

    Example:
        >>> model = googlenet((80, 80, 1), 2, width=0.125, auxiliary=True)
        >>> without_auxiliary(model).output_shape
        (None, 2)
    """
    return keras.Model(model.input, model.outputs[0], name=model.name)
