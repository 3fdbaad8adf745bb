"""Made patients of whom there are MR and CT on one grid, which no set at hand has.

`python benchmarks/made_phantom.py FOLDER` writes NIfTI volumes, MR and CT in a folder a patient,
for `keras-mia translate --data FOLDER --series MR CT`, or `--unpaired MR CT`, which does not tell
training what belongs together. A body is an ellipse that gets smaller towards its ends: a rim of
fat, muscle, liver, two kidneys, vertebrae with a canal, two lungs and air in the bowel, all of
random sizes and places. CT has Hounsfield units and the noise of its detectors; MR has other
contrasts, each patient another scale, a bias field and Rician noise. Bone and air are both dark in
MR, so that only where they lie tells them apart.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from keras_mia.data.io.image_io import write_image

SPACE = 64, 64, 16
SPACING = 4.0, 4.0, 6.0
"""mm."""
TISSUES = {
    "air": (-1000.0, 0.0),
    "fat": (-100.0, 1.0),
    "muscle": (50.0, 0.35),
    "liver": (65.0, 0.5),
    "kidney": (35.0, 0.75),
    "lung": (-800.0, 0.06),
    "bone": (700.0, 0.05),
    "marrow": (150.0, 0.8),
    "canal": (10.0, 0.95),
}
"""Name -> Hounsfield units, and the signal in MR as a share of that of fat."""
VARIATION = 0.03
"""Of a tissue between patients: a share of the range of CT up to water, and of the signal in MR."""
CT_NOISE, MR_NOISE = 15.0, 0.03


@dataclass(frozen=True)
class Patient:
    """A patient on one grid.

    Attributes:
        tissues: `(64, 64, 16)` uint8: numbers in the order of `TISSUES`.
        ct: likewise, float32, in HU.
        mr: likewise, in numbers of this patient's scale.
    """

    tissues: np.ndarray
    ct: np.ndarray
    mr: np.ndarray


def tissues_of(rng: np.random.Generator) -> np.ndarray:
    """A body: which tissue each voxel is.

    Args:
        rng: of all sizes and places.
    """
    names = list(TISSUES)
    x, y, z = np.meshgrid(*(np.linspace(-1, 1, length) for length in SPACE), indexing="ij")
    label = np.zeros(SPACE, np.uint8)
    across, deep = rng.uniform(0.72, 0.9), rng.uniform(0.5, 0.66)
    taper = 1 - rng.uniform(0.05, 0.15) * z**2

    def put(name, centre, radii, ends=(-1.0, 1.0)):
        """An ellipsoid, or where its third radius is None a cylinder; inside the muscles only."""
        offsets = [
            (one - at) / radius
            for one, at, radius in zip((x, y, z), centre, radii, strict=True)
            if radius
        ]
        where = (sum(one**2 for one in offsets) <= 1) & (z >= ends[0]) & (z <= ends[1])
        if name not in ("fat", "muscle"):
            where &= label != 0
            where &= label != names.index("fat")
        label[where] = names.index(name)

    rim = rng.uniform(0.06, 0.14)
    label[(x / across / taper) ** 2 + (y / deep / taper) ** 2 <= 1] = names.index("fat")
    inner = (x / (across - rim) / taper) ** 2 + (y / (deep - rim) / taper) ** 2 <= 1
    label[inner] = names.index("muscle")
    move = rng.uniform(-0.04, 0.04, 3)
    size = rng.uniform(0.85, 1.15, 8)
    put("liver", (-0.35 + move[0], 0.1 + move[1], 0.1), (0.3 * size[0], 0.27 * size[0], 0.6))
    for side, scale in ((-1, size[1]), (1, size[2])):
        put("kidney", (side * 0.33, -0.2 + move[1], -0.4), (0.1 * scale, 0.13 * scale, 0.4))
        put("lung", (side * 0.36 + move[0], 0.02, 1.0), (0.24 * scale, 0.3 * scale, 0.55 * size[3]))
    for _ in range(rng.integers(2, 5)):
        place = rng.uniform(0.0, 0.45), rng.uniform(0.05, 0.3), rng.uniform(-0.9, 0.0)
        put("air", place, rng.uniform((0.04, 0.04, 0.12), (0.1, 0.1, 0.3)))
    back = -deep + rim + rng.uniform(0.2, 0.24)
    put("bone", (move[2], back, 0), (0.13 * size[4], 0.11 * size[4], None))
    put("marrow", (move[2], back + 0.01, 0), (0.085 * size[4], 0.07 * size[4], None))
    put("bone", (move[2], back - 0.14, 0), (0.08, 0.06, None))
    put("canal", (move[2], back - 0.13, 0), (0.04, 0.035, None))
    for side in (-1, 1):
        for height in np.linspace(-0.2, 0.8, 4):
            place = side * (across - rim - 0.08), rng.uniform(-0.1, 0.1), height
            put("bone", place, (0.035, 0.17 * size[5], 0.12))
    return label


def patient(number: int, seed: int = 0) -> Patient:
    """A patient, always the same of a number and a seed."""
    rng = np.random.default_rng([seed, number, 5])
    tissues = tissues_of(rng)
    units, signals = np.array(list(TISSUES.values())).T
    units = units + VARIATION * rng.normal(size=units.shape) * (units + 1000)
    signals = signals * (1 + VARIATION * rng.normal(size=signals.shape))
    ct = ndimage.gaussian_filter(units[tissues], 0.5) + rng.normal(0, CT_NOISE, SPACE)
    bias = ndimage.gaussian_filter(rng.normal(size=SPACE), (20, 20, 8), mode="nearest")
    bias = np.exp(0.2 * (bias - bias.mean()) / bias.std())
    clean = ndimage.gaussian_filter(signals[tissues], 0.5) * bias
    noise = rng.normal(0, MR_NOISE, (2, *SPACE))
    mr = rng.uniform(300, 900) * np.hypot(clean + noise[0], noise[1])
    return Patient(tissues, ct.astype(np.float32), mr.astype(np.float32))


def write_patients(folder: Path, patients: int = 12, seed: int = 0) -> None:
    """Writes FOLDER/PATIENT/MR.nii.gz and CT.nii.gz.

    Args:
        folder: to write to.
        patients: how many.
        seed: of all of them.
    """
    affine = np.diag([*SPACING, 1.0])
    for number in range(patients):
        made, below = patient(number, seed), folder / f"patient_{number:02}"
        below.mkdir(parents=True, exist_ok=True)
        write_image(below / "MR.nii.gz", made.mr, affine)
        write_image(below / "CT.nii.gz", made.ct, affine)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--patients", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    write_patients(args.folder, args.patients, args.seed)
