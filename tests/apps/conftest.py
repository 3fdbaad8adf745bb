"""What the tests of the apps share: calling one, small data, and runs to apply."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest

from keras_mia.core.files.text_files import write_json
from keras_mia.data.datasets.case_list import write_cases
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.targets.label_map import Classes
from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan
from tests.sharing import made_once

TINY = ["--filters", 4, "--patch", 16, "--depth", 2, "--batch-size", 2, "--precision", "float32"]
PLAN = SegmentationPlan(
    rank=3,
    classes=Classes(("background", "bright"), ((0,), (1,))),
    channels=1,
    spacing_mm=(1.0, 1.0, 1.0),
    modality=None,
    normalization="none",
    intensities=(),
    orientation="RAS",
    slice_axis=None,
    patch=(16, 16, 16),
    batch_size=4,
    depth=1,
    filters=2,
    norm="none",
    pool=((2, 2, 2),),
    flip=(0, 1, 2),
    rotation_deg=(0.0, 0.0, 0.0),
    foreground_share=0.5,
)


def command(*arguments, **options):
    """The command line in a process of its own."""
    words = [sys.executable, "-m", "keras_mia.cli.main", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, **options)


@pytest.fixture
def app(monkeypatch, capsys):
    """Calls an app in this process: `app("predict", "--run", ...)` gives code, out and err."""
    import keras

    from keras_mia.cli.main import main

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["keras-mia", *map(str, arguments)])
        policy, code = keras.config.dtype_policy(), 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            keras.config.set_dtype_policy(policy)
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    return call


def copy_cases(data: Path, folder: Path, names) -> Path:
    """A data set of some cases of msd_hippocampus."""
    source = data / "msd_hippocampus"
    for part in ("imagesTr", "labelsTr"):
        (folder / part).mkdir(parents=True)
        for name in names:
            (folder / part / f"{name}.nii.gz").symlink_to(source / part / f"{name}.nii.gz")
    (folder / "dataset.json").symlink_to(source / "dataset.json")
    return folder


@pytest.fixture(scope="session")
def hippocampus(data, tmp_path_factory) -> Path:
    """Six real cases."""
    files = sorted((data / "msd_hippocampus" / "imagesTr").glob("*.nii.gz"))[:6]
    names = [file.name.removesuffix(".nii.gz") for file in files]
    return made_once(tmp_path_factory, "hippocampus", lambda to: copy_cases(data, to, names))


@pytest.fixture(scope="session")
def trained(hippocampus, tmp_path_factory) -> SimpleNamespace:
    """A short run on real cases, as a user starts it: its folder, and what it said."""

    def train(folder):
        words = ["--data", hippocampus, "--output", folder / "run", "--steps", 30, "--seed", 7]
        done = command("segment", *words, *TINY)
        assert done.returncode == 0, done.stderr
        (folder / "out.txt").write_text(done.stdout)
        (folder / "err.txt").write_text(done.stderr)

    folder = made_once(tmp_path_factory, "trained", train)
    out, err = ((folder / name).read_text() for name in ("out.txt", "err.txt"))
    return SimpleNamespace(folder=folder / "run", data=hippocampus, out=out, err=err)


@pytest.fixture
def stand_in():
    """Writes a run whose network says class 1 where the mean of the channels is above 0.5."""
    import keras

    def write(folder: Path, steepness=40.0, threshold=0.5, files=1, **changes) -> Path:
        plan = replace(PLAN, **changes)
        inputs = keras.Input((*plan.patch, plan.channels))
        conv = {2: keras.layers.Conv2D, 3: keras.layers.Conv3D}[plan.rank]
        layer = conv(len(plan.classes), 1, activation="softmax")
        model = keras.Model(inputs, layer(inputs))
        kernel = np.zeros(layer.kernel.shape, np.float32)
        kernel[..., 1] = steepness / plan.channels
        bias = np.zeros(len(plan.classes), np.float32)
        bias[1] = -threshold * steepness
        bias[2:] = -1e3
        layer.set_weights([kernel, bias])
        folder.mkdir(parents=True)
        model.save(folder / "best.keras")
        plan.write(folder / "plan.json")
        write_json(folder / "run.json", {"format": 1, "task": "segmentation"})
        images = tuple(Path(f"image_{i:04}.nii.gz") for i in range(files))
        write_cases(
            folder / "cases.csv",
            Cases((Case("a", {"image": images}, None, "a", "train"),), "there"),
        )
        return folder

    return write


@pytest.fixture
def blob() -> np.ndarray:
    """A smooth volume in 0..1 without any symmetry, with empty borders of different widths."""
    space = (26, 21, 18)
    x = np.moveaxis(np.indices(space), 0, -1)
    volume = sum(
        height * np.exp(-(((x - centre) / width) ** 2).sum(-1))
        for height, centre, width in (
            (1.0, (11, 9, 8), (5, 4, 3)),
            (0.9, (16, 11, 10), (3, 3, 3)),
            (0.8, (9, 13, 6), (2, 3, 2)),
        )
    )
    return np.where(volume < 0.1, 0, np.minimum(volume, 1)).astype(np.float32)


@pytest.fixture
def write_volume():
    """Writes a NIfTI file."""

    def write(path: Path, array: np.ndarray, affine: np.ndarray) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        nib.save(nib.Nifti1Image(array, affine), path)
        return path

    return write


@pytest.fixture
def pictures(tmp_path):
    """Six pictures of a bright disc with their label maps 0 and 255, as JPEG and PNG."""
    import PIL.Image

    rng = np.random.default_rng(0)
    folder = tmp_path / "cells"
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for number in range(6):
        rows, columns = np.indices((40, 36 + number))
        disc = (rows - 12 - 2 * number) ** 2 + (columns - 18) ** 2 < 100
        noisy = 60 + 120 * disc + rng.normal(0, 10, disc.shape)
        suffix = ".jpg" if number % 2 else ".png"
        picture = PIL.Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
        picture.save(folder / "images" / f"cell_{number}{suffix}")
        label = PIL.Image.fromarray((255 * disc).astype(np.uint8))
        label.save(folder / "labels" / f"cell_{number}.png")
    return folder
