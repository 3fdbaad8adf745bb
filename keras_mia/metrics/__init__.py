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

Of cases that have classes or numbers the same is said: what is undefined is NaN, never a 0. Their
scores take `weights`, how often each case counts, so that `confidence_interval` gives the
interval of any of them.
"""

from keras_mia.core.lazy import lazy

HOMES = {
    "box_overlap": "boxes",
    "Dice": "overlap",
    "Jaccard": "overlap",
    "PooledAUC": "auc",
    "PooledAreas": "auc",
    "agreement_intervals": "agreement",
    "agreement_scores": "agreement",
    "apply_temperature": "temperature_scaling",
    "average_precision": "ranking",
    "confidence_interval": "interval",
    "confidence_intervals": "interval",
    "brier_score": "calibration",
    "by_cases": "interval",
    "choose_threshold": "threshold",
    "class_intervals": "over_classes",
    "classification_scores": "classification",
    "cohen_kappa": "beyond_chance",
    "confusion": "counts",
    "decide": "classification",
    "delong_test": "paired",
    "expected_calibration_error": "calibration",
    "finding": "findings",
    "matthews": "beyond_chance",
    "mcnemar_test": "paired",
    "most_frequent": "baseline",
    "multilabel_scores": "classification",
    "negative_log_likelihood": "calibration",
    "otsu_prediction": "baseline",
    "otsu_side": "baseline",
    "overlap_scores": "counts",
    "paired_comparison": "paired",
    "pixel_scores": "counts",
    "precision_recall_curve": "ranking",
    "reliability_curve": "calibration",
    "roc_auc": "ranking",
    "roc_curve": "ranking",
    "scores": "counts",
    "sign_flip_test": "sign_flip",
    "summary": "findings",
    "surface_distances": "surface",
    "temperature": "temperature_scaling",
    "top_k_accuracy": "classification",
}
__getattr__, __dir__, __all__ = lazy(__name__, HOMES)
