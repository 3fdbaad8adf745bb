"""Tables of cases that figures of docs/results.md are made from, out of the real data sets."""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import nibabel as nib
import numpy as np

from hippocampus_ends import ends_table

ROOT = Path(__file__).resolve().parent.parent


def membrane(data: Path, folder: Path) -> Path:
    """isbi2012_membrane with slices 24 to 29 held out, a block: neighbours look alike."""
    source = data / "isbi2012_membrane" / "train"
    rows = [
        (
            _from(folder, source / "image" / f"{number}.png"),
            _from(folder, source / "label" / f"{number}.png"),
            "test" if number >= 24 else "train",
        )
        for number in range(30)
    ]
    return _write(folder / "membrane.csv", ("image", "label", "split"), rows)


def contours(_: Path, folder: Path) -> Path:
    """What the README's script makes of the contours of sunnybrook_lv."""
    folder = folder / "contours"
    folder.mkdir(parents=True, exist_ok=True)
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```python\n")[1:]
    (script,) = (block.partition("```")[0] for block in blocks if "contours.csv" in block)
    subprocess.run([sys.executable, "-c", script], check=True, cwd=folder)
    return folder / "contours.csv"


def organs(data: Path, folder: Path) -> Path:
    """The one abdominal CT of ct_organs."""
    source = data / "ct_organs"
    names = ("example_ct_sm.nii.gz", "example_seg.nii.gz")
    rows = [[_from(folder, source / name) for name in names]]
    return _write(folder / "organs.csv", ("image", "label"), rows)


def volumes(data: Path, folder: Path) -> Path:
    """msd_hippocampus with the volume of both parts in ml."""
    rows = [
        (_from(folder, image), f"{mask.sum() * voxel_ml:.3f}")
        for image, mask, voxel_ml in _hippocampi(data)
    ]
    return _write(folder / "volumes.csv", ("image", "label"), rows)


def corners(data: Path, folder: Path) -> Path:
    """msd_hippocampus with the box around both parts: its lower corner, and its upper one, which
    is where the first voxel beyond it begins."""
    rows = []
    for image, mask, _ in _hippocampi(data):
        inside = np.argwhere(mask)
        ends = [*inside.min(axis=0), *inside.max(axis=0) + 1]
        rows.append((_from(folder, image), " ".join(map(str, ends))))
    return _write(folder / "corners.csv", ("image", "label"), rows)


def cells(data: Path, folder: Path) -> Path:
    """The images of bccd with one white blood cell, and its box; the authors' split."""
    rows = []
    source = data / "bccd" / "BCCD"
    for split, shown in (("train", "train"), ("val", "validation"), ("test", "test")):
        for name in (source / "ImageSets" / "Main" / f"{split}.txt").read_text().split():
            tree = ElementTree.parse(source / "Annotations" / f"{name}.xml")
            boxes = [
                [one.findtext(f"bndbox/{end}") for end in ("ymin", "xmin", "ymax", "xmax")]
                for one in tree.iter("object")
                if one.findtext("name") == "WBC"
            ]
            if len(boxes) == 1:
                image = _from(folder, source / "JPEGImages" / f"{name}.jpg")
                rows.append((image, " ".join(map(str, boxes[0])), shown))
    return _write(folder / "cells.csv", ("image", "label", "split"), rows)


def counts(data: Path, folder: Path) -> Path:
    """dsb2018_nuclei with the number of nuclei: each has a mask of its own."""
    rows = [
        (_from(folder, case / "images" / f"{case.name}.png"), len(list((case / "masks").iterdir())))
        for case in sorted((data / "dsb2018_nuclei" / "stage1_train").iterdir())
    ]
    return _write(folder / "counts.csv", ("image", "label"), rows)


def ends(data: Path, folder: Path) -> Path:
    """Cubes around the two ends of the hippocampus."""
    return ends_table(data, folder / "hippocampus_ends")


def tree_table(tree: Mapping[str, str], folder: Path) -> Path:
    """A class tree as the CSV file that `--tree` takes, beside a folder."""
    return _write(folder.with_name("tree.csv"), ("fine", "coarse"), list(tree.items()))


def contrasts(data: Path, folder: Path) -> Path:
    """dicom_brain_mr as pairs of T2 and FLAIR: PGBM-003 trains, PGBM-006 tests."""
    rows = []
    for patient, split in (("PGBM-003", "train"), ("PGBM-006", "test")):
        source = data / "dicom_brain_mr" / patient
        (image,), (target,) = source.glob("*T2*"), source.glob("*FLAIR*")
        rows.append((_from(folder, image), _from(folder, target), patient, split))
    return _write(folder / "contrasts.csv", ("image", "target_image", "patient", "split"), rows)


TABLES: dict[str, Callable[[Path, Path], Path]] = {
    f"{make.__name__}.csv": make
    for make in (membrane, contours, organs, ends, volumes, corners, cells, counts, contrasts)
}
"""Name of a table -> what writes it, from the folder of the data sets into a folder of its own."""


def _hippocampi(data: Path) -> Iterable[tuple[Path, np.ndarray, float]]:
    """Each image's path, where its hippocampus is, and the volume of a voxel in ml."""
    for path in sorted((data / "msd_hippocampus" / "labelsTr").glob("*.nii.gz")):
        label = nib.load(path)
        voxel_ml = abs(np.linalg.det(label.affine[:3, :3])) / 1000
        yield path.parent.parent / "imagesTr" / path.name, np.asarray(label.dataobj) > 0.5, voxel_ml


def _from(folder: Path, path: Path) -> str:
    return os.path.relpath(path, folder)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path
