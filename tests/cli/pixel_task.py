"""A third family, as small as one can be: the brightness of an image, a number of a table."""

import math
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_mia.core.files.text_files import read_csv
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.preprocess.array_cache import save_array
from keras_mia.data.preprocess.plan import Plan
from keras_mia.doctor.diagnosis import Diagnosis
from keras_mia.report.headline import Headline
from keras_mia.report.sections import Content
from keras_mia.tasks.task import Task
from keras_mia.tasks.values import Evaluation, Prepared
from keras_mia.training import Criterion, Validation


@dataclass(frozen=True, kw_only=True)
class PixelPlan(Plan):
    task: str = "pixel"
    size: tuple[int, ...]
    scale: float
    batch_size: int = 4
    channels: int = 1

    @property
    def image_rank(self):
        return len(self.size)

    def shapes(self):
        return (*self.size, self.channels), (1,)


@dataclass(frozen=True, kw_only=True)
class Pixel(Task[PixelPlan]):
    """Brightness by one layer.

    Args:
        scale: images are divided by it.
    """

    name = "pixel"
    targets = ("regression",)
    table = "brightness.csv"
    scale: float = 1.0

    @classmethod
    def data_options(cls, group):
        """None: the column is called label."""

    @classmethod
    def plan_options(cls, parser):
        parser.add_argument("--scale", type=float, default=255.0)

    @classmethod
    def configured(cls, args):
        return cls(scale=vars(args).get("scale", 1.0))

    def examine(self, cases, *, test_only=False):
        return cases if test_only else survey(cases)

    def split(self, cases, fold):
        return split(cases, fold=fold[0], folds=fold[1], content=lambda case: case.text)

    def plan(self, cases, *, minutes=10.0, replicas=1):
        return PixelPlan(size=cases.facts[cases[0]].space, scale=self.scale)

    @classmethod
    def read_plan(cls, folder):
        return PixelPlan.read(folder / "plan.json")

    def build(self, plan):
        inputs = keras.Input(plan.shapes()[0])
        outputs = keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(inputs))
        model = keras.Model(inputs, outputs)
        model.compile("sgd", "mse")
        return model

    def prepare(self, cases: Cases, plan, cache: Path):
        def part(name):
            images = np.stack([case.image().array / plan.scale for case in cases.of(name)])
            save_array(cache / f"{name}.npy", images.astype(np.float32))
            return cache / f"{name}.npy", np.array([float(c.text) for c in cases.of(name)])

        return Prepared(part("train"), part("validation"), part("test"))

    @property
    def peak_rate(self):
        return 0.1

    def batches(self, prepared, plan, *, seed=0):
        images, truth = np.load(prepared.train[0]), prepared.train[1].astype(np.float32)[:, None]

        def made(start=0, worker=0, workers=1):
            whole = tf.data.Dataset.from_tensor_slices((images, truth)).repeat()
            return whole.batch(plan.batch_size, drop_remainder=True).skip(start)

        return made

    def validate(self, prepared, plan):
        return Validation(
            lambda model: {"mae": _error(model, prepared.validation)},
            Criterion("mae", lower_is_better=True),
        )

    def evaluation_time(self, cases, prepared, plan):
        return 1.0

    def evaluate(self, model, cases, prepared, plan, run):
        return self._evaluation(
            [case.name for case in cases.test],
            np.asarray(model(np.load(prepared.test[0])))[:, 0],
            prepared.test[1],
        )

    def _evaluation(self, names, values, truth):
        rows = [
            {"case": name, "patient": name, "prediction": float(value), "truth": float(true)}
            for name, value, true in zip(names, values, truth, strict=True)
        ]
        error = float(np.abs(np.subtract(values, truth)).mean())
        metrics = {"format": 1, "task": self.name, "split": "test", "cases": len(rows)}
        metrics |= {"patients": len(rows), "mean": {"mae": error}, "interval": {}, "classes": {}}
        return Evaluation(rows, metrics, f"The error is {error:.3f}.")

    def pool(self, folders):
        rows = [row for folder in folders for row in read_csv(folder / "scores.csv")]
        values = [[float(row[name]) for row in rows] for name in ("prediction", "truth")]
        return self._evaluation([row["case"] for row in rows], *values)

    def sections(self, folder, pictures=()):
        return Content(headline=Headline("mae", 0.5))

    def predictor(self, models, folders, *, mirror=True):
        plan = self.read_plan(folders[0])
        return lambda image, where: float(
            np.mean([model(image.array[None] / plan.scale) for model in models])
        )

    def write(self, prediction, folder, case, image, plan):
        return {"prediction": prediction}

    def check(self, cases):
        return Diagnosis((), (), cases.source, len(cases), len(cases))


def _error(model, part):
    predictions = np.asarray(model(np.load(part[0])))[:, 0]
    return float(np.abs(predictions - part[1]).mean()) if len(part[1]) else math.nan
