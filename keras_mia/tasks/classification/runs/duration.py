"""How long the evaluation of test cases takes."""

from keras_mia.tasks.classification.classification_plan import ClassificationPlan
from keras_mia.tasks.classification.predictor import mirrored
from keras_mia.tasks.evaluation_time import OVERHEAD


def evaluation_time(test: int, validation: int, plan: ClassificationPlan) -> float:
    """How many times as long as a validation it takes to evaluate test cases: validation cases are
    predicted once more, to calibrate by, and all of them in every view.

    Args:
        test: how many images.
        validation: how many.
        plan: for the views.
    """
    return OVERHEAD * 2 ** len(mirrored(plan)) * (test + validation) / max(1, validation)
