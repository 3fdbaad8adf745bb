"""One target for a whole image: a class, several labels, a number, a box, or several of them."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "PEAK_RATE": "networks.scratch",
    "Predictor": "predictor",
    "target_of": "planning",
    "augmentation": "training_stream",
    "batches": "training_stream",
    "build": "networks.scratch",
    "mirrored": "predictor",
    "outputs": "predictor",
    "over_views": "predictor",
    "plan": "planning",
    "report_content": "sections",
    "validate": "predictor",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
