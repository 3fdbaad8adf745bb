"""What classes and findings share: a probability each, in tables, curves and pictures."""

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from keras_mia.data.datasets.tables.run_tables import Column
from keras_mia.data.targets.labels import PROBABILITY, Labels
from keras_mia.data.targets.texts.numbers import exact_text
from keras_mia.report.pictures.case_picture import CasePicture
from keras_mia.report.sections import Pictures, Section
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.rows import PREDICTION, TRUTH, Row

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case
    from keras_mia.data.preprocess.image_cache import ImageArray
    from keras_mia.training import Criterion

L = TypeVar("L", bound=Labels)
MOST_CONFIDENT = "The most confident mistakes, and the most confident right predictions"
CHOSEN = (
    "At most eight mistakes and four right predictions to compare them with, the most confident"
    " first."
)
GRAD_CAM = (
    " The warmer, the more a place speaks for the prediction (Grad-CAM, from the gradient of the"
    " prediction's logit at the last layer with space; each map from its lowest to its highest). It"
    " is as coarse as that layer, and tells where the network looked, not why."
)


@dataclass(frozen=True)
class LabelKind(Kind[L]):
    """A kind whose outputs are probabilities of classes or findings.

    Args:
        plan: with a target of this kind.
    """

    joined: ClassVar[bool] = False

    @abc.abstractmethod
    def decide(self, probabilities: np.ndarray, calibration: Calibration) -> np.ndarray:
        """What the probabilities of a case amount to, `(outputs,)`: 1 is predicted, 0 is not.

        Args:
            probabilities: `(outputs,)`.
            calibration: with thresholds.
        """

    def criterion(self, truth: np.ndarray) -> "Criterion":
        from keras_mia.training import Criterion

        return Criterion("nll", True) if self.without_area(truth) else Criterion("auc")

    @property
    def predicted(self) -> "LabelKind":
        """The labels as they are predicted: what is learnt, or coarse classes above it."""
        return self

    @property
    def prefix(self) -> str:
        """What the columns of all that is learnt begin with."""
        return ""

    def columns(self, parts: Sequence[str] = (TRUTH, PREDICTION)) -> tuple[Column, ...]:
        among = self.texts()
        return (
            *(Column(part, among=among, joined=self.joined) for part in parts),
            *(Column(PROBABILITY + name, number=True) for name in self.target.names),
        )

    def texts(self) -> frozenset[str]:
        """The texts that stand for a class, or a finding, in tables."""
        return frozenset(self.target.names)

    def rows(
        self, predictions: np.ndarray, calibration: Calibration, truth: np.ndarray | None = None
    ) -> list[dict[str, Any]]:
        rows = []
        for i, probabilities in enumerate(predictions):
            row = {} if truth is None else self.target.decode(truth[i], TRUTH)
            row |= self.target.decode(self.decide(probabilities, calibration), PREDICTION)
            pairs = zip(self.target.names, probabilities, strict=True)
            rows.append(row | {PROBABILITY + name: exact_text(value) for name, value in pairs})
        return rows

    def parse_prediction(self, row: Row) -> list[float]:
        begin = self.prefix + PROBABILITY
        return [float(row[begin + name]) for name in self.target.names]

    def parse_truth(self, row: Row) -> list[float]:
        return self.target.parse(row, self.prefix + TRUTH)

    def fault(self, row: Row) -> str:
        if fault := super().fault(row):
            return fault
        odd = [value for value in self.parse_prediction(row) if not 0 <= value <= 1]
        return f"a probability of {min(odd):g} is not between 0 and 1" if odd else ""

    def tables(self, rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
        """Truth and probabilities of what is predicted, `(cases, labels)` each.

        Args:
            rows: of scores.csv.
        """
        truth = [self.target.parse(row, TRUTH) for row in rows]
        names = [PROBABILITY + name for name in self.target.names]
        return np.array(truth), np.array([[float(row[name]) for name in names] for row in rows])

    def pictures(
        self,
        model: "keras.Model",
        images: "ImageArray",
        cases: "Sequence[Case]",
        predictions: np.ndarray,
        calibration: Calibration,
        prefix: str = "",
    ) -> list[CasePicture]:
        from keras_mia.tasks.kinds.pictures.heat_maps import heat_pictures

        return heat_pictures(self, model, images, cases, predictions, calibration, prefix)

    def picture_section(self, pictures: Sequence[CasePicture]) -> Section:
        return most_confident_section(pictures)


def most_confident_section(pictures: Sequence[CasePicture]) -> Section:
    """The surest mistakes, and what spoke for them.

    Args:
        pictures: of cases.
    """
    mapped = any(len(picture.images) > 1 for picture in pictures)
    return Section(MOST_CONFIDENT, [Pictures(pictures, paired=True)], CHOSEN + GRAD_CAM * mapped)


def threshold_fields(scores: Mapping[str, Any], thresholds: np.ndarray | None) -> dict[str, Any]:
    """Scores without the thresholds of several runs, which are none of all cases.

    Args:
        scores: as `label_scores` gives them.
        thresholds: as `case_thresholds` gives them.
    """
    several = thresholds is not None and thresholds.ndim == 2
    return {**scores, "threshold": None} if several else dict(scores)
