"""Images to predict on, from a file or a folder."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, plural
from keras_mia.data.datasets.case_names import with_unique_names
from keras_mia.data.datasets.cases import IMAGE, Case, Cases
from keras_mia.data.datasets.files import series as series_of_patients
from keras_mia.data.datasets.files.dicom_series import series_notes
from keras_mia.data.datasets.files.image_groups import ImageGroup
from keras_mia.data.datasets.layouts.plain_images import images_below
from keras_mia.data.datasets.layouts.unused_files import left_out
from keras_mia.data.io.dicom.images import is_dicom
from keras_mia.data.io.formats import SUFFIX_LIST, stem_of, suffix_of

CHANNEL = re.compile(r"(.+)_\d{4}")


def read_inputs(
    source: str | os.PathLike,
    *,
    channels: int = 1,
    series: Sequence[str] = (),
    trained: Sequence[str] = (),
    structures: bool = False,
) -> Cases:
    """Images to predict on: what `read_cases` takes for images in the same folder.

    Args:
        source: a file, a folder, or `sample:NAME`. Label maps beside images, and folders of label
            maps, are left out.
        channels: files a case: where it is more than one, `case_0000`, `case_0001`, ... are one, or
            the series of a patient.
        series: which series of a patient to take.
        trained: what the series were called that the network was trained on.
        structures: whether files that are named as an image and a structure (`x`, `x_left_lung`)
            are label maps, as in training on label maps.

    Returns:
        Cases without a target, in natural order.

    Raises:
        Problem: there is no image, channels are missing, or it is not clear which series is meant.
    """
    text, path = str(source), Path(source)
    if text.startswith("sample:"):
        from keras_mia.data.datasets.reading import read_cases

        cases = [replace(case, split=None) for case in read_cases(text, targets=())]
        return Cases(tuple(cases), text, (f"{plural(len(cases), 'image')} in {source}.",))
    if not path.exists():
        raise Problem("There is no such file or folder.", path, "Check the path.")
    root = path if path.is_dir() else path.parent
    groups = _groups(path, structures)
    notes: list[str] = []
    unchosen: tuple[Path, ...] = ()
    if channels > 1 and any(CHANNEL.fullmatch(one.name) for one in groups):
        cases = _numbered(groups, channels, root)
    else:
        names = tuple(trained) or ("",)
        taken = series_of_patients.choose_trained_series(groups, series, channels, names, path)
        if taken.incomplete:
            raise taken.incomplete[0].problem()
        notes += taken.notes
        unchosen = taken.unchosen
        cases = [
            Case(one.name, {IMAGE: images}, None, "")
            for one, images in zip(taken.groups, taken.images, strict=True)
        ]
    wrong = [case.images[0] for case in cases if len(case.images) != channels]
    if wrong:
        raise _channels(channels, wrong)
    cases = [replace(case, patient=case.name) for case in with_unique_names(cases, root)]
    if path.is_dir():
        notes += left_out(path, Cases(tuple(cases), text, unchosen=unchosen))
    count = f"{plural(len(cases), 'image')} in {source}."
    return Cases(tuple(cases), text, (count, *notes, *series_notes(cases)))


def _groups(path: Path, structures: bool) -> list[ImageGroup]:
    """The images of a folder, or the file that is named."""
    if path.is_dir():
        groups = images_below(path, structures=structures)
    else:
        one = ImageGroup((path.parent, (path.name,)), {"": path})
        groups = [one] if suffix_of(path) or is_dicom(path) else []
    if groups:
        return groups
    notes = left_out(path) if path.is_dir() else []
    raise Problem(
        " ".join(["No image was found.", *notes]),
        path,
        f"Name a folder of images, or a file: {SUFFIX_LIST}.",
    )


def _numbered(groups: Sequence[ImageGroup], channels: int, root: Path) -> list[Case]:
    """`NAME_0000`, `NAME_0001`, ... in one folder as the channels of one image."""
    files: dict[Path, list[Path]] = {}
    for image in (image for one in groups for image in one.images):
        channel = CHANNEL.fullmatch(stem_of(image))
        name = image.parent / (channel[1] if channel else stem_of(image))
        files.setdefault(name, []).append(image)
    wrong = [name for name, group in files.items() if len(group) != channels]
    if wrong:
        raise _channels(channels, wrong)
    return [Case(name.name, {IMAGE: tuple(group)}, None, "") for name, group in files.items()]


def _channels(channels: int, wrong: Sequence[Path]) -> Problem:
    return Problem(
        f"{channels} channels were expected of each image, NAME_0000, NAME_0001, ...",
        listing(wrong),
        "Name all of its files so, or take it away.",
    )
