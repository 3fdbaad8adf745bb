"""A family that samples images and predicts nothing of given ones: noise through one layer."""

from dataclasses import dataclass

import keras
import numpy as np

from keras_mia.data.preprocess.plan import Plan
from keras_mia.tasks.task import Task
from keras_mia.tasks.values import Samples

LATENT = 3


@dataclass(frozen=True, kw_only=True)
class SamplerPlan(Plan):
    task: str = "sampler"
    size: tuple[int, ...]
    names: tuple[str, ...] = ()
    bytes: bool = True
    low: float = 0.0
    high: float = 255.0
    batch_size: int = 4
    channels: int = 1

    @property
    def image_rank(self):
        return len(self.size)

    def shapes(self):
        return (LATENT,), (*self.size, self.channels)


@dataclass(frozen=True, kw_only=True)
class Sampler(Task[SamplerPlan]):
    """It never trains."""

    name = "sampler"
    targets = ()

    @classmethod
    def data_options(cls, group):
        """None."""

    @classmethod
    def configured(cls, args):
        return cls()

    @classmethod
    def read_plan(cls, folder):
        return SamplerPlan.read(folder / "plan.json")

    def build(self, plan):
        keras.utils.set_random_seed(1)
        inputs = keras.Input((LATENT,))
        outputs = keras.layers.Dense(int(np.prod(plan.shapes()[1])))(inputs)
        return keras.Model(inputs, keras.layers.Reshape(plan.shapes()[1])(outputs))

    def sampled_classes(self, plan):
        return plan.names

    def sample(self, model, plan, count, *, seed, first=0, class_name=None):
        assert count == plan.batch_size
        numbers = range(first, first + count)
        latents = [np.random.default_rng([seed, i]).normal(size=LATENT) for i in numbers]
        outputs = 1 / (1 + np.exp(-np.asarray(model(np.array(latents, np.float32)))))
        names = [class_name or plan.names[i % len(plan.names)] for i in numbers if plan.names]
        images = np.float32(plan.low + (plan.high - plan.low) * outputs)
        spacing = plan.spacing_mm
        return Samples(images, tuple(names), spacing, (plan.low, plan.high), plan.bytes)


def unused(*_, **__):
    raise AssertionError("it never trains")


for verb in ("examine", "split", "plan", "prepare", "batches", "validate", "evaluation_time"):
    setattr(Sampler, verb, unused)
for verb in ("evaluate", "sections", "pool"):
    setattr(Sampler, verb, unused)
Sampler.peak_rate = None
Sampler.__abstractmethods__ = frozenset()
