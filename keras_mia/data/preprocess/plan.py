"""The plan: all that is needed to prepare a new image and to bring its prediction back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_mia.core.text import size_text
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.preprocess.array_target import ArrayTarget, LabelMapTarget
from keras_mia.data.preprocess.plan_file import PlanFile
from keras_mia.data.targets.label_map import Classes


@dataclass(frozen=True, kw_only=True)
class Plan(PlanFile):
    """How images become batches and predictions become label maps again.

    Axes of space are those of the prepared volume, RAS for volumes with an affine. `patch`, `pool`,
    `flip` and `rotation_deg` speak of the network's axes: where a 2D network goes through the
    slices of a volume, those are the volume's axes without `slice_axis`.

    Args:
        task: what is learnt.
        rank: of the network, 2 or 3.
        classes: names and label values; class 0 is background.
        channels: of an image.
        colours: whether they are red, green and blue; grey images are then repeated as such.
        spacing_mm: voxel spacing that images are resampled to, one number an axis of the image;
            None: they stay as they are. Slices of a volume stay apart as they are.
        modality: "CT", "MR", ... where it is known.
        normalization: "zscore", "ct" or "none".
        intensities: for "ct", the training foreground's statistics, one a channel.
        orientation: "RAS" for volumes with an affine, None where the file's order stays.
        slice_axis: the axis of a volume that becomes the first, for a 2D network; None otherwise.
        patch: what the network sees at once, in voxels.
        batch_size: patches in a batch.
        depth: how often the network halves its input.
        filters: of its first level.
        norm: "none", "batch", "instance" or "group".
        pool: a level, by how much each axis shrinks.
        flip: axes of a patch along which it may be mirrored.
        rotation_deg: largest angle; one in 2D, one about each axis in 3D.
        foreground_share: share of the patches that are drawn to hold foreground.
        reasons: field -> why it is what it is, in a sentence.
    """

    PREPARING = (
        *("rank", "classes", "channels", "spacing_mm", "normalization", "intensities"),
        *("orientation", "slice_axis"),
    )

    task: str = "segmentation"
    rank: int
    classes: Classes
    channels: int
    colours: bool = False
    spacing_mm: tuple[float, ...] | None
    modality: str | None
    normalization: str
    intensities: tuple[Intensity, ...]
    orientation: str | None
    slice_axis: int | None
    patch: tuple[int, ...]
    batch_size: int
    depth: int
    filters: int
    norm: str
    pool: tuple[tuple[int, ...], ...]
    flip: tuple[int, ...]
    rotation_deg: tuple[float, ...]
    foreground_share: float

    @property
    def image_rank(self) -> int:
        """Axes of space of an image: 3 for a volume, also where the network is 2D."""
        return self.rank + (self.slice_axis is not None)

    @property
    def target(self) -> ArrayTarget:
        """What is learnt of each voxel."""
        return LabelMapTarget(self.classes)

    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A patch, and the probabilities of its voxels."""
        return (*self.patch, self.channels), (*self.patch, len(self.classes))

    def words(self, name: str) -> str:
        """A field's value in words."""
        value = getattr(self, name)
        if name == "classes":
            return ", ".join(value.names)
        if name == "intensities":
            return ", ".join(f"{one.low:.5g} to {one.high:.5g}" for one in value) or "-"
        if name == "pool":
            return ", ".join(size_text(level) for level in value)
        return super().words(name)


def patch_divisor(levels: Sequence[Sequence[int]], axes: int) -> tuple[int, ...]:
    """What each side of a patch must be a multiple of."""
    return tuple(int(np.prod([level[axis] for level in levels], dtype=int)) for axis in range(axes))
