"""What images that are answered as a whole look like, found by reading each once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_mia.core.parallel import map_cases
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.image_checks import finite_range
from keras_mia.data.fingerprint.sampling import sample_voxels
from keras_mia.data.fingerprint.similarity import digest, thumbnail
from keras_mia.data.image import ras_orientation
from keras_mia.data.io.pictures.channels import is_grey

SAMPLE = 4096


@dataclass(frozen=True, eq=False)
class Look:
    """What planning needs to know of one image.

    Args:
        name: of the case.
        space: voxels an axis; volumes with an affine in RAS order.
        spacing: mm an axis in the same order; None where the file does not say.
        channels: how many.
        dtype: as stored.
        low: smallest intensity a channel.
        high: largest intensity a channel.
        integer: whether all intensities are whole numbers.
        modality: "CT", "MR", ... where the file says so.
        sample: `(n, channels)` as stored, up to 4,096 intensities, as `sample_voxels` takes them.
        digest: equal in images of equal content.
        thumbnail: of a picture, as `likeness.thumbnail` makes it, where it was asked for.
        colours: whether three channels are red, green and blue.
        grey: whether all channels are equal.
        remarks: on how it was read.
        stored: voxels an axis in the file's own order; empty where it is that of `space`.
    """

    name: str
    space: tuple[int, ...]
    spacing: tuple[float, ...] | None
    channels: int
    dtype: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    integer: bool
    modality: str | None
    sample: np.ndarray
    digest: str
    thumbnail: np.ndarray | None = None
    colours: bool = False
    grey: bool = False
    remarks: tuple[str, ...] = ()
    stored: tuple[int, ...] = ()

    @property
    def rank(self) -> int:
        """2 for a picture, 3 for a volume."""
        return len(self.space)


def look(case: Case, *, thumbnails: bool = False) -> Look:
    """Reads an image.

    Args:
        case: whose image it is.
        thumbnails: whether to keep what pictures look like from afar.

    Raises:
        Problem: it cannot be read, or holds values that are not numbers.
    """
    image = case.image()
    array = image.array
    whole = array.dtype.kind in "iu"
    low, high = finite_range(image, case.images)
    turn = ras_orientation(image)
    some = sample_voxels(array, SAMPLE)
    return Look(
        name=case.name,
        space=turn.permute(image.space),
        spacing=image.spacing_mm and turn.permute(image.spacing_mm),
        channels=array.shape[-1],
        dtype=str(array.dtype),
        low=low,
        high=high,
        integer=whole or bool(np.array_equal(some, np.round(some))),
        modality=image.modality,
        sample=some,
        digest=digest(image.space, _plain(array)),
        thumbnail=thumbnail(image) if thumbnails else None,
        colours=image.colours,
        grey=is_grey(array),
        remarks=image.remarks,
        stored=image.space,
    )


def _plain(array: np.ndarray) -> np.ndarray:
    """The same numbers in a type that does not tell how they were stored: bytes where they fit."""
    if array.dtype == np.uint8:
        return array
    with np.errstate(invalid="ignore"):
        small = array.astype(np.uint8)
    return small if np.array_equal(small, array) else array.astype(np.float32)


def looks(cases: Sequence[Case]) -> list[Look]:
    """A look at every case, in their order, by a few threads.

    Raises:
        Problem: names all that cannot be read.
    """
    return map_cases(look, cases, "reading cases")
