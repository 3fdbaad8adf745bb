"""Images of one folder and label maps of another, matched by name."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Incomplete
from keras_mia.data.datasets.files import series
from keras_mia.data.datasets.files.image_groups import (
    CaseKey,
    ImageGroup,
    group_images,
    masks_of,
    match_image,
)
from keras_mia.data.datasets.files.image_paths import entries, entries_for
from keras_mia.data.datasets.files.naming import Named, named
from keras_mia.data.datasets.files.pairing import pair_files
from keras_mia.data.datasets.layouts.csv_hint import csv_start
from keras_mia.data.datasets.layouts.masks import LabelMaps, Target, label_maps
from keras_mia.data.io.formats import stem_of


@dataclass(frozen=True)
class Paired:
    """Images with their label maps.

    Args:
        pairs: the name, the files, and the label map of each image; None where it has none.
        left: label maps of no image.
        maps: how several masks of an image are one label map, if there are such.
        notes: on series, in sentences.
        incomplete: images that lack a series.
        unchosen: files of series that were not chosen.
    """

    pairs: tuple[tuple[str, tuple[Path, ...], Target], ...]
    left: tuple[Path, ...]
    maps: LabelMaps | None = None
    notes: tuple[str, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    unchosen: tuple[Path, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether each image has a label map."""
        return all(label is not None for _, _, label in self.pairs)


def paired(images: Path, labels: Path, chosen: Sequence[str] = ()) -> Paired:
    """Matches each image with its label map, or with its several masks.

    Args:
        images: a folder.
        labels: a folder laid out alike.
        chosen: which series of a patient to take.

    Raises:
        Problem: names do not tell which is meant; it has a table's beginning that would.
    """
    below = entries(labels)
    files = entries_for(images, len(below))
    groups = group_images(files, images)
    plain = all(len(one.series) == 1 for one in groups) and not masks_of(groups) and not chosen
    made = _one_to_one(files, images, below, labels) if plain else None
    if made is not None and made.pairs and made.complete and len(made.left) < len(made.pairs):
        return made
    several, over = _assigned(groups, images, labels)
    matched = sum(bool(one.labels) for one in several)
    if made is not None and matched < len(several) and any(label for _, _, label in made.pairs):
        return made
    if not matched:
        raise _unclear(images, labels)
    maps = label_maps(several, images.parent)
    taken = series.choose_series(several, chosen, images)
    targets = dict(zip(map(id, several), maps.targets, strict=True))
    return Paired(
        tuple(
            (one.name, files, targets[id(one)])
            for one, files in zip(taken.groups, taken.images, strict=True)
        ),
        tuple(over),
        maps,
        taken.notes,
        taken.incomplete,
        taken.unchosen,
    )


def _one_to_one(
    files: Sequence[Path], images: Path, below: Sequence[Path], labels: Path
) -> Paired | None:
    """Each image with one label map by the rules of `pair`; None where these are not clear."""
    with contextlib.suppress(Problem):
        pairs, left = pair_files(files, images, below, labels)
        made = (
            (stem_of(one), (one,), LabelMapFile(label) if label else None) for one, label in pairs
        )
        return Paired(tuple(made), tuple(left))
    return None


def _assigned(
    groups: Sequence[ImageGroup], images: Path, labels: Path
) -> tuple[list[ImageGroup], list[Path]]:
    """The images with the label maps of another folder, and the label maps of no image."""
    several = [replace(one, labels=[]) for one in groups]
    by_key = {one.key: one for one in several}
    flat = all(folder == images for folder, _ in by_key)
    over = []
    for file, folder, name in _named_label_maps(images, labels, flat, by_key):
        key, part = match_image(folder, name, by_key, numbered=True)
        if key is None:
            over.append(file)
        else:
            by_key[key].labels.append((replace(name, part=part), file))
    return several, over


def _named_label_maps(
    images: Path, labels: Path, flat: bool, groups: Mapping[CaseKey, ImageGroup]
) -> Iterator[tuple[Path, Path, Named]]:
    """Label maps with the folder of their image and what their names tell: of a folder that is no
    image's, it tells the structure or the observer of those in it (`leftMask/1.png`)."""
    for file in entries(labels, instances=flat):
        folder = images / file.parent.relative_to(labels)
        name = named(stem_of(file))
        if flat and file.is_dir() and match_image(folder, name, groups, numbered=True)[0] is None:
            for inner in entries(file):
                yield inner, images, _of_folder(file, named(stem_of(inner)))
        else:
            yield file, folder, name


def _of_folder(folder: Path, name: Named) -> Named:
    outer = named(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", folder.name))
    structure = () if outer.observer else outer.key
    return replace(name, part=(*structure, *name.part), observer=outer.observer or name.observer)


def _unclear(images: Path, labels: Path) -> Problem:
    first, other = entries(images), entries(labels)
    if not (first and other):
        empty = labels if first else images
        return Problem("The folder holds no image.", empty, "Put the files there.")
    return Problem(
        f"It is not clear which file of {labels.name} belongs to which of {images.name}: their"
        f" names have nothing in common, such as {first[0].name} and {other[0].name}.",
        images.parent,
        "Name both alike. Or: "
        + csv_start(images.parent, ("image", "label"), (first[0], other[0])),
    )
