"""What the plan of a classifier says of samples that it is trained on."""

from dataclasses import dataclass

from keras_mia.core.text import plural
from keras_mia.data.targets.multiclass import Multiclass


@dataclass(frozen=True)
class SyntheticImages:
    """Which samples join the training images; it holds where the generator's run has moved, too.

    Args:
        run: the name of the folder of the generator's run.
        generator: a hash of its network and its plan.
        counts: how many samples of each class there are, in the order of the plan's target.
        seed: of the samples.
        alone: whether training has samples only.
    """

    run: str
    generator: str
    counts: tuple[int, ...]
    seed: int
    alone: bool = False

    @property
    def count(self) -> int:
        """Of all samples."""
        return sum(self.counts)

    def texts(self, target: Multiclass) -> list[str]:
        """The target of each sample, as the data have it.

        Args:
            target: of the plan.
        """
        pairs = zip(target.values, self.counts, strict=True)
        return [text for text, count in pairs for _ in range(count)]

    def describe(self) -> str:
        """In a few words, for the table of the plan."""
        return f"{self.count} of {self.run}{' alone' if self.alone else ''}"

    def caveat(self) -> str:
        """What the reader of a report has to know."""
        samples = f"{plural(self.count, 'image')} that a generator made (run {self.run})"
        real = "and on no real one" if self.alone else "besides the real ones"
        return f"The network was trained on {samples} {real}; it is scored on real images alone."
