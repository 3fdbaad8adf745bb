"""What can be made of an image without a network."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from skimage.restoration import denoise_nl_means, wiener

from keras_mia.core.progress import progress
from keras_mia.data.augment.degradations import Blur, Noise, Resolution, Undersampling, value_range
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.sampling import sample_indices
from keras_mia.data.geometry.resampling import resample
from keras_mia.data.image import Image
from keras_mia.data.preprocess.prepare import prepare
from keras_mia.tasks.translation.identity import identity
from keras_mia.tasks.translation.translation_plan import TranslationPlan

Baseline = Callable[[Image], np.ndarray]
"""From an image as the network is given it to an image in the values of predictions."""

TUNED_ON = 5
"""Training cases on which the strength of a filter is chosen."""
MOST_AVERAGED = 50
STRENGTHS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
"""Of non-local means, times the deviation of the noise."""
PATCH, DISTANCE = 5, {2: 6, 3: 3}
"""Voxels of its patches, and how far off it looks for others, by the rank: the best of a few on
images of the hippocampus."""
BALANCES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""Of the Wiener filter, between sharpness and noise."""


def baselines(cases: Sequence[Case], plan: TranslationPlan) -> Mapping[str, Baseline]:
    """The baselines by their names, the identity first.

    Args:
        cases: training cases, of which the mean image is made, and by which filters are set.
        plan: of the run.

    Returns:
        The identity, the mean training image, and where images were made worse the usual filter.
    """
    degrading = plan.degrading
    named: dict[str, Baseline] = {_identity_name(degrading): lambda image: identity(image, plan)}
    named["mean training image"] = mean_image(cases, plan)
    if isinstance(degrading, Noise):
        named["non-local means"] = _tuned(non_local_means, STRENGTHS, cases, plan)
    if isinstance(degrading, Blur):
        named["Wiener filter"] = _tuned(wiener_filter, BALANCES, cases, plan)
    return named


def _identity_name(degrading: object) -> str:
    if isinstance(degrading, Resolution):
        return "cubic interpolation"
    return "zero filling" if isinstance(degrading, Undersampling) else "identity"


def mean_image(cases: Sequence[Case], plan: TranslationPlan) -> Baseline:
    """The mean of training targets, each brought to the centre and the extent of the image.

    Args:
        cases: training cases, of many a sample.
        plan: of the run.

    Returns:
        The baseline.
    """
    chosen = [cases[index] for index in sample_indices(len(cases), MOST_AVERAGED)]
    total: np.ndarray | None = None
    for case in progress(chosen, "mean image"):
        prepared = prepare(plan.source(case), plan, case.name)
        array = plan.target.prepare(case, prepared.grid, prepared.scale)
        total = array if total is None else total + resample(array, total.shape[:-1])
    assert total is not None
    mean = total / len(chosen)

    def of(image: Image) -> np.ndarray:
        prepared = prepare(image, plan)
        scale = plan.typical_scale or prepared.scale
        there = scale.undo(resample(mean, prepared.array.shape[:-1]))
        return prepared.grid.restore_image([(0, there)], plan.target_channels, plan.outside)

    return of


def non_local_means(image: Image, strength: float, plan: TranslationPlan) -> np.ndarray:
    """Each channel by non-local means, with the deviation of the noise known.

    Args:
        image: with noise.
        strength: times the noise's deviation.
        plan: of the noise.

    Returns:
        `(*space, channels)` float32.

    Source: Buades et al. (2005), doi:10.1109/CVPR.2005.38, by scikit-image.
    """
    noise = plan.degrading
    assert isinstance(noise, Noise)
    array = np.asarray(image.array, np.float32)
    # The range of the image without noise is wider in that with it by what noise adds.
    deviation = noise.level * value_range(array) / np.sqrt(1 + (2 * 2.33 * noise.level) ** 2)
    # The filter takes axes of one voxel away.
    flat = array.reshape(*(size for size in image.space if size > 1), array.shape[-1])
    channels = [
        denoise_nl_means(
            flat[..., channel],
            patch_size=PATCH,
            patch_distance=DISTANCE[flat.ndim - 1],
            h=strength * deviation[channel],
            sigma=deviation[channel],
            fast_mode=True,
        )
        for channel in range(array.shape[-1])
    ]
    return np.stack(channels, axis=-1).reshape(array.shape).astype(np.float32)


def wiener_filter(image: Image, balance: float, plan: TranslationPlan) -> np.ndarray:
    """Each channel by the Wiener filter of the Gaussian that blurred it.

    Args:
        image: blurred.
        balance: between sharpness and noise.
        plan: of the blur.

    Returns:
        `(*space, channels)` float32.
    """
    blur = plan.degrading
    assert isinstance(blur, Blur)
    array = np.asarray(image.array, np.float32)
    margin = int(4 * np.max(blur.sigma)) + 1
    spread = np.zeros((*[2 * margin + 1] * image.rank, 1))
    spread[(margin,) * image.rank] = 1
    spread = blur(spread, np.random.default_rng(0))[..., 0]
    low, span = float(array.min()), float(np.ptp(array)) or 1.0
    # The filter takes opposite borders for neighbours.
    wide = np.pad((array - low) / span, [(margin, margin)] * image.rank + [(0, 0)], "edge")
    inner = (slice(margin, -margin),) * image.rank
    channels = [
        wiener(wide[..., channel], spread, balance, clip=False)[inner]
        for channel in range(array.shape[-1])
    ]
    return (np.stack(channels, axis=-1) * span + low).astype(np.float32)


def _tuned(
    filtered: Callable[[Image, float, TranslationPlan], np.ndarray],
    strengths: Sequence[float],
    cases: Sequence[Case],
    plan: TranslationPlan,
) -> Baseline:
    """The filter with the strength that has the least squared error on training cases."""
    chosen = [cases[index] for index in sample_indices(len(cases), TUNED_ON)]
    errors = np.zeros(len(strengths))
    for case in progress(chosen, "setting the filter"):
        source = plan.source(case)
        truth = plan.truth(case).array
        for number, strength in enumerate(strengths):
            errors[number] += np.mean((filtered(source, strength, plan) - truth) ** 2)
    best = strengths[int(np.argmin(errors))]
    return lambda image: filtered(image, best, plan)
