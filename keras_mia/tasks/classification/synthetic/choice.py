"""Samples that the user wants to train on: checked, planned, noted."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.tasks.classification.synthetic.generator_run import OPTION, GeneratorRun

if TYPE_CHECKING:
    from keras_mia.data.datasets.cases import Cases
    from keras_mia.data.targets.multitask import AnyTarget
    from keras_mia.tasks.classification.synthetic.record import SyntheticImages


@dataclass(frozen=True)
class SyntheticChoice:
    """What the user says of samples.

    Args:
        run: that they come from.
        seed: of the samples.
        count: how many; None: as many as there are training images.
        alone: whether training has samples only.
    """

    run: GeneratorRun
    seed: int = 0
    count: int | None = None
    alone: bool = False

    def noted(self, cases: "Cases") -> "Cases":
        """The cases with a note on the samples, which are none of them.

        Args:
            cases: examined, with their splits.

        Raises:
            Problem: the generator knows images or patients of validation or test.
        """
        from keras_mia.tasks.classification.synthetic.leaks import check_leaks

        check_leaks(cases, self.run)
        count, real = self.count or len(cases.train), plural(len(cases.train), "training image")
        samples = f"{plural(count, 'sample')} of {self.run.name}"
        how = "In place of" if self.alone else "Joining"
        note = f"{how} the {real}: {samples}; validation and test are real."
        return replace(cases, notes=(*cases.notes, note))

    def planned(self, cases: "Cases", target: "AnyTarget") -> "SyntheticImages":
        """How many samples of each class there are to be: the classes as often as training has
        them.

        Args:
            cases: with their splits.
            target: that is learnt.

        Raises:
            Problem: the target is no class, or the generator has others; or a class would have no
                image to train on.
        """
        from keras_mia.data.targets.multiclass import Multiclass
        from keras_mia.tasks.classification.synthetic.record import SyntheticImages
        from keras_mia.tasks.classification.synthetic.samples import class_counts

        where = f"{OPTION} {self.run.folder}"
        if not isinstance(target, Multiclass):
            raise Problem(
                f"Samples have one class each; what is to be learnt is {target.phrase}.",
                where,
                "Leave it out, or learn one of several classes.",
            )
        self._check_classes(target.names, where)
        counts = class_counts(target, [case.text for case in cases.train], self.count)
        if self.alone and not all(counts):
            raise Problem(
                f"{plural(sum(counts), 'sample')} would be of"
                f" {sum(count > 0 for count in counts)} of {len(counts)} classes: nothing would"
                " show the others.",
                f"--synthetic-count {self.count}",
                "Give a larger number.",
            )
        return SyntheticImages(self.run.name, self.run.digest(), counts, self.seed, self.alone)

    def _check_classes(self, names: tuple[str, ...], where: str) -> None:
        """Refuses a generator of other classes.

        Raises:
            Problem: names those that only one of them has.
        """
        lacking = [name for name in names if name not in self.run.classes]
        more = [name for name in self.run.classes if name not in names]
        if lacking or more:
            sides = [
                *([f"only the data have {listing(lacking)}"] if lacking else []),
                *([f"only the generator has {listing(more)}"] if more else []),
            ]
            raise Problem(
                f"The classes differ: {', and '.join(sides)}.",
                where,
                "Give both the same --labels, or name a generator of these classes.",
            )
