"""The formats of files of one sample each, and their names."""

import os
import re
from pathlib import Path
from typing import NamedTuple

TABLE = "samples.csv"
SAMPLE = re.compile(r"sample_\d{4,}\..+")


class FileFormat(NamedTuple):
    """A format of files of one sample each.

    Args:
        suffix: of their names.
        ranks: axes of space that an image may have.
        channels: how many an image may have; none: any number.
    """

    suffix: str
    ranks: tuple[int, ...]
    channels: tuple[int, ...] = ()

    def holds(self, rank: int, channels: int) -> bool:
        """Whether images of so many axes of space and channels can be written."""
        return rank in self.ranks and (not self.channels or channels in self.channels)


FORMATS = {
    "png": FileFormat(".png", (2,), (1, 3)),
    "tiff": FileFormat(".tif", (2,), (1, 3)),
    "nifti": FileFormat(".nii.gz", (3,)),
    "npy": FileFormat(".npy", (2, 3)),
}


def default_format(rank: int, channels: int, *, bytes_only: bool) -> str:
    """The format that keeps samples as they are: PNG of pictures whose training images held bytes,
    else TIFF; NIfTI of volumes; NumPy's of pictures that are neither gray nor coloured.

    Args:
        rank: axes of space.
        channels: of an image.
        bytes_only: whether training images held bytes.

    Example:
        >>> default_format(2, 3, bytes_only=True), default_format(3, 1, bytes_only=True)
        ('png', 'nifti')
    """
    formats = ("nifti", "png" if bytes_only else "tiff", "npy")
    return next(name for name in formats if FORMATS[name].holds(rank, channels))


def sample_name(number: int, name: str) -> str:
    """The name of the file of a sample.

    Args:
        number: counted from 1.
        name: of the format.
    """
    return f"sample_{number:04}{FORMATS[name].suffix}"


def samples_in(folder: Path) -> list[str]:
    """The names of what `sample` wrote into a folder.

    Args:
        folder: may be missing.
    """
    names = os.listdir(folder) if folder.is_dir() else []
    return sorted(name for name in names if name == TABLE or SAMPLE.fullmatch(name))
