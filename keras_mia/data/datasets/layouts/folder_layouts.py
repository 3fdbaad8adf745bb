"""The layouts of folders, in the order in which they are tried."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.files.image_paths import entries, folders
from keras_mia.data.datasets.layouts import (
    class_folders,
    image_pairs,
    named_label_maps,
    nnunet,
    paired_folders,
    plain_images,
    unpaired_folders,
)
from keras_mia.data.datasets.layouts.csv_hint import command
from keras_mia.data.datasets.layouts.layout import NO_CHOICES, FolderChoices, Layout
from keras_mia.data.datasets.layouts.unused_files import left_out
from keras_mia.data.datasets.target_forms import label_maps, paired_images, texts
from keras_mia.data.datasets.target_forms.form import TargetForm

LAYOUTS: tuple[Layout, ...] = (
    Layout(unpaired_folders.read_unpaired_folders, texts.FORM),
    Layout(nnunet.read_nnunet, label_maps.FORM),
    Layout(paired_folders.read_paired_folders, label_maps.FORM),
    Layout(class_folders.read_class_folders, texts.FORM, tentative=True),
    Layout(named_label_maps.read_named_label_maps, label_maps.FORM),
    Layout(image_pairs.read_image_pairs, paired_images.FORM, tentative=True),
    Layout(nnunet.read_nnunet_channels, tentative=True),
    Layout(plain_images.read_plain_images),
)


def read_folder(
    folder: Path,
    forms: Sequence[TargetForm],
    choices: FolderChoices = NO_CHOICES,
    *,
    required: bool = True,
) -> Cases:
    """The cases of a folder, or of the only one below it that holds a data set.

    Args:
        folder: that the user names.
        forms: of the targets that images may have; none: images alone are read.
        choices: of the user.
        required: whether a layout without targets of these forms is an error. Otherwise images
            alone are read where no layout has any, unless the user says that folders are classes.

    Raises:
        Problem: nothing was found, or it may be several things.
    """
    may_lack = bool(forms) and not required and not choices.folders_are_classes
    cases = _here_or_below(folder, forms, choices, may_lack)
    if cases is None and may_lack:
        cases = _here_or_below(folder, (), choices)
    if cases is None:
        raise _unknown(folder, forms)
    return cases


def _here_or_below(
    folder: Path, forms: Sequence[TargetForm], choices: FolderChoices, may_lack: bool = False
) -> Cases | None:
    """The cases of a folder, or of the only one below it that holds a data set."""
    cases = _laid_out(folder, forms, choices, may_lack)
    if cases is not None:
        return cases
    below = [
        (path, cases)
        for path in folders(folder)
        if (cases := _laid_out(path, forms, choices, may_lack)) is not None
    ]
    if len(below) == 1:
        path, cases = below[0]
        return replace(cases, notes=(f"The data lie in {path.name}.", *cases.notes))
    if below:
        raise Problem(
            f"There are several data sets: {listing([path.name for path, _ in below])}.",
            folder,
            f"Name one of them, such as --data {below[0][0]}.",
        )
    return None


def _laid_out(
    folder: Path, forms: Sequence[TargetForm], choices: FolderChoices, may_lack: bool
) -> Cases | None:
    """The cases by the first layout that fits, of those whose targets have one of the forms; where
    images may lack targets, names that do not tell which they have are no problem."""
    problem: Problem | None = None
    for layout in LAYOUTS:
        if layout.form not in forms if forms else layout.form is not None:
            continue
        try:
            cases = layout.read(folder, choices)
        except Problem as error:
            if not layout.tentative:
                raise
            problem = problem or error
            continue
        if cases is not None:
            return cases
    if problem is not None and not may_lack:
        raise problem
    return None


def _unknown(folder: Path, forms: Sequence[TargetForm]) -> Problem:
    """What the folder holds, and how a table would begin that says what names do not."""
    counts = [f"{n} in {name or 'it'}" for name, n in _images_by_folder(folder).items()]
    if not counts or not forms:
        inside = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        what = f"No image was found; the folder holds {listing(inside, 6) or 'nothing'}."
        return Problem(
            " ".join([what, *left_out(folder)]), folder, "Name the folder of the images."
        )
    form = forms[0]
    what = f"Images were found ({listing(counts, 6)}), but names do not tell {form.question}."
    if form is label_maps.FORM and (names := _class_names(folder)):
        return Problem(
            f"{what} The folders {listing(names, 4)} look like classes.",
            folder,
            f"To tell the class of an image: {command('classify', folder)}\n  For label maps: "
            + form.hint(folder),
        )
    return Problem(what, folder, form.hint(folder))


def _images_by_folder(folder: Path) -> dict[str, int]:
    """How many images lie in each folder."""
    counts: dict[str, int] = {}
    for path in entries(folder):
        name = path.parent.relative_to(folder).as_posix().strip(".")
        counts[name] = counts.get(name, 0) + 1
    return counts


def _class_names(folder: Path) -> list[str]:
    try:
        cases = class_folders.read_class_folders(folder)
    except Problem:
        return []
    return sorted({str(case.target) for case in cases}) if cases else []
