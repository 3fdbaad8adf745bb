"""How well probabilities rank the cases: ROC curves, and precision over sensitivity."""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from keras_mia.metrics.classification.ranking import (
    Curve,
    average_precision,
    precision_recall_curve,
    roc_auc,
    roc_curve,
)
from keras_mia.metrics.statistics.interval import confidence_interval, confidence_intervals
from keras_mia.metrics.statistics.ranges import SHARE
from keras_mia.metrics.statistics.weighted import mean_of_cases
from keras_mia.report import formatting
from keras_mia.report.figures.charts import Line, polylines
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.svg import LEFT, RIGHT, WIDTH, Axes, area, stroke, svg, text
from keras_mia.report.pictures.colors import color

AXES = Axes((0, 1), (0, 1), height=360, top=26)
TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)
FINEST = 400  # steps of an axis that the eye can tell apart
THRESHOLDS = 101  # at most, at which the band of a ROC curve is drawn


@dataclass(frozen=True)
class _Kind:
    """What is drawn over what, and what the area under it is called."""

    title: str
    x: str
    y: str
    area: str
    curve: Callable[..., Curve]
    score: Callable[..., Any]


@dataclass(frozen=True)
class _OneVersusRest:
    """One class against all others."""

    name: str
    color: str
    truth: np.ndarray
    probability: np.ndarray


def roc_figure(
    truth: np.ndarray,
    probabilities: np.ndarray,
    names: Sequence[str],
    *,
    patients: Sequence[Hashable] | None = None,
    threshold: float | None = None,
) -> Figure:
    """Sensitivity over 1 - specificity: of two classes the second's, of more one curve a class.

    Args:
        truth: `(cases,)`, integers, or `(cases, labels)`, -1 or NaN where unknown.
        probabilities: `(cases, classes)` or `(cases, labels)`.
        names: of the classes or labels.
        patients: of two classes, whose case it is: draws the 95 % interval of the sensitivity at
            each threshold as a band.
        threshold: of two classes, which point is marked.

    Returns:
        The curve, or the curves with the area of each in the legend.

    Example:
        >>> guess = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]])
        >>> figure = roc_figure(np.array([0, 0, 1, 1]), guess, ["well", "sick"], threshold=0.7)
        >>> figure.title, "AUC 1.000" in figure.chart
        ('ROC curve of sick', True)
    """
    kind = _Kind("ROC curve", "1 − specificity", "sensitivity", "AUC", roc_curve, roc_auc)
    classes = _one_against_rest(truth, probabilities, names)
    under, over = [_dashed((0, 0), (1, 1))], ""
    if len(classes) == 1:
        (one,) = classes
        under.append(_band(one, patients))
        if threshold is not None:
            called = one.probability >= threshold
            sensitivity, false_positives = _rate(called, one.truth), _rate(called, ~one.truth)
            label = f"sensitivity {sensitivity:.3f}, specificity {1 - false_positives:.3f}"
            over = _mark(false_positives, sensitivity, f"● at {threshold:.3g}: {label}")
    return _figure(kind, classes, under, over, patients)


def precision_recall_figure(
    truth: np.ndarray,
    probabilities: np.ndarray,
    names: Sequence[str],
    *,
    patients: Sequence[Hashable] | None = None,
    threshold: float | None = None,
) -> Figure:
    """Precision over sensitivity, which shows what a ROC curve hides where few cases are positive.

    Args:
        truth, probabilities, names, patients, threshold: as in `roc_figure`.

    Returns:
        The curve, or the curves with the average precision of each in the legend.

    Example:
        >>> guess = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]])
        >>> precision_recall_figure(np.array([0, 0, 1, 1]), guess, ["well", "sick"]).title
        'Precision over sensitivity of sick'
    """
    title, score = "Precision over sensitivity", "Average precision"
    kind = _Kind(title, "sensitivity", "precision", score, _as_steps, average_precision)
    classes = _one_against_rest(truth, probabilities, names)
    under, over = [], ""
    if len(classes) == 1:
        (one,) = classes
        prevalence = _rate(one.truth, np.ones(len(one.truth), bool))
        under.append(_dashed((0, prevalence), (1, prevalence)))
        if threshold is not None:
            called = one.probability >= threshold
            sensitivity, precision = _rate(called, one.truth), _rate(one.truth, called)
            label = f"sensitivity {sensitivity:.3f}, precision {precision:.3f}"
            over = _mark(sensitivity, precision, f"● at {threshold:.3g}: {label}")
    return _figure(kind, classes, under, over, patients)


def _figure(
    kind: _Kind,
    classes: Sequence[_OneVersusRest],
    under: Sequence[str],
    over: str,
    patients: Sequence[Hashable] | None,
) -> Figure:
    """The curves between what lies under and over them, and how large their areas are."""
    parts = [*AXES.grid(TICKS, TICKS, kind.x), text(LEFT, 12, kind.y, "start", "axis"), *under]
    legend = {}
    for one in classes:
        curve = kind.curve(one.truth, one.probability)
        parts += polylines(Line(one.name, one.color, *_thinned(curve.x, curve.y)), AXES.position)
        legend[f"{one.name} {formatting.number(kind.score(one.truth, one.probability))}"] = (
            one.color
        )
    title, heading = f"{kind.title}, each against all others", f"{kind.area} beside the names"
    if len(classes) == 1:
        title = f"{kind.title} of {classes[0].name}"
        heading = _score_text(kind, classes[0], patients)
    parts += [text(WIDTH - RIGHT, 12, heading, "end", "name", longest=60), over]
    label = f"{title}. {heading}" + (": " + "; ".join(legend) if len(classes) > 1 else "")
    return Figure(title, Markup(svg(AXES.height, label, parts)), legend if len(classes) > 1 else {})


def _score_text(kind: _Kind, one: _OneVersusRest, patients: Sequence[Hashable] | None) -> str:
    label = f"{kind.area} {formatting.number(kind.score(one.truth, one.probability))}"
    if patients is None:
        return label
    interval = confidence_interval(
        lambda weights: kind.score(one.truth, one.probability, weights=weights), patients
    )
    ends = formatting.interval(interval[:2])
    return f"{label} ({ends})" if ends else label


def _one_against_rest(
    truth: np.ndarray, probabilities: np.ndarray, names: Sequence[str]
) -> list[_OneVersusRest]:
    truth, probabilities = np.asarray(truth), np.asarray(probabilities, float)
    if truth.ndim == 1 and len(names) == 2:
        return [_OneVersusRest(names[1], "var(--accent)", truth == 1, probabilities[:, 1])]
    classes = []
    for index, name in enumerate(names):
        truths = truth == index if truth.ndim == 1 else truth[:, index]
        labelled = np.isin(truths, (0, 1))
        classes.append(
            _OneVersusRest(
                name, color(index + 1), truths[labelled] == 1, probabilities[labelled, index]
            )
        )
    return classes


def _as_steps(truth: np.ndarray, probability: np.ndarray) -> Curve:
    """Each precision from the sensitivity before on: the area below is the average precision."""
    curve = precision_recall_curve(truth, probability)
    reached = curve.x > 0  # before the first positive case there is no area
    x = np.repeat(np.append(0, curve.x[reached]), 2)[1:-1]
    return Curve(x, np.repeat(curve.y[reached], 2), np.repeat(curve.thresholds[reached], 2))


def _rate(hit: np.ndarray, among: np.ndarray) -> float:
    return float(hit[among].mean()) if among.any() else math.nan


def _dashed(start: tuple[float, float], end: tuple[float, float]) -> str:
    """What chance reaches."""
    if not math.isfinite(sum(start) + sum(end)):
        return ""
    return stroke(*AXES.position(*start), *AXES.position(*end), "baseline", "chance")


def _mark(x: float, y: float, label: str) -> str:
    below = text(LEFT, AXES.height - 4, label, "start", "name", longest=60)
    if not math.isfinite(x + y):
        return below
    across, down = AXES.position(x, y)
    return f'<circle class="score" cx="{across:.1f}" cy="{down:.1f}" r="5.5"/>{below}'


def _band(one: _OneVersusRest, patients: Sequence[Hashable] | None) -> str:
    """The interval of the sensitivity at each threshold, over the patients who are positive."""
    if patients is None or not one.truth.any():
        return ""
    curve = roc_curve(one.truth, one.probability)
    keep = np.unique(np.linspace(0, len(curve.x) - 1, THRESHOLDS).round().astype(int))
    positive = np.flatnonzero(one.truth)
    probability = one.probability[positive]
    called = {at: (probability >= curve.thresholds[at]).astype(float) for at in keep.tolist()}
    ends = confidence_intervals(
        lambda weights: {at: mean_of_cases(each, weights) for at, each in called.items()},
        [patients[case] for case in positive.tolist()],
        ranges=dict.fromkeys(called, SHARE),
    )
    low, high = (np.array([getattr(ends[at], end) for at in called]) for end in ("low", "high"))
    return area(AXES, curve.x[keep], low, high)


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Without points that lie on the one before, as far as an eye can tell."""
    near = np.rint(FINEST * np.stack([x, y]))
    keep = np.append(True, (np.diff(near) != 0).any(axis=0))[: len(x)]
    keep[-1:] = True
    return x[keep], y[keep]
