"""Pictures of samples of the same noise, an epoch each: how a generator learns."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from keras_mia.core.files.atomic import atomic
from keras_mia.core.files.text_files import write_json
from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.report.pictures.grid import sample_grid
from keras_mia.tasks.generation.callbacks.resumed import epochs_behind
from keras_mia.tasks.generation.generation_plan import GenerationPlan
from keras_mia.tasks.generation.sampling import drawn_range, scaled_samples
from keras_mia.training.fitting.hooks import deployable
from keras_mia.training.runs.run import Run

FOLDER = "samples"
COLUMNS, ROWS = 8, 6
PIXELS = 128
"""Samples of at most half that side are enlarged."""
NUMBERS = 2000
"""Samples of a number, for its density."""
POINTS = 64
"""Of the discriminator's curve over numbers."""
SEED = 7


class Film(keras.callbacks.Callback):
    """Writes `samples/epoch_0001.png` and so on; of numbers their densities as JSON.

    Args:
        run: whose folder it writes to.
        model: before training: its samples are the first picture.
        plan: of the run.
        real: some training images as networks take them, `(n, *size, channels)`.
    """

    def __init__(self, run: Run, model: Adversarial, plan: GenerationPlan, real: np.ndarray):
        super().__init__()
        self.run, self.plan, self.real = run, plan, real
        if run.writes and not run.resumed:
            self._write(model, 0)

    def on_train_begin(self, logs=None) -> None:
        """The picture that a run did not come to write before it was stopped."""
        behind = epochs_behind(self.run, self.model)
        epoch = int(behind[-1]["epoch"]) if behind else 0
        if self.run.writes and epoch and not self._path(epoch).exists():
            self._write(self.model, epoch)

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        """A picture of the generator as it would be deployed now."""
        if self.run.writes:
            self._write(self.model, epoch)

    def _path(self, epoch: int) -> Path:
        suffix = ".json" if self.plan.is_number else ".png"
        return self.run.folder / FOLDER / f"epoch_{epoch:04d}{suffix}"

    def _write(self, model: Adversarial, epoch: int) -> None:
        path = self._path(epoch)
        path.parent.mkdir(exist_ok=True)
        if self.plan.is_number:
            write_json(path, self._densities(model))
            return
        columns = columns_of(self.plan, COLUMNS)
        count = columns * ROWS
        classes = balanced_classes(self.plan, count)
        images = scaled_samples(deployable(model), self.plan, count, seed=SEED, classes=classes)
        write_picture(path, images, self.plan, columns)

    def _densities(self, model: Adversarial) -> dict:
        samples = scaled_samples(deployable(model), self.plan, NUMBERS, seed=SEED)
        real = self.real[:NUMBERS]
        ends = np.concatenate([samples.ravel(), real.ravel()])
        points = np.linspace(ends.min(), ends.max(), POINTS, dtype=np.float32)
        shaped = points.reshape(-1, *samples.shape[1:])
        probability = tf.sigmoid(tf.cast(model.discriminate(tf.constant(shaped)), tf.float32))
        restored = self.plan.restored
        return {
            "real": _numbers(restored(real)),
            "samples": _numbers(restored(samples)),
            "x": _numbers(restored(shaped)),
            "discriminator": _numbers(probability.numpy()),
        }


def columns_of(plan: GenerationPlan, most: int) -> int:
    """Samples in a row: each class as often, where networks take classes and so many fit."""
    classes = len(plan.class_names) if plan.conditional else 1
    return classes * max(1, most // classes) if classes <= 2 * most else most


def balanced_classes(plan: GenerationPlan, count: int) -> np.ndarray | None:
    """Each class in turn; None where networks take none."""
    return np.arange(count, dtype=np.int32) % len(plan.class_names) if plan.conditional else None


def write_picture(path: Path, images: np.ndarray, plan: GenerationPlan, columns: int) -> None:
    """Writes scaled images side by side, small ones enlarged.

    Args:
        path: of the PNG file.
        images: `(n, *size, channels)`.
        plan: of the run.
        columns: images in a row.
    """
    low, high = drawn_range(plan)
    enlarge = max(1, round(PIXELS / 2 / max(plan.size)))
    in_ras = plan.image_rank == 3 and bool(plan.voxel_spacing)
    grid = sample_grid(images, columns, low=low, high=high, enlarge=enlarge, in_ras=in_ras)
    with atomic(path) as temporary:
        Image.fromarray(grid[..., 0] if grid.shape[-1] == 1 else grid).save(temporary, "PNG")


def _numbers(values: np.ndarray) -> list[float]:
    return [round(float(value), 5) for value in np.ravel(values)]
