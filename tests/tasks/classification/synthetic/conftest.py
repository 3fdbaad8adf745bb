"""Small pictures of two classes, and runs of generators that were never trained."""

from pathlib import Path

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_text
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.io.image_io import write_image
from keras_mia.tasks.classification.task import Classification
from keras_mia.tasks.generation.task import Generation
from keras_mia.training.fitting.hooks import deployable
from keras_mia.training.runs.run import Run


def write_pictures(folder: Path, classes=("ill", "well"), channels=(), dtype=np.uint8) -> Path:
    """Forty pictures, three of four of the second class, two of each patient."""
    rng = np.random.default_rng(0)
    for number in range(40):
        suffix = ".png" if dtype == np.uint8 else ".tif"
        name = classes[min(number % 4, 1)]
        path = folder / name / f"p{number // 8}{number % 4}_{number:02}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, rng.integers(0, 255, (16, 16, *channels)).astype(dtype))
    return folder


def write_generator(data: Path, folder: Path, fold=(1, 5), network="conditional", **reading):
    """A finished run whose network has the weights that it began with."""
    task = Generation(overrides={"network": network, "size": (16, 16), "batch_size": 4})
    cases = task.split(
        task.examine(read_cases(data, targets=task.targets, **task.reading, **reading)), fold
    )
    plan = task.plan(cases)
    run = Run.start(folder, task.name)
    run.accept(cases, plan)
    run.save_model(deployable(task.build(plan)))
    run.save_scores([], {})
    write_text(folder / "report.html", "")
    run.finish()
    return folder


def split_of(task: Classification, data: Path, fold=(1, 5), **reading):
    """The cases of a classifier."""
    return task.split(
        task.examine(read_cases(data, targets=task.targets, **task.reading, **reading)), fold
    )


@pytest.fixture(scope="package")
def pictures(tmp_path_factory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("pictures") / "data")


@pytest.fixture(scope="package")
def generator(pictures, tmp_path_factory) -> Path:
    return write_generator(pictures, tmp_path_factory.mktemp("runs") / "generator")
