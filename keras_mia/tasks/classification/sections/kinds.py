"""How each kind of target is shown in the report: its charts, its cases and their pictures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_mia.data.targets.base import ImageTarget
from keras_mia.data.targets.labels import PROBABILITY
from keras_mia.data.targets.multitask import NAMED, Multitask, of_column
from keras_mia.metrics import box_overlap
from keras_mia.metrics.classification.threshold import confidence
from keras_mia.report.figures.agreement import bland_altman_figure, reliability_figure
from keras_mia.report.figures.confusion_matrix import confusion_figure
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.ranking import precision_recall_figure, roc_figure
from keras_mia.report.formatting import number, value
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.sections import Pictures, Section

Rows = Sequence[Mapping[str, str]]
SUREST = "The surest mistakes, and the surest right predictions"
CHOSEN = "At most eight mistakes and four right predictions to compare them with, the surest first."
GRAD_CAM = (
    " The warmer, the more a place speaks for the prediction (Grad-CAM, from the gradient of the"
    " prediction's logit at the last layer with space; each map from its lowest to its highest). It"
    " is as coarse as that layer, and tells where the network looked, not why."
)


@dataclass(frozen=True)
class CaseList:
    """What the table of cases holds.

    Args:
        columns: names of what is told of a case.
        cases: pairs of a row of scores.csv and a text a column, in the order in which they are
            shown.
        hint: on that order.
    """

    columns: Sequence[str]
    cases: Sequence[tuple[Mapping[str, str], Sequence[str]]]
    hint: str = ""


@dataclass(frozen=True)
class KindSections:
    """How a kind of target is shown.

    Args:
        figures: from the rows of scores.csv (one or more), what metrics.json holds and the target
            to charts.
        cases: from the same to the table of cases.
        pictures: from pictures of cases to their section.
        positive: from the target to the class that the scores are of; empty: there is none.
    """

    figures: Callable[[Rows, Mapping, Any], list[Figure]]
    cases: Callable[[Rows, Mapping, Any], CaseList]
    pictures: Callable[[Sequence[CasePicture]], Section]
    positive: Callable[[Any], str] = lambda target: ""


def multiclass_figures(rows: Rows, metrics: Mapping, target: ImageTarget) -> list[Figure]:
    """ROC and precision-recall curves, the confusion matrix and reliability."""
    names, patients = target.names, [row.get("patient", "") for row in rows]
    probabilities, truths = _probabilities(rows, target)
    truth = truths.argmax(-1)
    figures = [
        draw(truth, probabilities, names, patients=patients, threshold=metrics.get("threshold"))
        for draw in (roc_figure, precision_recall_figure)
    ]
    if metrics.get("confusion"):
        figures.append(confusion_figure(np.array(metrics["confusion"]), names))
    predicted = probabilities[:, 1] if len(names) == 2 else probabilities
    return [*figures, reliability_figure(truth, predicted, patients=patients)]


def multiclass_cases(rows: Rows, metrics: Mapping, target: ImageTarget) -> CaseList:
    """The most confident mistakes first."""
    threshold, names = metrics.get("threshold"), target.names

    def confidence_of(row: Mapping[str, str]) -> float:
        probability = value(row[PROBABILITY + row["prediction"]])
        if threshold is None:
            return confidence(probability, 1 / len(names))
        return confidence(probability, threshold, row["prediction"] == names[1])

    found = sorted(rows, key=lambda row: (row["truth"] == row["prediction"], -confidence_of(row)))
    hint = "The most confident mistakes first."
    if threshold is not None:
        hint += f" {names[1]} is predicted from a probability of {threshold:.3g} on."
    columns = ("truth", "prediction")
    return CaseList(
        ["Truth", "Prediction", "Probability of it"],
        [
            (row, [*(row[name] for name in columns), number(row[PROBABILITY + row["prediction"]])])
            for row in found
        ],
        hint,
    )


def positive_class(target: ImageTarget) -> str:
    """Of two classes the second; empty where there are more."""
    return target.names[1] if len(target.names) == 2 else ""


def multilabel_figures(rows: Rows, metrics: Mapping, target: ImageTarget) -> list[Figure]:
    """ROC and precision-recall curves, one a label."""
    probabilities, truths = _probabilities(rows, target)
    return [
        draw(truths, probabilities, target.names) for draw in (roc_figure, precision_recall_figure)
    ]


def multilabel_cases(rows: Rows, metrics: Mapping, target: ImageTarget) -> CaseList:
    """Wrong ones first."""
    found = sorted(rows, key=lambda row: (row["truth"] == row["prediction"], row["case"]))
    cells = [[row[name].replace("|", ", ") for name in ("truth", "prediction")] for row in found]
    return CaseList(
        ["Truth", "Prediction"], list(zip(found, cells, strict=True)), "Wrong ones first."
    )


def regression_figures(rows: Rows, metrics: Mapping, target: ImageTarget) -> list[Figure]:
    """Errors over sizes."""
    truth, prediction = (
        np.array([value(row[name]) for row in rows]) for name in ("truth", "prediction")
    )
    patients = [row.get("patient", "") for row in rows]
    return [bland_altman_figure(truth, prediction, patients=patients)]


def regression_cases(rows: Rows, metrics: Mapping, target: ImageTarget) -> CaseList:
    """The largest errors first."""

    def error(row: Mapping[str, str]) -> float:
        return value(row["prediction"]) - value(row["truth"])

    found = sorted(rows, key=lambda row: (-abs(error(row)), row["case"]))
    return CaseList(
        ["Truth", "Prediction", "Error"],
        [(row, [row["truth"], row["prediction"], f"{error(row):.4g}"]) for row in found],
        "The largest errors first.",
    )


def box_cases(rows: Rows, metrics: Mapping, target: ImageTarget) -> CaseList:
    """Those that overlap least with the truth first."""
    corners = {
        part: np.array([[value(row[f"{part}_{name}"]) for name in target.names] for row in rows])
        for part in ("truth", "prediction")
    }
    overlaps = box_overlap(corners["truth"], corners["prediction"])
    order = sorted(range(len(rows)), key=lambda i: (overlaps[i], rows[i]["case"]))

    def cells(i: int) -> list[str]:
        boxes = (", ".join(f"{x:.3f}" for x in found[i]) for found in corners.values())
        return [*boxes, f"{overlaps[i]:.3f}"]

    return CaseList(
        ["Truth", "Prediction", "Overlap (iou)"],
        [(rows[i], cells(i)) for i in order],
        "The worst first. Lower corner, then upper one, as shares of the image's sides.",
    )


def multitask_figures(rows: Rows, metrics: Mapping, target: Multitask) -> list[Figure]:
    """The charts of each column, which their titles begin with."""
    return [
        replace(figure, title=f"{column}{NAMED}{figure.title}")
        for column, part in zip(target.columns, target.parts, strict=True)
        for figure in KINDS[part.kind].figures(
            [of_column(row, column) for row in rows], metrics["targets"][column], part
        )
    ]


def multitask_cases(rows: Rows, metrics: Mapping, target: Multitask) -> CaseList:
    """All that scores.csv holds, by the names of the cases."""
    columns = [name for name in rows[0] if name not in ("case", "patient")]
    found = sorted(rows, key=lambda row: row["case"])
    return CaseList(columns, [(row, [row[name] for name in columns]) for row in found])


def _probabilities(rows: Rows, target: ImageTarget) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and truth, `(cases, outputs)` each."""
    found = [[value(row[PROBABILITY + name]) for name in target.names] for row in rows]
    truths = [target.parse(row, "truth") for row in rows]
    return np.array(found), np.array(truths)


def no_figures(rows: Rows, metrics: Mapping, target: Any) -> list[Figure]:
    """Nothing to draw."""
    return []


def heat_pictures(pictures: Sequence[CasePicture]) -> Section:
    """The surest mistakes, and what spoke for them."""
    mapped = any(len(picture.images) > 1 for picture in pictures)
    return Section(SUREST, [Pictures(pictures, paired=True)], CHOSEN + GRAD_CAM * mapped)


def box_pictures(pictures: Sequence[CasePicture]) -> Section:
    """Boxes on their images."""
    return Section("The worst boxes, and the best", [Pictures(pictures)])


KINDS: Mapping[str, KindSections] = {
    "multiclass": KindSections(multiclass_figures, multiclass_cases, heat_pictures, positive_class),
    "multilabel": KindSections(multilabel_figures, multilabel_cases, heat_pictures),
    "regression": KindSections(regression_figures, regression_cases, heat_pictures),
    "box": KindSections(no_figures, box_cases, box_pictures),
    "multitask": KindSections(multitask_figures, multitask_cases, heat_pictures),
}
