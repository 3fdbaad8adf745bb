"""The scores of classes and findings as metrics.json holds them."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from keras_mia.metrics import (
    class_intervals,
    classification_scores,
    confusion,
    decide,
    multilabel_scores,
)
from keras_mia.metrics.classification.over_classes import by_key
from keras_mia.metrics.classification.scores import ClassScores
from keras_mia.tasks.intervals import interval_fields
from keras_mia.tasks.kinds.scores import defined, head


def label_scores(
    truth: Sequence[int] | np.ndarray,
    probabilities: np.ndarray,
    *,
    names: Sequence[str],
    patients: Sequence[Hashable],
    threshold: float | Sequence[float] | np.ndarray | None = None,
    ordered: bool = False,
    baseline: Sequence[float] | np.ndarray | None = None,
    split: str = "test",
) -> dict[str, Any]:
    """Scores of predicted classes or findings, with intervals over patients, and the baseline's.

    Args:
        truth: `(cases,)`, integers; or `(cases, labels)` where a case may have several labels at
            once, 0 and 1, -1 or NaN where unknown.
        probabilities: `(cases, classes)` or `(cases, labels)`.
        names: of the classes or labels.
        patients: whose case it is, one for each case.
        threshold: of class 1 of two (one, or one a case), or of the labels (one, one a label, or
            `(cases, labels)`), chosen on validation cases; None: the most probable class, or 0.5.
        ordered: whether the classes are grades.
        baseline: probabilities without a network, `(classes,)` or `(cases, classes)`: the
            frequencies of the classes in the training cases, and so the most frequent class. None:
            there is no baseline (by these cases' own frequencies it would know what it cannot).
        split: which cases these are.

    Returns:
        What metrics.json holds: `mean`, `interval`, `interval_method`, `classes`,
        `class_intervals`, `baseline`, `baseline_classes` by the names of `classification_scores`
        (`mean` is over classes, or of class 1 of two), `class_cases` (how many cases each class
        has), `threshold`, and where a case has one class `confusion` (true classes are rows).

    Raises:
        ValueError: shapes, names or patients do not fit, or a value is none of those above.

    Example:
        >>> guess = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]])
        >>> who = {"names": ["well", "sick"], "patients": "abcd"}
        >>> metrics = label_scores([0, 0, 1, 1], guess, **who, baseline=[0.6, 0.4])
        >>> metrics["mean"]["accuracy"], metrics["baseline"]["accuracy"], metrics["confusion"]
        (0.75, 0.5, [[1, 1], [0, 2]])
    """
    truth, probabilities = np.asarray(truth), np.asarray(probabilities, float)
    if len(names) != probabilities.shape[-1] or len(patients) != len(truth):
        raise ValueError(
            f"{len(names)} names and {len(patients)} patients do not fit {probabilities.shape}."
        )
    several = truth.ndim == 2

    def scores_of(values: np.ndarray, cutoff: Any = None, weights: Any = None) -> ClassScores:
        if several:
            cutoff = 0.5 if cutoff is None else cutoff
            return multilabel_scores(truth, values, thresholds=cutoff, weights=weights)
        return classification_scores(
            truth, values, threshold=cutoff, ordered=ordered, weights=weights
        )

    intervals = class_intervals(
        lambda weights: scores_of(probabilities, threshold, weights), patients
    )
    counts = np.sum(truth == 1, axis=0) if several else np.bincount(truth, minlength=len(names))
    mean, classes = _by_kind(by_key(scores_of(probabilities, threshold)), names)
    baseline_mean: dict[str, Any] = {}
    baseline_classes: dict[str, dict[str, Any]] = {name: {} for name in names}
    if baseline is not None:
        constant = np.broadcast_to(np.asarray(baseline, float), probabilities.shape)
        baseline_mean, baseline_classes = _by_kind(by_key(scores_of(constant)), names)
    mean_intervals = {name: ends for (kind, name), ends in intervals.items() if kind == "mean"}
    _, class_ends = _by_kind({key: np.stack(ends[:2]) for key, ends in intervals.items()}, names)
    metrics = {
        **head("classification", split, truth, patients),
        "mean": mean,
        **interval_fields(mean_intervals),
        "classes": classes,
        "class_intervals": class_ends,
        "baseline": defined(baseline_mean),
        "baseline_classes": {name: defined(row) for name, row in baseline_classes.items()},
        "class_cases": dict(zip(names, counts.tolist(), strict=True)),
        "threshold": threshold,
    }
    if not several:
        decided = decide(probabilities, threshold)  # type: ignore[arg-type]
        metrics["confusion"] = confusion(truth, decided, len(names), ignore_label=None).tolist()
    return metrics


def _by_kind(
    scores: Mapping[tuple[str, str], Any], names: Sequence[str]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Scores of the mean, and of each class, as plain numbers (or pairs of ends)."""
    mean = {name: _plain(values) for (kind, name), values in scores.items() if kind == "mean"}
    classes = {
        label: {
            name: _plain(values[..., index])
            for (kind, name), values in scores.items()
            if kind == "classes"
        }
        for index, label in enumerate(names)
    }
    return mean, classes


def _plain(values: Any) -> Any:
    return np.asarray(values, float).tolist()
