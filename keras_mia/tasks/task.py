"""What a family of tasks is to the rest of the house: the verbs that it fills in.

A family (segmentation, classification, ...) is a package below `keras_mia.tasks` and a line in
`tasks.register`. Its class fills in the verbs of `Task`: what its options mean stands here, what
leads to a trained network in `TrainingVerbs`, what becomes of one in `RunVerbs`. The command line
tells one story with them, for every family alike: `cli.train` splits, plans, builds, prepares,
fits, evaluates and reports; `predict`, `sample`, `evaluate`, `plan` and `doctor` ask the register.
Nothing outside of the family's package knows its name.

The way of the data goes down: an object of the class holds what a user chose as values, which
`configured` makes of the options once; verbs take cases, plans and models, and never options.
"""

import abc
import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from keras_mia.tasks.run_verbs import RunVerbs
from keras_mia.tasks.training_verbs import AnyPlan, TrainingVerbs


class Task(TrainingVerbs[AnyPlan], RunVerbs[AnyPlan]):
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
