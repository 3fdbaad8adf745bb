"""How samples are written: a picture of all, one npz file, or a file each."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mia.cli.sampling.sample_formats import TABLE, default_format, sample_name
from keras_mia.core.files.atomic import atomic
from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.core.text import size_text
from keras_mia.data.io.image_io import write_image
from keras_mia.tasks.values import Samples

MOST_PIXELS = 100_000_000
"""Of a grid: more of them no viewer opens."""


def write_grid(path: Path, parts: Iterable[Samples], count: int) -> None:
    """Draws all samples into one PNG file, by the range of values of the training images.

    Args:
        path: the file.
        parts: the samples, in order.
        count: of all of them.

    Raises:
        Problem: the picture would be too large.
    """
    from keras_mia.report.pictures.grid import in_a_grid, sample_tile

    tiles: list[np.ndarray] = []
    for part in parts:
        low, high = part.value_range
        in_ras, high = part.spacing_mm is not None, high if high > low else low + 1
        tiles += [sample_tile(image, low=low, high=high, in_ras=in_ras) for image in part.images]
        if count * tiles[0][..., 0].size > MOST_PIXELS:
            raise Problem(
                f"A picture of {count} samples of {size_text(tiles[0].shape[:2])} pixels is too"
                " large.",
                path,
                "Ask for fewer, or write them into an npz file or a folder.",
            )
    write_image(path, in_a_grid(tiles))


def write_archive(path: Path, parts: Iterable[Samples], names: Sequence[str]) -> None:
    """Writes all samples into one npz file: `images`, and `labels` where classes are told apart.

    Args:
        path: the file.
        parts: the samples, in order.
        names: of all classes that the network knows: where each is a whole number, so are labels.
    """
    images: list[np.ndarray] = []
    classes: list[str] = []
    for part in parts:
        images.append(part.stored())
        classes += part.classes
    array = np.concatenate(images)
    arrays: dict[str, Any] = {"images": array[..., 0] if array.shape[-1] == 1 else array}
    if classes:
        numbered = all(name.isdecimal() and str(int(name)) == name for name in names)
        arrays["labels"] = np.array([int(one) for one in classes] if numbered else classes)
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def write_folder(folder: Path, parts: Iterable[Samples], name: str | None, seed: int) -> list[str]:
    """Writes a file a sample, each as soon as it is made; where classes are told apart also
    samples.csv, a table that training reads.

    Args:
        folder: where to.
        parts: the samples, in order.
        name: of the format, in `FORMATS`; None: that which keeps samples as they are.
        seed: of the samples, for the table.

    Returns:
        The names of all files that were written.
    """
    rows: list[dict[str, object]] = []
    written: list[str] = []
    for part in parts:
        rank, channels = part.images.ndim - 2, part.images.shape[-1]
        kind = name or default_format(rank, channels, bytes_only=part.bytes)
        affine = None
        if rank == 3 and part.spacing_mm is not None:
            affine = np.diag([*part.spacing_mm, 1.0])
        images = scaled_to_bytes(part) if kind == "png" else part.stored()
        for index, image in enumerate(images):
            number = len(written) + 1
            file = sample_name(number, kind)
            write_image(folder / file, image, affine)
            written.append(file)
            if part.classes:
                label = part.classes[index]
                rows.append({"image": file, "label": label, "seed": seed, "number": number})
    if rows:
        write_csv(folder / TABLE, rows)
        written.append(TABLE)
    return written


def scaled_to_bytes(samples: Samples) -> np.ndarray:
    """Samples as a PNG file of one holds them: where the training images held no bytes, from black
    to white by their range."""
    if samples.bytes:
        return samples.stored()
    low, high = samples.value_range
    shares = (samples.images - low) / (high - low if high > low else 1.0)
    return (255 * np.clip(shares, 0, 1) + 0.5).astype(np.uint8)
