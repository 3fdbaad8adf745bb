"""A row for every builder; a new builder is one more row, and every suite runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from keras_mia.models import (
    alexnet,
    all_convolutional,
    densenet,
    dilated,
    googlenet,
    inception,
    inception_resnet,
    lenet,
    mlp,
    resnet,
    unet,
    vgg,
    xception,
)


@dataclass(frozen=True)
class Builder:
    """What the suites need to know.

    Args:
        build: the function.
        options: what makes its networks tiny.
        spaces: axes of space of the inputs to build with.
        toggles: another value for every option; where it takes more than one, all of them.
        per_voxel: whether it answers for each voxel, not for the image.
        large: whether it has so many layers that `make check` only tries whether it answers and
            trains with the second of `spaces`.
    """

    build: Callable
    options: Mapping
    spaces: tuple[tuple[int, ...], ...]
    toggles: Mapping[str, Mapping]
    per_voxel: bool = True
    large: bool = False

    @property
    def name(self) -> str:
        return self.build.__name__

    def make(self, space=None, channels=1, classes=3, **options):
        space = self.spaces[1] if space is None else space
        return self.build((*space, channels), classes, **{**self.options, **options})

    def marks(self, space=None):
        return [pytest.mark.slow] if self.large and space != self.spaces[1] else []


def toggle(**options) -> dict[str, dict]:
    """Options that need no other, each by itself."""
    return {name: {name: value} for name, value in options.items()}


BUILDERS = (
    Builder(
        unet,
        options={"filters": 4, "depth": 2},
        spaces=((32,), (16, 20), (8, 8, 12)),
        toggles=toggle(
            filters=8,
            depth=1,
            max_filters=8,
            pool=[(1, 2), 2],
            norm="group",
            block="residual",
            upsampling="resize",
            dropout=0.5,
            doubling="before_pool",
            deep_supervision=True,
            activation=None,
            name="other",
        )
        | {"padding": {"padding": "mirror", "depth": 1}},
    ),
    Builder(
        mlp,
        options={"units": (8,)},
        spaces=((12,), (4, 5), (2, 3, 4)),
        toggles=toggle(
            units=(8, 4), nonlinearity="tanh", dropout=0.5, activation=None, name="other"
        )
        | {"residual": {"residual": True, "units": (8, 8)}},
        per_voxel=False,
    ),
    Builder(
        lenet,
        options={},
        spaces=((16,), (16, 18), (16, 16, 16)),
        toggles=toggle(
            variant="lecture", pooling="l2", nonlinearity="relu", activation=None, name="other"
        ),
        per_voxel=False,
    ),
    Builder(
        alexnet,
        options={"filters": 3, "units": 8, "dropout": 0.0},
        spaces=((67,), (67, 75), (67, 67, 67)),
        toggles=toggle(
            filters=6,
            units=4,
            pooling="average",
            dropout=0.5,
            activation=None,
            name="other",
        )
        | {"groups": {"groups": 2, "filters": 6}},
        per_voxel=False,
    ),
    Builder(
        vgg,
        options={"variant": "A", "filters": 2, "units": 8, "dropout": 0.0},
        spaces=((32,), (32, 40), (32, 32, 32)),
        toggles=toggle(
            variant="A-LRN",
            filters=4,
            units=4,
            norm="group",
            pooling="l2",
            dropout=0.5,
            activation=None,
            name="other",
        ),
        per_voxel=False,
    ),
    Builder(
        resnet,
        options={"depth": (1, 1), "filters": 4, "norm": "group"},
        spaces=((32,), (24, 20), (8, 12, 16)),
        toggles=toggle(
            depth=(1, 2),
            block="bottleneck",
            filters=8,
            width=2,
            preactivation=True,
            stem="plain",
            norm="batch",
            pooling="average",
            activation=None,
            name="other",
        ),
        per_voxel=False,
    ),
    Builder(
        densenet,
        options={"depth": (1, 1), "growth_rate": 4, "norm": None},
        spaces=((16,), (16, 20), (8, 8, 12)),
        toggles=toggle(
            depth=(1, 2),
            growth_rate=8,
            compression=0.25,
            dropout=0.5,
            stem="plain",
            norm="batch",
            pooling="max",
            activation=None,
            name="other",
        ),
        per_voxel=False,
    ),
    Builder(
        all_convolutional,
        options={"filters": 4, "dropout": 0.0},
        spaces=((12,), (12, 14), (9, 9, 10)),
        toggles=toggle(
            variant="B",
            filters=8,
            norm="group",
            pooling="max",
            dropout=0.5,
            activation=None,
            name="other",
        ),
        per_voxel=False,
    ),
    Builder(
        dilated,
        options={"filters": 4, "dilations": (1, 2), "norm": None},
        spaces=((8,), (8, 9), (6, 7, 8)),
        toggles=toggle(filters=8, dilations=(1, 3), norm="instance", activation=None, name="other"),
        per_voxel=False,
    ),
    Builder(
        googlenet,
        options={"width": 1 / 16, "repeats": (1, 1, 1), "norm": "instance", "dropout": 0.0},
        spaces=((96,), (40, 36), (8, 10, 40)),
        toggles=toggle(
            module="naive",
            repeats=(2, 1, 1),
            width=1 / 8,
            norm=None,
            dropout=0.5,
            activation=None,
            name="other",
        )
        | {"auxiliary": {"auxiliary": True, "repeats": (1, 4, 1), "space": (65, 70)}},
        per_voxel=False,
        large=True,
    ),
    Builder(
        inception,
        options={
            "width": 1 / 32,
            "repeats": (1, 1, 1),
            "padding": "same",
            "norm": "instance",
            "dropout": 0.0,
        },
        spaces=((96,), (40, 36), (8, 10, 40)),
        toggles=toggle(
            version=4,
            repeats=(1, 2, 1),
            width=1 / 16,
            norm=None,
            dropout=0.5,
            activation=None,
            name="other",
        )
        | {"padding": {"padding": "valid", "space": (75, 80)}},
        per_voxel=False,
        large=True,
    ),
    Builder(
        inception_resnet,
        options={
            "width": 1 / 32,
            "repeats": (1, 1, 1),
            "padding": "same",
            "norm": "instance",
            "dropout": 0.0,
        },
        spaces=((96,), (40, 36), (8, 10, 40)),
        toggles=toggle(
            version=1,
            repeats=(1, 2, 1),
            width=1 / 16,
            norm=None,
            dropout=0.5,
            activation=None,
            name="other",
        )
        | {"padding": {"padding": "valid", "space": (75, 80)}},
        per_voxel=False,
        large=True,
    ),
    Builder(
        xception,
        options={"width": 1 / 32, "repeats": 1, "norm": "instance", "dropout": 0.0},
        spaces=((96,), (40, 36), (8, 10, 40)),
        toggles=toggle(
            repeats=2, width=1 / 16, norm=None, dropout=0.5, activation=None, name="other"
        ),
        per_voxel=False,
        large=True,
    ),
)
