"""What a family of tasks is to the rest of the house: the verbs that it fills in.

A family (segmentation, classification, ...) is a package below `keras_mia.tasks` and a line in
`tasks.register`. Its class fills in the verbs of `Task`; the command line tells one story with
them, for every family alike: `cli.train` splits, plans, builds, prepares, fits, evaluates and
reports; `predict`, `evaluate`, `plan` and `doctor` ask the register. Nothing outside of the
family's package knows its name.

The way of the data goes down: an object of the class holds what a user chose as values, which
`configured` makes of the options once; verbs take cases, plans and models, and never options.
"""

import abc
import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from keras_mia.core.problem import Problem
from keras_mia.tasks.values import Evaluation, NetworkSize, Prepared, TruthFiles

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Case, Cases
    from keras_mia.data.image import Image
    from keras_mia.data.preprocess.plan import Plan
    from keras_mia.doctor.diagnosis import Diagnosis
    from keras_mia.report.pictures.case_picture import CasePicture
    from keras_mia.report.sections import Content
    from keras_mia.training import Validation


AnyPlan = TypeVar("AnyPlan", bound="Plan")


class Task(abc.ABC, Generic[AnyPlan]):
    """A family's verbs. A subclass is a frozen dataclass of what a user may choose.

    A module of a subclass loads without TensorFlow: verbs that need it import it themselves. Those
    that run before TensorFlow is loaded, so that what is wrong is said at once, are the options,
    `configured`, `read_plan`, `file_names`, `check_images`, `evaluate_files`, `compare`, `check`.

    Attributes:
        name: of the family, as run.json holds it; a variant has that of its family.
        targets: the kinds that cases may have, as `read_cases` takes them; none: images alone.
        table: the file that `predict` writes a row an image to; None where each image has files.
        output: what `predict` writes of an image, for messages.
        minutes: of training, where the user does not say how long.
    """

    name: ClassVar[str]
    targets: ClassVar[tuple[str, ...]]
    table: ClassVar[str | None] = None
    output: ClassVar[str] = "prediction"
    minutes: ClassVar[float] = 10.0

    # The options, and what they mean.

    @classmethod
    @abc.abstractmethod
    def data_options(cls, group: argparse._ArgumentGroup) -> None:
        """Adds what a user says of the targets: their column, their names."""

    @classmethod
    def plan_options(cls, parser: argparse.ArgumentParser) -> None:
        """Adds what a user may set of the plan, and of the way to train that the family has."""

    @classmethod
    def prediction_options(cls, group: argparse._ArgumentGroup) -> None:
        """Adds what a user may choose when networks are applied to new images."""

    @classmethod
    def evaluation_options(cls, group: argparse._ArgumentGroup) -> None:
        """Adds what a user may choose when files of predictions are scored."""

    @classmethod
    @abc.abstractmethod
    def configured(cls, args: argparse.Namespace) -> Self:
        """The task as options have it.

        Args:
            args: may lack any of the family's options, as an app has only some of their groups.

        Raises:
            Problem: an option is wrong, or names a file that is not there.
        """

    @property
    def reading(self) -> Mapping[str, Any]:
        """What the user says of the targets' columns and folders, as `read_cases` takes it."""
        return {}

    @property
    def files(self) -> Sequence[Path]:
        """The files that the user's options name: no output may replace them."""
        return ()

    # From cases to a trained network, in the order in which `cli.train` takes the steps.

    @abc.abstractmethod
    def examine(self, cases: "Cases", *, test_only: bool = False) -> "Cases":
        """Reads each case once, and keeps what planning needs to know in the cases' `facts`.

        Args:
            cases: as `read_cases` gives them.
            test_only: whether only test cases are read, for what has to be known to evaluate them,
                as in a run that goes on by its own plan.

        Raises:
            Problem: names the cases that cannot be read.
        """

    @abc.abstractmethod
    def split(self, cases: "Cases", fold: tuple[int, int]) -> "Cases":
        """The cases with who trains, who validates, and who tests, with notes and warnings on them.

        Args:
            cases: examined.
            fold: which part tests, and of how many: `(1, 5)`.

        Raises:
            Problem: there are too few patients, or no case to train on.
        """

    @abc.abstractmethod
    def plan(self, cases: "Cases", *, minutes: float = 10.0, replicas: int = 1) -> AnyPlan:
        """Proposes how to prepare the cases and what to train; what the user chose is kept.

        Args:
            cases: examined and split.
            minutes: of training, which sizes follow.
            replicas: how many devices share a batch.

        Raises:
            Problem: cases do not fit each other, or a choice does not fit the cases.
        """

    @classmethod
    @abc.abstractmethod
    def read_plan(cls, folder: Path) -> AnyPlan:
        """The plan of a run.

        Raises:
            Problem: it is missing, or broken, or of another task.
        """

    def plan_notes(self, plan: AnyPlan, cases: "Cases") -> Sequence[str]:
        """What is learnt and what becomes of the images, in sentences for the user."""
        return ()

    @abc.abstractmethod
    def build(self, plan: AnyPlan) -> "keras.Model":
        """A compiled network for a plan.

        Raises:
            Problem: it cannot be built, or does not fit the plan.
        """

    def network_size(self, plan: AnyPlan) -> NetworkSize:
        """What the size of its network follows from, where memory does not hold the weights."""
        return NetworkSize(self.name, "its options set its size")

    def check_memory(
        self, model: "keras.Model", plan: AnyPlan, cases: "Cases", *, replicas: int = 1
    ) -> None:
        """Refuses to train or evaluate what the memory of this machine will not hold.

        Args:
            model: compiled.
            plan: that it was built for.
            cases: whose test cases are examined.
            replicas: how many devices share a batch.

        Raises:
            Problem: says what to make smaller.
        """

    @abc.abstractmethod
    def prepare(self, cases: "Cases", plan: AnyPlan, cache: Path) -> Prepared:
        """The cases as arrays on disk; what already lies in the folder is not made again.

        Args:
            cases: split.
            plan: what to do.
            cache: the folder.

        Raises:
            Problem: names the cases that cannot be prepared, or the disk is full.
        """

    def initialize(self, model: "keras.Model", prepared: Prepared, plan: AnyPlan) -> str:
        """Gives a new network weights that the prepared cases suggest.

        Returns:
            What came of it, in a sentence for the user; empty where there is nothing to say.
        """
        return ""

    @property
    @abc.abstractmethod
    def peak_rate(self) -> float:
        """The highest learning rate, where the user does not choose one."""

    @abc.abstractmethod
    def batches(self, prepared: Prepared, plan: AnyPlan, *, seed: int = 0) -> Callable:
        """The training stream.

        Args:
            prepared: the cases.
            plan: for the batch size and what may happen to an example.
            seed: batch number `i` of a seed is always the same.

        Returns:
            A function of `(start, worker, workers)` to a `tf.data.Dataset`.
        """

    @abc.abstractmethod
    def validate(self, prepared: Prepared, plan: AnyPlan) -> "Validation":
        """The scores of a model on the validation cases, and by which the best one is chosen."""

    @abc.abstractmethod
    def evaluation_time(self, cases: "Cases", prepared: Prepared, plan: AnyPlan) -> float:
        """How many times as long as a validation the evaluation of the test cases takes."""

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

    def check_images(self, cases: "Sequence[Case]") -> None:
        """Sees to it that what the user chose can be done with new images, before TensorFlow is
        loaded.

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

    def _without(self, verb: str) -> Problem:
        return Problem(
            f"There is nothing to {verb.partition('_')[0]} in {self.name}.", self.name, "Leave it."
        )
