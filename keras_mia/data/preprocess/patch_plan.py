"""The plan of families that predict a value for each voxel, from patches."""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from keras_mia.core.text import size_text
from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image
from keras_mia.data.preprocess.array_target import ArrayTarget
from keras_mia.data.preprocess.plan import Plan


@dataclass(frozen=True, kw_only=True)
class PatchPlan(Plan):
    """How images become patches and predictions become images on the source's grid again.

    Axes of space are those of the prepared volume, RAS for volumes with an affine. `patch`, `pool`,
    `flip` and `rotation_deg` speak of the network's axes: where a 2D network goes through the
    slices of a volume, those are the volume's axes without `slice_axis`, which comes first in the
    prepared array; slices stay apart as they are, whatever `spacing_mm` says.

    Args:
        rank: of the network, 2 or 3.
        orientation: "RAS" for volumes with an affine, None where the file's order stays.
        patch: what the network sees at once, in voxels.
        depth: how often the network halves its input.
        filters: of its first level.
        norm: "none", "batch", "instance" or "group".
        pool: a level, by how much each axis shrinks.
        foreground_share: share of the patches that are drawn to hold foreground, where there is
            such a thing.
        neighbours: slices of a volume on either side that a 2D network sees beside each, as further
            channels.
        adversarial: whether a discriminator of patches joins in.
        weight: of the loss beside the game.
    """

    PREPARING: ClassVar[tuple[str, ...]] = (
        *("rank", "channels", "spacing_mm", "normalization", "intensities"),
        *("orientation", "slice_axis", "neighbours"),
    )

    spacing_mm: tuple[float, ...] | None
    rank: int
    orientation: str | None
    patch: tuple[int, ...]
    depth: int
    filters: int
    norm: str
    pool: tuple[tuple[int, ...], ...]
    foreground_share: float
    neighbours: int = 0
    adversarial: bool = False
    weight: float = 10.0

    @property
    def image_rank(self) -> int:
        """Axes of space of an image: 3 for a volume, also where the network is 2D."""
        return self.rank + (self.slice_axis is not None)

    @property
    def network_channels(self) -> int:
        """Of a patch, those of its neighbours among them."""
        return self.channels * (2 * self.neighbours + 1)

    @property
    def lies_any_way(self) -> bool:
        """Whether images are pictures that may lie any way, so that turned ones are as likely."""
        return len(self.patch) == 2 and self.image_rank == 2 and min(self.rotation_deg) >= 180

    @property
    @abc.abstractmethod
    def target(self) -> ArrayTarget:
        """What is learnt of each voxel."""

    def source(self, case: Case) -> Image:
        """The image that the network is given of a case.

        Args:
            case: whose files are read.

        Raises:
            Problem: it cannot be read.
        """
        return case.image()

    def preparing_plan(self, case: Case) -> Self:
        """The plan that a case's image is prepared by, for the network and for its grid.

        Args:
            case: of training or validation.
        """
        return self

    def source_key(self, case: Case) -> tuple:
        """What that image follows from, besides the files of the case's image and this plan."""
        return ()

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        value = getattr(self, name)
        if name == "intensities":
            return ", ".join(f"{one.low:.5g} to {one.high:.5g}" for one in value) or "-"
        if name == "pool":
            return ", ".join(size_text(level) for level in value)
        return super().value_text(name)


def patch_divisor(levels: Sequence[Sequence[int]], axes: int) -> tuple[int, ...]:
    """What each side of a patch must be a multiple of.

    Args:
        levels: by how much each axis shrinks at each level.
        axes: of the patch.
    """
    return tuple(int(np.prod([level[axis] for level in levels], dtype=int)) for axis in range(axes))
