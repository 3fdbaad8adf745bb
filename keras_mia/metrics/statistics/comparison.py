"""Two models' predictions for the same cases compared, score by score, with the test that holds."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_mia.metrics.classification.scores import classification_scores, multilabel_scores
from keras_mia.metrics.statistics.interval import no_interval
from keras_mia.metrics.statistics.paired import (
    Comparison,
    delong_test,
    mcnemar_test,
    paired_comparison,
)
from keras_mia.metrics.statistics.ranges import range_of
from keras_mia.metrics.statistics.summaries import outcome

DELONG = 20  # cases of either class from which on DeLong's test holds
SIGN_FLIPS = "sign flips"
COUNTS = ("missed", "false_positive")


class ScoreComparison(NamedTuple):
    """One score of two models.

    Args:
        score: its name.
        comparison: of its values.
        test: whose p it is.
        cases: on how many cases the score of both is defined.
        patients: of how many patients these are.
    """

    score: str
    comparison: Comparison
    test: str
    cases: int
    patients: int


def compare_values(
    score: str,
    first: Sequence[float] | np.ndarray,
    second: Sequence[float] | np.ndarray,
    patients: Sequence[Hashable],
) -> ScoreComparison:
    """The mean of a value a case, on the cases in which both are defined.

    Args:
        score: its name, which its range follows from.
        first, second: the two models' values `(cases,)`; NaN or infinite: undefined.
        patients: whose case it is.

    Returns:
        The comparison by the sign-flip test.

    Example:
        >>> nan = float("nan")
        >>> compared = compare_values("hd95_mm", [2.0, 9.0, 3.0], [2.5, nan, 3.5], "abc")
        >>> compared.cases, compared.comparison.first, compared.comparison.difference
        (2, 2.5, 0.5)
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    defined = np.isfinite(first) & np.isfinite(second)
    limits = range_of(score)
    bounds = (-np.inf, np.inf) if limits is None else (limits.low, limits.high)
    comparison = paired_comparison(first, second, patients, bounds=bounds)
    counted = {patient for patient, is_defined in zip(patients, defined, strict=True) if is_defined}
    return ScoreComparison(score, comparison, SIGN_FLIPS, int(defined.sum()), len(counted))


def compare_structures(
    first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]], metrics: Sequence[str]
) -> list[ScoreComparison]:
    """Label maps of two models: each metric where both have it, and their wrong structures.

    Args:
        first, second: rows of the same cases and classes in the same order, with `case`, `patient`
            and metrics.
        metrics: which ones.

    Returns:
        Of each metric the mean over cases of the mean over the classes in which both define it; of
        `missed` and `false_positive` how many structures were, where there are dice, sensitivity
        and precision.
    """
    patient = {row["case"]: row["patient"] for row in first}
    compared = []
    for metric in metrics:
        pairs: dict[str, list[tuple[float, float]]] = {case: [] for case in patient}
        for row, other in zip(first, second, strict=True):
            values = float(row[metric]), float(other[metric])
            if np.isfinite(values).all():
                pairs[row["case"]].append(values)
        means = [
            np.mean(values, axis=0) if values else np.full(2, np.nan) for values in pairs.values()
        ]
        one, other = np.transpose(means)
        compared.append(compare_values(metric, one, other, list(patient.values())))
    needed = ("dice", "sensitivity", "precision")
    if all(name in row for row in (*first, *second) for name in needed):
        compared += [_compare_counts(kind, first, second, patient) for kind in COUNTS]
    return compared


def _compare_counts(
    kind: str,
    first: Sequence[Mapping[str, Any]],
    second: Sequence[Mapping[str, Any]],
    patient: Mapping[str, str],
) -> ScoreComparison:
    """How many structures of all cases have this outcome."""
    counts = [
        Counter(row["case"] for row in rows if outcome(row) == kind) for rows in (first, second)
    ]
    one, other = ([float(count[case]) for case in patient] for count in counts)
    compared = compare_values(kind, one, other, list(patient.values()))
    total = compared.comparison._replace(
        first=sum(one),
        second=sum(other),
        difference=sum(other) - sum(one),
        interval=no_interval("it is a count"),
    )
    return compared._replace(comparison=total)


def compare_classes(
    truth: np.ndarray,
    probabilities: Sequence[np.ndarray],
    decisions: Sequence[np.ndarray],
    patients: Sequence[Hashable],
) -> list[ScoreComparison]:
    """Areas under the ROC curve and accuracies of two models' classes.

    DeLong's and McNemar's tests take cases for independent, which those of one patient are not; and
    DeLong's takes them for many. Otherwise signs are flipped.

    Args:
        truth: `(cases,)`, integers.
        probabilities: of either model `(cases, classes)`.
        decisions: of either model `(cases,)`.
        patients: whose case it is.

    Returns:
        That of `auc` and that of `accuracy`.
    """
    count, independent = len(set(patients)), len(set(patients)) == len(patients)
    sizes = np.bincount(truth, minlength=probabilities[0].shape[1])
    if independent and len(sizes) == 2 and sizes.min() >= DELONG:
        areas = delong_test(truth, probabilities[0][:, 1], probabilities[1][:, 1])
        compared = [ScoreComparison("auc", areas, "DeLong", len(truth), count)]
    else:
        compared = [_compare_areas(classification_scores, truth, probabilities, patients)]
    first, second = decisions
    accuracy = compare_values("accuracy", first == truth, second == truth, patients)
    if independent:
        test = mcnemar_test(truth, first, second)
        name = f"McNemar, {test.only_second} : {test.only_first}"
        accuracy = accuracy._replace(comparison=accuracy.comparison._replace(p=test.p), test=name)
    return [*compared, accuracy]


def compare_labels(
    truth: np.ndarray, probabilities: Sequence[np.ndarray], patients: Sequence[Hashable]
) -> list[ScoreComparison]:
    """Areas under the ROC curve, mean over labels, of two models that predict several at once.

    Args:
        truth: `(cases, labels)`, 0 or 1; -1 or NaN where unknown.
        probabilities: of either model `(cases, labels)`.
        patients: whose case it is.

    Returns:
        That of `auc`.
    """
    return [_compare_areas(multilabel_scores, truth, probabilities, patients)]


def _compare_areas(
    scores: Callable, truth: np.ndarray, probabilities: Sequence[np.ndarray], patients: Sequence
) -> ScoreComparison:
    def area(one: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        return lambda weights: scores(truth, one, weights=weights).mean["auc"]

    first, second = probabilities
    comparison = paired_comparison(area(first), area(second), patients)
    return ScoreComparison("auc", comparison, SIGN_FLIPS, len(truth), len(set(patients)))
