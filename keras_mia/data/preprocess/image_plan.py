"""The plan of families that look at whole images."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from keras_mia.data.preprocess.normalize import SMALLEST_STD, Scale
from keras_mia.data.preprocess.plan import Plan
from keras_mia.data.preprocess.views import View, view_of
from keras_mia.data.targets.multitask import AnyTarget

BYTES = (0.0, 255.0)


@dataclass(frozen=True, kw_only=True)
class ImagePlan(Plan):
    """How images become arrays of one size, each of which a network looks at as a whole.

    Args:
        target: what is known of each image; None where images are all that is learnt from.
        view: what of a volume the network sees. A 3D one: "volume", the whole. A 2D one: "slices",
            each by itself; "neighbours", each with those before and after it as channels; "planes",
            three through the centre as channels; or "random", planes through the centre, rotated at
            random. None where images are pictures.
        size: voxels an axis of every prepared image; volumes with an affine are turned to RAS.
        spacing_mm: of a prepared volume, mm an axis: it is resampled to it, and cut or filled up to
            `size` about its middle, so that sizes in mm are seen; None along the axis of slices
            that are predicted by themselves, of which all volumes get as many. None as a whole:
            images are resized to `size`.
        voxel_spacing: of a prepared image, whatever it was resized to, in mm where files say it:
            turning keeps shapes as they are in the body. Empty where it is not known.
        normalization: "set" (by the mean and the deviation of the training images), "zscore" (each
            image by itself), "ct" (clipped to Hounsfield units of the training images, then as
            "set"), "pixels" (from 0 to 255, as networks of photographs take them), "range" (from
            -1 to 1, as networks that make images give them) or "none".
        intensities: of the training images, one a channel; empty where the scheme needs none.
        bytes: whether all training images hold bytes, and are kept as such until they are read.
        network: the builder's name, or `FILE.py:FUNCTION`.
        options: of the builder.
    """

    PREPARING: ClassVar[tuple[str, ...]] = (
        *("channels", "size", "spacing_mm", "normalization", "intensities", "bytes"),
    )

    target: AnyTarget | None
    view: str | None = None
    size: tuple[int, ...]
    voxel_spacing: tuple[float, ...] = ()
    bytes: bool
    network: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def image_rank(self) -> int:
        """Axes of space of an image."""
        return len(self.size)

    @property
    def network_view(self) -> View:
        """What the network sees of images."""
        return view_of(self.view, self.size, self.channels, self.slice_axis)

    def scaled(self, images: np.ndarray) -> np.ndarray:
        """Stored images as the network takes them.

        Args:
            images: `(..., channels)`, as `prepare_image` gives them or as the view shows them.

        Returns:
            float32 of the same shape.
        """
        return self._scale(images.shape[-1]).apply(images)

    def restored(self, images: np.ndarray) -> np.ndarray:
        """Images as a network takes them in the values of the files: the way back of `scaled`.

        What was clipped stays so. After "zscore", in which each image had a scale of its own, there
        is no way back: values stay as the network takes them.

        Args:
            images: `(..., channels)`, as `scaled` gives them.

        Returns:
            float32 of the same shape.
        """
        return self._scale(images.shape[-1]).undo(np.asarray(images, np.float32))

    def _scale(self, channels: int) -> Scale:
        """The scale of stored images; views of one channel may show it as several."""
        of_each = self.stored_scale
        times = channels // len(of_each.mean)
        clip = None if of_each.clip is None else of_each.clip * times
        return Scale(of_each.mean * times, of_each.std * times, clip)

    @property
    def stored_scale(self) -> Scale:
        """How stored images, one mean and one deviation a channel, become what networks take."""
        ends = tuple((one.low, one.high) for one in self.intensities)
        if self.normalization in ("set", "ct"):
            return Scale(
                tuple(one.mean for one in self.intensities),
                tuple(max(one.std, SMALLEST_STD) for one in self.intensities),
                ends if self.normalization == "ct" else None,
            )
        if self.normalization == "range":
            return _between((BYTES,) * self.channels if self.bytes else ends, -1.0, 1.0)
        if self.normalization == "pixels" and not self.bytes:
            return _between(ends, *BYTES)
        return Scale((0.0,) * self.channels, (1.0,) * self.channels)

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        value = getattr(self, name)
        if name == "target" and value is not None:
            return value.summary()
        if name == "intensities":
            return ", ".join(f"{one.mean:.4g} ± {one.std:.4g}" for one in value) or "-"
        if name == "options":
            return ", ".join(f"{key} {one}" for key, one in value.items()) or "-"
        return super().value_text(name)


def _between(ends: tuple[tuple[float, float], ...], least: float, most: float) -> Scale:
    """The scale that brings the ends of each channel to the least and the most value."""
    steps = tuple(max(high - low, SMALLEST_STD) / (most - least) for low, high in ends)
    zeros = tuple(low - least * step for (low, _), step in zip(ends, steps, strict=True))
    return Scale(zeros, steps, ends)
