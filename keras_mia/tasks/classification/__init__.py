"""One target for a whole image: a class, several labels, a number, a box, or several of them."""

from keras_mia.core.lazy import lazy

EXPORTS = {
    "PEAK_RATE": "task",
    "Predictor": "task",
    "asked": "task",
    "augmentation": "task",
    "batches": "task",
    "build": "task",
    "mirrored": "task",
    "outputs": "task",
    "over_views": "task",
    "plan": "task",
    "validate": "task",
}
__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
