"""One npz file with all images: MedMNIST's `train_images`, `train_labels`, ..., Keras' `x_train`,
`y_train`, ..., or `images`, `labels` without a split, as `sample` writes them.
"""

import re
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_target import Texts
from keras_mia.data.datasets.cases import IMAGE, SPLITS, Case, Cases
from keras_mia.data.datasets.files.naming import SPLIT_NAMES
from keras_mia.data.io.numpy_images import array_header, array_names, cached_array, entry_paths

IMAGES = re.compile(r"(?:(?P<a>[a-z]+)_images|x_(?P<b>[a-z]+))", re.IGNORECASE)
ALL_IMAGES, ALL_LABELS = "images", "labels"


def read_arrays(path: Path, *, labelled: bool = True, required: bool = True) -> Cases:
    """The cases of an npz file; each is an entry `FILE.npz/KEY/NUMBER`, read when it is needed.

    Args:
        path: of the file.
        labelled: whether the images' labels are read; else cases have no target.
        required: whether images without labels are an error; otherwise they alone are read where
            no part has any.

    Raises:
        Problem: no images with labels are in it, or their numbers differ.
    """
    parts, labelled = _parts(path, labelled, required)
    cases: list[Case] = []
    notes = []
    for split, key, label_key in sorted(parts, key=lambda part: SPLITS.index(part[0])):
        shape = array_header(path, key).shape
        count = (shape or (1,))[0]
        size = " x ".join(map(str, shape[1:]))
        signals = ", signals of one channel" if len(shape) == 2 else ""
        name = "image" if key == ALL_IMAGES else split
        notes.append(f"{name}: {count} of {size}{signals}")
        targets = _targets(path, key, label_key, count) if labelled else [None] * count
        cases += [
            Case(f"{name}_{i}", {IMAGE: (image,)}, target, "", split if len(parts) > 1 else None)
            for i, (image, target) in enumerate(
                zip(entry_paths(path, key, count), targets, strict=True)
            )
        ]
    return Cases(tuple(cases), str(path), (f"Arrays: {'; '.join(notes)}.",))


def _parts(path: Path, labelled: bool, required: bool) -> tuple[list[tuple[str, str, str]], bool]:
    """Of each part of the split its name, and the keys of its images and of their labels; and
    whether these are there, where they are to be read."""
    names = array_names(path)
    parts = []
    for key in names:
        match = IMAGES.fullmatch(key)
        split = match and SPLIT_NAMES.get((match["a"] or match["b"]).lower())
        if not match or not split:
            continue
        label_key = f"{match['a']}_labels" if match["a"] else f"y_{match['b']}"
        parts.append((split, key, label_key))
    if not parts and ALL_IMAGES in names:
        parts = [(SPLITS[0], ALL_IMAGES, ALL_LABELS)]
    lacking = [part for part in parts if part[2] not in names]
    if labelled and lacking and (required or len(lacking) < len(parts)):
        _, key, label_key = lacking[0]
        raise Problem(f"There is {key}, but no {label_key}.", path, "Add the labels.")
    if parts:
        return parts, labelled and not lacking
    wanted = (
        "train_images with train_labels, x_train with y_train, nor images with labels"
        if labelled
        else "train_images, x_train, nor images"
    )
    raise Problem(
        f"No {wanted}, is in this file; it has {', '.join(names) or 'nothing'}.",
        path,
        "Save the arrays under such names with numpy.savez.",
    )


def _targets(path: Path, key: str, label_key: str, count: int) -> list[Texts]:
    number = (array_header(path, label_key).shape or (1,))[0]
    if number != count:
        raise Problem(f"{key} has {count} images for {number} labels.", path, "Correct the file.")
    return [Texts(text) for text in _texts(cached_array(path, label_key), path)]


def _texts(labels: np.ndarray, path: Path) -> list[str]:
    """Each label as a table would have it: "3", "0|2" of several, "0.5"."""
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 1 and labels.dtype.kind in "biufU":
        return [str(value).removesuffix(".0") for value in labels]
    if labels.ndim == 2 and np.isin(labels, (0, 1)).all():
        return ["|".join(map(str, np.flatnonzero(row))) or "none" for row in labels]
    raise Problem(
        f"Labels of shape (n,), (n, 1), or of zeros and ones (n, classes) were expected, found"
        f" {labels.shape} of {labels.dtype}.",
        path,
        "Save one number an image, or a column a class.",
    )
