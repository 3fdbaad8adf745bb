"""What is to be learnt of an image: what every kind of target can do."""

import abc
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.image import Image

Text = str | tuple[str, ...]
"""The target of a case as its data set has it: the text of one column, or one text of each of
several columns, in their order."""


def as_text(text: Text | None) -> str:
    """The texts of a case in one line, to be shown.

    Args:
        text: of a case.

    Example:
        >>> as_text("f"), as_text(("f", "61"))
        ('f', 'f; 61')
    """
    return text if isinstance(text, str) else "; ".join(text or ())


class ImageTarget(abc.ABC):
    """What is to be learnt of each image, and how its texts become numbers and numbers texts.

    Subclasses are frozen dataclasses, which stand in plan.json as they are.

    Attributes:
        kind: one of `kinds.KINDS`, or "multitask".
        names: what each output of a network stands for.
        is_exclusive: whether it is one of several classes that exclude each other.
        has_labels: whether it is a class or findings, with a probability each.
        can_be_mixed: whether the mean of two images has the mean of both targets.
    """

    kind: str
    names: tuple[str, ...]
    is_exclusive: ClassVar[bool] = False
    has_labels: ClassVar[bool] = False
    can_be_mixed: ClassVar[bool] = True

    def __len__(self) -> int:
        return len(self.names)

    @property
    def is_spatial(self) -> bool:
        """Whether it says where in the image something is, and so moves with the image."""
        return False

    @property
    def may_be_a_size(self) -> bool:
        """Whether it may be a length or a volume, which scaling an image changes."""
        return False

    @abc.abstractmethod
    def encode(self, text: Text, where: object = None, space: Sequence[int] = ()) -> np.ndarray:
        """The numbers that a network learns.

        Args:
            text: of the case.
            where: the case, for messages.
            space: voxels an axis of the image in the file's own order, for a box.

        Returns:
            `(len(self),)` float32.

        Raises:
            Problem: the text does not fit what training had.
        """

    def encode_prepared(self, text: Text, image: Callable[[], Image], where: object) -> np.ndarray:
        """As `encode`, of the image as it is prepared: volumes are turned to RAS.

        Args:
            text: of the case.
            image: reads the image, where it is needed.
            where: the case, for messages.

        Returns:
            `(len(self),)` float32.

        Raises:
            Problem: the text does not fit what training had.
        """
        return self.encode(text, where)

    def in_units(self, values: np.ndarray) -> np.ndarray:
        """What is learnt, in the unit of the data.

        Args:
            values: `(cases, len(self))`, as `encode` gives them or a network does.

        Returns:
            float64 of the same shape.
        """
        return np.asarray(values, float)

    @abc.abstractmethod
    def decode(self, values: np.ndarray, column: str) -> dict[str, str]:
        """Cells of a table: the way back from `encode`, in the unit of the data.

        Args:
            values: `(len(self),)`.
            column: what the cells are called, such as "truth".

        Returns:
            Column -> text.
        """

    @abc.abstractmethod
    def parse(self, row: Mapping[str, str], column: str) -> list[float]:
        """The values that `decode` wrote.

        Args:
            row: of a table.
            column: what the cells are called.

        Raises:
            KeyError: a column is missing.
            ValueError: a cell holds no number.
        """

    def voxels(self, values: np.ndarray, image: Image) -> dict[str, str]:
        """Boxes in voxels of the image's file, as the data set writes them.

        Args:
            values: `(len(self),)`; corners as shares of the sides of the prepared image.
            image: as read.

        Returns:
            Column -> text; none of other kinds.
        """
        return {}

    @property
    def label_columns(self) -> tuple[str, ...]:
        """The columns that a table has to have; none: whichever is there."""
        return ()

    @property
    def question(self) -> Hashable:
        """Equal for two targets that ask the same, whatever the training cases were."""
        return self.kind, self.names

    @property
    @abc.abstractmethod
    def phrase(self) -> str:
        """What it is, within a sentence: "one of 3 classes"."""

    @abc.abstractmethod
    def describe(self) -> str:
        """One line for the user; of several targets a line each."""

    def summary(self) -> str:
        """Kind and names, for the table of the plan."""
        return f"{self.kind}: {', '.join(self.names[:8])}{', ...' * (len(self.names) > 8)}"

    def with_positive(self, name: str) -> Self:
        """The same two classes, the one of this name the second, whose scores count.

        Args:
            name: of the positive class.

        Raises:
            Problem: there are not two classes, or none of this name.
        """
        raise Problem(
            f"Of two classes one is the positive one; what is learnt here is {self.phrase}.",
            f"--positive {name}",
            "Leave it out.",
        )

    def balanced_weights(self, texts: Sequence[Text]) -> tuple[float, ...]:
        """Weights by which all classes count alike in sum, or findings where they are present as
        much as where they are not.

        Args:
            texts: of the training cases.

        Returns:
            One a class or finding.

        Raises:
            Problem: other kinds have no weights.

        Source: for classes as `class_weight="balanced"` of scikit-learn has it.
        """
        raise _without_weights()

    def check_weights(self, weights: Sequence[Any]) -> None:
        """Refuses weights that do not fit; none at all always do.

        Args:
            weights: of the classes or findings.

        Raises:
            Problem: so.
        """
        if not weights:
            return
        if not self.has_labels:
            raise _without_weights()
        for wrong, remedy in (
            (len(weights) != len(self), f"Give {len(self)}: of {', '.join(self.names)}."),
            (not all(0 < one < np.inf for one in weights), "Give numbers above 0."),
        ):
            if wrong:
                raise Problem(f"{tuple(weights)} does not fit.", "class_weights", remedy)


class ColumnTarget(ImageTarget):
    """What the texts of one column say, or those of the columns of a box."""

    @classmethod
    @abc.abstractmethod
    def infer(
        cls,
        texts: Sequence[Text],
        *,
        names: Mapping[str, str] | None = None,
        others: Iterable[Text] = (),
        columns: tuple[str, ...] = (),
    ) -> Self:
        """What is to be learnt, by the texts of the training cases.

        Args:
            texts: one a training case.
            names: text -> name to show; texts of one name are one class.
            others: texts of cases that are not for training, which may be spellings of a class too.
            columns: of a table, that the texts stand in, where their names say what they mean.

        Raises:
            Problem: nothing can be learnt of this kind from these.
        """

    @classmethod
    @abc.abstractmethod
    def content(cls, text: Text, names: Mapping[str, str]) -> list[float | str]:
        """What a case adds to what folds are balanced by: a number, a class, or findings.

        Args:
            text: of the case.
            names: text -> name to show.
        """


def _without_weights() -> Problem:
    return Problem("Only classes and findings have weights.", "class_weights", "Leave it out.")


def refuse_names(names: Mapping[str, str] | None) -> None:
    """Refuses names for what has none.

    Args:
        names: text -> name to show.

    Raises:
        Problem: there are some.
    """
    if names:
        raise Problem("Only classes and findings have names.", "--labels", "Leave it out.")
