"""How far apart two images are to a network that has learnt to tell images apart."""

import math
from collections.abc import Sequence
from typing import Any, Self

import keras
import numpy as np
from keras import ops

from keras_mia.losses.feature_maps import OUTPUTS, feature_network, noise, packed, unpacked
from keras_mia.losses.image_loss import ImageLoss


@keras.saving.register_keras_serializable("keras_mia")
class Perceptual(ImageLoss):
    """The mean squared difference of what layers of a network give of two images.

    `y_true` and `y_pred` are images `(batch, *space, channels)` of one unit. The difference at each
    layer is divided by that of two images of noise, so that layers count alike: 0 is equal, 1 as
    far apart as what has nothing in common. The value is the mean over layers, and over the batch;
    a `sample_weight` is `(batch,)`.

    The network is copied, in float32, with its layers as they are outside of training; its weights
    never change. It may take images of another size than these. One channel of images is repeated
    where it takes several; of three it is shown the mean where it takes one. Volumes are shown to a
    network of pictures slice by slice.

    Args:
        network: functional or sequential, such as a classifier; of the images' rank, or a network
            of pictures where they are volumes.
        layers: whose features are compared: names of layers, or kinds such as "MaxPooling2D";
            "outputs": all that the network gives, where it was cut to give features; None: the last
            activation before each halving of the sides, and the last one of all.
        values: the lowest and the highest value of images, about; noise is drawn between them.
            Those of images of mean 0 and deviation 1 by default.
        scale: factor by which images become what the network takes, a number or one a channel of
            theirs.
        offset: what is added then, likewise.
        slice_axis: axis of space across which slices of volumes lie; -1: the last one.
        units: of each layer, that differences are divided by; None: measured on noise.
        **options: `name`, `reduction`, `dtype` of `keras.losses.Loss`.

    Raises:
        ValueError: the network takes no images; there is no such layer; a layer gives no maps, or
            the same of all images; when called, if images do not fit each other or the network.

    Source: Johnson et al. (2016), Perceptual losses for real-time style transfer and
        super-resolution, arXiv:1603.08155; beside a game: Ledig et al. (2017), SRGAN,
        arXiv:1609.04802.

    Departs from the papers: the network is not bound to be VGG of ImageNet, and units of layers
    follow from noise, not from their numbers of voxels alone or from a factor.

    Example:
        >>> from keras_mia.models import lenet
        >>> keras.utils.set_random_seed(0)
        >>> loss = Perceptual(lenet((16, 16, 1), classes=2))
        >>> image = np.random.default_rng(0).normal(size=(1, 20, 20, 1)).astype("float32")
        >>> float(loss(image, image)), float(loss(image, image[:, ::-1])) > 0.1
        (0.0, True)
    """

    def __init__(
        self,
        network: keras.Model,
        layers: Sequence[str] | str | None = None,
        *,
        values: tuple[float, float] = (-2.0, 2.0),
        scale: float | Sequence[float] = 1.0,
        offset: float | Sequence[float] = 0.0,
        slice_axis: int = -1,
        units: Sequence[float] | None = None,
        **options: Any,
    ):
        super().__init__(**{"name": "perceptual"} | options)
        if not values[0] < values[1]:
            raise ValueError(f"values are the lowest and the highest, not {values}.")
        self.network = feature_network(network, layers)
        self.values = (float(values[0]), float(values[1]))
        self.scale, self.offset = (_numbers(one) for one in (scale, offset))
        self.slice_axis = slice_axis
        self.units = self._measured() if units is None else [float(one) for one in units]
        if len(self.units) != len(self.network.outputs) or not all(map(_is_unit, self.units)):
            names = [one.name for one in self.network.outputs]
            raise ValueError(
                f"Each layer needs a unit above 0: {dict(zip(names, self.units, strict=False))}."
                " Where it is 0, the layer gives the same of all images: name others."
            )

    def costs(self, true, predicted):
        true, predicted = (ops.cast(one, "float32") for one in (true, predicted))
        total, count = 0.0, 1 if len(true.shape) == self._axes else self._slices(true.shape)
        pairs = zip(self._features(true), self._features(predicted), strict=True)
        for unit, (one, other) in zip(self.units, pairs, strict=True):
            size = math.prod(one.shape[1:])
            if not size:
                raise ValueError(
                    f"Images of {true.shape[1:-1]} are too small for {self.network.name}: a layer"
                    " has no voxel left."
                )
            squares = ops.reshape(ops.square(one - other), (-1, count * size))
            total += ops.mean(squares, axis=1) / unit
        return total / len(self.units)

    @property
    def _axes(self) -> int:
        """Of what the network takes, the batch among them."""
        return len(self.network.inputs[0].shape)

    def _slices(self, shape) -> int:
        return shape[self._volume_axis(len(shape) - 2)]

    def _volume_axis(self, rank: int) -> int:
        return 1 + range(rank)[self.slice_axis]

    def _features(self, images) -> list:
        """The maps of images, those of slices one after the other."""
        images = images * ops.convert_to_tensor(self.scale, "float32")
        images = images + ops.convert_to_tensor(self.offset, "float32")
        rank = len(images.shape) - 2
        if len(images.shape) == self._axes + 1:
            images = ops.moveaxis(images, self._volume_axis(rank), 1)
            images = ops.reshape(images, (-1, *images.shape[2:]))
        elif len(images.shape) != self._axes:
            raise ValueError(
                f"Images have {rank} axes of space, those of {self.network.name} {self._axes - 2}."
            )
        images = _in_channels(images, self.network.inputs[0].shape[-1])
        # Not `__call__`, which insists on the size that the network was made for.
        return keras.tree.flatten(self.network.call(images, training=False))

    def _measured(self) -> list[float]:
        """How far apart images of noise are to each layer."""
        *space, channels = self.network.inputs[0].shape[1:]
        given = max(map(np.size, (self.scale, self.offset)))
        images = noise((*space, channels if given == 1 else given), self.values)
        units = []
        for features in self._features(ops.convert_to_tensor(images)):
            array = np.asarray(ops.convert_to_numpy(features), np.float64)
            units.append(float(np.square(array - np.roll(array, 1, axis=0)).mean()))
        return units

    def get_config(self):
        names = ("values", "scale", "offset", "slice_axis", "units")
        return super().get_config() | {
            "network": keras.saving.serialize_keras_object(self.network),
            "weights": packed(self.network),
            **{name: getattr(self, name) for name in names},
        }

    @classmethod
    def from_config(cls, config: dict) -> Self:
        kept = dict(config)
        network = keras.saving.deserialize_keras_object(kept.pop("network"))
        network.set_weights(unpacked(kept.pop("weights")))
        return cls(network, OUTPUTS, **kept)


def _numbers(value: float | Sequence[float]) -> float | list[float]:
    return float(value) if isinstance(value, int | float) else [float(one) for one in value]


def _is_unit(value: float) -> bool:
    return math.isfinite(value) and value > 0


def _in_channels(images, channels: int):
    """Images in as many channels as a network takes.

    Raises:
        ValueError: they have neither as many, nor one, nor three where it takes one.
    """
    given = images.shape[-1]
    if given == channels:
        return images
    if given == 1:
        return ops.repeat(images, channels, axis=-1)
    if (given, channels) == (3, 1):
        return ops.mean(images, axis=-1, keepdims=True)
    raise ValueError(f"Images have {given} channels, the network takes {channels}.")
