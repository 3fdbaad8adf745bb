"""Inception v3 and v4.

Szegedy et al. (2015), Rethinking the Inception Architecture for Computer Vision, arXiv:1512.00567
(v3). Szegedy et al. (2016), Inception-v4, Inception-ResNet and the Impact of Residual Connections
on Learning, arXiv:1602.07261 (v4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from keras_mia.layers.nd import space_and_channels
from keras_mia.models.classification.head import head
from keras_mia.models.classification.inceptions.branches import (
    Stage,
    Style,
    check_repeats,
    check_stages,
    repeated,
    stage,
)
from keras_mia.models.classification.input_checks import check_choice


@dataclass(frozen=True)
class Table:
    """A network: its stem, the modules of its three grids, and what leads from one to the next."""

    stem: tuple[Stage, ...]
    grids: tuple[tuple[Stage, ...], ...]
    reductions: tuple[Stage, ...]

    def stages(self, repeats: Sequence[int] | None) -> dict[str, Stage]:
        """All stages by the names of their places; `repeats` as in `inception`."""
        times = [len(grid) for grid in self.grids] if repeats is None else repeats
        check_repeats(times)
        stages = {f"stem_{i}": part for i, part in enumerate(self.stem, start=1)}
        for i, (grid, number) in enumerate(zip(self.grids, times, strict=True), start=1):
            for j, module in enumerate(repeated(grid, number), start=1):
                stages[f"grid_{i}_module_{j}"] = module
            if i < len(self.grids):
                stages[f"reduction_{i}"] = self.reductions[i - 1]
        return stages


STEM_V3: Stage = (
    (
        ("conv_half", 3, 32),
        ("conv_valid", 3, 32),
        ("conv", 3, 64),
        ("max_half", 3),
        ("conv", 1, 80),
        ("conv_valid", 3, 192),
        ("max_half", 3),
    ),
)


def grid_1_v3(pooled: int) -> Stage:
    """The module of figure 5."""
    return (
        (("conv", 1, 64),),
        (("conv", 1, 48), ("conv", 5, 64)),
        (("conv", 1, 64), ("conv", 3, 96), ("conv", 3, 96)),
        (("mean", 3), ("conv", 1, pooled)),
    )


def grid_2_v3(narrow: int) -> Stage:
    """The module of figure 6, with n = 7."""
    return (
        (("conv", 1, 192),),
        (("conv", 1, narrow), ("conv_axes", 7, narrow, 192)),
        (("conv", 1, narrow), ("conv_axes", 7, narrow, narrow), ("conv_axes", 7, narrow, 192)),
        (("mean", 3), ("conv", 1, 192)),
    )


# The module of figure 7.
GRID_3_V3: Stage = (
    (("conv", 1, 320),),
    (("conv", 1, 384), ("conv_split", 3, 384)),
    (("conv", 1, 448), ("conv", 3, 384), ("conv_split", 3, 384)),
    (("mean", 3), ("conv", 1, 192)),
)

V3 = Table(
    stem=(STEM_V3,),
    grids=(
        (grid_1_v3(32), grid_1_v3(64), grid_1_v3(64)),
        (grid_2_v3(128), grid_2_v3(160), grid_2_v3(160), grid_2_v3(192)),
        (GRID_3_V3, GRID_3_V3),
    ),
    reductions=(
        (
            (("conv_half", 3, 384),),
            (("conv", 1, 64), ("conv", 3, 96), ("conv_half", 3, 96)),
            (("max_half", 3),),
        ),
        (
            (("conv", 1, 192), ("conv_half", 3, 320)),
            (("conv", 1, 192), ("conv_axes", 7, 192, 192), ("conv_half", 3, 192)),
            (("max_half", 3),),
        ),
    ),
)

V4 = Table(
    # Figure 3.
    stem=(
        ((("conv_half", 3, 32), ("conv_valid", 3, 32), ("conv", 3, 64)),),
        ((("max_half", 3),), (("conv_half", 3, 96),)),
        (
            (("conv", 1, 64), ("conv_valid", 3, 96)),
            (("conv", 1, 64), ("conv_axes", 7, 64, 64), ("conv_valid", 3, 96)),
        ),
        ((("conv_half", 3, 192),), (("max_half", 3),)),
    ),
    # Figures 4, 5 and 6.
    grids=(
        (
            (
                (("mean", 3), ("conv", 1, 96)),
                (("conv", 1, 96),),
                (("conv", 1, 64), ("conv", 3, 96)),
                (("conv", 1, 64), ("conv", 3, 96), ("conv", 3, 96)),
            ),
        )
        * 4,
        (
            (
                (("mean", 3), ("conv", 1, 128)),
                (("conv", 1, 384),),
                (("conv", 1, 192), ("conv_axes", 7, 224, 256)),
                (("conv", 1, 192), ("conv_axes", 7, 192, 224), ("conv_axes", 7, 224, 256)),
            ),
        )
        * 7,
        (
            (
                (("mean", 3), ("conv", 1, 256)),
                (("conv", 1, 256),),
                (("conv", 1, 384), ("conv_split", 3, 256)),
                (("conv", 1, 384), ("conv_axes", 3, 448, 512), ("conv_split", 3, 256)),
            ),
        )
        * 3,
    ),
    # Figures 7 (k, l, m, n = 192, 224, 256, 384) and 8.
    reductions=(
        (
            (("max_half", 3),),
            (("conv_half", 3, 384),),
            (("conv", 1, 192), ("conv", 3, 224), ("conv_half", 3, 256)),
        ),
        (
            (("max_half", 3),),
            (("conv", 1, 192), ("conv_half", 3, 192)),
            (("conv", 1, 256), ("conv_axes", 7, 256, 320), ("conv_half", 3, 320)),
        ),
    ),
)
TABLES = {3: V3, 4: V4}


def inception(
    input_shape: Sequence[int | None],
    classes: int,
    *,
    version: int = 3,
    repeats: Sequence[int] | None = None,
    width: float = 1.0,
    padding: str = "valid",
    norm: str | None = "batch",
    dropout: float = 0.2,
    activation: str | None = "softmax",
    name: str = "inception",
) -> keras.Model:
    """Modules of parallel branches whose large kernels are factored into small and long ones.

    A kernel of 7x7 is one of 1x7 and then one of 7x1; in volumes it is one along each of the three
    axes, in signals just one.

    Args:
        input_shape: `(*space, channels)` with one, two or three axes of space. A side may be None.
        classes: values in the output; 1 goes with `activation="sigmoid"`.
        version: 3 or 4.
        repeats: number of modules of each of the three grids; None: the paper's, (3, 4, 2) for
            version 3 and (4, 7, 3) for version 4.
        width: factor of all numbers of feature maps.
        padding: "valid": the paper's, where the stem and the reductions are unpadded and a side has
            at least 75 voxels; "same": all are padded, and any side fits.
        norm: "batch", "instance", "group" or None, after each convolution.
        dropout: share of the features that are dropped in training before the last layer.
        activation: "softmax", "sigmoid", or None for logits.
        name: the model's name.

    Returns:
        A model from `(batch, *space, channels)` to float32 `(batch, classes)`.

    Raises:
        ValueError: a side is too short, or an option has an unknown value.

    Source: Szegedy et al. (2015), arXiv:1512.00567; Szegedy et al. (2016), arXiv:1602.07261.

    Departs from the paper: version 3 has the numbers of the network that its authors published
    (that of `keras.applications`), as table 1 of the paper leaves some of them open. Version 3's
    auxiliary classifier is left out. Normalization has no scale, as in theirs.

    Example:
        >>> model = inception((96, 96, 1), 2, width=0.25, repeats=(1, 1, 1))
        >>> model.output_shape
        (None, 2)
    """
    input_shape = space_and_channels(input_shape)
    check_choice("version", version, tuple(TABLES))
    style = Style(norm, width, padding)
    stages = TABLES[version].stages(repeats)
    check_stages(input_shape[:-1], list(stages.values()), style)

    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for stage_name, branches in stages.items():
        x = stage(x, branches, style, stage_name)
    return keras.Model(inputs, head(x, classes, activation, dropout), name=name)
