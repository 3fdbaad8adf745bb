"""A number."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_mia.data.datasets.tables.run_tables import Column
from keras_mia.data.targets.regression import Regression
from keras_mia.metrics import agreement_intervals, agreement_scores
from keras_mia.metrics.statistics.comparison import ScoreComparison, compare_values
from keras_mia.report.figures.agreement import bland_altman_figure
from keras_mia.report.figures.figure import Figure
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.sections import Section
from keras_mia.tasks.intervals import interval_fields
from keras_mia.tasks.kinds.calibration import Calibration, case_baseline
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.labels import most_confident_section
from keras_mia.tasks.kinds.rows import PREDICTION, TRUTH, CaseList, Row, numbers_differ
from keras_mia.tasks.kinds.scores import defined, head

if TYPE_CHECKING:
    import keras

    from keras_mia.training import Criterion

SAME = 1e-3
"""Of the deviation in training: numbers that are no farther from each other are the same truth."""


@dataclass(frozen=True)
class RegressionKind(Kind[Regression]):
    """A number.

    Args:
        plan: with a target of this kind.
    """

    def loss(self) -> "keras.losses.Loss":
        import keras

        return keras.losses.Huber()

    def criterion(self, truth: np.ndarray) -> "Criterion":
        from keras_mia.training import Criterion

        return Criterion("mae", lower_is_better=True)

    def validation_scores(self, truth: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        return {"mae": float(np.abs(outputs - truth).mean() * self.target.std)}

    def standardized(self, score: float) -> float:
        return score / self.target.std

    def columns(self, parts: Sequence[str] = (TRUTH, PREDICTION)) -> tuple[Column, ...]:
        return tuple(Column(part, number=True) for part in parts)

    def scores(
        self,
        truth: np.ndarray,
        predictions: np.ndarray,
        patients: Sequence[str],
        calibrations: Sequence[Calibration],
        counts: Sequence[int],
    ) -> dict[str, Any]:
        baseline = case_baseline(calibrations, counts)
        return number_scores(
            truth[:, 0],
            predictions[:, 0],
            patients=patients,
            baseline=None if baseline is None else baseline[:, 0],
        )

    def figures(self, rows: Sequence[Row], metrics: Mapping) -> list[Figure]:
        truth, prediction = (
            np.array([float(row[name]) for row in rows]) for name in (TRUTH, PREDICTION)
        )
        patients = [row.get("patient", "") for row in rows]
        return [bland_altman_figure(truth, prediction, patients=patients)]

    def case_list(self, rows: Sequence[Row], metrics: Mapping) -> CaseList:
        """The largest errors first.

        Args:
            rows: of scores.csv.
            metrics: what metrics.json holds.
        """

        def error(row: Row) -> float:
            return float(row[PREDICTION]) - float(row[TRUTH])

        ordered = sorted(rows, key=lambda row: (-abs(error(row)), row["case"]))
        return CaseList(
            ["Truth", "Prediction", "Error"],
            [(row, [row[TRUTH], row[PREDICTION], f"{error(row):.4g}"]) for row in ordered],
            "The largest errors first.",
        )

    def picture_section(self, pictures: Sequence[CasePicture]) -> Section:
        return most_confident_section(pictures)

    def has_other_truth(self, row: Row, other: Row) -> bool:
        return numbers_differ(row, other, SAME * self.target.std)

    def compare(
        self, first: Sequence[Row], second: Sequence[Row], patients: Sequence[str]
    ) -> list[ScoreComparison]:
        errors = [
            [abs(float(row[PREDICTION]) - float(row[TRUTH])) for row in rows]
            for rows in (first, second)
        ]
        return [compare_values("mae", errors[0], errors[1], patients)]


def number_scores(
    truth: Sequence[float] | np.ndarray,
    prediction: Sequence[float] | np.ndarray,
    *,
    patients: Sequence[Hashable],
    baseline: float | np.ndarray | None = None,
    split: str = "test",
) -> dict[str, Any]:
    """Scores of predicted numbers, beside a baseline: the same one to all.

    Args:
        truth: `(cases,)`; a case whose truth is NaN is left out.
        prediction: `(cases,)`.
        patients: whose case it is, one for each case.
        baseline: predicted without a network, one or one a case: the mean of the training cases.
            None: there is none (the mean of these cases is closer than can be known).
        split: which cases these are.

    Returns:
        What metrics.json holds, by the names of `agreement_scores`; there are no classes.

    Example:
        >>> scores = number_scores([1.0, 2.0, 3.0], [1.5, 2.0, 3.5], patients="abc", baseline=2.0)
        >>> round(scores["mean"]["mae"], 3), round(scores["baseline"]["mae"], 3)
        (0.333, 0.667)
    """
    intervals = agreement_intervals(truth, prediction, patients)
    has_truth = ~np.isnan(np.asarray(truth, float))
    patients = [patient for patient, kept in zip(patients, has_truth, strict=True) if kept]
    true, predicted = np.asarray(truth, float)[has_truth], np.asarray(prediction, float)[has_truth]
    baseline_scores = {}
    if baseline is not None:
        constant = np.broadcast_to(np.asarray(baseline, float), has_truth.shape)[has_truth]
        baseline_scores = defined(agreement_scores(true, constant))
    return {
        **head("regression", split, true, patients),
        "mean": agreement_scores(true, predicted),
        **interval_fields(intervals),
        "classes": {},
        "baseline": baseline_scores,
    }
