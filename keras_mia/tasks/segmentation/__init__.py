"""Segmentation: a class for each voxel."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "Prediction": "predictor",
    "Predictor": "predictor",
    "baselines": "evaluation.baseline",
    "build": "network",
    "draw": "pictures",
    "plan": "planning",
    "predict": "predictor",
    "report_content": "sections",
    "save": "predictor",
    "score": "evaluation.scoring",
    "truth": "evaluation.case_truth",
    "validate": "validation",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
