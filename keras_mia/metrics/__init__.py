"""Metrics: how good a prediction is, in the field's own numbers.

What is scored is a class in a case, background left out. One policy holds everywhere for what is
empty (see `finding`):

- *empty*: neither in the truth nor predicted. There is nothing to score: every score is NaN (but
  specificity, the volumes and `volume_error_ml`), and NaN is left out of every mean.
- *invented*: predicted, but not in the truth. Dice, Jaccard, precision and surface Dice are 0;
  sensitivity and all distances are NaN.
- *missed*: in the truth, but not predicted. Dice, Jaccard, sensitivity and surface Dice are 0;
  precision and all distances are NaN.

A distance to nothing is not a number, and any number in its place (0, or the image's diagonal)
would change the mean at will; so the counts of empty, invented and missed structures stand beside
every mean (`summary`).
"""

from keras_mia.core.lazy import lazy

HOMES = {
    "Dice": "overlap",
    "Jaccard": "overlap",
    "PooledAUC": "auc",
    "bootstrap_interval": "interval",
    "confusion": "counts",
    "finding": "findings",
    "most_frequent": "baseline",
    "otsu_prediction": "baseline",
    "otsu_side": "baseline",
    "overlap_scores": "counts",
    "pixel_scores": "counts",
    "scores": "counts",
    "summary": "findings",
    "surface_distances": "surface",
}
__getattr__, __dir__, __all__ = lazy(__name__, HOMES)
