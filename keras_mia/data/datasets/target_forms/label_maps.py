"""Label maps: files on the grid of their image."""

from collections.abc import Sequence
from pathlib import Path

from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.layouts.csv_hint import label_map_start
from keras_mia.data.datasets.mask_files import Masks
from keras_mia.data.datasets.tables.file_finder import FileFinder
from keras_mia.data.datasets.tables.table import SEVERAL, parts_of
from keras_mia.data.datasets.target_forms.form import TargetForm
from keras_mia.data.io.formats import suffix_of
from keras_mia.data.targets.kinds import LABEL_MAP


def _from_cells(
    cells: Sequence[str], images: Sequence[Path], finder: FileFinder
) -> LabelMapFile | Masks | None:
    # What is spelled otherwise may not be found as the image itself.
    files = tuple(
        finder.folder / text if (file := finder(text)) in images else file
        for text in parts_of(SEVERAL.join(cells))
    )
    if len(files) > 1:
        return Masks(files, tuple(range(1, len(files) + 1)))
    return LabelMapFile(files[0]) if files else None


def _name_files(cells: Sequence[str], finder: FileFinder) -> bool:
    """Whether cells are files, or folders of one file an instance, each of an image of its own."""
    filled = [text for text in cells if text]
    if any(suffix_of(text) for text in filled):
        return True
    return len(set(filled)) == len(filled) and all(finder(text).exists() for text in filled)


FORM = TargetForm(
    kinds=frozenset({LABEL_MAP}),
    noun="a label map",
    question="which are label maps",
    column="label",
    from_cells=_from_cells,
    matches=_name_files,
    hint=label_map_start,
)
