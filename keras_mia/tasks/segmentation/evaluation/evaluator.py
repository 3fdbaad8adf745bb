"""The scores of label maps: a row a case and class, and what they amount to."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.data.datasets.tables.run_tables import read_scores
from keras_mia.data.targets.label_map import IGNORE
from keras_mia.metrics import (
    PooledAreas,
    confidence_intervals,
    confusion,
    overlap_scores,
    pixel_scores,
    scores,
    summary,
)
from keras_mia.metrics.statistics.interval import mean_score
from keras_mia.tasks.extremes import extremes
from keras_mia.tasks.intervals import interval_fields
from keras_mia.tasks.score_text import scores_text
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

FORMAT = 1
PRINTED = ("dice", "auc", "pixel_error", "hd95_mm", "hd95_px", "surface_dice")
BASELINE = ("dice", "jaccard", "accuracy", "pixel_error")


class Evaluator:
    """Takes one prediction after another, so that only one is in memory.

    Args:
        names: of the classes, background first.
        tolerance_mm: of the surface Dice; in px where a spacing is not known.

    Attributes:
        rows: scores of each case and class, background left out.
        baselines: the same for the baselines; of several the better one a metric counts.
    """

    def __init__(self, names: Sequence[str], *, tolerance_mm: float = 1.0):
        self.names, self.tolerance_mm = tuple(names), tolerance_mm
        self.rows: list[dict] = []
        self.baselines: list[list[dict]] = []
        self._areas: PooledAreas | None = None

    def add(
        self,
        case: str,
        patient: str,
        truth: np.ndarray,
        prediction: np.ndarray,
        *,
        spacing_mm: Sequence[float] | None,
        baselines: Sequence[np.ndarray] = (),
    ) -> None:
        """Scores one case.

        Args:
            case: its name.
            patient: whose it is.
            truth: classes `(*space)`, `IGNORE` where nothing counts.
            prediction: classes `(*space)`.
            spacing_mm: of the voxels; None: not known, and lengths are in px.
            baselines: predictions without a network `(*space)`, of the same kinds for each case.
        """
        case_columns = {"case": case, "patient": patient}
        by_class = scores(
            truth,
            prediction,
            len(self.names),
            spacing_mm=spacing_mm,
            tolerance_mm=self.tolerance_mm,
        )
        pixels = pixel_scores(confusion(truth, prediction, len(self.names)))
        for index, values in by_class.items():
            self.rows.append(case_columns | {"class": self.names[index]} | values | pixels)
        for kind, baseline in enumerate(baselines):
            if kind == len(self.baselines):
                self.baselines.append([])
            self.baselines[kind] += self._counted(case_columns, truth, baseline)

    def count(self, truth: np.ndarray, probabilities: np.ndarray) -> None:
        """Takes voxels for the areas under the ROC curves, of a case or of a part of one.

        Args:
            truth: classes `(...)`, `IGNORE` where nothing counts.
            probabilities: `(..., classes)`.
        """
        if self._areas is None:
            self._areas = PooledAreas(len(self.names))
        counts = truth != IGNORE
        self._areas.add(probabilities[counts], truth[counts])

    def _counted(self, case_columns: dict, truth: np.ndarray, baseline: np.ndarray) -> list[dict]:
        table = confusion(truth, baseline, len(self.names))
        return [
            case_columns | {"class": name} | overlap_scores(table, index) | pixel_scores(table)
            for index, name in enumerate(self.names[1:], 1)
        ]

    def metrics(self, split: str = "test") -> dict:
        """What metrics.json holds."""
        cases = list(dict.fromkeys((row["case"], row["patient"]) for row in self.rows))
        classes = {name: summary(self._of(name)) for name in self.names[1:]}
        metrics: dict[str, Any] = {
            "format": FORMAT,
            "task": "segmentation",
            "split": split,
            "cases": len(cases),
            "patients": len({patient for _, patient in cases}),
            **_averages(self.rows),
            "classes": {name: one.mean for name, one in classes.items()},
            "class_intervals": {
                name: _averages(self._of(name))["interval"] for name in self.names[1:]
            },
            "outcomes": {name: one.outcomes for name, one in classes.items()},
        } | {
            f"tolerance_{unit}": self.tolerance_mm
            for unit in ("mm", "px")
            if any(f"hd95_{unit}" in row for row in self.rows)
        }
        if self._areas is not None:
            areas = dict(zip(self.names[1:], self._areas.values(), strict=True))
            for name, area in areas.items():
                metrics["classes"][name]["auc"] = area
            defined = [area for area in areas.values() if not math.isnan(area)]
            metrics["mean"]["auc"] = float(np.mean(defined)) if defined else math.nan
        if self.baselines:
            metrics |= self._baseline()
        return metrics

    @classmethod
    def pooled(cls, folders: Sequence[Path]) -> "Evaluator":
        """The scores of several run folders (folds) together, without areas and baselines."""
        evaluator = cls(SegmentationPlan.read(folders[0] / "plan.json").classes.names)
        for folder in folders:
            for row in read_scores(folder / "scores.csv", ()):
                evaluator.rows.append({name: _number(name, text) for name, text in row.items()})
        return evaluator

    def _of(self, name: str, rows: Sequence[dict] | None = None) -> list[dict]:
        return [row for row in (self.rows if rows is None else rows) if row["class"] == name]

    def _baseline(self) -> dict:
        means = [_averages(rows)["mean"] for rows in self.baselines]
        classes = {
            name: [summary(self._of(name, rows)).mean for rows in self.baselines]
            for name in self.names[1:]
        }
        return {
            "baseline": _better(means),
            "baseline_classes": {name: _better(of_class) for name, of_class in classes.items()},
        }

    def extremes(self) -> list[tuple[str, str]]:
        """Titles and names of the cases of the best, the median and the worst Dice, each once."""
        values = case_values(self.rows, "dice")
        return [
            (f"{title}: {case}, dice {values[case]:.3f}" if title != "Case" else title, case)
            for case, title in extremes(values).items()
        ]

    def describe(self, kind: str = "held-out case") -> str:
        """What an app prints at its end; `kind` says what cases these are."""
        metrics = self.metrics()
        classes = [
            f"    {name:<20}dice {values['dice']:.4f}"
            for name, values in metrics["classes"].items()
        ]
        return "\n".join([scores_text(metrics, PRINTED, kind), *classes])


def _number(name: str, text: str) -> str | float:
    if name in ("case", "patient", "class"):
        return text
    return float(text) if text else math.nan


def case_values(rows: Sequence[Mapping], metric: str) -> dict[str, float]:
    """A metric of each case: the mean over its classes in which it is defined."""
    by_case: dict[str, list[float]] = {}
    for row in rows:
        by_case.setdefault(row["case"], []).append(float(row.get(metric, math.nan)))
    return {
        case: float(np.mean([v for v in values if not math.isnan(v)] or [math.nan]))
        for case, values in by_case.items()
    }


def _averages(rows: Sequence[Mapping]) -> dict[str, dict]:
    """Means over cases of each case's mean over classes, with intervals over patients."""
    patients = list({row["case"]: row["patient"] for row in rows}.values())
    names = dict.fromkeys(name for row in rows for name in row)
    metrics = [name for name in names if name not in ("case", "patient", "class")]
    values = {metric: list(case_values(rows, metric).values()) for metric in metrics}
    intervals = confidence_intervals(
        lambda weights: {
            metric: mean_score(by_case)(weights) for metric, by_case in values.items()
        },
        patients,
    )
    mean = {
        metric: mean_score(by_case)(np.ones(len(patients))) for metric, by_case in values.items()
    }
    return {"mean": mean, **interval_fields(intervals)}


def _better(means: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Of several baselines the better one, metric by metric."""
    scores = {}
    for metric in BASELINE:
        values = [one[metric] for one in means if not math.isnan(one[metric])]
        if values:
            scores[metric] = min(values) if metric == "pixel_error" else max(values)
    return scores
