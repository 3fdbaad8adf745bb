"""The run of a generator, as a classifier takes samples from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from keras_mia.core.problem import Problem
from keras_mia.core.run_facts import read_run_facts
from keras_mia.core.text import plural
from keras_mia.data.datasets.case_list import read_case_list
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.preprocess.image_plan import ImagePlan
from keras_mia.tasks.finished_run import check_begun, check_finished, run_digest
from keras_mia.tasks.task import Task

OPTION = "--synthetic"
NAME_ANOTHER = "Name a finished run of generate whose network is conditional."


@dataclass(frozen=True, eq=False)
class GeneratorRun:
    """A finished run whose network makes images of a class that can be named.

    Args:
        folder: of the run.
        task: of the run.
        plan: of the run.
        classes: the names of those that the network tells apart.
    """

    folder: Path
    task: Task
    plan: Any
    classes: Sequence[str]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The run in a folder; TensorFlow is not loaded.

        Raises:
            Problem: there is none, it samples nothing, is not finished, or takes no classes.
        """
        from keras_mia.tasks.register import check_offers, task

        where = f"{OPTION} {folder}"
        check_begun(folder, OPTION, "generator", "Name the --output of `keras-mia generate`")
        name = str(read_run_facts(folder)["task"])
        check_offers(name, "sample", where)
        check_finished(folder, OPTION, "generator")
        family = task(name)()
        plan = family.read_plan(folder)
        classes = family.sampled_classes(plan)
        if not classes:
            raise Problem(
                "The generator takes no classes: what its samples show would not be known.",
                where,
                NAME_ANOTHER,
            )
        return cls(folder, family, plan, classes)

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.folder.resolve().name

    def digest(self) -> str:
        """A hash of what samples follow from: the network, and the values that it is scaled by."""
        return run_digest(self.folder)

    def cases(self) -> Cases:
        """What the generator was trained on, chosen and scored by."""
        return read_case_list(self.folder / "cases.csv")

    def check_images(self, plan: ImagePlan) -> None:
        """Sees to it that samples look like the images of a plan.

        Args:
            plan: of the classifier.

        Raises:
            Problem: they have other axes, channels, or values.
        """
        plans = (self.plan, plan)
        generated = (
            ("axes", *(f"{one.image_rank} axes" for one in plans)),
            ("channels", *(plural(one.channels, "channel") for one in plans)),
            ("values", *map(_values, plans)),
        )
        for what, samples, images in generated:
            if samples != images:
                raise Problem(
                    f"Samples have other {what} than the images: {samples}, not {images}.",
                    f"{OPTION} {self.folder}",
                    "Name a generator that was trained on images like these.",
                )


def _values(plan: ImagePlan) -> str:
    return "bytes of 0 to 255" if plan.bytes else "numbers that are no bytes"
