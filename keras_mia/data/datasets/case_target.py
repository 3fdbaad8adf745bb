"""What is to be learnt of a case, as its data set has it: each kind knows how it is read."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from keras_mia.data.datasets.mask_files import Masks
from keras_mia.data.image import Image
from keras_mia.data.io.image_io import read_image, read_label
from keras_mia.data.targets.base import Text, as_text
from keras_mia.data.targets.kinds import IMAGE, KINDS, LABEL_MAP


@dataclass(frozen=True)
class LabelMapFile:
    """A label map.

    Args:
        path: of its file, or of a folder of one file an instance.
        read_as: of a picture, "displayed" or "stored" where the data set's label maps are of
            several kinds, as `label_files.common_values` finds.
    """

    kinds: ClassVar[tuple[str, ...]] = (LABEL_MAP,)
    path: Path
    read_as: str | None = None

    def __str__(self) -> str:
        return str(self.path)

    @property
    def files(self) -> tuple[Path, ...]:
        """What it is read from."""
        return (self.path,)

    def read(self, like: Image | None = None) -> Image:
        """The label map with its own values, `(*space, 1)` integers.

        Args:
            like: as `read_label` takes it.

        Raises:
            Problem: it cannot be read.
        """
        return read_label(self.path, like, self.read_as)


@dataclass(frozen=True)
class ImageFile:
    """An image that is to be made from that of the case.

    Args:
        path: of its file, or of the folder of a DICOM series.
    """

    kinds: ClassVar[tuple[str, ...]] = (IMAGE,)
    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def files(self) -> tuple[Path, ...]:
        """What it is read from."""
        return (self.path,)

    def read(self) -> Image:
        """The image.

        Raises:
            Problem: it cannot be read.
        """
        return read_image(self.path)


@dataclass(frozen=True)
class Texts:
    """What is to be learnt of the image as a whole, as the data spell it.

    Args:
        text: of a column, such as a class; or of several columns, in their order.
    """

    kinds: ClassVar[tuple[str, ...]] = KINDS
    text: Text

    def __str__(self) -> str:
        return as_text(self.text)

    @property
    def files(self) -> tuple[Path, ...]:
        """None: it is read from no file."""
        return ()


CaseTarget = LabelMapFile | Masks | ImageFile | Texts
LABEL_MAPS = (LabelMapFile, Masks)
