"""The verbs of a family that lead from cases to a trained network."""

import abc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from keras_mia.tasks.values import NetworkSize, Prepared

if TYPE_CHECKING:
    import keras

    from keras_mia.data.datasets.cases import Cases
    from keras_mia.data.preprocess.plan import Plan
    from keras_mia.training import Validation
    from keras_mia.training.runs.run import Run


AnyPlan = TypeVar("AnyPlan", bound="Plan")


class TrainingVerbs(abc.ABC, Generic[AnyPlan]):
    """What `cli.train` does with a family until its network is trained, in the order of the steps.

    Attributes:
        name: of the family.
    """

    name: ClassVar[str]

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

    def check_diagnosable(self, model: "keras.Model") -> None:
        """Sees to it that `callbacks` have something to write of a training that is diagnosed.

        Args:
            model: compiled.

        Raises:
            Problem: they have not, as with one that does not train along the gradient of one loss.
        """
        from keras_mia.training.gradients import check_gradients

        check_gradients(model)

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
    def peak_rate(self) -> float | None:
        """The highest learning rate, where the user does not choose one; None: optimizers keep the
        rates that they were made with."""

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

    def callbacks(
        self,
        run: "Run",
        model: "keras.Model",
        prepared: Prepared,
        plan: AnyPlan,
        batches: Callable,
        *,
        diagnose: bool = False,
    ) -> "Sequence[keras.callbacks.Callback]":
        """What watches the network while it trains, writes of it, or ends it, see `end_training`.

        Args:
            run: whose folder is written to, where `run.writes`.
            model: before training.
            prepared: the cases.
            plan: of the run.
            batches: as `batches` gives it, with the seed of the run.
            diagnose: whether the user wants to see how it learns.
        """
        if not diagnose:
            return ()
        from keras_mia.training.gradients import GradientLogger

        return (GradientLogger(run, model, next(iter(batches()))),)
