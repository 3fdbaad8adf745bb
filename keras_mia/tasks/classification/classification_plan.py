"""The plan of classification and its kin."""

from dataclasses import dataclass

from keras_mia.tasks.classification.synthetic.record import SyntheticImages
from keras_mia.tasks.kinds.target_plan import TargetPlan


@dataclass(frozen=True, kw_only=True)
class ClassificationPlan(TargetPlan):
    """How images become batches, and what a network's outputs stand for.

    Args:
        task: "classification".
        sampling: "natural", each image equally often; or "balanced", each class.
        mixup: how much pairs of images are mixed, 0 not at all (the parameter of a beta
            distribution).
        l1: penalty on the absolute values of kernels.
        l2: penalty on their squares.
        synthetic: samples of a generator that are trained on; None: there are none.
    """

    task: str = "classification"
    sampling: str
    mixup: float
    l1: float = 0.0
    l2: float = 0.0
    synthetic: SyntheticImages | None = None

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        if name == "synthetic" and self.synthetic is not None:
            return self.synthetic.describe()
        return super().value_text(name)
