"""Label maps beside their images in one folder, distinguished by their names."""

from pathlib import Path

from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import IMAGE, Case, Cases, Incomplete
from keras_mia.data.datasets.files import series
from keras_mia.data.datasets.files.image_groups import group_images, masks_of
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.datasets.layouts.layout import FolderChoices
from keras_mia.data.datasets.layouts.masks import label_maps
from keras_mia.data.datasets.layouts.split_folders import with_split_of_folders


def read_named_label_maps(folder: Path, choices: FolderChoices) -> Cases | None:
    """The cases of a folder in which names tell images from label maps, or None.

    Such as `x_image` and `x_label`, `x` and `x_mask_1`, `01L` and `01L_1stHO`, or a folder a case
    with `p1_flair`, `p1_t2` and `p1_seg`. Folders above may be named after parts of a split.

    Args:
        folder: to look in and below.
        choices: of the user.

    Raises:
        Problem: names do not tell which label map, or which series, is meant.
    """
    groups = group_images(entries(folder), folder, structures=True)
    if not masks_of(groups):
        return None
    maps = label_maps(groups, folder)
    with_map = [one for one, target in zip(groups, maps.targets, strict=True) if target is not None]
    targets = dict(zip(map(id, groups), maps.targets, strict=True))
    without = tuple(one.images[0] for one in groups if targets[id(one)] is None)
    taken = series.choose_series(with_map, choices.series, folder)
    cases = [
        Case(one.name, {IMAGE: images}, targets[id(one)], "")
        for one, images in zip(taken.groups, taken.images, strict=True)
    ]
    incomplete = list(taken.incomplete)
    if without:
        what = f"{len(without)} of {plural(len(groups), 'image')} have no label map beside them."
        remedy = "Add the label maps, named as the others are, or take the images away."
        incomplete.append(Incomplete(what, without, remedy))
    return Cases(
        with_split_of_folders(cases, folder),
        str(folder),
        ("Label maps lie beside their images, as names tell.", *maps.notes, *taken.notes),
        maps.names,
        incomplete=tuple(incomplete),
        unchosen=taken.unchosen,
    )
