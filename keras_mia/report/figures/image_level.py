"""Charts and the table of cases of images that were answered as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from keras_mia.data.targets.image_level import PROBABILITY, marks, sureness
from keras_mia.data.targets.multitask import NAMED, of_column
from keras_mia.metrics import box_overlap
from keras_mia.report import words
from keras_mia.report.figures.agreement import bland_altman_figure, reliability_figure
from keras_mia.report.figures.confusion_matrix import confusion_figure
from keras_mia.report.figures.curves import Figure
from keras_mia.report.figures.ranking import precision_recall_figure, roc_figure
from keras_mia.report.words import value

ROWS = 500


def answer_figures(scores: Sequence[Mapping], metrics: Mapping, answers: Mapping) -> list[Figure]:
    """ROC and precision-recall curves, the confusion matrix and reliability; of numbers their
    errors.

    Args:
        scores: the rows of scores.csv.
        metrics: for thresholds and the confusion matrix.
        answers: of the plan: `kind` and `names`; `columns` and `parts` of several answers.
    """
    kind, names = answers.get("kind"), list(answers.get("names") or [])
    if kind == "multitask" and scores:
        return [
            replace(figure, title=f"{column}{NAMED}{figure.title}")
            for column, part in zip(answers["columns"], answers["parts"], strict=True)
            for figure in answer_figures(
                [of_column(row, column) for row in scores], metrics["targets"][column], part
            )
        ]
    if not scores or kind == "box":
        return []
    patients = [row.get("patient", "") for row in scores]
    if kind == "regression":
        pairs = np.array([[value(row["truth"]), value(row["prediction"])] for row in scores])
        return [bland_altman_figure(pairs[:, 0], pairs[:, 1], patients=patients)]
    found = np.array([[value(row[PROBABILITY + name]) for name in names] for row in scores])
    truths = np.array([marks(row["truth"], names, str(kind)) for row in scores])
    if kind == "multilabel":
        return [roc_figure(truths, found, names), precision_recall_figure(truths, found, names)]
    truth = truths.argmax(-1)
    threshold = metrics.get("threshold")
    figures = [
        draw(truth, found, names, patients=patients, threshold=threshold)
        for draw in (roc_figure, precision_recall_figure)
    ]
    if metrics.get("confusion"):
        figures.append(confusion_figure(np.array(metrics["confusion"]), names))
    told = found[:, 1] if len(names) == 2 else found
    return [*figures, reliability_figure(truth, told, patients=patients)]


def answer_table(
    scores: Sequence[Mapping], answers: Mapping, threshold: float | None = None
) -> dict[str, Any]:
    """A row a case, the most confident mistakes and the largest errors first.

    Args:
        scores: the rows of scores.csv.
        answers: of the plan: `kind` and `names`.
        threshold: of the second class of two.
    """
    if not scores:
        return {"rows": []}
    kind = answers.get("kind")
    rows = []
    for row in scores:
        told = {name: text for name, text in row.items() if name not in ("case", "patient")}
        order: tuple
        if kind == "multiclass":
            own = value(row[PROBABILITY + row["prediction"]])
            cut, above = 1 / len(answers["names"]), True
            if threshold is not None:
                cut, above = threshold, row["prediction"] == answers["names"][1]
            order = (row["truth"] == row["prediction"], -sureness(own, cut, above))
            shown = [row["truth"], row["prediction"], words.number(own)]
        elif kind == "multilabel":
            order = (row["truth"] == row["prediction"], row["case"])
            shown = [row["truth"].replace("|", ", "), row["prediction"].replace("|", ", ")]
        elif kind == "regression":
            error = value(row["prediction"]) - value(row["truth"])
            order = (-abs(error), row["case"])
            shown = [row["truth"], row["prediction"], f"{error:.4g}"]
        elif kind == "box":
            corners = [
                [value(row[f"{what}_{name}"]) for name in answers["names"]]
                for what in ("truth", "prediction")
            ]
            overlap = float(box_overlap(*(np.array([one]) for one in corners))[0])
            order = (overlap, row["case"])
            shown = [*(", ".join(f"{x:.3f}" for x in one) for one in corners), f"{overlap:.3f}"]
        else:
            order, shown = (row["case"],), list(told.values())
        named = {"name": row["case"], "patient": row.get("patient", "")}
        rows.append(named | {"order": order, "cells": shown})
    heads = {
        "multiclass": ["Truth", "Prediction", "Probability of it"],
        "multilabel": ["Truth", "Prediction"],
        "regression": ["Truth", "Prediction", "Error"],
        "box": ["Truth", "Prediction", "Overlap (iou)"],
    }
    columns = heads.get(str(kind)) or [
        name for name in scores[0] if name not in ("case", "patient")
    ]
    rows.sort(key=lambda row: row["order"])
    hint = "The most confident mistakes first." if kind == "multiclass" else ""
    if kind == "multiclass" and threshold is not None:
        hint += f" {answers['names'][1]} is said from a probability of {threshold:.3g} on."
    hint = "Wrong ones first." if kind == "multilabel" else hint
    hint = "The largest errors first." if kind == "regression" else hint
    if kind == "box":
        hint = "The worst first. Lower corner, then upper one, as shares of the image's sides."
    if len(rows) > ROWS:
        hint += f" {ROWS} of {len(rows)} are shown; scores.csv has all."
    return {
        "columns": [("", column) for column in columns],
        "patients": any(row["patient"] not in ("", row["name"]) for row in rows),
        "rows": rows[:ROWS],
        "hint": hint.strip(),
    }
