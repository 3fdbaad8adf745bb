"""What planning has to know of pairs of images."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.datasets.splits.spatial import part_of
from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.sampling import sample_voxels
from keras_mia.data.preprocess.body_mask import air_around, body_mask

SAMPLE = 20_000
AIR_HU = -900.0


@dataclass(frozen=True, eq=False)
class TargetFacts:
    """What is known of a pair.

    Args:
        modality: of the image, where its file says it.
        target_modality: of the target.
        ends: the 1st and the 99th percentile of the image's first channel.
        target_ends: of the target's.
        target_channels: of the target.
        sample: values of the target, of its body where there is air around it, `(n, channels)`.
        has_air: whether there is air around the body.
        channels: of the image.
        extremes: the smallest and the largest value of each channel of the target.
        correlation: of the first channels, in the body where there is air around it; 1 where there
            are no pairs, of which ranges alone tell whether values mean the same.
    """

    modality: str | None
    target_modality: str | None
    ends: tuple[float, float]
    target_ends: tuple[float, float]
    target_channels: int
    sample: np.ndarray
    has_air: bool
    correlation: float
    channels: int = 1
    extremes: tuple[tuple[float, float], ...] = ()

    @property
    def is_ct(self) -> bool:
        """Whether the target holds Hounsfield units, by its file or by its values."""
        if self.target_modality:
            return self.target_modality == "CT"
        return bool(self.has_air and self.target_ends[0] <= AIR_HU)


def read_target_facts(case: Case) -> TargetFacts:
    """Reads a pair.

    Args:
        case: whose target is an image.

    Raises:
        Problem: a file cannot be read, or the images do not lie on one grid.
    """
    whole = case.image()
    target = part_of(case.target_image(whole), case.region)
    image = part_of(whole, case.region)
    mask = body_mask(image.array)
    has_air = air_around(image.array, mask)
    values = target.array[mask] if has_air else target.array.reshape(-1, target.array.shape[-1])
    flat = target.array.reshape(-1, target.array.shape[-1])
    return TargetFacts(
        image.modality,
        target.modality,
        _ends(image.array),
        _ends(target.array),
        target.array.shape[-1],
        values[:: max(1, len(values) // SAMPLE)].astype(np.float32),
        has_air,
        _correlation(image.array, target.array, mask if has_air else None),
        image.array.shape[-1],
        _extremes(flat),
    )


def read_facts_alone(case: Case, sources: Sequence[CaseFacts]) -> TargetFacts:
    """Reads an image of the kind that is to be made, where there are no pairs.

    Args:
        case: without a target.
        sources: facts of the training images of the other kind, whose usual range stands for that
            of the image which it would belong to.

    Raises:
        Problem: the file cannot be read.
    """
    image = part_of(case.image(), case.region)
    mask = body_mask(image.array)
    has_air = air_around(image.array, mask)
    flat = image.array.reshape(-1, image.array.shape[-1])
    values = image.array[mask] if has_air else flat
    ends = np.median([np.percentile(one.sample[:, 0], [1, 99]) for one in sources], axis=0)
    modalities = Counter(one.modality for one in sources)
    return TargetFacts(
        modality=modalities.most_common(1)[0][0],
        target_modality=image.modality,
        ends=(float(ends[0]), float(ends[1])),
        target_ends=_ends(image.array),
        target_channels=image.array.shape[-1],
        sample=values[:: max(1, len(values) // SAMPLE)].astype(np.float32),
        has_air=has_air,
        correlation=1.0,
        channels=Counter(one.channels for one in sources).most_common(1)[0][0],
        extremes=_extremes(flat),
    )


def _extremes(flat: np.ndarray) -> tuple[tuple[float, float], ...]:
    return tuple((float(one.min()), float(one.max())) for one in flat.T)


def _correlation(image: np.ndarray, target: np.ndarray, mask: np.ndarray | None) -> float:
    both = [
        np.asarray(one[..., 0] if mask is None else one[mask, 0], np.float64).ravel()
        for one in (image, target)
    ]
    deviations = [float(one.std()) for one in both]
    if min(deviations) == 0:
        return 0.0
    return float(np.mean((both[0] - both[0].mean()) * (both[1] - both[1].mean()))) / (
        deviations[0] * deviations[1]
    )


def _ends(array: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(sample_voxels(array, SAMPLE)[..., 0], [1, 99])
    return float(low), float(high)
