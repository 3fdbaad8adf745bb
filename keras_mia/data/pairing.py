"""Which file belongs to which: names of folders and files, and what they say."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from keras_mia.core.problem import Problem
from keras_mia.data.formats import image_files, stem_of, suffix_of
from keras_mia.data.formats_dicom import is_dicom, is_segmentation

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
ROLES = {
    "image": {"image", "images", "img", "imgs", "input", "inputs", "scan", "scans"},
    "label": {
        *("label", "labels", "annotation", "annotations", "gt", "groundtruth", "ground_truth"),
        *("target", "targets", "truth", "seg", "segs", "segmentation", "segmentations"),
        *("manual", "manual1", "1st_manual", "1st_label", "1st_labels", "1st_observer"),
    },
    "mask": {"mask", "masks"},
    "region": {"fov", "roi", "region", "regions"},
    "second": {"manual2", "2nd_manual", "2nd_label", "2nd_labels", "2nd_observer"},
}
# Words at either end of a file's name that tell its kind or split, and not its case.
AFFIXES = {
    *(word for words in ROLES.values() for word in words if "_" not in word),
    *SPLIT_NAMES,
    *("1stho", "2ndho", "mri", "ct", "0000"),
}


def natural(text: object) -> list:
    """A key that sorts the numbers in names by their value.

    Example:
        >>> sorted(["10.png", "9.png"], key=natural)
        ['9.png', '10.png']
    """
    parts = [part for part in re.split(r"(\d+)", str(text)) if part]
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return [*key, (1, 0, str(text))]  # "1" before "01", always


def tokens(name: str) -> list[str]:
    """The words of a name."""
    return [word for word in re.split(r"[_\-. ]+", name.lower()) if word]


def meaning(folder: str) -> tuple[str | None, str | None]:
    """The split and the role that a folder's name tells; None where it tells none.

    Example:
        >>> meaning("train_images"), meaning("1st_manual"), meaning("stage1_train")
        (('train', 'image'), (None, 'label'), (None, None))
    """
    words = tokens(folder)
    splits = [SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES]
    rest = "_".join(word for word in words if word not in SPLIT_NAMES)
    role = next((role for role, names in ROLES.items() if rest in names), None)
    if len(splits) > 1 or (rest and role is None):
        return None, None
    return (splits[0] if splits else None), role


def folders(path: Path) -> list[Path]:
    """The folders in a folder in natural order; hidden ones are left out."""
    found = (x for x in path.iterdir() if x.is_dir() and not x.name.startswith((".", "__")))
    return sorted(found, key=lambda x: natural(x.name))


def entries(folder: Path, instances: bool = False) -> list[Path]:
    """The images below a folder, or with `instances` its files and its folders of instances.

    A folder below it that holds DICOM files is one image. A DICOM Segmentation beside the same
    mask as NIfTI, as `predict` writes both, is left out.
    """
    if instances:
        files = [path for path in image_files(folder) if not _said_twice(path)]
        return files + [x for x in folders(folder) if image_files(x)]
    files = [
        path
        for path in folder.rglob("*")
        if path.is_file()
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    series = {path.parent for path in files if path.parent != folder and is_dicom(path)}
    single = [
        path
        for path in files
        if suffix_of(path) and path.parent not in series and not _said_twice(path)
    ]
    return sorted([*series, *single], key=lambda path: natural(path.relative_to(folder)))


def _said_twice(path: Path) -> bool:
    beside = path.with_name(f"{stem_of(path)}.nii.gz")
    return path.suffix == ".dcm" and beside.exists() and is_segmentation(path)


def pair(images: Path, others: Path) -> tuple[list[tuple[Path, Path | None]], list[Path]]:
    """Finds the label map, or the region, of each image.

    Names match if they are equal, or equal without affixes such as `_mask`, or hold the same
    numbers; the first of these that is unambiguous and complete is taken, for all files alike.

    Args:
        images: a folder of images, which may have folders in it.
        others: a folder laid out alike; instead of a file it may have a folder of instances.

    Returns:
        `(image, its partner or None)` of all images, and the files that are left over.

    Raises:
        Problem: no rule is unambiguous.
    """
    files = entries(images)
    flat = all(file.parent == images for file in files)
    partners = entries(others, instances=flat)
    if len(files) == len(partners) == 1:
        return [(files[0], partners[0])], []
    best: tuple[int, dict, Callable] | None = None
    for rule in (_stem, _bare, _numbers):
        keys = [(_parent(file, images), rule(file)) for file in files]
        index = {(_parent(file, others), rule(file)): file for file in partners}
        if len(set(keys)) < len(keys) or len(index) < len(partners):
            continue
        matched = sum(key in index for key in keys if key[1])
        if best is None or matched > best[0]:
            best = (matched, index, rule)
        if matched == len(files):
            break
    if best is None:
        raise Problem(
            f"It is not clear which file of {others.name} belongs to which of {images.name}.",
            images.parent,
            "Name both alike, or list them in a CSV file: image,label.",
        )
    _, index, rule = best
    pairs = [
        (file, index.get((_parent(file, images), rule(file))) if rule(file) else None)
        for file in files
    ]
    used = {partner for _, partner in pairs}
    return pairs, [file for file in partners if file not in used]


def listed(paths: Sequence[object], most: int = 10) -> str:
    """The first paths of a list, and how many more there are."""
    shown = ", ".join(str(path) for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"


def _parent(file: Path, folder: Path) -> str:
    return file.parent.relative_to(folder).as_posix()


def _stem(file: Path) -> str:
    return stem_of(file)


def _bare(file: Path) -> str:
    words = tokens(stem_of(file))
    while words and words[-1] in AFFIXES:
        words.pop()
    while words and words[0] in AFFIXES:
        words.pop(0)
    return "_".join(words)


def _numbers(file: Path) -> str:
    return "-".join(str(int(number)) for number in re.findall(r"\d+", _bare(file)))
