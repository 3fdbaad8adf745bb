"""Cases from whatever the user has."""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data import (
    layout_arrays,
    layout_classes,
    layout_folders,
    layout_nnunet,
    layout_table,
    layout_tfds,
)
from keras_mia.data.cases import SPLITS, Case, Cases, Incomplete, counted
from keras_mia.data.formats import KNOWN, image_files, stem_of, suffix_of
from keras_mia.data.formats_dicom import describe, is_dicom, series_of
from keras_mia.data.pairing import folders, listed, natural
from keras_mia.data.samples import SAMPLES, sample_table

BIDS = re.compile(r"(?:^|[/_])(sub-[A-Za-z0-9]+)")
ANSWERED = (
    "a folder with a folder a class (also below train, validation and test); a CSV file with"
    " image,label; an npz file with train_images and train_labels, or x_train and y_train; or"
    " tfds:NAME"
)
LAYOUTS = (
    "a folder with dataset.json, imagesTr and labelsTr; a folder a case with images and masks; two"
    " folders such as images and labels; a CSV file with image,label; or "
    + ", ".join(f"sample:{name}" for name in SAMPLES)
)


def read_cases(
    source: str | os.PathLike,
    *,
    patient: str | None = None,
    image_column: str = "image",
    label_column: str | Sequence[str] = "label",
    region_column: str = "region",
    split_column: str = "split",
    patient_column: str = "patient",
    strict: bool = True,
    answers: bool | None = False,
) -> Cases:
    """Finds images with what is to be learnt of them: label maps, or answers; no pixel is read yet.

    Args:
        source: a folder, a CSV file, or `sample:NAME`; for answers also an npz file or `tfds:NAME`.
            The data may lie one folder below.
        patient: a regular expression that finds the patient in an image's path relative to
            `source`: its first group, or the whole match. By default a CSV's column, or BIDS'
            `sub-XX`, or each file is a patient.
        image_column: of a CSV file.
        label_column: of a CSV file; several names are several answers to each image.
        region_column: of a CSV file, may be missing.
        split_column: of a CSV file, may be missing.
        patient_column: of a CSV file, may be missing.
        strict: whether an image without a label map is an error. Otherwise such files are left out,
            and stand in `incomplete`.
        answers: whether each image has an answer in words (a class, several, a number) in place of
            a label map; None: as the data look.

    Returns:
        The cases in natural order, with what was understood in `notes`.

    Raises:
        Problem: nothing was found, or images have no label map.
    """
    text, path = str(source), Path(source)
    labels = (label_column,) if isinstance(label_column, str) else tuple(label_column)
    columns = layout_table.Columns(
        image_column, labels, region_column, split_column, patient_column
    )
    root = path
    known = {True: ANSWERED, False: LAYOUTS, None: f"{LAYOUTS}; or {ANSWERED}"}[answers]
    maps, told = answers is not True, answers is not False
    if text.startswith("tfds:") and told:
        root, found = layout_tfds.read(text.removeprefix("tfds:"))
    elif text.startswith("sample:") and maps:
        table, sample = sample_table(text.removeprefix("sample:"))
        root = table.parent
        found = layout_table.read(table, layout_table.Columns())
        found = replace(
            found, names=sample.names, modality=sample.modality, notes=(f"Sample: {sample.about}.",)
        )
    elif path.is_dir():
        found = _read_folder(path, maps, told, known)
    elif not path.exists():
        raise Problem("There is no such file or folder.", source, f"Name {known}.")
    elif path.suffix.lower() == ".csv":
        root = path.parent
        found = layout_table.read(path, columns, answers=answers)
    elif path.suffix.lower() == ".npz" and told:
        found = layout_arrays.read(path)
    else:
        raise Problem(f"A single file {path.suffix} is no data set.", source, f"Name {known}.")
    found = _listed_once(found)
    if found.incomplete and (strict or not found.cases):
        raise found.incomplete[0].problem()
    if not found.cases:
        what = " or ".join(["a label map"] * maps + ["an answer"] * told)
        raise Problem(f"No image with {what} was found.", source, f"Name {known}.")
    cases = sorted(_with_unique_names(found.cases, root), key=lambda case: natural(case.name))
    cases, who = _with_patients(cases, root, patient)
    count = f"{counted(len(cases), 'case')} in {source}."
    notes = (count, *found.notes, *_series(cases), *_splits(cases), who)
    return replace(found, cases=tuple(cases), source=text, notes=notes)


def read_inputs(source: str | os.PathLike, *, channels: int = 1) -> Cases:
    """Images to predict on.

    Args:
        source: a file, a folder of images, or `sample:NAME`.
        channels: files a case: where it is more than one, `case_0000`, `case_0001`, ... are one.

    Returns:
        Cases without a target, in natural order.

    Raises:
        Problem: there is no image, or channels are missing.
    """
    text, path = str(source), Path(source)
    if text.startswith("sample:"):
        cases = [replace(case, target=None, split=None) for case in read_cases(text)]
        return Cases(tuple(cases), text, (f"{counted(len(cases), 'image')} in {source}.",))
    grouped = find_images(path, channels=channels)
    cases = [
        Case(stem_of(files[0]) if channels == 1 else stem_of(files[0])[:-5], files, None, "")
        for files in grouped
    ]
    root = path if path.is_dir() else path.parent
    cases = [replace(case, patient=case.name) for case in _with_unique_names(cases, root)]
    notes = (f"{counted(len(cases), 'image')} in {source}.", *_series(cases))
    return Cases(tuple(cases), text, notes)


def find_images(path: str | os.PathLike, *, channels: int = 1) -> list[tuple[Path, ...]]:
    """The files of each image in a folder, or of the one that is named.

    Raises:
        Problem: there is no image, or channels are missing.
    """
    path = Path(path)
    if not path.exists():
        raise Problem("There is no such file or folder.", path, "Check the path.")
    files = _dicom_folders(path) or _images_of(path)
    if not files:
        raise Problem("No image was found.", path, f"Name a folder of images, or a file: {KNOWN}.")
    if channels == 1:
        return [(file,) for file in files]
    groups: dict[str, list[Path]] = {}
    for file in files:
        channel = re.fullmatch(r"(.+)_\d{4}", stem_of(file))
        groups.setdefault(channel[1] if channel else stem_of(file), []).append(file)
    wrong = [name for name, group in groups.items() if len(group) != channels]
    if wrong:
        raise Problem(
            f"{channels} channels were expected of each image, NAME_0000, NAME_0001, ...",
            listed([path / name for name in wrong]),
            "Name all of its files so, or take it away.",
        )
    return [tuple(group) for group in groups.values()]


def _images_of(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(image_files(path), key=lambda file: natural(file.name))
    return [path] if suffix_of(path) or is_dicom(path) else []


def _dicom_folders(path: Path) -> list[Path]:
    """A folder that holds DICOM files is one image; otherwise each folder in it with some below."""
    if not path.is_dir():
        return []
    if any(is_dicom(file) for file in path.iterdir() if file.is_file()):
        return [path]
    return [
        below
        for below in folders(path)
        if any(file.is_file() and is_dicom(file) for file in below.rglob("*"))
    ]


def _read_folder(folder: Path, maps: bool, answers: bool, known: str) -> Cases:
    def layout(path: Path) -> Cases | None:
        return (_layout(path) if maps else None) or (layout_classes.read(path) if answers else None)

    found = layout(folder)
    if found is not None:
        return found
    below = [(path, cases) for path in folders(folder) if (cases := layout(path)) is not None]
    if len(below) == 1:
        path, cases = below[0]
        return replace(cases, notes=(f"The data lie in {path.name}.", *cases.notes))
    if below:
        raise Problem(
            f"There are several data sets: {listed([path.name for path, _ in below])}.",
            folder,
            "Name one of them.",
        )
    if not answers and layout_classes.read(folder) is not None:
        raise Problem(
            "These look like folders of classes, without label maps.",
            folder,
            "Train on them with `keras-mia classify`, which also looks for equal images.",
        )
    inside = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    raise Problem(
        f"The folder's layout is not known; it holds {listed(inside, 6) or 'nothing'}.",
        folder,
        f"Give {known}.",
    )


def _layout(folder: Path) -> Cases | None:
    return layout_nnunet.read(folder) or layout_folders.read(folder)


def _listed_once(cases: Cases) -> Cases:
    count = Counter(case.images[0] for case in cases)
    twice = tuple(path for path, times in count.items() if times > 1)
    if not twice:
        return cases
    more = Incomplete(f"{len(twice)} images are listed twice.", twice, "List them once.")
    once = tuple(case for case in cases if count[case.images[0]] == 1)
    return replace(cases, cases=once, incomplete=(*cases.incomplete, more))


def _relative(case: Case, root: Path) -> str:
    # of strings, since it is asked of every case several times
    return case.images[0].as_posix().removeprefix(f"{root.as_posix()}/")


def _with_unique_names(cases: Sequence[Case], root: Path) -> list[Case]:
    """Names that several cases have are written with their folders, then with their suffix."""

    def again(cases, name):
        count = Counter(case.name for case in cases)
        return [case if count[case.name] == 1 else replace(case, name=name(case)) for case in cases]

    cases = again(cases, lambda case: _relative(case, root).removesuffix(_suffix(case)))
    cases = again(cases, lambda case: _relative(case, root))
    return [_without_slashes(case) for case in cases]


def _without_slashes(case: Case) -> Case:
    name = re.sub(r"[/\\:]+", "_", case.name).strip("_")
    return case if name == case.name else replace(case, name=name)


def _suffix(case: Case) -> str:
    return suffix_of(case.images[0]) or ""


def _with_patients(
    cases: Sequence[Case], root: Path, pattern: str | None
) -> tuple[list[Case], str]:
    if pattern is not None:
        return _by_pattern(cases, root, pattern)
    if all(case.patient for case in cases):
        return list(cases), f"Patients: {_number(cases)}, as the data name them."
    found = {case.name: BIDS.findall(_relative(case, root)) for case in cases}
    if any(found.values()):
        named = [
            replace(case, patient=found[case.name][-1] if found[case.name] else case.name)
            for case in cases
        ]
        return named, f"Patients: {_number(named)}, from sub-XX in the paths (BIDS)."
    named = [replace(case, patient=case.name) for case in cases]
    return named, "Patients: each file is taken as a patient of its own (else give --patient)."


def _by_pattern(cases: Sequence[Case], root: Path, pattern: str) -> tuple[list[Case], str]:
    try:
        regex = re.compile(pattern)
    except re.error as error:
        raise Problem(
            f"The regular expression is wrong: {error}.", f"--patient {pattern}", "Mend it."
        ) from error
    named, without = [], []
    for case in cases:
        match = regex.search(_relative(case, root))
        key = match and (match[1] if regex.groups else match[0])
        if not key:
            without.append(_relative(case, root))
        named.append(replace(case, patient=key or ""))
    if without:
        raise Problem(
            f"{len(without)} paths do not tell their patient by {pattern!r}.",
            listed(without),
            "Give a --patient that matches all of them.",
        )
    return named, f"Patients: {_number(named)}, by {pattern!r}."


def _number(cases: Sequence[Case]) -> int:
    return len({case.patient for case in cases})


def _series(cases: Sequence[Case]) -> list[str]:
    """Which series are taken from folders that hold several."""
    notes = []
    for path in (path for case in cases for path in case.images if path.is_dir()):
        with contextlib.suppress(Problem):  # whoever reads the image says what is wrong with it
            series = series_of(path)
            notes += [f"DICOM in {path}: {describe(series)}."] if len(series) > 1 else []
    return notes


def _splits(cases: Sequence[Case]) -> list[str]:
    count = Counter(case.split for case in cases if case.split)
    if not count:
        return []
    parts = [f"{count[side]} {side}" for side in SPLITS if count[side]]
    return [f"Split by the authors: {', '.join(parts)}."]
