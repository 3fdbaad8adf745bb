"""A row for every layer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from keras_mia.layers.borders import MirrorPadding
from keras_mia.layers.channels import TakeChannels
from keras_mia.layers.depthwise import DepthwiseConv
from keras_mia.layers.local_response import LocalResponseNormalization
from keras_mia.layers.normalization import (
    BatchNormalization,
    GroupNormalization,
    InstanceNormalization,
)
from keras_mia.layers.pooling import L2Pooling
from keras_mia.layers.upsampling import Upsampling


@dataclass(frozen=True)
class Layer:
    """`longer` is the output's shape of space for a side, where it is not the input's."""

    name: str
    kind: Callable
    options: Mapping = field(default_factory=dict)
    longer: Callable[[int], int] = lambda side: side

    def make(self, **options):
        return self.kind(**{**self.options, **options})


LAYERS = (
    Layer("batch norm", BatchNormalization),
    Layer("group norm", GroupNormalization, {"groups": 2}),
    Layer("instance norm", InstanceNormalization),
    Layer("linear upsampling", Upsampling, {"size": 2}, lambda side: 2 * side),
    Layer(
        "nearest upsampling",
        Upsampling,
        {"size": 3, "interpolation": "nearest"},
        lambda side: 3 * side,
    ),
    Layer("mirror padding", MirrorPadding, {"margins": 3}, lambda side: side + 6),
    Layer("local response", LocalResponseNormalization, {"size": 3, "alpha": 0.5}),
    Layer("l2 pooling", L2Pooling, {"pool_size": 2}, lambda side: side // 2),
    Layer(
        "padded l2 pooling",
        L2Pooling,
        {"pool_size": 3, "strides": 2, "padding": "same"},
        lambda side: -(-side // 2),
    ),
    Layer("depthwise convolution", DepthwiseConv, {"kernel_initializer": "ones"}),
    Layer("channels taken", TakeChannels, {"channels": (2, 1, 0, 0)}),
)
