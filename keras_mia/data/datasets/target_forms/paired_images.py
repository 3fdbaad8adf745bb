"""Images that are to be made of others."""

from collections.abc import Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import ImageFile
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.datasets.layouts.csv_hint import csv_start
from keras_mia.data.datasets.tables.file_finder import FileFinder
from keras_mia.data.datasets.target_forms.form import TargetForm
from keras_mia.data.io.formats import suffix_of
from keras_mia.data.targets.kinds import IMAGE

COLUMN = "target_image"
ALONE = "Of images alone pairs are made by --degrade noise, blur, resolution or undersampling."


def _from_cells(cells: Sequence[str], images: Sequence[Path], finder: FileFinder) -> ImageFile:
    if len(cells) > 1:
        raise Problem(
            f"An image is made into one other, not into {len(cells)}.",
            ", ".join(cells),
            "Name one column of target images.",
        )
    file = finder(cells[0])
    if file.exists():
        # A link to the image, or another spelling of it, is refused as the image is.
        same = (image for image in images if image.exists() and image.samefile(file))
        file = next(same, file)
    return ImageFile(file)


def _name_files(cells: Sequence[str], finder: FileFinder) -> bool:
    filled = [text for text in cells if text]
    return any(map(suffix_of, filled)) or all(finder(text).exists() for text in filled)


def hint_of_pairs(root: Path) -> str:
    """What to do where names do not tell which image is made from which.

    Args:
        root: the folder of the images.
    """
    images = entries(root)
    if len(images) == 1:
        return (
            f"A pair is an image and the one to be made of it: add one to {images[0].name}. {ALONE}"
        )
    first = images[0] if images else "IMAGE.png"
    others = [image for image in images if image.parent != images[0].parent] or images[1:]
    second = others[0] if others else "TARGET.png"
    table = csv_start(root, ("image", COLUMN), (first, second))
    return (
        "Put them into two folders, input and target, and name both alike; or say of series"
        f" --series SOURCE TARGET. {ALONE} Or: {table}"
    )


FORM = TargetForm(
    kinds=frozenset({IMAGE}),
    noun="a target image",
    question="which is made from which",
    column=COLUMN,
    from_cells=_from_cells,
    matches=_name_files,
    hint=hint_of_pairs,
)
