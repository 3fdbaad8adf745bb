"""Small images, plans and networks that tests of translation share."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

from keras_mia.data.datasets.case_target import ImageFile
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.io.image_io import write_image
from keras_mia.tasks.translation.translation_plan import TranslationPlan

PICTURES = TranslationPlan(
    rank=2,
    channels=1,
    normalization="zscore",
    orientation=None,
    spacing_mm=None,
    patch=(16, 16),
    batch_size=2,
    depth=1,
    filters=4,
    norm="none",
    pool=((2, 2),),
    flip=(),
    rotation_deg=(0.0,),
    foreground_share=0.0,
)
VOLUMES = replace(
    PICTURES,
    rank=3,
    orientation="RAS",
    patch=(16, 16, 16),
    pool=((2, 2, 2),),
    rotation_deg=(0.0, 0.0, 0.0),
)
SLICES = replace(PICTURES, orientation="RAS", slice_axis=2)


def smooth(space: Sequence[int], seed: int = 0, channels: int = 1) -> np.ndarray:
    """An image `(*space, channels)` without noise, its values from 0 to 1000."""
    noise = np.random.default_rng(seed).normal(size=(*space, channels))
    image = gaussian_filter(noise, (3.0,) * len(space) + (0.0,))
    return (1000 * (image - image.min()) / np.ptp(image)).astype(np.float32)


def case_of(
    folder: Path,
    name: str,
    image: np.ndarray,
    target: np.ndarray | None = None,
    *,
    split: str = "train",
    affine: np.ndarray | None = None,
) -> Case:
    """A case whose files are written: volumes as NIfTI, pictures as arrays."""
    suffix = ".nii.gz" if image.ndim == 4 else ".npy"
    affine = np.eye(4) if affine is None and image.ndim == 4 else affine
    path = folder / "image" / f"{name}{suffix}"
    write_image(path, image, affine)
    if target is None:
        return Case(name, {"image": (path,)}, None, name, split)
    to = folder / "target" / f"{name}{suffix}"
    write_image(to, target, affine)
    return Case(name, {"image": (path,)}, ImageFile(to), name, split)


def cases_of(*cases: Case) -> Cases:
    return Cases(cases, "here")


def linear(plan: TranslationPlan, factor: float = 1.0, added: float = 0.0) -> keras.Model:
    """A network that multiplies what it sees, and adds to it: by default the identity."""
    inputs = keras.Input(plan.shapes()[0])
    return keras.Model(inputs, keras.layers.Rescaling(factor, added, dtype="float32")(inputs))
