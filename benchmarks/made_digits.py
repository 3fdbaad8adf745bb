"""Digits of two looks: opaque ones on a dim ground, and such as are blended into photographs.

`python benchmarks/made_digits.py FOLDER` writes PNG images into FOLDER/train/plain,
FOLDER/train/blended and the same below FOLDER/test, for `keras-mia translate --data FOLDER
--unpaired plain blended --network refiner`. Digits are those of mnist, the authors' training and
test parts; none is in both looks. The grounds are crops of the photographs that come with
scikit-image: of each the left two thirds for training, the rest for testing. All have the same
noise. A plain digit is white and hides its ground, which is dark: half of the photograph. Through
a blended one the ground is seen, which is brighter: what lies under the strokes is not in plain
images and has to be made up.
"""

import argparse
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from skimage import color
from skimage import data as photos
from skimage.transform import downscale_local_mean

from keras_mia.data.io.image_io import write_image

SIDE = 32
"""Pixels of an image; digits have 28."""
PHOTOGRAPHS = ("astronaut", "brick", "camera", "chelsea", "coffee", "grass", "gravel", "rocket")
COARSER = 2
"""Pixels of a photograph that become one, a side: a crop then shows more than a slope."""
LOOKS = ("plain", "blended")
DIM, BRIGHT = 0.5, 0.8
"""Of a photograph's brightness, as the ground of plain digits and of blended ones."""
OPAQUE = 0.8
"""Of a blended digit."""
GRAIN = 0.08
"""Deviation of the noise of all images, whose range is 1."""
LOW, HIGH = 0.2, 0.8
"""Of images without their noise, which is then seldom cut off."""


@dataclass(frozen=True)
class Digits:
    """Digits of one look.

    Attributes:
        images: `(n, 32, 32, 1)` float32 from 0 to 1.
        labels: `(n,)`: which digit.
        numbers: `(n,)`: its position in the authors' part.
    """

    images: np.ndarray
    labels: np.ndarray
    numbers: np.ndarray


@cache
def photographs(part: str) -> list[np.ndarray]:
    """The left two thirds ("train") of each photograph or the rest ("test"), gray from 0 to 1."""
    pictures = []
    for name in PHOTOGRAPHS:
        picture = getattr(photos, name)()
        gray = color.rgb2gray(picture) if picture.ndim == 3 else picture / 255.0
        small = downscale_local_mean(gray, COARSER)
        border = 2 * small.shape[1] // 3
        pictures.append(small[:, :border] if part == "train" else small[:, border:])
    return pictures


def crops(part: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Squares anywhere in the photographs, `(count, 32, 32)`."""
    pictures = photographs(part)
    squares = np.empty((count, SIDE, SIDE), np.float32)
    for index, which in enumerate(rng.integers(len(pictures), size=count)):
        top, left = (rng.integers(length - SIDE + 1) for length in pictures[which].shape)
        squares[index] = pictures[which][top : top + SIDE, left : left + SIDE]
    return squares


def blended(
    digits: np.ndarray, grounds: np.ndarray, look: str, rng: np.random.Generator
) -> np.ndarray:
    """Images of a look, of digits and grounds from 0 to 1, and their noise."""
    cover, bright = (1.0, DIM) if look == "plain" else (OPAQUE, BRIGHT)
    images = (1 - cover * digits) * bright * grounds + cover * digits
    images = LOW + (HIGH - LOW) * images + rng.normal(0, GRAIN, images.shape)
    return images.clip(0, 1)


def digits_of_two_looks(
    file: Path, train: int = 12000, test: int = 2000, seed: int = 0, *, held_out: bool = True
) -> dict[tuple[str, str], Digits]:
    """Digits of either look, for training and for testing.

    Args:
        file: mnist.npz.
        train: images of each look.
        test: likewise.
        seed: of which digits and which grounds.
        held_out: whether those for testing are of the authors' test part; otherwise they are of the
            training part, too, and so are their grounds: to choose settings by.

    Returns:
        (part, look) -> digits.
    """
    rng = np.random.default_rng([seed, 23])
    made = {}
    with np.load(file) as arrays:
        for part, count in (("train", train), ("test", test)):
            source = part if held_out else "train"
            first = 2 * train if (part, source) == ("test", "train") else 0
            every, labels = arrays[f"x_{source}"], arrays[f"y_{source}"]
            order = np.random.default_rng([seed, len(every)]).permutation(len(every))
            order = order[first : first + 2 * count]
            digits = np.pad(every[order] / 255.0, ((0, 0), (2, 2), (2, 2)))
            for look, at in zip(LOOKS, (slice(count), slice(count, None)), strict=True):
                images = blended(digits[at], crops(source, count, rng), look, rng)
                images = images[..., np.newaxis].astype(np.float32)
                made[part, look] = Digits(images, labels[order[at]].astype(np.int64), order[at])
    return made


def write_digits(file: Path, folder: Path, train: int, test: int, seed: int = 0) -> None:
    """Writes the images, as FOLDER/PART/LOOK/NUMBER_of_DIGIT.png.

    Args:
        file: mnist.npz.
        folder: to write to.
        train: images of each look.
        test: likewise.
        seed: as of `digits_of_two_looks`.
    """
    for (part, look), digits in digits_of_two_looks(file, train, test, seed).items():
        (folder / part / look).mkdir(parents=True, exist_ok=True)
        for image, label, number in zip(digits.images, digits.labels, digits.numbers, strict=True):
            path = folder / part / look / f"{number:05}_of_{label}.png"
            write_image(path, (255 * image).round().astype(np.uint8))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train", type=int, default=3000, help="images of each look")
    parser.add_argument("--test", type=int, default=500, help="likewise")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    data = Path(os.environ["KERAS_MIA_DATA"]) / "mnist" / "mnist.npz"
    write_digits(data, args.folder, args.train, args.test, args.seed)
