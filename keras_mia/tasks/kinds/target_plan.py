"""What a plan says of targets of whole images, which is all that their kinds need of it."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.data.targets.hierarchy import ClassTree, sum_up
from keras_mia.data.targets.multiclass import Multiclass
from keras_mia.data.targets.multitask import AnyTarget


@dataclass(frozen=True, kw_only=True)
class TargetPlan(ImagePlan):
    """What is learnt of whole images, and what a network's outputs stand for.

    Args:
        target: what is learnt, and what the network's outputs stand for.
        tree: the coarse classes that are predicted in place of the fine ones that are learnt; None:
            what is learnt is predicted.
        smoothing: how much of the truth is spread over all classes.
        class_weights: how much an image of each class counts in the loss, or each finding where it
            is present; none: alike.
    """

    target: AnyTarget
    tree: ClassTree | None = None
    smoothing: float
    class_weights: tuple[float, ...] = ()

    @property
    def predicted(self) -> AnyTarget:
        """What is predicted: the coarse classes of a tree, or what is learnt."""
        return self.target if self.tree is None else of_tree(self.tree)

    @property
    def coarse(self) -> Self:
        """The plan of what is predicted: that of coarse classes, or this one."""
        return replace(self, target=self.predicted, tree=None)

    def aggregated(self, values: np.ndarray) -> np.ndarray:
        """Probabilities, or truth, of what is learnt as those of what is predicted.

        Args:
            values: `(..., len(target))`.

        Returns:
            `(..., len(predicted))`.
        """
        return values if self.tree is None else sum_up(values, self.tree)

    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What the network sees of an image, and its outputs."""
        return self.network_view.shape, (len(self.target),)

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        if name == "tree" and self.tree is not None:
            return self.tree.describe()
        return super().value_text(name)


def of_tree(tree: ClassTree) -> Multiclass:
    """The coarse classes as a target."""
    return Multiclass(tree.coarse, tree.coarse)
