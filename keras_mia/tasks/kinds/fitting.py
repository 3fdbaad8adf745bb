"""Temperature and thresholds, fitted on validation cases."""

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import plural
from keras_mia.metrics import choose_threshold, temperature
from keras_mia.metrics.classification.calibration import SMALLEST
from keras_mia.metrics.classification.temperature_scaling import HIGHEST, LOWEST

FEWEST = 30
"""Validation cases that a temperature is fitted on at least. Of logits of 2 the inverse temperature
of n cases has a deviation of about 1.5 / sqrt(n) (Fisher's information): of 30 cases it is found to
within a half either way, of 4 it may be anything."""


def logits_of(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of float32 probabilities, of which 0 is one that float32 cannot hold.

    Args:
        probabilities: of any shape.
    """
    return np.log(np.maximum(np.asarray(probabilities, float), SMALLEST))


def fitted_temperature(logits: np.ndarray, labels: np.ndarray) -> tuple[float, str]:
    """The temperature, and what is to be said of it.

    Args:
        logits: `(cases, classes)`.
        labels: `(cases,)`, integers.
    """
    count = len(labels)
    if count < FEWEST or len(np.unique(labels)) < 2:
        why = "all validation cases are of one class"
        if count < FEWEST:
            why = f"{plural(count, 'validation case')} are fewer than {FEWEST}"
        return 1.0, (
            f"No temperature was fitted, since {why}: the probabilities are those of the network,"
            " which may be more confident than right."
        )
    fitted = temperature(logits, labels, smoothing=2 / (count + 2))
    if LOWEST < fitted < HIGHEST:
        return fitted, ""
    return fitted, (
        f"The temperature that the validation cases ask for lies beyond {fitted:g}, where it was"
        " held: the probabilities cannot be taken at their word."
    )


def fitted_threshold(truth: np.ndarray, probability: np.ndarray) -> float:
    """The probability from which on a case is called positive.

    Args:
        truth: `(cases,)`, 1 or 0; below 0 where it is not known.
        probability: `(cases,)`.
    """
    is_labelled = truth >= 0
    truth, probability = truth[is_labelled], probability[is_labelled]
    try:
        threshold = choose_threshold(truth == 1, probability)
    except Problem:  # validation cases of one kind only
        return 0.5
    # Down to the next smaller probability all thresholds are as good. The middle is farthest from
    # both: at its end, where validation cases are all told apart, the least sure of the test fail.
    below = probability[probability < threshold]
    return float((threshold + below.max()) / 2) if below.size else threshold
