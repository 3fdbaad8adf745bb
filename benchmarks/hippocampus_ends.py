"""Small volumes with a class each, cut from msd_hippocampus: which end of the hippocampus is shown.

`python benchmarks/hippocampus_ends.py FOLDER` writes FOLDER/patches and FOLDER/ends.csv, for
`keras-mia classify --data FOLDER/ends.csv`. Of every case there are two cubes, one around the
centre of its anterior part, one around that of its posterior part, moved inside where the image
ends: what is filled up would tell the end. Both are of one patient, so that the split keeps them
together.
"""

import argparse
import csv
import os
from pathlib import Path

import numpy as np

from keras_mia.data.image import Image
from keras_mia.data.io.image_io import read_image, read_label, write_image

SIDE = 24
"""Voxels; the thinnest images have no more."""

ENDS = {1: "anterior", 2: "posterior"}


def patch(image: Image, label: Image, value: int) -> Image:
    """The cube around the centre of a value of the label map."""
    centre = np.argwhere(label.array[..., 0] == value).mean(axis=0)
    starts = (centre.round().astype(int) - SIDE // 2).clip(0, np.array(image.space) - SIDE)
    moved = np.eye(4)
    moved[:3, 3] = starts
    cut = image.array[tuple(slice(start, start + SIDE) for start in starts)]
    return Image(cut.astype(np.float32), image.affine @ moved)


def ends_table(data: Path, folder: Path) -> Path:
    """Writes the patches and their table.

    Args:
        data: that holds msd_hippocampus.
        folder: to write to.
    """
    source, path = data / "msd_hippocampus", folder / "ends.csv"
    (folder / "patches").mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "label", "patient"])
        for found in sorted((source / "imagesTr").glob("*.nii.gz")):
            name = found.name.removesuffix(".nii.gz")
            image, label = read_image(found), read_label(source / "labelsTr" / found.name)
            for value, end in ENDS.items():
                one = folder / "patches" / f"{name}_{end}.nii.gz"
                cut = patch(image, label, value)
                write_image(one, cut.array, cut.affine)
                writer.writerow([one.relative_to(folder), end, name])
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print(ends_table(Path(os.environ["KERAS_MIA_DATA"]), parser.parse_args().folder))
