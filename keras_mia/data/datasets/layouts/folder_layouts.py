"""The layouts of folders, in the order in which they are tried."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.files.image_paths import entries, folders
from keras_mia.data.datasets.layouts import class_folders, nnunet, paired_folders, suffixes
from keras_mia.data.datasets.layouts.csv_hint import class_start, command, label_map_start
from keras_mia.data.datasets.layouts.unused_files import left_out


def read_folder(
    folder: Path,
    maps: bool,
    texts: bool,
    series: Sequence[str] = (),
    folders_are_classes: bool = False,
) -> Cases:
    """The cases of a folder, or of the only one below it that holds a data set.

    Args:
        folder: that the user names.
        maps: whether images may have label maps.
        texts: whether folders may be classes.
        series: which series of a patient to take.
        folders_are_classes: whether the user says that folders are classes.

    Raises:
        Problem: nothing was found, or it may be several things.
    """

    def layout(path: Path) -> Cases | None:
        found = None
        if maps:
            found = nnunet.read_nnunet(path)
            found = paired_folders.read_paired_folders(path, series) if found is None else found
        problem = None
        if found is None and texts:
            try:
                found = class_folders.read_class_folders(path, series, folders_are_classes)
            except Problem as error:  # unless names tell label maps
                problem = error
        if found is None and maps:
            found = suffixes.read_named_folder(path, series)
        if found is None and problem is not None:
            raise problem
        return found

    found = layout(folder)
    if found is not None:
        return found
    below = [(path, cases) for path in folders(folder) if (cases := layout(path)) is not None]
    if len(below) == 1:
        path, cases = below[0]
        return replace(cases, notes=(f"The data lie in {path.name}.", *cases.notes))
    if below:
        raise Problem(
            f"There are several data sets: {listing([path.name for path, _ in below])}.",
            folder,
            f"Name one of them, such as --data {below[0][0]}.",
        )
    raise _unknown(folder, maps)


def _unknown(folder: Path, maps: bool) -> Problem:
    """What was found, and how a table would begin that says what the folder does not."""
    found = [f"{len(files)} in {name or 'it'}" for name, files in _images_by_folder(folder).items()]
    what = "which are label maps" if maps else "of which class they are"
    if found:
        said = f"Images were found ({listing(found, 6)}), but names do not tell {what}."
    else:
        inside = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        said = f"No image was found; the folder holds {listing(inside, 6) or 'nothing'}."
        return Problem(
            " ".join([said, *left_out(folder)]), folder, "Name the folder of the images."
        )
    if maps and _class_names(folder):
        return Problem(
            f"{said} The folders {listing(_class_names(folder), 4)} look like classes.",
            folder,
            f"To tell the class of an image: {command('classify', folder)}\n  For label maps: "
            + label_map_start(folder),
        )
    return Problem(said, folder, label_map_start(folder) if maps else class_start(folder))


def _images_by_folder(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in entries(folder):
        found.setdefault(path.parent.relative_to(folder).as_posix().strip("."), []).append(path)
    return found


def _class_names(folder: Path) -> list[str]:
    try:
        cases = class_folders.read_class_folders(folder)
    except Problem:
        return []
    return sorted({str(case.target) for case in cases}) if cases else []
