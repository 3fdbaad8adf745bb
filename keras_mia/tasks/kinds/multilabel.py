"""Several findings at once, each present, absent or not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_mia.data.targets.multilabel import NO_FINDINGS, UNKNOWN, Multilabel
from keras_mia.metrics import multilabel_scores
from keras_mia.metrics.statistics.comparison import ScoreComparison, compare_labels
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.ranking import precision_recall_figure, roc_figure
from keras_mia.tasks.kinds.calibration import Calibration, case_baseline, case_thresholds
from keras_mia.tasks.kinds.fitting import fitted_threshold
from keras_mia.tasks.kinds.label_scores import label_scores
from keras_mia.tasks.kinds.labels import LabelKind, threshold_fields
from keras_mia.tasks.kinds.rows import PREDICTION, TRUTH, CaseList, Row

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class MultilabelKind(LabelKind[Multilabel]):
    """Several findings at once.

    Args:
        plan: with a target of this kind.
    """

    activation: ClassVar[str | None] = "sigmoid"
    may_be_unknown: ClassVar[bool] = True
    joined: ClassVar[bool] = True

    def loss(self) -> "keras.losses.Loss":
        from keras_mia.losses import FindingsCrossEntropy

        return FindingsCrossEntropy(self.plan.class_weights)

    def without_area(self, truth: np.ndarray) -> list[str]:
        both = (truth == 1).any(axis=0) & (truth == 0).any(axis=0)
        return [] if both.any() else [""]

    def validation_scores(self, truth: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        score = self.criterion(truth).score
        return {score: float(multilabel_scores(truth, outputs).mean[score])}

    def calibrate(
        self, outputs: np.ndarray, truth: np.ndarray, trained: np.ndarray | None = None
    ) -> Calibration:
        thresholds = map(fitted_threshold, truth.T, outputs.T)
        return replace(super().calibrate(outputs, truth, trained), thresholds=tuple(thresholds))

    def baseline(self, trained: np.ndarray) -> tuple[float, ...]:
        trained = np.asarray(trained, float)
        is_labelled = trained != UNKNOWN
        present = np.where(is_labelled, trained, 0).sum(axis=0)
        return tuple((present / np.maximum(is_labelled.sum(axis=0), 1)).tolist())

    def decide(self, probabilities: np.ndarray, calibration: Calibration) -> np.ndarray:
        return (probabilities >= np.array(calibration.thresholds)).astype(float)

    def texts(self) -> frozenset[str]:
        return super().texts() | (NO_FINDINGS - {""})

    def scores(
        self,
        truth: np.ndarray,
        predictions: np.ndarray,
        patients: Sequence[str],
        calibrations: Sequence[Calibration],
        counts: Sequence[int],
    ) -> dict[str, Any]:
        thresholds = case_thresholds(calibrations, counts)
        scores = label_scores(
            truth,
            predictions,
            names=self.target.names,
            patients=patients,
            threshold=thresholds,
            baseline=case_baseline(calibrations, counts),
        )
        return threshold_fields(scores, thresholds)

    def figures(self, rows: Sequence[Row], metrics: Mapping) -> list[Figure]:
        truth, probabilities = self.tables(rows)
        return [
            draw(truth, probabilities, self.target.names)
            for draw in (roc_figure, precision_recall_figure)
        ]

    def case_list(self, rows: Sequence[Row], metrics: Mapping) -> CaseList:
        """Wrong ones first.

        Args:
            rows: of scores.csv.
            metrics: what metrics.json holds.
        """
        ordered = sorted(rows, key=lambda row: (row[TRUTH] == row[PREDICTION], row["case"]))
        cells = [[row[name].replace("|", ", ") for name in (TRUTH, PREDICTION)] for row in ordered]
        pairs = list(zip(ordered, cells, strict=True))
        return CaseList(["Truth", "Prediction"], pairs, "Wrong ones first.")

    def compare(
        self, first: Sequence[Row], second: Sequence[Row], patients: Sequence[str]
    ) -> list[ScoreComparison]:
        truth, probabilities = self.tables(first)
        return compare_labels(truth, [probabilities, self.tables(second)[1]], patients)
