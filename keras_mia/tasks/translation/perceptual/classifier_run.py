"""The run of a classifier, as a translator takes features from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import read_run_facts
from keras_mia.tasks.finished_run import check_begun, check_finished, run_digest
from keras_mia.tasks.kinds.target_plan import TargetPlan

OPTION = "--perceptual"
PLANES = "planes"
"""The view whose channels are planes that cross each other: no image looks like that."""


@dataclass(frozen=True, eq=False)
class ClassifierRun:
    """A finished run whose network looks at whole images.

    Args:
        folder: of the run.
        plan: of the run.
    """

    folder: Path
    plan: TargetPlan

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The run in a folder; TensorFlow is not loaded.

        Raises:
            Problem: there is none, it is not finished, or of another family; or its network sees
                what no image looks like.
        """
        from keras_mia.tasks.register import task

        remedy = "Name the --output of `keras-mia classify` or `finetune`"
        check_begun(folder, OPTION, "classifier", remedy)
        name = str(read_run_facts(folder)["task"])
        family = task(name)
        check_finished(folder, OPTION, "classifier")
        plan = family.read_plan(folder)
        if not isinstance(plan, TargetPlan):
            raise Problem(
                f"It is a run of {name}, whose network does not look at whole images to tell what"
                " they show.",
                f"{OPTION} {folder}",
                f"{remedy}.",
            )
        if plan.view == PLANES:
            raise Problem(
                "Its network sees three planes that cross each other as channels: no slice looks"
                " like that.",
                f"{OPTION} {folder}",
                "Name a run with another --view.",
            )
        return cls(folder, plan)

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.folder.resolve().name

    @property
    def rank(self) -> int:
        """Axes of space of what its network takes."""
        return len(self.plan.shapes()[0]) - 1

    def digest(self) -> str:
        """A hash of its network and its plan."""
        return run_digest(self.folder)
