"""How networks for whole images are scored while they train, and chosen."""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.kinds.table import kind_of
from keras_mia.training import Validation


def validation(
    truth: np.ndarray, outputs: Callable[[Any], np.ndarray], plan: ClassificationPlan
) -> Validation:
    """The scores of a model on validation cases, and by which of them the best is chosen.

    Args:
        truth: `(cases, outputs)` of the validation cases, as `ImageTarget.encode` gives it.
        outputs: from a model to its outputs for these cases, of the same shape.
        plan: for the kind of target.
    """
    kind = kind_of(plan)
    columns = kind.without_area(truth)
    note = ""
    if columns:
        of = f" of {', '.join(columns)}" if any(columns) else ""
        note = (
            f"The validation cases have no area under the ROC curve{of}: they do not hold both what"
            " is positive and what is negative. The best network is the one whose probabilities of"
            " the truth are greatest (nll)."
        )
    return Validation(
        lambda model: kind.validation_scores(truth, outputs(model)), kind.criterion(truth), note
    )
