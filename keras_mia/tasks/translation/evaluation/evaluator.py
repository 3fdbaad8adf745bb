"""The scores of images: a row a case, and what they amount to."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.data.datasets.tables.run_tables import Column, read_scores
from keras_mia.metrics import confidence_intervals
from keras_mia.metrics.statistics.comparison import compare_values
from keras_mia.metrics.statistics.interval import mean_score
from keras_mia.report.formatting import value
from keras_mia.report.metric_names import lower_is_better
from keras_mia.tasks.comparison import row_of
from keras_mia.tasks.extremes import extremes
from keras_mia.tasks.intervals import interval_fields
from keras_mia.tasks.score_text import scores_text
from keras_mia.tasks.translation.evaluation.other_runs import RUN
from keras_mia.tasks.translation.evaluation.score_space import stated_range, unit_of
from keras_mia.tasks.translation.evaluation.texture_sets import NETWORK, TextureSets
from keras_mia.tasks.translation.translation_plan import SHARED, TranslationPlan

FORMAT = 1
SCORES = ("mae", "rmse", "psnr", "ssim")
COLUMNS = tuple(Column(name, empty=True, number=True, finite=False) for name in SCORES)
"""Of equal images PSNR is infinite; of what is empty or tiny some scores are none."""
TEXTS = ("case", "patient")


class Evaluator:
    """Takes one prediction after another, so that only one is in memory.

    Args:
        main: the score by which cases are ranked and the network is held against baselines.
        data_range: what PSNR and SSIM are relative to, in words.
        unit: of errors, in words; "": the data's own values.

    Attributes:
        rows: a row a case: its scores, and those of baselines as `BASELINE: SCORE`.
        textures: of the images of all cases; where there are none, no distance is given.
        runs: names of other runs, among those whose scores stand beside the network's; the others
            are baselines.
    """

    def __init__(self, main: str = "psnr", *, data_range: str = "", unit: str = ""):
        self.main, self.data_range, self.unit = main, data_range, unit
        self.rows: list[dict[str, Any]] = []
        self.textures = TextureSets()
        self.runs: tuple[str, ...] = ()

    def add(
        self,
        case: str,
        patient: str,
        scores: Mapping[str, float],
        baselines: Mapping[str, Mapping[str, float]] | None = None,
        about_truth: Mapping[str, float] | None = None,
    ) -> None:
        """Takes the scores of a case.

        Args:
            case: its name.
            patient: whose it is.
            scores: of the prediction, by name.
            baselines: name -> its scores.
            about_truth: of `ScoreSpace`; None: the run is not to be compared.
        """
        simple = {
            f"{name}: {score}": value
            for name, values in (baselines or {}).items()
            for score, value in values.items()
        }
        about = {"case": case, "patient": patient, **scores, **(about_truth or {})}
        self.rows.append(about | simple)

    def metrics(self, split: str = "test") -> dict[str, Any]:
        """What metrics.json holds.

        Args:
            split: whose cases these are.
        """
        patients = [row["patient"] for row in self.rows]
        values = {name: self._column(name) for name in SCORES}
        intervals = confidence_intervals(
            lambda weights: {
                name: mean_score(_finite(column))(weights) for name, column in values.items()
            },
            patients,
        )
        simple = {
            name: {score: _mean(self._column(f"{name}: {score}")) for score in SCORES}
            for name in self.baseline_names()
        }
        metrics: dict[str, Any] = {
            "format": FORMAT,
            "task": "translation",
            "split": split,
            "cases": len(self.rows),
            "patients": len(set(patients)),
            "main": self.main,
            "data_range": self.data_range,
            "unit": self.unit,
            "mean": {name: _mean(column) for name, column in values.items()},
            **interval_fields(intervals),
            "classes": {},
        }
        distances = dict(self.textures.distances())
        if NETWORK in distances:
            metrics["mean"]["kernel_distance"] = distances.pop(NETWORK)
        for name, distance in distances.items():
            simple[name]["kernel_distance"] = distance
        if simple:
            metrics["gains"] = {name: self._gain(name) for name in simple}
        if runs := {name: simple.pop(name) for name in self.runs if name in simple}:
            metrics["runs"] = {name.removeprefix(RUN): scores for name, scores in runs.items()}
        if simple:
            strongest = self._strongest(simple)
            metrics |= {
                "baseline": simple[strongest],
                "baseline_name": strongest,
                "baselines": simple,
            }
        return metrics

    def baseline_names(self) -> list[str]:
        """The baselines that cases have scores of."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return list(dict.fromkeys(name.partition(": ")[0] for name in names if ": " in name))

    def _column(self, name: str) -> np.ndarray:
        return np.array([float(row.get(name, math.nan)) for row in self.rows])

    def _gain(self, baseline: str) -> dict[str, Any]:
        """By how much the main score is greater than a baseline's, case by case."""
        columns = (self._column(f"{baseline}: {self.main}"), self._column(self.main))
        compared = compare_values(self.main, *columns, [row["patient"] for row in self.rows])
        row = row_of(compared)
        return {name: row[name] for name in ("difference", "low", "high", "p")}

    def _strongest(self, simple: Mapping[str, Mapping[str, float]]) -> str:
        sign = -1 if lower_is_better(self.main) else 1
        means = {name: sign * scores[self.main] for name, scores in simple.items()}
        return max(means, key=lambda name: -math.inf if math.isnan(means[name]) else means[name])

    @classmethod
    def pooled(cls, folders: Sequence[Path], **options: Any) -> "Evaluator":
        """The scores of several run folders (folds) together.

        Args:
            folders: of finished runs.
            **options: of the evaluator.

        Raises:
            Problem: a table of scores is broken.
        """
        evaluator = cls(**options)
        for folder in folders:
            for row in read_scores(folder / "scores.csv", COLUMNS):
                evaluator.rows.append(
                    {name: text if name in TEXTS else value(text) for name, text in row.items()}
                )
        return evaluator

    def extremes(self) -> list[tuple[str, str]]:
        """Titles and names of the cases of the best, the median and the worst main score."""
        values = {row["case"]: float(row[self.main]) for row in self.rows}
        best_first = extremes(values, lower_is_better=lower_is_better(self.main))
        return [
            (f"{title}: {case}, {self.main} {values[case]:.4g}" if title != "Case" else title, case)
            for case, title in best_first.items()
        ]

    def describe(
        self, kind: str = "held-out case", *, metrics: Mapping[str, Any] | None = None
    ) -> str:
        """What an app prints at its end.

        Args:
            kind: what cases these are.
            metrics: where they are computed already.
        """
        metrics = self.metrics() if metrics is None else metrics
        names = [name for name in (*SCORES, "kernel_distance") if name in metrics["mean"]]
        lines = [scores_text({**metrics, "baseline": {}}, names, kind)]
        runs = {f"{RUN}{name}": scores for name, scores in metrics.get("runs", {}).items()}
        for name, scores in {**runs, **metrics.get("baselines", {})}.items():
            gain = metrics["gains"][name]
            lines.append(
                f"  {name}: {self.main} {scores[self.main]:.4f}, the network's is"
                f" {gain['difference']:+.3f}"
                + (
                    ""
                    if math.isnan(gain["low"])
                    else f" (95 % interval {gain['low']:+.3f} to {gain['high']:+.3f})"
                )
            )
        return "\n".join(lines)


def evaluator_of(plan: TranslationPlan) -> Evaluator:
    """The evaluator of a plan's cases: by PSNR where values of images and targets mean the same,
    else by the mean absolute error.

    Args:
        plan: of the run.
    """
    main = "psnr" if plan.target_normalization == SHARED else "mae"
    return Evaluator(main, data_range=stated_range(plan), unit=unit_of(plan))


def _finite(column: np.ndarray) -> np.ndarray:
    """Without infinite values, which equal images have."""
    return np.where(np.isfinite(column), column, np.nan)


def _mean(column: np.ndarray) -> float:
    finite = column[np.isfinite(column)]
    return float(finite.mean()) if len(finite) else math.nan
