"""The plan of segmentation."""

from dataclasses import dataclass

from keras_mia.data.preprocess.array_target import LabelMapTarget
from keras_mia.data.preprocess.patch_plan import PatchPlan
from keras_mia.data.targets.label_map import Classes


@dataclass(frozen=True, kw_only=True)
class SegmentationPlan(PatchPlan):
    """How images become batches and predictions become label maps again.

    Args:
        classes: names and label values; class 0 is background.
    """

    PREPARING = (*PatchPlan.PREPARING, "classes")

    task: str = "segmentation"
    classes: Classes

    @property
    def target(self) -> LabelMapTarget:
        """What is learnt of each voxel."""
        return LabelMapTarget(self.classes)

    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A patch, and the probabilities of its voxels."""
        return (*self.patch, self.network_channels), (*self.patch, len(self.classes))

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        return ", ".join(self.classes.names) if name == "classes" else super().value_text(name)
