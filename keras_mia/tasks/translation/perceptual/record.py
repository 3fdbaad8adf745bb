"""What the plan of a translator says of the classifier whose features join its loss."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PerceptualNetwork:
    """Which classifier; it holds where its run has moved, too.

    Args:
        run: the name of the folder of its run.
        network: a hash of its weights and its plan.
        weight: of the features beside the loss.
        scale: factor by which normalized intensities become what it takes, one or one a channel.
        offset: what is added then, likewise.
        slice_axis: axis of a patch across which slices of volumes lie, for a network of pictures.
    """

    run: str
    network: str
    weight: float
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    slice_axis: int = -1

    def describe(self) -> str:
        """In a few words, for the table of the plan."""
        return f"{self.weight:g} x {self.run} ({self.network})"
