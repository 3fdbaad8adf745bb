"""Folders of images from which nothing else is to be learnt, whatever the folders are."""

from collections.abc import Sequence
from pathlib import Path

from keras_mia.data.datasets.cases import IMAGE, Case, Cases
from keras_mia.data.datasets.files.image_groups import (
    ImageGroup,
    group_images,
    outside_label_folders,
)
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.datasets.files.series import choose_series
from keras_mia.data.datasets.layouts.layout import FolderChoices
from keras_mia.data.datasets.layouts.paired_folders import likely_roles
from keras_mia.data.datasets.layouts.split_folders import with_split_of_folders
from keras_mia.data.datasets.layouts.unused_files import is_label_map

ALONE = "Images alone, with no target."


def read_plain_images(folder: Path, choices: FolderChoices) -> Cases | None:
    """The images of a folder, at any depth, as cases without a target; None where there are none.

    Label maps beside images, and in folders of their own, are no images.

    Args:
        folder: to look in and below.
        choices: of the user.

    Raises:
        Problem: patients have several series, and it is not clear which is meant.
    """
    groups = _without_label_maps(images_below(folder, structures=True), folder)
    if not groups:
        return None
    taken = choose_series(groups, choices.series, folder)
    cases = [
        Case(group.name, {IMAGE: images}, None, "")
        for group, images in zip(taken.groups, taken.images, strict=True)
    ]
    return Cases(
        with_split_of_folders(cases, folder),
        str(folder),
        (ALONE, *taken.notes),
        incomplete=taken.incomplete,
        unchosen=taken.unchosen,
    )


def images_below(folder: Path, *, structures: bool) -> list[ImageGroup]:
    """The images of a folder without the label maps that lie beside them, or in folders that are
    named so.

    Args:
        folder: to look in and below.
        structures: whether files that are named as an image and a structure (`x`, `x_left_lung`)
            are label maps.
    """
    label_folders = [roles.labels for _, roles in likely_roles(folder)]
    units = [
        unit
        for unit in outside_label_folders(entries(folder), folder)
        if not any(one in unit.parents for one in label_folders)
    ]
    return group_images(units, folder, structures=structures)


def _without_label_maps(groups: Sequence[ImageGroup], folder: Path) -> list[ImageGroup]:
    """Leaves out files that are named as label maps and belong to no image; all stay where there is
    nothing else."""
    kept = [group for group in groups if not is_label_map(group.images[0], folder)]
    return kept or list(groups)
