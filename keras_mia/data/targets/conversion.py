"""Label maps made of files that are none yet: of colours, of probabilities."""

import os
from pathlib import Path

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.data.io.formats import image_files, label_suffix, stem_of
from keras_mia.data.io.image_io import read_image, write_image
from keras_mia.data.targets.label_map import MOST_CLASSES


def colours_to_labels(
    folder: str | os.PathLike, output: str | os.PathLike
) -> dict[tuple[int, ...], int]:
    """Numbers the colours of a folder's pictures, and writes them as label maps; says which is
    which.

    Args:
        folder: of pictures in which each colour stands for a class.
        output: where label maps of the same names go, as PNG.

    Returns:
        Colour (red, green, blue) -> label; black is 0, the others follow in order.

    Raises:
        Problem: there are too many colours to be classes, as in JPEG.
    """
    files = image_files(Path(folder))
    colours: set[tuple[int, ...]] = set()
    for file in files:
        array = _colours(file)
        colours |= set(map(tuple, np.unique(array.reshape(-1, 3), axis=0).tolist()))
        if len(colours) > MOST_CLASSES:
            raise Problem(
                f"These pictures hold more than {MOST_CLASSES} colours.",
                file,
                "Save masks without blurring edges, as PNG and not as JPEG.",
            )
    labels = {colour: label for label, colour in enumerate(sorted({(0, 0, 0), *colours}))}
    Path(output).mkdir(parents=True, exist_ok=True)
    for file in files:
        array = _colours(file)
        label = np.zeros(array.shape[:-1], np.uint8)
        for colour, value in labels.items():
            label[(array == colour).all(axis=-1)] = value
        write_image(Path(output) / f"{stem_of(file)}.png", label)
    for colour, value in labels.items():
        print(f"{value} = {colour}")
    return labels


def threshold_labels(
    folder: str | os.PathLike, output: str | os.PathLike, *, above: float = 0.5
) -> None:
    """Writes masks, 1 where the images of a folder are above a threshold.

    Args:
        folder: of images, such as probabilities or blurred masks.
        output: where label maps of the same names go.
        above: the threshold, in the images' own unit.
    """
    Path(output).mkdir(parents=True, exist_ok=True)
    for file in image_files(Path(folder)):
        image = read_image(file)
        path = Path(output) / f"{stem_of(file)}{label_suffix(file)}"
        write_image(path, image.array[..., 0] > above, like=image)


def _colours(file: Path) -> np.ndarray:
    array = read_image(file).array
    return np.repeat(array, 3, axis=-1) if array.shape[-1] == 1 else array[..., :3]
