"""One of several classes."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_mia.data.targets.labels import PROBABILITY
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.metrics import apply_temperature, classification_scores
from keras_mia.metrics.classification.checks import ROUNDING
from keras_mia.metrics.classification.threshold import confidence
from keras_mia.metrics.statistics.comparison import ScoreComparison, compare_classes
from keras_mia.report.figures.agreement import reliability_figure
from keras_mia.report.figures.confusion_matrix import confusion_figure
from keras_mia.report.figures.figure import Figure
from keras_mia.report.figures.ranking import precision_recall_figure, roc_figure
from keras_mia.report.formatting import number
from keras_mia.tasks.kinds.calibration import Calibration, case_baseline, case_thresholds
from keras_mia.tasks.kinds.fitting import fitted_temperature, fitted_threshold, logits_of
from keras_mia.tasks.kinds.label_scores import label_scores
from keras_mia.tasks.kinds.labels import LabelKind, threshold_fields
from keras_mia.tasks.kinds.rows import PREDICTION, TRUTH, CaseList, Row

if TYPE_CHECKING:
    import keras

FINE = "fine "
"""How the columns begin that are of fine classes beside those of coarse ones."""


@dataclass(frozen=True)
class MulticlassKind(LabelKind[Multiclass]):
    """One of several classes; with a tree, fine ones are learnt and coarse ones predicted.

    Args:
        plan: with a target of this kind.
    """

    activation: ClassVar[str | None] = "softmax"
    fits_linear_probe: ClassVar[bool] = True

    @property
    def predicted(self) -> "MulticlassKind":
        """The coarse classes of a tree, or what is learnt."""
        if self.plan.tree is None:
            return self
        return MulticlassKind(self.plan.coarse)

    @property
    def learnt(self) -> "MulticlassKind":
        """What is learnt, as if it were predicted."""
        return MulticlassKind(replace(self.plan, tree=None))

    def loss(self) -> "keras.losses.Loss":
        from keras_mia.losses import ClassCrossEntropy

        return ClassCrossEntropy(self.plan.class_weights, label_smoothing=self.plan.smoothing)

    def without_area(self, truth: np.ndarray) -> list[str]:
        classes = np.unique(self.plan.aggregated(truth).argmax(-1))
        return [] if len(classes) > 1 else [""]

    def validation_scores(self, truth: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        labels = self.plan.aggregated(truth).argmax(-1)
        scores = classification_scores(labels, self.plan.aggregated(outputs)).mean
        return {name: float(scores[name]) for name in (self.criterion(truth).score, "accuracy")}

    def calibrate(
        self, outputs: np.ndarray, truth: np.ndarray, trained: np.ndarray | None = None
    ) -> Calibration:
        fitted, note = fitted_temperature(logits_of(outputs), truth.argmax(-1))
        calibration = replace(
            super().calibrate(outputs, truth, trained), temperature=fitted, note=note
        )
        if len(self.plan.predicted) != 2:
            return calibration
        probabilities = self.plan.aggregated(self.predictions(outputs, calibration))
        positive = self.plan.aggregated(truth)[:, 1]
        return replace(calibration, thresholds=(fitted_threshold(positive, probabilities[:, 1]),))

    def predictions(self, outputs: np.ndarray, calibration: Calibration) -> np.ndarray:
        return apply_temperature(logits_of(outputs), calibration.temperature)

    def decide(self, probabilities: np.ndarray, calibration: Calibration) -> np.ndarray:
        chosen = int(probabilities.argmax())
        if calibration.thresholds is not None:
            chosen = int(probabilities[1] >= calibration.thresholds[0])
        return np.eye(len(probabilities))[chosen]

    @property
    def prefix(self) -> str:
        return FINE if self.plan.tree else ""

    def rows(
        self, predictions: np.ndarray, calibration: Calibration, truth: np.ndarray | None = None
    ) -> list[dict[str, Any]]:
        """Cells a case, by column. Those of coarse classes are followed by the same of the fine
        ones, each name after `fine `; the fine prediction is the most probable fine class of all,
        which may lie below another coarse one.

        Args:
            predictions: of the cases.
            calibration: of the run.
            truth: where it is known.
        """
        if self.plan.tree is None:
            return super().rows(predictions, calibration, truth)
        coarse_truth = None if truth is None else self.plan.aggregated(truth)
        coarse = self.predicted.rows(self.plan.aggregated(predictions), calibration, coarse_truth)
        fine = self.learnt.rows(predictions, Calibration(), truth)
        return [
            above | {FINE + name: text for name, text in below.items()}
            for above, below in zip(coarse, fine, strict=True)
        ]

    def fault(self, row: Row) -> str:
        if fault := super().fault(row):
            return fault
        total = sum(self.parse_prediction(row))
        odd = abs(total - 1) > ROUNDING
        return f"the probabilities of its classes add up to {total:g}" if odd else ""

    def scores(
        self,
        truth: np.ndarray,
        predictions: np.ndarray,
        patients: Sequence[str],
        calibrations: Sequence[Calibration],
        counts: Sequence[int],
    ) -> dict[str, Any]:
        thresholds = case_thresholds(calibrations, counts)
        baseline = case_baseline(calibrations, counts)
        scores = self._scores(truth, predictions, patients, thresholds, baseline)
        if self.plan.tree is None:
            return scores
        return scores | {"fine": self.learnt._scores(truth, predictions, patients, None, baseline)}

    def _scores(
        self,
        truth: np.ndarray,
        predictions: np.ndarray,
        patients: Sequence[str],
        thresholds: np.ndarray | None,
        baseline: np.ndarray | None,
    ) -> dict[str, Any]:
        scores = label_scores(
            self.plan.aggregated(truth).argmax(-1),
            self.plan.aggregated(predictions),
            names=self.plan.predicted.names,
            patients=patients,
            threshold=None if thresholds is None else thresholds[..., 0],
            baseline=None if baseline is None else self.plan.aggregated(baseline),
        )
        return threshold_fields(scores, thresholds)

    def remarks(self, *, alone: bool = True) -> list[str]:
        names = self.plan.predicted.names
        if len(names) != 2:
            return []
        option = f" (the other way round: --positive {shlex.quote(names[0])})" if alone else ""
        return [
            f"These are the scores of {names[1]}, the positive class, against {names[0]}{option}."
        ]

    @property
    def positive(self) -> str:
        return self.target.names[1] if len(self.target.names) == 2 else ""

    def figures(self, rows: Sequence[Row], metrics: Mapping) -> list[Figure]:
        names, patients = self.target.names, [row.get("patient", "") for row in rows]
        truth, probabilities = self.tables(rows)
        labels, threshold = truth.argmax(-1), metrics.get("threshold")
        figures = [
            draw(labels, probabilities, names, patients=patients, threshold=threshold)
            for draw in (roc_figure, precision_recall_figure)
        ]
        if metrics.get("confusion"):
            figures.append(confusion_figure(np.array(metrics["confusion"]), names))
        predicted = probabilities[:, 1] if len(names) == 2 else probabilities
        return [*figures, reliability_figure(labels, predicted, patients=patients)]

    def case_list(self, rows: Sequence[Row], metrics: Mapping) -> CaseList:
        """The most confident mistakes first.

        Args:
            rows: of scores.csv.
            metrics: what metrics.json holds.
        """
        threshold, names = metrics.get("threshold"), self.target.names

        def order(row: Row) -> tuple[bool, float]:
            probability, chosen = float(row[PROBABILITY + row[PREDICTION]]), row[PREDICTION]
            beyond = confidence(
                probability,
                1 / len(names) if threshold is None else threshold,
                threshold is None or chosen == names[1],
            )
            return row[TRUTH] == chosen, -beyond

        hint = "The most confident mistakes first."
        if threshold is not None:
            hint += f" {names[1]} is predicted from a probability of {threshold:.3g} on."
        return CaseList(
            ["Truth", "Prediction", "Probability of it"],
            [
                (row, [row[TRUTH], chosen, number(row[PROBABILITY + chosen])])
                for row in sorted(rows, key=order)
                for chosen in [row[PREDICTION]]
            ],
            hint,
        )

    def compare(
        self, first: Sequence[Row], second: Sequence[Row], patients: Sequence[str]
    ) -> list[ScoreComparison]:
        names = list(self.target.names)
        truth, probabilities = self.tables(first)
        labels = [
            np.array([names.index(row[PREDICTION]) for row in one]) for one in (first, second)
        ]
        both = [probabilities, self.tables(second)[1]]
        return compare_classes(truth.argmax(-1), both, labels, patients)
