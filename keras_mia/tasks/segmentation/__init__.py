"""Segmentation: a class for each voxel."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "PEAK_RATE": "task",
    "Prediction": "predictor",
    "Predictor": "predictor",
    "augmentation": "task",
    "batches": "task",
    "build": "task",
    "draw": "task",
    "plan": "task",
    "predict": "predictor",
    "save": "predictor",
    "score": "task",
    "trivial": "task",
    "truth": "task",
    "validate": "task",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
