"""What a kind of target has to say for itself, wherever networks for whole images are used."""

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

import numpy as np

from keras_mia.data.datasets.tables.run_tables import Column
from keras_mia.data.targets.base import ImageTarget
from keras_mia.metrics.statistics.comparison import ScoreComparison
from keras_mia.tasks.kinds.calibration import Calibration
from keras_mia.tasks.kinds.rows import PREDICTION, TRUTH, CaseList, Row, truths
from keras_mia.tasks.kinds.target_plan import TargetPlan

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case
    from keras_mia.data.preprocess.image_cache import ImageArray
    from keras_mia.report.figures.figure import Figure
    from keras_mia.report.pictures.case_picture import CasePicture
    from keras_mia.report.sections import Section
    from keras_mia.training import Criterion

T = TypeVar("T", bound=ImageTarget)


@dataclass(frozen=True)
class Kind(abc.ABC, Generic[T]):
    """How a kind of target is learnt, calibrated, scored and shown.

    Throughout, truth and outputs are `(cases, outputs)` as a network learns and gives them, and
    predictions are calibrated outputs in the unit of the data.

    Args:
        plan: with a target of this kind.

    Attributes:
        activation: of the network's head.
        fits_linear_probe: whether a head can be fitted to features, as `linear_probe` does.
        may_be_unknown: whether a truth below 0 is one that is not known.
    """

    plan: TargetPlan
    activation: ClassVar[str | None] = None
    fits_linear_probe: ClassVar[bool] = False
    may_be_unknown: ClassVar[bool] = False

    @property
    def target(self) -> T:
        """What is learnt."""
        return cast(T, self.plan.target)

    def parts(self) -> dict[str, "Kind"]:
        """The kind of each of several targets, by its column; empty: there is one target."""
        return {}

    # How a network learns it.

    def with_heads(self, model: "keras.Model") -> "keras.Model":
        """The network with a head for each of several targets; any other as it is.

        Args:
            model: with one head.
        """
        return model

    @abc.abstractmethod
    def loss(self) -> "keras.losses.Loss | dict[str, keras.losses.Loss]":
        """For `compile`; by the names of the heads where there are several."""

    def loss_weights(self) -> dict[str, float] | None:
        """For `compile`, by the names of the heads; None: there is one head."""
        return None

    def to_heads(self, truth: Any) -> Any:
        """Truth as the network's losses take it.

        Args:
            truth: an array or a tensor `(cases, outputs)`.
        """
        return truth

    def from_heads(self, outputs: Any) -> np.ndarray:
        """What the network gives as one array `(cases, outputs)`.

        Args:
            outputs: an array, or one by the name of each head.
        """
        return outputs

    def initialize(self, model: "keras.Model", truth: np.ndarray) -> None:
        """Sets weights by which a new network begins better than at random.

        Args:
            model: before training.
            truth: of the training cases.
        """

    # How networks are chosen while they train.

    @abc.abstractmethod
    def criterion(self, truth: np.ndarray) -> "Criterion":
        """The score that networks are chosen by, one that these validation cases define for any.

        Args:
            truth: of the validation cases.
        """

    @abc.abstractmethod
    def validation_scores(self, truth: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        """Scores by name, first the criterion's.

        Args:
            truth: of the validation cases.
            outputs: of the network.
        """

    def standardized(self, score: float) -> float:
        """The criterion's score without a unit, to be averaged with those of other kinds.

        Args:
            score: as `validation_scores` has it.
        """
        return score

    def without_area(self, truth: np.ndarray) -> list[str]:
        """The columns in which validation cases have no area under the ROC curve, though networks
        would be chosen by it; an empty name where there is one target.

        Args:
            truth: of the validation cases.
        """
        return []

    # How outputs become predictions.

    def calibrate(
        self, outputs: np.ndarray, truth: np.ndarray, trained: np.ndarray | None = None
    ) -> Calibration:
        """The calibration that validation cases ask for.

        Args:
            outputs: of the network on validation cases.
            truth: of these cases.
            trained: the truth of the training cases, which the baseline comes from; None: there is
                none.
        """
        return Calibration(baseline=() if trained is None else self.baseline(trained))

    def baseline(self, trained: np.ndarray) -> tuple[float, ...]:
        """What is predicted without a look at the image: the mean of the training cases.

        Args:
            trained: the truth of the training cases.
        """
        mean = np.asarray(trained, float).mean(axis=0)
        return tuple(self.target.in_units(mean).tolist())

    def predictions(self, outputs: np.ndarray, calibration: Calibration) -> np.ndarray:
        """Calibrated outputs: probabilities that are as sure as they are right, numbers in the
        data's unit, corners as shares of the sides.

        Args:
            outputs: of the network.
            calibration: of its run.

        Returns:
            float64 `(cases, outputs)`.
        """
        return self.target.in_units(outputs)

    def calibration_notes(self, calibration: Calibration) -> list[str]:
        """What a reader of the predictions has to know.

        Args:
            calibration: of a run.
        """
        return [calibration.note] if calibration.note else []

    # Rows of scores.csv and predictions.csv.

    @abc.abstractmethod
    def columns(self, parts: Sequence[str] = (TRUTH, PREDICTION)) -> tuple[Column, ...]:
        """The columns of scores.csv beside `case` and `patient`.

        Args:
            parts: which of truth and prediction are there.
        """

    def rows(
        self, predictions: np.ndarray, calibration: Calibration, truth: np.ndarray | None = None
    ) -> list[dict[str, Any]]:
        """Cells a case, by column.

        Args:
            predictions: of the cases.
            calibration: of the run.
            truth: in the unit of the data, where it is known.
        """
        both = [(PREDICTION, predictions)]
        both = both if truth is None else [(TRUTH, truth), *both]
        return [
            {
                name: text
                for column, values in both
                for name, text in self.target.decode(values[i], column).items()
            }
            for i in range(len(predictions))
        ]

    def parse_prediction(self, row: Row) -> list[float]:
        """The prediction in a row that `rows` wrote: of all that is learnt, fine classes too.

        Args:
            row: of scores.csv or predictions.csv.

        Raises:
            KeyError: a column is missing.
            ValueError: a cell holds no number.
        """
        return self.target.parse(row, PREDICTION)

    def parse_truth(self, row: Row) -> list[float]:
        """The truth in a row that `rows` wrote, in the unit of the data.

        Args:
            row: of scores.csv.
        """
        return self.target.parse(row, TRUTH)

    def fault(self, row: Row) -> str:
        """What is wrong with the prediction in a row, in words; empty where nothing is.

        Args:
            row: of scores.csv or predictions.csv.

        Raises:
            KeyError: a column is missing.
            ValueError: a cell holds no number.
        """
        values = np.array(self.parse_prediction(row))
        odd = values[~np.isfinite(values)]
        return f"{odd[0]:g} is no number" if odd.size else ""

    # Scores.

    @abc.abstractmethod
    def scores(
        self,
        truth: np.ndarray,
        predictions: np.ndarray,
        patients: Sequence[str],
        calibrations: Sequence[Calibration],
        counts: Sequence[int],
    ) -> dict[str, Any]:
        """What metrics.json holds.

        Args:
            truth: in the unit of the data.
            predictions: of the same shape.
            patients: whose case it is, one for each case.
            calibrations: of a run, or of several runs on different cases.
            counts: how many cases each of them predicted.
        """

    def remarks(self, *, alone: bool = True) -> list[str]:
        """What a reader of the scores has to know, in sentences.

        Args:
            alone: whether it is the only target.
        """
        return []

    # The report.

    @property
    def positive(self) -> str:
        """The class that the scores are of; empty: there is none."""
        return ""

    def figures(self, rows: Sequence[Row], metrics: Mapping) -> "list[Figure]":
        """The report's charts.

        Args:
            rows: of scores.csv, one or more.
            metrics: what metrics.json holds.
        """
        return []

    @abc.abstractmethod
    def case_list(self, rows: Sequence[Row], metrics: Mapping) -> CaseList:
        """The report's table of cases.

        Args:
            rows: of scores.csv, one or more.
            metrics: what metrics.json holds.
        """

    def pictures(
        self,
        model: "keras.Model",
        images: "ImageArray",
        cases: "Sequence[Case]",
        predictions: np.ndarray,
        calibration: Calibration,
        prefix: str = "",
    ) -> "list[CasePicture]":
        """Pictures of the worst and the best predictions, with what spoke for them.

        Args:
            model: that predicted.
            images: of the cases, with their truth.
            cases: of the images.
            predictions: for them.
            calibration: of the run.
            prefix: what each title begins with.
        """
        return []

    @abc.abstractmethod
    def picture_section(self, pictures: "Sequence[CasePicture]") -> "Section":
        """The report's section of them.

        Args:
            pictures: as `pictures` gives them.
        """

    # The comparison of two runs.

    def has_other_truth(self, row: Row, other: Row) -> bool:
        """Whether the truth of a case is another in two runs.

        Args:
            row, other: of either scores.csv.
        """
        return truths(row) != truths(other)

    @abc.abstractmethod
    def compare(
        self, first: Sequence[Row], second: Sequence[Row], patients: Sequence[str]
    ) -> list[ScoreComparison]:
        """Scores of two runs, with the test that holds.

        Args:
            first, second: rows of the same cases in the same order, of either scores.csv.
            patients: whose cases these are.
        """
