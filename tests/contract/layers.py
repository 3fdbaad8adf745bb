"""A row for every layer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import keras

from keras_mia import layers

SPACES = {1: (6,), 2: (6, 4), 3: (4, 5, 6)}


@dataclass(frozen=True)
class Layer:
    """What the suites need to know.

    Args:
        name: of the row.
        kind: the class.
        options: what its layers are made with.
        longer: the output's side for an input's, where it is another.
        axes: numbers of axes of space that it takes.
        inputs: how many images it is called with.
    """

    name: str
    kind: Callable
    options: Mapping = field(default_factory=dict)
    longer: Callable[[int], int] = lambda size: size
    axes: tuple[int, ...] = (1, 2, 3)
    inputs: int = 1

    @property
    def space(self) -> tuple[int, ...]:
        """A shape for suites that take one."""
        return SPACES[2 if 2 in self.axes else self.axes[0]]

    def make(self, **options):
        return self.kind(**{**self.options, **options})

    def given(self, x):
        """What it is called with: an image, or several, which are that image in other channels."""
        images = [keras.ops.roll(x, i, axis=-1) if i else x for i in range(self.inputs)]
        return images if self.inputs > 1 else x


GROUPED = {"filters": 4, "kernel_size": 3, "groups": 2, "padding": "same"}
GROUPED |= {"kernel_initializer": "ones"}
CONVOLUTION = {"filters": 4, "padding": "same", "kernel_initializer": "ones"}
LAYERS = (
    Layer("batch norm", layers.BatchNormalization),
    Layer("group norm", layers.GroupNormalization, {"groups": 2}),
    Layer("instance norm", layers.InstanceNormalization),
    Layer("linear upsampling", layers.Upsampling, {"size": 2}, lambda size: 2 * size),
    Layer(
        "nearest upsampling",
        layers.Upsampling,
        {"size": 3, "interpolation": "nearest"},
        lambda size: 3 * size,
    ),
    Layer("mirror padding", layers.MirrorPadding, {"margins": 3}, lambda size: size + 6),
    Layer("local response", layers.LocalResponseNormalization, {"size": 3, "alpha": 0.5}),
    Layer("l2 pooling", layers.L2Pooling, {"pool_size": 2}, lambda size: size // 2),
    Layer(
        "padded l2 pooling",
        layers.L2Pooling,
        {"pool_size": 3, "strides": 2, "padding": "same"},
        lambda size: -(-size // 2),
    ),
    Layer("depthwise convolution", layers.DepthwiseConv, {"kernel_initializer": "ones"}),
    *(
        Layer(
            f"data consistency of axis {axis}",
            layers.DataConsistency,
            {"lines": (True, True, False, False, False, True), "axis": axis},
            axes=axes,
            inputs=2,
        )
        for axis, axes in ((0, (1, 2)), (2, (3,)))
    ),
    Layer("channels taken", layers.TakeChannels, {"channels": (2, 1, 0, 0)}),
    *(
        Layer(
            f"grouped convolution {axes}D",
            getattr(layers, f"GroupedConv{axes}D"),
            GROUPED,
            axes=(axes,),
        )
        for axes in (1, 2, 3)
    ),
    *(
        Layer(
            f"{'transposed ' if longer > 1 else ''}convolution {axes}D",
            getattr(layers, f"Conv{axes}D" + ("Transpose" if longer > 1 else "")),
            CONVOLUTION | {"kernel_size": 3, "strides": longer},
            lambda size, longer=longer: longer * size,
            axes=(axes,),
        )
        for axes in (2, 3)
        for longer in (1, 2)
    ),
    *(
        Layer(
            f"strided pointwise convolution {axes}D",
            getattr(layers, f"StridedPointwiseConv{axes}D"),
            {"filters": 4, "kernel_size": 1, "strides": 2, "kernel_initializer": "ones"},
            lambda size: -(-size // 2),
            axes=(axes,),
        )
        for axes in (1, 2)
    ),
)
