"""What an image that is to be made adds to the facts of a case."""

from dataclasses import dataclass

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.finite import finite_range
from keras_mia.data.fingerprint.sampling import DIGEST_SAMPLE, SAMPLE, sample_voxels
from keras_mia.data.fingerprint.similarity import digest
from keras_mia.data.image import Image


@dataclass(frozen=True, eq=False)
class TargetImageFacts:
    """What was found in an image that is to be made, on the grid of that which it is made from.

    Args:
        channels: of it.
        dtype: as stored, or float32 where it was resampled.
        low: smallest intensity a channel.
        high: largest intensity a channel.
        integer: whether all intensities are whole numbers.
        modality: "CT", "MR", ... where the file says so.
        sample: `(n, channels)` intensities at the very voxels that `CaseFacts.sample` holds those
            of the image at.
        digest: equal in images of equal content; equal to `CaseFacts.digest` where it is the image
            itself.
        colours: whether three channels are red, green and blue.
        remarks: on how it was read.
    """

    channels: int
    dtype: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    integer: bool
    modality: str | None
    sample: np.ndarray
    digest: str
    colours: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether each channel holds one value."""
        return self.low == self.high


def read_target_image_facts(case: Case, image: Image) -> TargetImageFacts:
    """Reads an image that is to be made.

    Args:
        case: whose target it is.
        image: of the case, as read.

    Raises:
        Problem: it cannot be read, cannot be put on the grid of the image, or holds NaN or
            infinity.
    """
    target = case.target_image(image)
    low, high = finite_range(target, [case.target])
    content = sample_voxels(target.array, DIGEST_SAMPLE).astype(np.float32)
    whole = target.array.dtype.kind in "iu"
    return TargetImageFacts(
        channels=target.array.shape[-1],
        dtype=str(target.array.dtype),
        low=low,
        high=high,
        integer=whole or bool(np.array_equal(content, np.round(content))),
        modality=target.modality,
        sample=sample_voxels(target.array, SAMPLE),
        digest=digest(target.space, content),
        colours=target.colours,
        remarks=target.remarks,
    )
