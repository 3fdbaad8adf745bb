"""Metrics: how good a prediction is, in the field's own numbers.

What is scored is a class in a case, background left out. One policy holds everywhere for what is
empty (see `outcome`):

- *empty*: neither in the truth nor predicted. There is nothing to score: every score is NaN (but
  specificity, the volumes and `volume_error_ml`), and NaN is left out of every mean.
- *false positive*: predicted, but not in the truth. Dice, Jaccard, precision and surface Dice are
  0; sensitivity and all distances are NaN.
- *missed*: in the truth, but not predicted. Dice, Jaccard, sensitivity and surface Dice are 0;
  precision and all distances are NaN.

A distance to nothing is not a number, and any number in its place (0, or the image's diagonal)
would change the mean at will; so the counts of empty, falsely positive and missed
structures go with every mean (`summary`).

The same holds for cases that have classes or numbers: what is undefined is NaN, never a 0. Their
scores take `weights`, how often each case counts, so that `confidence_interval` gives the
interval of any of them.
"""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "box_overlap": "boxes",
    "Dice": "segmentation.overlap",
    "Jaccard": "segmentation.overlap",
    "PooledAUC": "segmentation.pooled_auc",
    "PooledAreas": "segmentation.pooled_auc",
    "agreement_intervals": "agreement",
    "agreement_scores": "agreement",
    "apply_temperature": "classification.temperature_scaling",
    "average_precision": "classification.ranking",
    "confidence_interval": "statistics.interval",
    "confidence_intervals": "statistics.interval",
    "brier_score": "classification.calibration",
    "by_cases": "statistics.interval",
    "choose_threshold": "classification.threshold",
    "class_intervals": "classification.over_classes",
    "classification_scores": "classification.scores",
    "cohen_kappa": "classification.beyond_chance",
    "confusion": "segmentation.counts",
    "decide": "classification.scores",
    "delong_test": "statistics.paired",
    "image_quality_scores": "image_quality",
    "expected_calibration_error": "classification.calibration",
    "outcome": "statistics.summaries",
    "matthews": "classification.beyond_chance",
    "mcnemar_test": "statistics.paired",
    "most_frequent": "segmentation.baseline",
    "multilabel_scores": "classification.scores",
    "negative_log_likelihood": "classification.calibration",
    "otsu_prediction": "segmentation.baseline",
    "otsu_is_bright": "segmentation.baseline",
    "overlap_scores": "segmentation.counts",
    "paired_comparison": "statistics.paired",
    "pixel_scores": "segmentation.counts",
    "precision_recall_curve": "classification.ranking",
    "reliability_curve": "classification.calibration",
    "roc_auc": "classification.ranking",
    "roc_curve": "classification.ranking",
    "scores": "segmentation.counts",
    "sign_flip_test": "statistics.sign_flip",
    "summary": "statistics.summaries",
    "surface_distances": "segmentation.surface",
    "class_coverage": "generation.coverage",
    "frechet_distance": "generation.frechet",
    "kernel_distance": "generation.kernel",
    "memorization": "generation.memorization",
    "nearest": "generation.distances",
    "precision_recall": "generation.manifold",
    "sample_similarity": "generation.variety",
    "texture_features": "generation.textures",
    "temperature": "classification.temperature_scaling",
    "top_k_accuracy": "classification.scores",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
