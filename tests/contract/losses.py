"""A row for every loss of label maps and Keras metric; a new one is one more row, and every suite
runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras
import numpy as np
import pytest

from keras_mia import losses, metrics

IGNORED = 255
OF_KERAS = {"name", "options", "dtype"}


@dataclass(frozen=True)
class Row:
    """What the tests need to know.

    Args:
        make: the class.
        channels: of the predictions that it is given.
        toggles: another value for every option of its own.
        options: what it cannot do without.
    """

    make: Callable
    channels: int
    toggles: Mapping[str, object]
    options: Mapping[str, object] | None = None

    def __call__(self, **options):
        return self.make(**(self.options or {}) | options)

    def __str__(self):
        return f"{self.make.__name__}-{self.channels}"


REGIONS = {"over": "batch", "background": True, "smooth": 1.0}
LOSSES = (
    Row(losses.CrossEntropy, 3, {"class_weights": (1, 2, 3)}),
    Row(losses.BinaryCrossEntropy, 1, {"beta": 3.0}),
    Row(losses.Dice, 3, REGIONS | {"form": "pixel", "squared": True}),
    Row(losses.Dice, 1, {"over": "batch", "smooth": 1.0, "form": "pixel", "squared": True}),
    Row(losses.Jaccard, 3, REGIONS),
    Row(losses.Tversky, 3, REGIONS | {"alpha": 0.9, "beta": 0.1}),
    Row(losses.Focal, 3, {"gamma": 0.5, "class_weights": (1, 2, 3)}),
    Row(losses.Focal, 1, {"gamma": 0.5, "class_weights": (1, 2)}),
)
METRICS = (
    Row(metrics.Dice, 3, {"background": True}, {"classes": 3}),
    Row(metrics.Jaccard, 3, {"background": True}, {"classes": 3}),
    Row(metrics.Dice, 1, {"background": True}, {"classes": 2}),
)
every_loss = pytest.mark.parametrize("row", LOSSES, ids=str)
every_row = pytest.mark.parametrize("row", LOSSES + METRICS, ids=str)


def example(row, space=(4, 5), batch=2, seed=0):
    """Labels and logits; some labels are `IGNORED`."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(max(2, row.channels), size=(batch, *space)).astype("int32")
    logits = generator.normal(size=(batch, *space, row.channels)).astype("float32")
    labels[:, 0] = IGNORED
    return labels, logits


def probabilities(logits):
    logits = logits.astype("float64")
    if logits.shape[-1] == 1:
        return (1 / (1 + np.exp(-logits))).astype("float32")
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return (powers / powers.sum(-1, keepdims=True)).astype("float32")


def value(function, labels, guess, **options):
    return float(keras.ops.convert_to_numpy(function(labels, guess, **options)))
