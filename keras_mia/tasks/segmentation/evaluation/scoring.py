"""Cases predicted and scored, one at a time."""

from collections.abc import Callable, Sequence

import numpy as np

from keras_mia.data.datasets.cases import Case
from keras_mia.data.image import Image
from keras_mia.tasks.segmentation.evaluation.case_truth import truth
from keras_mia.tasks.segmentation.evaluation.evaluator import Evaluator
from keras_mia.tasks.segmentation.predictor import Prediction, Predictor


def score(
    evaluator: Evaluator,
    case: Case,
    predictor: Predictor,
    *,
    baselines: Callable[[Image], Sequence[np.ndarray]] = lambda image: (),
) -> tuple[Image, Prediction]:
    """Predicts a case and adds its scores; of its probabilities never more than a part is held.

    Args:
        evaluator: that they are added to.
        case: with its label map.
        predictor: of the trained network.
        baselines: from an image to predictions without a network, to read the scores by.

    Returns:
        The image and the prediction, to be saved and drawn.

    Raises:
        Problem: the label map holds a value that training did not have.
    """
    image, expected = case.image(), truth(case, predictor.plan)

    def count(take: Callable[[np.ndarray], np.ndarray], probabilities: np.ndarray) -> None:
        evaluator.count(take(expected), probabilities)

    prediction = predictor(image, watch=count, where=case.images[0])
    evaluator.add(
        case.name,
        case.patient,
        expected,
        prediction.classes,
        spacing_mm=image.spacing_mm,
        baselines=baselines(image),
    )
    return image, prediction
