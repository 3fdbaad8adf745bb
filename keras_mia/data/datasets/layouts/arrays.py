"""One npz file with all images: MedMNIST's `train_images`, `train_labels`, ..., or Keras'
`x_train`, `y_train`, ...
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


def read_arrays(path: Path) -> Cases:
    """The cases of an npz file; each is an entry `FILE.npz/KEY/NUMBER`, read when asked for.

    Raises:
        Problem: no images with labels are in it, or their numbers differ.
    """
    found, notes = [], []
    names = array_names(path)
    for key in names:
        match = IMAGES.fullmatch(key)
        split = match and SPLIT_NAMES.get((match["a"] or match["b"]).lower())
        if not match or not split:
            continue
        other = f"{match['a']}_labels" if match["a"] else f"y_{match['b']}"
        if other not in names:
            raise Problem(f"There is {key}, but no {other}.", path, "Add the labels.")
        found.append((split, key, array_header(path, key), other))
    if not found:
        raise Problem(
            "No train_images with train_labels, nor x_train with y_train, is in this file; it has"
            f" {', '.join(names) or 'nothing'}.",
            path,
            "Save the arrays under such names with numpy.savez.",
        )
    cases: list[Case] = []
    for split, key, images, other in sorted(found, key=lambda part: SPLITS.index(part[0])):
        counts = [one.shape[:1] or (1,) for one in (images, array_header(path, other))]
        if counts[0] != counts[1]:
            raise Problem(
                f"{key} has {counts[0][0]} images for {counts[1][0]} labels.",
                path,
                "Correct the file.",
            )
        shape = " x ".join(map(str, images.shape[1:]))
        signals = ", signals of one channel" if len(images.shape) == 2 else ""
        notes.append(f"{split}: {counts[0][0]} of {shape}{signals}")
        labels = cached_array(path, other)
        texts, places = _texts(labels, path), entry_paths(path, key, len(labels))
        cases += [
            Case(
                f"{split}_{i}",
                {IMAGE: (image,)},
                Texts(text),
                "",
                split if len(found) > 1 else None,
            )
            for i, (image, text) in enumerate(zip(places, texts, strict=True))
        ]
    return Cases(tuple(cases), str(path), (f"Arrays: {'; '.join(notes)}.",))


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
