"""How networks are scored while they train, and chosen."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from keras_mia.data.preprocess.case_cache import CaseArrays
from keras_mia.inference.window import SlidingWindow
from keras_mia.tasks.patches.ensemble import validation_window
from keras_mia.tasks.translation.translation_plan import TranslationPlan
from keras_mia.training import Criterion, Validation


def validate(stored: Sequence[CaseArrays], plan: TranslationPlan) -> Validation:
    """The error of a model over whole prepared cases, by which the best one is chosen.

    Args:
        stored: prepared validation cases.
        plan: of patches and the loss: it is chosen by `rmse` for "l2", else by `mae`.

    Returns:
        The scores, in normalized intensities.
    """

    def scores(window: SlidingWindow) -> dict[str, float]:
        absolute, squares = [], []
        for case in stored:
            errors = [
                (np.asarray(case.target[row : row + len(block)]) - block).ravel()
                for row, block in window.blocks(case.image)
            ]
            error = np.concatenate(errors)
            absolute.append(np.abs(error).mean(dtype=np.float64))
            squares.append(np.sqrt(np.square(error).mean(dtype=np.float64)))
        return {"mae": float(np.mean(absolute)), "rmse": float(np.mean(squares))}

    criterion = Criterion("rmse" if plan.loss == "l2" else "mae", lower_is_better=True)
    return Validation(scores, criterion, predictor=partial(validation_window, plan=plan))
