"""What planning and the doctor need to know of a case: facts, found by reading it once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from keras_mia.data.fingerprint.target_image_facts import TargetImageFacts
from keras_mia.data.io.labels.ranges import Ranges, merge, merge_counts


@dataclass(frozen=True, eq=False)
class LabelFacts:
    """What a label map holds.

    Args:
        values: label value -> number of voxels in the region.
        sample: `(n, channels)` intensities as stored, at up to 10,000 voxels that do not hold the
            smallest label value.
        sample_values: `(n,)` their label values.
        digest: equal in label maps of equal content; None where one value fills it.
        one_piece: share of the label values, but the smallest, that are one connected piece each.
        is_image: whether it is a channel of the image itself.
        remarks: on how it was read.
    """

    values: Mapping[int, int]
    sample: np.ndarray
    sample_values: np.ndarray
    digest: str | None
    one_piece: float = 0.0
    is_image: bool = False
    remarks: tuple[str, ...] = ()

    def merged(self, ranges: Ranges) -> "LabelFacts":
        """The same with each range of label values read as one value.

        Args:
            ranges: first and last value, and the value that they are read as.
        """
        if not ranges:
            return self
        values = merge_counts(self.values, ranges)
        sample_values = merge(self.sample_values, ranges)
        beyond = sample_values != min(values)
        return replace(
            self, values=values, sample=self.sample[beyond], sample_values=sample_values[beyond]
        )


@dataclass(frozen=True, eq=False)
class CaseFacts:
    """What was found in a case.

    Args:
        name: of the case.
        space: voxels an axis; volumes with an affine in RAS order, as they will be prepared.
        nonzero_space: the same of the box of a volume that is not zero; the whole of a picture.
        spacing: mm an axis in the same order; None where the files do not say.
        axes: the file's axis that each of these is.
        tilt_deg: the largest angle between one of these and the axis of the body it stands for.
        channels: of all files of the image together.
        dtype: as stored.
        low: smallest intensity a channel.
        high: largest intensity a channel.
        integer: whether all intensities are whole numbers.
        modality: "CT", "MR", ... where the file says so.
        sample: `(n, channels)` as stored, up to 4,096 intensities, as `sample_voxels` takes them.
        digest: equal in images of equal content.
        thumbnail: of a picture, as `similarity.thumbnail` makes it, where it was wanted.
        colours: whether three channels are red, green and blue.
        grey: whether all channels are equal.
        image_remarks: on how the image was read.
        label: what its label map holds; None where it has none.
        target_image: what the image holds that is to be made; None where there is none.
    """

    name: str
    space: tuple[int, ...]
    nonzero_space: tuple[int, ...]
    spacing: tuple[float, ...] | None
    axes: tuple[int, ...]
    channels: int
    dtype: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    integer: bool
    modality: str | None
    sample: np.ndarray
    digest: str
    tilt_deg: float = 0.0
    thumbnail: np.ndarray | None = None
    colours: bool = False
    grey: bool = False
    image_remarks: tuple[str, ...] = ()
    label: LabelFacts | None = None
    target_image: TargetImageFacts | None = None

    @property
    def rank(self) -> int:
        """2 for a picture, 3 for a volume."""
        return len(self.space)

    @property
    def stored_space(self) -> tuple[int, ...]:
        """Voxels an axis in the file's own order."""
        return tuple(self.space[axis] for axis in np.argsort(self.axes))

    @property
    def values(self) -> Mapping[int, int]:
        """Label value -> number of voxels; empty where there is no label map."""
        return self.label.values if self.label else {}

    @property
    def remarks(self) -> tuple[str, ...]:
        """On how image and target were read."""
        of_target = self.label or self.target_image
        return self.image_remarks + (of_target.remarks if of_target else ())

    def merged(self, ranges: Ranges) -> "CaseFacts":
        """The same with each range of label values read as one value.

        Args:
            ranges: first and last value, and the value that they are read as.
        """
        return replace(self, label=self.label.merged(ranges)) if self.label and ranges else self

    def as_stored(self) -> "CaseFacts":
        """The same with the axes in the file's order."""
        back = np.argsort(self.axes)
        return replace(
            self,
            space=self.stored_space,
            nonzero_space=tuple(self.nonzero_space[axis] for axis in back),
            spacing=self.spacing and tuple(self.spacing[axis] for axis in back),
            axes=tuple(range(self.rank)),
        )

    def in_channels(self, channels: int) -> "CaseFacts":
        """The same with its intensities in as many channels as `common_channels` gives.

        Args:
            channels: of the prepared images.
        """
        if self.channels == channels:
            return self
        pick = [0] * channels
        return replace(
            self,
            channels=channels,
            low=tuple(self.low[at] for at in pick),
            high=tuple(self.high[at] for at in pick),
            sample=self.sample[:, pick],
            label=self.label and replace(self.label, sample=self.label.sample[:, pick]),
        )
