"""The verbs of a family for what a training has left: its network, its folder, its scores."""

import abc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from keras_mia.core.problem import Problem
from keras_mia.tasks.training_verbs import AnyPlan
from keras_mia.tasks.values import Evaluation, Prepared, Samples, TruthFiles

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case, Cases
    from keras_mia.data.image import Image
    from keras_mia.doctor.diagnosis import Diagnosis
    from keras_mia.report.pictures.case_picture import CasePicture
    from keras_mia.report.sections import Content


OPTIONAL = {
    "predictor": "predicts nothing of given images",
    "write": "predicts nothing of given images",
    "evaluate_files": "has no files of predictions to score",
    "compare": "has no scores of cases to compare",
    "check": "has no data to examine",
    "sample": "samples no images",
}
"""The verbs that a family may leave out, and what is said of one that does."""


class RunVerbs(abc.ABC, Generic[AnyPlan]):
    """What becomes of a trained network and of finished runs.

    Attributes:
        name: of the family.
    """

    name: ClassVar[str]

    # The test cases, and the report.

    @abc.abstractmethod
    def evaluate(
        self, model: "keras.Model", cases: "Cases", prepared: Prepared, plan: AnyPlan, run: Path
    ) -> Evaluation:
        """Predicts the test cases, writes predictions, and scores them.

        Args:
            model: the best one of the run.
            cases: split.
            prepared: the same.
            plan: of the run.
            run: its folder, where predictions go, and what was found out on validation cases.
        """

    @abc.abstractmethod
    def sections(self, folder: Path, pictures: "Sequence[CasePicture]" = ()) -> "Content":
        """What the report of a run shows, beside what every run has.

        Args:
            folder: of a run, or one that pools those of its folds.
            pictures: of cases, as `evaluate` makes them.
        """

    @abc.abstractmethod
    def pool(self, folders: Sequence[Path]) -> Evaluation:
        """The scores of several runs on different cases, the folds of one, together.

        Args:
            folders: of finished runs.

        Raises:
            Problem: a run is not finished, or its scores are broken.
        """

    # Trained networks and new images.

    def predictor(
        self, models: "Sequence[keras.Model]", folders: Sequence[Path], *, mirror: bool = True
    ) -> "Callable[[Image, object], Any]":
        """A function from `(image, where)` to what networks predict of it, on its own grid.

        Args:
            models: one, or several whose predictions are averaged.
            folders: of their runs, whose plans and calibrations are read.
            mirror: whether mirrored images are predicted too and averaged.

        Raises:
            Problem: the runs differ in what they predict.
        """
        raise self._without("predictor")

    def window(self, plan: AnyPlan) -> Sequence[int]:
        """What the network looks at, `(*space)`: images that show much less are warned of."""
        return plan.shapes()[0][:-1]

    def file_names(self, case: "Case", plan: AnyPlan) -> Sequence[str]:
        """The names of all files that `write` writes of a case; none where `table` is set."""
        return ()

    def check_images(self, cases: "Sequence[Case]", plan: AnyPlan) -> None:
        """Sees to it that what the user chose can be done with new images, before TensorFlow is
        loaded.

        Args:
            cases: the images.
            plan: of the first run.

        Raises:
            Problem: it cannot.
        """

    def write(
        self, prediction: Any, folder: Path, case: "Case", image: "Image", plan: AnyPlan
    ) -> Mapping[str, Any]:
        """Writes a prediction.

        Args:
            prediction: as `predictor` gives it.
            folder: where to.
            case: names the files.
            image: whose grid it is.
            plan: of the first run.

        Returns:
            The row of the table, after the case's name; empty where the family has none.
        """
        raise self._without("write")

    # Predictions and runs that are there.

    def evaluate_files(self, folders: Sequence[Path], files: TruthFiles) -> Evaluation:
        """Scores predictions that were written, by a truth.

        Args:
            folders: of the run that made them, or of its folds; none where only files are given.
            files: which predictions and which truth.

        Raises:
            Problem: it is not clear what to score, or predictions have no truth.
        """
        raise self._without("evaluate_files")

    def compare(self, run: Path, against: Path) -> Sequence[Mapping[str, Any]]:
        """Two runs' scores on the cases that both have evaluated, with paired tests.

        Args:
            run: its folder.
            against: that of the run to compare it with.

        Returns:
            A row a score, as `tasks.comparison.row_of` makes it.

        Raises:
            Problem: they have no case in common, or not the same truth.
        """
        raise self._without("compare")

    def check(self, cases: "Cases") -> "Diagnosis":
        """Looks through the cases for what would spoil training or the scores.

        Args:
            cases: as `read_cases(..., strict=False)` gives them.
        """
        raise self._without("check")

    # New images of no given one.

    def sampled_classes(self, plan: AnyPlan) -> Sequence[str]:
        """The names of the classes that samples of a run can be asked for; none where its network
        does not tell classes apart.

        Args:
            plan: of the run.
        """
        return ()

    def sample(
        self,
        model: "keras.Model",
        plan: AnyPlan,
        count: int,
        *,
        seed: int,
        first: int = 0,
        class_name: str | None = None,
    ) -> Samples:
        """New images such as those of training. Sample number `i` of a seed is always the same.

        Args:
            model: the best one of a run.
            plan: of the run.
            count: how many.
            seed: of their latents, and of their classes where none is named.
            first: the number of the first one.
            class_name: of `sampled_classes`; None: classes come as the family has them.
        """
        raise self._without("sample")

    def _without(self, verb: str) -> Problem:
        return Problem(f"A run of {self.name} {OPTIONAL[verb]}.", self.name, "Name another.")
