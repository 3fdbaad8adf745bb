"""Label maps beside their images in one folder, told apart by their names."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.text import plural
from keras_mia.data.datasets.cases import IMAGE, Case, Cases, Incomplete
from keras_mia.data.datasets.files import series
from keras_mia.data.datasets.files.image_groups import group_images, masks_of
from keras_mia.data.datasets.files.image_paths import entries
from keras_mia.data.datasets.files.naming import meaning
from keras_mia.data.datasets.layouts.masks import label_maps


def read_named_folder(folder: Path, chosen: Sequence[str] = ()) -> Cases | None:
    """The cases of a folder in which names tell images from label maps, or None.

    Such as `x_image` and `x_label`, `x` and `x_mask_1`, `01L` and `01L_1stHO`, or a folder a case
    with `p1_flair`, `p1_t2` and `p1_seg`. Folders above may be named after parts of a split.

    Args:
        folder: to look in and below.
        chosen: which series of a patient to take.

    Raises:
        Problem: names do not tell which label map, or which series, is meant.
    """
    found = group_images(entries(folder), folder, structures=True)
    if not masks_of(found):
        return None
    maps = label_maps(found, folder)
    with_map = [one for one, target in zip(found, maps.targets, strict=True) if target is not None]
    targets = dict(zip(map(id, found), maps.targets, strict=True))
    without = tuple(one.images[0] for one in found if targets[id(one)] is None)
    taken = series.choose_series(with_map, chosen, folder)
    cases = tuple(
        Case(one.name, {IMAGE: images}, targets[id(one)], "", _split(images[0], folder))
        for one, images in zip(taken.found, taken.images, strict=True)
    )
    if len({case.split for case in cases}) == 1 or any(case.split is None for case in cases):
        cases = tuple(replace(case, split=None) for case in cases)
    incomplete = list(taken.incomplete)
    if without:
        what = f"{len(without)} of {plural(len(found), 'image')} have no label map beside them."
        remedy = "Add the label maps, named as the others are, or take the images away."
        incomplete.append(Incomplete(what, without, remedy))
    return Cases(
        cases,
        str(folder),
        ("Label maps lie beside their images, as names tell.", *maps.notes, *taken.notes),
        maps.names,
        incomplete=tuple(incomplete),
        unchosen=taken.unchosen,
    )


def _split(image: Path, folder: Path) -> str | None:
    parts = [meaning(part)[0] for part in image.relative_to(folder).parts[:-1]]
    return next((part for part in parts if part), None)
