"""How networks are scored while they train, and chosen."""

from collections.abc import Sequence
from functools import cache, partial

import numpy as np

from keras_mia.data.preprocess.case_cache import CaseArrays
from keras_mia.inference.window import SlidingWindow
from keras_mia.tasks.patches.ensemble import validation_window
from keras_mia.tasks.translation.evaluation.texture_sets import (
    NETWORK,
    REAL,
    TextureSets,
    cells_of,
    slice_axis,
)
from keras_mia.tasks.translation.translation_plan import TranslationPlan
from keras_mia.training import Criterion, Validation

DEVIATIONS = 8.0
"""That prepared images span, as textures need it."""


def validate(stored: Sequence[CaseArrays], plan: TranslationPlan) -> Validation:
    """The error of a model over whole prepared cases, by which the best one is chosen; of a game
    the distance of textures.

    Args:
        stored: prepared validation cases.
        plan: of patches and the loss: it is chosen by `rmse` for "l2", else by `mae`; where a
            discriminator joins in, by `kernel_distance`.

    Returns:
        The scores, in normalized intensities.
    """

    def cells(image: np.ndarray) -> np.ndarray:
        return cells_of(image, data_range=DEVIATIONS, axis=_axis(plan))

    sources, targets = plan.of_kind(stored, 0), plan.of_kind(stored, 1)
    real = cache(lambda: [cells(np.asarray(case.target)) for case in targets])

    def scores(window: SlidingWindow) -> dict[str, float]:
        absolute, squares, textures = [], [], TextureSets()
        for features in real() if plan.is_game else ():
            textures.add(REAL, features)
        for case in sources:
            made = np.concatenate([block for _, block in window.blocks(case.image)])
            if plan.is_game:
                textures.add(NETWORK, cells(made))
            if not plan.kinds:
                error = (np.asarray(case.target) - made).ravel()
                absolute.append(np.abs(error).mean(dtype=np.float64))
                squares.append(np.sqrt(np.square(error).mean(dtype=np.float64)))
        pairs = {"mae": absolute, "rmse": squares}
        errors = {name: float(np.mean(values)) for name, values in pairs.items() if values}
        distances = textures.distances()
        return errors | ({"kernel_distance": distances[NETWORK]} if distances else {})

    chosen = "rmse" if plan.loss == "l2" else "mae"
    criterion = Criterion("kernel_distance" if plan.is_game else chosen, lower_is_better=True)
    return Validation(scores, criterion, predictor=partial(validation_window, plan=plan))


def _axis(plan: TranslationPlan) -> int | None:
    """Along which slices of prepared images lie."""
    if plan.slice_axis is not None:
        return 0
    return slice_axis(plan.spacing_mm or (1.0,) * plan.rank)
