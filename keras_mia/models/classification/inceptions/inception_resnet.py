"""Inception-ResNet v1 and v2.

Szegedy et al. (2016), Inception-v4, Inception-ResNet and the Impact of Residual Connections on
Learning, arXiv:1602.07261.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from keras_mia.layers import nd
from keras_mia.layers.nd import space_and_channels
from keras_mia.models.classification.head import head
from keras_mia.models.classification.inceptions.branches import (
    Stage,
    Style,
    check_repeats,
    check_stages,
    stage,
)
from keras_mia.models.classification.inceptions.inception import STEM_V3
from keras_mia.models.classification.input_checks import check_choice


@dataclass(frozen=True)
class Table:
    """A network: the module of each grid and how often it is repeated, and what lies between.

    Args:
        stem: stages before the first grid.
        modules: branches of the module of each of the three grids.
        scales: share of a module's residual that is added, a grid.
        repeats: number of modules, a grid.
        reductions: stages after the first and the second grid.
        final: feature maps of the convolution after the last module, if there is one.
    """

    stem: tuple[Stage, ...]
    modules: tuple[Stage, ...]
    scales: tuple[float, ...]
    repeats: tuple[int, ...]
    reductions: tuple[Stage, ...]
    final: int | None


# Figures 10 to 14.
V1 = Table(
    stem=(
        (
            (
                ("conv_half", 3, 32),
                ("conv_valid", 3, 32),
                ("conv", 3, 64),
                ("max_half", 3),
                ("conv", 1, 80),
                ("conv_valid", 3, 192),
                ("conv_half", 3, 256),
            ),
        ),
    ),
    modules=(
        (
            (("conv", 1, 32),),
            (("conv", 1, 32), ("conv", 3, 32)),
            (("conv", 1, 32), ("conv", 3, 32), ("conv", 3, 32)),
        ),
        ((("conv", 1, 128),), (("conv", 1, 128), ("conv_axes", 7, 128, 128))),
        ((("conv", 1, 192),), (("conv", 1, 192), ("conv_axes", 3, 192, 192))),
    ),
    scales=(0.17, 0.1, 0.2),
    repeats=(5, 10, 5),
    reductions=(
        (
            (("max_half", 3),),
            (("conv_half", 3, 384),),
            (("conv", 1, 192), ("conv", 3, 192), ("conv_half", 3, 256)),
        ),
        (
            (("max_half", 3),),
            (("conv", 1, 256), ("conv_half", 3, 384)),
            (("conv", 1, 256), ("conv_half", 3, 256)),
            (("conv", 1, 256), ("conv", 3, 256), ("conv_half", 3, 256)),
        ),
    ),
    final=None,
)

# Figures 16 to 19, with the stem and the numbers of the network that the authors published.
V2 = Table(
    stem=(
        STEM_V3,
        (
            (("conv", 1, 96),),
            (("conv", 1, 48), ("conv", 5, 64)),
            (("conv", 1, 64), ("conv", 3, 96), ("conv", 3, 96)),
            (("mean", 3), ("conv", 1, 64)),
        ),
    ),
    modules=(
        (
            (("conv", 1, 32),),
            (("conv", 1, 32), ("conv", 3, 32)),
            (("conv", 1, 32), ("conv", 3, 48), ("conv", 3, 64)),
        ),
        ((("conv", 1, 192),), (("conv", 1, 128), ("conv_axes", 7, 160, 192))),
        ((("conv", 1, 192),), (("conv", 1, 192), ("conv_axes", 3, 224, 256))),
    ),
    scales=(0.17, 0.1, 0.2),
    repeats=(10, 20, 10),
    reductions=(
        (
            (("max_half", 3),),
            (("conv_half", 3, 384),),
            (("conv", 1, 256), ("conv", 3, 256), ("conv_half", 3, 384)),
        ),
        (
            (("max_half", 3),),
            (("conv", 1, 256), ("conv_half", 3, 384)),
            (("conv", 1, 256), ("conv_half", 3, 288)),
            (("conv", 1, 256), ("conv", 3, 288), ("conv_half", 3, 320)),
        ),
    ),
    final=1536,
)
TABLES = {1: V1, 2: V2}


def inception_resnet(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    version: int = 2,
    repeats: Sequence[int] | None = None,
    width: float = 1.0,
    padding: str = "valid",
    norm: str | None = "batch",
    dropout: float = 0.2,
    activation: str | None = "softmax",
    name: str = "inception_resnet",
) -> keras.Model:
    """Inception modules that add a share of what they find to what came in.

    A kernel of 7x7 is one of 1x7 and then one of 7x1; in volumes it is one along each of the three
    axes, in signals just one.

    Args:
        input_shape: `(*space, channels)` with one, two or three axes of space. A side may be None.
        classes: values in the output; 1 goes with `activation="sigmoid"`.
        version: 1, as large as Inception v3, or 2, as large as v4.
        repeats: number of modules of each of the three grids; None: (5, 10, 5) for version 1 and
            (10, 20, 10) for version 2.
        width: factor of all numbers of feature maps.
        padding: "valid": the paper's, where the stem and the reductions are unpadded and a side has
            at least 75 voxels; "same": all are padded, and any side fits.
        norm: "batch", "instance", "group" or None, after each convolution but the last one of a
            module.
        dropout: share of the features that are dropped in training before the last layer.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is too short, or an option has an unknown value.

    Source: Szegedy et al. (2016), arXiv:1602.07261.

    Departs from the paper: version 2 is the network that its authors published (that of
    `keras.applications`): twice the paper's modules, the stem of Inception v3 and one of its
    modules before the first grid, another 1,536 feature maps at the end. There as here the last
    module is not rectified and adds its whole residual, and normalization has no scale. Version 1
    takes the same shares of residuals, which the paper gives as 0.1 to 0.3.

    Example:
        >>> model = inception_resnet((96, 96, 1), 2, width=0.25, repeats=(1, 1, 1))
        >>> model.output_shape
        (None, 2)
    """
    input_shape = space_and_channels(input_shape)
    check_choice("version", version, tuple(TABLES))
    table = TABLES[version]
    times = table.repeats if repeats is None else repeats
    check_repeats(times)
    style = Style(norm, width, padding)
    check_stages(input_shape[:-1], [*table.stem, *table.reductions], style)

    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for i, branches in enumerate(table.stem, start=1):
        x = stage(x, branches, style, f"stem_{i}")
    for i, number in enumerate(times, start=1):
        for j in range(1, number + 1):
            last = i == len(times) and j == number
            scale = 1.0 if last else table.scales[i - 1]
            module_name = f"grid_{i}_module_{j}"
            x = residual(x, table.modules[i - 1], scale, style, module_name)
            if not last:
                x = keras.layers.ReLU(name=f"{module_name}_relu")(x)
        if i < len(times):
            x = stage(x, table.reductions[i - 1], style, f"reduction_{i}")
    if table.final:
        x = stage(x, ((("conv", 1, table.final),),), style, "final")
    return keras.Model(inputs, head(x, classes, activation, dropout), name=name)


def residual(x, branches: Stage, scale: float, style: Style, name: str):
    """Adds a share of what the branches give, projected to the feature maps of `x`."""
    y = stage(x, branches, style, f"{name}_joined")
    y = nd.conv(y, x.shape[-1], 1, name=f"{name}_project")
    if scale != 1:
        y = keras.layers.Rescaling(scale, name=f"{name}_scale")(y)
    return keras.layers.Add(name=f"{name}_add")([x, y])
