"""Real images that ship inside the packages that this one stands on, and made ones."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keras_mia.core.files.process_mark import left_behind, mark
from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.io.image_io import write_image

MEAN, DEVIATION, COUNT = 4.0, 1.25, 10_000
"""Of the numbers of `sample:normal`."""
NORMAL = "normal.npz"


@dataclass(frozen=True)
class Sample:
    """A small data set that needs no download.

    Args:
        write: writes its files into a folder.
        names: what the values of its label maps mean; none: it has none.
        about: where it comes from.
        modality: of its images.
        file: that lists its cases: a table, or an npz file of images alone.
    """

    write: Callable[[Path], None]
    names: Mapping[int, str]
    about: str
    modality: str | None = None
    file: str = "cases.csv"


def sample_file(name: str) -> tuple[Path, Sample]:
    """The file of a sample, which is written when it is first needed.

    Args:
        name: "mni152", "histology", "digits" or "normal".

    Returns:
        Its path below `$XDG_CACHE_HOME/keras_mia/samples` (`~/.cache` by default), and the sample.

    Raises:
        Problem: there is no such sample, or the package that holds it is not installed.
    """
    if name not in SAMPLES:
        raise Problem(
            f"There is no sample {name!r}.", f"sample:{name}", f"Choose {', '.join(SAMPLES)}."
        )
    folder = cache_folder("samples") / name
    sample = SAMPLES[name]
    written_whole(folder, sample.write, sample.file)
    return folder / sample.file, sample


def cache_folder(kind: str) -> Path:
    """Where data of a kind are kept: below `$XDG_CACHE_HOME/keras_mia`, `~/.cache` by default."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "keras_mia" / kind


def written_whole(folder: Path, write: Callable[[Path], None], file: str = "cases.csv") -> None:
    """Writes a folder that holds a file, unless it is there: beside it, then renamed, so that no
    reader meets half of it.

    Args:
        folder: that is to be there.
        write: writes all that belongs into it.
        file: one of these, which a whole folder has.

    Raises:
        Problem: it cannot be written.
    """
    if (folder / file).is_file():
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for path in filter(left_behind, folder.parent.iterdir()):
            shutil.rmtree(path, ignore_errors=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{mark()}-", dir=folder.parent))
    except OSError as error:
        raise Problem(
            f"The images cannot be written: {error.strerror}.",
            folder,
            "Set XDG_CACHE_HOME to a folder that can be written to.",
        ) from error
    try:
        write(unfinished)
        unfinished.chmod(0o755)
        unfinished.replace(folder)  # fails on a folder that holds files: it is not this process's
    except OSError as error:
        if not (folder / file).is_file():  # else another process was faster
            raise Problem(
                f"The images cannot be written: {error.strerror}.",
                folder,
                f"Remove this folder if it is there: it has no {file} and is not whole.",
            ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write_mni152(folder: Path) -> None:
    try:
        from nilearn import datasets
    except ImportError as error:
        raise Problem(
            "This sample is part of nilearn, which is not installed.",
            "sample:mni152",
            "pip install keras_mia[demo]",
        ) from error
    template = datasets.load_mni152_template(resolution=2)
    grey = datasets.load_mni152_gm_template(resolution=2).get_fdata()
    white = datasets.load_mni152_wm_template(resolution=2).get_fdata()
    label = np.where(np.maximum(grey, white) > 0.5, np.where(grey >= white, 1, 2), 0)
    image = template.get_fdata(dtype=np.float32)
    write_image(folder / "mni152.nii.gz", image, template.affine)
    write_image(folder / "mni152_label.nii.gz", label.astype(np.uint8), template.affine)
    write_csv(folder / "cases.csv", [{"image": "mni152.nii.gz", "label": "mni152_label.nii.gz"}])


def _write_histology(folder: Path) -> None:
    """Where the brown stain, unmixed from the blue one, is above Otsu's threshold."""
    from skimage import color, data, filters

    image = data.immunohistochemistry()
    brown = filters.gaussian(color.rgb2hed(image)[..., 2], sigma=2)
    label = (brown > filters.threshold_otsu(brown)).astype(np.uint8)
    write_image(folder / "colon.png", image)
    write_image(folder / "colon_label.png", label)
    write_csv(folder / "cases.csv", [{"image": "colon.png", "label": "colon_label.png"}])


def _write_digits(folder: Path) -> None:
    """Pages of 8 x 8 handwritten digits; ink is what is darker than half."""
    from sklearn.datasets import load_digits

    digits = load_digits().images
    rows = []
    for page in range(len(digits) // 64):
        grid = digits[64 * page : 64 * (page + 1)].reshape(8, 8, 8, 8)
        picture = grid.swapaxes(1, 2).reshape(64, 64)
        row = {"image": f"page_{page:02}.png", "label": f"page_{page:02}_label.png"}
        write_image(folder / row["image"], (255 - picture * 15).astype(np.uint8))
        write_image(folder / row["label"], (picture > 8).astype(np.uint8))
        rows.append(row)
    write_csv(folder / "cases.csv", rows)


def _write_normal(folder: Path) -> None:
    """Numbers as images of one value."""
    numbers = np.random.default_rng(0).normal(MEAN, DEVIATION, (COUNT, 1, 1))
    np.savez(folder / NORMAL, train_images=numbers.astype(np.float32))


SAMPLES = {
    "mni152": Sample(
        _write_mni152,
        {0: "background", 1: "gray", 2: "white"},
        "the MNI152 brain template at 2 mm of nilearn, its tissue maps above one half",
        "MR",
    ),
    "histology": Sample(
        _write_histology,
        {0: "background", 1: "brown stain"},
        "an immunohistochemical stain of the colon of scikit-image, unmixed by colour",
    ),
    "digits": Sample(
        _write_digits,
        {0: "paper", 1: "ink"},
        "pages of the handwritten digits of scikit-learn",
    ),
    "normal": Sample(
        _write_normal,
        {},
        f"{COUNT:,} numbers of a normal distribution of mean {MEAN:g} and standard deviation"
        f" {DEVIATION:g}, as images of one value",
        file=NORMAL,
    ),
}
