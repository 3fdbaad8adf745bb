"""Two models' answers to the same cases compared, score by score, with the test that holds."""

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
from keras_mia.metrics.statistics.summaries import finding

DELONG = 20  # cases of either class from which on DeLong's test holds
SIGN_FLIPS = "sign flips"
COUNTS = ("missed", "invented")


class Compared(NamedTuple):
    """One score of two models.

    Args:
        score: its name.
        found: the comparison.
        test: whose p it is.
        cases: on how many cases the score of both is defined.
        patients: of how many patients these are.
    """

    score: str
    found: Comparison
    test: str
    cases: int
    patients: int


def compare_values(
    score: str,
    first: Sequence[float] | np.ndarray,
    second: Sequence[float] | np.ndarray,
    patients: Sequence[Hashable],
) -> Compared:
    """The mean of a value a case, on the cases in which both are defined.

    Args:
        score: its name, which tells its range.
        first, second: the two models' values `(cases,)`; NaN or infinite: undefined.
        patients: whose case it is.

    Example:
        >>> nan = float("nan")
        >>> found = compare_values("hd95_mm", [2.0, 9.0, 3.0], [2.5, nan, 3.5], "abc")
        >>> found.cases, found.found.first, found.found.difference
        (2, 2.5, 0.5)
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    known = np.isfinite(first) & np.isfinite(second)
    limits = range_of(score)
    bounds = (-np.inf, np.inf) if limits is None else (limits.low, limits.high)
    found = paired_comparison(first, second, patients, bounds=bounds)
    owners = {patient for patient, kept in zip(patients, known, strict=True) if kept}
    return Compared(score, found, SIGN_FLIPS, int(known.sum()), len(owners))


def compare_structures(
    first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]], metrics: Sequence[str]
) -> list[Compared]:
    """Label maps of two models: each metric where both have it, and what they missed and invented.

    Args:
        first, second: rows of the same cases and classes in the same order, with `case`, `patient`
            and metrics.
        metrics: which ones.

    Returns:
        Of each metric the mean over cases of the mean over the classes in which both define it; of
        `missed` and `invented` how many structures that befell, where dice, sensitivity and
        precision tell.
    """
    patient = {row["case"]: row["patient"] for row in first}
    found = []
    for metric in metrics:
        pairs: dict[str, list[tuple[float, float]]] = {case: [] for case in patient}
        for row, other in zip(first, second, strict=True):
            values = float(row[metric]), float(other[metric])
            if np.isfinite(values).all():
                pairs[row["case"]].append(values)
        means = [np.mean(own, axis=0) if own else np.full(2, np.nan) for own in pairs.values()]
        one, other = np.transpose(means)
        found.append(compare_values(metric, one, other, list(patient.values())))
    told = ("dice", "sensitivity", "precision")
    if all(name in row for row in (*first, *second) for name in told):
        found += [_compare_counts(kind, first, second, patient) for kind in COUNTS]
    return found


def _compare_counts(
    kind: str,
    first: Sequence[Mapping[str, Any]],
    second: Sequence[Mapping[str, Any]],
    patient: Mapping[str, str],
) -> Compared:
    """In how many structures of all cases the finding is this one."""
    counts = [
        Counter(row["case"] for row in rows if finding(row) == kind) for rows in (first, second)
    ]
    one, other = ([float(count[case]) for case in patient] for count in counts)
    compared = compare_values(kind, one, other, list(patient.values()))
    total = compared.found._replace(
        first=sum(one),
        second=sum(other),
        difference=sum(other) - sum(one),
        interval=no_interval("it is a count"),
    )
    return compared._replace(found=total)


def compare_classes(
    truth: np.ndarray,
    probabilities: Sequence[np.ndarray],
    decisions: Sequence[np.ndarray],
    patients: Sequence[Hashable],
) -> list[Compared]:
    """Areas under the ROC curve and accuracies of two models' classes.

    DeLong's and McNemar's tests take cases for independent, which those of one patient are not; and
    DeLong's takes them for many. Otherwise signs are flipped.

    Args:
        truth: `(cases,)`, integers.
        probabilities: of either model `(cases, classes)`.
        decisions: of either model `(cases,)`.
        patients: whose case it is.
    """
    count, apart = len(set(patients)), len(set(patients)) == len(patients)
    sizes = np.bincount(truth, minlength=probabilities[0].shape[1])
    if apart and len(sizes) == 2 and sizes.min() >= DELONG:
        areas = delong_test(truth, probabilities[0][:, 1], probabilities[1][:, 1])
        found = [Compared("auc", areas, "DeLong", len(truth), count)]
    else:
        found = [_compare_areas(classification_scores, truth, probabilities, patients)]
    first, second = decisions
    accuracy = compare_values("accuracy", first == truth, second == truth, patients)
    if apart:
        test = mcnemar_test(truth, first, second)
        said = f"McNemar, {test.only_second} : {test.only_first}"
        accuracy = accuracy._replace(found=accuracy.found._replace(p=test.p), test=said)
    return [*found, accuracy]


def compare_labels(
    truth: np.ndarray, probabilities: Sequence[np.ndarray], patients: Sequence[Hashable]
) -> list[Compared]:
    """Areas under the ROC curve, mean over labels, of two models that tell several at once.

    Args:
        truth: `(cases, labels)`, 0 or 1; -1 or NaN where unknown.
        probabilities: of either model `(cases, labels)`.
        patients: whose case it is.
    """
    return [_compare_areas(multilabel_scores, truth, probabilities, patients)]


def _compare_areas(
    scores: Callable, truth: np.ndarray, probabilities: Sequence[np.ndarray], patients: Sequence
) -> Compared:
    def area(one: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        return lambda weights: scores(truth, one, weights=weights).mean["auc"]

    first, second = probabilities
    found = paired_comparison(area(first), area(second), patients)
    return Compared("auc", found, SIGN_FLIPS, len(truth), len(set(patients)))
