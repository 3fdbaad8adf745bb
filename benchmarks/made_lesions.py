"""Slices of the hippocampus, healthy and with a lesion that is put into them.

`python benchmarks/made_lesions.py FOLDER` writes PNG slices into FOLDER/train/healthy,
FOLDER/train/diseased and the same below FOLDER/test, for `keras-mia translate --data FOLDER
--unpaired diseased healthy --network refiner`, and into FOLDER/masks where the lesions lie. No
patient is in two of these folders. A lesion is a blob of 3 to 6 voxels radius with a soft border
and a little texture, brighter or darker than what it covers by 1.5 to 2.5 standard deviations of
the image, somewhere in the tissue. What it makes of the tissue has the values of other tissue,
white matter or fluid, so that values alone do not tell where it is.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from keras_mia.data.io.image_io import read_image, write_image

SPACE = 32, 40
"""Pixels of a slice: the middle of an axial one."""
SLICES = 12
"""Of a patient, side by side in the middle of the volume."""
RADII = 3.0, 6.0
CONTRAST = 1.5, 2.5
"""Of a lesion, in standard deviations of its patient's image."""
LEAST = 6
"""Pixels of a lesion that counts."""
SHOWN = 4.0
"""Deviations from the mean that are white in a picture."""


@dataclass(frozen=True)
class Slices:
    """Slices of some patients.

    Attributes:
        images: `(n, 32, 40, 1)` float32, in standard deviations of the patient's volume.
        masks: `(n, 32, 40)` bool: where the lesion changes the image by half its contrast or more.
        healthy: the images without their lesions, as `images`.
        patients: `(n,)`: of each slice.
    """

    images: np.ndarray
    masks: np.ndarray
    healthy: np.ndarray
    patients: np.ndarray


def patients_apart(data: Path, shares: Sequence[int], seed: int = 0) -> list[list[str]]:
    """Names of patients in groups of these sizes.

    Args:
        data: that holds msd_hippocampus.
        shares: the size of each group.
        seed: of who is in which.
    """
    names = [one.name for one in sorted((data / "msd_hippocampus/imagesTr").glob("*.nii.gz"))]
    order = np.random.default_rng([seed, 1]).permutation(names)
    ends = np.cumsum(shares)
    assert ends[-1] <= len(names), f"{ends[-1]} patients of {len(names)}"
    return [list(one) for one in np.split(order, ends)[: len(shares)]]


def slices_of(data: Path, patient: str) -> np.ndarray:
    """The middle slices of a patient, `(12, 32, 40)` float32, in standard deviations."""
    volume = read_image(data / "msd_hippocampus/imagesTr" / patient).array[..., 0].astype(float)
    low, high = np.percentile(volume, [0.5, 99.5])
    volume = volume.clip(low, high)
    volume = (volume - volume.mean()) / volume.std()
    wide = [(0, max(0, wanted - given)) for wanted, given in zip(SPACE, volume.shape, strict=False)]
    volume = np.pad(volume, [*wide, (0, 0)], mode="edge")
    starts = [
        (given - wanted) // 2 for given, wanted in zip(volume.shape, (*SPACE, SLICES), strict=True)
    ]
    rows, columns, depth = (
        slice(start, start + wanted) for start, wanted in zip(starts, (*SPACE, SLICES), strict=True)
    )
    return volume[rows, columns, depth].transpose(2, 0, 1).astype(np.float32)


def with_lesion(image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A slice with a lesion, and where that lies.

    Args:
        image: `(rows, columns)`, in standard deviations.
        rng: of place, size, shape, contrast and texture.
    """
    radius = rng.uniform(*RADII)
    tissue = ndimage.gaussian_filter(image, 2) > -1.0
    inner = np.zeros(image.shape, bool)
    inner[3:-3, 3:-3] = True
    centre = rng.permutation(np.argwhere(tissue & inner))[0]
    offsets = np.indices(image.shape) - centre[:, np.newaxis, np.newaxis]
    turn, stretch = rng.uniform(0, np.pi), rng.uniform(0.8, 1.25)
    first = np.cos(turn) * offsets[0] + np.sin(turn) * offsets[1]
    second = np.cos(turn) * offsets[1] - np.sin(turn) * offsets[0]
    bumps = ndimage.gaussian_filter(rng.normal(size=image.shape), 2.5)
    distance = np.hypot(first * stretch, second / stretch) + 1.0 * bumps / bumps.std()
    share = 1 / (1 + np.exp((distance - radius) / 0.6))
    texture = ndimage.gaussian_filter(rng.normal(size=image.shape), 0.8)
    contrast = rng.choice([-1.0, 1.0]) * rng.uniform(*CONTRAST) + 0.2 * texture / texture.std()
    # Less of what was there shows through: a lesion is tissue of its own.
    inside = ndimage.gaussian_filter(image, 1.5)
    changed = image + share * (contrast + 0.5 * (inside - image))
    return changed.astype(np.float32), share >= 0.5


def slices(data: Path, patients: Sequence[str], seed: int = 0) -> Slices:
    """Slices of patients, each healthy and with a lesion of its own.

    Args:
        data: that holds msd_hippocampus.
        patients: names of files.
        seed: of the lesions; with the patient's name it says them all.
    """
    healthy = np.concatenate([slices_of(data, one) for one in patients])
    names = np.repeat(np.array(patients), SLICES)
    images, masks = [], []
    for index, image in enumerate(healthy):
        number = int(names[index].removesuffix(".nii.gz").split("_")[-1])
        changed, mask = with_lesion(image, np.random.default_rng([seed, number, index % SLICES]))
        images.append(changed)
        masks.append(mask)
    return Slices(
        np.stack(images)[..., np.newaxis], np.stack(masks), healthy[..., np.newaxis], names
    )


def lesions(probabilities: np.ndarray) -> list[np.ndarray]:
    """The connected lesions of a slice, as masks."""
    labels, count = ndimage.label(probabilities >= 0.5)
    each = [labels == number for number in range(1, count + 1)]
    return [one for one in each if one.sum() >= LEAST]


def lesion_counts(probabilities: np.ndarray, masks: np.ndarray) -> dict[str, int]:
    """Lesions that are lost and hallucinated, in slices with and without one.

    Args:
        probabilities: `(n, rows, columns)`, of a lesion in what was made.
        masks: likewise, bool: where there is one in truth.
    """
    ill = masks.any((1, 2))
    hits = [
        [bool((one & mask).any()) for one in lesions(image)]
        for image, mask in zip(probabilities, masks, strict=True)
    ]
    false = np.array([len(each) - sum(each) for each in hits])
    lost = np.array([not any(each) for each in hits])
    return {
        "diseased slices": int(ill.sum()),
        "healthy slices": int((~ill).sum()),
        "lost": int(lost[ill].sum()),
        "hallucinated in healthy": int(false[~ill].sum()),
        "healthy slices with one": int((false[~ill] > 0).sum()),
        "hallucinated in diseased": int(false[ill].sum()),
    }


def write_slices(data: Path, folder: Path, patients: Sequence[int], seed: int = 0) -> None:
    """Writes slices as pictures of 8 bits, and the masks of lesions.

    Args:
        data: that holds msd_hippocampus.
        folder: to write to.
        patients: how many are healthy and how many diseased for training, and likewise for
            the test.
        seed: of who is what, and of the lesions.
    """
    groups = patients_apart(data, patients, seed)
    names = [(part, kind) for part in ("train", "test") for kind in ("healthy", "diseased")]
    for (part, kind), group in zip(names, groups, strict=True):
        made = slices(data, group, seed)
        images = made.healthy if kind == "healthy" else made.images
        (folder / part / kind).mkdir(parents=True, exist_ok=True)
        (folder / "masks").mkdir(exist_ok=True)
        for index, image in enumerate(images):
            patient = made.patients[index].removesuffix(".nii.gz")
            name = f"sub-{patient.split('_')[-1]}_slice-{index % SLICES:02}.png"
            gray = (255 * (image + SHOWN) / (2 * SHOWN)).round().clip(0, 255).astype(np.uint8)
            write_image(folder / part / kind / name, gray)
            if kind == "diseased":
                write_image(folder / "masks" / name, made.masks[index].astype(np.uint8))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--patients", type=int, nargs=4, default=[54, 54, 1, 23])
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    write_slices(Path(os.environ["KERAS_MIA_DATA"]), args.folder, args.patients, args.seed)
