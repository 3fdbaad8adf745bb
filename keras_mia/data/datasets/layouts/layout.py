"""What a layout of folders is to whoever reads a data set."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.target_forms.form import TargetForm


@dataclass(frozen=True)
class FolderChoices:
    """What the user says of a folder.

    Args:
        series: which series of a patient's scans to take; none: all, where they lie on one grid.
        folders_are_classes: whether folders are classes, whatever their names look like.
        unpaired: two kinds of images without pairs, where a folder may hold each.
    """

    series: tuple[str, ...] = ()
    folders_are_classes: bool = False
    unpaired: tuple[str, ...] = ()


NO_CHOICES = FolderChoices()


@dataclass(frozen=True)
class Layout:
    """A way in which folders hold a data set.

    Args:
        read: makes the cases of a folder; None where it is laid out otherwise. It raises a
            `Problem` where the folder is laid out so and names do not tell what belongs together.
        form: of the cases' targets; None: cases have no target.
        tentative: whether a problem that it raises counts only where no later layout fits.
    """

    read: Callable[[Path, FolderChoices], Cases | None]
    form: TargetForm | None = None
    tentative: bool = False
