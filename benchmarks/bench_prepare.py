"""A compressed NIfTI file to a network's input, against MONAI and TorchIO.

All read the file, turn the volume to RAS, resample it linearly to 1 mm and bring it to a mean of 0
and a standard deviation of 1. The voxel centres of the three differ by less than a quarter of a
millimetre, since each has its own rule for the border.
"""

from functools import partial
from pathlib import Path

import numpy as np

from turns import Choice, Row, fastest, threads, tried

SPACING_MM = (1.2, 1.2, 1.5)


def rows(quick: bool) -> list[Row]:
    space = (40, 40, 24) if quick else (160, 160, 100)
    sides = " x ".join(map(str, space))
    name = f"loading and preparing a NIfTI ({sides})"
    return [Row(name, partial(ours, space), partial(theirs, space), check)]


def ours(space: tuple[int, ...], folder: Path) -> Choice:
    from keras_mia.data.io.image_io import read_image
    from keras_mia.data.preprocess.prepare import prepare
    from keras_mia.data.targets.label_map import Classes
    from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

    path = write(space, folder)
    plan = SegmentationPlan(
        rank=3,
        classes=Classes(("background", "structure"), ((0,), (1,))),
        channels=1,
        spacing_mm=(1.0, 1.0, 1.0),
        modality=None,
        normalization="zscore",
        intensities=(),
        orientation="RAS",
        slice_axis=None,
        patch=(64, 64, 64),
        batch_size=2,
        depth=3,
        filters=16,
        norm="instance",
        pool=((2, 2, 2),) * 3,
        flip=(),
        rotation_deg=(15.0, 15.0, 15.0),
        foreground_share=0.5,
    )
    return tried("keras_mia", lambda: prepare(read_image(path), plan).array[..., 0])


def write(space: tuple[int, ...], folder: Path) -> Path:
    """A body of blobs with a little noise, stored with the axes of a scanner (LPS)."""
    from scipy.ndimage import gaussian_filter

    from keras_mia.data.io.image_io import write_image

    generator = np.random.default_rng(0)
    blobs = gaussian_filter(generator.normal(size=space), min(space) / 12)
    array = 1000 + 400 * blobs / blobs.std() + generator.normal(0, 10, space)
    path = folder / "volume.nii.gz"
    affine = np.diag([-SPACING_MM[0], -SPACING_MM[1], SPACING_MM[2], 1])
    write_image(path, np.maximum(array, 1).astype(np.int16), affine)
    return path


def theirs(space: tuple[int, ...], folder: Path) -> Choice:
    import torch
    import torchio
    from monai import transforms

    torch.set_num_threads(threads())
    path = folder / "volume.nii.gz"

    def by_monai(name: str, **options) -> Choice:
        lazy = options.pop("lazy", False)
        work = transforms.Compose(
            [
                transforms.LoadImage(),
                transforms.EnsureChannelFirst(),
                transforms.Orientation("RAS"),
                transforms.Spacing((1.0, 1.0, 1.0), mode="bilinear", **options),
                transforms.NormalizeIntensity(),
            ],
            lazy=lazy,
        )
        return tried(f"MONAI{name}", lambda: work(path), lambda found: found[0].numpy())

    def by_torchio() -> Choice:
        work = torchio.Compose(
            [
                torchio.ToCanonical(copy=False),
                torchio.Resample(1.0, copy=False),
                torchio.ZNormalization(copy=False),
            ],
            copy=False,
        )
        return tried(
            "TorchIO",
            lambda: work(torchio.ScalarImage(path)).data,
            lambda found: found[0].numpy(),
        )

    def choices():
        yield by_monai("")
        yield by_monai(", float32", dtype=np.float32)
        yield by_monai(", float32, lazy", dtype=np.float32, lazy=True)
        yield by_torchio()

    return fastest(choices())


def check(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Nearly the same grid, and the same volume on it."""
    assert max(abs(a - b) for a, b in zip(ours.shape, theirs.shape, strict=True)) <= 1
    common = tuple(slice(0, min(pair)) for pair in zip(ours.shape, theirs.shape, strict=True))
    found = np.corrcoef(ours[common].ravel(), theirs[common].ravel())[0, 1]
    assert found > 0.99, found
