"""Rules for what intensities mean: each looks at facts and gives a value with its reason.

Source: most follow nnU-Net, https://doi.org/10.1038/s41592-020-01008-z
"""

from collections.abc import Callable, Sequence

import numpy as np

from keras_mia.data.fingerprint.facts import CaseFacts
from keras_mia.data.fingerprint.intensity import Intensity
from keras_mia.data.fingerprint.sampling import sample_indices
from keras_mia.planning.choices import Choices, Chosen, check_depths

MOST_SAMPLED = 2000
"""Of more images than that a sample tells the intensities."""


def take_intensities(
    choices: Choices,
    facts: Sequence[CaseFacts],
    stated: str | None,
    scheme_of: Callable[[str | None], Chosen[str]],
    statistics_of: Callable[[str], Chosen[tuple]],
) -> None:
    """Takes modality, scheme and statistics of intensities.

    Args:
        choices: to take them into.
        facts: of the training images.
        stated: the modality that the data set as a whole states.
        scheme_of: from the modality to the scheme.
        statistics_of: from the scheme to the statistics.

    Raises:
        Problem: pictures of several depths, where the scheme takes intensities for what they are.
    """
    chosen_modality = choices.take("modality", lambda: modality(facts, stated))
    scheme = choices.take("normalization", lambda: scheme_of(chosen_modality))
    check_depths(facts, scheme)
    choices.take("intensities", lambda: statistics_of(scheme))


def modality(facts: Sequence[CaseFacts], stated: str | None) -> Chosen[str | None]:
    """What the images were made with: as the data set states, as the files say, or as it looks."""
    if stated:
        return stated, "the data set says so"
    modalities = sorted({one.modality for one in facts if one.modality})
    if len(modalities) == 1:
        return modalities[0], "the files say so"
    if modalities:
        return None, f"the files say {' and '.join(modalities)}"
    if are_hounsfield_units(facts):
        low = float(np.median([one.low[0] for one in facts]))
        return "CT", f"whole numbers from {low:.0f} can only be Hounsfield units"
    return None, "the files do not say"


def normalization(chosen_modality: str | None) -> Chosen[str]:
    """The scheme of normalization."""
    if chosen_modality == "CT":
        return "ct", "Hounsfield units mean the same in every scan"
    return "zscore", "intensities have no unit: each image by itself"


def are_hounsfield_units(facts: Sequence[CaseFacts]) -> bool:
    """Whether the intensities of volumes can only be Hounsfield units."""
    if any(one.channels != 1 or one.rank != 3 or not one.integer for one in facts):
        return False
    low = np.median([one.low[0] for one in facts])
    high = np.median([one.high[0] for one in facts])
    return bool(-4096 <= low <= -900 and 100 <= high <= 33_000)


def intensities(facts: Sequence[CaseFacts], foreground: set[int]) -> Chosen[tuple]:
    """The statistics of the training foreground, one a channel; empty where there is none."""
    labels = [one.label for one in facts if one.label]
    chosen = [one.sample[np.isin(one.sample_values, list(foreground))] for one in labels]
    values = np.concatenate([one.astype(np.float32) for one in chosen])
    if not len(values):
        return (), "no foreground in the training images"
    reason = f"0.5 to 99.5 percentiles of {len(values):,} foreground voxels"
    return intensities_of(values, facts), reason


def intensities_of_all(facts: Sequence[CaseFacts]) -> Chosen[tuple]:
    """The statistics of whole training images, one a channel."""
    chosen = [facts[number] for number in sample_indices(len(facts), MOST_SAMPLED)]
    values = np.concatenate([one.sample.astype(np.float32) for one in chosen])
    return intensities_of(values, facts), f"of {len(values):,} voxels of the training images"


def intensities_of(values: np.ndarray, facts: Sequence[CaseFacts]) -> tuple[Intensity, ...]:
    """The statistics of each channel.

    Args:
        values: a sample, `(n, channels)`.
        facts: of the images.
    """
    return tuple(
        Intensity.of(values[:, channel], [(one.low[channel], one.high[channel]) for one in facts])
        for channel in range(values.shape[1])
    )
