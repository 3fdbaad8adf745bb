"""The corners of a box."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from keras_mia.data.datasets.tables.run_tables import Column
from keras_mia.data.targets.box import Box
from keras_mia.metrics import box_overlap, confidence_intervals
from keras_mia.metrics.statistics.comparison import ScoreComparison, compare_values
from keras_mia.metrics.statistics.weighted import mean_of_cases
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.sections import Pictures, Section
from keras_mia.tasks.intervals import interval_fields
from keras_mia.tasks.kinds.calibration import Calibration, case_baseline
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.rows import PREDICTION, TRUTH, CaseList, Row, numbers_differ
from keras_mia.tasks.kinds.scores import head

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case
    from keras_mia.data.preprocess.image_cache import ImageArray
    from keras_mia.training import Criterion

SAME = 1e-3
"""Shares of a side that are no farther from each other are the same truth."""


@dataclass(frozen=True)
class BoxKind(Kind[Box]):
    """The corners of a box, as shares of the sides of the image.

    Args:
        plan: with a target of this kind.
    """

    activation: ClassVar[str | None] = "sigmoid"

    def loss(self) -> "keras.losses.Loss":
        import keras

        return keras.losses.MeanAbsoluteError()

    def initialize(self, model: "keras.Model", truth: np.ndarray) -> None:
        """Has a network give the mean box of the training cases, before it has learned anything:
        it then learns how boxes differ, and not first where they lie.

        Args:
            model: whose last layer is dense with a sigmoid; another one stays as it is.
            truth: of the training cases.
        """
        import keras

        last = model.layers[-1]
        if isinstance(last, keras.layers.Dense) and last.use_bias:
            mean = np.clip(truth.mean(axis=0), 0.01, 0.99)
            last.set_weights([np.zeros(last.kernel.shape), np.log(mean / (1 - mean))])

    def criterion(self, truth: np.ndarray) -> "Criterion":
        from keras_mia.training import Criterion

        return Criterion("corner_error", lower_is_better=True)

    def validation_scores(self, truth: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        return {"corner_error": float(np.abs(outputs - truth).mean())}

    def columns(self, parts: Sequence[str] = (TRUTH, PREDICTION)) -> tuple[Column, ...]:
        names = self.target.names
        return tuple(Column(f"{part}_{name}", number=True) for part in parts for name in names)

    def scores(
        self,
        truth: np.ndarray,
        predictions: np.ndarray,
        patients: Sequence[str],
        calibrations: Sequence[Calibration],
        counts: Sequence[int],
    ) -> dict[str, Any]:
        """Overlap of boxes (intersection over union) and the mean error of their corners.

        Args:
            truth: of the cases.
            predictions: of the same shape.
            patients: whose case it is, one for each case.
            calibrations: of a run, or of several runs on different cases.
            counts: how many cases each of them predicted.
        """

        def values_of(boxes: np.ndarray) -> dict[str, np.ndarray]:
            return {
                "iou": box_overlap(truth, boxes),
                "corner_error": np.abs(truth - boxes).mean(-1),
            }

        values, baseline = values_of(predictions), case_baseline(calibrations, counts)
        intervals = confidence_intervals(
            lambda weights: {name: mean_of_cases(one, weights) for name, one in values.items()},
            patients,
        )
        baseline_values = {} if baseline is None else values_of(baseline)
        return {
            **head("boxes", "test", truth, patients),
            "mean": {name: float(one.mean()) for name, one in values.items()},
            **interval_fields(intervals),
            "classes": {},
            "baseline": {name: float(one.mean()) for name, one in baseline_values.items()},
        }

    def case_list(self, rows: Sequence[Row], metrics: Mapping) -> CaseList:
        """Those that overlap least with the truth first.

        Args:
            rows: of scores.csv.
            metrics: what metrics.json holds.
        """
        corners = {
            part: np.array([self.target.parse(row, part) for row in rows])
            for part in (TRUTH, PREDICTION)
        }
        overlaps = box_overlap(corners[TRUTH], corners[PREDICTION])
        order = sorted(range(len(rows)), key=lambda i: (overlaps[i], rows[i]["case"]))

        def cells(i: int) -> list[str]:
            texts = (", ".join(f"{x:.3f}" for x in boxes_of[i]) for boxes_of in corners.values())
            return [*texts, f"{overlaps[i]:.3f}"]

        return CaseList(
            ["Truth", "Prediction", "Overlap (iou)"],
            [(rows[i], cells(i)) for i in order],
            "The worst first. Lower corner, then upper one, as shares of the image's sides.",
        )

    def pictures(
        self,
        model: "keras.Model",
        images: "ImageArray",
        cases: "Sequence[Case]",
        predictions: np.ndarray,
        calibration: Calibration,
        prefix: str = "",
    ) -> list[CasePicture]:
        from keras_mia.tasks.kinds.pictures.boxes import box_pictures

        return box_pictures(cases, predictions, images.targets, prefix=prefix)

    def picture_section(self, pictures: Sequence[CasePicture]) -> Section:
        return Section("The worst boxes, and the best", [Pictures(pictures)])

    def has_other_truth(self, row: Row, other: Row) -> bool:
        return numbers_differ(row, other, SAME)

    def compare(
        self, first: Sequence[Row], second: Sequence[Row], patients: Sequence[str]
    ) -> list[ScoreComparison]:
        errors = [self._corner_errors(rows) for rows in (first, second)]
        return [compare_values("corner_error", errors[0], errors[1], patients)]

    def _corner_errors(self, rows: Sequence[Row]) -> np.ndarray:
        truth, predictions = (
            np.array([self.target.parse(row, part) for row in rows]) for part in (TRUTH, PREDICTION)
        )
        return np.abs(predictions - truth).mean(axis=-1)
