"""What truth and probabilities have to be, checked once for every score of cases."""

from collections.abc import Sequence

import numpy as np

Numbers = np.ndarray | Sequence[float]
ROUNDING = 0.02  # how far from 1 a row of bfloat16 probabilities may add up
BEYOND = 1e-5  # how far outside of 0 to 1 sums and means of float32 probabilities may lie


def binary(truth: Numbers, probability: Numbers) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays `(cases,)`, bool and float.

    Args:
        truth: `(cases,)`, 0 or 1.
        probability: `(cases,)`, or any number that rises with it.

    Returns:
        The truth as bool and the probability as float, `(cases,)` each.

    Raises:
        ValueError: shapes do not fit, the truth is not 0 or 1, or a probability is no number.
    """
    truth, probability = np.asarray(truth), np.asarray(probability, float)
    if truth.ndim != 1 or truth.shape != probability.shape:
        raise ValueError(f"Truth {truth.shape} and probabilities {probability.shape} do not fit.")
    others = truth[~np.isin(truth, (0, 1))]
    if len(others):
        raise ValueError(f"The truth holds {others[0]}; it has to be 0 or 1.")
    if np.isnan(probability).any():
        raise ValueError("A probability is not a number.")
    return truth.astype(bool), probability


def multiclass(truth: Numbers, values: np.ndarray | Sequence) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays, integers `(cases,)` and a column a class `(cases, classes)`.

    Args:
        truth: `(cases,)`, integers.
        values: `(cases, classes)`, probabilities or logits.

    Returns:
        The truth as int64 `(cases,)` and the values as float `(cases, classes)`.

    Raises:
        ValueError: shapes do not fit, the truth names no column, or a value is no number.
    """
    truth, values = np.asarray(truth), np.asarray(values, float)
    if values.ndim != 2 or values.shape[1] < 2 or truth.shape != values.shape[:1]:
        raise ValueError(
            f"Truth {truth.shape} and {values.shape} do not fit: (cases,) and (cases, classes)."
        )
    classes = values.shape[1]
    if len(truth) and not (truth.dtype.kind in "iu" and 0 <= truth.min() <= truth.max() < classes):
        raise ValueError(f"The truth has to be integers from 0 to {classes - 1}.")
    if np.isnan(values).any():
        raise ValueError("A probability is not a number.")
    return truth.astype(np.int64), values


def in_range(values: np.ndarray) -> np.ndarray:
    """The same values, checked to be 0 to 1; what rounding left outside is brought there.

    Args:
        values: of any shape.

    Returns:
        Of the same shape, the very array where nothing had to be changed.

    Raises:
        ValueError: they are not.
    """
    low, high = values.min(initial=1), values.max(initial=0)
    if not (low >= -BEYOND and high <= 1 + BEYOND):
        raise ValueError(f"Probabilities have to be 0 to 1, not {low:g} to {high:g}.")
    return values if low >= 0 and high <= 1 else np.clip(values, 0, 1)


def probabilities_of(values: np.ndarray) -> np.ndarray:
    """Values as `in_range` gives them, whose rows add up to 1.

    Args:
        values: `(cases,)`, or `(cases, classes)`.

    Returns:
        Of the same shape.

    Raises:
        ValueError: they do not, or lie outside of 0 to 1.
    """
    values = in_range(values)
    if values.ndim == 2 and (np.abs(values.sum(axis=1) - 1) > ROUNDING).any():
        worst = values.sum(axis=1)[np.abs(values.sum(axis=1) - 1).argmax()]
        raise ValueError(f"The probabilities of a case add up to {worst:g}, not 1.")
    return values
