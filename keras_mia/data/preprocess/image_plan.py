"""The plan for targets of whole images."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from keras_mia.data.preprocess.plan import Plan
from keras_mia.data.preprocess.views import View, view_of
from keras_mia.data.targets.hierarchy import ClassTree, sum_up
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multitask import AnyTarget


@dataclass(frozen=True, kw_only=True)
class ImagePlan(Plan):
    """How images become batches, and what a network's outputs stand for.

    Args:
        target: what is learnt, and what the network's outputs stand for.
        tree: the coarse classes that are predicted in place of the fine ones that are learnt; None:
            what is learnt is predicted.
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
            "set"), "pixels" (from 0 to 255, as networks of photographs take them) or "none".
        intensities: of the training images, one a channel; empty where the scheme needs none.
        bytes: whether all training images hold bytes, and are kept as such until they are read.
        network: the builder's name, or `FILE.py:FUNCTION`.
        options: of the builder.
        sampling: "natural", each image equally often; or "balanced", each class.
        mixup: how much pairs of images are mixed, 0 not at all (the parameter of a beta
            distribution).
        smoothing: how much of the truth is spread over all classes.
        class_weights: how much an image of each class counts in the loss, or each finding where it
            is present; none: alike.
        l1: penalty on the absolute values of kernels.
        l2: penalty on their squares.
    """

    PREPARING = ("channels", "size", "spacing_mm", "normalization", "intensities", "bytes")

    task: str = "classification"
    target: AnyTarget
    tree: ClassTree | None = None
    view: str | None = None
    size: tuple[int, ...]
    voxel_spacing: tuple[float, ...] = ()
    bytes: bool
    network: str
    options: Mapping[str, Any] = field(default_factory=dict)
    sampling: str
    mixup: float
    smoothing: float
    class_weights: tuple[float, ...] = ()
    l1: float = 0.0
    l2: float = 0.0

    @property
    def image_rank(self) -> int:
        """Axes of space of an image."""
        return len(self.size)

    @property
    def predicted(self) -> AnyTarget:
        """What is predicted: the coarse classes of a tree, or what is learnt."""
        return self.target if self.tree is None else of_tree(self.tree)

    @property
    def coarse(self) -> Self:
        """The plan of what is predicted: that of coarse classes, or this one."""
        return replace(self, target=self.predicted, tree=None)

    def aggregated(self, values: np.ndarray) -> np.ndarray:
        """Probabilities, or truth, of what is learnt as those of what is predicted.

        Args:
            values: `(..., len(target))`.

        Returns:
            `(..., len(predicted))`.
        """
        return values if self.tree is None else sum_up(values, self.tree)

    def scaled(self, images: np.ndarray) -> np.ndarray:
        """Stored images as the network takes them.

        Args:
            images: `(..., channels)`, as `prepare_image` gives them or as the view shows them.

        Returns:
            float32 of the same shape.
        """
        images = np.array(images, np.float32)
        if self.normalization == "pixels" and not self.bytes:
            low, high = np.array([(one.low, one.high) for one in self.intensities], np.float32).T
            images = np.clip((images - low) / np.maximum(high - low, 1e-8), 0, 1) * 255
        if self.normalization in ("set", "ct"):
            statistics = self.intensities
            if self.normalization == "ct":
                ends = np.array([(one.low, one.high) for one in statistics], np.float32).T
                np.clip(images, *ends, out=images)
            images -= np.array([one.mean for one in statistics], np.float32)
            images /= np.array([max(one.std, 1e-8) for one in statistics], np.float32)
        return images

    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What the network sees of an image, and its outputs."""
        return self.network_view.shape, (len(self.target),)

    @property
    def network_view(self) -> View:
        """What the network sees of images."""
        return view_of(self.view, self.size, self.channels, self.slice_axis)

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        value = getattr(self, name)
        if name == "target":
            return value.summary()
        if name == "tree" and value is not None:
            return value.describe()
        if name == "intensities":
            return ", ".join(f"{one.mean:.4g} ± {one.std:.4g}" for one in value) or "-"
        if name == "options":
            return ", ".join(f"{key} {one}" for key, one in value.items()) or "-"
        return super().value_text(name)


def of_tree(tree: ClassTree) -> Multiclass:
    """The coarse classes as a target."""
    return Multiclass(tree.coarse, tree.coarse)
