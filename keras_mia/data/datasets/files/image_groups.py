"""Which images below a folder are series of one patient, and which are label maps of others."""

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import natural_key
from keras_mia.data.datasets.files.image_paths import series_in_folder
from keras_mia.data.datasets.files.naming import SERIES, Named, meaning, named, tokens
from keras_mia.data.io.dicom.images import study_of
from keras_mia.data.io.formats import stem_of
from keras_mia.data.io.image_io import read_image

CaseKey = tuple[Path, tuple[str, ...]]
"""The folder of a case, and the words that tell which case in it."""
NO_IMAGES = ("label", "mask", "region", "second")
"""What folders are for that hold no images."""
BLUR, MOST = 0.1, 0.95
"""By which share of their range values of a mask may be off, and how many of them are so near."""


@dataclass(frozen=True)
class ImageGroup:
    """An image.

    Args:
        key: the folder where it lies, and the words of its name.
        series: what the scanner's series are called -> the file or folder; one of "" where the name
            tells none.
        labels: the label maps beside it, with what their names tell.
    """

    key: CaseKey
    series: Mapping[str, Path]
    labels: list[tuple[Named, Path]] = field(default_factory=list, compare=False)

    @property
    def images(self) -> tuple[Path, ...]:
        """Of all series, in the order of their names."""
        return tuple(self.series[name] for name in sorted(self.series, key=natural_key))

    @property
    def name(self) -> str:
        """What several series of one patient have in common; the file's where there is one."""
        stem = stem_of(self.images[0])
        if len(self.series) == 1:
            return stem
        folder, key = self.key
        words = [word for word in re.split(r"[_\-. ]+", stem) if word.lower() not in self.series]
        of_slices = self.images[0].is_dir()  # it is named after its series
        return "_".join(words) if key and words and not of_slices else folder.name


def group_images(units: Sequence[Path], root: Path, structures: bool = False) -> list[ImageGroup]:
    """Images, with series of one patient together and label maps beside their images.

    A label map is a file whose name says so (`x_mask` beside `x` or `x_image`), or with
    `structures` a file that is named as an image and more (`x_left_lung` beside `x`), where all
    images have such files.

    Args:
        units: images as `entries` gives them, label maps among them.
        root: the folder below which they lie.
        structures: whether label maps may be named by structures alone.
    """
    units_in = Counter(unit.parent for unit in units)
    names = {unit: _name_of(unit, units_in, root) for unit in units}
    images = {unit: one for unit, one in names.items() if not one[1].label}
    groups = _together(images)
    labels = [(unit, folder, name) for unit, (folder, name) in names.items() if name.label]
    orphans = []
    for unit, folder, name in labels:
        key, part = match_image(folder, name, groups)
        if key is None:
            orphans.append(unit)
        else:
            groups[key].labels.append((replace(name, part=part), unit))
    if structures and not labels:
        groups = _with_structures(groups)
    alone = _together({unit: (unit.parent, Named((unit.name,))) for unit in orphans})
    return sorted((groups | alone).values(), key=lambda one: natural_key(one.images[0]))


def outside_label_folders(units: Sequence[Path], root: Path) -> list[Path]:
    """The images that lie in no folder of label maps (`masks`, `fov`) below `root`; all of them
    where there are no others."""

    def inside(unit: Path) -> bool:
        parts = unit.relative_to(root).parts[:-1]
        return any(meaning(part)[1] in NO_IMAGES for part in parts)

    return [unit for unit in units if not inside(unit)] or list(units)


def match_image(
    folder: Path, name: Named, groups: Mapping[CaseKey, object], *, numbered: bool = False
) -> tuple[CaseKey | None, tuple[str, ...]]:
    """The image in a folder that a label map is of, and which of its label maps this is.

    That with the same words, or with the most of its first words; or the only one there is, where
    the label map's name tells no case.

    Args:
        folder: where the image has to lie.
        name: what the label map's name tells.
        groups: the images.
        numbered: whether words with numbers may tell one of several label maps of an image, where
            they might also tell another image, which is not there.
    """
    for size in range(len(name.key), -1, -1):
        if not numbered and any(map(str.isdigit, "".join(name.key[size:]))):
            break
        key = (folder, name.key[:size])
        if key in groups and (size or not name.key):
            return key, (*name.key[size:], *name.part)
    in_folder = [key for key in groups if key[0] == folder]
    if len(in_folder) == 1 and (not name.key or not in_folder[0][1]):
        return in_folder[0], (*name.key, *name.part)
    return None, ()


def _name_of(unit: Path, units_in: Mapping[Path, int], root: Path) -> tuple[Path, Named]:
    """The folder of the case that a file or a folder of slices is of, and what its name tells."""
    name = named(stem_of(unit))
    if unit.is_dir():
        return unit.parent, _of_series(unit, name)
    above = unit.parent
    if not name.label and above != root and SERIES.fullmatch(above.name.lower()):
        key = () if units_in[above] == 1 else name.key
        return above.parent, replace(name, key=key, series=above.name.lower())
    return above, name


def _of_series(folder: Path, name: Named) -> Named:
    """What a folder of DICOM slices is: one series of a study, or of what its name says."""
    headers = series_in_folder(folder)
    study, description = study_of(Path(headers[0][1])) if headers else ("", "")
    candidates = [*tokens(folder.name), *tokens(description)]
    series = next((word for word in candidates if SERIES.fullmatch(word)), description.lower())
    if not series:
        return Named((folder.name,))
    return Named((study,) if study else name.key, series=series)


def _together(images: Mapping[Path, tuple[Path, Named]]) -> dict[CaseKey, ImageGroup]:
    """Files of one case with series of several names become one; others stay by themselves."""
    by_key: dict[CaseKey, list[tuple[Path, Named]]] = {}
    for unit, (folder, name) in images.items():
        by_key.setdefault((folder, name.key), []).append((unit, name))
    groups: dict[CaseKey, ImageGroup] = {}
    for (folder, key), members in by_key.items():
        series = {name.series: unit for unit, name in members}
        if len(members) == 1 or (len(series) == len(members) and "" not in series):
            groups[folder, key] = ImageGroup((folder, key), series)
        else:  # names that differ in nothing that tells a case; label maps are the first one's
            for number, (unit, _) in enumerate(members):
                case_key = (unit.parent, ("", unit.name)) if number else (folder, key)
                groups[case_key] = ImageGroup(case_key, {"": unit})
    return groups


def _with_structures(groups: dict[CaseKey, ImageGroup]) -> dict[CaseKey, ImageGroup]:
    """Files whose names go on from an image's name, where they do so for all images, and the first
    file of each structure looks like a mask."""
    bases: dict[CaseKey, ImageGroup] = {}
    more: list[tuple[CaseKey, Named, Path]] = []
    for (folder, key), one in sorted(groups.items(), key=lambda item: len(item[0][1])):
        base = next(
            ((folder, key[:size]) for size in range(1, len(key)) if (folder, key[:size]) in bases),
            None,
        )
        part = key[len(base[1]) :] if base else ()
        if base is None or len(one.series) > 1 or part[0].isdecimal():
            bases[folder, key] = one
        else:
            more.append((base, Named(base[1], True, part), one.images[0]))
    with_label = {base for base, _, _ in more}
    firsts = {name.part: path for _, name, path in reversed(more)}
    if with_label != set(bases) or not all(map(_holds_mask, firsts.values())):
        return groups
    for base, name, path in more:
        bases[base].labels.append((name, path))
    return bases


def like_mask(array: np.ndarray) -> bool:
    """Whether nearly all values are the lowest or the highest, but for a little blur."""
    low, high = float(array.min()), float(array.max())
    blur = BLUR * (high - low)
    return bool(((array <= low + blur) | (array >= high - blur)).mean() >= MOST)


def _holds_mask(path: Path) -> bool:
    with contextlib.suppress(Problem):
        return like_mask(read_image(path).array)
    return False


def masks_of(groups: Iterable[ImageGroup]) -> list[Path]:
    """The label maps that lie beside images."""
    return [path for one in groups for _, path in one.labels]
