"""The plan of translation."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self, TypeVar

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.augment.degradations import DEGRADATIONS, Degradation, Undersampling, degrade
from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.splits.spatial import part_of
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.image import Image
from keras_mia.data.io.pictures.channels import planned_channels
from keras_mia.data.preprocess.array_target import PairedImageTarget
from keras_mia.data.preprocess.normalize import Scale
from keras_mia.data.preprocess.patch_plan import PatchPlan
from keras_mia.tasks.translation.perceptual.record import PerceptualNetwork

SHARED = "image"
"""The scheme of targets whose values mean what those of their images mean."""
SEED = 7
"""Of what is random in degradations."""
OF_EACH = ("zscore", "body")
"""Schemes in which each target has a scale of its own, which is not known of a new image."""


class WithText(Protocol):
    """What says of which kind it is."""

    @property
    def text(self) -> Any:
        """The name of the kind."""


AnyCase = TypeVar("AnyCase", bound=WithText)


@dataclass(frozen=True, kw_only=True)
class TranslationPlan(PatchPlan):
    """How images become batches, and outputs images in the values of the targets.

    Args:
        task: "translation".
        target_channels: of the image that is made.
        target_normalization: "image" (the scale of the image that it is made from: their values
            mean the same), "ct" (HU), "zscore" or "body" (each target by itself).
        target_intensities: of the training targets, one a channel; outputs get their mean and
            deviation where each target has a scale of its own.
        degradation: what made the images out of the targets, "noise", "blur", "resolution" or
            "undersampling"; None: the data are pairs.
        degradation_options: of it.
        masked: whether scores, and statistics of the scheme "body", are those of the body or head.
        residual: whether the network predicts what is to be added to its image.
        loss: "l1", "l2" or "ssim".
        perceptual: the classifier whose features are compared, too; None: voxels alone are.
        unpaired: how it is learnt where what belongs together is not told in training: "cyclegan"
            (two networks learn the ways there and back) or "refiner" (one learns to change images
            little); None: it is told.
        kinds: names of the kinds of images, of which the first is made into the second, where the
            data have no pairs; none: they have.
        earlier_images: how many images that were made earlier are kept, for an unpaired game's
            discriminators to be shown; 0: none.
    """

    PREPARING = (
        *PatchPlan.PREPARING,
        *("target_channels", "target_normalization", "target_intensities"),
        *("degradation", "degradation_options"),
    )

    task: str = "translation"
    target_channels: int = 1
    target_normalization: str = SHARED
    target_intensities: tuple[Intensity, ...] = ()
    degradation: str | None = None
    degradation_options: Mapping[str, Any] = field(default_factory=dict)
    masked: bool = False
    residual: bool = True
    loss: str = "l1"
    perceptual: PerceptualNetwork | None = None
    unpaired: str | None = None
    kinds: tuple[str, ...] = ()
    earlier_images: int = 0

    @property
    def is_game(self) -> bool:
        """Whether a discriminator joins in."""
        return self.adversarial or self.unpaired is not None

    @property
    def is_alone(self) -> bool:
        """Whether cases are single images, without the one that is to be made."""
        return self.degradation is not None or bool(self.kinds)

    def of_kind(self, cases: Sequence[AnyCase], kind: int) -> list[AnyCase]:
        """The cases of one kind of images; all, where the data have pairs.

        Args:
            cases: that have a `text`.
            kind: 0 for the kind that images are made of, 1 for the one that is made.
        """
        return [case for case in cases if not self.kinds or case.text == self.kinds[kind]]

    @property
    def target(self) -> PairedImageTarget:
        """What is learnt of each voxel."""
        return PairedImageTarget(self.target_normalization, self.target_intensities, self.truth)

    def truth(self, case: Case) -> Image:
        """The image that is to be made: the target, or where cases are single images the image
        itself.

        Args:
            case: whose files are read.

        Raises:
            Problem: it cannot be read, there is none, or it has other channels than the plan says.
        """
        whole = case.image() if self.is_alone else case.target_image()
        image = part_of(whole, case.region)
        if self.is_alone:
            image = planned_channels(image, self)
        channels = image.array.shape[-1]
        if channels != self.target_channels:
            raise Problem(
                f"The target has {channels} channels, the plan is for {self.target_channels}.",
                case.target or case.name,
                "Give targets of one kind.",
            )
        return image

    @property
    def lies_any_way(self) -> bool:
        """As other plans have it; images that are made worse are never turned."""
        return self.degradation is None and super().lies_any_way

    @property
    def degrading(self) -> Degradation | None:
        """What makes images out of targets; None: nothing, the data are pairs."""
        if self.degradation is None:
            return None
        options: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.degradation_options.items()
        }
        return DEGRADATIONS[self.degradation](**options)

    @property
    def typical_scale(self) -> Scale | None:
        """That of the training targets, in which outputs are given where each target has its own;
        None: targets have the scale of their image."""
        if self.target_normalization == SHARED:
            return None
        means, deviations = zip(
            *((one.mean, max(one.std, 1e-8)) for one in self.target_intensities), strict=True
        )
        return Scale(means, deviations)

    @property
    def outside(self) -> tuple[float, ...]:
        """What outputs hold where images hold nothing, one value a channel: 0 as the image does, or
        the smallest value that training targets have."""
        if self.typical_scale is None:
            return (0.0,) * self.target_channels
        return tuple(min(one.floors or (0.0,)) for one in self.target_intensities)

    def source(self, case: Case) -> Image:
        """The image that the network is given: that of the case, made worse where there are no
        pairs. The same case is always made worse in the same way."""
        image = planned_channels(part_of(case.image(), case.region), self)
        return image if self.degradation is None else self.degraded(image, case.name)

    def preparing_plan(self, case: Case) -> Self:
        """As other plans have it; an image of the kind that is made, whose target alone is learnt,
        need not be such as the network is given."""
        if not self.kinds or case.text != self.kinds[1]:
            return self
        shared = self.target_normalization == SHARED
        return replace(
            self, modality=None, normalization=self.normalization if shared else "zscore"
        )

    def source_key(self, case: Case) -> tuple:
        """The part of the image, and the name that noise follows from."""
        return repr(case.region), case.name if self.degradation else ""

    def degraded(self, image: Image, name: str) -> Image:
        """An image made worse.

        Args:
            image: as read.
            name: of its case, from which follows what is random; lines of k-space are the same in
                all images of one size.
        """
        degrading = self.degrading
        assert degrading is not None, "the data are pairs"
        lines = isinstance(degrading, Undersampling)
        seed = [] if lines else [zlib.crc32(name.encode())]
        array = degrade(np.asarray(image.array, np.float32), [degrading], [SEED, *seed])
        return replace(image, array=array)

    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A patch, and that of the image to be made."""
        return (*self.patch, self.network_channels), (*self.patch, self.target_channels)

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        value = getattr(self, name)
        if name == "target_intensities":
            return ", ".join(f"{one.mean:.4g} ± {one.std:.4g}" for one in value) or "-"
        if name == "degradation_options":
            return ", ".join(f"{key} {one}" for key, one in value.items()) or "-"
        if name == "perceptual" and value is not None:
            return value.describe()
        return super().value_text(name)
