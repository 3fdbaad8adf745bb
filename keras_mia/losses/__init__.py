"""Losses: what a network is asked to make small.

All of them take integer label maps as truth, `(batch, *space)` or `(batch, *space, 1)`, and the
probabilities `(batch, *space, classes)` of a softmax or `(batch, *space, 1)` of a sigmoid; logits
with `from_logits=True`. Voxels that hold `ignore_label` count in no sum and in no mean; where no
voxel counts, the cost is 0. A label that is neither a class nor `ignore_label` belongs to no class.
Each gives one value an image, so that a `sample_weight` has the shape `(batch,)`.
"""

import importlib

EXPORTS = {
    "BinaryCrossEntropy": "cross_entropy",
    "CrossEntropy": "cross_entropy",
    "Dice": "overlap",
    "Focal": "focal",
    "Jaccard": "overlap",
    "Tversky": "overlap",
    "WeightedSum": "combine",
}
__all__ = list(EXPORTS)


def __getattr__(name: str):
    if name in EXPORTS:
        return getattr(importlib.import_module(f"keras_mia.losses.{EXPORTS[name]}"), name)
    raise AttributeError(f"module 'keras_mia.losses' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *EXPORTS})
