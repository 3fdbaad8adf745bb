"""What a data set holds, found by reading each case once."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_mia.core.parallel import map_cases
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_key import case_key
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.image_checks import finite_range
from keras_mia.data.fingerprint.sampling import sample_voxels
from keras_mia.data.fingerprint.similarity import digest, thumbnail
from keras_mia.data.geometry import nonzero_box, tilt
from keras_mia.data.image import Image, grid_difference, ras_orientation
from keras_mia.data.io.labels.components import count_values, is_label, share_in_one_piece
from keras_mia.data.io.labels.ranges import Ranges, merge, merge_counts
from keras_mia.data.io.pictures.channels import is_grey
from keras_mia.data.io.pictures.pixels import TURNED

PERCENTILES = (0.5, 5, 25, 50, 75, 95, 99.5)
SAMPLE = 10_000

_known: dict[tuple, "CaseFacts"] = {}


@dataclass(frozen=True, eq=False)
class CaseFacts:
    """What planning needs to know of one case.

    Args:
        name: the case's name.
        space: voxels an axis inside the box of a volume that is not zero; the whole of a picture.
            Volumes with an affine are counted in RAS order, as they will be prepared.
        spacing: mm an axis in the same order; None where the files do not say.
        axes: the file's axis that each of these is.
        tilt_deg: the largest angle between one of these and the axis of the body it stands for.
        channels: of all files of the case together.
        dtype: as stored.
        low: smallest intensity a channel.
        high: largest intensity a channel.
        percentiles: `(channels, 7)`, those of `PERCENTILES`.
        sample: `(n, channels)` float32 intensities at up to 10,000 voxels that do not hold the
            smallest label value.
        sample_values: `(n,)` their label values.
        values: label value -> number of voxels in the region.
        region_share: share of the voxels that count.
        modality: "CT", "MR", ... where the file says so.
        integer: whether all intensities are whole numbers.
        digest: equal in images of equal content.
        label_digest: equal in label maps of equal content; None where one value fills it.
        thumbnail: `(32, 32)` of a picture, as `likeness.thumbnail` makes it.
        one_piece: share of the label values, but the smallest, that are one connected piece each.
        is_label: whether a channel of the image is the label map itself.
        colours: whether three channels are red, green and blue.
        grey: whether all channels are equal.
        remarks: on how image and label map were read.
    """

    name: str
    space: tuple[int, ...]
    spacing: tuple[float, ...] | None
    axes: tuple[int, ...]
    tilt_deg: float
    channels: int
    dtype: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    percentiles: np.ndarray
    sample: np.ndarray
    sample_values: np.ndarray
    values: Mapping[int, int]
    region_share: float
    modality: str | None
    integer: bool
    digest: str
    label_digest: str | None
    thumbnail: np.ndarray | None
    one_piece: float = 0.0
    is_label: bool = False
    colours: bool = False
    grey: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """2 for a picture, 3 for a volume."""
        return len(self.space)

    def merged(self, ranges: Ranges) -> "CaseFacts":
        """The same with each range of label values read as one value."""
        if not (ranges and self.values):
            return self
        values = merge_counts(self.values, ranges)
        sample_values = merge(self.sample_values, ranges)
        beyond = sample_values != min(values)
        return replace(
            self, values=values, sample=self.sample[beyond], sample_values=sample_values[beyond]
        )

    def as_stored(self) -> "CaseFacts":
        """The same with the axes in the file's order."""
        back = np.argsort(self.axes)
        space = tuple(self.space[axis] for axis in back)
        spacing = self.spacing and tuple(self.spacing[axis] for axis in back)
        return replace(self, space=space, spacing=spacing, axes=tuple(range(self.rank)))


def facts(case: Case) -> CaseFacts:
    """Reads and checks a case; in one process each case is read once.

    Raises:
        Problem: image and label map do not lie on one grid, or the image holds NaN or infinity.
    """
    key = (case.name, *case_key(case))
    if key not in _known:
        _known[key] = _read(case)
    return _known[key]


def survey(
    cases: Sequence[Case], doing: str = "reading cases", *, ranges: Ranges = ()
) -> list[CaseFacts]:
    """The facts of all cases, in their order, read by a few threads.

    Args:
        cases: to read.
        doing: the label of the progress bar.
        ranges: label values that are read as one.

    Raises:
        Problem: names all cases that are wrong, the first ten of them with what is wrong.
    """
    new = [case for case in cases if (case.name, *case_key(case)) not in _known]
    if new:
        map_cases(facts, new, doing)
    return [facts(case).merged(ranges) for case in cases]


def content(
    case: Case, *, keep: Sequence[int] | None = None, ranges: Ranges = ()
) -> tuple[float | str, ...]:
    """What folds are balanced by: how much foreground there is, and which label values.

    Args:
        case: with a label map.
        keep: the label values that count; None is all.
        ranges: label values that are read as one.

    Returns:
        The share of the voxels that hold foreground, and the values that are there.
    """
    values = facts(case).merged(ranges).values
    total = max(1, sum(values.values()))
    background = min(values, default=0)
    counted = {value: count for value, count in values.items() if keep is None or value in keep}
    share = sum(count for value, count in counted.items() if value != background) / total
    return (share, *map(str, sorted(counted)))


def _read(case: Case) -> CaseFacts:
    image = case.image()
    low, high = finite_range(image, case.images)
    orientation = ras_orientation(image)
    array = orientation.apply(image.array)
    space, spacing = image.space, image.spacing_mm
    if image.rank == 3:
        space = tuple(stop - start for start, stop in nonzero_box(array))
    # A million voxels tell percentiles as well as all, and much faster.
    some = sample_voxels(image.array, 1_000_000).astype(np.float32)
    return CaseFacts(
        name=case.name,
        space=tuple(space),
        spacing=spacing and orientation.permute(spacing),
        axes=orientation.axes,
        tilt_deg=0.0 if image.affine is None else tilt(image.affine, orientation),
        channels=image.array.shape[-1],
        dtype=str(image.array.dtype),
        low=low,
        high=high,
        percentiles=np.percentile(some, PERCENTILES, axis=0).T,
        modality=image.modality,
        integer=bool(np.array_equal(some, np.round(some))),
        digest=digest(image.space, some),
        thumbnail=thumbnail(image),
        colours=image.colours,
        grey=is_grey(image.array),
        **_label(case, image),
    )


def _label(case: Case, image: Image) -> dict[str, Any]:
    """What the label map adds to the facts."""
    channels = image.array.shape[-1]
    if case.target is None:
        return {
            "values": {},
            "sample": np.zeros((0, channels), np.float32),
            "sample_values": np.zeros(0, int),
            "region_share": 1.0,
            "label_digest": None,
            "remarks": image.remarks,
        }
    label = case.label()
    _check_grid(case, image, label)
    region = case.region_mask()
    if region is not None and region.shape != image.space:
        raise Problem(
            f"The region has {_sizes(region.shape)} voxels, the image {_sizes(image.space)}.",
            case.region,
            "Give a region mask on the image's own grid.",
        )
    flat = label.array.reshape(-1)
    inside = flat if region is None else flat[region.reshape(-1)]
    values = count_values(inside)
    if not values:
        raise Problem("The region is empty.", case.region, "Leave the case or its region out.")
    beyond = flat != min(values)
    if region is not None:
        beyond &= region.reshape(-1)
    chosen = np.flatnonzero(beyond)
    counts = np.array([*values.items()])
    label_digest = digest(image.space, np.packbits(beyond), counts) if chosen.size else None
    if chosen.size > SAMPLE:
        generator = np.random.default_rng(zlib.crc32(case.name.encode()))
        chosen = np.sort(generator.choice(chosen, SAMPLE, replace=False))
    return {
        "values": values,
        "sample": image.array.reshape(-1, channels)[chosen].astype(np.float32),
        "sample_values": flat[chosen].astype(int),
        "region_share": inside.size / max(1, flat.size),
        "label_digest": label_digest,
        "one_piece": share_in_one_piece(label.array[..., 0], values),
        "is_label": is_label(image.array, label.array[..., 0]),
        "remarks": (*image.remarks, *label.remarks),
    }


def _check_grid(case: Case, image: Image, label: Image) -> None:
    difference = grid_difference(image, label)
    if difference:
        raise Problem(
            f"An image and its label map share one grid; these have {difference}.",
            case.target,
            mend_of_untagged(case, image, label)
            or f"Resample it onto {', '.join(map(str, case.images))}, or mend its header.",
        )


def mend_of_untagged(case: Case, image: Image, label: Image) -> str | None:
    """What to do where a label map fits an image as it is stored, not as its orientation tag has
    it; None where that is not so."""
    if TURNED not in image.remarks or TURNED in label.remarks or image.rank != 2:
        return None
    if label.space != image.space[::-1]:
        return None
    return (
        "The image is turned by its orientation tag, the label map fits it unturned: turn the label"
        f" map, or take the tag off the image (exiftool -Orientation= '{case.images[0]}')."
    )


def _sizes(space: Sequence[int]) -> str:
    return " x ".join(map(str, space))
