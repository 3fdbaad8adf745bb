"""Several targets of an image, each learnt and scored as its kind is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_mia.data.datasets.tables.run_tables import Column
from keras_mia.data.targets.multitask import NAMED, Multitask, named, of_column
from keras_mia.metrics.statistics.comparison import ScoreComparison
from keras_mia.report.figures.figure import Figure
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.sections import Section
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.column_kinds import column_kind
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.labels import most_confident_section
from keras_mia.tasks.kinds.rows import PREDICTION, TRUTH, CaseList, Row
from keras_mia.tasks.kinds.scores import head

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case
    from keras_mia.data.preprocess.image_cache import ImageArray
    from keras_mia.training import Criterion

MEAN = "mean"
"""The mean of what each target is chosen by, errors with a minus."""


@dataclass(frozen=True)
class MultitaskKind(Kind[Multitask]):
    """Several targets of an image.

    Args:
        plan: with a target of this kind.
    """

    def parts(self) -> dict[str, Kind]:
        """The kind of each target, by its column."""
        return {
            column: column_kind(replace(self.plan, target=part))
            for column, part in zip(self.target.columns, self.target.parts, strict=True)
        }

    def with_heads(self, model: "keras.Model") -> "keras.Model":
        from keras_mia.models import multi_task

        pairs = zip(self.target.head_names, self.parts().values(), strict=True)
        return multi_task(model, {name: (len(one.target), one.activation) for name, one in pairs})

    def loss(self) -> "dict[str, keras.losses.Loss]":
        losses: list[Any] = [part.loss() for part in self.parts().values()]
        return dict(zip(self.target.head_names, losses, strict=True))

    def loss_weights(self) -> dict[str, float]:
        return dict(zip(self.target.head_names, self.target.weights, strict=True))

    def to_heads(self, truth: Any) -> dict[str, Any]:
        return dict(zip(self.target.head_names, self.target.split(truth), strict=True))

    def from_heads(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.concatenate([outputs[name] for name in self.target.head_names], axis=-1)

    def criterion(self, truth: np.ndarray) -> "Criterion":
        from keras_mia.training import Criterion

        return Criterion(MEAN)

    def without_area(self, truth: np.ndarray) -> list[str]:
        parts = zip(self.parts().items(), self.target.split(truth), strict=True)
        return [column for (column, part), values in parts if part.without_area(values)]

    def validation_scores(self, truth: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        both = (self.target.split(values) for values in (truth, outputs))
        values: list[float] = []
        named_scores: dict[str, float] = {}
        for (column, part), true, predicted in zip(self.parts().items(), *both, strict=True):
            criterion, scores = part.criterion(true), part.validation_scores(true, predicted)
            values.append(criterion.oriented(part.standardized(scores[criterion.score])))
            named_scores |= named(column, scores)
        defined = [value for value in values if not np.isnan(value)]
        return {MEAN: float(np.mean(defined)) if defined else np.nan} | named_scores

    def calibrate(
        self, outputs: np.ndarray, truth: np.ndarray, trained: np.ndarray | None = None
    ) -> Calibration:
        parts = self.parts().values()
        learnt = [None] * len(parts) if trained is None else self.target.split(trained)
        both = (self.target.split(values) for values in (outputs, truth))
        each = zip(parts, *both, learnt, strict=True)
        return Calibration(parts=tuple(part.calibrate(*values) for part, *values in each))

    def predictions(self, outputs: np.ndarray, calibration: Calibration) -> np.ndarray:
        each = zip(
            self.parts().values(), self.target.split(outputs), calibration.parts, strict=True
        )
        return np.concatenate([part.predictions(*values) for part, *values in each], axis=-1)

    def calibration_notes(self, calibration: Calibration) -> list[str]:
        parts = zip(self.target.columns, calibration.parts, strict=True)
        return [f"{column}{NAMED}{part.note}" for column, part in parts if part.note]

    def columns(self, parts: Sequence[str] = (TRUTH, PREDICTION)) -> tuple[Column, ...]:
        return tuple(
            replace(one, name=f"{column}{NAMED}{one.name}")
            for column, part in self.parts().items()
            for one in part.columns(parts)
        )

    def rows(
        self, predictions: np.ndarray, calibration: Calibration, truth: np.ndarray | None = None
    ) -> list[dict[str, Any]]:
        """Cells a case, each behind the name of its column.

        Args:
            predictions: of the cases.
            calibration: of the run.
            truth: in the unit of the data, where it is known.
        """
        truths = [None] * len(self.target.parts) if truth is None else self.target.split(truth)
        each = zip(
            self.parts().items(),
            self.target.split(predictions),
            calibration.parts,
            truths,
            strict=True,
        )
        columns = [
            [named(column, row) for row in part.rows(*values)] for (column, part), *values in each
        ]
        return [{k: v for one in row for k, v in one.items()} for row in zip(*columns, strict=True)]

    def parse_prediction(self, row: Row) -> list[float]:
        return [
            value
            for column, part in self.parts().items()
            for value in part.parse_prediction(of_column(row, column))
        ]

    def fault(self, row: Row) -> str:
        faults = (part.fault(of_column(row, column)) for column, part in self.parts().items())
        return next(filter(None, faults), "")

    def scores(
        self,
        truth: np.ndarray,
        predictions: np.ndarray,
        patients: Sequence[str],
        calibrations: Sequence[Calibration],
        counts: Sequence[int],
    ) -> dict[str, Any]:
        """All scores side by side, and as `targets` those of each.

        Args:
            truth: in the unit of the data.
            predictions: of the same shape.
            patients: whose case it is, one for each case.
            calibrations: of a run, or of several runs on different cases.
            counts: how many cases each of them predicted.
        """
        both = (self.target.split(values) for values in (truth, predictions))
        by_part = zip(*(one.parts for one in calibrations), strict=True)
        each = {
            column: part.scores(true, predicted, patients, part_calibrations, counts)
            for (column, part), true, predicted, part_calibrations in zip(
                self.parts().items(), *both, by_part, strict=True
            )
        }
        of_all = {
            which: {k: v for c, one in each.items() for k, v in named(c, one[which]).items()}
            for which in ("mean", "interval", "interval_method", "baseline")
        }
        begin = head("multitask", "test", truth, patients)
        return {**begin, **of_all, "classes": {}, "targets": each}

    def remarks(self, *, alone: bool = True) -> list[str]:
        return [one for part in self.parts().values() for one in part.remarks(alone=False)]

    def figures(self, rows: Sequence[Row], metrics: Mapping) -> list[Figure]:
        return [
            replace(figure, title=f"{column}{NAMED}{figure.title}")
            for column, part in self.parts().items()
            for figure in part.figures(
                [of_column(row, column) for row in rows], metrics["targets"][column]
            )
        ]

    def case_list(self, rows: Sequence[Row], metrics: Mapping) -> CaseList:
        """All that scores.csv holds, by the names of the cases.

        Args:
            rows: of scores.csv.
            metrics: what metrics.json holds.
        """
        columns = [name for name in rows[0] if name not in ("case", "patient")]
        ordered = sorted(rows, key=lambda row: row["case"])
        return CaseList(columns, [(row, [row[name] for name in columns]) for row in ordered])

    def pictures(
        self,
        model: "keras.Model",
        images: "ImageArray",
        cases: "Sequence[Case]",
        predictions: np.ndarray,
        calibration: Calibration,
        prefix: str = "",
    ) -> list[CasePicture]:
        import keras

        each = zip(
            self.parts().items(),
            [keras.Model(model.inputs, model.output[name]) for name in self.target.head_names],
            [replace(images, targets=truth) for truth in self.target.split(images.targets)],
            self.target.split(predictions),
            calibration.parts,
            strict=True,
        )
        return [
            picture
            for (column, part), part_model, truth, values, part_calibration in each
            for picture in part.pictures(
                part_model, truth, cases, values, part_calibration, f"{column}{NAMED}"
            )
        ]

    def picture_section(self, pictures: Sequence[CasePicture]) -> Section:
        return most_confident_section(pictures)

    def has_other_truth(self, row: Row, other: Row) -> bool:
        return any(
            part.has_other_truth(of_column(row, column), of_column(other, column))
            for column, part in self.parts().items()
        )

    def compare(
        self, first: Sequence[Row], second: Sequence[Row], patients: Sequence[str]
    ) -> list[ScoreComparison]:
        return [
            one._replace(score=f"{column}{NAMED}{one.score}")
            for column, part in self.parts().items()
            for one in part.compare(
                [of_column(row, column) for row in first],
                [of_column(row, column) for row in second],
                patients,
            )
        ]
